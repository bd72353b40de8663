import TestSupport
import Testing

extension SampleConsole {
  /// The page of a record, beyond what every record has.
  @Suite("Console: records", .serialized)
  struct ConsoleRecordTests {
    @Test func `rows inside a record are on its page, as far as the person may see them`() throws {
      let fixture = try ConsoleHome.shared.get()
      let console = try RunningConsole(fixture.home)
      let chief = try console.signIn("chief")
      var compared = 0
      for record in try fixture.returned("category IN ('CAS', 'PEN', 'COE', 'INS')") {
        let row = try #require(record["record"] as? Int)
        let detail = try object(try fixture.home.run("review show", "\(row)", "--json").outputText)
        let lists = try #require(detail["rows"] as? [String: [[String: Any]]])
        for (table, rows) in lists {
          let page = try chief.page("/record/\(row)")
          #expect(page.contains("id=\"rows-\(table)\""))
          for value in rows.flatMap(\.values).compactMap({ $0 as? String }) {
            #expect(page.contains(value), "\(value) of record \(row)")
            compared += 1
          }
        }
        if compared > 20 { break }
      }
      #expect(compared > 5)
    }
  }
}
