import Access
import Catalog
import Records
import TestSupport
import Testing

@Suite("Moments, persons, logged texts, keys")
struct AccessValueTests {
  // MARK: Moments

  @Test func `a moment is written and read in Beijing`() {
    #expect(at("1970-01-01T08:00:00") == 0)
    #expect(Moment.text(0) == "1970-01-01T08:00:00+08:00")
    #expect(Moment.text(-1) == "1970-01-01T07:59:59+08:00")
    for text in [
      "2026-02-28T23:59:59+08:00", "1969-12-31T23:00:01+08:00", "2024-02-29T00:00:00+08:00",
    ] {
      #expect(Moment.text(at(text)) == text)
    }
    // A damaged file may say anything.
    #expect(Moment.text(.max) == "9999-12-31T23:59:59+08:00")
    #expect(Moment.text(.min) == "0001-01-01T08:00:00+08:00")
    let day = CivilDate("2026-03-02")?.dayNumber ?? 0
    #expect(Moment.start(ofDay: day) == at("2026-03-02T00:00:00"))
    #expect(Moment.end(ofDay: day) == at("2026-03-02T23:59:59"))
    #expect(Moment.dayNumber(at("2026-03-02T23:59:59")) == day)
    #expect(Moment.dayNumber(at("2026-03-03T00:00:00")) == day + 1)
  }

  @Test(arguments: [
    "", "2026-03-02", "2026-03-02T24:00:00", "2026-03-02T09:60:00", "2026-03-02T9:00:00",
    "2026-02-30T09:00:00", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00+00:00", "20260302T09:00:00",
    "2026-03-02 09:00:00", "2026-03-02T09:00:0٣", "2026-03-02T-1:00:00",
  ])
  func `anything else is no moment`(_ text: String) { #expect(Moment.second(text) == nil) }

  // MARK: Persons

  @Test(arguments: ["", " li", "li ", "l i", "ｌｉ", "li\u{200B}", "li\u{0}", "li\u{2028}"])
  func `a user's name has one spelling`(_ user: String) {
    #expect(throws: Denial.self) { try Person(user: user, department: "局") }
  }

  @Test func `capital letters make no other person, nor does another department`() {
    #expect(user("Li").isSameUser(as: user("lI", "公安局")))
    #expect(!user("li").isSameUser(as: user("wang")))
    #expect(user("caf\u{E9}").isSameUser(as: user("cafe\u{301}")))
    #expect(throws: Denial.self) { try Person(user: "li", department: " ") }
  }

  // MARK: Texts

  @Test(arguments: [
    ("联合惩戒", "联合惩戒"),
    ("电话13812345678。", "电话<masked, 11 characters>。"),
    ("138 1234 5678", "<masked, 13 characters>"),
    ("１３８１２３４５６７８", "<masked, 11 characters>"),
    ("51010419900101001X的案件", "<masked, 18 characters>的案件"),
    ("6222-0200-0000-0000 卡", "<masked, 19 characters> 卡"),
    ("案号 2026-03-01 第123号", "案号 2026-03-01 第123号"),
    ("1234567890", "1234567890"),
    ("91510104MAQY00013P", "91510104MAQY00013P"),
    ("5 - 6", "5 - 6"),
  ])
  func `numbers that may belong to a person are masked`(_ text: String, _ expected: String) {
    #expect(LoggedText(cleaning: text).text == expected)
  }

  @Test func `a long text is cut`() {
    let text = LoggedText(cleaning: String(repeating: "字", count: 600)).text
    #expect(text.count == LoggedText.maximumLength + 1 && text.hasSuffix("…"))
  }

  @Test func `a condition keeps its values only where all elements are public`() throws {
    let catalog = try TestPipeline.real.get().catalog
    func shown(_ text: String?) -> String { LoggedText(condition: text, catalog: catalog).text }
    #expect(shown(nil) == "")
    #expect(shown("uscc = '91510104MAQY00013P'") == "uscc = '91510104MAQY00013P'")
    #expect(shown("person_name = '张三'") == "person_name = '…'")
    #expect(
      shown("uscc = 'A' & person_name in ('张三', '李四')") == "uscc = '…' & person_name in ('…')")
    #expect(shown("nothing_known = 'secret'") == "nothing_known = '…'")
    #expect(shown("person_name = = '张三'") == "<unreadable condition, 20 characters>")
    let everything = [
      "not (person_name = 'SECRET' | person_name present) => fine_amount >= 987654",
      "substr(person_name, 1, 987654) = 'SECRET' <=> uscc absent",
      "exists PEN where (other.person_name = 'SECRET') & count PEN where (other.person_name = 'SECRET') > 987654",
      "person_name = 'SECRET' & penalty_decision_date >= date '1987-12-31'",
      "workdays(penalty_decision_date, today) <= 987654 & person_name != 'SECRET'",
      "penalty_decision_date + 987654 days < today & -fine_amount < -987654 & person_name has 'SECRET'",
    ]
    for text in everything {
      let result = shown(text)
      #expect(!result.hasPrefix("<unreadable"), "\(text)")
      #expect(!["SECRET", "987654", "1987"].contains { result.contains($0) }, "\(result)")
    }
  }

  // MARK: Keys

  @Test func `a key that is unique only inside its issuer begins with the issuer`() throws {
    let catalog = try TestPipeline.real.get().catalog
    func elements(_ id: String, agency: String? = "agency_uscc") throws -> [String] {
      SubjectKey.elements(
        of: try #require(catalog.category(id)), agency: agency, system: "source_system_code")
    }
    #expect(try elements("ENT") == ["uscc"])
    #expect(try elements("CAS") == ["agency_uscc", "case_no"])
    #expect(try elements("EVD").dropFirst() == ["evidence_no"])
    #expect(try elements("EVD", agency: nil) == ["source_system_code", "evidence_no"])
    #expect(try elements("EVD", agency: "no_element") == ["source_system_code", "evidence_no"])
    #expect(try elements("CAS", agency: nil) == ["source_system_code", "agency_uscc", "case_no"])
  }

  @Test func `a fingerprint is that of category and parts under the secret`() throws {
    let secret = try #require(FingerprintSecret(Array(0..<32)))
    let key = SubjectKey(category: "LIC", parts: ["01", "川A"])
    // python3: hmac.new(bytes(range(32)), b"".join(len(t).to_bytes(4, "big") + t for t in
    // [b"LIC", b"01", "川A".encode()]), "sha256").hexdigest()[:32]
    #expect(key.fingerprint(secret).hexadecimal == "855749afc729400b655ef12898bd0c23")
    let others = [
      SubjectKey(category: "LIC", parts: ["0", "1川A"]),
      SubjectKey(category: "LIC", parts: ["01川A"]),
      SubjectKey(category: "LIC0", parts: ["1", "川A"]),
      SubjectKey(category: "LIC", parts: ["01", "川A", ""]),
    ]
    for other in others { #expect(other.fingerprint(secret) != key.fingerprint(secret)) }
    let another = try #require(FingerprintSecret(Array(1..<33)))
    #expect(key.fingerprint(another) != key.fingerprint(secret))
    #expect(FingerprintSecret(Array(0..<31)) == nil)
  }
}
