@testable import PipelineDefinition

extension PlantedMistakes {
  private static let file = "authority.yaml"

  /// Adds an entity of which rows inside visits speak.
  private static func hour(
    key: String = "[visited_at]", element: String = "fee", _ rows: String...
  ) -> Planted.Step {
    .edit(
      file, "\nrules:\n",
      """

        - id: HOUR
          name: 参观时段
          english: hour of visits
          category: VISIT
          match-key: \(key)
          strategies:
            - { strategy: oldest, elements: [\(element)] }
          child-rows:
      \(rows.map { "      - \($0)" }.joined(separator: "\n"))
      rules:

      """)
  }

  private static let plain = "{ category: VISIT, table: groups, origin: assumed }"

  static let speakingRows: [Planted] = [
    Planted(
      .unknownKey, file, "  - id: READER\n",
      "  - id: READER\n    child-rows: [{ category: VISIT, table: groups }]\n", at: "child-rows",
      says: "entity: key \"child-rows\" is unknown"),
    Planted(
      .unknownCategory, [hour("{ category: VISTI, table: groups }")], in: file, at: "VISTI",
      says: "entity HOUR, child-rows: category", suggestion: "VISIT"),
    Planted(
      .unknownChildTable, [hour("{ category: VISIT, table: gruops }")], in: file, at: "gruops",
      says: "entity HOUR, child-rows: VISIT has no rows of that name", suggestion: "groups"),
    Planted(
      .elementNotCarried, [hour(key: "[visited_at, visit_no]", plain)], in: file,
      at: "table: groups", says: "rows of VISIT groups have no visit_no"),
    Planted(
      .rowsSayNothing, [hour(element: "entry_no", plain)], in: file, at: "table: groups",
      says: "say nothing of HOUR but its key"),
    Planted(
      .unknownElement, [hour("{ category: VISIT, table: groups, elements: { feee: fee } }")],
      in: file, at: "feee", says: "HOUR has no value of", suggestion: "fee"),
    Planted(
      .elementNotCarried, [hour("{ category: VISIT, table: groups, elements: { fee: entry_no } }")],
      in: file, at: "fee: entry_no", says: "category VISIT_groups does not carry",
      others: [.rowsSayNothing]),
    Planted(
      .rowElementDiffers,
      [hour("{ category: VISIT, table: groups, elements: { fee: visited_at } }")], in: file,
      at: "fee: visited_at", says: "cannot stand for it"),
    Planted(
      .expressionMeaning,
      [hour("{ category: VISIT, table: groups, when: \"visited_at < now\" }")], in: file,
      at: "visited_at < now", says: "looks at other records or at the clock"),
    Planted(
      .elementNotCarried,
      [hour("{ category: VISIT, table: groups, when: \"entry_no = '1'\" }")], in: file,
      at: "entry_no = '1'", says: "entity HOUR, child-rows, when"),
    Planted(
      .overlappingAuthority,
      [hour(plain, "{ category: VISIT, table: groups, when: \"fee > 2\" }")], in: file,
      at: "fee > 2", says: "may speak twice"),
    Planted(
      .overlappingAuthority,
      [
        hour(
          "{ category: VISIT, table: groups, when: \"fee < 5\" }",
          "{ category: VISIT, table: groups, when: \"fee > 2\" }")
      ], in: file, at: "fee > 2", says: "may speak twice"),
    // The one that is planted elsewhere is the only one: rows that exclude each other are none.
    Planted(
      .outOfRange,
      [
        hour(
          "{ category: VISIT, table: groups, when: \"fee < 1\" }",
          "{ category: VISIT, table: groups, when: \"fee > 2\" }"),
        .edit(file, "version: 2", "version: 0"),
      ], in: file, at: "version: 0", says: "rule W1: the version is 0"),
    Planted(
      .unknownChildTable, "checks/owners.yaml", "{ system: GAR, given: { fee: \"3\" } }",
      "{ system: GAR, category: VISIT, child: groups, row: { fee: \"3\" } }", at: "child: groups",
      says: "rows that speak of BORROWER in VISIT"),
    Planted(
      .unknownCategory, "checks/owners.yaml", "{ system: GAR, given: { fee: \"3\" } }",
      "{ system: GAR, category: VISIT, given: { fee: \"3\" } }", at: "category: VISIT",
      says: "records of VISIT do not speak of BORROWER"),
  ]
}
