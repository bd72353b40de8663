import Foundation
import TestSupport
import Testing

@Suite("qingyuan check")
struct CheckCommandTests {
  private func check(_ path: String, _ more: String..., system: String = "SAM") throws
    -> ProgramResult
  {
    try QingyuanProgram.run(["check", path, "--source", system] + more)
  }

  // MARK: Form

  @Test func `a clean file exits with 0`() throws {
    let folder = try TemporaryFolder("check")
    let sheet = try TestPipeline.real.get().sheet("PEN", (1...3).map { penalty($0) })
    let file = try folder.write("行政处罚_1.csv", sheet.gb18030)
    let result = try check(file, "--today", "2026-06-02")
    #expect(result.code == 0, "\(result.outputText)")
    #expect(result.outputText.contains("3 records, 3 accepted, 0 would be returned"))
    #expect(result.outputText.contains("not checked here: "))
  }

  @Test func `every failing record is a line, the summary is the last`() throws {
    let folder = try TemporaryFolder("check")
    let sheet = try TestPipeline.real.get().sheet(
      "PEN", [penalty(1), penalty(2, unknownPenaltyType), penalty(3), penalty(4, missingAgency)])
    let file = try folder.write("任意.csv", sheet.gb18030)
    #expect(try check(file).code == 64)
    let result = try check(file, "--category", "pen", "--json", "--today", "2026-06-02")
    #expect(result.code == 1)
    let lines = try result.outputLines.map { try object($0) }
    try #require(lines.count == 3)
    #expect(lines[0]["record"] as? Int == 2 && lines[0]["line"] as? Int == 3)
    #expect((lines[0]["key"] as? String)?.hasSuffix("清市监罚〔2026〕2号") == true)
    let finding = try #require((lines[0]["findings"] as? [[String: Any]])?.first)
    #expect(Set(finding.keys) == ["code", "rule", "element", "value", "severity"])
    #expect(finding["code"] as? String == "Q24" && finding["value"] as? String == "游街示众")
    #expect(finding["severity"] as? String == "return")
    let byte = try #require(lines[1]["byte"] as? Int)
    #expect(text(gb18030: Array(sheet.gb18030[byte...])).hasPrefix("P-4,"))
    let summary = lines[2]
    #expect(summary["read"] as? Int == 4 && summary["accepted"] as? Int == 2)
    #expect(summary["returned"] as? Int == 2 && summary["encoding"] as? String == "gb18030")
  }

  @Test func `a note alone is a finding, unless notes are left out`() throws {
    let folder = try TemporaryFolder("check")
    // The county is unknown in a known province.
    let sheet = try TestPipeline.real.get().sheet(
      "PEN", [penalty(1, ["division_code": "510199"])])
    let file = try folder.write("行政处罚_1.csv", sheet.gb18030)
    let noted = try check(file, "--today", "2026-06-02")
    #expect(noted.code == 1, "\(noted.outputText)")
    #expect(noted.outputText.contains(" note "), "\(noted.outputText)")
    #expect(noted.outputText.contains("1 accepted, 0 would be returned"))
    let ignored = try check(file, "--today", "2026-06-02", "--ignore-notes")
    #expect(ignored.code == 0, "\(ignored.outputText)")
    #expect(!ignored.outputText.contains(" note "))
  }

  @Test func `what would hold the delivery is said and exits with 1`() throws {
    let folder = try TemporaryFolder("check")
    let sheet = try TestPipeline.real.get().sheet(
      "PEN", [penalty(1)], renaming: ["处罚类别": ""])
    let file = try folder.write("行政处罚_1.csv", sheet.gb18030)
    let result = try check(file, "--today", "2026-06-02")
    #expect(result.code == 1)
    #expect(result.outputText.contains("HOLD Q21 columns are missing: 处罚类别"))
    let secret = try TestPipeline.real.get().sheet(
      "PEN", [penalty(1, ["secrecy_level_code": "机密", "penalty_cause": "无人知晓"])])
    let secretFile = try folder.write("行政处罚_2.csv", secret.gb18030)
    for option in ["--json", "--show-values"] {
      let held = try check(secretFile, option)
      #expect(held.code == 1)
      #expect(!held.outputText.contains("无人知晓") && !held.outputText.contains("P-1"))
    }
  }

  @Test func `a file, system or category that is not there is told from the others`() throws {
    let folder = try TemporaryFolder("check")
    let file = try folder.write("行政处罚_1.csv", "x\n")
    let missing = try check("/nowhere/行政处罚_1.csv")
    #expect(missing.code == 3)
    #expect(missing.errorText.contains("/nowhere/行政处罚_1.csv does not exist"))
    let system = try check(file, system: "SAN")
    #expect(system.code == 64 && system.errorText.contains("did you mean SAM?"))
    #expect(try check(file, "--category", "PENN").code == 64)
    #expect(try check(file, "--pipelines", "/nowhere").code == 2)
    for damaged in [[UInt8](), [0x1F, 0x8B, 8, 0, 1], [0, 1, 2, 0xFF], Array("x".utf8)] {
      let odd = try folder.write("行政处罚_2.csv", damaged)
      #expect(try check(odd).code == 1)
    }
  }

  // MARK: The same verdicts as the night

  /// A finding as both the check and the warehouse tell it.
  private struct Told: Hashable, CustomStringConvertible {
    var place: [Int]
    var words: [String]
    var description: String { "\(place) \(words)" }
  }

  @Test func `findings and counts are those of the night, record by record`() throws {
    let home = try CommandHome()
    let seed = "20260602"
    let made = try qingyuan(
      "generate", "--out", home.folder + "made", "--records", "900", "--faults", "0.25", "--seed",
      seed)
    try #require(made.code == 0, "\(made.errorText)")
    let night = home.folder + "made/night-1"
    try FileManager.default.createDirectory(
      atPath: home.path, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: night, toPath: home.path + "/inbox")
    let run = try home.night("2026-03-02")
    try #require(run.code <= 1, "\(run.errorText)")
    let stored = try home.query(
      """
      SELECT d.file_name AS file, d.category, f.row_id & 4294967295 AS record, f.line AS line,
        f.byte_offset AS byte, f.code, f.rule, f.element, f.value, f.severity
      FROM finding AS f JOIN delivery AS d ON d.id = f.row_id >> 32
      """)
    let ledger = try home.query("SELECT * FROM delivery_ledger")
    var compared = 0
    for delivery in ledger {
      let file = try #require(delivery["file_name"] as? String)
      let category = try #require(delivery["category"] as? String)
      let system = try #require(delivery["system"] as? String)
      // Some suffice, of every format; each costs a second in a debug build.
      let chosen = [
        "SAM": ["PEN", "CAS", "ENT", "CMP", "EVD", "MON"], "MEE": ["CAS"], "MOT": ["PEN"],
        "URB": ["CAS", "EVD"], "CUL": ["INS"], "NMP": ["LIC"], "HUD": ["FAC"],
      ]
      guard chosen[system]?.contains(category) == true, delivery["status"] as? String == "loaded"
      else { continue }
      let checked = try check(
        "\(night)/\(system)/\(file)", "--json", "--today", "2026-03-02", "--category", category,
        system: system)
      let all = try checked.outputLines.map { try object($0) }
      let summary = try #require(all.last)
      let lines = all.dropLast()
      let expected = Set(
        stored.filter {
          $0["file"] as? String == file && $0["category"] as? String == category
        }.map { told($0, $0) })
      let found = Set(
        lines.flatMap { line in
          (line["findings"] as? [[String: Any]] ?? []).map { told(line, $0) }
        })
      #expect(found == expected, "seed \(seed), \(file): \(found.symmetricDifference(expected))")
      // What waits for another record has nothing wrong that the file alone could tell.
      let accepted = (delivery["accepted"] as? Int ?? 0) + (delivery["pending"] as? Int ?? 0)
      #expect(summary["accepted"] as? Int == accepted, "seed \(seed), \(file)")
      for count in ["read", "returned", "duplicate", "deleted"] {
        #expect(
          summary[count] as? Int == delivery[count] as? Int, "seed \(seed), \(file): \(count)")
      }
      compared += found.count
    }
    #expect(compared > 40)
  }

  private func told(_ place: [String: Any], _ finding: [String: Any]) -> Told {
    Told(
      place: ["record", "line", "byte"].map { place[$0] as? Int ?? -1 },
      words: ["code", "rule", "element", "value", "severity"].map { finding[$0] as? String ?? "" })
  }

  // MARK: Restricted values

  @Test func `restricted values stay out of everything that is shown`() throws {
    let home = try CommandHome()
    let pipeline = try TestPipeline.real.get()
    let person: Values = [
      "party_type_code": "4", "subject_name": "", "uscc": "", "legal_rep_name": "",
      "person_name": "乙?五", "person_id_type_code": "111", "person_id_no": "510104190001020022",
      "person_birth_date": "2035-01-01", "minor_flag": "也许", "detention_days": "九十九天半",
    ]
    let restricted = ["乙?五", "510104190001020022", "2035-01-01", "也许", "九十九天半"]
    let file = "行政处罚_1.csv"
    let bytes = try pipeline.sheet("PEN", [penalty(1, person), penalty(2)]).gb18030
    try home.deliver(file, bytes)
    let copy = try home.folder.write(file, bytes)
    for options in [["--json"], [], ["--english"]] {
      let result = try QingyuanProgram.run(
        ["check", copy, "--source", "SAM", "--today", "2026-06-02"] + options)
      #expect(result.code == 1)
      for value in restricted {
        #expect(!result.outputText.contains(value) && !result.errorText.contains(value), "\(value)")
      }
      // Words for stewards are Chinese; programs and English readers get the other.
      let mask = options.isEmpty ? "受限内容,18个字符" : "<restricted, 18 characters>"
      #expect(result.outputText.contains(mask))
    }
    let shown = try check(copy, "--today", "2026-06-02", "--show-values")
    #expect(shown.outputText.contains("510104190001020022"))
    let run = try home.night("2026-06-02")
    for value in restricted {
      #expect(!run.outputText.contains(value) && !run.errorText.contains(value), "\(value)")
    }
    let stored = try home.query("SELECT value, expected FROM finding")
    #expect(stored.count > 3)
    for row in stored {
      for value in restricted {
        #expect((row["value"] as? String)?.contains(value) != true, "\(value)")
        #expect((row["expected"] as? String)?.contains(value) != true, "\(value)")
      }
    }
  }
}
