import Standardization

/// The form of one kind of licence number, in a small pattern language.
///
/// | written | stands for |
/// |---|---|
/// | `\P` | abbreviation of a province |
/// | `\H` | one Han character |
/// | `\d` | one ASCII digit |
/// | `[A-D]`, `[AB]` | one ASCII character of the class |
/// | anything else | itself |
/// | `?`, `{4}`, `{4,6}` | how often the one before stands |
///
/// The whole value must match. There are no groups and no alternatives: list several patterns.
package struct LicencePattern: Sendable {
  private enum Element: Sendable {
    case province
    case han
    case scalar(Unicode.Scalar)
    /// Bit per ASCII character, low then high half.
    case ascii(UInt64, UInt64)
  }

  private struct Token: Sendable {
    var element: Element
    var least = 1
    var most = 1
  }

  /// As written.
  package let text: String
  private let tokens: [Token]

  /// - Returns: nil if the text is no pattern: an open bracket, an unknown escape, a bad count.
  package init?(_ text: String) {
    self.text = text
    var tokens: [Token] = []
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      switch scalar {
      case "\\":
        guard let element = Self.escaped(scalars.popFirst()) else { return nil }
        tokens.append(Token(element: element))
      case "[":
        guard let element = Self.characterClass(&scalars) else { return nil }
        tokens.append(Token(element: element))
      case "?":
        guard let last = tokens.indices.last else { return nil }
        tokens[last].least = 0
      case "{":
        guard let last = tokens.indices.last, let range = Self.count(&scalars) else { return nil }
        tokens[last].least = range.lowerBound
        tokens[last].most = range.upperBound
      default: tokens.append(Token(element: .scalar(scalar)))
      }
    }
    self.tokens = tokens
  }

  /// Whether the whole value has this form.
  package func matches(_ value: Span<UInt8>) -> Bool {
    matches(value, at: 0, token: 0, taken: 0)
  }

  private func matches(_ value: Span<UInt8>, at index: Int, token: Int, taken: Int) -> Bool {
    guard token < tokens.count else { return index == value.count }
    let current = tokens[token]
    if taken < current.most, index < value.count {
      var next = index
      let scalar = decodeScalar(value, at: &next)
      if accepts(current.element, scalar),
        matches(value, at: next, token: token, taken: taken + 1)
      {
        return true
      }
    }
    return taken >= current.least && matches(value, at: index, token: token + 1, taken: 0)
  }

  private func accepts(_ element: Element, _ scalar: Unicode.Scalar) -> Bool {
    switch element {
    case .province: return isProvince(scalar)
    case .han: return isHan(scalar)
    case .scalar(let expected): return scalar == expected
    case .ascii(let low, let high):
      guard scalar.value < 128 else { return false }
      return (scalar.value < 64 ? low : high) & (1 << UInt64(scalar.value & 63)) != 0
    }
  }

  // MARK: Compiling

  private static func escaped(_ scalar: Unicode.Scalar?) -> Element? {
    switch scalar {
    case "P": .province
    case "H": .han
    case "d": .ascii(0x03FF_0000_0000_0000, 0)
    default: nil
    }
  }

  private static func characterClass(_ scalars: inout ArraySlice<Unicode.Scalar>) -> Element? {
    var low: UInt64 = 0
    var high: UInt64 = 0
    while let first = scalars.popFirst(), first != "]" {
      var last = first
      if scalars.first == "-" {
        scalars.removeFirst()
        guard let end = scalars.popFirst() else { return nil }
        last = end
      }
      guard first.isASCII, last.isASCII, first <= last else { return nil }
      for value in first.value...last.value {
        if value < 64 { low |= 1 << UInt64(value) } else { high |= 1 << UInt64(value - 64) }
      }
      if scalars.isEmpty { return nil }
    }
    return low | high == 0 ? nil : .ascii(low, high)
  }

  private static func count(_ scalars: inout ArraySlice<Unicode.Scalar>) -> ClosedRange<Int>? {
    var text = ""
    while let scalar = scalars.popFirst() {
      guard scalar != "}" else {
        let bounds = text.split(separator: ",").map { Int($0) ?? -1 }
        guard let least = bounds.first, let most = bounds.last, bounds.count <= 2, least >= 0,
          most >= least, most <= 64
        else { return nil }
        return least...most
      }
      text.unicodeScalars.append(scalar)
    }
    return nil
  }
}

/// The patterns by code of 许可证类型 (CL19); configuration may replace them.
package struct LicencePatterns: Sendable {
  private let patterns: [Int: [LicencePattern]]

  /// - Parameter patterns: By code of 许可证类型; a value must match one of the list.
  package init(_ patterns: [Int: [LicencePattern]]) { self.patterns = patterns }

  /// - Returns: Empty for types whose form is not known.
  package func patterns(forType type: Int) -> [LicencePattern] { patterns[type] ?? [] }

  /// - Source: facts §2, licences by type, from memory.
  package static let standard = LicencePatterns(
    [
      3: ["\\P[A-D][A-D]\\d{7,9}"],
      4: ["\\P20\\d{6}"],
      5: ["\\P\\H{0,2}危化[A-Z]{0,2}经字〔20\\d{2}〕\\d{4,6}号", "\\P\\H{0,2}危化使字〔20\\d{2}〕\\d{4,6}号"],
      6: ["(\\P)[A-Z]{2}安许证字〔20\\d{2}〕\\d{4,6}号?"],
      8: ["\\d{12}", "\\P\\H{4,8}字\\d{12}号"],
      9: ["\\P\\H{0,3}卫公证字〔20\\d{2}〕第?\\d{3,6}号"],
      10: ["[0-9A-Z]{22}"],
    ].mapValues { $0.compactMap { LicencePattern($0) } })
}
