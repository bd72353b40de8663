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
  var violation: Violation
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

  struct Violation: Sendable {
    var code: String
    var words: String
    var basis: String
  }

  static let violations = [
    Violation(code: "SC01", words: "经营超过保质期的食品", basis: "《中华人民共和国食品安全法》第一百二十四条第一款第五项"),
    Violation(code: "SC01", words: "销售超过保质期的预包装食品", basis: "《中华人民共和国食品安全法》第三十四条第十项、第一百二十四条"),
    Violation(code: "SC02", words: "未取得食品经营许可从事食品经营活动", basis: "《中华人民共和国食品安全法》第一百二十二条第一款"),
    Violation(code: "SC03", words: "对商品的质量作虚假的商业宣传", basis: "《中华人民共和国反不正当竞争法》第二十条第一款"),
    Violation(code: "SC04", words: "不按照规定明码标价", basis: "《中华人民共和国价格法》第四十二条"),
    Violation(code: "QT99", words: "未按照规定公示许可信息", basis: "《企业信息公示暂行条例》第十七条"),
  ]

  var isSimple: Bool { procedure == "1" }
}

extension City {
  func caseFacts(_ index: Int) -> CaseFacts {
    var dice = dice(.case, index)
    let isDecided = index < census.final(.pen)
    let status = isDecided ? (dice.happens(75) ? "08" : "07") : Self.openStatus(&dice)
    let procedure = dice.happens(80) ? "2" : isDecided && dice.happens(60) ? "1" : "3"
    let party: Party
    var agency = dice.roll(agencies.count)
    if dice.happens(12) {
      party = .person(person(index))
    } else {
      let enterprise = subject(of: index, salt: 11)
      party = .enterprise(enterprise)
      agency = enterprise.agency
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
      violation: dice.pick(CaseFacts.violations), isDecided: isDecided, procedure: procedure,
      status: status, isMajor: procedure == "2" && dice.happens(8),
      violationDay: accepted - 1 - dice.roll(20), accepted: accepted, filed: filed,
      reviewed: decided - 4, decided: decided, closed: decided + 16 + dice.roll(10),
      number: "QY" + Spelling.padded(Spelling.year(accepted), 4) + "AJ"
        + Spelling.padded(index + 1, 7),
      decisionNumber: "\(word)处罚〔\(Spelling.year(decided))〕\(index + 1)号")
  }

  private static func openStatus(_ dice: inout Dice) -> String {
    dice.pick(["01", "02", "03", "03", "04", "05", "09", "10", "07"])
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
