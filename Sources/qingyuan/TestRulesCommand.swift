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

  @Option(help: "Only cases that cover this rule.")
  var rule: String?

  func run() throws {
    let (catalog, settings, result) = try pipeline.load()
    let runner = WorkedCaseRunner(catalog, RunConfiguration(settings))
    var passed = 0
    var failed = 0
    for file in result.workedCases {
      for test in file.cases where rule.map(test.covers.contains) ?? true {
        let differences = try runner.differences(test, in: file)
        if differences.isEmpty {
          passed += 1
        } else {
          failed += 1
          print("\(file.path):\(test.place.line) \(test.name)")
          for difference in differences { print("  \(difference)") }
        }
      }
    }
    print("\(passed) passed, \(failed) failed")
    if failed > 0 { throw ExitCode(CommandFailure.findings) }
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
