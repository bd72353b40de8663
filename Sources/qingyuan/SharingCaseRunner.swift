import Catalog
import Pipeline
import PipelineDefinition
import Records
import Sharing

/// Compares what a sharing case expects with what the product lets its reader see.
struct SharingCaseRunner {
  private let catalog: Catalog
  private let judge: CaseJudge

  /// Hashes of worked cases are nobody's secret.
  private static let secret = Array("the secret of the worked cases".utf8)

  init(_ catalog: Catalog, _ configuration: RunConfiguration) {
    self.catalog = catalog
    judge = CaseJudge(catalog, configuration)
  }

  /// - Returns: A sentence per difference; empty if the case passes.
  func differences(_ test: SharingCase, in file: WorkedCaseFile) throws -> [String] {
    guard let category = catalog.category(test.category) else {
      throw SharingError(.condition, "category \(test.category) is not defined")
    }
    let plan = try SharingPlan(
      catalog: catalog, category: category,
      audience: Audience(tier: test.audience, granted: Set(test.granted)), secret: Self.secret)
    let record = file.record(test.given, category: test.category)
    let chunk = judge.standardized([record], category, "")
    let rows = childRows(of: test, category)
    let today = (test.today ?? file.today)?.dayNumber ?? 0
    var scratch = SharingScratch()
    var decisions = SharingDecisions()
    plan.decide(
      chunk, rows: rows,
      context: plan.context(today: today, now: Int64(today) * 86_400 + 7200), scratch: &scratch,
      into: &decisions)
    var lines = differences(test, decisions, plan)
    guard decisions.rows[0].isKept else {
      return lines + test.cells.map { "\($0.element): the record is denied, so no value is shown" }
    }
    let released = decisions.released(chunk, rows: rows)
    for cell in test.cells {
      lines += try differences(cell, category, plan, decisions, released)
    }
    return lines
  }

  private func childRows(of test: SharingCase, _ category: Category) -> [SharingRows] {
    category.children.enumerated().compactMap { index, table in
      guard let rows = test.rows[table.name] else { return nil }
      let chunk = judge.standardized(
        rows.map { $0.compactMapValues { $0 } }, category.asCategory(table), "")
      return SharingRows(
        table: index, rows: chunk, owners: Array(repeating: 0, count: rows.count))
    }
  }

  private func differences(
    _ test: SharingCase, _ decisions: SharingDecisions, _ plan: SharingPlan
  ) -> [String] {
    let found = decisions.rows[0]
    let reason = found.isKept ? nil : plan.reasons[found.reason]
    let fate: SharingCase.Fate = found.isKept ? .kept : .denied
    guard fate == test.fate else {
      return [
        "the record is \(fate.rawValue)\(reason.map { " by \($0.id)" } ?? ""), "
          + "expected \(test.fate.rawValue)"
      ]
    }
    guard let reason else { return [] }
    // A record may be denied by several items; the case is about one of them.
    let isDenied = decisions.denials.contains { denial in
      plan.reasons[denial.reason].id == test.by
        && denial.isUnknown == (test.because == .unknown)
    }
    if isDenied { return [] }
    return differences(
      "the record", reason.id, found.isUnknown, expected: test.by, test.because)
  }

  private func differences(
    _ what: String, _ id: String, _ isUnknown: Bool, expected: String?,
    _ because: SharingCase.Because
  ) -> [String] {
    guard let expected else { return [] }
    let found: SharingCase.Because = isUnknown ? .unknown : .holds
    if id == expected, found == because { return [] }
    return [
      "\(what): decided by \(id) (\(found.rawValue)), expected \(expected) (\(because.rawValue))"
    ]
  }

  private func differences(
    _ cell: ExpectedCell, _ category: Category, _ plan: SharingPlan,
    _ decisions: SharingDecisions, _ released: ReleasedChunk
  ) throws -> [String] {
    let table = cell.table.flatMap { name in
      category.children.firstIndex { $0.name == name }
    }
    let elements = table.map { category.children[$0].elements } ?? category.elements
    guard let column = elements.firstIndex(where: { $0.element.identifier == cell.element }) else {
      throw SharingError(.condition, "\(category.id) does not carry \(cell.element)")
    }
    let row = table == nil ? 0 : cell.row - 1
    let found = (table.map { decisions.children[$0] } ?? decisions.columns)[column].cell(row)
    var lines: [String] = []
    if "\(found.outcome)" != cell.outcome.rawValue {
      lines.append("\(cell.element): \(found.outcome), expected \(cell.outcome.rawValue)")
    }
    lines += differences(
      cell.element, plan.reasons[found.reason].id, found.isUnknown, expected: cell.by,
      cell.because)
    let mask = plan.mask(of: found, table: table, column: column)?.id
    if let expected = cell.mask, expected != mask {
      lines.append("\(cell.element): mask \(mask ?? "none"), expected \(expected)")
    }
    let chunk = table.flatMap { index in released.children.first { $0.table == index }?.rows }
    let source = chunk ?? released.records
    let text = source.text.string(source.columns[column].texts[row])
    if let expected = cell.text, expected != text {
      lines.append("\(cell.element): shows \"\(text)\", expected \"\(expected)\"")
    }
    return lines
  }
}
