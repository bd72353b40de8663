extension City {
  /// AGO: one for each officer.
  func fillOfficer(_ draft: inout Draft, _ index: Int, _ dice: inout Dice) {
    let officer = officer(index)
    let agency = agencies[officer.agency]
    let person = person(20_000_000 + index)
    draft.set(agency, officers: [])
    draft[.agencyTypeCode] = .code("1")
    draft[.agencyLevelCode] = .code(agency.level)
    draft[.superiorAgencyUscc] = .text(agency.superior)
    if dice.happens(20) {
      draft[.agencyDutyText] = .text("\(profile.office.dropLast())领域行政执法、\n行政检查")
    }
    draft[.agencyAddress] = .text("清源市\(agency.district)政务路1号")
    draft[.agencyPhone] = .text(officer.agency == 0 ? "12315" : "028-8600\(1000 + officer.agency)")
    if dice.happens(60) { draft[.supervisionPhone] = .text("12315") }
    draft[.officerName] = .texts([officer.name])
    draft[.officerCertNo] = .texts([officer.certificate])
    draft[.officerCertTypeCode] = .code("1")
    let from = start - 365 * 3 - dice.roll(300)
    draft[.officerCertValidFrom] = .date(from)
    draft[.officerCertValidTo] = .date(from + 365 * 6)
    draft[.officerCertStatusCode] = .code("1")
    draft[.officerAreaCode] = .text(agency.division)
    draft[.officerKindCode] = .code(dice.pick(["1", "1", "2", "3"]))
    if dice.happens(80) { draft[.officerSexCode] = .code(person.isMale ? "1" : "2") }
    draft[.officerIdNo] = .text(person.residentID)
    if dice.happens(70) { draft[.officerExamPassDate] = .date(from - 60) }
    if dice.happens(40) { draft[.postalCode] = .text("610000") }
  }
}
