@testable import PipelineDefinition

extension PlantedMistakes {
  private static let file = "authority.yaml"

  static let authority: [Planted] =
    namesOfAuthority + entities + agencies + sourcesOfRules + overlaps

  private static let namesOfAuthority: [Planted] = [
    Planted(
      .missingFile, [.remove(file)], in: file, at: "", says: "is missing",
      others: [.unknownEntity, .unknownRule]),
    Planted(
      .unknownKey, file, "fix-english: Take", "fix_english: Take",
      says: "authority rule: key \"fix_english\" is unknown", suggestion: "fix-english"),
    Planted(
      .unknownKey, file, "  - id: READER\n", "  - id: READER\n    name: 读者\n", at: "name: 读者",
      says: "entity: key \"name\" is unknown"),
    Planted(
      .unknownEntity, file, "entity: VISIT\n    when: \"origin_system = 'GAR'\"",
      "entity: VISTI\n    when: \"origin_system = 'GAR'\"", at: "entity: VISTI",
      says: "rule W3: entity \"VISTI\" does not exist", suggestion: "VISIT", others: [.unknownRule]),
    Planted(
      .unknownElement, file, "elements: [phone, reader_name]", "elements: [phoen, reader_name]",
      says: "rule W1: element \"phoen\"", suggestion: "phone"),
    Planted(
      .elementNotCarried, file, "elements: [phone, reader_name]", "elements: [fee, reader_name]",
      says: "category READER does not carry the element \"fee\""),
    Planted(
      .missingKey, file, "    elements: [phone, reader_name]\n", "", at: "- id: W1",
      says: "authority rule: key \"elements\" is missing", others: [.unknownElement]),
    Planted(
      .missingKey, file, "elements: [phone, reader_name]", "elements: []",
      says: "\"elements\" names nothing", others: [.unknownElement]),
    Planted(
      .duplicateIdentifier, file, "- id: W2", "- id: \"W1\"",
      says: "\"W1\" is defined already at authority.yaml:", others: [.unknownRule]),
    Planted(
      .duplicateIdentifier, file, "- id: W2", "- id: R2",
      says: "\"R2\" is defined already at rules/", others: [.unknownRule]),
    Planted(
      .duplicateIdentifier, file, "elements: [phone, reader_name]",
      "elements: [phone, reader_name, phone]", says: "\"elements\" names \"phone\" twice"),
    Planted(
      .outOfRange, file, "version: 2", "version: 0", says: "rule W1: the version is 0"),
    Planted(
      .datesOutOfOrder, file, "until: 2026-01-31", "from: 2026-02-01\n    until: 2026-01-31",
      at: "until: 2026-01-31", says: "W4: \"until\" 2026-01-31 lies before"),
    Planted(
      .unknownWord, file, "severity: return", "severity: hold", says: "expected note, return"),
    Planted(
      .englishHasChinese, file, "english: borrower", "english: 借阅人", says: "translate it"),
    Planted(
      .nameWithoutChinese, file, "name: 应还日期以首次登记为准", "name: first come",
      says: "write it in Chinese"),
    Planted(
      .missingOrigin, file, ", origin: \"assumed: the card of the garden's own staff\"", "",
      at: "agency: \"10000001\"", says: "has no origin"),
  ]

  private static let entities: [Planted] = [
    Planted(
      .unknownCategory, file, "category: LOAN", "category: LOON", says: "entity BORROWER: category",
      suggestion: "LOAN"),
    Planted(
      .invalidIdentifier, file, "id: BORROWER", "id: BORROWER-1", says: "entity BORROWER-1",
      others: [.unknownEntity]),
    Planted(
      .elementNotCarried, file, "match-key: [card_no]", "match-key: [visit_no]",
      says: "entity BORROWER, match-key: category LOAN does not carry"),
    Planted(
      .unknownCategory, file, "match-key: [card_no]\n",
      "match-key: [card_no]\n    copied-to: [REEDER]\n",
      at: "REEDER", says: "entity BORROWER, copied-to: category", suggestion: "READER"),
    Planted(
      .elementNotCarried, file, "match-key: [card_no]\n",
      "match-key: [card_no]\n    copied-to: [READER, VISIT]\n", at: "VISIT]",
      says: "entity BORROWER, copied-to: category VISIT does not carry the element \"card_no\""),
    Planted(
      .missingKey, file, "match-key: [card_no]\n", "match-key: [card_no]\n    copied-to: []\n",
      at: "copied-to", says: "\"copied-to\" names nothing"),
    Planted(
      .invalidMatchKey, file, "match-key: [card_no]", "match-key: [card_no, medium_code]",
      says: "\"medium_code\" may have several values"),
    Planted(
      .expressionSyntax, file, "when: \"fee > 0\"", "when: \"fee >\"", says: "cannot be read"),
    Planted(
      .expressionMeaning, file, "when: \"fee > 0\"", "when: \"due_on < today\"",
      says: "looks at other records or at the clock"),
    Planted(
      .expressionMeaning, file, "    elements: [fee]\n    owner: LIB",
      "    when: \"exists READER where (other.card_no = card_no)\"\n    elements: [fee]\n    owner: LIB",
      at: "exists READER",
      says: "looks at other records or at the clock"),
    Planted(
      .impossibleCondition, file, "    elements: [fee]\n    owner: LIB",
      "    when: \"fee < 1 & fee > 2\"\n    elements: [fee]\n    owner: LIB",
      at: "when: \"fee < 1 & fee > 2\"",
      says: "can never be true"),
    Planted(
      .impossibleCondition, file, "    elements: [fee]\n    owner: LIB",
      "    when: \"fee = 0\"\n    elements: [fee]\n    owner: LIB", at: "when: \"fee = 0\"",
      says: "no record of entity BORROWER meets the condition, since there fee > 0"),
    Planted(
      .unknownWord, file, "strategy: largest", "strategy: latest", says: "\"strategy\" is",
      suggestion: "largest"),
    Planted(
      .decidedTwice, file, "elements: [card_valid_to]", "elements: [card_valid_to, phone]",
      says: "\"phone\" is decided by rule W1 already", others: [.strategyOfType]),
    Planted(
      .decidedTwice, file, "      - { strategy: oldest, elements: [changed_at] }\n",
      """
            - { strategy: oldest, elements: [changed_at] }
            - { strategy: most-complete, elements: [companions, changed_at] }

      """, at: "most-complete", says: "decided by another strategy already"),
    Planted(
      .strategyOfType, file, "elements: [card_valid_to]", "elements: [entry_no]",
      says: "is a text, expected a number, date or date-time"),
    Planted(
      .strategyOfType, file, "{ strategy: union, elements: [medium_code] }",
      "{ strategy: union, elements: [returned_on] }", says: "expected a many-valued element"),
    Planted(
      .elementNotCarried, file, "elements: [card_valid_to]", "elements: [due_on]",
      says: "strategy largest of READER"),
  ]

  private static let agencies: [Planted] = [
    Planted(
      .unknownCategory, file, "category: READER", "category: REEDER", says: "agencies: category",
      suggestion: "READER"),
    Planted(
      .elementNotCarried, file, "element: card_no", "element: fee",
      says: "agencies: category READER does not carry"),
    Planted(
      .unknownSystem, file, "system: GAR", "system: GRA", says: "agencies: system \"GRA\"",
      suggestion: "GAR"),
    Planted(
      .invalidConstant, file, "agency: \"10000001\"", "agency: \"1000001\"",
      says: "\"1000001\" does not fit"),
    Planted(
      .missingKey,
      [
        .edit(file, "owner: OWNER", "owner: LIB"), .edit(file, "fallback: [LIB]", "fallback: NONE"),
        .edit(file, "agencies:\n  category: READER\n  element: card_no\n  homes:\n", ""),
        .edit(
          file,
          "    - { agency: \"10000001\", system: GAR, origin: \"assumed: the card of the garden's "
            + "own staff\" }\n", ""),
      ], in: file, at: "fallback: [OWNER]", says: "key \"agencies\" is missing"),
  ]

  private static let sourcesOfRules: [Planted] = [
    Planted(
      .unknownSystem, file, "owner: THE", "owner: TEH", says: "rule W2, owner: system \"TEH\"",
      suggestion: "THE"),
    Planted(
      .unknownSystem, file, "fallback: [GAR]\n    tie-break: [earliest",
      "fallback: [NONE]\n    tie-break: [earliest",
      at: "fallback: [NONE]",
      says: "rule W2, fallback: system \"NONE\""),
    Planted(
      .categoryNotDelivered, file, "owner: THE", "owner: LIB # not it",
      says: "rule W2, owner: category VISIT does not name LIB under delivered-by"),
    Planted(
      .categoryNotDelivered, file, "fallback: [GAR]", "fallback: [THE]", at: "fallback: [THE]",
      says: "rule W1, fallback: category READER does not name THE"),
    Planted(
      .ownerAsFallback, file, "fallback: [GAR]", "fallback: [GAR, LIB]",
      says: "LIB owns the elements and is its own fallback"),
    Planted(
      .ownerAsFallback, file, "fallback: [LIB]", "fallback: [OWNER]", at: "fallback: [OWNER]",
      says: "rule W4: OWNER owns"),
    Planted(
      .duplicateIdentifier, file, "fallback: [GAR]", "fallback: [GAR, GAR]",
      says: "\"fallback\" names \"GAR\" twice"),
    Planted(
      .unknownWord, file, "fallback: [GAR]", "fallback: [FIRST]",
      says: "FIRST always finds a record"),
    Planted(
      .wrongType, file, "fallback: [GAR]", "fallback: GAR", says: "expected NONE or a list"),
    Planted(
      .elementNotCarried, file, "fallback: [GAR]\n    tie-break: [earliest",
      "fallback: [ OWNER ]\n    tie-break: [earliest",
      at: "fallback: [ OWNER ]",
      says: "rule W2, fallback OWNER: category VISIT does not carry the element \"card_no\""),
    Planted(
      .tieBreakWithoutOrder, file, "tie-break: [latest borrowed_on]",
      "tie-break: [latest medium_code]", says: "is a many-valued code of M1"),
    Planted(
      .tieBreakWithoutOrder, file, "tie-break: [latest borrowed_on]", "tie-break: [latest loan_no]",
      says: "is a text, of which none is the latest"),
    Planted(
      .elementNotCarried, file, "tie-break: [latest borrowed_on]",
      "tie-break: [latest visited_at]", says: "rule W6"),
    Planted(
      .unknownWord, file, "tie-break: [latest borrowed_on]", "tie-break: [borrowed_on]",
      says: "expected latest or earliest and an element"),
  ]

  private static let overlaps: [Planted] = [
    Planted(
      .overlappingAuthority, file, "when: \"origin_system = 'GAR'\"",
      "when: \"origin_system in ('GAR', 'THE')\"", at: "elements: [fee]",
      says: "rule W3: rule W2 at authority.yaml:"),
    Planted(
      .overlappingAuthority, file, "    when: \"origin_system = 'GAR'\"\n", "",
      at: "elements: [fee]", says: "may decide about fee of the same record"),
    Planted(
      .overlappingAuthority, file, "when: \"origin_system = 'GAR'\"",
      "when: \"substr(visit_no, 1, 1) = 'G'\"", at: "elements: [fee]", says: "rule W3: rule W2"),
    Planted(
      .overlappingAuthority,
      [
        .edit(file, "until: 2026-01-31", "until: 2026-02-01"),
        .edit(
          file, "elements: [due_on]\n    owner: FIRST", "elements: [ due_on ]\n    owner: FIRST"),
      ], in: file, at: "elements: [ due_on ]", says: "rule W5: rule W4"),
  ]
}
