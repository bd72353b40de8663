/// Lines put into a text, and what that looks like as a patch.
struct InsertedLines {
  /// Lines shown around the change, as diff does.
  private static let context = 3

  private let old: [String]
  private let hasLastNewline: Bool
  private let added: [String]
  /// Lines before the new ones.
  private let position: Int

  /// - Parameters:
  ///   - position: Lines of `text` before the new ones.
  ///   - added: Without line ends.
  init(_ added: [String], after position: Int, in text: String) {
    (old, hasLastNewline) = Self.lines(of: text)
    self.position = position
    // Whatever ends the lines of the file ends the new ones.
    let end = position > 0 && old[position - 1].unicodeScalars.last == "\r" ? "\r" : ""
    self.added = added.map { $0 + end }
  }

  /// The lines of a text without their line feeds; a carriage return stays part of its line.
  static func lines(of text: String) -> (lines: [String], hasLastNewline: Bool) {
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String(String.UnicodeScalarView($0)) }
    let hasLastNewline = lines.last?.isEmpty ?? true
    if hasLastNewline { lines.removeLast() }
    return (lines, hasLastNewline)
  }

  var text: String {
    (old[..<position] + added + old[position...]).map { $0 + "\n" }.joined()
  }

  /// A unified diff that `patch -p1` and `git apply` take in the folder to which `path` is relative.
  func unifiedDiff(_ path: String) -> String {
    let first = max(0, position - Self.context)
    let last = min(old.count, position + Self.context)
    var before = old[first..<position].map { " " + $0 }
    var after = old[position..<last].map { " " + $0 }
    let plus = added.map { "+" + $0 }
    let mark = "\\ No newline at end of file"
    if !hasLastNewline, last == old.count, let end = old.last {
      // The last line gets its line feed, so it is a changed one.
      let changed = ["-" + end, mark, "+" + end]
      if after.isEmpty {
        before = before.dropLast() + changed
      } else {
        after = after.dropLast() + changed
      }
    }
    let start = last == first ? 0 : first + 1
    return """
      --- a/\(path)
      +++ b/\(path)
      @@ -\(start),\(last - first) +\(first + 1),\(last - first + added.count) @@

      """ + (before + plus + after).map { $0 + "\n" }.joined()
  }
}
