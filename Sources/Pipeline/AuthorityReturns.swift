import Catalog
import Reconciliation
import Records
import Validation
import Warehouse

/// A conflict with an owner, as it is said of the record that differs.
struct ConflictFinding {
  var row: Int64
  /// Behind those of all checks, and another one for each rule and element.
  var ordinal: Int64
  var rule: AuthorityRule
  /// Identifier.
  var element: String
  /// Masked by its tier.
  var value: String
  /// The owner and, where every department may read it, its value.
  var expected: String

  static func ordinal(_ rule: Int, column: Int, _ place: GoldenPlace = .record) -> Int64 {
    // A record has fewer than a million rows of one kind: it has at most 16 MiB.
    Int64(100_000 + rule * 1000 + column)
      + Int64(place.speaker * 1_000_000 + place.ordinal) * 1_000_000_000
  }
}

/// Finds records of tonight that contradict an owner by a rule with severity `return`.
///
/// Nothing is stored: whoever returns them composes afterwards what is left.
struct AuthorityReturns {
  let bench: ReferenceBench
  let run: RunEntry
  let configuration: RunConfiguration
  let moment: RunMoment

  /// Whether a rule that holds tonight returns records.
  static func areAsked(of policy: AuthorityPolicy, _ moment: RunMoment) -> Bool {
    let day = CivilDate(dayNumber: moment.night)
    return policy.rules.contains { $0.severity == .return && $0.holds(on: day) }
  }

  /// Findings by row, of rows that this publication opens, whatever entity they speak of; each row's in
  /// order.
  func findings() throws -> [Int64: [ConflictFinding]] {
    let policy = bench.catalog.authority
    guard Self.areAsked(of: policy, moment) else { return [:] }
    let homes = try AgencyHomes(
      policy, bench.catalog, bench.engine, publication: run.publication)
    var result: [Int64: [ConflictFinding]] = [:]
    for entity in policy.entities {
      guard let category = bench.catalog.category(entity.category),
        policy.rules(for: entity.id).contains(where: { $0.severity == .return }),
        try bench.engine.collectGoldenKeys(
          entity, publication: run.publication, run: run.id, all: false,
          agencyElement: policy.agencyElement, agencies: []) > 0
      else { continue }
      let golden = try GoldenBench(bench, entity, category, homes, moment, configuration)
      let holders = Set([category.id] + entity.childRows.map(\.category))
      let waited = Set(try holders.flatMap { try bench.publishedWaiting($0) })
      try golden.forEachPage(publication: run.publication) { page in
        for finding in try golden.conflicts(page) where finding.rule.severity == .return {
          let isTonight = try bench.delivery(finding.row >> 32).run == run.id
          guard isTonight || waited.contains(finding.row) else { continue }
          result[finding.row, default: []].append(finding)
        }
      }
    }
    return result.mapValues { $0.sorted { $0.ordinal < $1.ordinal } }
  }
}

extension Array where Element == ConflictFinding {
  /// Findings of records that go back: they last as long as their records.
  ///
  /// - Parameter rows: The findings' rows.
  func batch(_ rows: StoredRows) -> TableBatch {
    let positions = Dictionary(
      zip(rows.rowIDs, rows.positions), uniquingKeysWith: { first, _ in first })
    let places = map { positions[$0.row] }
    var text: TextArena = []
    func texts(_ value: (ConflictFinding) -> String) -> BatchColumn {
      .texts(map { text.appendText(value($0)) })
    }
    return TableBatch(
      table: TableModel.findings.name, rowCount: count,
      columns: [
        .integers(map(\.row)), .integers(map(\.ordinal)),
        .constantText(AuthorityRule.issue.rawValue), texts(\.rule.id),
        .integers(map { Int64($0.rule.version) }), texts(\.element),
        texts(\.rule.severity.rawValue), texts(\.value), texts(\.expected),
        .integers(map { $0.row & 0xFFFF_FFFF }), .integers(places.map { Int64($0?.line ?? 0) }),
        .integers(places.map { Int64($0?.byteOffset ?? 0) }),
      ], text: text)
  }
}
