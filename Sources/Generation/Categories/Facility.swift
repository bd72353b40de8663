extension City {
  /// Three facilities to a site, whose facts they share.
  func facilitySubject(_ index: Int) -> Enterprise { subject(of: index / 3, salt: 29) }

  /// FAC
  func fillFacility(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let subject = facilitySubject(index)
    draft[.divisionCode] = .text(agencies[agency(of: subject)].division)
    draft[.subjectName] = .text(subject.name)
    draft[.uscc] = .text(subject.creditCode)
    draft[.businessAddress] = .text(subject.address)
    var site = self.dice(.site, index / 3)
    let employees = site.roll(5...300)
    draft[.employeeCount] = .count(employees)
    let isKey = site.happens(40) && bureau != .mee && bureau != .nmp
    draft[.safetyKeyFlag] = .flag(isKey)
    let type = dice.pick(profile.facilities)
    draft[.facilityId] = .text("\(profile.prefix)-SB-\(Spelling.padded(index + 1, 8))")
    draft[.facilityTypeCode] = .code(type)
    draft[.inServiceDate] = .date(horizon - 400 - dice.roll(3000))
    draft[.facilityStatusCode] = .code(dice.pick(["1", "1", "1", "1", "2", "4"]))
    draft[.facilityLongitude] = .number(104_000_000 + site.roll(150_000), decimals: 6)
    draft[.facilityLatitude] = .number(30_550_000 + site.roll(200_000), decimals: 6)
    fillEquipment(&draft, type, index, &dice)
    if dice.happens(40) { draft[.riskLevelCode] = .code(dice.pick(["1", "2", "3"])) }
    if isKey {
      draft[.safetyManagerCertFlag] = .flag(dice.happens(90))
      let planned = horizon - 20 - dice.roll(200)
      draft[.drillPlannedDate] = .date(planned)
      let isDone = dice.happens(70)
      if isDone { draft[.drillDoneDate] = .date(planned + dice.roll(15)) }
      draft[.drillMissedCount] = .count(isDone ? 0 : dice.roll(1...3))
      draft[.trainedPersonCount] = .count(dice.roll(0...employees))
      draft[.trainingDate] = .date(horizon - dice.roll(200))
    }
  }

  private func fillEquipment(
    _ draft: inout Draft, _ type: String, _ index: Int, _ dice: inout Dice
  ) {
    switch type {
    case "01":
      let kind =
        bureau == .hud ? "4000" : dice.pick(["1000", "2000", "3000", "3000", "5000", "F000"])
      draft[.specialEquipKindCode] = .code(kind)
      draft[.specialEquipCertNo] = .text("梯11川A\(Spelling.padded(index + 1, 6))(25)")
      draft[.facilityName] = .text(
        bureau == .hud ? "\(dice.roll(1...6))号塔式起重机" : dice.pick(["乘客电梯", "压力容器", "锅炉", "叉车"]))
    case "02":
      draft[.facilityName] = .text("\(dice.roll(1...9))号储罐")
      draft[.hazardLevelCode] = .code(dice.pick(["0", "3", "4"]))
      draft[.storageMedium] = .text(dice.pick(["乙醇", "柴油", "液化石油气"]))
      draft[.designCapacity] = .number(dice.roll(1...400) * 500, decimals: 3)
    case "03": draft[.facilityName] = .text("自动喷水灭火系统")
    case "04":
      let isWater = dice.happens(50)
      draft[.facilityName] = .text(isWater ? "废水总排口" : "废气排放口")
      draft[.outletNo] = .text("D\(isWater ? "W" : "A")\(Spelling.padded(index % 900 + 1, 3))")
    case "06": draft[.facilityName] = .text("\(dice.roll(1...20))号楼工地扬尘监测点")
    case "99": draft[.facilityName] = .text("留样室\(dice.roll(1...6))号柜")
    case "05":
      draft[.facilityName] = .text(bureau == .mot ? "重型半挂牵引车" : "冷藏运输车")
      draft[.vehiclePlateNo] = .text(plate(&dice))
      draft[.plateTypeCode] = .code("02")
    default: draft[.facilityName] = .text("冷库\(dice.roll(1...6))号")
    }
    guard ["01", "02", "03"].contains(type) else { return }
    let inspected = horizon - 10 - dice.roll(300)
    draft[.lastInspectionDate] = .date(inspected)
    draft[.nextInspectionDate] = .date(inspected + 365)
    draft[.testConclusionCode] = .code(dice.pick(["1", "1", "1", "2", "4"]))
  }
}
