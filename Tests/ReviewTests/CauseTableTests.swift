import TestSupport
import Testing

@testable import Review

/// Counts over causes against counting record by record.
struct CauseTableTests {
  private typealias Facet = QueueFilter.Facet

  private struct Record {
    var status: String
    var system: String
    var category: String
    var findings: [CauseTable.Finding]
    var publication: Int64
    var attempt: Int
  }

  private static let ages: [Int64: QueueFilter.Age] = [1: .older, 2: .week, 3: .today]

  private static func records(_ dice: inout SeededGenerator) -> [Record] {
    (0..<300).map { _ in
      let findings = (0..<Int.random(in: 1...3, using: &dice)).map { _ in
        CauseTable.Finding(
          code: ["Q11", "Q24", "Q37"].randomElement(using: &dice) ?? "",
          rule: ["R1", "R2"].randomElement(using: &dice) ?? "",
          element: ["", "uscc", "name"].randomElement(using: &dice) ?? "",
          severity: ["return", "hold"].randomElement(using: &dice) ?? "")
      }
      return Record(
        status: ["returned", "pending"].randomElement(using: &dice) ?? "",
        system: ["SAM", "MEE", "MOT"].randomElement(using: &dice) ?? "",
        category: ["ENT", "PEN"].randomElement(using: &dice) ?? "",
        findings: Array(Set(findings)).sorted {
          ($0.code, $0.rule, $0.element, $0.severity) < ($1.code, $1.rule, $1.element, $1.severity)
        }, publication: Int64.random(in: 1...3, using: &dice),
        attempt: Int.random(in: 1...5, using: &dice))
    }
  }

  private static func table(_ records: [Record]) -> CauseTable {
    var causes: [CauseTable.Cause] = []
    var counts: [CauseTable.Count] = []
    for (row, record) in records.enumerated() {
      let row = Int64(row)
      let known = causes.firstIndex {
        $0.status == record.status && $0.system == record.system
          && $0.category == record.category && $0.findings == record.findings
      }
      let cause = known ?? causes.count
      if known == nil {
        causes.append(
          CauseTable.Cause(
            id: Int64(cause + 1), status: record.status, system: record.system,
            category: record.category, findings: record.findings))
      }
      let place = counts.firstIndex {
        $0.cause == cause && $0.publication == record.publication && $0.attempt == record.attempt
      }
      if let place {
        counts[place].records += 1
        counts[place].rows = counts[place].rows.lowerBound...row
      } else {
        counts.append(
          CauseTable.Count(
            cause: cause, publication: record.publication, attempt: record.attempt, records: 1,
            rows: row...row))
      }
    }
    return CauseTable(
      causes: causes, counts: counts,
      nights: nights, ages: ages)
  }

  private static let nights: [Int64: String] = [1: "2026-03-02", 2: "2026-03-16", 3: "2026-03-18"]

  /// Values of a record in a facet, of findings those that everything else in the filter allows.
  private static func values(
    _ record: Record, _ facet: Facet, _ filter: QueueFilter
  ) -> Set<String> {
    switch facet {
    case .status: return [record.status]
    case .system: return [record.system]
    case .category: return [record.category]
    case .age: return [ages[record.publication]?.rawValue ?? ""]
    case .night: return [nights[record.publication] ?? ""]
    case .attempt: return [record.attempt >= 3 ? "3+" : "\(record.attempt)"]
    case .code, .rule, .element, .severity:
      let others = [Facet.code, .rule, .element, .severity].filter { $0 != facet }
      return Set(
        record.findings.filter { finding in
          others.allSatisfy { filter[$0] == nil || finding.value($0) == filter[$0] }
        }.compactMap { $0.value(facet) })
    }
  }

  private static func fits(_ record: Record, _ filter: QueueFilter) -> Bool {
    let isWhole = [Facet.status, .system, .category, .age, .night, .attempt].allSatisfy { facet in
      filter[facet].map { values(record, facet, filter).contains($0) } ?? true
    }
    return isWhole
      && record.findings.contains { finding in
        [Facet.code, .rule, .element, .severity].allSatisfy {
          filter[$0] == nil || finding.value($0) == filter[$0]
        }
      }
  }

  @Test(arguments: 1...8)
  func countsEveryRecordOnceInEveryFacetUnderEveryFilter(seed: Int) throws {
    var dice = SeededGenerator(seed: UInt64(seed))
    let records = Self.records(&dice)
    let table = Self.table(records)
    for _ in 0..<12 {
      var filter = QueueFilter()
      let example = try #require(records.randomElement(using: &dice))
      for facet in Facet.allCases where Int.random(in: 0..<4, using: &dice) == 0 {
        filter[facet] = Self.values(example, facet, QueueFilter()).sorted().first
      }
      let systems: Set<String>? = Bool.random(using: &dice) ? ["SAM", "MEE"] : nil
      let seen = records.filter { systems?.contains($0.system) ?? true }
      let selection = table.selection(filter, systems: systems)
      #expect(
        selection.records == seen.count { Self.fits($0, filter) }, "seed \(seed): \(filter.choices)"
      )
      for facet in Facet.allCases {
        var rest = filter
        rest[facet] = nil
        var expected: [String: Int] = [:]
        for record in seen where Self.fits(record, rest) {
          for value in Self.values(record, facet, rest) { expected[value, default: 0] += 1 }
        }
        #expect(selection.facets[facet] == expected, "seed \(seed), \(facet): \(filter.choices)")
      }
    }
  }

  @Test(arguments: 1...8)
  func linesHaveEveryRecordOnce(seed: Int) throws {
    var dice = SeededGenerator(seed: UInt64(seed))
    let records = Self.records(&dice)
    let table = Self.table(records)
    for code in [nil, "Q24"] {
      var filter = QueueFilter()
      filter[.code] = code
      struct Key: Hashable {
        var whole: [String]
        var finding: CauseTable.Finding
      }
      var expected: [Key: (all: Int, repeated: Int, nights: Set<Int64>)] = [:]
      for record in records where Self.fits(record, filter) {
        let finding = try #require(record.findings.first { code == nil || $0.code == code })
        let key = Key(
          whole: [record.status, record.system, record.category], finding: finding)
        expected[key, default: (0, 0, [])].all += 1
        if record.attempt > 1 { expected[key]?.repeated += 1 }
        expected[key]?.nights.insert(record.publication)
      }
      let lines = table.lines(table.selection(filter, systems: nil))
      #expect(lines.count == expected.count)
      for line in lines {
        let key = Key(
          whole: [
            table.text(.status, line.whole.status), table.text(.system, line.whole.system),
            table.text(.category, line.whole.category),
          ],
          finding: CauseTable.Finding(
            code: table.text(.code, line.finding.code), rule: table.text(.rule, line.finding.rule),
            element: table.text(.element, line.finding.element),
            severity: table.text(.severity, line.finding.severity)))
        let wanted = try #require(expected[key])
        #expect(line.records == wanted.all && line.repeated == wanted.repeated)
        let nights = wanted.nights.compactMap { table.nights[$0] }.sorted()
        #expect(table.night(line.oldest) == nights.first)
        #expect(table.night(line.newest) == nights.last)
      }
    }
  }

  @Test(arguments: 1...8)
  func stretchesCoverTheirCausesAndNoRowTwice(seed: Int) throws {
    var dice = SeededGenerator(seed: UInt64(seed))
    // Rows of a cause stand together here, as those of a delivery do.
    let records = Self.records(&dice).sorted { ($0.system, $0.category) < ($1.system, $1.category) }
    let table = Self.table(records)
    var filter = QueueFilter()
    filter[.category] = "PEN"
    filter[.severity] = "hold"
    for isDescending in [false, true] {
      let stretches = table.stretches(
        table.selection(filter, systems: ["SAM", "MOT"]), isDescending: isDescending)
      #expect(stretches.count > 1)
      let ends = (isDescending ? stretches.reversed() : stretches).flatMap {
        [$0.rows.lowerBound, $0.rows.upperBound]
      }
      #expect(ends == ends.sorted())
      for (row, record) in records.enumerated()
      where ["SAM", "MOT"].contains(record.system) && Self.fits(record, filter) {
        let stretch = try #require(stretches.first { $0.rows.contains(Int64(row)) })
        #expect(
          stretch.causes.contains { index in
            let cause = table.causes[index]
            return cause.system == record.system && cause.findings == record.findings
          })
      }
    }
  }
}
