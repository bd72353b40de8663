import Foundation
import GRDB
import Pipeline
import TestSupport
import Testing

/// What readers of a tier take for the golden records is what the warehouse has.
@Suite("Golden records of tiers")
struct TierGoldenTests {
  private static let number = "QY-SB-00000001"

  /// The values of golden records in a file, by entity, number and column; those of a warehouse are cut to what the
  /// file of a tier has as it is.
  private func differences(_ home: TestHome) throws -> (compared: Int, lines: [String]) {
    var configuration = Configuration()
    configuration.readonly = true
    let warehouse = try DatabaseQueue(
      path: home.home.warehouse + "/warehouse.sqlite", configuration: configuration)
    let tier = try DatabaseQueue(
      path: home.home.tiers + "/shared.sqlite", configuration: configuration)
    var lines: [String] = []
    var compared = 0
    let tables = try tier.read { database in
      try String.fetchAll(
        database, sql: "SELECT name FROM sqlite_schema WHERE name LIKE '%\\_composed' ESCAPE '\\'")
    }
    for table in tables {
      let category = table.dropLast("_composed".count)
      let (rows, masked) = try tier.read { database in
        (
          try Row.fetchAll(database, sql: "SELECT * FROM \"\(table)\""),
          try Set(
            String.fetchAll(
              database,
              sql: "SELECT column_name FROM dictionary WHERE table_name = ? AND mask <> ''",
              arguments: ["\(category)"]))
        )
      }
      try warehouse.read { database in
        for row in rows {
          let golden: Int64 = row["golden"]
          let own = try #require(
            try Row.fetchOne(
              database, sql: "SELECT * FROM \"\(category)_golden\" WHERE golden = ?",
              arguments: [golden]))
          for (column, value) in row where !masked.contains(column) && own.hasColumn(column) {
            compared += 1
            let expected: DatabaseValue = own[column]
            if expected != value {
              lines.append("\(category) \(column): \(value), not \(expected)")
            }
          }
        }
      }
    }
    return (compared, lines)
  }

  /// Two rules for a facility's inspections, each for its own kind, of which the sample's systems say one each.
  @Test func `where two rules meet in one golden record the first decides in the file too`() throws
  {
    let home = try TestHome(TestPipeline.real)
    let night = Repository.root + "/SampleData/night-1"
    for name in Files.below(night) {
      try home.folder.write("home/inbox/\(name)", try Files.bytes(night + "/" + name))
    }
    let name = "SAM/设施设备_20260306.csv"
    var sheet = CSVSheet.rows(of: text(gb18030: try Files.bytes(night + "/" + name)))
    let place = Dictionary(sheet[0].enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
    let numbered = try #require(place["设备编号"])
    let row = try #require(sheet.firstIndex { $0[numbered] == Self.number })
    for (column, value) in [
      "设备类别": "消防设施", "使用登记证编号": "", "设备种类": "", "培训人数(人)": "149", "安全培训日期": "2025/6/1",
      "安全管理人员是否持证": "是",
    ] {
      sheet[row][try #require(place[column])] = value
    }
    try home.folder.write(
      "home/inbox/" + name, CSVSheet(sheet[0], Array(sheet.dropFirst())).gb18030)
    try home.run("2026-03-06")
    let rules = try home.column(
      "SELECT count(*) FROM FAC_golden AS g JOIN golden_part AS p ON p.golden_id = g.golden "
        + "WHERE g.facility_id = '\(Self.number)' AND p.part IN ('AR16', 'AR17')")
    #expect(rules == ["2"])
    let (compared, lines) = try differences(home)
    #expect(lines.isEmpty && compared > 1_000, "\(compared) \(lines.prefix(5))")
  }
}
