import Foundation
import Records
import Standardization
import Testing
import TestSupport
import Validation

/// One line of `Tests/Fixtures/identifier-vectors.csv`.
private struct Vector: CustomTestStringConvertible {
  var kind: String
  var value: String
  var expected: String

  var testDescription: String { "\(kind) \(value)" }

  static let all: [Vector] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appending(path: "Fixtures/identifier-vectors.csv")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").dropFirst().map { line in
      // Only the kind is ever quoted with a comma that matters.
      if line.hasPrefix("\"") {
        let parts = line.dropFirst().split(separator: "\"", maxSplits: 1)
        let rest = parts[1].split(separator: ",", omittingEmptySubsequences: false)
        return Vector(kind: String(parts[0]), value: String(rest[1]), expected: String(rest[2]))
      }
      let parts = line.split(separator: ",", omittingEmptySubsequences: false)
      return Vector(kind: String(parts[0]), value: String(parts[1]), expected: String(parts[2]))
    }
  }()

  /// The kind as the product names it; nil for the division table.
  var identifierKind: IdentifierKind? {
    let name = kind.split(separator: " ").first.map(String.init) ?? ""
    return name == "industry" ? .industry : IdentifierKind(rawValue: name)
  }
}

private let today = CivilDate(year: 2026, month: 3, day: 1)?.dayNumber ?? 0
private let plainContext = IdentifierContext(today: today)

private func check(
  _ kind: IdentifierKind, _ text: String, _ context: IdentifierContext = plainContext
) -> IdentifierVerdict {
  let bytes = Array(text.utf8)
  return kind.check(bytes.span, context)
}

@Suite("Identifier vectors")
struct IdentifierVectorTests {
  @Test("The whole vector file is there")
  func count() {
    #expect(Vector.all.count == 244)
    #expect(Set(Vector.all.compactMap(\.identifierKind)).count == 17)
  }

  @Test("Every vector gives its expected verdict", arguments: Vector.all)
  private func vector(_ vector: Vector) {
    guard let kind = vector.identifierKind else {
      let bytes = Array(vector.value.utf8)
      let known = Self.divisions.status(bytes.span) == .known
      #expect(known == (vector.expected == "valid"))
      return
    }
    let verdict = check(kind, vector.value)
    switch vector.expected {
    case "valid": #expect(verdict == .valid)
    case "warning":
      guard case .warning = verdict else {
        Issue.record("\(verdict) is no warning")
        return
      }
    default:
      guard case .invalid = verdict else {
        Issue.record("\(verdict) is not invalid")
        return
      }
    }
  }

  static let divisions = DivisionTable(
    [
      110_000, 110_100, 110_101, 330_000, 330_100, 330_106, 370_000, 370_202, 440_305, 510_000,
      510_100, 510_104,
    ].map { .init(code: $0) } + [.init(code: 330_103, years: 1981...2021)], origin: "test")

  @Test(
    "The reason says what is wrong",
    arguments: [
      (
        IdentifierKind.uscc, "91510104MA6C7K2P9Y",
        IdentifierReason.checkCharacter(
          expected: UInt8(ascii: "X"), found: UInt8(ascii: "Y"))
      ),
      (.uscc, "91510104MA6C7K2P9", .length(found: 17, expected: 18)),
      (.uscc, "91510104MO6C7K2P9X", .character(at: 10)),
      (.uscc, "91510A04MA6C7K2P9X", .character(at: 6)),
      (.uscc, "91510104ma6c7k2p9x", .letterCase),
      (.uscc, "9.15101E+17", .scientificNotation),
      (.uscc, "911101083303521000", .excelZeros),
      (.uscc, "９1510104MA6C7K2P9X", .character(at: 1)),
      (.residentID, "510104950315241", .oldForm), (.residentID, "510104199502302415", .date),
      (.residentID, "990104199503152411", .division),
      (.residentID, "510104203003152415", .futureDate),
      (.residentID, "510104199503152000", .excelZeros),
      (.residentID, "51010419900101006x", .letterCase),
      (.residentID, "51010419900101006Ⅹ", .character(at: 18)),
      (.foodBusinessLicence, "QS510104012345", .oldForm),
      (.foodBusinessLicence, "jy13301080111719", .letterCase),
      (.documentNumber, "市监罚字[2026]12号", .brackets), (.documentNumber, "市监罚字〔26〕12号", .year),
      (.documentNumber, "市监罚字〔2026〕号", .serial), (.reviewNumber, "（2026）川01行初123号", .brackets),
      (.officerCertificate, "510104001234567890", .looksLikeResidentID),
      (.officerCertificate, "5.10104E+10", .scientificNotation),
      (.industry, "F6210", .section), (.postal, "000000", .filler), (.phone, "86123456", .areaCode),
      (.mobile, "+8613800138000", .prefix), (.plate, "川A12O45", .character(at: 5)),
      (.division, "000000", .filler), (.division, "990000", .division),
    ])
  func reasons(_ kind: IdentifierKind, _ text: String, _ reason: IdentifierReason) {
    #expect(check(kind, text) == .invalid(reason))
  }

  @Test("Masked identity numbers are recognised and exempt from the check")
  func masked() {
    #expect(check(.residentID, "510***********1234") == .warning(.masked))
    #expect(check(.residentID, "510104********241X") == .warning(.masked))
    #expect(check(.residentID, "510104199503152***") == .invalid(.character(at: 16)))
  }

  @Test("A certificate of another type is not judged as an identity number")
  func otherCertificate() {
    #expect(check(.residentIDIf111, "E12345678") == .notApplicable)
    var context = plainContext
    context.isResidentIdentityCard = true
    #expect(check(.residentIDIf111, "510104199503152412", context) == .valid)
    #expect(check(.residentIDIf111, "E12345678", context) != .valid)
  }

  @Test("A county the table does not know is a warning, a province invalid")
  func divisions() {
    var context = plainContext
    context.divisions = Self.divisions
    #expect(check(.division, "510104", context) == .valid)
    #expect(check(.division, "510199", context) == .warning(.division))
    #expect(check(.division, "650102", context) == .invalid(.division))
    #expect(check(.division, "330103", context) == .valid)
    context.divisionYear = 2022
    #expect(check(.division, "330103", context) == .warning(.division))
    #expect(Self.divisions.status(330_103, in: 2021) == .known)
    #expect(Self.divisions.status(330_103, in: 2022) == .outsideItsYears)
    #expect(Self.divisions.status(330_199) == .unknownCounty)
    #expect(Self.divisions.status(990_100) == .unknownProvince)
    #expect(Self.divisions.status(0) == .malformed)
    #expect(check(.residentID, "510104199503152412", context) == .valid)
    #expect(check(.residentID, "650102198907040189", context) == .warning(.division))
  }

  @Test("Licences follow their type; forms from memory only warn")
  func licences() {
    func judged(_ type: Int?, _ text: String) -> IdentifierVerdict {
      var context = plainContext
      context.licenceType = type
      return check(.licenceByType, text, context)
    }
    #expect(judged(1, "JY13301080111719") == .valid)
    #expect(judged(1, "JY13301080111710") != .valid)
    #expect(judged(2, "SC10151010400011") == .valid)
    #expect(judged(7, "91130200699229617X001P") == .valid)
    #expect(judged(3, "川CB0281234") == .valid)
    #expect(judged(3, "川EB0281234") == .warning(.form))
    #expect(judged(8, "510104123456") == .valid)
    #expect(judged(8, "川交运管许可蓉字510100012345号") == .valid)
    #expect(judged(9, "川卫公证字〔2025〕第0001号") == .valid)
    #expect(judged(10, "PDY10010851010411A1002") == .valid)
    #expect(judged(99, "anything") == .notApplicable)
    #expect(judged(nil, "JY13301080111719") == .notApplicable)
  }

  @Test("H9 permits of holders without a USCC are a warning")
  func withoutCreditCode() {
    #expect(check(.pollutantPermit, "H9510104MA6C7K2P9X001P") == .warning(.oldForm))
    #expect(check(.pollutantPermit, "H9510104000012345W001P") == .warning(.oldForm))
  }

  @Test("Every reason has words in both languages and shows no restricted character")
  func words() {
    let reason = IdentifierReason.checkCharacter(
      expected: UInt8(ascii: "2"), found: UInt8(ascii: "3"))
    #expect(reason.english(showsCharacters: true).contains("\"3\""))
    #expect(!reason.english(showsCharacters: false).contains("3"))
    #expect(reason.chinese(showsCharacters: true) == "校验码为\"3\",应为\"2\"")
    #expect(!reason.chinese(showsCharacters: false).contains("3"))
    for vector in Vector.all {
      guard let kind = vector.identifierKind, case .invalid(let reason) = check(kind, vector.value)
      else { continue }
      #expect(!reason.english(showsCharacters: false).isEmpty)
      #expect(!reason.chinese(showsCharacters: false).isEmpty)
    }
  }
}

@Suite("Identifier check characters")
struct IdentifierCheckTests {
  private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")

  /// The standard's table of weights, without Horner's rule.
  private static func usccCheck(_ body: [Character]) -> Character {
    let weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    let sum = zip(body, weights).reduce(0) { $0 + (alphabet.firstIndex(of: $1.0) ?? 0) * $1.1 }
    return alphabet[(31 - sum % 31) % 31]
  }

  private static func organisationCheck(_ body: [Character]) -> Character {
    let weights = [3, 7, 9, 10, 5, 8, 4, 2]
    let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    let sum = zip(body, weights).reduce(0) { $0 + (letters.firstIndex(of: $1.0) ?? 0) * $1.1 }
    let check = 11 - sum % 11
    return check == 10 ? "X" : check == 11 ? "0" : Character(String(check))
  }

  private static func residentCheck(_ body: [Character]) -> Character {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(body, weights).reduce(0) { $0 + (Int(String($1.0)) ?? 0) * $1.1 }
    return Array("10X98765432")[sum % 11]
  }

  /// MOD 11,10 by searching for the digit that makes the whole number check.
  private static func registrationCheck(_ body: [Character]) -> Character {
    for candidate in 0...9 {
      var product = 10
      for digit in body.map({ Int(String($0)) ?? 0 }) {
        var sum = product + digit
        if sum > 10 { sum -= 10 }
        if sum == 0 { sum = 10 }
        product = sum * 2 % 11
      }
      if (product + candidate) % 10 == 1 { return Character(String(candidate)) }
    }
    return "?"
  }

  private static func creditCode(_ generator: inout SeededGenerator) -> [Character] {
    let division = String(Int.random(in: 110_000...659_999, using: &generator))
    var code = Array("9" + ["1", "2", "3"][Int.random(in: 0...2, using: &generator)] + division)
    let body = (0..<8).map { _ in alphabet.randomElement(using: &generator) ?? "0" }
    code += body + [organisationCheck(body)]
    return code + [usccCheck(code)]
  }

  @Test("Generated USCCs are valid, and every substitution of one character is found")
  func creditCodes() {
    var generator = SeededGenerator(seed: 32_100)
    for _ in 0..<300 {
      let code = Self.creditCode(&generator)
      #expect(check(.uscc, String(code)) == .valid)
      for index in code.indices {
        for replacement in Self.alphabet + ["I", "O", "S", "V", "Z", "a", "?"]
        where replacement != code[index] {
          var wrong = code
          wrong[index] = replacement
          guard case .invalid = check(.uscc, String(wrong)) else {
            Issue.record("\(String(wrong)) passes")
            return
          }
        }
      }
    }
  }

  @Test("The check character of 17 characters is computed as the table of weights has it")
  func creditCodeCharacter() {
    var generator = SeededGenerator(seed: 18)
    for _ in 0..<2000 {
      let code = Self.creditCode(&generator)
      let bytes = Array(String(code.dropLast()).utf8)
      let found = UnifiedSocialCreditCode.checkCharacter(bytes.span)
      #expect(found == code.last?.asciiValue)
    }
  }

  @Test("A transposition of neighbours in a USCC is found")
  func transpositions() {
    var generator = SeededGenerator(seed: 9)
    for _ in 0..<1000 {
      let code = Self.creditCode(&generator)
      for index in 0..<17 where code[index] != code[index + 1] {
        var wrong = code
        wrong.swapAt(index, index + 1)
        guard case .invalid = check(.uscc, String(wrong)) else {
          Issue.record("\(String(wrong)) passes")
          return
        }
      }
    }
  }

  @Test("An inner organisation code that fails is a warning")
  func innerCode() {
    var generator = SeededGenerator(seed: 11_714)
    var warnings = 0
    for _ in 0..<2000 {
      var code = Array(Self.creditCode(&generator).dropLast())
      let good = code[16]
      code[16] = Self.alphabet.randomElement(using: &generator) ?? "0"
      let expected: IdentifierVerdict = code[16] == good ? .valid : .warning(.organisationCode)
      #expect(check(.uscc, String(code + [Self.usccCheck(code)])) == expected)
      warnings += code[16] == good ? 0 : 1
    }
    #expect(warnings > 1800)
  }

  @Test("Generated organisation codes are valid with and without a hyphen")
  func organisationCodes() {
    var generator = SeededGenerator(seed: 9)
    let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for _ in 0..<2000 {
      let body = (0..<8).map { _ in letters.randomElement(using: &generator) ?? "0" }
      let last = Self.organisationCheck(body)
      #expect(check(.orgCode, String(body) + String(last)) == .valid)
      #expect(check(.orgCode, String(body) + "-" + String(last)) == .valid)
      let wrong: Character = last == "5" ? "6" : "5"
      #expect(check(.orgCode, String(body) + String(wrong)) != .valid)
    }
  }

  @Test("Generated identity numbers are valid, and every wrong digit is found")
  func residentIDs() throws {
    var generator = SeededGenerator(seed: 11_643)
    let first = try #require(CivilDate(year: 1920, month: 1, day: 1)).dayNumber
    for _ in 0..<2000 {
      let day = CivilDate(dayNumber: Int.random(in: first...today, using: &generator))
      let birth = day.description.filter { $0 != "-" }
      let sequence = String(Int.random(in: 1000...1999, using: &generator)).dropFirst()
      let body = Array("510104" + birth + sequence)
      let number = body + [Self.residentCheck(body)]
      #expect(check(.residentID, String(number)) == .valid)
      let bytes = Array(String(number).utf8)
      #expect(ResidentID.birthDayNumber(bytes.span) == day.dayNumber)
      #expect(ResidentID.isMale(bytes.span) == (Int(String(body[16])).map { $0 % 2 == 1 }))
      for index in number.indices {
        for replacement in "0123456789X" where replacement != number[index] {
          var wrong = number
          wrong[index] = replacement
          guard case .invalid = check(.residentID, String(wrong)) else {
            Issue.record("\(String(wrong)) passes")
            return
          }
        }
      }
    }
  }

  @Test("An upgraded identity number is the valid one")
  func upgrade() {
    var arena: TextArena = []
    let bytes = Array("510104950315241".utf8)
    let ref = ResidentID.upgrade(bytes.span, into: &arena)
    #expect(ref.map { arena.string($0) } == "510104199503152412")
    #expect(check(.residentID, arena.string(ref ?? .absent)) == .valid)
  }

  @Test("Generated registration and licence numbers are valid, every wrong digit is found")
  func registrationNumbers() {
    var generator = SeededGenerator(seed: 152_006)
    for _ in 0..<1000 {
      let digits = (0..<14).map { _ in
        Character(String(Int.random(in: 0...9, using: &generator)))
      }
      let number = digits + [Self.registrationCheck(digits)]
      #expect(check(.registrationNumber, String(number)) == .valid)
      let food = ["1"] + digits.prefix(12)
      let licence = "JY" + String(food) + String(Self.registrationCheck(food))
      #expect(check(.foodBusinessLicence, licence) == .valid)
      #expect(check(.foodProductionLicence, "SC" + licence.dropFirst(2)) == .valid)
      for index in number.indices {
        for replacement in "0123456789" where replacement != number[index] {
          var wrong = number
          wrong[index] = replacement
          guard case .invalid = check(.registrationNumber, String(wrong)) else {
            Issue.record("\(String(wrong)) passes")
            return
          }
        }
      }
    }
  }

  @Test("Any bytes are judged without a trap")
  func anyBytes() {
    var generator = SeededGenerator(seed: 4)
    var context = plainContext
    context.isResidentIdentityCard = true
    let starts = ["", "川", "JY", "SC", "H9", "〔", "(", "市监〔2026〕", "(2026)川", "0", "400", "川A"]
    for round in 0..<20_000 {
      let start = Array((starts.randomElement(using: &generator) ?? "").utf8)
      let bytes =
        start
        + (0..<Int.random(in: 1...22, using: &generator)).map { _ in
          Bool.random(using: &generator)
            ? UInt8.random(in: 0x30...0x39, using: &generator)
            : UInt8.random(in: 0...255, using: &generator)
        }
      context.licenceType = round % 12
      for kind in IdentifierKind.allCases { _ = kind.check(bytes.span, context) }
    }
  }

  @Test("Patterns are compiled or refused")
  func patterns() {
    for bad in ["[", "[]", "\\x", "\\", "?", "{2}", "a{3,1}", "a{x}", "a{2", "[b-a]", "[中]"] {
      #expect(LicencePattern(bad) == nil, "\(bad)")
    }
    func matches(_ pattern: String, _ text: String) -> Bool? {
      let bytes = Array(text.utf8)
      return LicencePattern(pattern)?.matches(bytes.span)
    }
    #expect(matches("a{0,2}ab?", "aaab") == true)
    #expect(matches("a{0,2}ab?", "aaaab") == false)
    #expect(matches("\\P\\H\\d[A-C]", "川中1B") == true)
    #expect(matches("\\P\\H\\d[A-C]", "中川1B") == false)
    #expect(matches("", "") == true)
  }
}
