package import Catalog
package import Warehouse

/// Judges deliveries of the archive once more by two sets of definitions, and tells which verdicts differ
/// (V11). It writes nothing; rules between records of different files are left out, as with
/// `qingyuan check`.
package struct ShadowRun {
  /// Definitions with what a run takes from `nightly.yaml`.
  package struct Side: Sendable {
    package var catalog: Catalog
    package var configuration: RunConfiguration

    package init(_ catalog: Catalog, _ configuration: RunConfiguration) {
      self.catalog = catalog
      self.configuration = configuration
    }
  }

  private let present: Side
  private let changed: Side
  private let archive: String
  private let reader: any DeliveryReader
  /// Examples kept of each change.
  private let exampleCount: Int
  package private(set) var report = ShadowReport()

  /// - Parameters:
  ///   - archive: ``HomeFolder/archive``.
  ///   - examples: Kept of each change.
  package init(
    present: Side, changed: Side, archive: String, reader: any DeliveryReader, examples: Int
  ) {
    self.present = present
    self.changed = changed
    self.archive = archive
    self.reader = reader
    exampleCount = examples
    report.uncomparedRules = Self.otherRules(present.catalog, changed.catalog)
  }

  /// Rules between records that the two sides do not have alike.
  private static func otherRules(_ present: Catalog, _ changed: Catalog) -> [String] {
    func texts(_ catalog: Catalog) -> [String: String] {
      Dictionary(
        catalog.rules.filter { $0.kind != .inRecord }.map { rule in
          (
            rule.id,
            "\(rule.when?.root.canonicalText ?? "") => \(rule.holds.root.canonicalText) "
              + "\(rule.severity) \(rule.issue) \(rule.parameters)"
          )
        }, uniquingKeysWith: { first, _ in first })
    }
    let (one, other) = (texts(present), texts(changed))
    return Set(one.keys).union(other.keys).filter { one[$0] != other[$0] }.sorted()
  }

  /// Compares the verdicts on one delivery.
  ///
  /// - Parameter night: Of its run, days since 1970-01-01; the day that rules call today.
  package mutating func compare(_ delivery: DeliveryEntry, night: Int) throws {
    let path = archive + "/" + delivery.archivePath
    guard !delivery.archivePath.isEmpty, PosixFile.exists(path) else {
      report.missing += 1
      return
    }
    guard let old = try verdicts(present, delivery, path, night),
      let new = try verdicts(changed, delivery, path, night)
    else {
      report.unplanned.insert("\(delivery.system) \(delivery.category)")
      return
    }
    report.deliveries += 1
    report.records += new.summary.read
    report.returnedBefore += old.summary.returned
    report.returnedAfter += new.summary.returned
    if old.summary.holds.isEmpty != new.summary.holds.isEmpty {
      report.holds.append(
        ShadowReport.Hold(
          delivery: delivery.id, fileName: delivery.fileName,
          isHeldAfter: !new.summary.holds.isEmpty))
    }
    for number in Set(old.records.keys).union(new.records.keys).sorted() {
      compare(
        old.records[number] ?? Judged(), new.records[number] ?? Judged(), number, delivery)
    }
  }

  private mutating func compare(
    _ old: Judged, _ new: Judged, _ number: Int, _ delivery: DeliveryEntry
  ) {
    let isTurned = old.isReturned != new.isReturned
    if isTurned {
      if new.isReturned { report.newlyReturned += 1 } else { report.newlyAccepted += 1 }
    }
    for kind in Set(old.findings.keys).union(new.findings.keys)
    where old.findings[kind] != new.findings[kind] {
      let key = ShadowReport.Key(
        system: delivery.system, category: delivery.category, code: kind.code, rule: kind.rule,
        element: kind.element, before: old.findings[kind], after: new.findings[kind])
      var change = report.changes[key] ?? ShadowReport.Change()
      change.records += 1
      if isTurned { change.turned += 1 }
      if change.examples.count < exampleCount {
        change.examples.append(
          ShadowReport.Example(
            delivery: delivery.id, fileName: delivery.fileName, recordNumber: number,
            line: max(old.line, new.line), isTurned: isTurned))
      }
      report.changes[key] = change
    }
  }

  // MARK: One side

  private struct Kind: Hashable {
    var code: String
    var rule: String
    var element: String
  }

  /// What is found in one record.
  private struct Judged {
    var line = 0
    var findings: [Kind: Severity] = [:]

    var isReturned: Bool { findings.values.contains { $0 >= .return } }
  }

  /// - Returns: nil where the side does not know the system or its category.
  private func verdicts(
    _ side: Side, _ delivery: DeliveryEntry, _ path: String, _ night: Int
  ) throws -> (summary: CheckSummary, records: [Int: Judged])? {
    guard
      let plan = DeliveryPlan(
        catalog: side.catalog, system: delivery.system, category: delivery.category,
        configuration: side.configuration)
    else { return nil }
    var records: [Int: Judged] = [:]
    let check = FileCheck(
      plan: plan, reader: reader,
      moment: RunMoment(night: night, today: night, now: Int64(night) * 86_400 + 86_399),
      showsValues: false
    ) { record in
      var judged = Judged(line: record.line)
      for item in record.items {
        let kind = Kind(code: item.code, rule: item.rule, element: item.element)
        judged.findings[kind] = max(judged.findings[kind] ?? item.severity, item.severity)
      }
      records[record.recordNumber] = judged
    }
    let summary = try check.run(path)
    return (summary, records)
  }
}

/// How the verdicts of two sets of definitions differ. There is no value in it.
package struct ShadowReport: Sendable {
  /// A finding that is there under one side only, or weighs otherwise.
  package struct Key: Sendable, Hashable {
    package var system: String
    package var category: String
    package var code: String
    package var rule: String
    /// Empty where the record as a whole is meant.
    package var element: String
    /// nil where the side does not find it.
    package var before: Severity?
    package var after: Severity?
  }

  package struct Example: Sendable {
    package var delivery: Int64
    package var fileName: String
    package var recordNumber: Int
    package var line: Int
    /// The record goes back under one side only.
    package var isTurned: Bool
  }

  package struct Change: Sendable {
    package var records = 0
    /// Of them, go back under one side only.
    package var turned = 0
    package var examples: [Example] = []
  }

  /// A delivery that would wait for a person under one side only.
  package struct Hold: Sendable {
    package var delivery: Int64
    package var fileName: String
    package var isHeldAfter: Bool
  }

  package internal(set) var deliveries = 0
  /// Not in the archive any more.
  package internal(set) var missing = 0
  package internal(set) var records = 0
  package internal(set) var returnedBefore = 0
  package internal(set) var returnedAfter = 0
  package internal(set) var newlyReturned = 0
  package internal(set) var newlyAccepted = 0
  package internal(set) var changes: [Key: Change] = [:]
  package internal(set) var holds: [Hold] = []
  /// Systems with categories that one of the sides does not know.
  package internal(set) var unplanned: Set<String> = []
  /// Rules between records that are not the same: their effect is not told here.
  package internal(set) var uncomparedRules: [String] = []

  /// Whether some verdict would be another.
  package var isDifferent: Bool { newlyReturned + newlyAccepted + holds.count > 0 }

  /// With most turned records first.
  package var sorted: [(key: Key, change: Change)] {
    func name(_ key: Key) -> String {
      [
        key.system, key.category, key.code, key.rule, key.element, key.before?.rawValue ?? "",
        key.after?.rawValue ?? "",
      ].joined(separator: "\u{1F}")
    }
    return changes.sorted { left, right in
      (-left.value.turned, -left.value.records, name(left.key))
        < (-right.value.turned, -right.value.records, name(right.key))
    }.map { ($0.key, $0.value) }
  }
}
