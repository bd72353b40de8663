import Catalog
import TestSupport
import Testing
import Validation
import Warehouse

@testable import Pipeline

@Suite("Words of findings")
struct FindingWordsTests {
  private func descriptions(_ catalog: Catalog) throws -> [(String, CheckDescription)] {
    try catalog.categories.flatMap { category in
      try CategoryValidator(
        catalog: catalog, category: category, system: category.deliveredBy.first ?? ""
      ).descriptions.map { (category.id, $0) }
    }
  }

  /// Whether a space stands beside a Chinese character or full-width sign on both sides.
  private func hasLooseSpace(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    return scalars.indices.dropFirst().dropLast().contains {
      scalars[$0] == " " && scalars[$0 - 1].value > 0x2E80 && scalars[$0 + 1].value > 0x2E80
    }
  }

  /// Whether a word of small letters is left, other than a representation rule or a pattern.
  private func hasEnglish(_ text: String) -> Bool {
    text.split(whereSeparator: { !($0.isASCII && ($0.isLowercase || $0 == "_")) })
      .contains { $0.count > 2 }
  }

  @Test func `what was expected is said in Chinese`() throws {
    for (category, description) in try descriptions(TestPipeline.real.get().catalog)
    where !description.rule.hasSuffix(".pattern") {
      let text = description.expectedChinese
      #expect(!hasEnglish(text), "\(category) \(description.rule): \(text)")
      #expect(!hasLooseSpace(text), "\(category) \(description.rule): \(text)")
      #expect(!text.hasSuffix("。"), "\(category) \(description.rule): \(text)")
    }
  }

  @Test(
    arguments: [
      (
        "PEN", "uscc", IssueCode.q27, "统一社会信用代码:18位数字或大写字母(不含I、O、S、V、Z),末位为校验码",
        "18 characters of 0-9 A-Z"
      ),
      (
        "PEN", "fine_amount", .q21, "数值,最多16位,其中小数2位(表示规则n..16,2)",
        "a number of at most 16 digits, 2 of them decimals (n..16,2)"
      ),
      ("PEN", "fine_amount", .q23, "不小于0元", "a number in [0,)"),
      ("PEN", "remark", .q21, "最多1000个字符(表示规则c..1000)", "at most 1000 characters"),
      ("PEN", "penalty_type_code", .q24, "代码表“处罚类型”(CL42)中的代码或名称", "a value of CL42"),
      ("PEN", "publicity_date", .q12, "“公示标志”为1(是)时必填", "publicity_flag = '1'"),
      (
        "PEN", "uscc", .q12,
        "“当事人类型代码”为1(法人及非法人组织)、2(个体工商户)、3(其他组织)之一时必填",
        "party_type_code in"
      ),
      ("PEN", "decision_date", .q29, "不晚于今天", "value <= today"),
      ("INS", "inspection_end_time", .q22, "不早于“检查开始时间”", "value >= inspection_start_time"),
    ] as [(String, String, IssueCode, String, String)])
  func `a check says what it wants`(
    _ category: String, _ element: String, _ issue: IssueCode, _ chinese: String,
    _ english: String
  ) throws {
    let all = try descriptions(TestPipeline.real.get().catalog).filter {
      $0.0 == category && $0.1.element == element && $0.1.issue == issue
    }
    #expect(all.map(\.1.expectedChinese).contains(chinese), "\(all.map(\.1.expectedChinese))")
    #expect(all.contains { $0.1.expectedEnglish.contains(english) })
  }

  private func text(_ code: String, value: String, expected: String) throws -> [String] {
    let texts = FindingTexts(try TestPipeline.real.get().catalog)
    let finding = StoredFinding(
      code: code, rule: "R1", ruleVersion: 1, element: "fine_amount", severity: "return",
      value: value, expected: expected)
    let record = QuarantinedRecord(
      rowID: 0, recordNumber: 2, line: 3, byteOffset: 0, attempt: 1, recordKey: "", entityKey: "",
      raw: "", findings: [])
    return [texts.chinese(finding, record), texts.english(finding, record)]
  }

  @Test func `a message leaves out what it has no value for`() throws {
    #expect(
      try text("Q21", value: "约[五]千{line}", expected: "数值") == [
        "第 2 条(第 3 行)“罚款金额”的值“约[五]千{line}”不符合格式要求:数值",
        "record 2 (line 3): fine \"约[五]千{line}\" does not have the form: 数值",
      ])
    #expect(
      try text("Q11", value: "", expected: "必填") == [
        "第 2 条(第 3 行)缺少必填项“罚款金额”",
        "record 2 (line 3): required element fine is empty",
      ])
  }

  @Test func `messages and advice have no loose spaces`() throws {
    for issue in try TestPipeline.real.get().catalog.issueTypes {
      for text in [issue.messageChinese, issue.fixChinese, issue.descriptionChinese] {
        #expect(!hasLooseSpace(text), "\(issue.code): \(text)")
        #expect(!text.contains("。;") && !text.contains(" {expected}"), "\(issue.code): \(text)")
      }
      for value in ["", "12"] {
        for text in try text(issue.code.rawValue, value: value, expected: "要求") {
          #expect(!text.contains("“”") && !text.contains("\"\""), "\(text)")
          #expect(!text.contains("["), "\(text)")
        }
      }
    }
  }
}
