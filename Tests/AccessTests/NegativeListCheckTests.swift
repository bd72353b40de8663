import Access
import Catalog
import TestSupport
import Testing

@Suite("Requests against the negative list")
struct NegativeListCheckTests {
  private let catalog: Catalog

  init() throws { catalog = try TestPipeline.real.get().catalog }

  private func remarks(
    _ category: String, _ elements: [String], _ tier: SharingTier = .shared,
    where condition: String? = nil, catalog changed: Catalog? = nil
  ) throws -> [String] {
    let catalog = changed ?? catalog
    let request = try ShareRequest(
      id: "R000001", requester: user("zhang", "公安局"), purpose: "联合惩戒", category: category,
      elements: elements, tier: tier, condition: condition,
      period: AccessPeriod(
        firstSecond: at("2026-03-02T09:00:00"), lastSecond: at("2026-06-30T23:59:59")),
      time: at("2026-03-02T09:00:00"), catalog: catalog)
    return NegativeListCheck().remarks(on: request, catalog).map { remark in
      #expect(!remark.english.isEmpty && remark.chinese.contains { !$0.isASCII })
      return "\(remark.severity.rawValue) \(remark.code) \(remark.subject)"
    }
  }

  @Test func `conditional items are told and refuse nothing`() throws {
    #expect(
      try remarks("PEN", ["penalty_doc_no"]) == ["flag NL03 PEN", "flag NL06 PEN", "flag NL20 PEN"])
    #expect(
      try remarks("PEN", ["penalty_doc_no"], .public) == [
        "flag NL03 PEN", "flag NL06 PEN", "flag NL16 PEN", "flag NL17 PEN", "flag NL20 PEN",
      ])
    // A higher tier opens elements and takes nothing off the list.
    #expect(try remarks("PEN", ["person_name"], .restricted) == remarks("PEN", ["person_name"]))
    #expect(
      try remarks("PEN", ["person_name"]).contains("flag NL07 person_name"))
    #expect(try remarks("ENT", ["uscc"]) == [])
  }

  @Test func `an item that always masks is a flag where something is left, else a refusal`() throws
  {
    #expect(try remarks("ENT", ["legal_rep_id_no", "uscc"]) == ["flag NL08 legal_rep_id_no"])
    // A code has no mask that shows part of it.
    #expect(try remarks("AGO", ["officer_sex_code"]) == ["refusal NL09 officer_sex_code"])
    #expect(
      try remarks("CMP", ["complaint_no"], where: "complaint_content = 'x'")
        .contains("refusal NL05 complaint_content"))
    #expect(
      try remarks("ENT", ["legal_rep_id_no"], .restricted) == ["flag NL08 legal_rep_id_no"])
    #expect(
      try remarks("CMP", ["complainant_name"], .restricted).contains(
        "refusal NL04 complainant_name"))
  }

  @Test func `an item that denies whatever the record says refuses at once`() throws {
    var always = catalog
    let place = try #require(always.sharing?.items.firstIndex { $0.id == "NL19" })
    always.sharing?.items[place].predicate = RecordPredicate(categories: ["EVD"], conditions: [:])
    #expect(
      try remarks("EVD", ["evidence_sha256", "evidence_no"], catalog: always).contains(
        "refusal NL19 evidence_sha256"))
    #expect(
      !(try remarks("EVD", ["evidence_no"], catalog: always)).contains { $0.hasPrefix("refusal") })
    always.sharing?.items[place].action = .denyRecord
    #expect(try remarks("EVD", ["evidence_no"], catalog: always).contains("refusal NL19 EVD"))
    #expect(
      try remarks("EVD", ["evidence_no"], .restricted, catalog: always).contains(
        "refusal NL19 EVD"))
    #expect(
      !(try remarks("EVD", ["evidence_no"], .public, catalog: only(.shared, always))).contains(
        "refusal NL19 EVD"))
  }

  /// The list with its items for one tier alone.
  private func only(_ tier: SharingTier, _ catalog: Catalog) -> Catalog {
    var changed = catalog
    for place in changed.sharing?.items.indices ?? 0..<0 {
      changed.sharing?.items[place].tiers = [tier]
    }
    return changed
  }

  @Test func `category and element tiers of the policy count`() throws {
    #expect(try remarks("VIO", ["uscc"], .public).contains("refusal category-above-tier VIO"))
    #expect(
      try remarks("INS", ["violation_code"], .public).contains(
        "refusal element-above-tier violation_code"))
    #expect(!(try remarks("INS", ["violation_code"])).contains { $0.hasPrefix("refusal") })
  }

  @Test func `without a policy nothing may be asked for`() throws {
    var open = catalog
    open.sharing = nil
    #expect(try remarks("ENT", ["uscc"], catalog: open) == ["refusal no-sharing-policy ENT"])
  }
}
