import Catalog

/// How a source writes the values of one column, chosen anew for each record.
///
/// A class that never changes, so that going through the columns copies no tables.
final class ColumnSpelling: Sendable {
  enum Form: Sendable {
    /// Free text and names.
    case text
    /// Long identifiers that a spreadsheet must be kept from reading as numbers.
    case longIdentifier(foldsCase: Bool)
    case documentNumber
    case code(CodeSpelling)
    case date
    case time
    /// Power of ten from the element's unit to the column's; what may stand behind a number.
    case number(shift: Int, isMoney: Bool, isPercent: Bool, unit: String?)
    /// A column that belongs to no element.
    case filler
  }

  let header: String
  let field: Field?
  let form: Form
  /// Characters between several values, the usual one first.
  let separators: [String]
  /// Words that mean no value here, besides nothing at all.
  let blanks: [String]
  /// May be missing from a file.
  let isOptional: Bool
  let habits: Habits

  /// - Parameter isRequired: Every record must have a value.
  init(
    _ mapping: ColumnMapping, header: String, isRequired: Bool = true, _ habits: Habits,
    _ catalog: Catalog
  ) {
    self.header = header
    self.habits = habits
    isOptional = mapping.isOptional || !isRequired
    separators = mapping.separators.map { $0.map { String($0) } } ?? [habits.separator]
    let element = mapping.element.flatMap { catalog.element($0) }
    field = mapping.element.flatMap { Field(identifier: $0) }
    form = element.map { Self.form($0, mapping, habits, catalog) } ?? .filler
    blanks = element?.nullSpellings == "default" ? habits.blanks : []
  }

  private static func form(
    _ element: DataElement, _ mapping: ColumnMapping, _ habits: Habits, _ catalog: Catalog
  ) -> Form {
    if let list = element.codeList.flatMap(catalog.codeList) {
      let nulls = catalog.nullSpellings[element.nullSpellings] ?? []
      var own = mapping.codes
      if list.id == "CL05", own.isEmpty { own = habits.flags }
      return .code(
        CodeSpelling(
          list, isMultiValued: element.isMultiValued, nulls: nulls, own: own, forms: habits.codes))
    }
    switch (element.type, element.domain) {
    case (.date, _): return .date
    case (.dateTime, _): return .time
    case (.number, _):
      let shift = mapping.unit == "万元" && element.unit == "元" ? 4 : 0
      return .number(
        shift: shift, isMoney: element.unit == "元", isPercent: element.unit == "%",
        unit: shift == 0 ? element.unit : nil)
    case (_, .check("uscc")): return .longIdentifier(foldsCase: true)
    case (_, .check("resident_id")), (_, .check("resident_id_if_111")):
      return .longIdentifier(foldsCase: true)
    case (_, .check("reg15")), (_, .check("officer_cert")): return .longIdentifier(foldsCase: false)
    case (_, .check("doc_no")): return .documentNumber
    default: return .text
    }
  }

  // MARK: Writing

  /// Appends the spelling of `value`, without quotes.
  func write(_ value: Value, _ dice: inout Dice, into output: inout [UInt8]) {
    switch value {
    case .none: writeBlank(&dice, into: &output)
    case .text(let text): writeText(text, &dice, into: &output)
    case .texts(let texts): writeTexts(texts, &dice, into: &output)
    case .raw(let text): output.append(contentsOf: text.utf8)
    case .code(let code):
      if case .code(let spelling) = form { spelling.write(code, &dice, into: &output) }
    case .codes(let codes):
      if case .code(let spelling) = form {
        spelling.write(codes, separator(&dice), &dice, into: &output)
      }
    case .date(let day): DateSpelling.write(date: day, as: habits.dates, &dice, into: &output)
    case .time(let seconds):
      DateSpelling.write(time: seconds, as: habits.times, &dice, into: &output)
    case .number(let number, let decimals):
      if case .number(let shift, let isMoney, let isPercent, let unit) = form {
        let spelling = NumberSpelling(shift: shift, isMoney: isMoney, isPercent: isPercent)
        if habits.isSpreadsheet {
          spelling.write(number, decimals: decimals, &dice, into: &output)
        } else {
          spelling.writePlain(number, decimals: decimals, into: &output)
          if let unit, dice.happens(habits.units) { output.append(contentsOf: unit.utf8) }
        }
      }
    }
  }

  private func separator(_ dice: inout Dice) -> String {
    dice.happens(85) ? separators[0] : dice.pick(separators)
  }

  private func writeBlank(_ dice: inout Dice, into output: inout [UInt8]) {
    if case .filler = form {
      if dice.happens(60) { output.append(contentsOf: String(dice.roll(1...900)).utf8) }
      return
    }
    guard !blanks.isEmpty, dice.roll(100) < habits.blankShare else { return }
    output.append(contentsOf: dice.pick(blanks).utf8)
  }

  private func writeTexts(_ texts: [String], _ dice: inout Dice, into output: inout [UInt8]) {
    // Texts may have blanks inside.
    let separator = dice.happens(85) ? separators[0] : dice.pick(separators.filter { $0 != " " })
    for (index, text) in texts.enumerated() {
      if index > 0 { output.append(contentsOf: separator.utf8) }
      output.append(contentsOf: text.utf8)
    }
    if habits.isSpreadsheet, dice.happens(3) { output.append(contentsOf: separator.utf8) }
  }

  private func writeText(_ text: String, _ dice: inout Dice, into output: inout [UInt8]) {
    let sort = habits.isSpreadsheet ? dice.roll(200) : 199
    switch form {
    case .longIdentifier(let foldsCase):
      switch sort {
      case 0..<90: output.append(contentsOf: text.utf8)
      case 90..<92 where foldsCase: output.append(contentsOf: text.lowercased().utf8)
      case 92..<96: output.append(contentsOf: "'\(text)".utf8)
      case 96..<98: output.append(contentsOf: "=\"\(text)\"".utf8)
      case 199: output.append(contentsOf: text.utf8)
      default: output.append(contentsOf: "\(text)\t".utf8)
      }
    case .documentNumber:
      let brackets: (String, String)? =
        switch sort {
        case 0..<12: ("[", "]")
        case 12..<18: ("(", ")")
        case 18..<22: ("（", "）")
        case 22..<24: ("【", "】")
        default: nil
        }
      guard let brackets else { return output.append(contentsOf: text.utf8) }
      let changed = text.map { character in
        switch character {
        case "〔": brackets.0
        case "〕": brackets.1
        default: String(character)
        }
      }
      output.append(contentsOf: changed.joined().utf8)
    default:
      output.append(contentsOf: text.utf8)
      if sort == 0 { output.append(contentsOf: "　".utf8) }
      if sort == 1 { output.append(0x20) }
    }
  }
}
