import ArgumentParser
import Catalog
import Foundation
import Pipeline
import PipelineDefinition
import Standardization
import Validation

struct IDCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "id", abstract: "Judge identifiers: credit codes, identity numbers, licences …",
    discussion: """
      Exit 0 if all are valid (warnings count as valid), 1 if one is not. The raw value is judged; \
      --normalize standardizes it first. 64 wrong usage, an unknown kind.
      """)

  @Argument(help: "Kind: \(IdentifierKind.allCases.map(\.rawValue).joined(separator: ", ")).")
  var kind: String

  @Argument(help: "Values.")
  var values: [String]

  @Flag(help: "Standardize the value first: width, case, spaces, brackets.")
  var normalize = false

  @Option(help: "Type of licence for licence_by_type, e.g. 01.")
  var licenceType: String?

  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    guard let kind = IdentifierKind(rawValue: kind) else {
      let names = IdentifierKind.allCases.map(\.rawValue)
      throw CommandFailure(
        CommandFailure.usage,
        "\(kind) is no kind of identifier; there are \(names.joined(separator: ", "))")
    }
    var context = IdentifierContext(
      today: Int(LocalClock.now() / 86_400), divisions: divisions(for: kind))
    context.isResidentIdentityCard = true
    context.licenceType = licenceType.flatMap { Int($0) }
    var isAllValid = true
    for value in values {
      let text = normalize ? normalized(value, kind) : value
      let bytes = Array(text.utf8)
      let verdict =
        bytes.isEmpty ? .invalid(.length(found: 0, expected: 1)) : kind.check(bytes.span, context)
      switch verdict {
      case .valid: print("\(text) valid")
      case .notApplicable: print("\(text) not applicable: no known form for this type")
      case .warning(let reason):
        print("\(text) valid, with a warning: \(reason.english(showsCharacters: true))")
      case .invalid(let reason):
        print("\(text) invalid: \(reason.english(showsCharacters: true))")
        isAllValid = false
      }
    }
    if !isAllValid { throw ExitCode(CommandFailure.findings) }
  }

  /// The table of divisions, if the definitions are at hand; identifiers work without them.
  private func divisions(for kind: IdentifierKind) -> DivisionTable? {
    guard kind == .division || kind == .residentID || kind == .residentIDIf111,
      let catalog = Definitions.load(pipeline.pipelines).catalog
    else { return nil }
    return divisionTable(catalog.divisions)
  }

  private func normalized(_ value: String, _ kind: IdentifierKind) -> String {
    IdentifierSpelling.standard(value, kind: kind.rawValue)
  }
}
