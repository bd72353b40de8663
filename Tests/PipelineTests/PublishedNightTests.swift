import Catalog
import Pipeline
import Records
import Standardization
import TestSupport
import Testing
import Warehouse
import WarehouseSQLite

/// What a night published, read back with the rows inside its records.
@Suite("Published rows of a night")
struct PublishedNightTests {
  @Test func `records come with their own rows, typed`() throws {
    let home = try TestHome(TestPipeline.second)
    let visits = (1...5).map { id in
      let groups = (0..<(id % 3)).map { group in
        "{\"time\": \"20260301T0\(group)3000\", \"paid\": {\"fee\": \(id).5}}"
      }
      return """
        {"id": "E\(id)", "ticket": {"number": "T\(id)", "time": "2026-03-01T10:00:00"},
         "changed": "2026-03-01T18:00:00", "fee": \(id == 3 ? "\"-\"" : "\"12.50\""), "weather": "晴",
         "groups": [\(groups.joined(separator: ","))], "members": []}
        """
    }
    try home.deliver(
      "garden_1.json",
      Array(
        "{\"code\":0,\"data\":{\"total\":5,\"visits\":[\(visits.joined(separator: ","))]}}".utf8),
      system: "GAR")
    let outcome = try home.run("2026-03-02")
    let accepted = try #require(outcome.deliveries.first { $0.category == "VISIT" }).balance
      .accepted
    let pipeline = try TestPipeline.second.get()
    let category = try #require(pipeline.catalog.category("VISIT"))
    let table = try #require(category.children.firstIndex { $0.name == "groups" })
    let number = try #require(category.column(of: "visit_no"))
    let fee = try #require(
      category.children[table].elements.firstIndex { $0.element.identifier == "fee" })
    let reader = CanonicalReader(pipeline.catalog, category)
    var seen: [String: [Int64]] = [:]
    try PublishedRows(folder: home.home.warehouse, catalog: pipeline.catalog)
      .visit(PublishedSelection(category: "VISIT")) { chunk in
        let canonical = reader.read(&chunk.records)
        let rows = try #require(canonical.children.first { $0.table == table })
        for row in 0..<canonical.records.recordCount {
          let key = canonical.records.text.string(canonical.records.columns[number].texts[row])
          seen[key] = rows.owners.indices.filter { rows.owners[$0] == Int32(row) }
            .map { rows.rows.columns[fee].numbers[$0] }
        }
        return true
      }
    #expect(seen.count == accepted)
    #expect(accepted >= 4)
    for (key, fees) in seen {
      let id = try #require(Int64(key.dropFirst()))
      #expect(fees == Array(repeating: id * 100 + 50, count: Int(id % 3)), "\(key)")
    }
  }
}
