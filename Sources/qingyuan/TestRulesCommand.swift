import ArgumentParser
import Catalog
import Pipeline
import PipelineDefinition
import Records

struct TestRulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test-rules", abstract: "Judge the worked cases of checks/ and compare.",
    discussion: """
      Exit 0 all cases pass; 1 one does not, each with file and line; 2 the definitions are wrong; 64 \
      wrong usage.
      """)

  @OptionGroup var pipeline: PipelineOptions

  @Option(
    help:
      "Only cases that cover this rule, negative-list item, tier condition, authority or matching rule."
  )
  var rule: String?

  func run() throws {
    let (catalog, settings, result) = try pipeline.load()
    let runner = WorkedCaseRunner(catalog, RunConfiguration(settings))
    let sharing = SharingCaseRunner(catalog, RunConfiguration(settings))
    let authority = AuthorityCaseRunner(catalog, RunConfiguration(settings))
    let subjects = SubjectCaseRunner(catalog, RunConfiguration(settings))
    var tally = Tally()
    for file in result.workedCases {
      for test in file.cases where rule.map(test.covers.contains) ?? true {
        tally.add(test.name, test.place, try runner.differences(test, in: file))
      }
      for test in file.sharing where rule.map(test.covers.contains) ?? true {
        tally.add(test.name, test.place, try sharing.differences(test, in: file))
      }
      for test in file.authority where rule.map(test.covers.contains) ?? true {
        tally.add(test.name, test.place, try authority.differences(test, in: file))
      }
      for test in file.subjects where rule.map(test.covers.contains) ?? true {
        tally.add(test.name, test.place, try subjects.differences(test))
      }
    }
    if let rule, tally.passed + tally.failed == 0 {
      let known = Set(
        result.workedCases.flatMap { file in
          file.cases.flatMap(\.covers) + file.sharing.flatMap(\.covers)
            + file.authority.flatMap(\.covers) + file.subjects.flatMap(\.covers)
        })
      let hint = suggestion(for: rule, among: known.sorted()).map { "; did you mean \($0)?" } ?? ""
      throw CommandFailure(CommandFailure.usage, "no worked case covers \(rule)\(hint)")
    }
    print("\(tally.passed) passed, \(tally.failed) failed")
    if tally.failed > 0 { throw ExitCode(CommandFailure.findings) }
  }

  /// Counts cases and shows those that fail.
  private struct Tally {
    var passed = 0
    var failed = 0

    mutating func add(_ name: String, _ place: Place, _ differences: [String]) {
      guard !differences.isEmpty else {
        passed += 1
        return
      }
      failed += 1
      print("\(place.file):\(place.line) \(name)")
      for difference in differences { print("  \(difference)") }
    }
  }
}

/// Compares what a worked case expects with what the product finds.
struct WorkedCaseRunner {
  private let judge: CaseJudge

  init(_ catalog: Catalog, _ configuration: RunConfiguration) {
    judge = CaseJudge(catalog, configuration)
  }

  /// - Returns: A sentence per finding that is missing or too many; empty if the case passes.
  func differences(_ test: WorkedCase, in file: WorkedCaseFile) throws -> [String] {
    let record = file.record(test.given, category: test.category)
    var others: [String: [[String: String]]] = [:]
    for (category, records) in test.others {
      others[category] = records.map { file.record($0, category: category) }
    }
    let today = test.today ?? file.today
    let found = try judge.findings(
      in: record, category: test.category, others: others, system: test.system,
      today: today?.dayNumber ?? 0)
    var open = found
    var lines: [String] = []
    for expected in test.expect {
      let match = open.firstIndex { finding in
        finding.code == expected.code && finding.severity == expected.severity
          && (expected.rule.map { $0 == finding.rule } ?? true)
          && (expected.element.map { $0 == finding.element } ?? true)
      }
      if let match {
        open.remove(at: match)
      } else {
        let name = expected.rule ?? expected.element ?? ""
        lines.append("missing \(expected.code.rawValue) \(name) \(expected.severity.rawValue)")
      }
    }
    for finding in open {
      lines.append(
        "not expected: \(finding.code.rawValue) \(finding.rule) \(finding.element ?? "") "
          + "\(finding.severity.rawValue), found \"\(finding.value)\", expected "
          + finding.expectedEnglish)
    }
    return lines
  }
}
