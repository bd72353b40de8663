import Access
import AccessStore
import Catalog
import Foundation
import Glibc
import Pipeline
import Records
import Warehouse
import WarehouseSQLite

/// Writes what acts send: corrected records to the inbox of their system, where the next run takes them like
/// any delivery, and records with a note to its returns.
///
/// Every file holds records of one delivery in the form of its return, so that whoever reads one reads the
/// other, and it answers that return.
struct ActFiles: Sendable {
  /// What a check of corrected records says.
  struct Verdict: Sendable {
    /// By row of the warehouse.
    var faulty: [Int64: [CheckedRecord.Item]]
    /// Reasons for which the whole file would wait for a person.
    var holds: [HoldReason]
    /// Rules that need other records and are judged by the night.
    var unchecked: [String]
  }

  /// A file that is made and not yet where it belongs.
  struct Draft: Sendable {
    /// Relative to the home folder, without the name.
    var folder: String
    var name: String = ActFiles.draftMark + RandomBytes.make(12).hexadecimal
    /// Records in it, in their order.
    var rows: [Int64] = []
    /// What it will be called, by the addition that names its act.
    var finalName: @Sendable (_ addition: String) -> String

    var path: String { folder + "/" + name }

    func file(_ addition: String) -> ActStore.File {
      ActStore.File(draft: path, path: folder + "/" + finalName(addition))
    }
  }

  let home: HomeFolder
  let catalog: Catalog
  let configuration: RunConfiguration
  let reader: any DeliveryReader
  let writer: any ReturnWriter & RecordEditing

  // MARK: Drafts

  /// Writes records of one delivery, hidden, beside where they will be.
  ///
  /// - Parameters:
  ///   - changes: nil for records as they are.
  ///   - note: Stands before the hints.
  /// - Returns: nil where there is nothing to write, and the records that are not in it.
  func draft(
    _ records: [QuarantinedRecord], of delivery: DeliveryEntry, _ changes: [FieldChange]?,
    note: String, folder: String
  ) throws -> (draft: Draft?, left: [LeftRecord]) {
    let original = home.archive + "/" + delivery.archivePath
    guard let plan = plan(delivery), !delivery.archivePath.isEmpty, PosixFile.exists(original)
    else { return (nil, records.map { LeftRecord(row: $0.rowID, why: .originalGone) }) }
    let inspection = FileInspection(
      content: Fingerprint(hexadecimal: delivery.content) ?? Fingerprint(high: 0, low: 0),
      length: delivery.length, encoding: delivery.encoding)
    let (edited, left) = try self.edited(records, changes, original, inspection, plan)
    guard !edited.isEmpty else { return (nil, left) }
    // As the run makes them.
    try PosixFile.makeFolder(path(folder), mode: folder.hasPrefix(Self.inbox) ? 0o750 : 0o700)
    let adapter = plan.adapter
    let draft = Draft(
      folder: folder, rows: edited.map(\.rowID),
      finalName: { adapter.returnedName(delivery, $0) })
    let texts = FindingTexts(catalog)
    _ = try writer.write(
      to: path(draft.path), original: original, inspection, plan.adapter, plan.mapping
    ) { body in
      for record in edited { try body(ReturnedRecord(record, texts, note: note)) }
    }
    return (draft, left)
  }

  private func edited(
    _ records: [QuarantinedRecord], _ changes: [FieldChange]?, _ original: String,
    _ inspection: FileInspection, _ plan: DeliveryPlan
  ) throws -> (edited: [QuarantinedRecord], left: [LeftRecord]) {
    guard let changes else { return (records, []) }
    let editor = try writer.editor(original: original, inspection, plan.adapter, plan.mapping)
    var edited: [QuarantinedRecord] = []
    var left: [LeftRecord] = []
    for var record in records {
      guard let raw = editor.edited(record.raw, changes) else {
        left.append(LeftRecord(row: record.rowID, why: .notEditable))
        continue
      }
      record.raw = raw
      edited.append(record)
    }
    return (edited, left)
  }

  /// Judges a draft as the night will, as far as that needs no other records.
  func check(_ draft: Draft, of delivery: DeliveryEntry, now: Int64) throws -> Verdict {
    guard let plan = plan(delivery) else {
      return Verdict(faulty: [:], holds: [], unchecked: [])
    }
    let day = Moment.dayNumber(now)
    var faulty: [Int64: [CheckedRecord.Item]] = [:]
    let check = FileCheck(
      plan: plan, reader: reader, moment: RunMoment(night: day, today: day, now: now + 8 * 3600),
      showsValues: false
    ) { record in
      let items = record.items.filter { $0.severity > .note }
      // Records stand in the order in which they were written.
      guard !items.isEmpty, draft.rows.indices.contains(record.recordNumber - 1) else { return }
      faulty[draft.rows[record.recordNumber - 1]] = items
    }
    let summary = try check.run(path(draft.path))
    return Verdict(faulty: faulty, holds: summary.holds, unchecked: summary.uncheckedRules)
  }

  private func plan(_ delivery: DeliveryEntry) -> DeliveryPlan? {
    DeliveryPlan(
      catalog: catalog, system: delivery.system, category: delivery.category,
      configuration: configuration)
  }

  /// Writes a change of the definitions, hidden, where people who commit it look for it.
  func draft(patch: String, of list: String) throws -> Draft {
    try PosixFile.makePrivateFolder(path(Self.patches))
    let draft = Draft(folder: Self.patches, finalName: { list + $0 + Self.patchSuffix })
    let file = try PosixFile(path(draft.path), flags: O_WRONLY | O_CREAT | O_EXCL)
    try file.write(Array(patch.utf8))
    try file.synchronize()
    return draft
  }

  /// The text of a patch; nil where it is not there any more.
  func patch(_ file: ActStore.File) throws -> String? {
    try PosixFile.contents(of: path(file.path)).map { String(decoding: $0, as: UTF8.self) }
  }

  func discard(_ draft: Draft) { try? PosixFile.remove(path(draft.path)) }

  // MARK: On their way

  /// Gives a file its name; does nothing where that has happened.
  func send(_ file: ActStore.File) throws {
    guard PosixFile.exists(path(file.draft)) else { return }
    try sign(file)
    try PosixFile.rename(path(file.draft), to: path(file.path))
    try PosixFile.synchronizeFolder(folder(file.path))
  }

  /// Takes a file back, hidden.
  ///
  /// - Returns: false where somebody has taken it.
  func recall(_ file: ActStore.File) throws -> Bool {
    guard PosixFile.exists(path(file.path)) else { return PosixFile.exists(path(file.draft)) }
    do {
      try PosixFile.rename(path(file.path), to: path(file.draft))
    } catch {
      // Between looking and taking a run may have been faster.
      guard PosixFile.exists(path(file.path)) else { return false }
      throw error
    }
    return true
  }

  func remove(_ file: ActStore.File) throws {
    for path in [path(file.draft), path(file.path)] + signs(file) where PosixFile.exists(path) {
      try PosixFile.remove(path)
    }
  }

  /// Where the source of a delivery has to say that a file is complete, so have we.
  private func sign(_ file: ActStore.File) throws {
    guard file.path.hasPrefix(Self.inbox), let path = signs(file).first else { return }
    let sign = try PosixFile(path, flags: O_WRONLY | O_CREAT | O_TRUNC)
    if path.hasSuffix(DeliverySign.Kind.manifest.rawValue) { try sign.write(Array("{}".utf8)) }
    try sign.synchronize()
  }

  /// The sign that a file of the inbox needs, if it needs one.
  private func signs(_ file: ActStore.File) -> [String] {
    let parts = file.path.split(separator: "/")
    guard parts.count == 3, parts[0] + "/" == Self.inbox,
      let adapter = catalog.adapter(String(parts[1])), !adapter.readySigns.contains(.stable)
    else { return [] }
    let kind: DeliverySign.Kind = adapter.readySigns.contains(.ok) ? .ok : .manifest
    return [path(file.path) + kind.rawValue]
  }

  /// Drafts in the inboxes and among the patches, relative to the home folder.
  func drafts() throws -> [String] {
    try (catalog.systems.map { Self.inbox + $0.id } + [Self.patches]).flatMap { folder in
      try (PosixFile.names(in: path(folder)) ?? []).filter { $0.hasPrefix(Self.draftMark) }
        .map { folder + "/" + $0 }
    }
  }

  /// Removes drafts whose process died before their act was written; an hour is longer than any takes.
  func removeOrphans(_ drafts: some Sequence<String>) throws {
    for draft in drafts {
      let attributes = try? FileManager.default.attributesOfItem(atPath: path(draft))
      let age = (attributes?[.modificationDate] as? Date).map { -$0.timeIntervalSinceNow } ?? 0
      if age > 3600 { try PosixFile.remove(path(draft)) }
    }
  }

  /// Names that begin so are passed over by the inbox.
  private static let draftMark = ".draft-"
  static let inbox = "inbox/"
  /// Where patches of the definitions are kept, ``HomeFolder/review``.
  private static let patches = "review"
  static let patchSuffix = ".patch"

  private func path(_ relative: String) -> String { home.path + "/" + relative }

  private func folder(_ relative: String) -> String {
    let path = path(relative)
    return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
  }
}
