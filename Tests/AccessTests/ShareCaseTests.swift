import Access
import Catalog
import Records
import TestSupport
import Testing

@Suite("Requests and grants")
struct ShareCaseTests {
  private let catalog: Catalog
  private let start = at("2026-03-02T09:00:00")

  init() throws { catalog = try TestPipeline.real.get().catalog }

  private func request(
    _ category: String = "PEN", _ elements: [String] = ["penalty_doc_no", "party_type_code"],
    tier: SharingTier = .shared, condition: String? = nil, from: String = "2026-03-02T09:00:00",
    until: String = "2026-06-30T23:59:59", now: String = "2026-03-02T09:00:00",
    purpose: String = "联合惩戒"
  ) throws -> ShareRequest {
    try ShareRequest(
      id: "R000001", requester: user("zhang", "公安局"), purpose: purpose, category: category,
      elements: elements, tier: tier, condition: condition,
      period: AccessPeriod(firstSecond: at(from), lastSecond: at(until)), time: at(now),
      catalog: catalog)
  }

  private func opened(_ request: ShareRequest) -> ShareCase {
    ShareCase(opening: request, [ElementTierCheck()], catalog)
  }

  /// Takes the steps; a letter is a person: `aL` approves as L, `gM` grants as M, `rL` refuses, `vL` revokes.
  private func run(_ text: String, _ from: ShareRequest? = nil, now: Int64? = nil) throws
    -> ShareCase
  {
    var found = opened(try from ?? request())
    for word in text.split(separator: " ") {
      let act: ShareAct =
        switch word.first {
        case "a": .approve(note: "")
        case "g": .grant(terms: "不得转发")
        case "r": .refuse(reason: "用途不符")
        default: .revoke(reason: "用途已变")
        }
      _ = try found.take(act, by: user(String(word.dropFirst())), at: now ?? start, catalog)
    }
    return found
  }

  private func denial(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch let denial as Denial {
      return denial.code
    } catch {
      return "\(error)"
    }
  }

  // MARK: The way of a request

  @Test func `a request is checked, approved twice, granted and expires`() throws {
    #expect(try run("").state(at: start) == .checked)
    #expect(try run("ali").state(at: start) == .checked)
    #expect(try run("ali awang").state(at: start) == .approved)
    #expect(try run("ali awang").grant == nil)
    let granted = try run("ali awang gli")
    #expect(granted.state(at: start) == .active)
    #expect(granted.state(at: at("2026-06-30T23:59:59")) == .active)
    #expect(granted.state(at: at("2026-07-01T00:00:00")) == .expired)
    let grant = try #require(granted.grant)
    #expect(grant.id == "G000001" && grant.department == "公安局" && grant.terms == "不得转发")
    #expect(grant.elements == ["penalty_doc_no", "party_type_code"] && grant.tier == .shared)
    #expect(try run("rli").state(at: start) == .refused)
    #expect(try run("ali awang rli").state(at: start) == .refused)
    #expect(try run("ali awang gli vzhang").state(at: start) == .revoked)
  }

  @Test func `a request without an answer expires with its period`() throws {
    let after = at("2026-07-01T00:00:00")
    for steps in ["", "ali", "ali awang"] { #expect(try run(steps).state(at: after) == .expired) }
    #expect(try run("rli").state(at: after) == .refused)
  }

  /// Every act in every state; what is not named is denied by the state.
  @Test func `each state allows its own acts and no others`() throws {
    let allowed: [String: Set<String>] = [
      "": ["aq", "rq"], "ali": ["aq", "rq"], "ali awang": ["gq", "rq"],
      "ali awang gq": ["vq"], "rli": [], "ali awang gli vli": [],
    ]
    for (steps, acts) in allowed.sorted(by: { $0.key < $1.key }) {
      for act in ["aq", "rq", "gq", "vq"] {
        let code = denial { _ = try run(steps + " " + act) }
        #expect(code == (acts.contains(act) ? nil : "state"), "\(steps), then \(act)")
      }
    }
    // After the period nothing is possible any more.
    for steps in ["", "ali awang", "ali awang gq"] {
      var found = try run(steps)
      for act: ShareAct in [
        .approve(note: ""), .grant(terms: ""), .refuse(reason: "x"), .revoke(reason: "x"),
      ] {
        let code = denial {
          _ = try found.take(act, by: user("q"), at: at("2026-07-01T00:00:00"), catalog)
        }
        #expect(code == "state", "\(steps), then \(act)")
      }
    }
  }

  // MARK: Four eyes

  @Test(arguments: [
    "azhang", "aZHANG", "ali ali", "ali aLI", "ali azhang", "ali awang gzhang", "rzhang",
    "ali awang rZhang",
  ])
  func `requester, first and second approver are three people`(_ steps: String) {
    #expect(denial { _ = try run(steps) } == "four-eyes")
  }

  @Test func `a level may be kept to departments`() throws {
    var catalog = catalog
    catalog.approvals.secondApprovers = ["数据局"]
    var found = try run("ali")
    let act = ShareAct.approve(note: "")
    #expect(throws: Denial.self) {
      try found.take(act, by: user("wang"), at: start, catalog)
    }
    _ = try found.take(act, by: user("wang", "数据局"), at: start, catalog)
    #expect(found.state(at: start) == .approved)
  }

  @Test func `a refusal and a revocation need a reason, and time does not run back`() throws {
    var found = try run("ali awang gli")
    #expect(
      denial { _ = try found.take(.revoke(reason: " "), by: user("li"), at: start, catalog) }
        == "reason")
    var open = try run("ali")
    #expect(
      denial { _ = try open.take(.refuse(reason: ""), by: user("li"), at: start, catalog) }
        == "reason")
    let act = ShareAct.approve(note: "")
    #expect(denial { _ = try open.take(act, by: user("wang"), at: start - 1, catalog) } == "clock")
    #expect(open.steps.count == 3)
  }

  // MARK: Grants

  @Test func `a grant is honoured from its first to its last second`() throws {
    let request = try request(from: "2026-03-10T00:00:00", until: "2026-03-31T12:00:00")
    let grant = try #require(try run("ali awang gli", request).grant)
    for (moment, expected) in [
      ("2026-03-02T09:00:00", false), ("2026-03-09T23:59:59", false), ("2026-03-10T00:00:00", true),
      ("2026-03-31T11:59:59", true), ("2026-03-31T12:00:00", true), ("2026-03-31T12:00:01", false),
      ("2027-03-15T00:00:00", false),
    ] {
      #expect(grant.isActive(at: at(moment)) == expected, "\(moment)")
    }
    #expect(try run("ali awang gli", request).state(at: start) == .approved)
  }

  @Test func `a grant is not honoured before it was given`() throws {
    let given = at("2026-03-20T15:00:00")
    let grant = try #require(try run("ali awang gli", now: given).grant)
    #expect(!grant.isActive(at: given - 1) && grant.isActive(at: given))
  }

  @Test func `a revoked grant is never honoured again, whatever a clock says`() throws {
    let grant = try #require(try run("ali awang gli vli").grant)
    for moment in [start - 1, start, start + 1, at("2026-06-30T23:59:59")] {
      #expect(!grant.isActive(at: moment))
    }
  }

  // MARK: Time limits

  private func day(_ text: String) -> Int? { CivilDate(text)?.dayNumber }

  @Test func `time limits are counted over holidays and make-up days`() throws {
    // 2026-02-15 to 23 is the Spring Festival; Saturday 14 and Saturday 28 are worked.
    let spring = try request(now: "2026-02-12T09:00:00")
    #expect(spring.firstApprovalDue == day("2026-02-26"))
    #expect(spring.answerDue == day("2026-03-04"))
    let plain = try request()
    #expect(plain.firstApprovalDue == day("2026-03-09"))
    #expect(plain.answerDue == day("2026-03-16"))
  }

  @Test func `what is not done by the end of its last day is overdue`() throws {
    let open = try run("")
    #expect(open.due == day("2026-03-09"))
    #expect(!open.isOverdue(at: at("2026-03-09T23:59:59")))
    #expect(open.isOverdue(at: at("2026-03-10T00:00:00")))
    let first = try run("ali")
    #expect(first.due == day("2026-03-16"))
    #expect(
      !first.isOverdue(at: at("2026-03-16T23:59:59"))
        && first.isOverdue(at: at("2026-03-17T00:00:00")))
    let second = try run("ali awang", now: at("2026-04-02T10:00:00"))
    // 4 to 6 April and 1 to 5 May are holidays.
    #expect(second.due == day("2026-05-06"))
    for done in ["rli", "ali awang gli"] {
      let found = try run(done)
      #expect(found.due == nil && !found.isOverdue(at: at("2026-06-01T00:00:00")))
    }
    #expect(!open.isOverdue(at: at("2026-07-01T00:00:00")), "expired")
  }

  @Test func `a late step is marked`() throws {
    var found = try run("")
    let step = try found.take(
      .approve(note: ""), by: user("li"), at: at("2026-03-10T00:00:00"), catalog)
    #expect(step.isLate)
    var early = try run("")
    let other = try early.take(
      .approve(note: ""), by: user("li"), at: at("2026-03-09T23:59:59"), catalog)
    #expect(!other.isLate)
  }

  @Test func `no time limit is guessed beyond the calendar`() {
    #expect(
      denial { _ = try request(until: "2027-01-31T00:00:00", now: "2026-12-25T09:00:00") }
        == "calendar")
  }

  // MARK: What is no request

  @Test func `purpose, elements and period are needed`() {
    #expect(denial { _ = try request(purpose: "  ") } == "purpose")
    #expect(denial { _ = try request("PEN", [""]) } == "elements")
    #expect(denial { _ = try request(until: "2026-03-02T08:59:59") } == "period")
    #expect(
      denial { _ = try request(from: "2026-03-03T09:00:01", until: "2026-03-03T09:00:00") }
        == "period")
    #expect(denial { _ = try request(until: "2027-03-03T09:00:00") } == "period")
    #expect(denial { _ = try request(until: "2027-03-03T08:59:59") } == nil)
    #expect(denial { _ = try request(until: "2026-03-02T09:00:00") } == nil)
  }

  // MARK: The check of elements and tiers

  @Test(
    arguments: [
      ("PEN", ["penalty_doc_no"], "public", nil, []),
      ("PEN", ["party_type_code", "penalty_doc_no"], "shared", "party_type_code = '1'", []),
      ("PEM", ["penalty_doc_no"], "shared", nil, ["unknown-category"]),
      ("PEN", ["penalty_docno"], "shared", nil, ["unknown-element"]),
      ("PEN", ["complaint_no"], "shared", nil, ["element-not-carried"]),
      (
        "PEN", ["person_name", "case_no"], "public", nil,
        ["element-above-tier", "element-above-tier"]
      ),
      ("PEN", ["person_name"], "shared", nil, ["element-above-tier"]),
      ("PEN", ["penalty_doc_no"], "shared", "person_name = '张三'", ["condition-above-tier"]),
      ("PEN", ["penalty_doc_no"], "shared", "party_type_code = ", ["condition-syntax"]),
      ("PEN", ["penalty_doc_no"], "shared", "party_type_code", ["condition-meaning"]),
      ("PEN", ["penalty_doc_no"], "shared", "nonsense = '1'", ["condition-meaning"]),
      (
        "PEN", ["penalty_doc_no"], "shared", "exists CAS where (other.case_no = case_no)",
        ["condition-other-records"]
      ),
    ] as [(String, [String], String, String?, [String])])
  func `a request above its tier or outside the catalog is refused with all reasons`(
    _ category: String, _ elements: [String], _ tier: String, _ condition: String?,
    _ codes: [String]
  ) throws {
    let asked = try #require(SharingTier(rawValue: tier))
    let found = opened(try request(category, elements, tier: asked, condition: condition))
    let remarks = found.steps.flatMap(\.remarks)
    #expect(remarks.map(\.code) == codes, "\(remarks)")
    #expect(found.state(at: start) == (codes.isEmpty ? .checked : .refused))
    for remark in remarks {
      #expect(!remark.english.isEmpty && remark.chinese.contains { !$0.isASCII })
    }
  }

  @Test func `the restricted tier is flagged for the approvers`() throws {
    let found = opened(try request("PEN", ["person_name"], tier: .restricted))
    #expect(found.state(at: start) == .checked)
    #expect(found.steps.flatMap(\.remarks).map(\.code) == ["restricted-tier"])
  }

  @Test func `every check is asked and every refusal counts`() throws {
    struct Negative: ComplianceCheck {
      func remarks(on request: ShareRequest, _ catalog: Catalog) -> [ComplianceRemark] {
        [
          ComplianceRemark(
            .refusal, "NL01", subject: request.category, chinese: "负面清单", english: "listed")
        ]
      }
    }
    let found = ShareCase(opening: try request(), [ElementTierCheck(), Negative()], catalog)
    #expect(found.state(at: start) == .refused)
    #expect(found.steps.flatMap(\.remarks).map(\.code) == ["NL01"])
  }
}

@Suite("Objections")
struct ObjectionTests {
  private let catalog: Catalog
  private let start = at("2026-02-12T09:00:00")

  init() throws { catalog = try TestPipeline.real.get().catalog }

  private func opened() throws -> ObjectionCase {
    ObjectionCase(
      opening: try Objection(
        id: "O000001", raiser: user("zhao"), category: "ENT", key: ["91510104MAQY00013P"],
        element: "uscc", reason: "与执照不符", time: start, catalog: catalog))
  }

  @Test func `an objection marks the record until it is corrected or dismissed`() throws {
    for end: ObjectionStep.Kind in [.corrected, .dismissed] {
      var found = try opened()
      #expect(found.isMarked && found.state == .raised)
      _ = try found.take(.verified, "来源确认", by: user("li"), at: start)
      #expect(found.isMarked && found.state == .verified)
      _ = try found.take(end, "已处理", by: user("li"), at: start)
      #expect(!found.isMarked && found.due == nil)
    }
  }

  @Test func `nothing is decided before the source was asked, nor by the raiser`() throws {
    var found = try opened()
    #expect(throws: Denial.self) { try found.take(.corrected, "x", by: user("li"), at: start) }
    #expect(throws: Denial.self) { try found.take(.verified, "x", by: user("ZHAO"), at: start) }
    #expect(throws: Denial.self) { try found.take(.verified, " ", by: user("li"), at: start) }
    #expect(throws: Denial.self) { try found.take(.verified, "x", by: user("li"), at: start - 1) }
    #expect(throws: Denial.self) { try found.take(.raised, "x", by: user("li"), at: start) }
    #expect(found.steps.count == 1)
    _ = try found.take(.verified, "x", by: user("li"), at: start)
    #expect(throws: Denial.self) { try found.take(.verified, "x", by: user("li"), at: start) }
    _ = try found.take(.dismissed, "x", by: user("li"), at: start)
    #expect(throws: Denial.self) { try found.take(.corrected, "x", by: user("li"), at: start) }
  }

  @Test func `time limits are working days`() throws {
    var found = try opened()
    #expect(found.due == CivilDate("2026-02-26")?.dayNumber)
    #expect(
      !found.isOverdue(at: at("2026-02-26T23:59:59"))
        && found.isOverdue(at: at("2026-02-27T00:00:00")))
    let late = try found.take(.verified, "x", by: user("li"), at: at("2026-02-27T00:00:00"))
    #expect(late.isLate && found.due == CivilDate("2026-03-04")?.dayNumber)
  }
}
