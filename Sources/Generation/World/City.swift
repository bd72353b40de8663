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
  /// Place of the district among the agencies of every system; 0 for the city as a whole.
  var district: Int
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

/// The invented city as one of its systems knows it. Every record can be computed by its index alone.
struct City: Sendable {
  let seed: UInt64
  /// Day number of the first night.
  let start: Int
  /// The system that is meant wherever none is named.
  private(set) var bureau: Bureau
  private let population: Population
  /// By system.
  private let offices: [Office]
  let register: Register
  /// Whether systems repeat what others report; not if one category of one system is all there is.
  let hasEchoes: Bool
  /// Of a hundred records of some categories so many name their subject by anything but its code.
  let weakSubjects: Int
  /// Last day on which something happened that the first night tells of.
  var horizon: Int { start - 6 }

  /// What only one system has.
  private struct Office: Sendable {
    var seed: UInt64
    var census: Census
    var profile: Profile
    var agencies: [Agency]
  }

  /// Decides what only one system knows; market supervision has the seed of the whole.
  var ownSeed: UInt64 { offices[bureau.rawValue].seed }
  var census: Census { _read { yield offices[bureau.rawValue].census } }
  var agencies: [Agency] { _read { yield offices[bureau.rawValue].agencies } }
  var profile: Profile { _read { yield offices[bureau.rawValue].profile } }

  /// The same city in memory of its own.
  func copied() -> City {
    City(
      seed: seed, start: start, population: population, bureau: bureau, hasEchoes: hasEchoes,
      weakSubjects: weakSubjects)
  }

  /// The same city with the eyes of another system.
  func seen(by other: Bureau) -> City {
    var city = self
    city.bureau = other
    return city
  }

  enum Purpose: UInt64 {
    case enterprise = 101
    case officer, person, `case`, lot, site, place, registration, credit, vehicle
  }

  /// Six-digit codes of the county seats of one real city; its districts are invented.
  private static let divisions = [
    "510100", "510104", "510105", "510106", "510107", "510108", "510112", "510113", "510114",
    "510115", "510116", "510117", "510118",
  ]

  init(
    seed: UInt64, start: Int, population: Population, bureau: Bureau = .sam,
    hasEchoes: Bool = true, weakSubjects: Int = 0
  ) {
    self.hasEchoes = hasEchoes
    self.weakSubjects = weakSubjects
    self.seed = seed
    self.start = start
    self.bureau = bureau
    self.population = population
    register = Register(population)
    offices = Bureau.allCases.map { bureau in
      let census = population.census(bureau)
      let profile = bureau.makeProfile()
      let count = max(1, min(Self.divisions.count, census.count(.ago) / 4))
      return Office(
        seed: seed ^ UInt64(bureau.rawValue) &* 0xA24B_AED4_963E_E407, census: census,
        profile: profile, agencies: (0..<count).map { Self.agency($0, bureau, profile) })
    }
  }

  func dice(_ purpose: Purpose, _ index: Int) -> Dice {
    Dice(seed: ownSeed, purpose: purpose.rawValue, index: index)
  }

  private static func agency(_ index: Int, _ bureau: Bureau, _ profile: Profile) -> Agency {
    let division = divisions[index]
    let (office, word) = (profile.office, profile.word)
    // Credit codes of agencies differ between systems too.
    let number = bureau.rawValue * 200
    let city = agencyCode("510100", number + 1)
    guard index > 0 else {
      return Agency(
        creditCode: city, name: "清源市\(office)", division: division, word: "清\(word)",
        district: "", superior: agencyCode("510000", number), level: "2")
    }
    let district = Words.districts[index - 1]
    return Agency(
      creditCode: agencyCode(division, number + index + 1), name: "清源市\(district)区\(office)",
      division: division, word: "清\(district.prefix(1))\(word)", district: district + "区",
      superior: city, level: "3")
  }

  /// The agency of the own system where a subject lies; the city's own where the district has none.
  func agency(of subject: Enterprise) -> Int {
    subject.district < agencies.count ? subject.district : 0
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

  /// The subject with an index below that of the last night's register.
  func enterprise(_ index: Int) -> Enterprise {
    var dice = Dice(seed: seed, purpose: Purpose.enterprise.rawValue, index: index)
    let home = offices[Bureau.sam.rawValue].agencies
    let district = dice.roll(home.count)
    let isHousehold = dice.happens(55)
    // 31^6 numbers, taken in an order that does not show the index.
    let number = Int((UInt64(index) &* 487_402_871 &+ seed % 1_000_003) % 887_503_681)
    let organisation = Self.organisation("MA", number)
    let business = dice.pick(Words.kindsOfBusiness)
    let brand = Words.brand(&dice) + (dice.happens(30) ? dice.pick(Words.secondSyllables) : "")
    let place = home[district].district
    let name =
      isHousehold
      ? "清源市\(place)\(brand)\(business.word)店" : "清源\(brand)\(business.word)有限公司"
    let established = horizon - 200 - dice.roll(3600)
    let status = ["4", "2", "7", "6"].enumerated().first { dice.roll(100) < 5 - $0.offset }?.element
    let division = district == 0 ? "510104" : home[district].division
    return Enterprise(
      index: index,
      creditCode: Self.creditCode(
        prefix: isHousehold ? "92" : "91", division: division, organisation: organisation),
      organisationCode: organisation, name: name,
      legalRepresentative: Words.person(&dice, isCopied: true),
      district: district, address: Words.address(&dice, district: place), business: business,
      isHousehold: isHousehold, status: status ?? "1", established: established,
      ended: status == "4" || status == "2" ? established + 100 + dice.roll(90) : nil)
  }

  /// Spreads records over the subjects so that neighbours are strangers and no subject is met twice
  /// before all were met once.
  func subject(of index: Int, salt: Int) -> Enterprise {
    enterprise(register.subject(of: index, salt: salt))
  }

  /// Numbers of persons: 50 years of birth days, six counties, a thousand each.
  private static let identities = 50 * 365 * 6 * 1000
  /// Principal parties of each system that have identities of their own.
  private static let persons = 9_000_000

  /// Second parties of each system that have identities of their own, behind the principal ones.
  private static let companions = 120_000

  /// Nobody else has the identity of a party to a case.
  func person(_ index: Int) -> Person {
    person(
      index, identity: index < Self.persons ? bureau.rawValue * Self.persons + index : nil)
  }

  /// The second party of a case, of which one in seven has one. Rows inside records speak of
  /// persons too: what they say must not be of somebody else's.
  func companion(_ index: Int) -> Person {
    let number = index / 7
    let first = Bureau.allCases.count * Self.persons
    return person(
      30_000_000 + index,
      identity: number < Self.companions
        ? first + bureau.rawValue * Self.companions + number : nil)
  }

  /// - Parameter identity: Place among all identities; nil for any, which others may have too.
  private func person(_ index: Int, identity: Int?) -> Person {
    var dice = dice(.person, index)
    let number =
      identity.map {
        Int((UInt64($0) &* 48_271_129 &+ seed % 1_000_003) % UInt64(Self.identities))
      } ?? dice.roll(Self.identities)
    let birth = start - 365 * 19 - number / 6000
    let body =
      "5101" + ["04", "05", "06", "07", "08", "12"][number / 1000 % 6]
      + Spelling.compactDate(birth) + Spelling.padded(number % 1000, 3)
    return Person(
      name: Words.person(&dice),
      residentID: CheckDigits.complete(body) { CheckDigits.residentID($0) }, birth: birth,
      isMale: number % 2 == 1)
  }

  /// The plate of the vehicle that a case is about, which no other case has; nil for most cases.
  func vehicle(ofCase index: Int) -> String? {
    var dice = dice(.vehicle, index)
    guard dice.happens(profile.vehicles) else { return nil }
    let number = index * 7919 % 340_000
    let place = "BCDEFGHJKLMN".dropFirst(bureau.rawValue).prefix(1)
    let first = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ".dropFirst(number / 10_000).prefix(1)
    return "川\(place)\(first)\(Spelling.padded(number % 10_000, 4))"
  }

  // MARK: Officers

  func officer(_ index: Int) -> Officer {
    var dice = dice(.officer, index)
    let agency = index % agencies.count
    let division = agencies[agency].division
    return Officer(
      name: Words.person(&dice),
      certificate: division + Spelling.padded(bureau.rawValue + 1, 2)
        + Spelling.padded(index + 1, 6),
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
