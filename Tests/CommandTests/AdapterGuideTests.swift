import Foundation
import TestSupport
import Testing

/// The thirteenth system of `Documentation/adapter-guide.md`, added as the page says: what the page shows is what
/// the program says.
@Suite("The adapter guide, followed to the letter")
struct AdapterGuideTests {
  private let folder: TemporaryFolder
  private let blocks: [Block]
  private var pipelines: String { folder + "Pipelines" }

  private struct Block {
    /// Heading of its section.
    var section: String
    var language: String
    var text: String
  }

  init() throws {
    folder = try TemporaryFolder("guide")
    blocks = Self.blocks(try Files.text(Repository.root + "/Documentation/adapter-guide.md"))
    try FileManager.default.copyItem(atPath: Repository.pipelines, toPath: folder + "Pipelines")
  }

  private static func blocks(_ page: String) -> [Block] {
    var result: [Block] = []
    var section = ""
    var open: Block?
    for line in page.components(separatedBy: "\n") {
      if let block = open {
        if line.hasPrefix("```") {
          result.append(block)
          open = nil
        } else {
          open?.text += line + "\n"
        }
      } else if line.hasPrefix("## ") {
        section = String(line.dropFirst(3))
      } else if line.hasPrefix("```") {
        open = Block(section: section, language: String(line.dropFirst(3)), text: "")
      }
    }
    return result
  }

  private func block(_ section: String, _ language: String, _ place: Int = 0) throws -> String {
    let found = blocks.filter { $0.section == section && $0.language == language }
    return try #require(found.indices.contains(place) ? found[place].text : nil, "\(section)")
  }

  // MARK: What a person does

  private func edit(_ file: String, _ change: (String) -> String) throws {
    let path = "\(pipelines)/\(file)"
    let text = try Files.text(path)
    let changed = change(text)
    try #require(changed != text, "\(file) has no place for it")
    try changed.write(toFile: path, atomically: true, encoding: .utf8)
  }

  private func append(_ text: String, to folder: String, prefix: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(pipelines)/\(folder)")
    let name = try #require(names.first { $0.hasPrefix(prefix) })
    try edit("\(folder)/\(name)") { old in
      // Behind the last code; other lists of the file may follow it.
      var lines = old.components(separatedBy: "\n")
      let last = lines.lastIndex { $0.hasPrefix("  - { code: ") } ?? lines.count - 1
      lines.insert(text.trimmingCharacters(in: .newlines), at: last + 1)
      return lines.joined(separator: "\n")
    }
  }

  /// Section 1 for a format and the categories that it delivers.
  private func name(_ format: String, _ encoding: String, _ categories: [String]) throws {
    let system = try block("1. Names", "yaml", 0)
      .replacingOccurrences(of: "format: json", with: "format: \(format)")
      .replacingOccurrences(of: "encoding: utf-8", with: "encoding: \(encoding)")
    try edit("systems.yaml") { $0 + system }
    try append(try block("1. Names", "yaml", 1), to: "catalog/code-lists", prefix: "CL01-")
    try append(try block("1. Names", "yaml", 2), to: "catalog/code-lists", prefix: "CL03-")
    for category in categories {
      try edit("catalog/categories/\(category).yaml") { text in
        text.replacing(/delivered-by: \[([^\]]*)\]/) { "delivered-by: [\($0.output.1), WAT]" }
      }
    }
  }

  private func adapter(_ text: String) throws {
    try text.write(toFile: pipelines + "/sources/WAT.yaml", atomically: true, encoding: .utf8)
  }

  private func run(_ command: String, _ more: String...) throws -> ProgramResult {
    try QingyuanProgram.run(
      command.split(separator: " ").map(String.init) + more + ["--pipelines", pipelines])
  }

  private func said(_ result: ProgramResult) -> String { result.outputText + result.errorText }

  // MARK: What the page promises

  @Test func `the system in JSON is added, read, judged, returned and corrected`() throws {
    try name("json", "utf-8", ["ENT", "LIC", "CMP"])
    let unused = try run("lint")
    #expect(said(unused).contains("system WAT has no adapter; add sources/WAT.yaml"))
    #expect(said(unused).contains("13 systems, 18 categories"))
    try adapter(try block("3. The adapter", "yaml"))
    let lint = try run("lint")
    #expect(lint.code == 0, "\(lint.errorText)")
    #expect(said(lint).contains("\"handling_result\" is required where"))

    let file = folder + "wat_20260302.json"
    try block("2. The file", "json").write(toFile: file, atomically: true, encoding: .utf8)
    let read = try QingyuanProgram.run(["read", file]).outputText
    #expect(read.contains("/users[1]/permits[1]/decision/no │ 清水许〔2024〕12号"))
    let check = try run("check", file, "--source", "WAT", "--category", "ENT")
    #expect(check.code == 1)
    #expect(check.outputText.contains("Q27 return ZF04002.check.uscc"), "\(check.outputText)")
    #expect(check.outputText.contains("columns: new (evolve): meters"))
    #expect(
      try run("check", file, "--source", "WAT", "--category", "LIC").outputText
        .contains("1 records, 1 accepted"))
    let meters = try block("5. Read and check", "yaml")
    try adapter(
      try block("3. The adapter", "yaml").replacingOccurrences(
        of: "      - { column: phone,", with: meters + "      - { column: phone,"))
    #expect(
      try !run("check", file, "--source", "WAT", "--category", "ENT").outputText
        .contains("columns:"))

    let home = folder + "home"
    func night(_ day: String) throws -> ProgramResult {
      try run("run --no-wait --night \(day)", "--home", home)
    }
    try folder.write("home/inbox/WAT/wat_20260302.json", try Files.bytes(file))
    let first = try night("2026-03-02")
    #expect(first.code == 1, "\(first.errorText)")
    #expect(first.outputText.contains("75.00 %"), "\(first.outputText)")
    func query(_ sql: String) throws -> String {
      try run("query --home \(home)", sql).outputText
    }
    #expect(
      try query("SELECT uscc, registered_capital FROM ENT").contains("91510104MAQY00013P  300.0"))
    let changes = try query(
      "SELECT ordinal, c.licensed_item FROM LIC JOIN LIC_each_changes AS c USING (record)")
    #expect(changes.contains("每年2万立方米") && changes.contains("每年3万立方米"), "\(changes)")

    let name = "wat_20260302.退回-ENT-1.json"
    let returned = try Files.text("\(home)/returns/WAT/2026-03-02/\(name)")
    #expect(returned.contains("\"退回问题代码\":\"Q27\"") && !returned.contains("U-0001"))
    try folder.write(
      "home/inbox/WAT/\(name)",
      Array(returned.replacingOccurrences(of: "K2P9Y", with: "K2P9X").utf8))
    let second = try night("2026-03-03")
    #expect(second.code <= 1, "\(second.errorText)")
    #expect(try query("SELECT count(*) AS n FROM ENT").contains("2"))
    #expect(try query("SELECT count(*) AS n FROM returned_record").contains("0"))
    let coverage = try run("coverage --system WAT", "--home", home).outputText
    #expect(coverage.contains("mapped") && coverage.contains("ZF04010 注册资本"))
  }

  @Test func `the same system in XML`() throws {
    try name("xml", "utf-8", ["ENT", "LIC"])
    try adapter(try block("The same system in XML", "yaml"))
    let lint = try run("lint")
    #expect(lint.code == 0, "\(lint.errorText)")
    let file = folder + "wat_20260302.xml"
    try block("The same system in XML", "xml").write(
      toFile: file, atomically: true, encoding: .utf8)
    let enterprises = try run("check", file, "--source", "WAT", "--category", "ENT").outputText
    #expect(enterprises.contains("2 records, 1 accepted, 1 would be returned"), "\(enterprises)")
    let licences = try run("check", file, "--source", "WAT", "--category", "LIC").outputText
    #expect(licences.contains("1 records, 1 accepted, 0 would be returned"), "\(licences)")
  }

  @Test func `the same system in CSV`() throws {
    try name("csv", "gb18030", ["LIC"])
    try adapter(try block("The same system in CSV", "yaml"))
    let lint = try run("lint")
    #expect(lint.code == 0, "\(lint.errorText)")
    let file = folder + "取水许可_20260301.csv"
    try folder.write(
      "取水许可_20260301.csv", gb18030(try block("The same system in CSV", "csv")))
    let check = try run("check", file, "--source", "WAT").outputText
    #expect(check.contains("Q31 return record.gatheredLines"), "\(check)")
    #expect(check.contains("2 records, 1 accepted, 1 would be returned"), "\(check)")
  }
}
