import Catalog

/// Faults of whole records.
extension Fault {
  /// - Parameter isShared: Records stand in units with others, which damaged text would spoil too.
  static func ofRecords(_ format: SourceAdapter.Format, isShared: Bool) -> [Fault] {
    if isShared { return ofCopies }
    switch format {
    case .csv: return ofLines + ofTexts + ofCopies
    case .json, .ndjson: return ofObjects + ofTexts.prefix(1) + ofCopies
    case .xml: return ofCopies
    }
  }

  private static let ofObjects: [Fault] = [
    Fault("bad-escape", damage: .badEscape) { _, _, _ in
      [ExpectedFinding("Q21", "record.malformed", severity: "return")]
    },
    Fault("repeated-member", damage: .repeatedName) { _, _, _ in
      [ExpectedFinding("Q21", "record.duplicateName", severity: "return")]
    },
  ]

  private static let ofLines: [Fault] = [
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
  ]

  private static let ofTexts: [Fault] = [
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
  ]

  private static let ofCopies: [Fault] = [
    Fault("duplicate-record", damage: .duplicate) { _, _, _ in [] },
    Fault("contradicting-records", damage: .conflict) { draft, kit, _ in
      var other = draft
      guard kit.contradict(&other) else { return nil }
      return [ExpectedFinding("Q37", "record.duplicate", severity: "return")]
    },
  ]
}

extension FaultKit {
  /// Makes of a record another one with the same key.
  ///
  /// - Returns: false if it has no text that may differ.
  func contradict(_ draft: inout Draft) -> Bool {
    if canShow([.remark]) {
      draft[.remark] = .text("另一科室录入")
      return true
    }
    let fields: [Field] = [
      .violationDesc, .problemDesc, .facilityName, .evidencePlace, .handlingResult, .licensedItem,
      .agencyAddress, .planName, .transferReason, .complaintContent, .rectifyRequirement,
      .registeredAddress, .reviewBodyName, .caseName, .coerciveObjectDesc, .opinionSummary,
    ]
    guard let field = fields.first(where: { canShow([$0]) && draft.text($0)?.isEmpty == false }),
      let text = draft.text(field)
    else { return false }
    draft[field] = .text(text + "(二)")
    return true
  }

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
