@testable import PipelineDefinition

extension PlantedMistakes {
  private static let library = "sources/LIB.yaml"
  private static let museum = "sources/MUS.yaml"
  private static let loans = "checks/loans.yaml"

  static let sources: [Planted] = [
    Planted(
      .categoryNotDelivered, "catalog/categories/VISIT.yaml", "delivered-by: [MUS]",
      "delivered-by: []", at: "category: VISIT", in: museum, says: "does not name MUS"),
    Planted(
      .categoryNotMapped, "catalog/categories/VISIT.yaml", "delivered-by: [MUS]",
      "delivered-by: [MUS, LIB]", at: "system: LIB", in: library, says: "category VISIT names"),
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
      says: "stands beside the format"),
    Planted(
      .invalidCadence, library, "cadence: nightly", "cadence: weekly-sundy",
      says: "weekly-sunday to weekly-saturday", suggestion: "weekly-sunday"),
    Planted(
      .invalidCadence, library, "cadence: nightly", "cadence: monthly-32",
      says: "monthly-1 to monthly-31", suggestion: "monthly-12"),
    Planted(
      .invalidDelimiter, library, "delimiter: \";\"", "delimiter: \";;\"",
      says: "one ASCII character"),
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
