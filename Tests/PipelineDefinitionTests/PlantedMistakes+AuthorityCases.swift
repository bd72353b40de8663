@testable import PipelineDefinition

extension PlantedMistakes {
  private static let cases = "checks/owners.yaml"

  static let authorityCases: [Planted] = [
    Planted(
      .unknownEntity, cases, "entity: READER", "entity: READERS", says: "entity \"READERS\"",
      suggestion: "READER", others: []),
    Planted(
      .unknownRule, cases, "covers: [W4]", "covers: [W4, W1]",
      says: "rule of LOAN \"W1\" does not exist", suggestion: "W4"),
    Planted(
      .unknownRule, cases, "conflicts: [{ rule: W4, record: 1, element: due_on }]",
      "conflicts: [{ rule: W9, record: 1, element: due_on }]", says: "rule of LOAN \"W9\"",
      suggestion: "W4", others: [.uncoveredRule]),
    Planted(
      .unknownElement, cases, "rule: W6, record: 2, element: fee",
      "rule: W6, record: 2, element: card_no", says: "rule W6 owns no element"),
    Planted(
      .unknownElement, cases, "values: { fee: \"3\" }", "values: { due_on: \"3\" }",
      says: "BORROWER has no value of"),
    Planted(
      .elementNotCarried, cases, "values: { due_on: \"20260211\" }",
      "values: { phone: \"20260211\" }", says: "LOAN does not carry"),
    Planted(
      .unknownSystem, cases, "{ system: GAR, given: { reader_name",
      "{ system: GRA, given: { reader_name", says: "system \"GRA\"", suggestion: "GAR"),
    Planted(
      .unknownSystem, cases, "homes: { \"00000001\": GAR }", "homes: { \"00000001\": GRA }",
      says: "system \"GRA\"", suggestion: "GAR"),
    Planted(
      .unknownElement, cases, "given: { reader_name: 张叁, changed_at: \"20260302T080000\" } }",
      "given: { reader_nam: 张叁 } }", at: "reader_nam: ", says: "element \"reader_nam\"",
      suggestion: "reader_name"),
    Planted(
      .outOfRange, cases, "rule: W5, basis: owner, winner: 1", "rule: W5, basis: owner, winner: 3",
      says: "\"winner\" is 3, expected the number of a record, 1 to 2"),
    Planted(
      .outOfRange, cases, "rule: W3, record: 2", "rule: W3, record: 0",
      says: "\"record\" is 0, expected the number of a record, 1 to 2"),
    Planted(
      .outOfRange, cases,
      "      - { system: LIB }\n      - { system: GAR, given: { origin_system: LIB } }\n",
      "      - { system: LIB }\n", at: "应还日期一致", says: "has 1 records, expected 2 or more"),
    Planted(
      .unknownWord, cases, "rule: W6, basis: unowned", "rule: W6, basis: unowed",
      says: "expected owner, fallback, unowned", suggestion: "unowned", others: [.uncoveredRule]),
    Planted(
      .missingKey, cases, "expect: { decisions: [], values", "expect: { values",
      says: "key \"decisions\" is missing"),
    Planted(
      .uncoveredRule, cases, "      conflicts: [{ rule: W2, record: 1, element: fee }]\n", "",
      at: "id: W2", in: "authority.yaml", says: "W2 has no worked case in which its owner wins"),
    Planted(
      .uncoveredRule, cases, "rule: W6, basis: unowned", "rule: W6, basis: owner", at: "id: W6",
      in: "authority.yaml", says: "no worked case in which the owner does not decide"),
    Planted(
      .missingBase, "checks/loans.yaml", "sharing:\n",
      """
      authority:
        - name: 无基准
          entity: VISIT
          records: [{ system: THE }, { system: GAR }]
          expect: { decisions: [] }
      sharing:

      """, at: "无基准", says: "no base record of VISIT"),
  ]
}
