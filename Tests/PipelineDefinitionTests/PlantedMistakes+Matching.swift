@testable import PipelineDefinition

/// Mistakes in a definition of matching that is sound without them.
extension PlantedMistakes {
  private static let file = "matching.yaml"

  static let matching: [Planted] =
    namesOfMatching + rulesOfMatching + formsOfMatching + casesOfMatching

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
      suggestion: suggestion,
      // Its rules have no worked cases.
      others: others.union([.uncoveredRule]))
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
    planted(
      .outOfRange, "limit: 3", "limit: 3\n  margin: 101", at: "margin: 101",
      says: "\"margin\" is 101, expected 0 to 100"),
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

  // MARK: Worked cases

  private static let cases = "checks/subjects.yaml"

  private static let soundCases = """
    origin: "assumed: an example"
    subjects:
      - name: 证号一致 关联
        covers: [L1]
        category: LOAN
        given: { card_no: "00000001", entry_no: 李四 }
        registered: [{ card_no: "00000001", reader_name: 张三 }]
        expect: { link: { subject: "00000001", rule: L1 } }
      - name: 电话和姓名一致 关联
        covers: [L1, L2, K1, K2]
        category: LOAN
        given: { loan_no: "13800000000", entry_no: 张三 }
        registered: [{ card_no: "00000002", reader_name: 张三, phone: "13800000000" }]
        expect: { link: { subject: "00000002", rule: L2 } }
      - name: 电话一致 候选
        covers: [L2, K1]
        category: LOAN
        given: { loan_no: "13800000000", entry_no: 王五 }
        registered: [{ card_no: "00000003", reader_name: 张三, phone: "13800000000" }]
        expect: { candidates: [{ subject: "00000003", rule: K1, score: 70 }] }
      - name: 姓名一致 候选
        covers: [K2]
        category: LOAN
        given: { entry_no: 赵六 }
        registered: [{ card_no: "00000004", reader_name: 赵六 }]
        expect: { candidates: [{ subject: "00000004", rule: K2, score: 60 }] }

    """

  private static func plantedCase(
    _ code: ProblemCode, _ old: String, _ new: String, at mark: String? = nil,
    in place: String = cases, says: String, suggestion: String? = nil,
    others: Set<ProblemCode> = []
  ) -> Planted {
    Planted(
      code, [.add(file, sound), .add(cases, soundCases), .edit(cases, old, new)], in: place,
      at: mark ?? new, says: says, suggestion: suggestion, others: others)
  }

  private static let casesOfMatching: [Planted] = [
    plantedCase(
      .unknownCategory, "category: LOAN\n    given: { card_no",
      "category: LOANS\n    given: { card_no",
      at: "category: LOANS", says: "category with a subject \"LOANS\"", suggestion: "LOAN"),
    plantedCase(
      .elementNotCarried, "given: { entry_no: 赵六", "given: { reader_name: 赵六",
      says: "LOAN does not carry"),
    plantedCase(
      .elementNotCarried, "reader_name: 赵六 }", "reader_name: 赵六, loan_no: L1 }",
      says: "READER does not carry"),
    plantedCase(
      .unknownRule, "covers: [K2]", "covers: [K2, ABCDEFG]",
      says: "rule of matching \"ABCDEFG\" does not exist"),
    plantedCase(
      .unknownCode, "subject: \"00000002\", rule: L2", "subject: \"98765431\", rule: L2",
      says: "registration \"98765431\" does not exist"),
    plantedCase(
      .missingKey, "[{ card_no: \"00000004\", reader_name: 赵六 }]", "[{ card_no: \"00000004\" }]",
      says: "registration 1 has no \"reader_name\""),
    plantedCase(
      .missingKey, "    expect: { link: { subject: \"00000001\", rule: L1 } }\n", "",
      at: "证号一致 关联", says: "key \"expect\" is missing", others: [.uncoveredRule]),
    plantedCase(
      .uncoveredRule, "rule: K2, score: 60", "rule: K1, score: 60", at: "id: K2", in: file,
      says: "rule K2 has no worked case in which it decides"),
    plantedCase(
      .uncoveredRule, "[L1, L2, K1, K2]", "[L1, L2, K1]", at: "id: K2", in: file,
      says: "rule K2 has no worked case in which it does not"),
    Planted(
      .missingFile,
      [
        .add(
          cases,
          """
          subjects:
            - name: 无人 候选
              category: LOAN
              registered: []
              expect: {}

          """)
      ], in: cases, at: "name: 无人 候选", says: "nothing says how subjects are matched"),
  ]
}
