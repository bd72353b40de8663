@testable import PipelineDefinition

extension PlantedMistakes {
  static let files: [Planted] = [
    Planted(
      .missingFile, [.remove("nightly.yaml")], in: "nightly.yaml", at: "", says: "is missing"),
    Planted(
      .unknownFile, [.add("rules/VISIT.yml", "category: VISIT\n")], in: "rules/VISIT.yml", at: "",
      says: "would not be read"),
    Planted(
      .unknownFile, [.add("catalog/domain.yaml", "x: y\n")], in: "catalog/domain.yaml", at: "",
      says: "would not be read", suggestion: "catalog/domains.yaml"),
    Planted(
      .emptyFile, [.add("rules/READER.yaml", "# nothing yet\n")], in: "rules/READER.yaml", at: "",
      says: "no content"),
    Planted(
      .fileTooLarge,
      [.add("checks/large.yaml", String(repeating: "#", count: FolderReader.maximumBytes + 1))],
      in: "checks/large.yaml", at: "", says: "expected at most 8388608"),
    Planted(
      .fileTooLarge, [.add("checks/large.yaml", String(repeating: "- a\n", count: 200_000))],
      in: "checks/large.yaml", at: "", says: "more than 250000 values"),
    Planted(
      .fileName, "catalog/code-lists/M1-media.yaml", "id: M1", "id: M2", says: "M1-media.yaml",
      others: [.unknownCodeList, .unusedCodeList, .unknownCode]),
    Planted(
      .yamlSyntax, [.add("checks/more.yaml", "base:\n  READER: ]\ncases: []\n")],
      in: "checks/more.yaml", at: "READER: ]", says: "is not YAML"),
    Planted(
      .yamlSyntax, [.add("checks/more.yaml", "today: \u{1}\n")],
      in: "checks/more.yaml", at: "today", says: "remove the character"),
    Planted(
      .yamlSyntax, [.add("checks/more.yaml", String(repeating: "[", count: 5000))],
      in: "checks/more.yaml", at: "[", says: "is not YAML"),
    Planted(
      .yamlSyntax, [.add("checks/more.yaml", "a: 1\n--- \nb: 2\n")],
      in: "checks/more.yaml", at: "---", says: "another document"),
    Planted(
      .yamlSyntax, [.add("checks/more.yaml", "? [a, b]\n: 1\n")],
      in: "checks/more.yaml", at: "? [", says: "as a key"),
    Planted(
      .aliasNotAllowed,
      [.add("checks/more.yaml", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n")],
      in: "checks/more.yaml", at: "b: &b", says: "write the value out"),
  ]

  static let keys: [Planted] = [
    Planted(
      .unknownKey, "catalog/elements/01-common.yaml", "tier: shared", "teir: shared",
      says: "key \"teir\" is unknown", suggestion: "tier"),
    Planted(
      .unknownKey, "nightly.yaml", "nesting: 8", "nestling: 8", says: "\"nestling\"",
      suggestion: "nesting"),
    Planted(
      .missingKey, "catalog/elements/01-common.yaml", "english: common\n", "",
      at: "group: 公共", says: "key \"english\" is missing"),
    Planted(
      .missingKey, "catalog/identifiers.yaml", ", form-zh: 11位数字", "", at: "kind: mobile",
      says: "key \"form-zh\" is missing"),
    Planted(
      .missingKey, "catalog/identifiers.yaml", ", form-en: 11 digits", "", at: "kind: mobile",
      says: "key \"form-en\" is missing"),
    Planted(
      .missingKey, "catalog/categories/VISIT.yaml", "name: 参观", "name:", says: "is empty"),
    Planted(
      .expressionMeaning, "rules/LOAN.yaml", "\"due_on > borrowed_on\"",
      "\"due_on + 5000000000 days > borrowed_on\"", says: "beyond every date"),
    Planted(
      .missingKey, "catalog/categories/READER.yaml", "when: \"origin_system = 'LIB'\"", "when:",
      says: "key \"when\" is empty", others: [.conditionMissing]),
    Planted(
      .wrongType, "nightly.yaml", "update-time: changed_at", "update-time: entry_no",
      says: "role update-time: element \"entry_no\" is not a date or a moment"),
    Planted(
      .wrongType, "nightly.yaml", "record-identifier: entry_no", "record-identifier: fee",
      says: "role record-identifier: element \"fee\" is not one text"),
    Planted(
      .outOfRange, "nightly.yaml", "stable-seconds: 30", "stable-seconds: 86401",
      says: "expected 1 to 86400"),
    Planted(
      .unknownWord, "nightly.yaml", "time-zone: Asia/Shanghai", "time-zone: Mars/Phobos",
      says: "times are taken as Asia/Shanghai alone", suggestion: "Asia/Shanghai"),
    Planted(
      .outOfRange, "sources/LIB.yaml", "stable-seconds: 30", "stable-seconds: -1",
      says: "expected 1 to 86400"),
    Planted(
      .unknownWord, "sources/MUS.yaml", "time-zone: Asia/Shanghai", "time-zone: America/New_York",
      says: "times are taken as Asia/Shanghai alone", suggestion: "Asia/Shanghai"),
    Planted(
      .elementMappedTwice, "sources/GAR.yaml", "          - { column: time, element: visited_at }",
      "          - { column: time, element: visited_at }\n          - { column: when, element: visited_at }",
      at: "column: when", says: "element \"visited_at\" comes from column \"time\""),
    Planted(
      .duplicateKey, "nightly.yaml", "stable-seconds: 30", "time-zone: Asia/Shanghai",
      says: "\"time-zone\" more than once"),
    Planted(
      .wrongType, "nightly.yaml", "pending-workdays: 5", "pending-workdays: five",
      says: "\"five\", expected a whole number"),
    Planted(
      .wrongType, "catalog/categories/VISIT.yaml", "delivered-by: [MUS, GAR, THE]",
      "delivered-by: MUS",
      says: "expected a list", others: [.categoryNotDelivered]),
    Planted(
      .wrongType, "catalog/code-lists/M1-media.yaml", "extensible: false", "extensible: \"no\"",
      says: "expected true or false"),
    Planted(
      .unquotedText, "catalog/code-lists/M1-media.yaml", "code: \"01\"", "code: 01",
      says: "quote it: \"01\""),
    Planted(
      .unquotedText, "catalog/code-lists/A1-actions.yaml", "english: deleted", "english: true",
      says: "a truth value"),
    Planted(
      .unknownWord, "rules/LOAN.yaml", "severity: return", "severity: retrun",
      says: "expected note, return, hold", suggestion: "return"),
    Planted(
      .unknownWord, "sources/MUS.yaml", "encoding: gb18030", "encoding: gb18300",
      says: "the encoding is", suggestion: "gb18030"),
    Planted(
      .outOfRange, "sources/LIB.yaml", "returned-share: 0.25", "returned-share: 1.25",
      says: "expected 0 to 1"),
    Planted(
      .outOfRange, "nightly.yaml", "records: 512", "records: 0", says: "expected 1 to 1024"),
    Planted(
      .outOfRange, "nightly.yaml", "records: 512", "records: 1025", says: "expected 1 to 1024"),
    Planted(
      .outOfRange, "nightly.yaml", "kibibytes: 256", "kibibytes: 769", says: "expected 1 to 768"),
    Planted(
      .outOfRange, "nightly.yaml", "record-mebibytes: 1", "record-mebibytes: 1025",
      says: "expected 1 to 1024"),
    Planted(
      .outOfRange, "nightly.yaml", "fields: 64", "fields: 65537", says: "expected 1 to 65536"),
    Planted(
      .outOfRange, "rules/LOAN.yaml", "version: 2", "version: 0", says: "expected 1 or more"),
    Planted(
      .invalidDate, "catalog/code-lists/M1-media.yaml", "2030-12-31", "2030-02-31",
      says: "expected a day of the calendar"),
    Planted(
      .invalidTime, "sources/LIB.yaml", "cut-off: \"02:00\"", "cut-off: \"25:00\"",
      says: "expected a time"),
    Planted(
      .datesOutOfOrder, "catalog/code-lists/M1-media.yaml", "from: 2010-01-01",
      "from: 2010-01-01, until: 2009-01-01", says: "lies before"),
    Planted(
      .invalidIdentifier,
      [
        .edit("catalog/elements/03-use.yaml", "identifier: companions", "identifier: other"),
        .edit("catalog/categories/VISIT.yaml", "element: companions", "element: other"),
      ], in: "catalog/elements/03-use.yaml", at: "identifier: other",
      says: "a word of the expression language"),
    Planted(
      .duplicateIdentifier, "catalog/elements/03-use.yaml", "id: LM03001", "id: LM02001",
      says: "defined already at catalog/elements/02-people.yaml:6"),
    Planted(
      .missingOrigin, "catalog/code-lists/M1-media.yaml", "origin: \"assumed: an example\"\n", "",
      at: "id: M1", says: "has no origin"),
    Planted(
      .englishHasChinese, "catalog/categories/LOAN.yaml", "english: loans", "english: 借阅",
      says: "translate it"),
    Planted(
      .nameWithoutChinese, "catalog/categories/VISIT.yaml", "name: 参观", "name: visits",
      says: "write it in Chinese"),
    Planted(
      .nameWithoutChinese, "catalog/identifiers.yaml", "form-zh: 11位数字", "form-zh: 11 digits",
      says: "\"form-zh\" is \"11 digits\""),
  ]
}
