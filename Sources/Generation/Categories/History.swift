extension City {
  /// VIO: one for each of the first penalties.
  func fillViolation(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let facts = caseFacts(index)
    draft[.divisionCode] = .text(agencies[facts.agency].division)
    draft.set(facts.party)
    draft[.violationRecordNo] = .text("\(profile.prefix)-WF-\(Spelling.padded(index + 1, 9))")
    draft[.violationCode] = .codes([facts.violation.code])
    draft[.violationDesc] = .text(facts.violation.words)
    draft[.violationDate] = .date(facts.violationDay)
    draft[.violationDocNo] = .text(facts.decisionNumber)
    let before = earlierPenalties(than: facts)
    draft[.firstViolationFlag] = .flag(before == 0)
    draft[.violationCount3y] = .count(before)
    draft[.penaltyTypeCode] = .codes(sanctionTypes(index))
    if dice.happens(80) { draft[.decisionDate] = .date(facts.decided) }
  }

  /// Decisions of all systems against the same subject in the three years before the violation.
  private func earlierPenalties(than facts: CaseFacts) -> Int {
    guard case .enterprise(let subject) = facts.party else { return 0 }
    // No decision is older than three years before any violation.
    return penalties(of: subject).count { $0.facts.decided < facts.violationDay }
  }

  /// The kinds of penalty of the penalty with this index.
  private func sanctionTypes(_ index: Int) -> [String] {
    var draft = Draft()
    var dice = Dice(seed: ownSeed, purpose: UInt64(Kind.pen.rawValue + 1), index: index)
    fillPenalty(&draft, index, &dice)
    return draft.codes(.penaltyTypeCode)
  }

  /// CRD: one for each of the first subjects; other systems know of some of them.
  func fillCredit(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let subject = enterprise(index % register.count)
    // Every system tells of the same evaluation.
    var facts = Dice(seed: seed, purpose: Purpose.credit.rawValue, index: subject.index)
    draft[.divisionCode] = .text(agencies[agency(of: subject)].division)
    draft[.subjectName] = .text(subject.name)
    draft[.uscc] = .text(subject.creditCode)
    let grade = facts.pick(["A", "A", "B", "B", "B", "C", "D"])
    let score =
      switch grade {
      case "A": facts.roll(8500...9900)
      case "B": facts.roll(7000...8490)
      case "C": facts.roll(5500...6990)
      default: facts.roll(2000...5490)
      }
    let evaluated = horizon - facts.roll(300)
    draft[.creditGradeCode] = .code(grade)
    draft[.creditScore] = .number(score, decimals: 1)
    draft[.creditEvalDate] = .date(evaluated)
    if facts.happens(60) { draft[.violationCount3y] = .count(facts.roll(3)) }
    if facts.happens(70) {
      draft[.creditMeasureCode] = .code(["A": "01", "B": "02", "C": "03"][grade] ?? "04")
    }
    fillLists(&draft, subject, grade, evaluated, &facts)
    let environmental = facts.pick(["A", "B", "B", "B", "C", "D"])
    if index < seen(by: .mee).census.final(.crd), bureau == .mee || bureau == .sam {
      draft[.envCreditGradeCode] = .code(environmental)
    }
    draft[.industryRiskCoef] = .number(facts.roll(80...180), decimals: 2)
    draft[.riskLevelCode] = .code(dice.pick(["1", "2", "3", "4"]))
  }

  private func fillLists(
    _ draft: inout Draft, _ subject: Enterprise, _ grade: String, _ evaluated: Int,
    _ facts: inout Dice
  ) {
    let isAbnormal = grade > "B" && facts.happens(50)
    let isSerious = (grade == "D" && facts.happens(30)) || hasGravePenalty(subject)
    draft[.abnormalListFlag] = .flag(isAbnormal)
    draft[.seriousIllegalFlag] = .flag(isSerious)
    draft[.jointPunishFlag] = .flag(isSerious)
    if isAbnormal { draft[.abnormalReasonCode] = .code(facts.pick(["1", "2", "4"])) }
    guard isAbnormal || isSerious else { return }
    draft[.listInDate] = .date(evaluated - 90)
    if facts.happens(30) { draft[.listOutDate] = .date(evaluated - 20) }
    if facts.happens(20) { draft[.creditRepairDate] = .date(evaluated - 15) }
  }

  private func hasGravePenalty(_ subject: Enterprise) -> Bool {
    subject.status == "2" && !penalties(of: subject).isEmpty
  }

  /// REV: one for each of the first penalties.
  func fillReview(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let facts = caseFacts(index)
    draft[.divisionCode] = .text(agencies[facts.agency].division)
    draft.set(facts.party)
    draft[.personIdTypeCode] = .none
    draft[.caseNo] = .text(facts.number)
    if dice.happens(60) { draft[.caseName] = .text("不服\(facts.violation.words)处罚一案") }
    draft[.penaltyDocNo] = .text(facts.decisionNumber)
    let year = Spelling.year(facts.decided + 20)
    let isCourt = dice.happens(40)
    draft[.reviewTypeCode] = .code(isCourt ? "2" : "1")
    draft[.reviewCaseNo] = .text(
      isCourt ? "(\(year))川0104行初\(index + 1)号" : "清府复〔\(year)〕\(index + 1)号")
    draft[.reviewBodyName] = .text(isCourt ? "清源市东湖区人民法院" : "清源市人民政府")
    draft[.reviewApplyDate] = .date(facts.decided + 20)
    guard facts.decided + 36 <= horizon, dice.happens(80) else { return }
    draft[.reviewCloseDate] = .date(facts.decided + 36)
    let result = dice.pick(["1", "1", "1", "2", "3", "7"])
    draft[.reviewResultCode] = .code(result)
    if ["2", "3", "4"].contains(result) {
      draft[.evidenceCauseFlag] = .flag(dice.happens(40))
      draft[.correctionCauseCode] = .code(dice.pick(["2", "3", "4"]))
    }
  }
}
