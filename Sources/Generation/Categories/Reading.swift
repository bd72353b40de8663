extension City {
  /// MON: eight readings of one place follow each other; some failed readings led to a case.
  func fillReading(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let group = index / 8
    let suspected = monitoredCase(ofGroup: group)
    let subject = readingSubject(index)
    var place = self.dice(.place, group)
    draft[.divisionCode] = .text(agencies[agency(of: subject)].division)
    draft[.subjectName] = .text(subject.name)
    draft[.uscc] = .text(subject.creditCode)
    // The readings of an outlet share the number of their record.
    let number = bureau == .mee ? group : index
    draft[.monitorNo] = .text("DC\(bureau.field)\(Spelling.padded(number + 1, 10))")
    draft[.monitorKindCode] = .code(profile.monitorKind)
    fillPlace(&draft, group, &place)
    if bureau == .hud { fillDevice(&draft, index / Kind.mon.perLeader) }
    let leadsToCase = index % 8 == 0 && suspected != nil
    // Other failures are so young that no case is due in any night.
    let isBad = leadsToCase || (census.isShort && dice.happens(4))
    let last = isBad ? 15 : 300
    let day = suspected.map { $0.filed - 1 - place.roll(20) } ?? horizon - dice.roll(last)
    let time = moment(day, (index % 8) * 3, dice.roll(60))
    draft[.monitorTime] = .time(time)
    fillValue(&draft, isBad: isBad, &dice)
    if profile.monitorKind == "2" { fillSample(&draft, subject, day, &dice) }
    draft[.enforcementUsedFlag] = .flag(isBad)
  }

  /// Whose place is measured.
  func readingSubject(_ index: Int) -> Enterprise {
    let group = index / 8
    if let suspected = monitoredCase(ofGroup: group),
      case .enterprise(let subject) = suspected.party
    {
      return subject
    }
    return bureau == .hud
      ? facilitySubject(index / Kind.mon.perLeader) : subject(of: group, salt: 71)
  }

  /// What a reading has of the device in which it lies.
  private func fillDevice(_ draft: inout Draft, _ facility: Int) {
    var device = Draft()
    var dice = Dice(seed: ownSeed, purpose: UInt64(Kind.fac.rawValue + 1), index: facility)
    fillFacility(&device, facility, &dice)
    for field in [Field.facilityId, .facilityLongitude, .facilityLatitude, .divisionCode] {
      draft[field] = device[field]
    }
  }

  private func fillPlace(_ draft: inout Draft, _ group: Int, _ place: inout Dice) {
    if let facility = profile.facilities.first, facility != "05" {
      draft[.facilityId] = .text("\(profile.prefix)-JK-\(Spelling.padded(group + 1, 8))")
    }
    draft[.facilityLongitude] = .number(104_000_000 + place.roll(150_000), decimals: 6)
    draft[.facilityLatitude] = .number(30_550_000 + place.roll(200_000), decimals: 6)
    if profile.monitorKind == "1" {
      let sort = place.happens(40) ? "W" : "A"
      draft[.outletNo] = .text("D\(sort)\(Spelling.padded(group % 900 + 1, 3))")
    }
    if profile.monitorKind == "4" { draft[.vehiclePlateNo] = .text(plate(&place)) }
    draft[.monitorOrgName] = .text("清源市示例\(bureau == .sam ? "检验检测" : "监测")中心")
    draft[.monitorOrgCertNo] = .text("QY2026\(Spelling.padded(place.roll(900) + 1, 7))")
  }

  private func fillValue(_ draft: inout Draft, isBad: Bool, _ dice: inout Dice) {
    let reading = dice.pick(profile.readings)
    draft[.monitorItemCode] = .code(reading.item)
    draft[.unitCode] = .code(reading.unit)
    if let low = reading.low { draft[.limitLow] = .number(low, decimals: 4) }
    draft[.monitorResultCode] = .code(isBad ? "2" : "1")
    if profile.monitorKind == "1" {
      draft[.dataValidityCode] = .code("N")
    } else if dice.happens(20) {
      draft[.dataValidityCode] = .code("N")
    }
    guard let high = reading.high else { return }
    draft[.limitHigh] = .number(high, decimals: 4)
    let low = reading.low ?? 0
    if isBad {
      let excess = high / 10 * dice.roll(1...9)
      draft[.monitorValue] = .number(high + excess, decimals: 4)
      draft[.exceedRatio] = .number(excess * 1000 / high, decimals: 3)
    } else if profile.monitorKind == "2", dice.happens(20) {
      draft[.monitorValue] = .raw(dice.pick(["未检出", "ND", "<0.05"]))
    } else {
      draft[.monitorValue] = .number(low + dice.roll(high - low), decimals: 4)
    }
  }

  private func fillSample(
    _ draft: inout Draft, _ subject: Enterprise, _ day: Int, _ dice: inout Dice
  ) {
    let made = day - dice.roll(1...20)
    let isLoose = dice.happens(15)
    let samples =
      switch bureau {
      case .ara: ["小白菜", "草莓", "鲫鱼", "鸡蛋"]
      case .nhc: ["餐饮具", "毛巾", "拖鞋", "杯具"]
      default: ["卤牛肉", "豆瓣酱", "鲜面条", "菜籽油"]
      }
    draft[.sampleName] = .text(dice.pick(samples))
    draft[.sampleLotNo] = .text(isLoose ? "/" : Spelling.compactDate(made))
    draft[.productionDate] = .date(made)
    if !isLoose { draft[.shelfLifeDays] = .count(dice.pick([30, 180, 365])) }
    draft[.sampledAddress] = .text(subject.address)
    draft[.producerName] = .text(isLoose ? "/" : "清源市示例食品加工厂")
  }
}
