import Foundation
import TestSupport
import Testing

/// Nights of the invented city through the program: who contradicts whom is exactly what the city knows.
@Suite("Nights of a city with owners")
struct ConflictNightTests {
  private struct Link: Decodable, Hashable {
    var night: Int
    var system: String
    var category: String
    var record_id: String
    var code: String
    var rule: String
    var element: String?
    var severity: String
  }

  private static let days = ["2026-03-06", "2026-03-07", "2026-03-08"]

  /// Runs three nights of a generated set.
  ///
  /// - Parameter after: Called after each night, from 1.
  private func runNights(
    _ folder: String, _ home: CommandHome, after: (Int) throws -> Void = { _ in }
  ) throws {
    for (place, day) in Self.days.enumerated() {
      let night = folder + "/night-\(place + 1)"
      for name in Files.below(night) {
        let bytes = try Files.bytes(night + "/" + name)
        try home.folder.write("home/inbox/" + name, bytes)
      }
      let result = try home.night(day)
      // 1 says that records were returned or deliveries held.
      try #require(result.code == 0 || result.code == 1, "\(result.errorText)")
      try after(place + 1)
    }
  }

  private func count(_ home: CommandHome, _ sql: String) throws -> Int {
    let row = try #require(try home.query("SELECT count(*) AS n FROM (\(sql))").first)
    return try #require((row["n"] as? NSNumber)?.intValue)
  }

  /// Keys of which more than one system speaks, by the rule that decides about them.
  private static let speakers: [(rule: String, category: String, key: String, when: String)] = {
    let licence = "licence_type_code, licence_no"
    let reading = "monitor_no, monitor_item_code, monitor_time"
    let licences = [
      ("AR04", "'01', '02'"), ("AR05", "'03', '04'"), ("AR06", "'05', '06'"), ("AR07", "'07'"),
      ("AR08", "'08'"), ("AR09", "'09', '10'"), ("AR10", "'11'"), ("AR11", "'12', '13'"),
      ("AR12", "'14', '15'"), ("AR13", "'16'"),
    ]
    return licences.map { ($0.0, "LIC", licence, "licence_type_code IN (\($0.1))") } + [
      ("AR01", "ENT", "uscc", "uscc LIKE '9%'"),
      ("AR02", "MON", reading, "monitor_kind_code = '1'"),
      ("AR03", "CRD", "uscc", "credit_score IS NOT NULL"),
      ("AR14", "CAS", "person_id_type_code, person_id_no", "party_type_code = '4'"),
      ("AR15", "CAS", "vehicle_plate_no", "vehicle_plate_no IS NOT NULL"),
      ("AR16", "FAC", "facility_id", "facility_type_code = '01'"),
      ("AR17", "FAC", "facility_id", "facility_type_code IN ('02', '03')"),
      ("AR18", "MON", reading, "monitor_kind_code = '2'"),
      ("AR19", "CRD", "uscc", "env_credit_grade_code IS NOT NULL"),
      ("AR20", "PEN", "agency_uscc, penalty_doc_no", "1"),
      ("AR21", "CAS", "agency_uscc, case_no", "1"),
      ("AR22", "AGO", "agency_uscc, officer_cert_no", "1"), ("AR23", "CMP", "complaint_no", "1"),
    ]
  }()

  @Test func `where nothing is planted nobody contradicts anybody, though many speak`() throws {
    let home = try CommandHome()
    let set = home.folder + "set"
    let made = try qingyuan(
      "generate", "--records", "2600", "--nights", "3", "--seed", "21", "--faults", "0", "--start",
      Self.days[0], "--out", set)
    try #require(made.code == 0, "\(made.errorText)")
    try runNights(set, home) { night in
      let findings = try count(home, "SELECT * FROM finding_current")
      let conflicts = try count(home, "SELECT * FROM authority_conflict")
      #expect(findings == 0 && conflicts == 0, "night \(night)")
    }
    #expect(Self.speakers.count == 23)
    for entry in Self.speakers {
      let keys =
        "SELECT \(entry.key) FROM \(entry.category) WHERE \(entry.when) GROUP BY \(entry.key) "
        + "HAVING count(DISTINCT source_system_code) > 1"
      let spoken = try count(home, keys)
      #expect(spoken > 0, "\(entry.rule)")
    }
    // What is told twice is composed once.
    let composed = try count(home, "SELECT * FROM LIC_golden WHERE members > 1")
    #expect(composed > 10)
  }

  @Test func `the sample nights contradict each of the 23 owners, as their truth says`() throws {
    let home = try CommandHome()
    let sample = Repository.root + "/SampleData"
    let links = try Files.text(sample + "/links.jsonl").split(separator: "\n").map {
      try JSONDecoder().decode(Link.self, from: Data($0.utf8))
    }
    var rules: Set<String> = []
    try runNights(sample, home) { night in
      let told = links.filter {
        $0.night == night && ($0.rule.hasPrefix("AR") || $0.rule == "CR53")
      }
      let expected = told.map {
        "\($0.system) \($0.category) \($0.record_id) \($0.code) \($0.rule) \($0.element ?? "") "
          + $0.severity
      }
      var found: [String] = []
      for category in Set(links.map(\.category)) {
        let rows = try home.query(
          """
          SELECT f.system, f.code, f.rule, f.element, f.severity, r.source_record_id AS number
          FROM finding_current AS f JOIN \(category) AS r ON r.record = f.record
          WHERE f.category = '\(category)' AND (f.rule LIKE 'AR%' OR f.rule = 'CR53')
          """)
        found += rows.map { row in
          func text(_ name: String) -> String { row[name] as? String ?? "" }
          // Of a rule between records the truth names the rule, not which element stands for it.
          let element = text("rule") == "CR53" ? "" : text("element")
          return "\(text("system")) \(category) \(text("number")) \(text("code")) \(text("rule")) "
            + "\(element) \(text("severity"))"
        }
      }
      #expect(found.sorted() == expected.sorted(), "night \(night)")
      let register = try home.query("SELECT rule FROM authority_conflict")
      #expect(register.count == told.count { $0.rule != "CR53" })
      // A fine is told before its owner says it, and judged again in the night in which it does.
      #expect(told.contains { $0.rule == "CR53" } == (night == 2))
      #expect(told.contains { $0.element == "fine_amount" } == (night > 1))
      rules = Set(register.compactMap { $0["rule"] as? String })
    }
    #expect(rules == Set(Self.speakers.map(\.rule)))
    for entry in Self.speakers { try explain(entry.rule, home) }
  }

  /// The first conflict of a rule: who won, by which rule, over whom.
  private func explain(_ rule: String, _ home: CommandHome) throws {
    let entry = try #require(Self.speakers.first { $0.rule == rule })
    let key = entry.key.replacing(", ", with: " || '|' || ")
    let conflict = try #require(
      try home.query(
        """
        SELECT c.element, c.system, c.owner_system, c.record, \(key) AS key
        FROM authority_conflict AS c JOIN \(entry.category) AS r ON r.record = c.record
        WHERE c.rule = '\(rule)' ORDER BY c.record, c.element LIMIT 1
        """
      ).first)
    func text(_ name: String) -> String { conflict[name] as? String ?? "" }
    let entity = ["AR14": "PERSON", "AR15": "VEHICLE"][rule] ?? entry.category
    let result = try home.run("why", entity, text("key"), text("element"), "--json")
    try #require(result.code == 0, "\(rule): \(result.errorText)")
    let cells = try object(result.outputText)["elements"] as? [[String: Any]]
    let cell = try #require(cells?.first)
    #expect(cell["rule"] as? String == rule)
    #expect(cell["basis"] as? String == "owner")
    #expect(cell["system"] as? String == text("owner_system"))
    let losers = cell["losers"] as? [[String: Any]] ?? []
    #expect(
      losers.contains {
        $0["system"] as? String == text("system")
          && $0["record"] as? Int == conflict["record"] as? Int
      }, "\(rule): \(losers)")
  }
}
