import Catalog

/// How a source writes the codes of a value domain: mostly as labels.
struct CodeSpelling: Sendable {
  private var codes: [String: Spellings] = [:]

  private struct Spellings: Sendable {
    var label: String
    var synonyms: [String]
    /// The code without its leading zero, where that is no other code.
    var short: String?
  }

  /// - Parameter nulls: Words that would be read as no value.
  init(_ list: CodeList, isMultiValued: Bool, nulls: [String]) {
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
          ? nil : short)
    }
  }

  func write(_ code: String, _ dice: inout Dice, into output: inout [UInt8]) {
    output.append(contentsOf: spelling(code, dice.roll(100), &dice).utf8)
  }

  /// All values of a cell are written alike.
  func write(
    _ codes: [String], _ separator: String, _ dice: inout Dice, into output: inout [UInt8]
  ) {
    let sort = dice.roll(90)
    for (index, code) in codes.enumerated() {
      if index > 0 { output.append(contentsOf: separator.utf8) }
      output.append(contentsOf: spelling(code, sort, &dice).utf8)
    }
  }

  private func spelling(_ code: String, _ sort: Int, _ dice: inout Dice) -> String {
    guard let found = codes[code] else { return code }
    switch sort {
    case 0..<68: return found.label
    case 68..<82: return code
    case 82..<85: return found.short ?? code
    case 85..<94: return found.synonyms.isEmpty ? found.label : dice.pick(found.synonyms)
    case 94..<97: return "\(code)-\(found.label)"
    default: return "\(found.label)(\(code))"
    }
  }
}
