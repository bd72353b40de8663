extension City {
  /// PEN: one for each of the first cases.
  func fillPenalty(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let facts = caseFacts(index)
    draft.set(agencies[facts.agency], officers: facts.officers)
    draft.set(facts.party, namesPersonAsSubject: dice.happens(50))
    if case .enterprise(let enterprise) = facts.party {
      draft[.legalRepName] = .text(enterprise.legalRepresentative)
      draft[.registeredAddress] = .text(enterprise.address)
      if dice.happens(10) {
        draft[.registrationNo] = .text(registrationNumber(enterprise.index))
      }
    }
    if dice.happens(40) { draft[.secrecyLevelCode] = .code("0") }
    draft[.violationCode] = .codes([facts.violation.code])
    draft[.violationDesc] = .text(facts.violation.words)
    draft[.caseNo] = .text(facts.number)
    draft[.caseTypeCode] = .code(facts.procedure)
    draft[.majorDecisionFlag] = .flag(facts.isMajor)
    draft[.penaltyDocNo] = .text(facts.decisionNumber)
    draft[.penaltyCause] = .text(
      "经查,当事人于\(Spelling.compactDate(facts.violationDay))前后\(facts.violation.words),有现场笔录、照片为证")
    draft[.penaltyBasis] = .text(facts.violation.basis)
    if let plate = vehicle(ofCase: index) { draft[.vehiclePlateNo] = .text(plate) }
    fillSanctions(&draft, facts, &dice)
    if bureau == .mee || bureau == .mot, !facts.isSimple { fillDiscretion(&draft, &dice) }
    fillDecision(&draft, facts, &dice)
    addTrailer(&draft, facts)
    // Both pay a part of the fine.
    if let fine = draft.number(.fineAmount) {
      let part = fine / 400 * 100
      addParties(
        &draft, facts, [.fineAmount: .money(fen: fine - part)], [.fineAmount: .money(fen: part)])
    } else {
      addParties(&draft, facts, [:], [:])
    }
  }

  private func fillSanctions(_ draft: inout Draft, _ facts: CaseFacts, _ dice: inout Dice) {
    if case .person = facts.party, bureau == .mps, dice.happens(40) {
      let days = dice.roll(1...15)
      draft[.penaltyTypeCode] = .codes(["08"])
      draft[.penaltyKindCode] = .codes(["0801"])
      draft[.detentionDays] = .count(days)
      draft[.penaltyContent] = .text("行政拘留\(days)日")
      draft[.publicityFlag] = .flag(false)
      return
    }
    let fine = dice.roll(1...60) * 50_000
    var content: [String] = []
    var types: [String] = []
    var kinds: [String] = []
    let sort = dice.roll(100)
    if sort < 12 || (sort >= 90 && sort < 95) {
      types.append("01")
      kinds.append("0101")
      content.append("警告")
    }
    if sort >= 12 {
      types.append("03")
      kinds.append("0301")
      content.append("罚款\(fine / 100)元")
      draft[.fineAmount] = .money(fen: fine)
    }
    if sort >= 75, sort < 90 {
      let income = dice.roll(1...4000) * 150
      types.append("04")
      kinds.append("0401")
      content.append("没收违法所得\(income / 100)元")
      draft[.confiscatedIncome] = .money(fen: income)
    }
    if sort >= 95 {
      types.append("05")
      kinds.append("0501")
      content.append("没收违法经营的食品\(dice.roll(1...40))件")
      draft[.confiscatedGoodsValue] = .money(fen: dice.roll(1...2000) * 100)
    }
    if sort >= 90, sort < 95, case .enterprise = facts.party {
      types.append("07")
      kinds.append("0702")
      content.append("责令停产停业")
      draft[.suspensionFrom] = .date(facts.decided + 1)
      draft[.suspensionTo] = .date(facts.decided + 31)
    }
    if case .enterprise(let subject) = facts.party, subject.status == "2" {
      types.append("06")
      kinds.append("0603")
      content.append("吊销营业执照")
      draft[.revokedLicenceText] = .text("营业执照 \(subject.creditCode)")
    }
    draft[.penaltyTypeCode] = .codes(types)
    let isGrave = types.contains("06")
    if isGrave || dice.happens(80) { draft[.penaltyKindCode] = .codes(kinds) }
    draft[.penaltyContent] = .text(
      dice.happens(6)
        ? content.enumerated().map { "\($0.offset + 1).\($0.element);" }.joined(separator: "\n")
        : content.joined(separator: ";"))
    if draft.number(.fineAmount) == nil { draft[.publicityFlag] = .flag(false) }
  }

  private func fillDiscretion(_ draft: inout Draft, _ dice: inout Dice) {
    let (letters, measure) = bureau == .mee ? ("HBC", 3000) : ("JTC", 100_000)
    draft[.benchmarkCode] = .text("\(letters)0\(dice.roll(100...327))")
    draft[.discretionLevelCode] = .code(dice.pick(["2", "3", "3", "4"]))
    draft[.circumstanceCode] = .codes(dice.pick([["01"], ["01", "05"], ["12"], ["04"]]))
    draft[.violationMeasure] = .number(dice.roll(measure), decimals: 3)
    guard let fine = draft.number(.fineAmount) else { return }
    draft[.benchmarkFineMin] = .money(fen: fine / 2 / 100 * 100)
    draft[.benchmarkFineMax] = .money(fen: fine * 2)
  }

  private func fillDecision(_ draft: inout Draft, _ facts: CaseFacts, _ dice: inout Dice) {
    let decided = facts.decided
    let isPublic = draft[.publicityFlag].isEmpty
    draft[.publicityFlag] = .flag(isPublic)
    if isPublic {
      draft[.publicityDate] = .date(decided + 1 + dice.roll(7))
      draft[.publicityEndDate] = .date(decided + 380)
    }
    draft[.decisionDate] = .date(decided)
    draft[.documentMadeDate] = .date(decided)
    let method = dice.pick(["1", "1", "1", "2", "3", "5"])
    let served = decided + dice.roll(7)
    draft[.serviceMethodCode] = .code(method)
    draft[.servedDate] = .date(served)
    draft[.penaltyEffectiveDate] = .date(served)
    if dice.happens(10) { draft[.penaltyValidTo] = .date(decided + 1095) }
    draft[.penaltyRevokedFlag] = .flag(false)
    draft[.documentTypeCode] = .codes(
      facts.isSimple ? ["07"] : dice.happens(50) ? ["06"] : ["04", "06", "10"])
    if dice.happens(30) { draft[.documentErrorFlag] = .flag(false) }
    if dice.happens(30) { draft[.consequenceCode] = .code(dice.pick(["0", "0", "1", "2"])) }
    let fine = draft.number(.fineAmount) ?? 0
    let income = draft.number(.confiscatedIncome) ?? 0
    let status = dice.pick(["1", "1", "1", "1", "2", "3", "4"])
    draft[.fulfilStatusCode] = .code(fine + income == 0 ? "1" : status)
    if fine + income > 0, status == "1" || status == "2" {
      draft[.paidDate] = .date(decided + dice.roll(14))
      draft[.paidAmount] = .money(fen: status == "1" ? fine + income : (fine + income) / 200 * 100)
      draft[.paymentVoucherNo] = .text("51\(bureau.field)" + Spelling.padded(facts.index + 1, 10))
    }
  }

  /// 注册号 of 15 digits.
  func registrationNumber(_ index: Int) -> String {
    CheckDigits.complete("510104" + Spelling.padded(index % 100_000_000, 8)) {
      CheckDigits.mod11And10($0)
    }
  }
}
