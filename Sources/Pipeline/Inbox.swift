package import Catalog
import Foundation
import Warehouse

/// A file in the inbox that is a complete delivery of one category, or of several whose records lie at
/// different places of its documents.
package struct InboxFile: Sendable {
  /// One category of a file; a delivery of its own in the ledger.
  package struct Part: Sendable {
    package var category: String
    package var isFull: Bool
  }

  package var system: String
  package var parts: [Part]
  package var name: String
  package var path: String
  /// What the sender says about the file; what an earlier file of the name left behind is not there.
  package var signs: [DeliverySign]
}

/// What lies in the inbox at the start of a run.
package struct InboxListing: Sendable {
  package var ready: [InboxFile] = []
  /// Files that are still growing or whose sign of completeness is not there, with the reason.
  package var waiting: [(path: String, reason: String)] = []
  /// Files that no adapter knows, with the reason.
  package var unknown: [(path: String, reason: String)] = []
  /// Files that are complete and cannot be read, with the reason; they stay, and are tried again.
  package var unreadable: [(path: String, reason: String)] = []
  /// Signs of completeness that stand beside no file, or beside one that is much younger.
  package var straySigns: [(system: String, path: String)] = []

  package init() {}
}

/// Finds complete deliveries (semantics.md §9).
package struct Inbox: Sendable {
  private let home: HomeFolder
  private let catalog: Catalog
  /// Seconds since 1970 UTC.
  private let now: Double
  private let waitsForStability: Bool
  /// Days since 1970-01-01.
  private let night: Int

  private static let temporarySuffixes = [".tmp", ".part", ".filepart", ".crdownload", "~", ".swp"]
  /// Seconds after which a sign whose file has not come is put away; assumed: a night and a day.
  private static let lonelySeconds = 24.0 * 3600

  /// - Parameters:
  ///   - waitsForStability: False takes every file that is there, for tests and replays.
  ///   - night: The night that the run is for; its cut-offs bind the morning of that day.
  package init(
    home: HomeFolder, catalog: Catalog, now: Double, waitsForStability: Bool, night: Int
  ) {
    self.night = night
    self.home = home
    self.catalog = catalog
    self.now = now
    self.waitsForStability = waitsForStability
  }

  /// Files by system, then name: the order in which deliveries are numbered.
  package func list() throws(PipelineError) -> InboxListing {
    var listing = InboxListing()
    for system in catalog.systems.sorted(by: { $0.order < $1.order }) {
      let folder = home.inbox(of: system.id)
      let names = names(folder, &listing)
      let all = Set(names)
      for name in names where !isIgnored(name) {
        if let sign = DeliverySign.Kind.allCases.first(where: { name.hasSuffix($0.rawValue) }) {
          let file = String(name.dropLast(sign.rawValue.count))
          if !all.contains(file) { lonely(sign, folder + "/" + file, system, &listing) }
        } else {
          classify(name, folder, system, &listing)
        }
      }
    }
    strangers(&listing)
    return listing
  }

  /// Names in a folder, in order. One that cannot be read is not an empty one: what lies in it would be
  /// missing, and nobody would know why.
  private func names(_ folder: String, _ listing: inout InboxListing) -> [String] {
    do {
      return try PosixFile.names(in: folder) ?? []
    } catch {
      listing.unreadable.append((folder, error.message))
      return []
    }
  }

  /// What lies in the inbox outside of the folders of the systems: nobody would ever take it.
  private func strangers(_ listing: inout InboxListing) {
    let root = home.inbox
    let systems = catalog.systems.map(\.id)
    for name in names(root, &listing) where !isIgnored(name) && !systems.contains(name) {
      let path = root + "/" + name
      let near = systems.first { $0.lowercased() == name.lowercased() }
      let hint = near.map { "; did you mean \($0)?" } ?? ""
      listing.unknown.append((path, "is in the folder of no system\(hint)"))
    }
  }

  /// Names and bytes of the deliveries in the inbox, whether they will be taken tonight or not.
  func sizes() -> [(name: String, length: Int64)] {
    catalog.systems.flatMap { system -> [(name: String, length: Int64)] in
      let folder = home.inbox(of: system.id)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      let adapter = catalog.adapter(system.id)
      return names.compactMap { name in
        guard !isIgnored(name), adapter?.mappings(of: name).isEmpty == false else { return nil }
        let attributes = try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)
        guard attributes?[.type] as? FileAttributeType == .typeRegular else { return nil }
        return (name, (attributes?[.size] as? NSNumber)?.int64Value ?? 0)
      }
    }
  }

  private func isIgnored(_ name: String) -> Bool {
    name.hasPrefix(".") || Self.temporarySuffixes.contains { name.lowercased().hasSuffix($0) }
  }

  /// A sign whose file is not there: not yet, or no longer.
  private func lonely(
    _ kind: DeliverySign.Kind, _ file: String, _ system: SourceSystem,
    _ listing: inout InboxListing
  ) {
    guard let sign = DeliverySign(kind, of: file) else { return }
    if sign.isUnreadable {
      // It could not be put away either.
      listing.unreadable.append((sign.path, sign.problem ?? ""))
    } else if now - sign.modified > Self.lonelySeconds {
      listing.straySigns.append((system.id, sign.path))
    } else {
      listing.waiting.append((sign.path, "waits for its file"))
    }
  }

  private func classify(
    _ name: String, _ folder: String, _ system: SourceSystem, _ listing: inout InboxListing
  ) {
    let path = folder + "/" + name
    guard let adapter = catalog.adapter(system.id) else {
      listing.unknown.append((path, "system \(system.id) has no adapter in sources/"))
      return
    }
    let mappings = adapter.mappings(of: name)
    guard !mappings.isEmpty else {
      listing.unknown.append((path, "no file pattern of sources/\(system.id).yaml matches"))
      return
    }
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard attributes?[.type] as? FileAttributeType == .typeRegular else {
      listing.unknown.append((path, "is not a file"))
      return
    }
    let modified = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? now
    if isLate(modified, adapter) {
      listing.waiting.append(
        (
          path,
          "came after the cut-off \(adapter.cutOff); waits for the next night (--no-wait takes it now)"
        ))
      return
    }
    let found = DeliverySign.beside(path)
    // Also one of an earlier file of the name: it goes to the archive with this one, or stays with it.
    if let sign = found.first(where: \.isUnreadable) {
      listing.unreadable.append((path, "\(sign.name): \(sign.problem ?? "")"))
      return
    }
    for sign in found where sign.isStale(for: modified) {
      listing.straySigns.append((system.id, sign.path))
    }
    let signs = found.filter { !$0.isStale(for: modified) }
    if let reason = waitingReason(name, modified, adapter, signs) {
      listing.waiting.append((path, reason))
      return
    }
    listing.ready.append(
      InboxFile(
        system: system.id,
        parts: mappings.map { InboxFile.Part(category: $0.category, isFull: $0.isFull(name)) },
        name: name, path: path, signs: signs))
  }

  /// Whether a file came after the cut-off of a night that is not over: a delivery that is late belongs
  /// to the next (semantics.md §9). From noon on, assumed, the night is over, and whoever runs then takes
  /// what is there.
  private func isLate(_ modified: Double, _ adapter: SourceAdapter) -> Bool {
    guard waitsForStability, now < beijing(12 * 3600) else { return false }
    let parts = adapter.cutOff.split(separator: ":").compactMap { Int($0) }
    guard parts.count == 2 else { return false }
    return modified > beijing(parts[0] * 3600 + parts[1] * 60)
  }

  /// Seconds since 1970 UTC of a time of the night's day in China.
  private func beijing(_ seconds: Int) -> Double { Double(night * 86_400 + seconds - 8 * 3600) }

  private func waitingReason(
    _ name: String, _ modified: Double, _ adapter: SourceAdapter, _ signs: [DeliverySign]
  ) -> String? {
    if let unclear = signs.first(where: { $0.problem != nil }) {
      // It may still be written; if not, a person has to see it.
      return stillChanging(max(modified, unclear.modified), adapter).map {
        "waits: \(unclear.name) cannot be understood yet (\(unclear.problem ?? "")); \($0)"
      }
    }
    let accepted = signs.filter { adapter.readySigns.contains($0.kind.readySign) }
    if accepted.contains(where: { $0.covers(modified) }) { return nil }
    guard adapter.readySigns.contains(.stable) else {
      if let early = accepted.first { return "changed after \(early.name); waits for a new one" }
      let names = DeliverySign.Kind.allCases.filter { adapter.readySigns.contains($0.readySign) }
        .map { name + $0.rawValue }
      return "waits for \(names.joined(separator: " or "))"
    }
    return stillChanging(modified, adapter)
  }

  private func stillChanging(_ modified: Double, _ adapter: SourceAdapter) -> String? {
    guard waitsForStability else { return nil }
    let age = now - modified
    return age >= Double(adapter.stableSeconds)
      ? nil : "changed \(max(0, Int(age))) s ago; taken after \(adapter.stableSeconds) s"
  }
}

extension DeliverySign.Kind {
  fileprivate var readySign: SourceAdapter.ReadySign {
    switch self {
    case .manifest: .manifest
    case .ok: .ok
    }
  }
}

extension SourceAdapter {
  /// The categories that a file of this name delivers. A return package holds the records of one,
  /// whatever its original had beside them.
  package func mappings(of name: String) -> [CategoryMapping] {
    let mappings = categories.filter { $0.matches(name) }
    guard mappings.count > 1, let mark = name.range(of: ReturnPackage.mark) else { return mappings }
    let rest = name[mark.upperBound...]
    let named = mappings.filter { rest.hasPrefix($0.category + "-") }
    return named.isEmpty ? mappings : named
  }
}

extension CategoryMapping {
  /// Whether a file of this name is a delivery of the category.
  package func matches(_ name: String) -> Bool {
    files.contains { (try? Glob($0))?.matches(name) ?? false }
  }

  /// Whether a file of this name holds every record of the source; the corrected part of a full
  /// delivery does not.
  package func isFull(_ name: String) -> Bool {
    guard !name.contains(ReturnPackage.mark) else { return false }
    return delivery == .full || (fullIf.map { (try? Glob($0))?.matches(name) ?? false } ?? false)
  }
}
