import ArgumentParser
import Catalog
import Foundation
import PipelineDefinition

struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Check the whole folder of definitions; report every problem.",
    discussion: """
      Exit 0 no errors (with --strict no warnings either); 2 there are some, each with file and line; \
      64 wrong usage.
      """)

  @OptionGroup var pipeline: PipelineOptions

  @Flag(help: "Treat warnings as errors.")
  var strict = false

  func run() throws {
    let result = Definitions.load(pipeline.pipelines)
    for problem in result.problems { print(problem) }
    let failed = !result.errors.isEmpty || (strict && !result.warnings.isEmpty)
    if failed {
      throw CommandFailure(
        CommandFailure.configuration,
        "\(pipeline.pipelines): \(result.errors.count) errors, \(result.warnings.count) warnings")
    }
    guard let catalog = result.catalog else { return }
    print(
      "\(pipeline.pipelines): \(catalog.systems.count) systems, \(catalog.categories.count) "
        + "categories, \(catalog.elements.count) data elements, \(catalog.codeLists.count) code lists, "
        + "\(catalog.rules.count) rules, \(catalog.authority.rules.count) authority rules, "
        + "\(catalog.issueTypes.count) issue types; "
        + "\(result.warnings.count) warnings")
  }
}
