/// Something wrong in the pipeline folder.
///
/// Problems are values: all of them are collected before anything is shown.
package struct Problem: Sendable, Hashable {
  package enum Severity: String, Sendable {
    case error
    case warning
  }

  package var code: ProblemCode
  package var place: Place
  /// What was found, what was expected and what to do, in one or two sentences.
  package var message: String
  /// The name that was probably meant.
  package var suggestion: String?

  package init(
    _ code: ProblemCode, at place: Place, _ message: String, suggestion: String? = nil
  ) {
    self.code = code
    self.place = place
    self.message = message
    self.suggestion = suggestion
  }

  package var severity: Severity { code.severity }
}

extension Problem: CustomStringConvertible {
  /// `rules/PEN.yaml:12:5: error: … [unknown-element]`.
  package var description: String {
    let hint = suggestion.map { "; did you mean \"\($0)\"?" } ?? ""
    return "\(place): \(severity.rawValue): \(message)\(hint) [\(code.rawValue)]"
  }
}

extension Problem: Comparable {
  /// By place, then by code and text, so that a list of problems is the same every time.
  package static func < (left: Self, right: Self) -> Bool {
    if left.place != right.place { return left.place < right.place }
    if left.code != right.code { return left.code.rawValue < right.code.rawValue }
    return left.message < right.message
  }
}

/// Where something stands in the folder.
package struct Place: Sendable, Hashable {
  /// Path relative to the folder.
  package var file: String
  /// From 1; 0 stands for the file as a whole.
  package var line: Int
  /// From 1, in Unicode scalars; 0 stands for the line as a whole.
  package var column: Int

  package init(file: String, line: Int = 0, column: Int = 0) {
    self.file = file
    self.line = line
    self.column = column
  }
}

extension Place: Comparable, CustomStringConvertible {
  package static func < (left: Self, right: Self) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }

  package var description: String {
    if line == 0 { return file }
    return column == 0 ? "\(file):\(line)" : "\(file):\(line):\(column)"
  }
}

/// Collects problems while files are read.
final class ProblemLog {
  private(set) var problems: [Problem] = []

  func report(
    _ code: ProblemCode, at place: Place, _ message: String, suggestion: String? = nil
  ) {
    problems.append(Problem(code, at: place, message, suggestion: suggestion))
  }
}
