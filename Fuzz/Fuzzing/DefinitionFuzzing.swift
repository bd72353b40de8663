import Validation

@testable import PipelineDefinition

/// Any text as a file of the pipeline folder, which its first line names (`# rules/LOAN.yaml`): problems
/// and no crash, every problem at a place of the file, and the same problems every time.
enum DefinitionFuzzing {
  static func run(_ input: FuzzInput) {
    guard let text = String(validating: input.bytes, as: UTF8.self) else { return }
    let file = SourceFile(path: path(text), text: text)
    let problems = load([file])
    expect(problems == load([file]), "the same problems every time")
    let lines = 1 + text.unicodeScalars.count { lineBreaks.contains($0) }
    for problem in problems where problem.place.file == file.path {
      expect((0...lines + 1).contains(problem.place.line), "\(problem) lies in \(lines) lines")
      expect(problem.place.column >= 0, "\(problem) has a column")
    }
  }

  /// What YAML takes for the end of a line.
  private static let lineBreaks: Set<Unicode.Scalar> = [
    "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}",
  ]

  private static func path(_ text: String) -> String {
    guard text.hasPrefix("# ") else { return "rules/LOAN.yaml" }
    return String(text.dropFirst(2).prefix { !$0.isNewline })
  }

  private static func load(_ files: [SourceFile]) -> [Problem] {
    let log = ProblemLog()
    let definitions = FolderLoader.load(files, log: log)
    let abilities = Abilities(checks: nil) { text in
      do {
        _ = try Pattern.compiled(text)
        return nil
      } catch {
        return "\(error)"
      }
    }
    _ = Linter.run(definitions, abilities, log: log)
    return Set(log.problems).sorted()
  }
}
