extension City {
  /// LIC
  func fillLicence(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let subject = subject(of: index, salt: 3)
    let agency = agencies[agency(of: subject)]
    draft[.divisionCode] = .text(agency.division)
    draft[.subjectName] = .text(subject.name)
    draft[.uscc] = .text(subject.creditCode)
    draft[.partyTypeCode] = .code(subject.partyType)
    if bureau == .sam {
      fillFoodLicence(&draft, subject, index, &dice)
    } else {
      let licence = dice.pick(profile.licences)
      draft[.licenceTypeCode] = .code(licence.type)
      draft[.licenceName] = .text(licence.name)
      draft[.licensedItem] = .text(licence.item)
      draft[.licenceNo] = .text(number(of: licence, subject, index))
      if licence.type == "05" || licence.type == "06" {
        draft[.hazchemItems] = .text(dice.pick(["乙醇、丙酮", "汽油、柴油", "硫酸;盐酸"]))
      }
    }
    fillLicenceDates(&draft, subject, index, &dice)
    addChanges(&draft, subject, index)
    draft[.licenceAuthorityName] = .text(agency.name)
    draft[.licenceAuthorityUscc] = .text(agency.creditCode)
    draft[.licenceSiteAddress] = .text(subject.address)
    let isPublic = dice.happens(90) || bureau == .mee || bureau == .mnr
    draft[.publicityFlag] = .flag(isPublic)
    if isPublic, let decided = draft.date(.licenceDecisionDate) {
      draft[.publicityDate] = .date(decided + dice.roll(6))
    }
  }

  /// Decisions that changed the licence since.
  private func addChanges(_ draft: inout Draft, _ subject: Enterprise, _ index: Int) {
    guard bureau == .nmp, let decided = draft.date(.licenceDecisionDate) else { return }
    let word = agencies[agency(of: subject)].word
    let rows = (0..<index % 3).map { number -> [Field: Value] in
      let day = min(horizon, decided + 90 * (number + 1))
      return [
        .licenceDecisionNo: .text("\(word)许变〔\(Spelling.year(day))〕\(index + 1)\(number)号"),
        .licenceDecisionDate: .date(day), .licensedItem: .text("变更企业负责人"),
      ]
    }
    draft.children.append(Draft.ChildRows(name: "changes", rows: rows))
  }

  private func fillFoodLicence(
    _ draft: inout Draft, _ subject: Enterprise, _ index: Int, _ dice: inout Dice
  ) {
    let isProduction = subject.business.foodFormat == "08"
    draft[.licenceTypeCode] = .code(isProduction ? "02" : "01")
    draft[.licenceName] = .text(isProduction ? "食品生产许可证" : "食品经营许可证")
    draft[.licenceNo] = .text(licenceNumber(subject, index, isProduction: isProduction))
    let items =
      isProduction
      ? ["09"] : dice.pick([["01", "02"], ["02"], ["04"], ["04", "05"], ["04", "08"]])
    draft[.foodBusinessItems] = .codes(items)
    draft[.licensedItem] = .text(isProduction ? "糕点、调味品生产" : "食品经营(以许可证副本载明的项目为准)")
    if !isProduction {
      draft[.businessFormatCode] = .code(subject.business.foodFormat ?? "01")
    }
  }

  /// Numbers of one type are different for every index.
  private func number(of licence: Profile.Licence, _ subject: Enterprise, _ index: Int) -> String {
    // Six digits; then the year goes back by one.
    let serial = Spelling.padded(index % 1_000_000, 6)
    let year = 2025 - index / 1_000_000
    switch licence.type {
    case "03": return "川CB\(Spelling.padded(index + 1, 7))"
    case "04": return "川20\(serial)"
    case "05": return "川蓉危化经字〔\(year)〕\(serial)号"
    case "06": return "(川)WH安许证字〔\(year)〕\(serial)"
    case "07":
      let round = index / register.count
      return subject.creditCode + Spelling.padded(round % 999 + 1, 3) + "P"
    case "08": return Spelling.padded(510_100 + index / 1_000_000, 6) + serial
    case "09": return "川蓉卫公证字〔\(year)〕第\(serial)号"
    case "10": return "PDY" + Spelling.padded(index + 1, 8) + "51010417D12"
    default: return "川蓉\(profile.word)证字〔\(year)〕\(serial)号"
    }
  }

  private func fillLicenceDates(
    _ draft: inout Draft, _ subject: Enterprise, _ index: Int, _ dice: inout Dice
  ) {
    let decided = max(subject.established + 10, horizon - 10 - dice.roll(1600))
    let from = decided + dice.roll(3)
    draft[.licenceDecisionDate] = .date(decided)
    draft[.licenceValidFrom] = .date(from)
    draft[.licenceValidTo] = .date(from + 5 * 365)
    draft[.licenceDecisionNo] = .text(
      "\(agencies[agency(of: subject)].word)许〔\(Spelling.year(decided))〕\(index + 1)号")
    switch subject.status {
    case "4", "2":
      draft[.licenceStatusCode] = .code("4")
      draft[.licenceRevokedDate] = .date(min(horizon, from + 30 + dice.roll(20)))
      if from > horizon - 1 { draft[.licenceRevokedDate] = .date(from) }
    default: draft[.licenceStatusCode] = .code(dice.happens(97) ? "1" : "2")
    }
  }

  /// The place in a number is the division, until the sequence has run out.
  func licenceNumber(_ subject: Enterprise, _ index: Int, isProduction: Bool) -> String {
    let sort = isProduction ? 1 + index / 10_000 % 31 : subject.business.foodFormat == "02" ? 2 : 1
    let run = isProduction ? index / 310_000 : index / 1_000_000
    let place =
      run == 0 ? agencies[agency(of: subject)].division : Spelling.padded(510_200 + run, 6)
    let digits =
      isProduction
      ? "1" + Spelling.padded(sort, 2) + place + Spelling.padded(index % 10_000, 4)
      : "\(sort)" + place + Spelling.padded(index % 1_000_000, 6)
    let check = CheckDigits.complete(digits) { CheckDigits.mod11And10($0) }
    return (isProduction ? "SC" : "JY") + check
  }
}
