extension City {
  /// CMP
  func fillComplaint(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let subject = subject(of: index, salt: 53)
    draft[.divisionCode] = .text(agencies[agency(of: subject)].division)
    let status = dice.pick(["01", "02", "03", "04", "04", "04", "04", "05", "06"])
    draft[.handlingStatusCode] = .code(status)
    if status != "01" {
      draft[.agencyUscc] = .text(agencies[agency(of: subject)].creditCode)
      draft[.agencyName] = .text(agencies[agency(of: subject)].name)
    }
    if dice.happens(20) { draft[.secrecyLevelCode] = .code("0") }
    if dice.happens(50) {
      draft[.subjectName] = .text(subject.name)
      draft[.uscc] = .text(subject.creditCode)
    }
    draft[.respondentName] = .text(subject.name)
    draft[.complaintNo] = .text("\(profile.prefix)12345\(Spelling.padded(index + 1, 9))")
    draft[.complaintChannelCode] = .code(dice.pick(profile.channels))
    draft[.complaintTypeCode] = .code(dice.pick(["1", "1", "2", "2", "3"]))
    draft[.issueCategoryCode] = .code(dice.pick(profile.issues))
    draft[.complaintContent] = .text(
      dice.pick(profile.complaints))
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
    draft[.divisionCode] = .text(agencies[agency(of: subject)].division)
    if dice.happens(60) {
      draft[.subjectName] = .text(subject.name)
      draft[.uscc] = .text(subject.creditCode)
    }
    if dice.happens(30) { draft[.secrecyLevelCode] = .code("0") }
    draft[.opinionNo] = .text("\(profile.prefix)-YQ-\(Spelling.padded(index + 1, 7))")
    draft[.opinionTitle] = .text(dice.pick(profile.opinions))
    draft[.opinionSummary] = .text("网友发帖反映有关情况,\n跟帖\(dice.roll(1...900))条")
    draft[.opinionTime] = .time(moment(horizon - dice.roll(200), dice.roll(24), dice.roll(60)))
    draft[.opinionPlatform] = .text(dice.pick(["示例论坛", "示例短视频", "示例微博"]))
    if dice.happens(70) { draft[.opinionUrl] = .text("https://example.com/post/\(index + 1)") }
    draft[.sentimentCode] = .code(dice.pick(["1", "2", "3", "3"]))
    draft[.opinionLevelCode] = .code(dice.pick(["3", "4", "4", "4"]))
    if dice.happens(80) { draft[.opinionSpreadCount] = .count(dice.roll(100_000)) }
  }
}
