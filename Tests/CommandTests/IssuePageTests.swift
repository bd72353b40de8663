import Foundation
import TestSupport
import Testing

@Suite("The reference of issue types")
struct IssuePageTests {
  private func export(_ pipelines: String) throws -> ProgramResult {
    try QingyuanProgram.run(
      "catalog", "export", "--format", "issues", "--pipelines", pipelines)
  }

  @Test func `the page in the documentation is the one that the catalog gives`() throws {
    let result = try export(Repository.pipelines)
    #expect(result.code == 0, "\(result.errorText)")
    let page = try Files.bytes(Repository.root + "/Documentation/issue-types.md")
    #expect(
      result.output == page,
      "write it anew: qingyuan catalog export --format issues > Documentation/issue-types.md")
  }

  @Test func `every issue has a section and every rule stands in one of them`() throws {
    let text = try export(Repository.pipelines).outputText
    let sections = text.components(separatedBy: "\n## ").dropFirst()
    let issues = try Files.text(Repository.pipelines + "/catalog/issue-types.yaml")
      .split(separator: "\n").compactMap { line in
        line.hasPrefix("  - code: ") ? String(line.dropFirst("  - code: ".count)) : nil
      }
    #expect(issues.count == 21)
    #expect(sections.map { String($0.prefix(3)) } == issues)
    for file in Files.below(Repository.pipelines + "/rules") {
      var rule = ""
      for line in try Files.text(Repository.pipelines + "/rules/" + file).split(separator: "\n") {
        if line.hasPrefix("  - id: ") { rule = String(line.dropFirst("  - id: ".count)) }
        guard line.hasPrefix("    issue: ") else { continue }
        let issue = line.dropFirst("    issue: ".count)
        let holding = sections.filter { $0.contains("\n| \(rule) | ") }.map { $0.prefix(3) }
        #expect(holding == [issue], "\(rule)")
      }
    }
  }

  @Test func `no line of text is longer than 110 characters`() throws {
    let long = try export(Repository.pipelines).outputLines.filter {
      $0.count > 110 && !$0.hasPrefix("|")
    }
    #expect(long.isEmpty, "\(long)")
  }

  /// Checks are those of the elements that the definitions have, and of no others.
  @Test func `the required elements of a small pipeline are those of its categories`() throws {
    let text = try export(Repository.secondPipeline).outputText
    var required: Set<String> = []
    let folder = Repository.secondPipeline + "/catalog/categories"
    for file in Files.below(folder) {
      for line in try Files.text(folder + "/" + file).split(separator: "\n")
      where line.contains("obligation: required") && !line.contains("key: true") {
        let name = line.components(separatedBy: "element: ").last?.prefix { $0 != "," } ?? ""
        required.insert(try id(of: String(name)))
      }
    }
    let section = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix("Q11") })
    let lines = section.components(separatedBy: "\n")
    let start = try #require(lines.firstIndex { $0.hasPrefix("- `required`") })
    let ids = lines[(start + 1)...].prefix { $0.hasPrefix("  ") }.flatMap {
      $0.split(separator: " ").map(String.init)
    }
    #expect(!ids.isEmpty && Set(ids) == required)
    #expect(lines[start].contains(", \(required.count) elements;"), "\(lines[start])")
  }

  /// The number of an element, looked up in the text of its file.
  private func id(of identifier: String) throws -> String {
    let folder = Repository.secondPipeline + "/catalog/elements"
    let lines = try Files.below(folder).flatMap {
      try Files.text(folder + "/" + $0).components(separatedBy: "\n")
    }
    let place = try #require(lines.firstIndex(of: "    identifier: \(identifier)"))
    return String(lines[place - 1].drop { $0 != ":" }.dropFirst(2))
  }
}
