import Catalog
import Records
import Testing

@testable import PipelineDefinition

extension AuthorityRule {
  /// As a line of a table: entity, owner, fallback, number of elements, tie-break.
  fileprivate var line: String {
    let order = fallback.map(\.text).joined(separator: ">")
    let breaks = tieBreaks.map { "\($0.isLatest ? "latest" : "earliest") \($0.element)" }
    return "\(id) \(entity) \(owner.text) \(order.isEmpty ? "NONE" : order) \(elements.count) "
      + breaks.joined(separator: " > ")
  }
}

extension AuthoritySource {
  fileprivate var text: String {
    switch self {
    case .system(let id): id
    case .homeOfAgency: "OWNER"
    case .first: "FIRST"
    }
  }
}

/// `authority.yaml` of the product.
@Suite struct RealAuthorityTests {
  private static let result = PipelineFolder.load(Repository.pipelines)

  private func catalog() throws -> Catalog {
    try #require(Self.result.catalog, "\(Self.result.errors.prefix(20))")
  }

  @Test func `the twenty-three rules are those of the table`() throws {
    let rules = try catalog().authority.rules
    let update = "latest source_update_time"
    let licence = "latest licence_decision_date > \(update)"
    let credit = "latest credit_eval_date > \(update)"
    #expect(
      rules.map(\.line) == [
        "AR01 ENT SAM NONE 20 latest approved_date > \(update)", "AR02 MON MEE HUD 7 \(update)",
        "AR03 CRD SAM NONE 7 \(credit)", "AR04 LIC SAM NHC>ARA 9 \(licence)",
        "AR05 LIC NMP SAM>NHC 7 \(licence)", "AR06 LIC MEM HUD>SAM 7 \(licence)",
        "AR07 LIC MEE NONE 7 \(licence)", "AR08 LIC MOT SAM 6 \(licence)",
        "AR09 LIC NHC SAM 6 \(licence)", "AR10 LIC CUL SAM 6 \(licence)",
        "AR11 LIC HUD SAM 6 \(licence)", "AR12 LIC ARA SAM 6 \(licence)",
        "AR13 LIC MNR MEM 6 \(licence)", "AR14 PERSON MPS OWNER 6 \(update)",
        "AR15 VEHICLE MPS MOT 2 \(update)",
        "AR16 FAC SAM MEM>HUD 7 latest last_inspection_date > \(update)",
        "AR17 FAC MEM MEE 12 \(update)", "AR18 MON SAM NHC>ARA 9 \(update)",
        "AR19 CRD MEE SAM 1 \(credit)",
        "AR20 PEN OWNER NONE 13 latest decision_date > \(update)",
        "AR21 CAS OWNER NONE 11 \(update)",
        "AR22 AGO OWNER NONE 11 latest officer_cert_valid_from > \(update)",
        "AR23 CMP FIRST OWNER 7 earliest complaint_time > earliest source_update_time",
      ])
    #expect(rules.map(\.id) == (1...23).map { $0 < 10 ? "AR0\($0)" : "AR\($0)" })
  }

  @Test func `conditions tell the rules of an entity apart`() throws {
    let conditions = try catalog().authority.rules
      .compactMap { rule in rule.when.map { "\(rule.id) \($0)" } }
    #expect(
      conditions == [
        "AR01 substr(uscc, 1, 1) = '9'", "AR02 monitor_kind_code = '1'",
        "AR04 licence_type_code in ('01', '02')", "AR05 licence_type_code in ('03', '04')",
        "AR06 licence_type_code in ('05', '06')", "AR07 licence_type_code = '07'",
        "AR08 licence_type_code = '08'", "AR09 licence_type_code in ('09', '10')",
        "AR10 licence_type_code = '11'", "AR11 licence_type_code in ('12', '13')",
        "AR12 licence_type_code in ('14', '15')", "AR13 licence_type_code = '16'",
        "AR16 facility_type_code = '01'", "AR17 facility_type_code in ('02', '03')",
        "AR18 monitor_kind_code = '2'",
      ])
  }

  @Test func `every rule says why, what to do, and is a note that always holds`() throws {
    for rule in try catalog().authority.rules {
      #expect(rule.origin.hasPrefix("2026年") || rule.origin.hasPrefix("assumed: "), "\(rule.id)")
      #expect(rule.fixChinese.hasChinese, "\(rule.id)")
      #expect(!rule.fixEnglish.isEmpty && !rule.fixEnglish.hasChinese, "\(rule.id)")
      #expect(rule.severity == .note && rule.version == 1)
      #expect(rule.from == nil && rule.until == nil)
    }
    let named = try catalog().authority.rules.filter { $0.origin.hasPrefix("2026年") }
    #expect(named.map(\.id) == ["AR01", "AR02"])
  }

  @Test func `there are twenty entities, one for each category and two more`() throws {
    let catalog = try catalog()
    let entities = catalog.authority.entities
    #expect(entities.count == 20)
    #expect(entities.map(\.id) == catalog.categories.map(\.id) + ["PERSON", "VEHICLE"])
    #expect(entities.allSatisfy { !$0.origin.isEmpty })
    for (entity, category) in zip(entities, catalog.categories) {
      #expect(entity.elements == category.elements.map(\.element.identifier))
      #expect(entity.when == nil)
    }
    let person = try #require(catalog.authority.entity("PERSON"))
    #expect(person.when?.source == "party_type_code = '4'")
    #expect(person.elements.count == 6)
    let vehicle = try #require(catalog.authority.entity("VEHICLE"))
    #expect(vehicle.elements == ["uscc", "vehicle_plate_no", "plate_type_code"])
    #expect(vehicle.copiedTo == ["FAC", "COE", "PEN", "MON"])
  }

  @Test func `a match key names the issuer unless the number is shared`() throws {
    let keys = try catalog().authority.entities
      .map { "\($0.id) \($0.matchKey.joined(separator: "+"))" }
    #expect(
      keys == [
        "ENT uscc", "LIC licence_type_code+licence_no",
        "VIO source_system_code+violation_record_no", "CRD uscc", "FAC facility_id",
        "AGO agency_uscc+officer_cert_no", "RND agency_uscc+plan_no+task_no+uscc",
        "INS agency_uscc+inspection_no", "CAS agency_uscc+case_no",
        "PEN agency_uscc+penalty_doc_no", "COE agency_uscc+coercive_doc_no",
        "REC agency_uscc+rectify_doc_no", "EVD source_system_code+evidence_no",
        "TRF agency_uscc+transfer_no", "CMP complaint_no", "OPN source_system_code+opinion_no",
        "MON monitor_no+monitor_item_code+monitor_time", "REV source_system_code+review_case_no",
        "PERSON person_id_type_code+person_id_no", "VEHICLE vehicle_plate_no",
      ])
  }

  @Test func `agencies are known from their officers`() throws {
    let authority = try catalog().authority
    #expect(authority.agencyCategory == "AGO")
    #expect(authority.agencyElement == "agency_uscc")
    #expect(authority.agencyHomes == [])
  }
}

/// `authority.yaml` of the second pipeline, which has what the product's does not.
@Suite struct SecondAuthorityTests {
  private let authority = PipelineFolder.load(
    Repository.secondPipeline, knownChecks: checksOfTheProgram
  ).catalog?.authority

  @Test func `rules have what their entries say`() throws {
    let rules = try #require(authority).rules
    #expect(
      rules.map(\.line) == [
        "W1 READER LIB GAR 2 latest changed_at",
        "W2 VISIT THE GAR 2 earliest visited_at > latest changed_at", "W3 VISIT GAR NONE 1 ",
        "W4 LOAN OWNER LIB 1 latest changed_at", "W5 LOAN FIRST OWNER 1 earliest changed_at",
        "W6 BORROWER LIB NONE 1 latest borrowed_on",
      ])
    #expect(rules[0].elements == ["reader_name", "phone"], "the order is that of the category")
    #expect(rules[1].elements == ["entry_no", "fee"])
    #expect(rules[0].severity == .return && rules[1].severity == .note)
    #expect(rules[0].version == 2 && rules[1].version == 1)
    #expect(rules[0].fixEnglish == "Take the library's." && rules[1].fixEnglish == "")
    #expect(rules[1].when?.source == "origin_system in ('MUS', 'THE')")
    #expect(rules[3].until == CivilDate("2026-01-31") && rules[3].from == nil)
    #expect(rules[4].from == CivilDate("2026-02-01") && rules[4].until == nil)
  }

  @Test func `entities are those of the categories and their own`() throws {
    let entities = try #require(authority).entities
    #expect(entities.map(\.id) == ["READER", "LOAN", "VISIT", "BORROWER"])
    #expect(
      entities.map(\.matchKey) == [
        ["card_no"], ["origin_system", "loan_no"], ["visited_at", "visit_no"], ["card_no"],
      ])
    #expect(entities[1].name == "借阅" && entities[3].name == "借阅人")
    #expect(entities[3].elements == ["card_no", "medium_code", "fee"])
    #expect(entities.map { $0.strategies.map(\.kind) } == [[.largest], [], [.oldest], [.union]])
    #expect(
      try #require(authority).agencyHomes == [
        AgencyHome(
          agency: "10000001", system: "GAR",
          origin: "assumed: the card of the garden's own staff")
      ])
  }

  @Test func `without rules every category still has its entity`() throws {
    let folder = try TestFolder()
    try folder.write("origin: \"assumed: nothing is decided\"\n", to: "authority.yaml")
    try folder.remove("checks/owners.yaml")
    let result = folder.load()
    #expect(result.problems == [])
    let authority = try #require(result.catalog).authority
    #expect(authority.entities.map(\.id) == ["READER", "LOAN", "VISIT"])
    #expect(authority.rules.isEmpty && authority.agencyCategory.isEmpty)
  }

  @Test(arguments: [
    // Days and conditions keep rules of the same elements apart; so do conditions of any kind that
    // exclude each other.
    ("until: 2026-01-31", "until: 2026-01-30"),
    ("when: \"origin_system = 'GAR'\"", "when: \"origin_system = 'LIB'\""),
    (
      "when: \"origin_system = 'GAR'\"",
      "when: \"not (origin_system = 'MUS' | origin_system = 'THE')\""
    ),
    ("elements: [fee]\n    owner: GAR", "elements: [companions]\n    owner: GAR"),
  ])
  func `rules that exclude each other may name the same element`(old: String, new: String) throws {
    let folder = try TestFolder()
    try folder.edit("authority.yaml", old, new)
    if new.contains("companions") {
      let conflict = "rule: W3, record: 2, element: "
      try folder.edit("checks/owners.yaml", conflict + "fee", conflict + "companions")
    }
    #expect(folder.load().problems == [])
  }

  @Test func `a condition that is wrong is reported once and not as an overlap too`() throws {
    let folder = try TestFolder()
    try folder.edit("authority.yaml", "origin_system = 'GAR'", "origin_systm = 'GAR'")
    #expect(folder.load().problems.map(\.code) == [.unknownElement])
    try folder.edit("authority.yaml", "origin_systm = 'GAR'", "origin_system =")
    #expect(folder.load().problems.map(\.code) == [.expressionSyntax])
  }
}
