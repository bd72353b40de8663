import Catalog

/// Faults that follow from the catalog's elements alone.
extension Fault {
  /// Faults of one category: those of its elements, those of its rules, and damaged records.
  static func all(
    _ kind: Kind, _ mapping: CategoryMapping, _ category: Category, _ format: SourceAdapter.Format,
    isShared: Bool
  ) -> [[Fault]] {
    var faults: [Fault] = []
    var done: Set<Field> = []
    for column in mapping.columns {
      guard let name = column.element, let field = Field(identifier: name),
        let entry = category.elements.first(where: { $0.element.identifier == name }),
        done.insert(field).inserted
      else { continue }
      faults += completeness(field, entry)
      faults += ofElement(field, entry.element)
    }
    return [faults, ofRules(kind), ofRecords(format, isShared: isShared)]
  }

  // MARK: Completeness

  /// Elements that are filled although their condition does not ask for them.
  private static let filledAnyway: Set<Field> = [.exceedRatio, .dataValidityCode]

  private static func completeness(_ field: Field, _ entry: CategoryElement) -> [Fault] {
    switch entry.obligation {
    case .optional: return []
    case .required:
      let code = entry.isKey ? "Q14" : "Q11"
      return [
        Fault(entry.isKey ? "missing-key" : "missing-required") { draft, kit, _ in
          guard !draft[field].isEmpty else { return nil }
          draft[field] = .raw("")
          return [kit.missing(code, field, "required")]
        }
      ]
    case .conditional(let condition):
      guard !filledAnyway.contains(field) else { return [] }
      let asksForSystem = condition.source.contains("source_system_code")
      let code = entry.isKey ? "Q14" : "Q12"
      return [
        Fault("missing-conditional") { draft, kit, _ in
          guard !draft[field].isEmpty, !asksForSystem || field.isAsked(of: kit.bureau) else {
            return nil
          }
          let landing = kit.landing(field, draft)
          if landing == .fineAmount || landing == .confiscatedIncome { draft.clearPayment() }
          draft[field] = .raw("")
          return [kit.missing(code, landing, "conditional")] + missingRules(field, draft)
        }
      ]
    }
  }

  /// Rules that ask for the same element once more.
  private static func missingRules(_ field: Field, _ draft: Draft) -> [ExpectedFinding] {
    switch field {
    case .deregisteredDate: [.rule("Q12", "CR07")]
    case .licenceRevokedDate: [.rule("Q12", "CR03")]
    case .evidenceSha256: draft[.chainTxId].isEmpty ? [] : [.rule("Q31", "CR29")]
    default: []
    }
  }

  // MARK: Accuracy

  private static func ofElement(_ field: Field, _ element: DataElement) -> [Fault] {
    if element.codeList != nil { return ofCodes(field, element) }
    switch element.type {
    case .date, .dateTime: return ofDates(field, isTime: element.type == .dateTime)
    case .number: return ofNumbers(field, element)
    case .text, .flag: return ofTexts(field, element)
    }
  }

  private static func ofCodes(_ field: Field, _ element: DataElement) -> [Fault] {
    // A level of secrecy that cannot be read holds the whole delivery: see the damaged files.
    guard field != .secrecyLevelCode else { return [] }
    var faults = [
      Fault("bad-code") { draft, kit, _ in
        guard !draft[field].isEmpty else { return nil }
        draft[field] = .raw("不存在的类别")
        let isNew = kit.isExtensible(field)
        return [kit.finding("Q24", field, isNew ? "new-value" : "domain", note: isNew)]
      }
    ]
    if field == .penaltyTypeCode {
      faults.append(
        Fault("undecidable-label") { draft, kit, dice in
          draft[field] = .raw(dice.pick(["没收", "责令改正", "加处罚款"]))
          return [kit.finding("Q24", field, "undecidable")]
        })
    }
    return faults
  }

  private static func ofDates(_ field: Field, isTime: Bool) -> [Fault] {
    [
      Fault("impossible-date") { draft, kit, _ in
        guard !draft[field].isEmpty else { return nil }
        draft[field] = .raw(isTime ? "2026年2月30日9时30分" : "2026年2月30日")
        return [kit.finding("Q29", field, "calendar")]
      },
      Fault("not-a-date") { draft, kit, dice in
        guard !draft[field].isEmpty else { return nil }
        draft[field] = .raw(dice.pick(["近期", "26年3月", "3/1/2026"]))
        return [kit.finding("Q21", field, "date")]
      },
    ]
  }

  private static func ofNumbers(_ field: Field, _ element: DataElement) -> [Fault] {
    guard case .decimal(let digits, let decimals) = element.representation else { return [] }
    func spoiled(_ name: String, _ text: String, _ code: String, _ check: String) -> Fault {
      Fault(name) { draft, kit, _ in
        guard draft.number(field) != nil else { return nil }
        if field == .fineAmount || field == .confiscatedIncome { draft.clearPayment() }
        draft[field] = .raw(text)
        return [kit.finding(code, field, check)]
      }
    }
    let tail = String(repeating: "3", count: decimals + 5)
    return [
      spoiled("not-a-number", "约五百", "Q21", "number"),
      spoiled("too-many-decimals", "0.\(tail)", "Q21", "decimals"),
      spoiled("too-many-digits", String(repeating: "7", count: digits + 1), "Q23", "digits"),
      spoiled("spreadsheet-number", "9.15101E+17", "Q28", "damage"),
    ]
  }

  private static func ofTexts(_ field: Field, _ element: DataElement) -> [Fault] {
    var faults = [
      Fault("mojibake") { draft, kit, dice in
        guard !draft[field].isEmpty else { return nil }
        let landing = kit.landing(field, draft)
        var text = dice.pick(["琛屾斂澶勭綒", "鐢熼璇佺爜", "锟斤拷锟斤拷"])
        // Two records with one number would be taken for one record.
        if field == .sourceRecordId { text += draft.text(field) ?? "" }
        // A wrong decoder spoils the whole cell; numbers beside it would survive.
        if field == .officerName { draft[field] = .raw(text) }
        draft.replaceFirst(field, text)
        return [kit.finding("Q28", landing, "damage")] + kit.textRules(draft)
      }
    ]
    if element.isName {
      faults.append(
        Fault("question-mark-in-name") { draft, kit, _ in
          guard let name = draft.firstText(field) else { return nil }
          let landing = kit.landing(field, draft)
          draft.replaceFirst(field, name.prefix(1) + "?" + name.dropFirst(2))
          return [kit.finding("Q28", landing, "damage")]
        })
    }
    if case .text(_, let length) = element.representation, length.upperBound <= 300 {
      faults.append(tooLong(field, length.upperBound))
    }
    switch element.domain {
    case .pattern(let pattern) where !pattern.hasPrefix("^\\S"):
      faults.append(
        Fault("bad-pattern") { draft, kit, _ in
          guard let text = draft.text(field), !text.isEmpty else { return nil }
          draft[field] = .raw("_" + text.dropFirst())
          return [kit.finding("Q21", field, "pattern")]
        })
    case .check(let name): faults += ofIdentifiers(field, name)
    default: break
    }
    return faults
  }

  private static func tooLong(_ field: Field, _ limit: Int) -> Fault {
    Fault("too-long") { draft, kit, _ in
      guard let text = draft.firstText(field) else { return nil }
      let landing = kit.landing(field, draft)
      guard landing == field else { return nil }
      let filler = String(repeating: "7", count: limit + 1 - min(limit, text.count))
      draft.replaceFirst(field, text + filler)
      return [kit.finding("Q21", field, "representation")] + kit.textRules(draft)
    }
  }
}

extension Field {
  /// Whether a system answers for an element for which not every system does.
  fileprivate func isAsked(of bureau: Bureau) -> Bool {
    switch self {
    case .safetyKeyFlag: bureau == .sam || bureau == .mem
    case .envCreditGradeCode: bureau == .mee
    default: bureau == .sam
    }
  }
}

extension FaultKit {
  /// Whether the element's value domain grows.
  func isExtensible(_ field: Field) -> Bool {
    switch field {
    case .violationCode, .checkPointList, .monitorItemCode, .unitCode: true
    default: false
    }
  }
}

extension Draft {
  /// The text, or the first of several.
  func firstText(_ field: Field) -> String? {
    if case .texts(let texts) = self[field] { return texts.first }
    return text(field).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Replaces the text, or the first of several.
  mutating func replaceFirst(_ field: Field, _ text: String) {
    if case .texts(var texts) = self[field], !texts.isEmpty {
      texts[0] = text
      self[field] = .texts(texts)
    } else {
      self[field] = .raw(text)
    }
  }

  /// Removes what was paid, so that no sum depends on the amounts.
  mutating func clearPayment() {
    for field in [Field.paidAmount, .paidDate, .paymentVoucherNo] where !self[field].isEmpty {
      self[field] = .raw("")
    }
  }
}
