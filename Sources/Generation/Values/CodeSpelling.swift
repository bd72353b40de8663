import Catalog

/// How a source writes the codes of a value domain.
struct CodeSpelling: Sendable {
  private var codes: [String: Spellings] = [:]
  private let forms: [CodeForm]

  private struct Spellings: Sendable {
    var label: String
    var synonyms: [String]
    /// The code without its leading zero, where that is no other code.
    var short: String?
    /// Labels that only this column has.
    var own: [String]
  }

  /// - Parameters:
  ///   - own: Code by label, where the column has labels of its own; they are used wherever a code
  ///     has one.
  ///   - nulls: Words that would be read as no value.
  init(
    _ list: CodeList, isMultiValued: Bool, nulls: [String], own: [String: String] = [:],
    forms: [CodeForm]
  ) {
    self.forms = forms
    let all = Set(list.values.map(\.code))
    let taken = Set(nulls.map { $0.lowercased() })
    for value in list.values {
      let synonyms = value.synonyms.filter { synonym in
        !taken.contains(synonym.lowercased())
          && !(isMultiValued && synonym.contains { "、;；|/,， ".contains($0) })
      }
      let short = value.code.first == "0" ? String(value.code.drop { $0 == "0" }) : ""
      codes[value.code] = Spellings(
        label: value.label, synonyms: synonyms,
        short: short.isEmpty || all.contains(short) || value.code.contains { !$0.isNumber }
          ? nil : short,
        own: own.filter { $0.value == value.code }.map(\.key).sorted())
    }
  }

  func write(_ code: String, _ dice: inout Dice, into output: inout [UInt8]) {
    output.append(contentsOf: spelling(code, dice.pick(forms), &dice).utf8)
  }

  /// All values of a cell are written alike.
  func write(
    _ codes: [String], _ separator: String, _ dice: inout Dice, into output: inout [UInt8]
  ) {
    // A code with its label has signs inside that separate values elsewhere.
    let pick = dice.pick(forms)
    let form = pick == .codeAndLabel || pick == .labelAndCode ? .label : pick
    for (index, code) in codes.enumerated() {
      if index > 0 { output.append(contentsOf: separator.utf8) }
      output.append(contentsOf: spelling(code, form, &dice).utf8)
    }
  }

  /// The label that people read beside a code.
  func label(_ code: String) -> String? { codes[code]?.label }

  private func spelling(_ code: String, _ form: CodeForm, _ dice: inout Dice) -> String {
    guard let found = codes[code] else { return code }
    if !found.own.isEmpty { return dice.pick(found.own) }
    switch form {
    case .label: return found.label
    case .code: return code
    case .short: return found.short ?? code
    case .synonym: return found.synonyms.isEmpty ? found.label : dice.pick(found.synonyms)
    case .codeAndLabel: return "\(code)-\(found.label)"
    case .labelAndCode: return "\(found.label)(\(code))"
    }
  }
}

enum CodeForm: Sendable {
  /// `罚款`, `03`, `3`
  case label, code, short
  /// Another word for the label; `03-罚款`; `罚款(03)`
  case synonym, codeAndLabel, labelAndCode
}
