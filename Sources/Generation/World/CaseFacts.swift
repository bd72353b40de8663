/// Whom a record is about.
enum Party: Sendable {
  case enterprise(Enterprise)
  case person(Person)
}

/// What the records of one case have in common.
struct CaseFacts: Sendable {
  var index: Int
  var agency: Int
  var officers: [Officer]
  var party: Party
  var violation: Profile.Violation
  var isDecided: Bool
  /// Code of CL39.
  var procedure: String
  /// Code of CL40.
  var status: String
  var isMajor: Bool
  var violationDay: Int
  var accepted: Int
  var filed: Int
  var reviewed: Int
  var decided: Int
  var closed: Int
  var number: String
  var decisionNumber: String

  var isSimple: Bool { procedure == "1" }
  /// Whether it has come beyond the clue.
  var isFiled: Bool { !["01", "09", "10"].contains(status) }
}

extension City {
  func caseFacts(_ index: Int) -> CaseFacts {
    var dice = dice(.case, index)
    let isDecided = index < census.final(.pen)
    let status = isDecided ? (dice.happens(75) ? "08" : "07") : Self.openStatus(&dice)
    let procedure = dice.happens(80) ? "2" : isDecided && dice.happens(60) ? "1" : "3"
    let party: Party
    var agency = dice.roll(agencies.count)
    let isPerson = dice.happens(profile.persons)
    if !isPerson, let subject = subject(ofCase: index, isDecided: isDecided) {
      party = .enterprise(subject)
      agency = self.agency(of: subject)
    } else {
      party = .person(person(index))
    }
    let decided: Int
    let filed: Int
    switch status {
    case "07", "08":
      decided = horizon - 40 - dice.roll(isDecided ? 540 : 60)
      filed = decided - 30 - dice.roll(10)
    default:
      filed = horizon - 25 - dice.roll(15)
      decided = filed + 25
    }
    let accepted = filed - 1 - dice.roll(5)
    let word = agencies[agency].word
    return CaseFacts(
      index: index, agency: agency, officers: officers(of: agency, &dice), party: party,
      violation: dice.pick(profile.violations), isDecided: isDecided, procedure: procedure,
      status: status, isMajor: procedure == "2" && dice.happens(8),
      violationDay: accepted - 1 - dice.roll(20), accepted: accepted, filed: filed,
      reviewed: decided - 4, decided: decided, closed: decided + 16 + dice.roll(10),
      number: profile.prefix + Spelling.padded(Spelling.year(accepted), 4) + "AJ"
        + Spelling.padded(index + 1, 7),
      decisionNumber: "\(word)处罚〔\(Spelling.year(decided))〕\(index + 1)号")
  }

  private func subject(ofCase index: Int, isDecided: Bool) -> Enterprise? {
    guard isDecided else { return subject(of: index, salt: 11) }
    return register.offender(bureau, index).map { enterprise($0) }
  }

  private static func openStatus(_ dice: inout Dice) -> String {
    dice.pick(["01", "02", "03", "03", "04", "05", "09", "10", "07"])
  }

  /// The penalties of all systems against a subject.
  func penalties(of subject: Enterprise) -> [(offence: Register.Offence, facts: CaseFacts)] {
    register.offences(of: subject.index).compactMap { offence in
      let facts = seen(by: offence.bureau).caseFacts(offence.index)
      guard case .enterprise = facts.party else { return nil }
      return (offence, facts)
    }
  }

  /// The case whose first sign was a failed reading of a group of eight; nil for most groups.
  func monitoredCase(ofGroup group: Int) -> CaseFacts? {
    guard group % 6 == 0, group / 2 < census.count(.cas) else { return nil }
    let facts = caseFacts(group / 2)
    return isMonitored(facts) ? facts : nil
  }

  /// Whether a failed reading led to the case.
  func isMonitored(_ facts: CaseFacts) -> Bool {
    // The readings of construction sites lie in their devices and not beside a case.
    guard bureau != .hud, facts.index % 3 == 0, facts.index * 16 < census.count(.mon),
      !facts.isSimple,
      facts.isFiled, case .enterprise = facts.party
    else { return false }
    return facts.index < census.count(.cas)
  }
}

extension Draft {
  /// Fills the elements that name an agency and its officers.
  mutating func set(_ agency: Agency, officers: [Officer]) {
    self[.agencyUscc] = .text(agency.creditCode)
    self[.agencyName] = .text(agency.name)
    self[.divisionCode] = .text(agency.division)
    guard !officers.isEmpty else { return }
    self[.officerName] = .texts(officers.map(\.name))
    self[.officerCertNo] = .texts(officers.map(\.certificate))
  }

  /// Fills the elements that name a party.
  mutating func set(_ party: Party, namesPersonAsSubject: Bool = false) {
    switch party {
    case .enterprise(let enterprise):
      self[.subjectName] = .text(enterprise.name)
      self[.uscc] = .text(enterprise.creditCode)
      self[.partyTypeCode] = .code(enterprise.partyType)
    case .person(let person):
      self[.partyTypeCode] = .code("4")
      self[namesPersonAsSubject ? .subjectName : .personName] = .text(person.name)
      self[.personIdTypeCode] = .code("111")
      self[.personIdNo] = .text(person.residentID)
      self[.minorFlag] = .flag(false)
    }
  }
}

/// The second at a time of a day.
func moment(_ day: Int, _ hour: Int, _ minute: Int = 0) -> Int {
  day * 86_400 + hour * 3600 + minute * 60
}
