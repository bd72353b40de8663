import Foundation
import FoundationXML
import TestSupport
import Testing

/// Documents for readers, against the warehouse of the three sample nights.
@Suite("Documents for readers of the warehouse", .serialized)
struct PublishedDocumentsTests {
  /// Loaded once: three nights of twelve systems.
  private static let sample = Result {
    let home = try CommandHome()
    for (folder, night) in [
      ("night-1", "2026-03-06"), ("night-2", "2026-03-07"), ("night-3", "2026-03-08"),
    ] {
      let path = "\(Repository.root)/SampleData/\(folder)"
      for name in Files.below(path) {
        try home.deliver(
          String(name.dropFirst(4)), Files.bytes(path + "/" + name), system: String(name.prefix(3)))
      }
      let result = try home.night(night)
      try #require(result.code <= 1, "\(result.errorText)")
    }
    return home
  }

  private func home() throws -> CommandHome { try Self.sample.get() }

  /// Blocks of a document in one language.
  private func blocks(_ language: String) throws -> [String] {
    let text = try Files.text("\(Repository.root)/Documentation/reading-the-warehouse.md")
    return text.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
      $0.components(separatedBy: "\n```").first
    }
  }

  @Test func `every query of the guide runs and answers`() throws {
    let queries = try blocks("sql")
    #expect(queries.count == 9)
    for query in queries {
      let rows = try home().query(query)
      #expect(!rows.isEmpty, "\(query)")
      #expect(rows.allSatisfy { row in row.values.contains { !($0 is NSNull) } })
    }
    let programs = try blocks("python")
    #expect(programs.count == 2)
    for program in programs {
      let result = try Program(
        "/usr/bin/env",
        ["python3", "-c", program, try home().path + "/warehouse/warehouse.sqlite"]
      ).wait()
      #expect(result.code == 0, "\(result.errorText)")
      // Python's csv ends its lines with CR and LF, which are one character here.
      #expect(result.outputText.split(whereSeparator: \.isNewline).count > 3, "\(program)")
    }
  }

  /// What the file itself says of its views.
  private func columns() throws -> [String: [String]] {
    let rows = try home().query(
      "SELECT s.name AS view, t.name AS column_name FROM sqlite_schema AS s, "
        + "pragma_table_info(s.name) AS t WHERE s.type = 'view' ORDER BY s.name, t.cid")
    return Dictionary(grouping: rows) { $0["view"] as? String ?? "" }
      .mapValues { $0.compactMap { $0["column_name"] as? String } }
  }

  @Test func `the dictionary has every column of every view, in two languages`() throws {
    let file = try home().folder + "dictionary.html"
    let result = try home().run("dictionary", "--format", "html", "--out", file)
    #expect(result.code == 0, "\(result.errorText)")
    let page = try Page(Files.bytes(file))
    let views = try columns()
    #expect(views.count > 60 && Set(page.tables.keys) == Set(views.keys))
    for (view, columns) in views {
      #expect(page.tables[view]?.map { $0.first ?? "" } == columns, "\(view)")
    }
    for row in page.tables.values.joined() {
      // Name, both languages; no column goes without.
      #expect(row.count == 7)
      #expect(row[1].contains { !$0.isASCII }, "\(row)")
      #expect(["INTEGER", "REAL", "TEXT"].contains(row[2]), "\(row)")
    }
    let name = try #require(page.tables["ENT"]?.first { $0[0] == "subject_name" })
    #expect(name[1] == "主体名称subject name" || name[1].hasPrefix("主体名称"))
    #expect(name[6].contains("AR01"), "\(name)")
    let identity = try #require(page.tables["ENT"]?.first { $0[0] == "legal_rep_id_no" })
    #expect(identity[5].hasPrefix("受限使用类"))
    #expect(page.tables["VIO"]?.first { $0[0] == "uscc" }?[5].hasPrefix("内部共享类") == true)
    // Nothing from elsewhere, and no script.
    let text = try Files.text(file).replacingOccurrences(
      of: "http://www.w3.org/1999/xhtml", with: "")
    for word in ["http:", "https:", "src=", "<script", "@import", "url("] {
      #expect(!text.contains(word), "\(word)")
    }
    #expect(text.contains("name=\"viewport\"") && text.contains("@media(max-width"))
    #expect(page.anchors.isSubset(of: page.names), "\(page.anchors.subtracting(page.names))")
  }

  @Test func `the dictionary says how good the last night was`() throws {
    let result = try home().run("dictionary", "--format", "markdown")
    #expect(result.code == 0)
    let rows = try home().query(
      "SELECT night, sum(accepted_first) AS a, sum(returned_first) AS r FROM delivery_ledger "
        + "WHERE category = 'PEN' GROUP BY night ORDER BY night DESC LIMIT 1")
    let night = try #require(rows.first?["night"] as? String)
    let (accepted, returned) = (
      try #require(rows.first?["a"] as? Int), try #require(rows.first?["r"] as? Int)
    )
    let hundredths = accepted * 10_000 / (accepted + returned)
    let share = String(format: "%d.%02d %%", hundredths / 100, hundredths % 100)
    let section = try #require(
      result.outputText.components(separatedBy: "\n## `PEN` ").last?
        .components(separatedBy: "\n## ").first)
    #expect(section.contains("最近 Last: \(night) "), "\(section.prefix(200))")
    #expect(section.contains("attainment \(share)"), "\(section.prefix(200))")
    // The name of the file says the form, too.
    let file = try home().folder + "dictionary.MD"
    #expect(try home().run("dictionary", "--out", file).code == 0)
    #expect(try Files.text(file) == result.outputText)
    // Without a warehouse it is a dictionary all the same.
    let empty = try QingyuanProgram.run([
      "dictionary", "--format", "markdown", "--home", try home().folder + "none", "--pipelines",
      Repository.secondPipeline,
    ])
    #expect(empty.code == 0 && empty.outputText.contains("Without a warehouse"))
    #expect(empty.outputText.contains("## `VISIT_each_groups` 参观:同行团体"))
  }
}

/// A page of the dictionary, read as XML.
private final class Page: NSObject, XMLParserDelegate {
  /// Cells by section, then row.
  private(set) var tables: [String: [[String]]] = [:]
  private(set) var names: Set<String> = []
  private(set) var anchors: Set<String> = []
  private var section = ""
  private var cell: String?

  init(_ bytes: [UInt8]) throws {
    super.init()
    let parser = XMLParser(data: Data(bytes))
    parser.delegate = self
    let isWhole = parser.parse()
    try #require(isWhole, "\(String(describing: parser.parserError)) at line \(parser.lineNumber)")
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    if let id = attributes["id"] { names.insert(id) }
    if name == "a", let target = attributes["href"] { anchors.insert(String(target.dropFirst())) }
    switch name {
    case "section":
      section = attributes["id"].map { $0.hasPrefix("view-") ? String($0.dropFirst(5)) : "" } ?? ""
    case "tr" where !section.isEmpty: tables[section, default: []].append([])
    case "td": cell = ""
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) { cell? += text }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    guard name == "td" || name == "thead" else { return }
    if name == "thead" {
      tables[section]?.removeLast()
      return
    }
    if !section.isEmpty, let cell, let last = tables[section]?.indices.last {
      tables[section]?[last].append(cell)
    }
    cell = nil
  }
}
