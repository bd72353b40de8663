@testable import PipelineDefinition

extension PlantedMistakes {
  private static let library = "sources/LIB.yaml"
  private static let museum = "sources/MUS.yaml"
  private static let garden = "sources/GAR.yaml"
  private static let theatre = "sources/THE.yaml"
  private static let loans = "checks/loans.yaml"

  static let sources: [Planted] = [
    Planted(
      .categoryNotDelivered, "catalog/categories/VISIT.yaml", "[MUS, GAR, THE]",
      "[GAR, THE]", at: "category: VISIT", in: museum, says: "does not name MUS"),
    Planted(
      .categoryNotMapped, "catalog/categories/VISIT.yaml", "[MUS, GAR, THE]",
      "[MUS, GAR, THE, LIB]", at: "system: LIB", in: library, says: "category VISIT names"),
    Planted(
      .unknownElement, library, "element: phone", "element: phon", says: "element \"phon\"",
      suggestion: "phone", others: [.elementNotMapped]),
    Planted(
      .elementNotCarried, library, "element: phone", "element: fee", at: "column: Phone",
      says: "READER does not carry", others: [.elementNotMapped]),
    Planted(
      .ambiguousColumn, library, "also: [Card number]", "also: [Name]", says: "header \"Name\""),
    Planted(
      .duplicateIdentifier, library, "column: Remark", "column: Phone", at: "element: none",
      says: "\"Phone\" is defined already"),
    Planted(
      .elementMappedTwice, library, "column: Remark, element: none",
      "column: Remark, element: phone", says: "column \"Phone\" already"),
    Planted(
      .elementMappedTwice, library, "constants: { origin_system: LIB }",
      "constants: { origin_system: LIB, card_no: \"00000001\" }", says: "column \"Card\" already"),
    Planted(
      .elementNotMapped, library, "      - { column: Name, element: reader_name }\n", "",
      at: "category: READER", says: "\"reader_name\" is required"),
    Planted(
      .elementNotMapped, library, "      - { column: Phone, element: phone }\n", "",
      at: "category: READER", says: "is required because origin_system = 'LIB'"),
    Planted(
      .conditionalNotMapped, library,
      "      - { column: Fee in thousands, element: fee, unit: 千元 }\n", "",
      at: "category: LOAN", says: "where returned_on > due_on"),
    Planted(
      .invalidConstant, library, "constants: { origin_system: LIB }",
      "constants: { origin_system: LBI }", says: "not a code of S1", suggestion: "LIB"),
    Planted(
      .invalidConstant, library, "generated: { action_code: U }", "generated: { action_code: 删除 }",
      says: "not a code of A1", suggestion: "D"),
    Planted(
      .invalidPatternOfFiles, library, "\"reader_*.csv\"", "\"reader_[.csv\"",
      says: "has no ]"),
    Planted(
      .overlappingFiles, library, "\"借阅_*.csv\"", "\"r*r_*\"",
      says: "\"r*r_*\" of LOAN and \"reader_*.csv\" of READER"),
    Planted(
      .separatorsUnused, library, "also: [Card number]", "separators: \"、\"",
      says: "has one value only"),
    Planted(
      .unitNotConvertible, library, "unit: 千元", "unit: 千克", says: "cannot be converted"),
    Planted(
      .unknownCode, library, "录音: \"02\"", "录音: \"12\"", says: "in M1 the code",
      suggestion: "02"),
    Planted(
      .formatMismatch, "systems.yaml", "format: csv", "format: json", says: "the format is"),
    Planted(
      .formatMismatch, museum, "format: csv", "format: xml", at: "csv: {",
      says: "stands beside the format", others: [.recordsNotNamed]),
    Planted(
      .formatMismatch, library, "csv: {", "document: { records: \"a[]\" }\ncsv: {",
      at: "document: {", says: "stands beside the format"),
    Planted(
      .formatMismatch, library, "    delivery: full\n",
      "    delivery: full\n    records: \"a[]\"\n",
      at: "records: \"a[]\"", says: "names a place in a document"),
    Planted(
      .recordsNotNamed, garden, "document: { records: \"data/visits[]\", ", "document: { ",
      at: "category: VISIT", says: "nothing says where the records lie"),
    Planted(
      .invalidPath, garden, "records: \"data/visits[]\"", "records: \"data/visits[\"",
      says: "is not a path inside a document", others: [.recordsNotNamed]),
    Planted(
      .invalidPath, garden, "column: ticket/number", "column: ticket//number",
      says: "is not a path from a record"),
    Planted(
      .invalidPath, garden, "path: \"groups[]\"", "path: \"groups\"", at: "groups:",
      says: "must lead to many rows"),
    Planted(
      .invalidPath, theatre, "records: \"t:Export/t:Visit[]\"", "records: \"t:Export/t:Visit\"",
      at: "category: VISIT", says: "does not lead from the root"),
    Planted(
      .unknownPrefix, theatre, "\"t:Ticket/t:Time\"", "\"e:Ticket/t:Time\"",
      says: "the prefix \"e\"", suggestion: "t"),
    Planted(
      .unknownChildTable, garden, "groups:\n", "group:\n", at: "group:",
      says: "child table \"group\"", suggestion: "groups"),
    Planted(
      .elementNotMapped, garden, "          - { column: time, element: visited_at }\n", "",
      at: "groups:", says: "is required in groups"),
    Planted(
      .invalidCadence, library, "cadence: nightly", "cadence: weekly-sundy",
      says: "weekly-sunday to weekly-saturday", suggestion: "weekly-sunday"),
    Planted(
      .invalidCadence, library, "cadence: nightly", "cadence: monthly-32",
      says: "monthly-1 to monthly-31", suggestion: "monthly-12"),
    Planted(
      .invalidDelimiter, library, "delimiter: \";\"", "delimiter: \";;\"",
      says: "one ASCII character"),
    Planted(
      .outOfRange, library, "header-rows: 1", "header-rows: 3", says: "is 3, expected 0 to 2"),
  ]

  static let checks: [Planted] = [
    Planted(
      .unknownRule, loans, "covers: [R1, R4]", "covers: [R1, R4, R9]", says: "rule \"R9\"",
      suggestion: "R1"),
    Planted(
      .unknownElement, loans, "given: { reader_name: null }", "given: { reader_nam: null }",
      says: "element \"reader_nam\"", suggestion: "reader_name"),
    Planted(
      .elementNotCarried, loans, "element: reader_name,", "element: fee,",
      says: "READER does not carry"),
    Planted(
      .unknownSystem, loans, "system: LIB\n", "system: LIP\n", at: "system: LIP",
      says: "system \"LIP\"", suggestion: "LIB"),
    Planted(
      .uncoveredRule, loans, "expect: [{ code: Q25, rule: R4, severity: note }]", "expect: []",
      at: "id: R4", in: "rules/LOAN.yaml", says: "no worked case with its finding"),
    Planted(
      .uncoveredRule, loans, "covers: [R1, R4]", "covers: [R1]", at: "id: R4",
      in: "rules/LOAN.yaml", says: "no worked case without a finding"),
    Planted(
      .missingKey, loans, "    expect: [{ code: Q11, element: reader_name, severity: return }]\n",
      "", at: "缺姓名", says: "key \"expect\" is missing"),
    Planted(
      .missingBase, loans, "  - name: 缺姓名 退回",
      "  - { name: 无基准, category: VISIT, expect: [] }\n  - name: 缺姓名 退回", at: "无基准",
      says: "no base record of VISIT"),
  ]
}
