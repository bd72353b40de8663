/// Faults of whole records.
extension Fault {
  static let ofRecords: [Fault] = [
    Fault("too-few-fields", damage: .tooFewFields) { _, _, _ in
      [ExpectedFinding("Q21", "record.fieldCount", severity: "return")]
    },
    Fault("too-many-fields", damage: .tooManyFields) { _, _, _ in
      [ExpectedFinding("Q21", "record.fieldCount", severity: "return")]
    },
    Fault("stray-quote", damage: .strayQuote) { _, _, _ in
      [ExpectedFinding("Q21", "record.strayQuote", severity: "return")]
    },
    Fault("unclosed-quote", damage: .unclosedQuote) { _, _, _ in
      [ExpectedFinding("Q21", "record.unclosedQuote", severity: "return")]
    },
    Fault("broken-bytes", damage: .brokenByte) { draft, kit, _ in
      guard let field = kit.spoilable(draft), let text = draft.text(field) else { return nil }
      draft[field] = .raw(text + "\u{1A}")
      return [ExpectedFinding("Q28", "record.undecodableBytes", severity: "return")]
    },
    Fault("control-character", damage: .controlCharacter) { draft, kit, _ in
      guard let field = kit.spoilable(draft), let text = draft.text(field) else { return nil }
      draft[field] = .raw(text.prefix(1) + "\u{07}" + text.dropFirst())
      return [ExpectedFinding("Q28", "record.controlCharacter", severity: "return")]
    },
    Fault("duplicate-record", damage: .duplicate) { _, _, _ in [] },
    Fault("contradicting-records", damage: .conflict) { _, _, _ in
      [ExpectedFinding("Q37", "record.duplicate", severity: "return")]
    },
  ]
}

extension FaultKit {
  /// A free text of the record that stands behind its number.
  func spoilable(_ draft: Draft) -> Field? {
    let fields: [Field] = [
      .agencyName, .subjectName, .facilityName, .opinionTitle, .evidenceName, .respondentName,
      .reviewBodyName, .violationDesc,
    ]
    return fields.first { field in
      element(field) != nil && !(draft.text(field) ?? "").isEmpty
    }
  }
}
