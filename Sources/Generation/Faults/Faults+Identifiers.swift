/// Faults of identifiers with a check of their own.
extension Fault {
  static func ofIdentifiers(_ field: Field, _ check: String) -> [Fault] {
    switch check {
    case "uscc": creditCode(field)
    case "org_code":
      [
        Fault("bad-check-digit") { draft, kit, _ in
          guard let code = draft.text(field), !code.isEmpty else { return nil }
          draft[field] = .raw(code.withOtherLast("0123456789X"))
          return [kit.identifier("Q27", field)] + kit.textRules(draft)
        }
      ]
    case "resident_id", "resident_id_if_111": residentID(field)
    case "reg15", "licence_by_type": [badLastDigit(field)] + shortCode(field, check)
    case "gbt2260": division(field)
    case "gbt4754": [replaced("bad-industry", field, "A6210", "Q24")]
    case "phone": [replaced("bad-phone", field, "12", "Q21")]
    case "mobile": [replaced("bad-phone", field, "21912345678", "Q21")]
    case "plate": [replaced("bad-plate", field, "川I12345", "Q21")]
    case "doc_no":
      [
        replaced("bad-document-number", field, "市监罚字26-12", "Q21"),
        Fault("bad-document-number") { draft, kit, _ in
          guard let number = draft.text(field), number.hasSuffix("号") else { return nil }
          draft[field] = .raw(String(number.dropLast()))
          return [kit.identifier("Q21", field)]
        },
      ]
    case "officer_cert": [badCertificate(field)]
    default: []
    }
  }

  private static func replaced(
    _ name: String, _ field: Field, _ text: String, _ code: String, note: Bool = false
  ) -> Fault {
    Fault(name) { draft, kit, _ in
      guard !draft[field].isEmpty else { return nil }
      draft[field] = .raw(text)
      return [kit.identifier(code, field, note: note)] + kit.textRules(draft)
    }
  }

  private static func badLastDigit(_ field: Field) -> Fault {
    Fault("bad-check-digit") { draft, kit, _ in
      guard let number = draft.text(field), !number.isEmpty else { return nil }
      // A licence number beside another category's record has no known type and is not checked.
      guard field != .licenceNo || (kit.kind == .lic && draft.isFoodLicence) else { return nil }
      draft[field] = .raw(number.withOtherLast("0123456789"))
      return [kit.identifier("Q27", field)]
    }
  }

  private static func shortCode(_ field: Field, _ check: String) -> [Fault] {
    guard check == "reg15" else { return [] }
    return [
      Fault("bad-representation") { draft, kit, _ in
        guard let number = draft.text(field), !number.isEmpty else { return nil }
        draft[field] = .raw(String(number.dropLast()))
        return [kit.finding("Q21", field, "representation")]
      }
    ]
  }

  private static func division(_ field: Field) -> [Fault] {
    [
      replaced("unknown-county", field, "519999", "Q24", note: true),
      replaced("unknown-province", field, "990101", "Q24"),
      Fault("bad-representation") { draft, kit, _ in
        guard let code = draft.text(field), !code.isEmpty else { return nil }
        draft[field] = .raw(String(code.dropLast()))
        return [kit.finding("Q21", field, "representation")] + kit.textRules(draft)
      },
    ]
  }

  private static func badCertificate(_ field: Field) -> Fault {
    Fault("bad-certificate") { draft, kit, _ in
      guard case .texts(var numbers) = draft[field], !numbers.isEmpty else { return nil }
      // Not the number that an officer's own record may have by the same fault.
      numbers[0] = kit.kind == .ago ? "123" : "321"
      draft[field] = .texts(numbers)
      return [kit.identifier("Q21", field)]
    }
  }

  // MARK: Credit codes

  private static func creditCode(_ field: Field) -> [Fault] {
    func spoiled(
      _ name: String, _ code: String, check: Bool = true, note: Bool = false,
      _ change: @escaping @Sendable (String) -> String
    ) -> Fault {
      Fault(name) { draft, kit, _ in
        guard let text = draft.text(field), text.count == 18 else { return nil }
        draft[field] = .raw(change(text))
        let own =
          check
          ? kit.identifier(code, field, note: note) : kit.finding(code, field, "representation")
        return [own] + kit.textRules(draft)
      }
    }
    return [
      damaged(field, "9.15101E+17"),
      spoiled("bad-check-digit", "Q27") { $0.withOtherLast("0123456789ABCDEFGHJK") },
      spoiled("bad-inner-check", "Q27", note: true) { code in
        let inner = String(code.dropFirst(8).prefix(9)).withOtherLast("0123456789")
        return CheckDigits.complete(code.prefix(8) + inner) { CheckDigits.creditCode($0) }
      },
      spoiled("zeroed-identifier", "Q28") { zeroed($0) },
      spoiled("letter-for-digit", "Q21") { $0.prefix(8) + "O" + $0.dropFirst(9) },
      spoiled("bad-representation", "Q21", check: false) { String($0.dropLast()) },
    ]
  }

  /// 15 digits and three zeros, whose check character is another one.
  private static func zeroed(_ code: String) -> String {
    let head = code.prefix(8) + "1234567"
    let isRight = CheckDigits.creditCode(Array((head + "00").utf8)) == UInt8(ascii: "0")
    return (isRight ? code.prefix(8) + "1234568" : head) + "000"
  }

  // MARK: Resident identity numbers

  private static func residentID(_ field: Field) -> [Fault] {
    func spoiled(
      _ name: String, _ code: String, note: Bool = false,
      _ change: @escaping @Sendable (String, FaultKit) -> String
    ) -> Fault {
      Fault(name) { draft, kit, _ in
        guard let text = draft.text(field), text.count == 18 else { return nil }
        draft[field] = .raw(change(text, kit))
        return [kit.identifier(code, field, note: note)]
      }
    }
    @Sendable func complete(_ body: String) -> String {
      CheckDigits.complete(body) { CheckDigits.residentID($0) }
    }
    return [
      spoiled("bad-check-digit", "Q27") { id, _ in id.withOtherLast("0123456789X") },
      spoiled("impossible-birth-date", "Q29") { id, _ in
        complete(id.prefix(10) + "0230" + id.dropFirst(14).prefix(3))
      },
      spoiled("future-birth-date", "Q29") { id, kit in
        complete(id.prefix(6) + Spelling.compactDate(kit.future) + id.dropFirst(14).prefix(3))
      },
      spoiled("unknown-birthplace", "Q27", note: true) { id, _ in
        complete("519999" + id.dropFirst(6).prefix(11))
      },
      spoiled("masked-identity", "Q27", note: true) { id, _ in
        id.prefix(3) + "***********" + id.suffix(4)
      },
      damaged(field, "5.10104E+17"),
      spoiled("zeroed-identifier", "Q28") { id, _ in
        let heads = ["1", "2"].map { id.prefix(14) + $0 }
        return (heads.first { !complete($0 + "00").hasSuffix("000") } ?? heads[0]) + "000"
      },
    ]
  }

  /// What a spreadsheet makes of a long number.
  private static func damaged(_ field: Field, _ text: String) -> Fault {
    Fault("spreadsheet-identifier") { draft, kit, _ in
      guard !draft[field].isEmpty else { return nil }
      draft[field] = .raw(text)
      return [kit.finding("Q28", field, "damage")] + kit.textRules(draft)
    }
  }
}

extension Draft {
  /// Whether it is a licence whose number has a check digit.
  fileprivate var isFoodLicence: Bool { ["01", "02"].contains(code(.licenceTypeCode) ?? "") }
}

extension String {
  /// The same text with another last character of the alphabet.
  func withOtherLast(_ alphabet: String) -> String {
    let characters = Array(alphabet)
    let place = last.flatMap { characters.firstIndex(of: $0) } ?? -1
    return dropLast() + String(characters[(place + 1) % characters.count])
  }
}
