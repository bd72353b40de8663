@testable import PipelineDefinition

/// Mistakes in a definition of matching that is sound without them.
extension PlantedMistakes {
  private static let file = "matching.yaml"

  static let matching: [Planted] = namesOfMatching + rulesOfMatching + formsOfMatching

  private static let sound = """
    origin: "assumed: an example"
    entity: READER
    code: card_no
    number: phone
    name: reader_name
    record: entry_no
    subjects:
      - { category: LOAN, code: card_no, number: loan_no, names: [entry_no] }
    names:
      steps: [half-width, no-spaces]
      same:
        - { write: "(", for: ["[", "{"] }
      drop: ["-"]
      endings: [馆]
      near-length: 4
    links:
      - id: L1
        name: 证号一致
        english: same card
        by: code
      - id: L2
        name: 电话和姓名一致
        english: same phone and name
        by: number-and-name
        unknown-code: link
    candidates:
      limit: 3
      crowd: 9
      unknown-code: { deduction: 5, name: 证号未登记, english: unknown card }
      rules:
        - { id: K1, number: same, name: other, score: 70, title: 电话一致, english: same phone }
        - { id: K2, number: unknown, name: same, score: 60, title: 姓名一致, english: same name }

    """

  private static func planted(
    _ code: ProblemCode, _ old: String, _ new: String, at mark: String? = nil, says: String,
    suggestion: String? = nil, others: Set<ProblemCode> = []
  ) -> Planted {
    Planted(
      code, [.add(file, sound), .edit(file, old, new)], in: file, at: mark ?? new, says: says,
      suggestion: suggestion, others: others)
  }

  private static let namesOfMatching: [Planted] = [
    planted(
      .unknownEntity, "entity: READER", "entity: REEDER",
      says: "matching: entity \"REEDER\" does not exist", suggestion: "READER"),
    planted(
      .invalidMatchKey, "code: card_no\nnumber", "code: phone\nnumber", at: "code: phone",
      says: "told apart by card_no, expected a category"),
    planted(
      .unknownElement, "name: reader_name", "name: reader_nam", says: "matching, name: element",
      suggestion: "reader_name"),
    planted(
      .elementNotCarried, "record: entry_no", "record: reader_name",
      says: "category LOAN does not carry the element \"reader_name\""),
    planted(
      .unknownCategory, "category: LOAN", "category: LOON", says: "subject of LOON",
      suggestion: "LOAN", others: []),
    planted(
      .ownSubject, "category: LOAN, code: card_no, number: loan_no",
      "category: READER, code: card_no, number: phone", says: "the registrations' own"),
    planted(
      .matchedByOther, "names: [entry_no]", "names: [entry_no, loan_no]",
      says: "element \"loan_no\" is used twice"),
    planted(
      .missingKey, "names: [entry_no] }", "names: [] }", says: "\"names\" names nothing"),
    planted(
      .duplicateIdentifier, "names: [entry_no] }",
      "names: [entry_no] }\n  - { category: LOAN, names: [loan_no] }", at: "names: [loan_no]",
      says: "\"LOAN\" is defined already"),
  ]

  private static let rulesOfMatching: [Planted] = [
    planted(
      .evidenceTwice, "id: K2, number: unknown, name: same", "id: K2, number: same, name: other",
      says: "candidate rule K2: number same and name other are judged by K1 already"),
    planted(
      .evidenceUnused, "id: K2, number: unknown, name: same",
      "id: K2, number: different, name: other", says: "another name is no evidence"),
    planted(
      .evidenceUnused, "code: card_no, number: loan_no,", "code: card_no,", at: "id: L2",
      says: "link L2: no subject has a number"),
    planted(
      .evidenceTwice, "by: number-and-name\n    unknown-code: link", "by: code # again",
      at: "by: code # again",
      says: "another rule links by code already"),
    planted(
      .unknownKey, "by: code", "by: code\n    unknown-code: link # here",
      at: "unknown-code: link # here",
      says: "says nothing where the code itself links"),
    planted(
      .unknownWord, "unknown-code: link", "unknown-code: merge", says: "expected link, candidate"),
    planted(.duplicateIdentifier, "id: K2,", "id: L1,", says: "\"L1\" is defined already"),
    planted(.outOfRange, "score: 60", "score: 101", says: "\"score\" is 101, expected 1 to 100"),
    planted(.outOfRange, "limit: 3", "limit: 0", says: "\"limit\" is 0"),
  ]

  private static let formsOfMatching: [Planted] = [
    planted(.outOfRange, "drop: [\"-\"]", "drop: [\"--\"]", says: "\"--\" is not one character"),
    planted(
      .duplicateIdentifier, "for: [\"[\", \"{\"]", "for: [\"[\", \"[\"]",
      says: "\"[\" is written in two ways"),
    planted(
      .englishHasChinese, "english: same card", "english: 证号", at: "english: 证号",
      says: "translate it"),
    planted(
      .nameWithoutChinese, "title: 姓名一致", "title: name", says: "write it in Chinese"),
  ]
}
