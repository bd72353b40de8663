extension City {
  /// CAS
  func fillCase(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let facts = caseFacts(index)
    draft.set(agencies[facts.agency], officers: facts.officers)
    draft.set(facts.party)
    draft[.secrecyLevelCode] = .code("0")
    if case .person(let person) = facts.party {
      if dice.happens(60) { draft[.personBirthDate] = .date(person.birth) }
      if dice.happens(40) {
        draft[.personMobile] = .text("139\(Spelling.padded(dice.roll(100_000_000), 8))")
      }
      if dice.happens(40) { draft[.personAddress] = .text("清源市书院巷\(dice.roll(1...90))号") }
    }
    if case .person(let person) = facts.party, dice.happens(30) {
      draft[.personSexCode] = .code(person.isMale ? "1" : "2")
    }
    if let plate = vehicle(ofCase: index) {
      draft[.vehiclePlateNo] = .text(plate)
      draft[.plateTypeCode] = .code("02")
    }
    draft[.violationCode] = .codes([facts.violation.code])
    draft[.violationDate] = .date(facts.violationDay)
    draft[.firstViolationFlag] = .flag(dice.happens(80))
    draft[.caseNo] = .text(facts.number)
    draft[.caseName] = .text("涉嫌\(facts.violation.words)案")
    draft[.caseSourceCode] = .code(
      isMonitored(facts) ? "06" : dice.pick(["01", "01", "02", "03", "05"]))
    draft[.caseTypeCode] = .code(facts.procedure)
    draft[.caseStatusCode] = .code(facts.status)
    draft[.majorDecisionFlag] = .flag(facts.isMajor)
    for field in [
      Field.statementFlag, .hearingFlag, .commitmentFlag, .jointEnforceFlag, .offsiteFlag,
    ] {
      draft[field] = .flag(dice.happens(10))
    }
    draft[.firstExemptFlag] = .flag(false)
    draft[.fullRecordFlag] = .flag(true)
    draft[.documentTypeCode] = .codes(facts.isSimple ? ["07"] : ["01", "02", "03"])
    if dice.happens(20) { draft[.documentErrorFlag] = .flag(false) }
    if dice.happens(30) { draft[.documentMadeDate] = .date(facts.decided) }
    if dice.happens(30) { draft[.crimeSuspectFlag] = .flag(false) }
    fillProcedure(&draft, facts, &dice)
    addParties(&draft, facts, [:], [:])
    addTrailer(&draft, facts)
  }

  /// A second party, where the case has one; values of the first and second row beside the party's.
  func addParties(
    _ draft: inout Draft, _ facts: CaseFacts, _ first: [Field: Value], _ second: [Field: Value]
  ) {
    guard let other = secondParty(facts) else { return }
    let row: [Field: Value] = [
      .partyTypeCode: .code("4"), .personName: .text(other.name), .personIdTypeCode: .code("111"),
      .personIdNo: .text(other.residentID), .minorFlag: .flag(false),
    ]
    draft.children.append(
      Draft.ChildRows(name: "parties", rows: [first, row.merging(second) { _, own in own }]))
  }

  /// The driver beside the owner, the foreman beside the company: in one case of seven.
  func secondParty(_ facts: CaseFacts) -> Person? {
    facts.index % 7 == 3 ? companion(facts.index) : nil
  }

  /// A road train has two plates.
  func addTrailer(_ draft: inout Draft, _ facts: CaseFacts) {
    guard bureau == .mot, facts.index % 4 == 1, !draft[.vehiclePlateNo].isEmpty else { return }
    let plate = "川A\(Spelling.padded(facts.index % 9000 + 1000, 4))挂"
    draft.children.append(
      Draft.ChildRows(
        name: "vehicles",
        rows: [[:], [.vehiclePlateNo: .text(plate), .plateTypeCode: .code("15")]]))
  }

  func plate(_ dice: inout Dice) -> String {
    "川A\(Spelling.padded(dice.roll(90_000) + 10_000, 5))"
  }

  private func fillProcedure(_ draft: inout Draft, _ facts: CaseFacts, _ dice: inout Dice) {
    draft[.acceptTime] = .time(moment(facts.accepted, dice.roll(8...17), dice.roll(60)))
    if facts.isMajor { draft[.collectiveDiscussDate] = .date(facts.reviewed + 1) }
    let stage = ["01": 1, "09": 1, "10": 1, "02": 2, "03": 3, "04": 4, "05": 5][facts.status] ?? 7
    if stage > 1, !facts.isSimple {
      draft[.filingDate] = .date(facts.filed)
      draft[.filingDocNo] = .text(
        "\(agencies[facts.agency].word)立〔\(Spelling.year(facts.filed))〕\(facts.index + 1)号")
    }
    if stage > 2 { draft[.investigateStartTime] = .time(moment(facts.filed, 18)) }
    if stage > 3 { draft[.investigateEndTime] = .time(moment(facts.filed + 9, 17)) }
    let isReviewed = facts.isMajor || (stage > 4 && !facts.isSimple)
    draft[.legalReviewFlag] = .flag(isReviewed)
    if isReviewed {
      draft[.legalReviewDate] = .date(facts.reviewed)
      draft[.legalReviewOpinion] = .text("事实清楚,证据确凿,程序合法")
    }
    if stage == 5, !facts.isSimple { draft[.noticeDate] = .date(facts.reviewed + 2) }
    if stage < 6, facts.status != "09", facts.status != "10" {
      draft[.nodeDeadline] = .time(moment(facts.filed + 90, 18))
    }
    if dice.happens(5) { draft[.extensionDays] = .count(dice.roll(1...30)) }
    guard stage == 7 else { return }
    draft[.closedDate] = .date(facts.closed)
    if facts.status == "08" {
      draft[.archivedDate] = .date(facts.closed + 5)
      if dice.happens(30) { draft[.fileReviewCode] = .code(dice.pick(["1", "2", "4"])) }
    }
    draft[.closeMethodCode] = .code(facts.isDecided ? "1" : "2")
    if !facts.isDecided { draft[.firstExemptFlag] = .flag(dice.happens(50)) }
  }

  /// COE: one for each of the first cases.
  func fillCoercion(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let facts = caseFacts(index)
    draft.set(agencies[facts.agency], officers: facts.officers)
    draft.set(facts.party)
    draft[.minorFlag] = .none
    if let plate = vehicle(ofCase: index) { draft[.vehiclePlateNo] = .text(plate) }
    if dice.happens(30) { draft[.secrecyLevelCode] = .code("0") }
    draft[.caseNo] = .text(facts.number)
    draft[.fullRecordFlag] = .flag(true)
    draft[.documentTypeCode] = .codes(["09"])
    draft[.coerciveDocNo] = .text(
      "\(agencies[facts.agency].word)强〔\(Spelling.year(facts.filed))〕\(index + 1)号")
    draft[.coerciveTypeCode] = .code(dice.pick(["02", "03", "03"]))
    draft[.coerciveObjectDesc] = .text("\(profile.goods)\(dice.roll(1...60))件")
    draft[.coerciveDecisionDate] = .date(facts.filed)
    draft[.coerciveFrom] = .date(facts.filed)
    draft[.coerciveTo] = .date(facts.filed + dice.roll(15...30))
    draft[.onTheSpotFlag] = .flag(dice.happens(30))
    addParties(&draft, facts, [:], [:])
    addTrailer(&draft, facts)
    if dice.happens(70) { draft[.seizedGoodsValue] = .money(fen: dice.roll(1...9000) * 100) }
    if dice.happens(60) {
      draft[.coerciveReleasedDate] = .date(facts.filed + dice.roll(5...14))
      draft[.goodsDisposalCode] = .code(dice.pick(["1", "2", "4"]))
    }
  }

  /// EVD: about cases, in turn.
  func fillEvidence(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let facts = caseFacts(caseOfEvidence(index))
    draft.set(agencies[facts.agency], officers: facts.officers)
    draft[.agencyUscc] = .none
    draft[.agencyName] = .none
    draft[.secrecyLevelCode] = .code("0")
    draft[.caseNo] = .text(facts.number)
    draft[.evidenceNo] = .text("\(profile.prefix)-ZJ-\(Spelling.padded(index + 1, 9))")
    let type = dice.pick(["01", "02", "03", "04", "05", "08"])
    draft[.evidenceTypeCode] = .code(type)
    draft[.evidenceName] = .text(dice.pick(profile.evidence))
    let taken = moment(facts.violationDay + 1, dice.roll(8...17), dice.roll(60))
    draft[.evidenceTime] = .time(taken)
    draft[.evidencePlace] = .text("清源市清河大道\(dice.roll(1...300))号")
    let isFile = type == "03" || type == "04"
    if isFile {
      draft[.deviceNo] = .text("ZFY-\(Spelling.padded(dice.roll(9000) + 1, 4))")
      draft[.evidenceFileName] = .text(
        "\(Spelling.compactDate(facts.violationDay + 1))-\(index + 1).mp4")
      draft[.evidenceSha256] = .text(hexadecimal(64, &dice))
      if dice.happens(50) {
        draft[.chainTxId] = .text("0x" + hexadecimal(40, &dice))
        draft[.chainTime] = .time(taken + 3600 * dice.roll(1...30))
      }
      draft[.violationStartOffset] = .number(dice.roll(60_000), decimals: 3)
      if dice.happens(50) {
        draft[.keyframeTags] = .codes(dice.pick([["1", "3"], ["2"], ["1", "4", "5"]]))
      }
    }
    draft[.evidenceSharedFlag] = .flag(dice.happens(60))
    draft[.evidenceDigitalFlag] = .flag(isFile)
    if dice.happens(60) { draft[.evidenceAdmittedFlag] = .flag(dice.happens(90)) }
  }

  /// Two for each of the first cases, so that they may lie inside of them; more go round.
  func caseOfEvidence(_ index: Int) -> Int { index / 2 % census.count(.cas) }

  private func hexadecimal(_ count: Int, _ dice: inout Dice) -> String {
    var digits = ""
    while digits.count < count { digits += String(dice.roll(16), radix: 16) }
    return digits
  }

  /// TRF
  func fillTransfer(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let subject = subject(of: index, salt: 41)
    draft.set(agencies[agency(of: subject)], officers: [])
    draft[.subjectName] = .text(subject.name)
    draft[.uscc] = .text(subject.creditCode)
    draft[.partyTypeCode] = .code(subject.partyType)
    draft[.secrecyLevelCode] = .code("0")
    draft[.transferNo] = .text("\(profile.prefix)-YS-\(Spelling.padded(index + 1, 8))")
    draft[.transferTypeCode] = .code(dice.pick(["1", "1", "2", "3", "5"]))
    let found = moment(horizon - 20 - dice.roll(300), dice.roll(8...16), dice.roll(60))
    let moved = found + dice.roll(2...30) * 3600
    draft[.clueFoundTime] = .time(found)
    draft[.transferTime] = .time(moved)
    draft[.receiverUscc] = .text(
      Self.creditCode(
        prefix: "11", division: "510100", organisation: Self.organisation("MB", 5000 + dice.roll(9))
      ))
    if dice.happens(80) {
      draft[.receivedTime] = .time(moved + 3600)
      draft[.transferQualifiedFlag] = .flag(dice.happens(90))
    }
    if dice.happens(60) {
      draft[.respondedTime] = .time(moved + 3600 * dice.roll(2...40))
      draft[.receiveResultCode] = .code(dice.pick(["1", "2", "3", "5"]))
    }
    draft[.majorEnvClueFlag] = .flag(dice.happens(10))
    draft[.transferReason] = .text(dice.pick(profile.clues))
    draft[.crimeSuspectFlag] = .flag(dice.happens(10))
  }
}
