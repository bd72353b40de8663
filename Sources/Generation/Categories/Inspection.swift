extension City {
  /// What an inspection on the ground of a random draw shares with its task.
  private struct Task {
    var number: String
    var plan: String
    var item: String
    var subject: Enterprise
    var drawn: Int
    var officers: [Officer]
  }

  private func task(_ index: Int) -> Task {
    var dice = dice(.lot, index)
    let subject = subject(of: index, salt: 17)
    let drawn = horizon - 20 - dice.roll(280)
    let division = agencies[agency(of: subject)].division
    let year = Spelling.padded(Spelling.year(drawn), 4)
    let plan = "\(division)\(year)SJ\(bureau.field)\(Spelling.padded(index / 8 % 90 + 10, 2))"
    return Task(
      number: "\(plan)-\(Spelling.padded(index + 1, 8))", plan: plan,
      item: item(index / register.count * 40 + subject.index % 40 + 1), subject: subject,
      drawn: drawn,
      officers: officers(of: agency(of: subject), &dice))
  }

  private func item(_ number: Int) -> String {
    "510100\(profile.item)\(Spelling.padded(number, 6))"
  }

  /// RND
  func fillRandomTask(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let task = task(index)
    draft.set(agencies[agency(of: task.subject)], officers: task.officers)
    draft[.officerName] = .none
    draft[.secrecyLevelCode] = .code("0")
    draft[.planNo] = .text(task.plan)
    draft[.planName] = .text("\(Spelling.year(task.drawn))年度双随机抽查计划")
    draft[.taskNo] = .text(task.number)
    draft[.itemCode] = .text(task.item)
    let base = dice.roll(20...3000)
    let ratio = dice.pick([300, 500, 1000, 1250])
    draft[.sampleBaseCount] = .count(base)
    draft[.sampleRatio] = .number(ratio, decimals: 2)
    draft[.sampleCount] = .count((base * ratio + 9999) / 10_000)
    draft[.riskLevelCode] = .code(dice.pick(["1", "2", "3", "4"]))
    if dice.happens(50) { draft[.prescreenScore] = .number(dice.roll(10_000), decimals: 2) }
    let isJoint = agencies.count > 1 && dice.happens(15)
    draft[.jointCheckFlag] = .flag(isJoint)
    if isJoint {
      draft[.jointAgencyList] = .texts([agencies[0].creditCode, agencies[1].creditCode])
    }
    let status = dice.pick(["01", "02", "03", "04", "05", "05", "05"])
    draft[.taskStatusCode] = .code(status)
    draft[.publicityFlag] = .flag(status == "05")
    if status == "05" { draft[.publicityDate] = .date(task.drawn + 12) }
    if status == "01" {
      draft[.officerCertNo] = .none
    } else {
      draft[.subjectName] = .text(task.subject.name)
      draft[.uscc] = .text(task.subject.creditCode)
      draft[.industryCode] = .text(task.subject.business.industry)
      draft[.drawDate] = .date(task.drawn)
    }
  }

  /// INS: the first ones found problems and were followed by rectification.
  func fillInspection(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let facts = inspectionFacts(index)
    draft.set(agencies[agency(of: facts.subject)], officers: facts.officers)
    draft[.secrecyLevelCode] = .code("0")
    draft[.publicityFlag] = .flag(true)
    draft[.publicityDate] = .date(facts.day + dice.roll(15))
    draft[.subjectName] = .text(facts.subject.name)
    draft[.uscc] = .text(facts.subject.creditCode)
    draft[.partyTypeCode] = .code(facts.subject.partyType)
    draft[.businessAddress] = .text(facts.subject.address)
    draft[.inspectionPlace] = .text(facts.subject.address)
    draft[.inspectionNo] = .text(facts.number)
    draft[.inspectionModeCode] = .code(facts.task == nil ? dice.pick(["2", "3", "4", "6"]) : "1")
    draft[.inspectionFormCode] = .code(dice.pick(["1", "1", "1", "3"]))
    draft[.itemCode] = .text(
      facts.item)
    if let task = facts.task { draft[.taskNo] = .text(task.number) }
    draft[.inspectionDate] = .date(facts.day)
    let begun = moment(facts.day, dice.roll(8...15), dice.roll(60))
    draft[.inspectionStartTime] = .time(begun)
    draft[.inspectionEndTime] = .time(begun + dice.roll(10...180) * 60)
    fillFindings(&draft, facts.hasProblem, &dice)
    draft[.jointCheckFlag] = .flag(dice.happens(10))
    draft[.oneStopCheckFlag] = .flag(dice.happens(20))
    draft[.partyConfirmFlag] = .flag(dice.happens(95))
    if dice.happens(50) { draft[.qrEntryFlag] = .flag(dice.happens(80)) }
    if dice.happens(50) { draft[.fullRecordFlag] = .flag(true) }
    if dice.happens(20) {
      let word = agencies[agency(of: facts.subject)].word
      draft[.inspectionDocNo] = .text("\(word)检〔\(Spelling.year(facts.day))〕\(index + 1)号")
    }
  }

  private func fillFindings(_ draft: inout Draft, _ hasProblem: Bool, _ dice: inout Dice) {
    let due = dice.roll(5...40)
    draft[.checkPointsDue] = .count(due)
    draft[.checkPointsDone] = .count(due - dice.roll(min(due, 3)))
    if dice.happens(60) {
      draft[.checkPointList] = .codes(
        dice.pick(profile.checkPoints))
    }
    guard hasProblem else {
      draft[.inspectionResultCode] = .code(dice.happens(95) ? "1" : "8")
      draft[.problemCount] = .count(0)
      return
    }
    let isSerious = dice.happens(25)
    draft[.inspectionResultCode] = .code(isSerious ? "3" : "2")
    draft[.problemCount] = .count(dice.roll(1...4))
    draft[.problemDesc] = .text(dice.pick(profile.problems))
    draft[.inspectionActionCode] = .code(isSerious ? "3" : "2")
    if isSerious { draft[.violationCode] = .codes([profile.violations[0].code]) }
  }

  private struct InspectionFacts {
    var subject: Enterprise
    var task: Task?
    var item: String
    var officers: [Officer]
    var day: Int
    var number: String
    var hasProblem: Bool
  }

  private func inspectionFacts(_ index: Int) -> InspectionFacts {
    var dice = dice(.lot, 50_000_000 + index)
    // Every third follows a draw, as long as there are draws.
    let task = index % 3 == 2 && index / 3 < census.count(.rnd) ? task(index / 3) : nil
    // Every tenth is the second visit to the subject of the one before; a third one never happens.
    let visit = index % 30 == 1 ? index - 1 : index
    let subject = task?.subject ?? subject(of: visit, salt: 5)
    let day = task.map { $0.drawn + 5 } ?? horizon - 25 - dice.roll(300)
    return InspectionFacts(
      subject: subject, task: task,
      item: task?.item ?? item(900_000 + visit / register.count * 7 + subject.index % 7),
      officers: task?.officers ?? officers(of: agency(of: subject), &dice), day: day,
      number: "\(profile.prefix)-JC-\(Spelling.year(day))\(Spelling.padded(index + 1, 8))",
      hasProblem: index < census.final(.rec) || dice.happens(5))
  }

  /// REC: one for each of the first inspections.
  func fillRectification(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let facts = inspectionFacts(index)
    let agency = agencies[agency(of: facts.subject)]
    draft.set(agency, officers: [])
    draft[.subjectName] = .text(facts.subject.name)
    draft[.uscc] = .text(facts.subject.creditCode)
    draft[.partyTypeCode] = .code(facts.subject.partyType)
    draft[.inspectionNo] = .text(facts.number)
    draft[.rectifyDocNo] = .text("\(agency.word)责改〔\(Spelling.year(facts.day))〕\(index + 1)号")
    draft[.rectifyRequirement] = .text(
      bureau == .sam ? "立即下架问题食品,\n建立进货查验台账" : "立即消除问题,\n完善管理制度并书面报告")
    draft[.rectifyTypeCode] = .code(dice.pick(["1", "2", "2", "2"]))
    draft[.rectifyOrderDate] = .date(facts.day)
    let due = facts.day + dice.roll(7...15)
    draft[.rectifyDueDate] = .date(due)
    let result = dice.pick(["1", "1", "1", "1", "2", "3"])
    draft[.rectifyResultCode] = .code(result)
    if result == "1" { draft[.rectifyDoneDate] = .date(facts.day + dice.roll(1...7)) }
    if dice.happens(60) {
      draft[.recheckDate] = .date(due + 1)
      draft[.rectifyOnceFlag] = .flag(result == "1")
    }
    if bureau == .mee { draft[.ecoRestoreFlag] = .flag(dice.happens(20)) }
    let isPromised = dice.happens(20)
    draft[.commitmentFlag] = .flag(isPromised)
    if isPromised { draft[.commitmentDate] = .date(facts.day + 1) }
  }
}
