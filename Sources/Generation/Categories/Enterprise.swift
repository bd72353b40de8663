extension City {
  /// ENT: the register itself, or what another system copied of it.
  func fillEnterprise(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let subject = bureau == .sam ? enterprise(index) : subject(of: index, salt: 83)
    let index = subject.index
    let agency = seen(by: .sam).agencies[subject.district]
    let division = agency.division == "510100" ? "510104" : agency.division
    // What the register says is the same whoever copies it.
    var facts = Dice(seed: seed, purpose: Purpose.registration.rawValue, index: index)
    draft[.divisionCode] = .text(division)
    draft[.subjectName] = .text(subject.name)
    draft[.uscc] = .text(subject.creditCode)
    if facts.happens(80) { draft[.orgCode] = .text(subject.organisationCode) }
    if facts.happens(40) { draft[.registrationNo] = .text(registrationNumber(index)) }
    draft[.subjectTypeCode] = .code(
      subject.isHousehold ? "9500" : facts.pick(["1100", "1100", "1100", "1200", "2000", "4500"]))
    let person = seen(by: .sam).person(10_000_000 + index)
    draft[.legalRepName] = .text(subject.legalRepresentative)
    draft[.legalRepIdTypeCode] = .code("111")
    draft[.legalRepIdNo] = .text(person.residentID)
    draft[.registeredCapital] = .number(facts.roll(1...2000) * 500_000, decimals: 6)
    draft[.capitalCurrencyCode] = .code("CNY")
    fillTerm(&draft, subject, &facts)
    draft[.registeredAddress] = .text(subject.address)
    draft[.registeredDivisionCode] = .text(division)
    if dice.happens(40) { draft[.businessAddress] = .text(subject.address) }
    if dice.happens(60) { draft[.postalCode] = .text("6100\(dice.roll(10...99))") }
    draft[.businessScope] = .text(
      facts.happens(5)
        ? subject.business.scope + "\n(依法须经批准的项目,经相关部门批准后方可开展经营活动)"
        : subject.business.scope)
    draft[.industryCode] = .text(
      facts.happens(20) ? String(subject.business.industry.dropFirst()) : subject.business.industry)
    draft[.registrationAuthority] = .text(agency.name)
    if dice.happens(70) { draft[.subjectPhone] = .text(phone(&dice)) }
    if dice.happens(50) { draft[.employeeCount] = .count(dice.roll(1...400)) }
    let isFood = subject.business.foodFormat != nil
    draft[.foodKeyFlag] = .flag(isFood)
    if let format = subject.business.foodFormat { draft[.businessFormatCode] = .code(format) }
    draft[.safetyKeyFlag] = .flag(subject.business.word == "化工")
  }

  private func fillTerm(_ draft: inout Draft, _ subject: Enterprise, _ dice: inout Dice) {
    let approved = min(horizon, subject.established + dice.roll(120))
    draft[.establishedDate] = .date(subject.established)
    draft[.approvedDate] = .date(approved)
    draft[.registrationStatusCode] = .code(subject.status)
    if let ended = subject.ended { draft[.deregisteredDate] = .date(ended) }
    guard dice.happens(70) else { return }
    draft[.businessTermFrom] = .date(subject.established)
    draft[.businessTermTo] = .date(
      dice.happens(70) ? DateSpelling.openEnd : subject.established + 365 * 20)
  }

  func phone(_ dice: inout Dice) -> String {
    dice.happens(50)
      ? "028-8\(Spelling.padded(dice.roll(10_000_000), 7))"
      : "1\(dice.pick(["38", "59", "86", "77"]))\(Spelling.padded(dice.roll(100_000_000), 8))"
  }
}
