/// An authority of the city.
struct Agency: Sendable {
  var creditCode: String
  var name: String
  var division: String
  /// Word before the year of its document numbers.
  var word: String
  var district: String
  var superior: String
  /// Code of CL07.
  var level: String
}

/// A registered market subject.
struct Enterprise: Sendable {
  var index: Int
  var creditCode: String
  var organisationCode: String
  var name: String
  var legalRepresentative: String
  var agency: Int
  var address: String
  var business: Words.Business
  var isHousehold: Bool
  /// Code of CL16.
  var status: String
  var established: Int
  /// Day of deregistration or revocation, where the status has one.
  var ended: Int?

  /// Code of CL13.
  var partyType: String { isHousehold ? "2" : "1" }
}

/// An enforcement officer with certificate.
struct Officer: Sendable {
  var name: String
  var certificate: String
  var agency: Int
}

/// A natural person as a party.
struct Person: Sendable {
  var name: String
  var residentID: String
  var birth: Int
  var isMale: Bool
}

/// The invented city, from which every record can be computed by its index alone.
struct City: Sendable {
  let seed: UInt64
  /// Day number of the first night.
  let start: Int
  let census: Census
  let agencies: [Agency]
  /// Has no divisor in common with the number of subjects.
  private let subjectStride: Int
  /// Last day on which something happened that the first night tells of.
  var horizon: Int { start - 6 }

  enum Purpose: UInt64 {
    case enterprise = 101
    case officer, person, `case`, lot
  }

  /// Six-digit codes of the county seats of one real city; its districts are invented.
  private static let divisions = [
    "510100", "510104", "510105", "510106", "510107", "510108", "510112", "510113", "510114",
    "510115", "510116", "510117", "510118",
  ]

  init(seed: UInt64, start: Int, census: Census) {
    self.seed = seed
    self.start = start
    self.census = census
    let subjects = census.count(.ent)
    var stride = max(1, 7_368_787 % subjects)
    while greatestCommonDivisor(stride, subjects) != 1 { stride += 1 }
    subjectStride = stride
    let count = max(1, min(Self.divisions.count, census.count(.ago) / 4))
    let city = Self.agencyCode("510100", 1)
    agencies = (0..<count).map { Self.agency($0, superior: city) }
  }

  func dice(_ purpose: Purpose, _ index: Int) -> Dice {
    Dice(seed: seed, purpose: purpose.rawValue, index: index)
  }

  private static func agency(_ index: Int, superior: String) -> Agency {
    let division = divisions[index]
    guard index > 0 else {
      return Agency(
        creditCode: superior, name: "清源市市场监督管理局", division: division, word: "清市监",
        district: "", superior: agencyCode("510000", 0), level: "2")
    }
    let district = index <= Words.districts.count ? Words.districts[index - 1] : "第\(index)"
    return Agency(
      creditCode: agencyCode(division, index + 1), name: "清源市\(district)区市场监督管理局",
      division: division, word: "清\(district.prefix(1))市监", district: district + "区",
      superior: superior, level: "3")
  }

  private static func agencyCode(_ division: String, _ number: Int) -> String {
    creditCode(prefix: "11", division: division, organisation: organisation("MB", number))
  }

  /// Nine characters with their check.
  static func organisation(_ prefix: String, _ number: Int) -> String {
    var digits: [UInt8] = []
    var rest = number
    for _ in 0..<6 {
      digits.append(CheckDigits.creditCharacters[rest % 31])
      rest /= 31
    }
    let body = prefix + String(decoding: digits.reversed(), as: UTF8.self)
    return CheckDigits.complete(body) { CheckDigits.organisationCode($0) }
  }

  static func creditCode(prefix: String, division: String, organisation: String) -> String {
    CheckDigits.complete(prefix + division + organisation) { CheckDigits.creditCode($0) }
  }

  // MARK: Subjects

  /// The subject with an index below ``Census/final(_:)``.
  func enterprise(_ index: Int) -> Enterprise {
    var dice = dice(.enterprise, index)
    let agency = dice.roll(agencies.count)
    let isHousehold = dice.happens(55)
    // 31^6 numbers, taken in an order that does not show the index.
    let number = Int((UInt64(index) &* 487_402_871 &+ seed % 1_000_003) % 887_503_681)
    let organisation = Self.organisation("MA", number)
    let business = dice.pick(Words.kindsOfBusiness)
    let brand = Words.brand(&dice) + (dice.happens(30) ? dice.pick(Words.secondSyllables) : "")
    let place = agencies[agency].district
    let name =
      isHousehold
      ? "清源市\(place)\(brand)\(business.word)店" : "清源\(brand)\(business.word)有限公司"
    let established = horizon - 200 - dice.roll(3600)
    let status = ["4", "2", "7", "6"].enumerated().first { dice.roll(100) < 5 - $0.offset }?.element
    let division = agency == 0 ? "510104" : agencies[agency].division
    return Enterprise(
      index: index,
      creditCode: Self.creditCode(
        prefix: isHousehold ? "92" : "91", division: division, organisation: organisation),
      organisationCode: organisation, name: name, legalRepresentative: Words.person(&dice),
      agency: agency, address: Words.address(&dice, district: place), business: business,
      isHousehold: isHousehold, status: status ?? "1", established: established,
      ended: status == "4" || status == "2" ? established + 100 + dice.roll(90) : nil)
  }

  /// Spreads records over the subjects so that neighbours are strangers and no subject is met twice
  /// before all were met once.
  func subject(of index: Int, salt: Int) -> Enterprise {
    let count = census.count(.ent)
    return enterprise((index % count * subjectStride + salt) % count)
  }

  func person(_ index: Int) -> Person {
    var dice = dice(.person, index)
    let birth = start - 365 * 19 - dice.roll(365 * 50)
    let isMale = dice.happens(60)
    let sequence = dice.roll(500) * 2 + (isMale ? 1 : 0)
    let body =
      "5101" + ["04", "05", "06", "07", "08", "12"][dice.roll(6)]
      + Spelling.compactDate(birth) + Spelling.padded(sequence, 3)
    return Person(
      name: Words.person(&dice),
      residentID: CheckDigits.complete(body) { CheckDigits.residentID($0) }, birth: birth,
      isMale: isMale)
  }

  // MARK: Officers

  func officer(_ index: Int) -> Officer {
    var dice = dice(.officer, index)
    let agency = index % agencies.count
    let division = agencies[agency].division
    return Officer(
      name: Words.person(&dice), certificate: division + Spelling.padded(index + 1, 6),
      agency: agency)
  }

  /// Two or three officers of an agency.
  func officers(of agency: Int, _ dice: inout Dice) -> [Officer] {
    let known = (census.count(.ago) - agency + agencies.count - 1) / agencies.count
    let first = dice.roll(known)
    let number = known > 2 && dice.happens(15) ? 3 : 2
    return (0..<min(known, number)).map { place in
      officer(agency + (first + place) % known * agencies.count)
    }
  }
}

private func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
  var (a, b) = (left, right)
  while b != 0 { (a, b) = (b, a % b) }
  return a
}
