import Catalog
import Foundation
import Records
import Testing

@testable import PipelineDefinition

@Suite struct SecondPipelineTests {
  private let result = PipelineFolder.load(
    Repository.secondPipeline, knownChecks: checksOfTheProgram)

  @Test func `a correct folder has no problems`() {
    #expect(result.problems == [])
    #expect(result.uncoveredRules == [])
    #expect(!result.uncoveredIssues.contains(.q22))
    #expect(result.uncoveredIssues.contains(.q15))
  }

  @Test func `everything in the files is in the catalog`() throws {
    let catalog = try #require(result.catalog)
    #expect(catalog.systems.map(\.id) == ["LIB", "MUS", "GAR", "THE"])
    #expect(catalog.categories.map(\.id) == ["READER", "LOAN", "VISIT"])
    #expect(catalog.elements.count == 17)
    #expect(catalog.elementGroups.map(\.number) == [1, 2, 3])
    #expect(catalog.codeLists.map(\.id) == ["A1", "M1", "S1"])
    #expect(catalog.rules.map(\.id) == ["R1", "R2", "R3", "R4"])
    #expect(catalog.issueTypes.count == IssueCode.allCases.count)
    #expect(catalog.calendar.years == [2025, 2026])
    #expect(catalog.divisions.count == 3)
    #expect(catalog.industries.map(\.divisions) == [83...83, 86...90])
    #expect(catalog.nullSpellings["museum"] == ["", "none"])
    #expect(catalog.identifiers.map(\.kind) == ["mobile"])
    #expect(catalog.coreDomains.map(\.domain) == [.foodSafety])
    #expect(catalog.ruleSetHash.count == 32)
  }

  @Test func `approvals have what their file says, and defaults for the rest`() throws {
    let policy = try #require(result.catalog).approvals
    #expect(policy.firstApprovalWorkdays == 2 && policy.answerWorkdays == 6)
    #expect(policy.grantWorkdays == 20)
    #expect(policy.objectionVerifyWorkdays == 3 && policy.objectionCloseWorkdays == 6)
    #expect(policy.longestPeriodDays == 90)
    #expect(policy.firstApprovers == [] && policy.secondApprovers == ["文化局"])
  }

  @Test func `an element has what its entry says`() throws {
    let catalog = try #require(result.catalog)
    let fee = try #require(catalog.element("fee"))
    #expect(fee.id == "LM03005")
    #expect(fee.representation == .decimal(digits: 8, decimals: 2))
    #expect(fee.unit == "元")
    #expect(fee.tier == .public)
    #expect(fee.width == .fold)
    #expect(fee.origin == "assumed: an example")
    let name = try #require(catalog.element("reader_name"))
    #expect(name.tier == .restricted)
    #expect(name.width == .keep)
    #expect(catalog.element("phone")?.isAdvisory == true)
    #expect(catalog.element("medium_code")?.isMultiValued == true)
    #expect(catalog.element("borrowed_on")?.core == [.foodSafety])
    guard
      case .range(.element("borrowed_on", inclusive: true), nil) =
        try #require(catalog.element("returned_on")).domain
    else {
      Issue.record("the range of returned_on")
      return
    }
  }

  @Test func `a code list has labels, aliases and dates`() throws {
    let list = try #require(result.catalog?.codeList("M1"))
    #expect(list.values[0].synonyms == ["书", "纸质书"])
    #expect(list.values[1].until == CivilDate("2030-12-31"))
    #expect(list.aliases == [.init(label: "随书光盘", codes: ["01", "02"])])
    #expect(list.undecidable.map(\.label) == ["其他"])
    #expect(!list.isExtensible)
  }

  @Test func `a rule has parameters by system`() throws {
    let rule = try #require(result.catalog?.rules.first { $0.id == "R2" })
    #expect(rule.parameters == ["": ["grace": "2"], "LIB": ["grace": "3"]])
    #expect(rule.version == 2)
    #expect(rule.fixEnglish == "Enter the fee.")
    #expect(rule.when?.source == "returned_on present")
    #expect(rule.severity == .note)
  }

  @Test func `a category has keys, obligations and moves`() throws {
    let loan = try #require(result.catalog?.category("LOAN"))
    #expect(loan.entityKey == ["loan_no"])
    #expect(loan.isIssuerScoped)
    #expect(loan.elements.filter(\.isKey).map(\.element.identifier) == ["entry_no", "loan_no"])
    guard case .conditional(let condition) = loan.elements[10].obligation else {
      Issue.record("the obligation of fee")
      return
    }
    #expect(condition.source == "returned_on > due_on")
    #expect(result.catalog?.category("VISIT")?.moves.map(\.codes) == [["MUS"]])
  }

  @Test func `an adapter has what its file says`() throws {
    let catalog = try #require(result.catalog)
    let library = try #require(catalog.adapter("LIB"))
    #expect(library.delimiter == UInt8(ascii: ";"))
    #expect(library.readySigns == [.manifest, .stable])
    #expect(library.unreadableColumn == .dropValue)
    #expect(library.maximumReturnedShare == 0.25)
    #expect(library.minimumJudged == 20)
    #expect(library.mojibakeLimit == 0.05)
    #expect(library.footers == ["合计"])
    let loans = library.categories[1]
    #expect(loans.files == ["loan_*.csv", "借阅_*.csv"])
    #expect(loans.fullIf == "*full*")
    #expect(loans.columns[5].codes == ["录音": "02"])
    #expect(loans.columns[8].isOptional)
    #expect(loans.columns[9].unit == "千元")
    #expect(library.categories[0].delivery == .full)
    #expect(library.categories[0].columns[6].element == nil)
    let museum = try #require(catalog.adapter("MUS"))
    #expect(museum.delimiter == 9)
    #expect(museum.headerRows == 2)
    #expect(museum.categories[0].generated == ["entry_no": "delivery"])
    #expect(museum.contentHash != library.contentHash)
  }

  @Test func `the gate of the run stands for adapters that have none of their own`() throws {
    let folder = try TestFolder()
    try folder.edit(
      "nightly.yaml", "gate: { returned-share: 0.25 }",
      "gate: { returned-share: 0.5, minimum-records: 7, mojibake-share: 0.2, mojibake-characters: 9 }"
    )
    try folder.edit(
      "sources/LIB.yaml", "gate: { returned-share: 0.25 }", "gate: { mojibake-share: 0.9 }")
    let loaded = folder.load()
    #expect(loaded.errors.isEmpty, "\(loaded.errors)")
    let gates = try #require(loaded.catalog).adapters.map { adapter in
      "\(adapter.system) \(adapter.maximumReturnedShare) \(adapter.minimumJudged) "
        + "\(adapter.mojibakeLimit) \(adapter.minimumMojibake)"
    }
    #expect(gates == ["LIB 0.5 7 0.9 9", "MUS 0.5 7 0.2 9", "GAR 0.5 7 0.2 9", "THE 0.5 7 0.2 9"])
  }

  @Test func `the run has its settings`() {
    let settings = result.settings
    #expect(settings.thresholds.attainment == 0.95)
    #expect(settings.gate.returnedShare == 0.25)
    #expect(settings.gate.minimumJudged == 20)
    #expect(settings.chunk == .init(records: 512, bytes: 256 * 1024))
    #expect(settings.limits.xmlExpansionBytes == 1_000_000)
    #expect(settings.retention == .init(archiveDays: 30, returnsDays: 7))
    #expect(settings.pendingWorkdays == 5)
    #expect(settings.roles.operation == "action_code")
    #expect(settings.roles.deletionCode == "D")
    #expect(settings.roles.agency == nil)
  }

  @Test func `worked cases vary the base record`() throws {
    let file = try #require(result.workedCases.first)
    #expect(file.cases.count == 8)
    #expect(file.today == CivilDate("2026-03-02"))
    let case4 = file.cases[3]
    #expect(case4.system == "LIB")
    #expect(file.record(case4.given, category: "LOAN")["fee"] == "0")
    #expect(file.record(case4.given, category: "LOAN")["loan_no"] == "L1")
    let last = file.cases[7]
    #expect(file.record(last.given, category: "READER")["reader_name"] == nil)
    #expect(last.expect == [.init(code: .q11, severity: .return, element: "reader_name")])
    #expect(file.cases[6].today == CivilDate("2026-03-03"))
    #expect(file.cases[4].others["READER"]?.count == 1)
  }
}

@Suite struct ContentHashTests {
  @Test(arguments: [
    ("rules/LOAN.yaml", "category: LOAN", "# a comment\ncategory: LOAN"),
    ("rules/LOAN.yaml", "assumed: an example", "assumed: another example"),
    ("authority.yaml", "assumed: an example", "assumed: another example"),
    (
      "rules/LOAN.yaml", "    severity: return\n    issue: Q22",
      "    issue: Q22\n    severity: return"
    ),
    ("catalog/divisions.csv", "# Two places.", "# Three places."),
    ("catalog/issue-types.yaml", "fix-zh: 核对后重报", "fix-zh: 核对"),
    ("systems.yaml", "english: city museum visits", "english: museum"),
    ("checks/loans.yaml", "2026-03-02", "2026-03-04"),
    ("nightly.yaml", "records: 512", "records: 8"),
    ("sources/LIB.yaml", "also: [Card number]", "also: [Card no]"),
  ])
  func `what cannot change a verdict leaves the rule set's hash alone`(
    file: String, old: String, new: String
  ) throws {
    let folder = try TestFolder()
    let before = try #require(folder.load().catalog)
    try folder.edit(file, old, new)
    #expect(folder.load().catalog?.ruleSetHash == before.ruleSetHash)
  }

  @Test(arguments: [
    ("fallback: [GAR]", "fallback: NONE"), ("strategy: largest", "strategy: smallest"),
    ("system: GAR", "system: LIB"),
  ])
  func `what decides between records changes the policy's hash and no verdict`(
    old: String, new: String
  ) throws {
    let folder = try TestFolder()
    let before = try #require(folder.load().catalog)
    try folder.edit("authority.yaml", old, new)
    let after = try #require(folder.load().catalog)
    #expect(after.authority.hash != before.authority.hash)
    #expect(after.ruleSetHash == before.ruleSetHash)
  }

  @Test(arguments: [
    ("rules/LOAN.yaml", "<= 20", "<= 21"), ("catalog/elements/03-use.yaml", "[0,200]", "[0,201]"),
    ("catalog/code-lists/M1-media.yaml", "纸质书", "书本"),
    ("catalog/categories/VISIT.yaml", "conditional, when: \"origin_system = 'LIB'\"", "optional"),
    ("catalog/calendar/2026.yaml", "2026-10-10", "2026-10-11"),
    ("catalog/divisions.csv", "2020-01-01", "2020-01-02"),
    ("catalog/null-spellings.yaml", "[\"\", \"none\"]", "[\"\", \"nil\"]"),
    ("catalog/domains.yaml", "has '01'", "has '02'"),
    ("catalog/identifiers.yaml", "advisory: true", "advisory: false"),
  ])
  func `what can change a verdict changes the rule set's hash`(
    file: String, old: String, new: String
  ) throws {
    let folder = try TestFolder()
    let before = try #require(folder.load().catalog)
    try folder.edit(file, old, new)
    let after = try #require(folder.load().catalog)
    #expect(after.ruleSetHash != before.ruleSetHash)
    #expect(after.adapter("LIB")?.contentHash == before.adapter("LIB")?.contentHash)
  }

  @Test func `an adapter's hash follows its own file`() throws {
    let folder = try TestFolder()
    let before = try #require(folder.load().catalog)
    try folder.edit("sources/LIB.yaml", "also: [Card number]", "also: [Card no]")
    let after = try #require(folder.load().catalog)
    #expect(after.adapter("LIB")?.contentHash != before.adapter("LIB")?.contentHash)
    #expect(after.adapter("MUS")?.contentHash == before.adapter("MUS")?.contentHash)
  }
}

@Suite struct HostileFolderTests {
  @Test func `a folder that is not there is one problem`() {
    let result = PipelineFolder.load("/nowhere/at/all")
    #expect(result.problems.map(\.code) == [.missingFolder])
    #expect(result.catalog == nil)
  }

  @Test func `a file in the place of the folder is one problem`() throws {
    let folder = try TestFolder()
    let result = PipelineFolder.load(folder.file("systems.yaml").path)
    #expect(result.problems.map(\.code) == [.missingFolder])
  }

  @Test func `bytes that are not UTF-8 are located`() throws {
    let folder = try TestFolder()
    try Data([0x61, 0x0A, 0x62, 0xFF, 0x0A]).write(to: folder.file("checks/more.yaml"))
    let problem = try #require(folder.load().problems.first)
    #expect(problem.code == .invalidEncoding)
    #expect(problem.place == Place(file: "checks/more.yaml", line: 2))
  }

  @Test func `a byte-order mark and CRLF do no harm`() throws {
    let folder = try TestFolder()
    for file in ["systems.yaml", "rules/LOAN.yaml", "catalog/divisions.csv"] {
      let text = try folder.text(file)
      try folder.write("\u{FEFF}" + text.replacingOccurrences(of: "\n", with: "\r\n"), to: file)
    }
    #expect(folder.load().problems == [])
  }

  @Test func `a link out of the folder is not followed`() throws {
    let folder = try TestFolder()
    for (link, target) in [("checks/a.yaml", "/etc/passwd"), ("checks/b.yaml", "gone.yaml")] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.file(link).path, withDestinationPath: target)
    }
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("checks/c").path, withDestinationPath: "/etc")
    #expect(
      folder.load().problems.map(\.code) == [.linkOutOfFolder, .linkOutOfFolder, .linkOutOfFolder])
  }

  @Test func `a link inside the folder is followed`() throws {
    let folder = try TestFolder()
    try FileManager.default.moveItem(
      at: folder.file("checks/loans.yaml"), to: folder.file("loans.md"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("checks/loans.yaml").path, withDestinationPath: "../loans.md")
    #expect(folder.load().problems == [])
  }

  @Test func `folders too deep are not entered`() throws {
    let folder = try TestFolder()
    let deep = "checks" + String(repeating: "/x", count: 20)
    try FileManager.default.createDirectory(
      at: folder.file(deep), withIntermediateDirectories: true)
    #expect(folder.load().problems.map(\.code) == [.unreadableFile])
  }

  /// Cuts every file short at many places: nothing may trap, and damage is never silent.
  @Test func `a file cut anywhere is read without a crash`() throws {
    let folder = try TestFolder()
    for file in [
      "rules/LOAN.yaml", "sources/LIB.yaml", "checks/loans.yaml", "nightly.yaml", "authority.yaml",
    ] {
      let text = try folder.text(file)
      for length in stride(from: 0, to: text.count, by: 61) {
        try folder.write(String(text.prefix(length)), to: file)
        _ = folder.load()
      }
      try folder.write(text, to: file)
    }
    #expect(folder.load().problems == [])
  }

  /// Changes single bytes at places drawn from a fixed seed.
  @Test func `a file with damaged bytes is read without a crash`() throws {
    let folder = try TestFolder()
    var state: UInt64 = 20_260_301
    func next(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    let files = [
      "rules/LOAN.yaml", "sources/LIB.yaml", "catalog/divisions.csv", "systems.yaml",
      "authority.yaml",
    ]
    let signs = Array("&*[]{}:,-?!|>'\"%@`#\n\t 0\u{0}\u{FF}".utf8)
    for round in 0..<80 {
      let file = files[round % files.count]
      let text = try folder.text(file)
      var bytes = Array(text.utf8)
      for _ in 0...next(4) { bytes[next(bytes.count)] = signs[next(signs.count)] }
      try Data(bytes).write(to: folder.file(file))
      _ = folder.load()
      try folder.write(text, to: file)
    }
    #expect(folder.load().problems == [])
  }

  @Test func `two reads give the same problems in the same order`() throws {
    let folder = try TestFolder()
    try folder.remove("catalog/groups.yaml")
    try folder.edit("rules/LOAN.yaml", "due_on > borrowed_on", "due > borrowed & lent")
    let first = folder.load().problems
    #expect(first.count > 4)
    #expect(first == folder.load().problems)
    #expect(first == first.sorted())
  }
}
