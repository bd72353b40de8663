extension City {
  /// CMP
  func fillComplaint(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let subject = subject(of: index, salt: 53)
    draft[.divisionCode] = .text(agencies[subject.agency].division)
    let status = dice.pick(["01", "02", "03", "04", "04", "04", "04", "05", "06"])
    draft[.handlingStatusCode] = .code(status)
    if status != "01" {
      draft[.agencyUscc] = .text(agencies[subject.agency].creditCode)
      draft[.agencyName] = .text(agencies[subject.agency].name)
    }
    if dice.happens(20) { draft[.secrecyLevelCode] = .code("0") }
    if dice.happens(50) {
      draft[.subjectName] = .text(subject.name)
      draft[.uscc] = .text(subject.creditCode)
    }
    draft[.respondentName] = .text(subject.name)
    draft[.complaintNo] = .text("QY12315\(Spelling.padded(index + 1, 9))")
    draft[.complaintChannelCode] = .code(dice.pick(["01", "02", "02", "04", "06"]))
    draft[.complaintTypeCode] = .code(dice.pick(["1", "1", "2", "2", "3"]))
    draft[.issueCategoryCode] = .code(dice.pick(["01", "01", "08", "07", "99"]))
    draft[.complaintContent] = .text(
      dice.pick(["反映该店销售过期食品", "反映用餐后腹泻,要求核查", "称\"满减\"活动与宣传不符", "反映不明码标价,\n已拍照"]))
    let isAnonymous = dice.happens(25)
    draft[.anonymousFlag] = .flag(isAnonymous)
    if !isAnonymous {
      draft[.complainantName] = .text(Words.person(&dice))
      draft[.complainantPhone] = .text(phone(&dice))
    }
    if dice.happens(50) { draft[.incidentAddress] = .text(subject.address) }
    fillHandling(&draft, status, &dice)
  }

  private func fillHandling(_ draft: inout Draft, _ status: String, _ dice: inout Dice) {
    let made = moment(horizon - 12 - dice.roll(400), dice.roll(8...20), dice.roll(60))
    draft[.complaintTime] = .time(made)
    guard status != "01" else { return }
    draft[.firstResponseTime] = .time(made + dice.roll(10...1300) * 60)
    guard status == "04" else { return }
    draft[.feedbackTime] = .time(made + 86_400 + dice.roll(5 * 1440) * 60)
    draft[.handlingResult] = .text(dice.pick(["已责令改正并回复", "双方达成和解", "已立案查处"]))
    if dice.happens(60) {
      draft[.satisfactionScore] = .number(dice.roll(6000...10_000), decimals: 2)
      draft[.satisfactionDimCode] = .code(dice.pick(["1", "2", "3"]))
    }
    if dice.happens(4) { draft[.rewardAmount] = .money(fen: dice.roll(1...50) * 10_000) }
  }

  /// OPN
  func fillOpinion(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let subject = subject(of: index, salt: 61)
    draft[.divisionCode] = .text(agencies[subject.agency].division)
    if dice.happens(60) {
      draft[.subjectName] = .text(subject.name)
      draft[.uscc] = .text(subject.creditCode)
    }
    if dice.happens(30) { draft[.secrecyLevelCode] = .code("0") }
    draft[.opinionNo] = .text("QY-YQ-\(Spelling.padded(index + 1, 7))")
    draft[.opinionTitle] = .text(dice.pick(["网友反映餐馆卫生", "直播间销售食品标签不全", "集贸市场短斤少两"]))
    draft[.opinionSummary] = .text("网友发帖反映有关情况,\n跟帖\(dice.roll(1...900))条")
    draft[.opinionTime] = .time(moment(horizon - dice.roll(200), dice.roll(24), dice.roll(60)))
    draft[.opinionPlatform] = .text(dice.pick(["示例论坛", "示例短视频", "示例微博"]))
    if dice.happens(70) { draft[.opinionUrl] = .text("https://example.com/post/\(index + 1)") }
    draft[.sentimentCode] = .code(dice.pick(["1", "2", "3", "3"]))
    draft[.opinionLevelCode] = .code(dice.pick(["3", "4", "4", "4"]))
    if dice.happens(80) { draft[.opinionSpreadCount] = .count(dice.roll(100_000)) }
  }

  /// MON: food sampling, one line for each item of a sample.
  func fillSample(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let subject = subject(of: index, salt: 71)
    draft[.divisionCode] = .text(agencies[subject.agency].division)
    draft[.subjectName] = .text(subject.name)
    draft[.uscc] = .text(subject.creditCode)
    draft[.monitorNo] = .text("DC\(Spelling.padded(index + 1, 12))")
    draft[.monitorKindCode] = .code("2")
    draft[.monitorOrgName] = .text("清源市示例检验检测中心")
    draft[.monitorOrgCertNo] = .text("QY2026\(Spelling.padded(dice.roll(900) + 1, 7))")
    // Older failures would call for a case (CR58).
    let isBad = dice.happens(6)
    let day = isBad ? horizon - dice.roll(15) : horizon - dice.roll(300)
    draft[.monitorTime] = .time(moment(day, dice.roll(8...17), dice.roll(60)))
    let (item, unit, limit) = dice.pick([
      ("F003", "mg/kg", 5000), ("F004", "mg/kg", 10_000), ("F004", "mg/kg", 2500),
    ])
    draft[.monitorItemCode] = .code(item)
    draft[.unitCode] = .code(unit)
    draft[.limitHigh] = .number(limit, decimals: 4)
    draft[.monitorResultCode] = .code(isBad ? "2" : "1")
    if isBad {
      let excess = limit / 10 * dice.roll(1...9)
      draft[.monitorValue] = .number(limit + excess, decimals: 4)
      draft[.exceedRatio] = .number(excess * 1000 / limit, decimals: 3)
    } else if dice.happens(20) {
      draft[.monitorValue] = .raw(dice.pick(["未检出", "ND", "<0.05"]))
    } else {
      draft[.monitorValue] = .number(dice.roll(limit), decimals: 4)
    }
    if dice.happens(20) { draft[.dataValidityCode] = .code("N") }
    let made = day - dice.roll(1...20)
    let isLoose = dice.happens(15)
    draft[.sampleName] = .text(dice.pick(["卤牛肉", "豆瓣酱", "鲜面条", "菜籽油"]))
    draft[.sampleLotNo] = .text(isLoose ? "/" : Spelling.compactDate(made))
    draft[.productionDate] = .date(made)
    if !isLoose { draft[.shelfLifeDays] = .count(dice.pick([30, 180, 365])) }
    draft[.sampledAddress] = .text(subject.address)
    draft[.producerName] = .text(isLoose ? "/" : "清源市示例食品加工厂")
    draft[.enforcementUsedFlag] = .flag(isBad)
  }
}
