@testable import PipelineDefinition

extension PlantedMistakes {
  private static let use = "catalog/elements/03-use.yaml"
  private static let people = "catalog/elements/02-people.yaml"
  private static let media = "catalog/code-lists/M1-media.yaml"
  private static let loan = "catalog/categories/LOAN.yaml"
  private static let visit = "catalog/categories/VISIT.yaml"

  static let elements: [Planted] = [
    Planted(
      .invalidRepresentation, use, "n..8,2", "n8.2", says: "expected a form as an18"),
    Planted(
      .representationOfType, people, "YYYYMMDD", "c..8", says: "the type is date"),
    Planted(
      .invalidDomain, use, "\"[0,200]\"", "0-200", says: "as [0,100] or (0,)"),
    Planted(
      .invalidDomain, use, "range: \"[0,200]\"", "range: \"[20,2]\"",
      says: "no value lies between"),
    Planted(
      .invalidDomain, use, "range: \"[0,200]\"", "range: \"(borrowed_on,)\"",
      says: "compare like with like"),
    Planted(
      .invalidDomain, people, "any-date: true", "any-date: true, free-text: true",
      says: "has free-text and any-date"),
    Planted(
      .invalidDomain, people, "any-date: true", "check: \"mobile\"",
      says: "is a date"),
    Planted(
      .domainOutsideRepresentation, use, "[0,200]", "[0,2000]", says: "the bound 2000"),
    Planted(
      .domainOutsideRepresentation, use, "representation: n2", "representation: n1",
      at: "code-list: M1", says: "code \"01\" of M1"),
    Planted(
      .invalidPattern, people, "\"^[0-9]{8}$\"", "\"[0-9]{8}\"", says: "must begin with ^"),
    Planted(
      .invalidPattern, people, "\"^[0-9]{8}$\"", "\"^[0-9{8}$\"",
      says: "is not a regular expression"),
    Planted(
      .looksElsewhere, use, "value >= borrowed_on",
      "exists READER where (other.card_no = card_no)", says: "domain of"),
    Planted(
      .looksElsewhere, visit, "origin_system = 'LIB'",
      "exists LOAN where (other.entry_no = entry_no)", says: "condition of companions",
      others: [.conditionalNotMapped]),
    Planted(
      .looksElsewhere, "catalog/domains.yaml", "medium_code has '01'",
      "exists READER where (other.card_no = card_no)", says: "domain food-safety, LOAN"),
    Planted(
      .unknownCheck, people, "check: mobile", "check: mobil", says: "identifier check",
      suggestion: "mobile"),
    Planted(
      .unknownCheck,
      [
        .edit("catalog/identifiers.yaml", "kind: mobile", "kind: telephone"),
        .edit(people, "check: mobile", "check: telephone"),
      ], in: "catalog/identifiers.yaml", at: "kind: telephone", says: "the program has no check"),
    Planted(
      .unknownNullSpellings, people, "advisory: true", "nulls: musuem", says: "null spellings",
      suggestion: "museum"),
    Planted(
      .unknownNullSpellings, "sources/MUS.yaml", "null-spellings: museum",
      "null-spellings: musuem", says: "null spellings", suggestion: "museum"),
    Planted(
      .unusedElement, visit,
      "  - { element: companions, obligation: conditional, when: \"origin_system = 'LIB'\" }\n",
      "", at: "identifier: companions", in: use, says: "carried by no category"),
  ]

  static let codeLists: [Planted] = [
    Planted(
      .unknownCodeList, "catalog/elements/01-common.yaml", "code-list: A1", "code-list: A11",
      says: "code list \"A11\"", suggestion: "A1", others: [.unusedCodeList]),
    Planted(
      .unusedCodeList,
      [
        .add(
          "catalog/code-lists/Z1.yaml",
          """
          id: Z1
          name: 闲置
          english: idle
          origin: "assumed: an example"
          values: [{ code: A, label: 甲, english: first }]

          """)
      ], in: "catalog/code-lists/Z1.yaml", at: "id: Z1", says: "used by no element"),
    Planted(
      .duplicateCode, media, "code: \"03\"", "code: \"02\"", at: "电子书",
      says: "stands already at \(media):8"),
    Planted(
      .duplicateLabel, media, "[书, 纸质书]", "[书, 书]", says: "\"书\" stands twice"),
    Planted(
      .ambiguousLabel, media, "label: 电子书", "label: 书", says: "codes \"01\" and \"03\""),
    Planted(
      .ambiguousLabel, media, "english: e-book", "english: Book", says: "\"book\""),
    Planted(
      .ambiguousLabel, media, "label: 其他", "label: ＣＤ", says: "undecidable label"),
    Planted(
      .ambiguousLabel, media, "label: 随书光盘", "label: 光盘", at: "label: 光盘, codes",
      says: "an alias"),
    Planted(
      .ambiguousLabel, media, "[CD]", "[\"01\"]", says: "code \"01\" itself"),
    Planted(
      .unknownCode, media, "codes: [\"01\", \"02\"]", "codes: [\"01\", \"09\"]",
      says: "code \"09\"", suggestion: "01"),
    Planted(
      .unknownCode, "nightly.yaml", "deletion-code: D", "deletion-code: 删除",
      says: "not a code of A1", suggestion: "D"),
    Planted(
      .unknownCode, visit, "codes: [MUS]", "codes: [MUZ]", says: "not a code of S1",
      suggestion: "MUS"),
  ]

  static let categories: [Planted] = [
    Planted(
      .unknownElement, visit, "event-time: visited_at", "event-time: visted_at",
      says: "element \"visted_at\" does not exist", suggestion: "visited_at"),
    Planted(
      .unknownElement, "nightly.yaml", "update-time: changed_at", "update-time: changed_on",
      says: "role update-time", suggestion: "changed_at"),
    Planted(
      .unknownGroup, visit, "group: U", "group: X", says: "group \"X\"", suggestion: "P"),
    Planted(
      .unusedGroup, "catalog/groups.yaml", "  - { id: U",
      "  - { id: Z, name: 空, english: empty }\n  - { id: U", at: "id: Z",
      says: "has no category"),
    Planted(
      .unknownSystem, "rules/LOAN.yaml", "{ LIB: { grace", "{ LIBB: { grace",
      says: "system \"LIBB\"", suggestion: "LIB"),
    Planted(
      .unusedSystem, "systems.yaml", "  - code: MUS",
      "  - { code: ZOO, order: 9, name: 动物园, english: zoo }\n  - code: MUS", at: "code: ZOO",
      says: "add sources/ZOO.yaml"),
    Planted(
      .missingKey, "nightly.yaml", "deletion-code: D", "deletion-code: D\n  secret-codes: [\"01\"]",
      at: "secret-codes", says: "no element is named"),
    Planted(
      .ambiguousLabel, "sources/LIB.yaml", "{ 录音: \"02\" }", "{ 图书: \"02\" }",
      says: "means 02 here, and 01"),
    Planted(
      .duplicateIdentifier, "systems.yaml", "order: 2", "order: 1  # again",
      says: "systems LIB and MUS have the same order 1"),
    Planted(
      .outOfRange, "systems.yaml", "order: 2", "order: 257", says: "the order is 257"),
    Planted(
      .outOfRange, visit, "number: 3", "number: 259", at: "id: VISIT", says: "the number is 259"),
    Planted(
      .missingKey, visit, "entity-key: [visit_no]", "entity-key: []", says: "names nothing"),
    Planted(
      .duplicateIdentifier, visit, "entity-key: [visit_no]", "entity-key: [visit_no, visit_no]",
      says: "twice"),
    Planted(
      .invalidRepresentation, use, "n..8,2", "n..8,20", says: "expected a form as an18"),
    Planted(
      .unknownCategory, "catalog/domains.yaml", "LOAN:", "LOANS:", says: "category \"LOANS\"",
      suggestion: "LOAN"),
    Planted(
      .elementNotCarried, visit, "event-time: visited_at", "event-time: borrowed_on",
      says: "category VISIT does not carry"),
    Planted(
      .keyNotMarked, visit, "element: visit_no, obligation: required, key: true",
      "element: visit_no, obligation: required", says: "add key: true"),
    Planted(
      .eventTimeNotDate, visit, "event-time: visited_at", "event-time: visit_no",
      says: "expected a date or date-time"),
    Planted(
      .conditionMissing, visit, "conditional, when: \"origin_system = 'LIB'\"", "conditional",
      at: "element: companions", says: "add the condition"),
    Planted(
      .conditionUnused, visit, "conditional, when: \"origin_system = 'LIB'\"",
      "optional, when: \"origin_system = 'LIB'\"", says: "stands beside \"optional\""),
  ]

  static let rules: [Planted] = [
    Planted(
      .expressionSyntax, "rules/LOAN.yaml", "\"due_on > borrowed_on\"",
      "\"due_on > > borrowed_on\"", says: "cannot be read"),
    Planted(
      .expressionMeaning, "rules/LOAN.yaml", "\"due_on > borrowed_on\"", "\"due_on > 5\"",
      says: "rule R1"),
    Planted(
      .impossibleCondition, loan, "\"returned_on > due_on\"",
      "\"returned_on present & returned_on absent\"", says: "can never be true"),
    Planted(
      .unknownElement, "rules/LOAN.yaml", "\"returned_on present\"", "\"retuned_on present\"",
      says: "element \"retuned_on\"", suggestion: "returned_on"),
    Planted(
      .elementNotCarried, "rules/LOAN.yaml", "other.card_no = card_no",
      "other.loan_no = card_no", says: "category READER does not carry"),
    Planted(
      .unknownCategory, "rules/LOAN.yaml", "exists READER", "exists READERS",
      says: "category \"READERS\"", suggestion: "READER"),
    Planted(
      .unknownParameter, "rules/LOAN.yaml", "$grace", "$graze", says: "\"$graze\" has no value",
      suggestion: "grace", others: [.unusedParameter]),
    Planted(
      .unknownParameter, "rules/LOAN.yaml",
      "    parameters: { grace: 2 }\n    parameters-by-system: { LIB: { grace: 3 } }",
      "    parameters-by-system: { MUS: { grace: 3 } }", at: "parameters-by-system",
      says: "has no value for LIB"),
    Planted(
      .unusedParameter, "rules/LOAN.yaml", "{ grace: 2 }", "{ grace: 2, days: 4 }",
      says: "is not used as $days"),
    Planted(
      .kindOfRule, "rules/LOAN.yaml", "kind: reference", "kind: in-record ",
      at: "kind: in-record ", says: "looks at other records"),
    Planted(
      .kindOfRule, "rules/LOAN.yaml", "kind: in-record", "kind: reference",
      says: "looks only at its own record"),
    Planted(
      .waitingInCircle, "rules/LOAN.yaml", "exists READER where (other.card_no = card_no)",
      "exists LOAN where (other.card_no = card_no)", at: "exists LOAN",
      says: "would wait for each other"),
  ]

  static let tables: [Planted] = [
    Planted(
      .missingIssueType, "catalog/issue-types.yaml", "- code: Q37", "- code: Q36", at: "",
      says: "Q37 is missing", others: [.duplicateIdentifier]),
    Planted(
      .dimensionOfIssue, "catalog/issue-types.yaml", "dimension: completeness",
      "dimension: accuracy", says: "Q11 belongs to completeness"),
    Planted(
      .unknownPlaceholder, "catalog/issue-types.yaml", "条:{element}", "条:{elment}",
      says: "\"{elment}\"", suggestion: "element"),
    Planted(
      .missingDomain, use, "core: [food-safety]", "core: [work-safety]", says: "work-safety"),
    Planted(
      .invalidIndustry, "catalog/industries.yaml", "from: \"86\"", "from: \"96\"",
      says: "\"96\" to \"90\""),
    Planted(
      .invalidIndustry, "catalog/industries.yaml", "from: \"86\"", "from: \"83\"",
      at: "letter: R", says: "belongs to P and to R"),
    Planted(
      .divisionTable, "catalog/divisions.csv", "510104,锦江区", "51010,锦江区",
      says: "expected six digits"),
    Planted(
      .divisionTable, "catalog/divisions.csv", "2020-01-01", "2019-01-01", says: "correct one"),
    Planted(
      .divisionTable, "catalog/divisions.csv", "valid_from", "since", says: "the header is"),
    Planted(
      .datesOutOfOrder, "catalog/divisions.csv", "2019-12-31", "1989-12-31",
      says: "valid until 1989-12-31"),
    Planted(
      .invalidDate, "catalog/divisions.csv", "1980-01-01", "1980-13-01", says: "1980-13-01",
      others: [.missingProvince]),
    Planted(
      .missingProvince, "catalog/divisions.csv", "510000,四川省,1980-01-01,\n", "",
      at: "510104,锦江区", says: "510000, which is not"),
    Planted(
      .calendarYear,
      [
        .remove("catalog/calendar/2026.yaml"),
        .add(
          "catalog/calendar/2027.yaml",
          """
          year: 2027
          name: 2027年工作日历
          english: working days of 2027
          origin: "assumed: an example"
          holidays: []

          """),
      ], in: "catalog/calendar/2027.yaml", at: "year: 2027", says: "2027 follows 2025"),
    Planted(
      .calendarDay, "catalog/calendar/2025.yaml", "2025-10-11", "2025-10-13",
      says: "not at a weekend"),
    Planted(
      .calendarDay, "catalog/calendar/2025.yaml", "2025-10-11", "2026-10-11", says: "not in 2025"),
    Planted(
      .calendarDay, "catalog/calendar/2025.yaml", "from: 2025-10-01, to: 2025-10-03",
      "from: 2025-10-01, to: 2026-01-02", says: "leaves the year"),
    Planted(
      .datesOutOfOrder, "catalog/calendar/2025.yaml", "from: 2025-10-01", "from: 2025-10-21",
      says: "before 2025-10-21"),
    Planted(
      .calendarNeeded,
      [
        .remove("catalog/calendar/2025.yaml"), .remove("catalog/calendar/2026.yaml"),
        .remove("sharing/approvals.yaml"),
      ],
      in: "rules/LOAN.yaml", at: "workdays(", says: "there is no calendar"),
  ]
}
