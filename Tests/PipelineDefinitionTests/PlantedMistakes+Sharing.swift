@testable import PipelineDefinition

extension PlantedMistakes {
  private static let tiers = "sharing/tiers.yaml"
  private static let list = "sharing/negative-list.yaml"
  private static let masks = "sharing/masks.yaml"
  private static let text = "sharing/free-text.yaml"
  private static let loans = "checks/loans.yaml"

  static let sharing = sharingTiers + negativeList + sharingMasks + freeText + sharingCases

  private static let sharingTiers: [Planted] = [
    Planted(
      .missingFile, [.remove(list)], in: list, at: "", says: "others of sharing/ are there",
      others: [.unknownItem]),
    Planted(
      .unknownFile, [.add("sharing/negativ-list.yaml", "count: 0\n")],
      in: "sharing/negativ-list.yaml", at: "", says: "would not be read",
      suggestion: "sharing/negative-list.yaml"),
    Planted(
      .missingTier, tiers, "  - { category: VISIT, tier: public }\n", "", at: "",
      says: "category VISIT has no tier"),
    Planted(
      .unknownWord, tiers, "READER, tier: shared", "READER, tier: share",
      says: "expected public, shared, restricted", suggestion: "shared"),
    Planted(
      .unknownCategory, tiers, "categories: [LOAN]", "categories: [LOANS]",
      says: "condition T1: category \"LOANS\"", suggestion: "LOAN"),
    Planted(
      .duplicateIdentifier, tiers, "category: VISIT, tier: public",
      "category: VISIT, tier: public }\n  - { category: VISIT, tier: restricted",
      at: "tier: restricted", says: "\"VISIT\" is defined already"),
    Planted(
      .tierWithoutEffect, tiers, "element: due_on, tier: shared", "element: due_on, tier: public",
      says: "\"due_on\" is public everywhere"),
    Planted(
      .elementNotCarried, tiers, "element: due_on", "element: phone",
      says: "category LOAN does not carry"),
  ]

  private static let negativeList: [Planted] = [
    Planted(.itemCount, list, "count: 2", "count: 3", says: "has 2 items and should have 3"),
    Planted(
      .duplicateIdentifier, list, "- id: N2", "- id: N1  # again", at: "# again",
      says: "\"N1\" is defined already", others: [.itemCount, .unknownItem]),
    Planted(.emptyScope, list, "scope: [phone]", "scope: []", says: "\"scope\" names nothing"),
    Planted(
      .emptyScope, list, "action: deny_record\n    tiers: [public, shared]",
      "action: deny_record\n    tiers: []", at: "tiers: []", says: "\"tiers\" names nothing"),
    Planted(
      .conditionOfItem, list, "    always: true\n", "", at: "id: N1",
      says: "expected either a condition"),
    Planted(
      .conditionOfItem, list, "    always: true\n",
      "    always: true\n    when: \"phone present\"\n", at: "id: N1",
      says: "expected either a condition"),
    Planted(
      .conditionOfItem, list, "when: \"medium_code has '01'\"",
      "when-by-category: { LOANS: \"medium_code has '01'\", LOAN: \"medium_code has '01'\" }",
      says: "\"LOANS\" has a condition", suggestion: "LOAN"),
    Planted(
      .looksElsewhere, list, "medium_code has '01'",
      "exists READER where (other.card_no = card_no)", says: "looks at other records"),
    Planted(
      .unknownElement, list, "scope: [phone]", "scope: [phon]", says: "item N1: element \"phon\"",
      suggestion: "phone"),
    Planted(
      .elementNotCarried, list, "scope: [loan_no, card_no]", "scope: [loan_no, phone]",
      says: "none of its categories carries"),
    Planted(
      .unknownElement, list, "medium_code has", "medum_code has", says: "element \"medum_code\"",
      suggestion: "medium_code"),
    Planted(
      .expressionMeaning, list, "medium_code has '01'", "borrowed_on > 5", says: "item N2, LOAN"),
    Planted(
      .expressionMeaning, list, "medium_code has '01'", "medium_code has '09'",
      says: "'09' is not one of"),
    Planted(
      .expressionSyntax, list, "medium_code has '01'", "lenght(loan_no) > 3",
      says: "cannot be read"),
    Planted(
      .unknownWord, list, "action: mask_field", "action: mask_fields",
      says: "deny_record, deny_field, mask_field", suggestion: "mask_field"),
  ]

  private static let sharingMasks: [Planted] = [
    Planted(
      .unknownMask, masks, "mask: phone, release", "mask: phones, release", says: "mask \"phones\"",
      suggestion: "phone"),
    Planted(
      .unknownWord, masks, "kind: year", "kind: yaer", says: "expected name, ends, county",
      suggestion: "year"),
    Planted(
      .maskOfType, masks, "types: [date], mask: year", "types: [date], mask: name",
      says: "which is a date"),
    Planted(
      .maskedTwice, masks, "types: [date], mask: year",
      "types: [date], mask: year }\n  - { types: [date], mask: name", at: "mask: name }",
      says: "\"date\" has the mask \"year\" already"),
    Planted(
      .unknownElement, masks, "elements: [reader_name]", "elements: [readers_name]",
      says: "element \"readers_name\"", suggestion: "reader_name"),
    Planted(
      .unknownCheck, masks, "{ types: [date]", "{ checks: [mobil], types: [date]",
      says: "check \"mobil\"", suggestion: "mobile"),
    Planted(
      .outOfRange, masks, "hidden: 4", "hidden: 0", says: "\"hidden\" is 0, expected 1 to 100"),
  ]

  private static let freeText: [Planted] = [
    Planted(
      .maskOfType, text, "name-mask: name", "name-mask: year",
      says: "cannot be put on a part of a text"),
    Planted(
      .maskOfType, text, "elements: [loan_no]", "elements: [fee]", says: "\"fee\" is a number"),
    Planted(
      .unknownElement, text, "names: [reader_name]", "names: [reader_nam]",
      says: "element \"reader_nam\"", suggestion: "reader_name"),
    Planted(
      .outOfRange, text, "from: 11, to: 11", "from: 11, to: 10",
      says: "\"to\" is 10, expected 11 or more"),
  ]

  private static let sharingCases: [Planted] = [
    Planted(
      .unknownItem, loans, "covers: [N2, T1]", "covers: [N2, N3, T1]", says: "\"N3\"",
      suggestion: "N1"),
    Planted(
      .unknownItem, loans, "by: N2, because", "by: N22, because", says: "\"N22\"",
      suggestion: "N2", others: [.uncoveredItem]),
    Planted(
      .uncoveredItem, loans, "covers: [N2, T1]", "covers: [N2]", at: "id: T1", in: tiers,
      says: "T1 has no worked case in which it does not"),
    Planted(
      .uncoveredItem, loans, "by: N2, because: unknown", "because: unknown", at: "id: N2",
      in: list, says: "N2 has no worked case in which it is unknown"),
    Planted(
      .unknownWord, loans, "outcome: masked", "outcome: mask",
      says: "expected shown, masked, withheld", suggestion: "masked", others: [.uncoveredItem]),
    Planted(
      .unknownMask, loans, "mask: phone", "mask: fone", says: "mask \"fone\"",
      suggestion: "phone"),
    Planted(
      .unknownChildTable, loans, "    given: { medium_code: \"01\" }",
      "    given: { medium_code: \"01\" }\n    rows: { partys: [] }", at: "partys",
      says: "child table \"partys\""),
  ]
}
