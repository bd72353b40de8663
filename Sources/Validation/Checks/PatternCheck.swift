import Catalog

/// Accuracy: a text has the pattern of its element (Q21).
struct PatternTest {
  let check: Int
  private let pattern: Pattern

  /// - Returns: nil if the element has no pattern.
  /// - Throws: `PatternError` for what the linter would have reported.
  init?(_ element: DataElement, _ registry: inout CheckRegistry) throws {
    guard case .pattern(let text) = element.domain else { return nil }
    pattern = try Pattern.compiled(text)
    check = registry.add(
      element, .q21, "pattern", chinese: "符合样式(正则表达式)\(text)", english: "the pattern \(text)")
  }

  func fits(_ value: Span<UInt8>) -> Bool { pattern.matches(value) }
}
