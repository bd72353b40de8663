import Catalog
import Foundation
import TestSupport
import Testing

extension SampleConsole {
  /// Every number of the night leads to its records. The second night has the files of the third too, which take
  /// records away.
  @Suite("Console: deliveries and the records behind numbers", .serialized)
  struct ConsoleDeliveryTests {
    private static let home = Result {
      let night = Repository.root + "/SampleData/night-3"
      return try ConsoleHome(
        secondNight: Dictionary(
          uniqueKeysWithValues: Files.below(night).map { ($0, try Files.bytes(night + "/" + $0)) }))
    }
    private let fixture: ConsoleHome
    private let console: RunningConsole
    private static let nights = ["2026-03-06", "2026-03-07"]
    private static let terms = [
      "accepted", "unchanged", "duplicate", "returned", "pending", "held", "deleted",
    ]

    init() throws {
      fixture = try Self.home.get()
      console = try RunningConsole(fixture.home)
    }

    private static func plain(_ address: some StringProtocol) -> String {
      address.replacingOccurrences(of: "&amp;", with: "&")
    }

    /// Lines of a list and of the pages behind it.
    private func lines(_ start: String, _ visitor: Visitor) throws -> [String] {
      var lines: [String] = []
      var path: String? = start
      while let here = path {
        let page = try visitor.page(here)
        let body = page.components(separatedBy: "<tbody>").last ?? ""
        lines += body.components(separatedBy: "<tr>").dropFirst()
        path = page.firstMatch(of: /href="([^"]+)" rel="next"/).map { Self.plain($0.1) }
      }
      return lines
    }

    private static func isSecret(_ entry: [String: Any]) -> Bool {
      (entry["reason"] as? String)?.contains("Q31") ?? false
    }

    private func ledger(_ night: String) throws -> [[String: Any]] {
      try fixture.home.query(
        "SELECT * FROM delivery_ledger WHERE night = '\(night)' ORDER BY delivery")
    }

    @Test(arguments: nights)
    func `the deliveries of a night say what the ledger says`(_ night: String) throws {
      let visitor = try console.signIn("chief")
      let page = try visitor.page("/deliveries?night=\(night)")
      let ledger = try ledger(night)
      try #require(ledger.count > 20)
      #expect(page.contains("\(ledger.count) 批"))
      for entry in ledger {
        let id = try #require(entry["delivery"] as? Int)
        for term in Self.terms {
          let count = try #require(entry[term] as? Int)
          let link = page.firstMatch(
            of: try Regex("href=\"/deliveries/\(id)\\?show=\(term)\">([0-9,]+)<"))
          let shown = link.flatMap { $0.output[1].substring }.flatMap {
            Int($0.filter { $0 != "," })
          }
          #expect(shown == (count > 0 ? count : nil), "\(id) \(term)")
        }
      }
    }

    /// The ledger counted them when they were judged; here lines of pages are counted.
    @Test(arguments: nights)
    func `every number of a delivery leads to as many records`(_ night: String) throws {
      let visitor = try console.signIn("chief")
      var seen: [String: Int] = [:]
      for entry in try ledger(night) {
        let id = try #require(entry["delivery"] as? Int)
        for term in Self.terms {
          guard let count = entry[term] as? Int, count > 0, !Self.isSecret(entry) else { continue }
          let found = try lines("/deliveries/\(id)?show=\(term)", visitor)
          #expect(found.count == count, "delivery \(id), \(term)")
          #expect(Set(found).count == found.count, "delivery \(id), \(term)")
          seen[term, default: 0] += found.count
        }
      }
      let missing = night == Self.nights[0] ? ["unchanged", "deleted"] : ["pending"]
      #expect(Set(seen.keys) == Set(Self.terms).subtracting(missing))
    }

    @Test func `every number of the night's page leads somewhere that says it`() throws {
      let visitor = try console.signIn("chief")
      for language in ["zh", "en"] {
        let page = try visitor.page("/night?lang=\(language)")
        let terms = page.matches(of: /<span class="big"><a href="([^"]+)"/).map {
          Self.plain($0.1)
        }
        #expect(terms.count == 8 && terms.count { $0.hasPrefix("/deliveries?") } == 5)
        let links = Set(page.matches(of: /href="(\/[^"]+)"/).map { Self.plain($0.1) })
        for start in ["/deliveries?", "/deliveries/", "/records?conflict", "/records?night"] {
          #expect(links.contains { $0.hasPrefix(start) }, "\(start)")
        }
        for link in links.sorted() where !link.contains("/queue") && !link.hasPrefix("/?") {
          let status = try visitor.get(link).status
          #expect(status == 200 || status == 303, "\(link): \(status)")
        }
      }
    }

    @Test func `a sum leads to deliveries that add up to it`() throws {
      let visitor = try console.signIn("chief")
      let page = try visitor.page("/night")
      var compared = 0
      for match in page.matches(of: /<a href="(\/deliveries\?[^"]+)">([0-9,]+)<\/a>/) {
        let address = Self.plain(match.1)
        guard let term = address.firstMatch(of: /show=([a-z]+)/)?.1,
          let number = Int(match.2.filter { $0 != "," }), address.contains("night=2026-03-07")
        else { continue }
        let reply = try visitor.get(address)
        compared += 1
        // Of held ones the table of nights counts deliveries.
        guard term != "held" else {
          #expect(reply.body.contains("</b> \(number) 批"))
          continue
        }
        if let only = reply.headers["location"] {
          #expect(only.contains("show=\(term)"))
          #expect(try lines(only, visitor).count == number, "\(address)")
        } else {
          let shown = reply.body.matches(
            of: try Regex("href=\"/deliveries/[0-9]+\\?show=\(term)\">([0-9,]+)<"))
          let sum = shown.reduce(0) { sum, match in
            sum + (Int(match.output[1].substring?.filter { $0 != "," } ?? "") ?? 0)
          }
          // What stands below the rate counts first submissions alone.
          #expect(sum == number || term == "accepted" && sum > number, "\(address)")
        }
      }
      #expect(compared > 30)
    }

    @Test func `numbers of the year lead to the deliveries of all its nights`() throws {
      let visitor = try console.signIn("chief")
      let page = try visitor.page("/night")
      let links = Set(
        page.matches(of: /href="(\/deliveries\?from=[^"]+)"/).map { Self.plain($0.1) })
      let year = "/deliveries?from=2026-01-01&to=2026-03-07"
      #expect(links.contains(year) && links.contains(year + "&show=accepted"))
      #expect(links.contains(year + "&system=SAM"))
      #expect(links.contains(year + "&system=SAM&category=ENT"))
      let all = try Self.nights.flatMap { try ledger($0) }
      let list = try visitor.page(year)
      #expect(list.contains("<b>2026-01-01 – 2026-03-07</b> \(all.count) 批"))
      let first = try ledger(Self.nights[0])
      let one = try visitor.page("/deliveries?from=2026-01-01&to=2026-03-06")
      #expect(one.contains("</b> \(first.count) 批") && first.count < all.count)
      let own = all.count { $0["system"] as? String == "SAM" }
      #expect(try visitor.page(year + "&system=SAM").contains("</b> \(own) 批"))
      let sam = try console.signIn("sam").page(year)
      #expect(sam.contains("</b> \(own) 批") && !sam.contains("<td>MEE "))
      #expect(try console.signIn("auditor").get(year).status == 403)
    }

    @Test func `an accepted record opens with its values, and nothing can be done about it`() throws
    {
      let record = try #require(
        try fixture.home.query("SELECT record, inspection_no FROM INS LIMIT 1").first)
      let row = try #require(record["record"] as? Int)
      let visitor = try console.signIn("chief")
      let page = try visitor.page("/record/\(row)")
      #expect(page.contains("已入库") && page.contains("没有提示"))
      #expect(page.contains(try #require(record["inspection_no"] as? String)))
      #expect(!page.contains("/record/\(row)/act"))
      let reply = try visitor.send("/record/\(row)/act", ["kind": "comment", "words": "x"])
      #expect(reply.status >= 400)
      #expect(try visitor.page("/record/\(row)") == page)
    }

    @Test func `notes, conflicts, subjects and core values list what the warehouse has`() throws {
      let visitor = try console.signIn("chief")
      func counts(_ sql: String) throws -> [(String, Int)] {
        try fixture.home.query(sql).map {
          (try #require($0["name"] as? String), try #require($0["n"] as? Int))
        }
      }
      let conflicts = try counts(
        "SELECT rule AS name, count(DISTINCT record) AS n FROM authority_conflict GROUP BY rule")
      try #require(!conflicts.isEmpty)
      for (rule, count) in conflicts {
        #expect(try lines("/records?conflict=\(rule)", visitor).count == count, "\(rule)")
      }
      let night = Self.nights[0]
      let noted = try fixture.home.query(
        """
        SELECT count(DISTINCT row_id) AS n FROM (
          SELECT row_id FROM finding WHERE severity = 'note'
          UNION ALL SELECT row_id FROM label WHERE severity = 'note' AND closed_by IS NULL) AS f
        JOIN delivery_ledger AS d ON d.delivery = f.row_id >> 32 WHERE d.night = '\(night)'
        """)
      #expect(try lines("/records?notes=1&night=\(night)", visitor).count == noted[0]["n"] as? Int)
      let page = try visitor.page("/night")
      let subjects = page.matches(
        of: /<a href="(\/records\?[^"]*subject=[a-z]+)">([0-9,]+)<\/a>/)
      #expect(!subjects.isEmpty)
      for match in subjects {
        let number = Int(match.2.filter { $0 != "," })
        let shown = try lines(Self.plain(match.1), visitor).count
        // Who names nobody whom anybody could find stands in no list.
        #expect(shown == number || match.1.contains("unknown") && shown < number ?? 0, "\(match.1)")
      }
      let wrong = page.matches(of: /<a href="(\/records\?[^"]*core=[a-z-]+)">([0-9,]+)<\/a>/)
      #expect(!wrong.isEmpty)
      for match in wrong where match.2 != "0" {
        let shown = try lines(Self.plain(match.1), visitor).count
        #expect(shown > 0 && shown <= Int(match.2.filter { $0 != "," }) ?? 0, "\(match.1)")
      }
    }

    @Test func `a steward sees no delivery and no list of another system`() throws {
      let visitor = try console.signIn("sam")
      for entry in try ledger(Self.nights[1]) {
        let id = try #require(entry["delivery"] as? Int)
        let isOwn = entry["system"] as? String == "SAM"
        #expect(try visitor.get("/deliveries/\(id)").status == (isOwn ? 200 : 404), "\(id)")
      }
      let list = try visitor.page("/deliveries?night=\(Self.nights[1])")
      #expect(list.contains("<td>SAM ") && !list.contains("<td>MEE "))
      let notes = try lines("/records?notes=1&night=\(Self.nights[0])", visitor)
      #expect(!notes.isEmpty && notes.allSatisfy { $0.contains("<td>SAM ") })
      let auditor = try console.signIn("auditor")
      for path in ["/deliveries", "/deliveries/1", "/records?notes=1"] {
        #expect(try auditor.get(path).status == 403)
      }
      #expect(!(try auditor.page("/night").contains("/deliveries")))
    }

    @Test func `the night's page names files of a steward's own systems alone`() throws {
      let whole = try console.signIn("chief").page("/night")
      let own = try console.signIn("mem").page("/night")
      let systems = ["MEM", "MPS"]
      #expect(own.contains("只列您负责的系统（MEM、MPS）") && !whole.contains("只列您负责的系统"))
      var compared = 0
      for entry in try ledger(Self.nights[1]) {
        let system = try #require(entry["system"] as? String)
        let name = try #require(entry["file_name"] as? String)
        guard !systems.contains(system) else { continue }
        for text in [">\(name)<", ">\(system) \(name)<"] where whole.contains(text) {
          compared += 1
          #expect(!own.contains(text), "\(text)")
        }
      }
      #expect(compared > 0)
      let rows = own.components(separatedBy: "<tr>").dropFirst().compactMap {
        $0.components(separatedBy: "</tr>").first
      }
      for row in rows where row.contains(">未到</span>") {
        let system = try #require(row.firstMatch(of: />([A-Z]{3})\s/))
        #expect(systems.contains(String(system.1)), "\(row)")
      }
    }

    @Test func `keys above the clearance stand in no list`() throws {
      try fixture.add("narrow", "operator", systems: nil, "public")
      let open = try console.signIn("narrow")
      var compared = 0
      for entry in try ledger(Self.nights[0]) where compared < 6 {
        guard let id = entry["delivery"] as? Int, ((entry["returned"] as? Int) ?? 0) > 0 else {
          continue
        }
        let page = try open.page("/deliveries/\(id)?show=returned")
        // To ask for the values takes a second or two.
        for record in try fixture.returned("delivery = \(id)").prefix(1) {
          let row = try #require(record["record"] as? Int)
          for value in try fixture.values(above: .public, row: row) {
            compared += 1
            #expect(!page.contains(">\(value)<"), "a value of record \(row)")
          }
        }
      }
      #expect(compared >= 3)
    }

    @Test func `nothing of a delivery with classified records is shown`() throws {
      let visitor = try console.signIn("chief")
      let secret = try ledger(Self.nights[1]).filter(Self.isSecret)
      try #require(secret.count >= 2)
      for entry in secret {
        let id = try #require(entry["delivery"] as? Int)
        for query in ["", "?show=held", "?show=unchanged", "?show=accepted"] {
          let page = try visitor.page("/deliveries/\(id)\(query)")
          #expect(page.contains("原件已封存") || page.contains("没有这样的记录"))
          #expect(!page.contains("<tbody>"))
        }
      }
    }

    @Test func `lists stand in the log with the records that they show`() throws {
      let visitor = try console.signIn("mem")
      let id = try #require(
        try ledger(Self.nights[1]).first {
          $0["system"] as? String == "MEM" && (($0["accepted"] as? Int) ?? 0) > 0
        }?["delivery"] as? Int)
      _ = try visitor.page("/deliveries/\(id)?show=accepted")
      let entry = try #require(
        try fixture.log().last { $0["action"] as? String == "console-queue" })
      #expect(entry["user"] as? String == "mem" && ((entry["rows"] as? Int) ?? 0) > 0)
    }

    @Test func `odd addresses are refused or answered, and break nothing`() throws {
      let visitor = try console.signIn("chief")
      for path in [
        "/deliveries/0", "/deliveries/x", "/deliveries/99999999", "/deliveries/9223372036854775807",
        "/records", "/records?subject=x", "/records?core=x",
      ] {
        #expect(try visitor.get(path).status == 404, "\(path)")
      }
      for text in ["'", "\"><script>", "-1", "9223372036854775807", "%00", "2026-13-99"] {
        for address in [
          "/deliveries?night=", "/deliveries?system=", "/deliveries?show=", "/deliveries?page=",
          "/deliveries/1?show=", "/deliveries/1?show=unchanged&after=", "/records?conflict=",
          "/records?notes=1&night=", "/records?notes=1&after=",
        ] {
          let reply = try visitor.get(address + Form.encoded(text))
          #expect([200, 303].contains(reply.status), "\(address)\(text): \(reply.status)")
          #expect(!reply.body.contains("<script"))
        }
      }
      #expect(!console.errors.contains(" error "), "\(console.errors)")
    }
  }
}
