import Catalog
import Records

extension Representation {
  /// Whether a canonical value has the form.
  func admits(_ value: String) -> Bool {
    switch self {
    case .text(let characters, let length):
      return length.contains(value.count) && value.unicodeScalars.allSatisfy(characters.admits)
    case .decimal(let digits, let decimals):
      guard let number = ExactNumber(value) else { return false }
      let all = value.utf8.count { $0 >= 48 && $0 <= 57 }
      return number.decimals <= decimals && all <= digits
    case .date:
      return value.utf8.count == 8 && CivilDate(value) != nil
    case .dateTime:
      let parts = value.split(separator: "T", omittingEmptySubsequences: false)
      return parts.count == 2 && parts[0].utf8.count == 8 && CivilDate(parts[0]) != nil
        && parts[1].utf8.count == 6 && parts[1].utf8.allSatisfy { $0 >= 48 && $0 <= 57 }
    }
  }
}

extension Representation.Characters {
  func admits(_ scalar: Unicode.Scalar) -> Bool {
    let isDigit = scalar.value >= 48 && scalar.value <= 57
    let isLetter = scalar.isASCII && scalar.properties.isAlphabetic
    return switch self {
    case .letters: isLetter
    case .digits: isDigit
    case .alphanumeric: isLetter || isDigit
    case .any: true
    }
  }
}

extension DataElement {
  /// What is wrong with a constant in the place of the element; nil if nothing is.
  func objection(to value: String, in catalog: Catalog) -> (message: String, near: String?)? {
    let values = isMultiValued ? value.split(separator: ";").map(String.init) : [value]
    for value in values {
      if let codeList, let list = catalog.codeList(codeList) {
        guard list.index(of: value) == nil else { continue }
        let codes = list.values.map(\.code)
        let code = list.values.first { $0.label == value }?.code
        let near = code ?? nearest(to: value, among: codes)
        return ("\"\(value)\" is not a code of \(list.id)", near)
      }
      guard representation.admits(value) else {
        return ("\"\(value)\" does not fit the representation \(notation)", nil)
      }
      if case .pattern(let pattern) = domain, !TextPattern.matches(value, pattern) {
        return ("\"\(value)\" does not match the pattern \(pattern)", nil)
      }
      if case .range(let lower, let upper) = domain, !Self.contains(lower, upper, value) {
        return ("\"\(value)\" lies outside the range", nil)
      }
    }
    return nil
  }

  private static func contains(_ lower: RangeBound?, _ upper: RangeBound?, _ text: String) -> Bool {
    guard let value = Double(text) else { return true }
    if case .number(let bound, let inclusive) = lower, let bound = Double(bound) {
      guard inclusive ? value >= bound : value > bound else { return false }
    }
    if case .number(let bound, let inclusive) = upper, let bound = Double(bound) {
      guard inclusive ? value <= bound : value < bound else { return false }
    }
    return true
  }
}

/// Regular expressions of the folder, as far as the linter needs them.
enum TextPattern {
  /// - Returns: What is wrong, to follow the pattern in a sentence; nil if nothing is.
  static func problem(in pattern: String, _ engine: ((String) -> String?)?) -> String? {
    guard pattern.hasPrefix("^"), pattern.hasSuffix("$") else {
      return "must begin with ^ and end with $, since it describes the whole value"
    }
    if let engine { return engine(pattern).map { "cannot be used: \($0)" } }
    do {
      _ = try Regex(pattern)
      return nil
    } catch {
      return "is not a regular expression: \(error)"
    }
  }

  static func matches(_ text: String, _ pattern: String) -> Bool {
    guard let regex = try? Regex(pattern) else { return true }
    return text.wholeMatch(of: regex) != nil
  }
}
