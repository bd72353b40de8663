import Foundation
import TestSupport
import Testing

@Suite("Commands that answer a question")
struct SmallCommandTests {
  private let second = ["--pipelines", Repository.secondPipeline]

  // MARK: Usage

  @Test(
    arguments: [
      ["--nonsense"], ["run", "--nonsense"], ["check"], ["workdays", "add", "2026-02-12"],
      ["nonsense"], ["run", "--night", "yesterday"], ["query"], ["id", "uscx", "1"],
      ["explain", "Q99"], ["read", "--format", "toml", "x"], ["deliveries", "--status", "lost"],
      ["catalog", "export"], ["check", "x.csv", "--source", "SAM", "--today", "2026-13-01"],
      ["generate", "--out", "/tmp/never", "--records", "0"],
      ["generate", "--out", "/tmp/never", "--records", "9223372036854775807"],
      ["generate", "--out", "/tmp/never", "--start", "1969-01-01"],
      ["audit", "verify", "--head", "12:abc"], ["audit", "list", "--from", "yesterday"],
      ["audit", "who-saw", "PEM", "1"], ["audit", "who-saw", "CAS", "1"], ["share", "approve"],
      ["share", "request", "--category", "PEN"], ["share", "refuse", "R000001"],
      ["share", "list", "--state", "lost"], ["objection", "verify", "O000001"],
    ])
  func `wrong usage exits with 64 and says so on standard error`(_ arguments: [String]) throws {
    let folder = try TemporaryFolder("usage")
    let file = try folder.write("x.csv", "a\n")
    let result = try QingyuanProgram.run(
      arguments.map { $0 == "x.csv" ? file : $0 }
        + (arguments.first == "run" || arguments.first == "query" ? ["--home", folder + "h"] : []))
    #expect(result.code == 64, "\(result.outputText)\(result.errorText)")
    #expect(result.output.isEmpty)
    #expect(!result.errors.isEmpty)
  }

  @Test(arguments: [
    "run", "check", "read", "id", "lint", "test-rules", "share request", "audit verify",
  ])
  func `help says what every exit code means`(_ command: String) throws {
    let result = try QingyuanProgram.run(
      command.split(separator: " ").map(String.init) + ["--help"])
    #expect(result.code == 0)
    let text = result.outputText.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(text.contains("Exit 0 "), "\(text)")
    #expect(text.contains("64 wrong usage"), "\(text)")
  }

  @Test func `help and version exit with 0`() throws {
    #expect(try qingyuan("--help").code == 0)
    #expect(try qingyuan("--version").outputText.hasPrefix("qingyuan "))
    #expect(try qingyuan("help", "run").outputText.contains("--night"))
  }

  // MARK: Output that cannot be written

  /// `SHELL` names the program as `$0`, what follows as `$1` and so on.
  private func shell(_ script: String, _ words: String...) throws -> ProgramResult {
    try Program("/bin/sh", ["-c", script, QingyuanProgram.path] + words).wait()
  }

  @Test(arguments: [
    "read \"$1\"", "read \"$1\" --json", "workdays add 2026-02-12 7",
    "catalog export --format csv --pipelines \"$2\"", "id uscc 123", "lint --pipelines \"$2\"",
    "coverage --pipelines \"$2\" --home \"$3\" --format csv",
  ])
  func `results that cannot be written exit with 3 and say so`(_ command: String) throws {
    let folder = try TemporaryFolder("output")
    let file = try folder.write("x.csv", "a,b\n1,2\n")
    let home = folder + "home"
    let whole = try shell("\"$0\" \(command)", file, Repository.pipelines, home)
    #expect([0, 1].contains(whole.code), "\(whole.errorText)")
    let full = try shell("\"$0\" \(command) > /dev/full", file, Repository.pipelines, home)
    #expect(full.code == 3, "\(command): \(full.code)")
    #expect(full.errorText.contains("standard output"), "\(full.errorText)")
  }

  @Test func `nothing ends because nobody reads what it says of itself`() throws {
    let folder = try TemporaryFolder("errors")
    let file = try folder.write("x.csv", "a,b\n1,2\n")
    for errors in ["2> /dev/full", "2>&-"] {
      let result = try shell("\"$0\" read \"$1\" \(errors)", file)
      #expect(result.code == 0, "\(errors): \(result.code)")
      #expect(result.outputText.contains("1 │ 1 │ 2"))
    }
  }

  @Test func `a night goes on when its reader has gone`() throws {
    let home = try CommandHome()
    let run = "run --no-wait --night 2026-03-01 --home \"$1\" --pipelines \"$2\""
    let result = try shell(
      "{ \"$0\" \(run); echo $? > \"$1.code\"; } 2>&1 | true", home.path, home.pipelines)
    #expect(result.code == 0)
    #expect(try Files.text(home.path + ".code") == "3\n")
    #expect(try Files.text(home.path + "/report/2026-03-01.txt").contains("2026-03-01"))
  }

  // MARK: Working days

  @Test(
    arguments: [
      ("2026-02-12", "7", "2026-02-28"), ("2026-04-30", "3", "2026-05-08"),
      ("2026-09-29", "7", "2026-10-14"), ("2026-09-24", "3", "2026-09-30"),
      ("2026-02-12", "0", "2026-02-12"),
    ])
  func `working days are added by the official calendar`(
    _ date: String, _ count: String, _ expected: String
  ) throws {
    let result = try qingyuan("workdays", "add", date, count)
    #expect(result.code == 0 && result.outputText == expected + "\n", "\(result.outputText)")
  }

  @Test func `working days are counted as they are added`() throws {
    #expect(try qingyuan("workdays", "count", "2026-02-12", "2026-02-28").outputText == "7\n")
  }

  @Test func `a year without a calendar is an error of the configuration`() throws {
    let result = try qingyuan("workdays", "add", "2026-12-30", "30")
    #expect(result.code == 2)
    #expect(result.output.isEmpty)
    #expect(result.errorText.contains("2024 to 2026"))
    #expect(try qingyuan("workdays", "count", "2026-12-01", "2027-01-10").code == 2)
    #expect(try qingyuan("workdays", "add", "2026-02-12", "9223372036854775807").code == 2)
  }

  // MARK: Identifiers

  @Test func `identifiers are judged, and the answer says why`() throws {
    let valid = try qingyuan("id", "uscc", "91510104MAQY00013P")
    #expect(valid.code == 0 && valid.outputText == "91510104MAQY00013P valid\n")
    let wrong = try qingyuan("id", "uscc", "91510104MAQY00013P", "91510104MAQY00013X")
    #expect(wrong.code == 1)
    try #require(wrong.outputLines.count == 2)
    #expect(wrong.outputLines[1].contains("invalid"))
    #expect(try qingyuan("id", "uscc", "91510104maqy00013p").code == 1)
    #expect(try qingyuan("id", "uscc", "--normalize", "９1510104maqy00013p ").code == 0)
    #expect(try qingyuan("id", "resident_id", "510104190001010018").code == 0)
    #expect(try qingyuan("id", "resident_id", "510104190002300018").code == 1)
    let hint = try qingyuan("id", "uscx", "1")
    #expect(hint.errorText.contains("uscc"))
  }

  @Test func `odd identifiers never crash`() throws {
    for kind in [
      "uscc", "resident_id", "org_code", "phone", "plate", "gbt2260", "doc_no", "licence_by_type",
    ] {
      let values = [
        "", " ", "\u{0301}", "𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷", "-", "\u{0}", String(repeating: "9", count: 5000),
      ]
      let result = try QingyuanProgram.run(["id", kind, "--"] + values)
      #expect([0, 1].contains(result.code), "\(kind) \(result.code)")
    }
  }

  // MARK: Definitions

  @Test func `lint counts what it has checked`() throws {
    let result = try qingyuan("lint")
    #expect(result.code == 0)
    #expect(
      result.outputLines.last?.contains(
        "12 systems, 18 categories, 327 data elements, 73 code lists, 62 rules, "
          + "23 authority rules, 21 issue types") == true)
    #expect(try QingyuanProgram.run(["lint"] + second).code == 0)
  }

  @Test func `lint names file and line of every mistake and suggests a name`() throws {
    let folder = try TemporaryFolder("lint")
    let copy = folder + "pipelines"
    try FileManager.default.copyItem(atPath: Repository.secondPipeline, toPath: copy)
    let rules = copy + "/rules/LOAN.yaml"
    let text = try Files.text(rules).replacing(
      "due_on > borrowed_on", with: "due_onn > borrowed_on")
    try Data(text.utf8).write(to: URL(fileURLWithPath: rules))
    let source = copy + "/sources/LIB.yaml"
    let adapter = try Files.text(source).replacing(
      "element: reader_name", with: "element: reader_nam")
    try Data(adapter.utf8).write(to: URL(fileURLWithPath: source))
    let line =
      1
      + text.prefix(through: try #require(text.range(of: "due_onn")).lowerBound)
      .count { $0 == "\n" }
    let result = try qingyuan("lint", "--pipelines", copy)
    #expect(result.code == 2)
    #expect(result.outputText.contains("rules/LOAN.yaml:\(line)"), "\(result.outputText)")
    #expect(result.outputText.contains("did you mean \"due_on\"?"))
    #expect(result.outputText.contains("did you mean \"reader_name\"?"))
    // Nothing is read by any other command either.
    let home = try CommandHome(copy)
    try home.deliver("loan_1.csv", [1, 2, 3], system: "LIB")
    let run = try home.night("2026-03-02")
    #expect(run.code == 2)
    #expect(run.errorText.contains("did you mean"))
    #expect(Files.exists(home.path + "/inbox/LIB/loan_1.csv"))
    #expect(!Files.exists(home.path + "/warehouse"))
  }

  @Test func `a folder of definitions that is not there exits with 2`() throws {
    for command in ["lint", "test-rules", "explain Q24"] {
      let words = command.split(separator: " ").map(String.init)
      let result = try QingyuanProgram.run(words + ["--pipelines", "/nowhere"])
      #expect(result.code == 2, "\(command)")
    }
  }

  @Test func `worked cases pass, and one that does not exits with 1`() throws {
    let result = try qingyuan("test-rules")
    #expect(result.code == 0, "\(result.outputText)")
    #expect(result.outputText.hasSuffix(" passed, 0 failed\n"))
    // A rule that is misspelled is not one whose cases pass.
    let nothing = try qingyuan("test-rules", "--rule", "CR999")
    #expect(nothing.code == 64 && nothing.errorText.contains("no worked case covers CR999"))
    let folder = try TemporaryFolder("cases")
    let copy = folder + "pipelines"
    try FileManager.default.copyItem(atPath: Repository.secondPipeline, toPath: copy)
    let cases = copy + "/checks/loans.yaml"
    let text = try Files.text(cases).replacing(
      "given: { due_on: \"20260202\" }", with: "given: { due_on: \"20260203\" }"
    ).replacing("138****0000", with: "138****0001")
    try Data(text.utf8).write(to: URL(fileURLWithPath: cases))
    let failed = try qingyuan("test-rules", "--pipelines", copy)
    #expect(failed.code == 1)
    #expect(failed.outputText.contains("应还日期在先 退回"))
    #expect(failed.outputText.contains("读者电话 共享时脱敏"))
    #expect(failed.outputText.contains("shows \"138****0000\", expected \"138****0001\""))
    #expect(failed.outputText.contains("2 failed"))
  }

  @Test func `an authority rule with another owner fails its worked cases`() throws {
    let folder = try TemporaryFolder("owners")
    let copy = folder + "pipelines"
    try FileManager.default.copyItem(atPath: Repository.pipelines, toPath: copy)
    let path = copy + "/authority.yaml"
    var lines = try Files.text(path).split(separator: "\n", omittingEmptySubsequences: false)
    var swapped = 0
    for (index, line) in lines.enumerated() where line.hasPrefix("    owner: ") {
      // Both deliver whatever has an owner.
      let isOther = line.hasSuffix("MPS") || line.hasSuffix("MOT")
      lines[index] = "    owner: \(isOther ? "MEE" : "MOT")"
      swapped += 1
    }
    #expect(swapped == 23)
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
    // Ordinary cases take their time and are not what this is about.
    for name in try FileManager.default.contentsOfDirectory(atPath: copy + "/checks")
    where !name.hasPrefix("authority") {
      try FileManager.default.removeItem(atPath: copy + "/checks/" + name)
    }
    let failed = try qingyuan("test-rules", "--pipelines", copy)
    #expect(failed.code == 1, "\(failed.errorText)")
    for number in 1...23 {
      let rule = "AR\(number < 10 ? "0" : "")\(number)"
      #expect(failed.outputText.contains("  missing decision: \(rule) owner record "), "\(rule)")
    }
    #expect(failed.outputText.contains("not expected: decision AR01 owner record 3"))
    #expect(failed.outputText.contains("composed \"清源市示例路9号\", expected \"清源市示例路1号\""))
  }

  /// A copy of the definitions with the worked cases of matching alone, and one edit.
  private func matchingCases(
    _ file: String, _ old: String, _ new: String
  ) throws -> (code: Int32, text: String) {
    let folder = try TemporaryFolder("subjects")
    let copy = folder + "pipelines"
    try FileManager.default.copyItem(atPath: Repository.pipelines, toPath: copy)
    for name in try FileManager.default.contentsOfDirectory(atPath: copy + "/checks")
    where name != "matching.yaml" {
      try FileManager.default.removeItem(atPath: copy + "/checks/" + name)
    }
    let text = try Files.text(copy + "/" + file)
    #expect(text.contains(old), "\(old)")
    let edited = text.replacing(old, with: new)
    try Data(edited.utf8).write(to: URL(fileURLWithPath: copy + "/" + file))
    let result = try qingyuan("test-rules", "--pipelines", copy)
    return (result.code, result.outputText + result.errorText)
  }

  @Test(
    arguments: [
      (
        "checks/matching.yaml", "registration_no: \"510104000000029\" }\n    expect: { link",
        "registration_no: \"510104000000029\" }\n    expect: {} # { link",
        "link: found 91510104MAQY00013P by SM1, expected none"
      ),
      (
        "checks/matching.yaml", "rule: SC9, score: 40", "rule: SC9, score: 41",
        "missing candidate: 91510104MAQY00013P SC9 41"
      ),
      (
        "checks/matching.yaml", "rule: SC9, score: 40", "rule: SC9, score: 41",
        "not expected: candidate 91510104MAQY00013P SC9 40"
      ),
      (
        "checks/matching.yaml",
        "- { subject: \"91510104MAQY00013P\", rule: SC6, score: 80 }\n        - { subject: \"91510104MAQY00021J\", rule: SC6, score: 80 }",
        "- { subject: \"91510104MAQY00021J\", rule: SC6, score: 80 }\n        - { subject: \"91510104MAQY00013P\", rule: SC6, score: 80 }",
        "candidates: found in the order 91510104MAQY00013P SC6 80, 91510104MAQY00021J SC6 80"
      ),
      (
        "matching.yaml", "unknown-code: link", "unknown-code: candidate",
        "link: found none, expected 91510104MAQY00013P by SM2"
      ),
      (
        "matching.yaml", "steps: [half-width, lower-case, no-spaces]", "steps: [lower-case]",
        "全角括号、空格、间隔号和大小写只是写法"
      ),
      (
        "matching.yaml", "margin: 30", "margin: 100",
        "not expected: candidate 91510104MAQY0003XA SC8 45"
      ),
      ("matching.yaml", "near-length: 5", "near-length: 2", "名称太短"),
      (
        "matching.yaml", "deduction: 10", "deduction: 9",
        "not expected: candidate 91510104MAQY00013P SC3 79"
      ),
    ])
  func `a wrong case of matching fails, and so does a wrong definition`(
    file: String, old: String, new: String, says: String
  ) throws {
    let result = try matchingCases(file, old, new)
    #expect(result.code == 1, "\(result.text)")
    #expect(result.text.contains(says), "\(result.text)")
  }

  @Test(arguments: ["Q24", "R1", "W1", "fee", "逾期费", "LM03005", "M1", "LOAN", "BORROWER"])
  func `explain knows codes, rules, elements, lists, categories and entities`(_ name: String) throws
  {
    let result = try QingyuanProgram.run(["explain", name] + second)
    #expect(result.code == 0)
    #expect(result.outputText.contains("Origin: "))
  }

  @Test func `explain shows the form of an identifier in both languages, or in English`() throws {
    let both = try qingyuan("explain", "postal").outputText
    #expect(both.contains("6位数字,前两位为已分配的邮区\n6 digits whose first two"), "\(both)")
    let english = try qingyuan("explain", "postal", "--english").outputText
    #expect(!english.contains("6位数字") && english.contains("6 digits"), "\(english)")
    #expect(try qingyuan("explain", "uscc").outputText.contains("check uscc: 18位数字"))
  }

  @Test func `explain says who owns which elements`() throws {
    let rule = try qingyuan("explain", "AR06").outputText
    for part in [
      "entity LIC 资质许可信息, one for each licence_type_code + licence_no, severity note, version 1",
      "when:  licence_type_code in ('05', '06')", "owner: MEM 应急管理安全生产执法系统\n",
      "fallback: HUD 住房和城乡建设监管系统, then SAM 市场监管综合业务系统\n",
      "tie-break: latest licence_decision_date, then latest source_update_time",
      "  hazchem_items ", "处理建议:", "What to do: ", "Origin: assumed: ",
    ] {
      #expect(rule.contains(part), "\(rule)")
    }
    let person = try qingyuan("explain", "person", "--english").outputText
    #expect(person.contains("from CAS, one for each person_id_type_code + person_id_no\n"))
    #expect(person.contains("rules: AR14\n"), "\(person)")
    #expect(
      try qingyuan("explain", "AR23").outputText.contains("FIRST, whoever registered it first"))
  }

  @Test func `explain suggests what was meant`() throws {
    #expect(try qingyuan("explain", "fine_amuont").errorText.contains("fine_amount"))
  }

  @Test(arguments: ["markdown", "csv", "json-schema", "table-schema"])
  func `the catalog can be had in every form`(_ format: String) throws {
    let folder = try TemporaryFolder("export")
    let result = try QingyuanProgram.run(["catalog", "export", "--format", format])
    #expect(result.code == 0)
    switch format {
    case "markdown": #expect(result.outputText.contains("罚款金额"))
    case "csv":
      let rows = CSVSheet.rows(of: result.outputText)
      #expect(rows.count == 328)
      #expect(Set(rows.map(\.count)).count == 1)
    default:
      let written = try QingyuanProgram.run(
        ["catalog", "export", "--format", format, "--out", folder + "out"])
      #expect(written.code == 0)
      let names = Files.below(folder + "out")
      #expect(names.count == 18)
      for name in names { _ = try object(try Files.text(folder + "out/" + name)) }
      let one = try QingyuanProgram.run(
        ["catalog", "export", "--format", format, "--category", "pen"])
      #expect(try object(one.outputText).isEmpty == false)
    }
  }
}
