import Records
import SharingWitness
import TestSupport

@testable import Catalog
@testable import Sharing
@testable import Validation

/// The definitions of the product, and chunks made of tables.
enum SharingFixture {
  static let secret = Array("a secret of the tests alone".utf8)

  static let today = CivilDate(year: 2026, month: 6, day: 15)?.dayNumber ?? 0

  static func catalog() throws -> Catalog { try TestPipeline.real.get().catalog }

  /// The complete valid record of a category from `checks/`, with changes; `nil` takes a value away.
  static func record(
    _ category: String, _ changes: [String: TestValue?] = [:]
  ) throws -> TestRecord {
    var record = (try TestPipeline.real.get().base[category] ?? [:]).mapValues(TestValue.text)
    for (element, value) in changes { record[element] = value }
    return record
  }

  static func context(_ plan: SharingPlan) -> EvaluationContext {
    plan.context(today: today, now: Int64(today) * 86_400 + 43_200)
  }

  static func plan(
    _ category: String, _ tier: SharingTier, granted: Set<String> = [], _ catalog: Catalog
  ) throws -> SharingPlan {
    let category = catalog.categories.first { $0.id == category } ?? catalog.categories[0]
    return try SharingPlan(
      catalog: catalog, category: category, audience: Audience(tier: tier, granted: granted),
      secret: secret)
  }

  /// What a reader gets of some records with their rows.
  static func decide(
    _ groups: [TestGroup], _ plan: SharingPlan, _ catalog: Catalog
  ) -> (chunk: ElementChunk, rows: [SharingRows], decisions: SharingDecisions) {
    let chunk = chunk(groups.map(\.record), plan.category.elements, catalog)
    let rows = plan.category.children.enumerated().map { index, table in
      var owners: [Int32] = []
      var records: [TestRecord] = []
      for (owner, group) in groups.enumerated() {
        for row in group.rows[table.name] ?? [] {
          owners.append(Int32(owner))
          records.append(row)
        }
      }
      return SharingRows(
        table: index, rows: self.chunk(records, table.elements, catalog), owners: owners)
    }
    var scratch = SharingScratch()
    var decisions = SharingDecisions()
    plan.decide(
      chunk, rows: rows, context: context(plan), scratch: &scratch, into: &decisions)
    return (chunk, rows, decisions)
  }

  // MARK: Chunks

  static func chunk(
    _ records: [TestRecord], _ elements: [CategoryElement], _ catalog: Catalog
  ) -> ElementChunk {
    var chunk = ElementChunk(recordCount: records.count, columnCount: elements.count, text: [])
    for (column, carried) in elements.enumerated() {
      for (row, record) in records.enumerated() {
        switch record[carried.element.identifier] {
        case nil: break
        case .unreadable(let text):
          chunk.columns[column].setUnreadable(row, chunk.text.appendText(text))
        case .text(let text):
          chunk.columns[column].set(
            row, chunk.text.appendText(text), number: number(text, carried.element, catalog))
        }
      }
    }
    return chunk
  }

  private static func number(_ text: String, _ element: DataElement, _ catalog: Catalog) -> Int64 {
    switch element.expressionType {
    case .number(let decimals):
      let number = ExactNumber(text) ?? ExactNumber(digits: 0, decimals: 0)
      return number.digits * powerOfTen(decimals - number.decimals)
    case .date: return Int64(CivilDate(text)?.dayNumber ?? 0)
    case .dateTime: return Int64(CivilDate(text.prefix(10))?.dayNumber ?? 0) * 86_400
    case .code(let list): return Int64(catalog.codeList(list)?.index(of: text) ?? -1)
    case .codes(let list):
      return text.split(separator: ";").reduce(into: 0) { bits, code in
        let index = catalog.codeList(list)?.index(of: String(code)) ?? 63
        bits |= index < 63 ? 1 << Int64(index) : ElementColumn.unknownCodeBit
      }
    default: return 0
    }
  }
}
