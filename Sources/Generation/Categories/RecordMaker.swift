/// One delivered state of a record.
struct RecordVersion: Sendable, Equatable {
  /// From 0; every later one differs from the one before.
  var number: Int
  /// Seconds since 1970-01-01T00:00:00.
  var updated: Int
  /// Code of CL02.
  var operation: String

  init(number: Int, updated: Int, operation: String) {
    self.number = number
    self.updated = updated
    self.operation = operation
  }
}

extension City {
  /// Fills `draft`, which is empty, with the clean record of a category.
  func fill(
    _ draft: inout Draft, _ kind: Kind, _ index: Int, _ version: RecordVersion
  ) {
    if let origin = origin(ofEcho: index, kind) {
      seen(by: origin.bureau).fillContent(&draft, kind, origin.index)
      // Rows inside records are told by those who handle them.
      draft.children.removeAll()
    } else {
      fillContent(&draft, kind, index)
      weakenSubject(&draft, kind, index)
    }
    draft[.sourceRecordId] = .text(recordNumber(kind, index))
    draft[.sourceUpdateTime] = .time(version.updated)
    draft[.operationTypeCode] = .code(version.operation)
    draft[.sourceSystemCode] = .code(bureau.id)
    draft[.enforcementFieldCode] = .code(bureau.field)
    draft[.batchNo] = .text(
      "\(bureau.id)\(Spelling.compactDate(version.updated / 86_400))001")
    if version.number > 0 { draft[.remark] = .text("第\(version.number)次更正") }
  }

  /// What a record says beside when and by whom it was sent.
  private func fillContent(_ draft: inout Draft, _ kind: Kind, _ index: Int) {
    var dice = Dice(seed: ownSeed, purpose: UInt64(kind.rawValue + 1), index: index)
    switch kind {
    case .ent: fillEnterprise(&draft, index, &dice)
    case .lic: fillLicence(&draft, index, &dice)
    case .vio: fillViolation(&draft, index, &dice)
    case .crd: fillCredit(&draft, index, &dice)
    case .fac: fillFacility(&draft, index, &dice)
    case .ago: fillOfficer(&draft, index, &dice)
    case .rnd: fillRandomTask(&draft, index, &dice)
    case .ins: fillInspection(&draft, index, &dice)
    case .cas: fillCase(&draft, index, &dice)
    case .pen: fillPenalty(&draft, index, &dice)
    case .coe: fillCoercion(&draft, index, &dice)
    case .rec: fillRectification(&draft, index, &dice)
    case .evd: fillEvidence(&draft, index, &dice)
    case .trf: fillTransfer(&draft, index, &dice)
    case .cmp: fillComplaint(&draft, index, &dice)
    case .opn: fillOpinion(&draft, index, &dice)
    case .mon: fillReading(&draft, index, &dice)
    case .rev: fillReview(&draft, index, &dice)
    }
    if dice.happens(8) {
      draft[.remark] = .text(dice.pick(["数据由基层所录入", "已核对", "历史数据补录", "见纸质档案"]))
    }
  }

  /// The number under which the system knows a record.
  func recordNumber(_ kind: Kind, _ index: Int) -> String {
    kind.id + Spelling.padded(index + 1, 9)
  }

  /// The state of a record as the first night knows it.
  func firstVersion(_ kind: Kind, _ index: Int) -> RecordVersion {
    var dice = Dice(
      seed: ownSeed, purpose: UInt64(kind.rawValue + 61), index: index / kind.groupSize)
    let day = start - 1 - dice.roll(4)
    return RecordVersion(
      number: 0, updated: moment(day, dice.roll(8...22), dice.roll(60)) + dice.roll(60),
      operation: "1")
  }
}
