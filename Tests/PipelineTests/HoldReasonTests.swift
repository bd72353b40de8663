import Catalog
import TestSupport
import Testing

@testable import Pipeline

@Suite("Reasons of holds in two languages")
struct HoldReasonTests {
  private static let words = [
    "行政处罚_1.csv", "处罚类别, 送达日期 and 3 more", "CR12", "a: b", "", "the manifest",
    "12 of 40", "名 is that of 字", "0",
  ]

  /// As many values as the sentence has gaps: `text` wherever the gap takes it, else digits, else whoever
  /// promised.
  private func reason(_ kind: HoldReason.Kind, _ text: String) throws -> HoldReason {
    var reason = HoldReason(.q15, kind)
    let gaps = kind.english.filled(Array(repeating: "\u{1}", count: 9)).count { $0 == "\u{1}" }
    func fits(_ values: [String]) -> Bool {
      kind.english.parameters(in: kind.english.filled(values)) == values
    }
    var values = Array(repeating: "7", count: gaps)
    for index in values.indices where !fits(values) { values[index] = HoldReason.manifest }
    if !fits(values), gaps > 1 {
      values = Array(repeating: "7", count: gaps)
      values[1] = HoldReason.manifest
    }
    try #require(fits(values), "\(kind) \(values)")
    for index in values.indices {
      var other = values
      other[index] = text
      if fits(other) { values = other }
    }
    reason.parameters = values
    return reason
  }

  @Test(arguments: HoldReason.Kind.allCases)
  func `the ledger gives back what was written`(_ kind: HoldReason.Kind) throws {
    for word in Self.words {
      let written = try reason(kind, word)
      let read = try #require(HoldReason(ledgerLine: written.ledgerLine))
      #expect(read.message == written.message)
      guard kind != .other else { continue }
      #expect(read == written, "\(written.ledgerLine)")
    }
  }

  @Test(arguments: HoldReason.Kind.allCases)
  func `every kind speaks Chinese and says what to do`(_ kind: HoldReason.Kind) throws {
    let reason = try reason(kind, "8")
    let chinese = reason.chinese
    if kind != .other { #expect(chinese.unicodeScalars.contains { $0.value >= 0x4E00 }) }
    #expect(!kind.adviceChinese.isEmpty && !kind.adviceEnglish.isEmpty)
    #expect(!chinese.contains("{") && !chinese.contains("the manifest"))
    for value in reason.parameters where value != HoldReason.manifest {
      #expect(chinese.contains(value))
    }
  }

  @Test(
    arguments: [
      ("Q15 16 of 40 records would be returned, more than 30 %", "16 条将被退回（共判定 40 条），超过上限 30 %"),
      ("Q21 columns are missing: 甲, 乙 and 3 more", "缺少列：甲, 乙 等，另有 3 列"),
      ("Q15 5 bytes, the .ok file promises 7", "文件有 5 字节，完成标志文件写的是 7 字节"),
      ("Q15 7 records, the manifest promises -3", "文件有 7 条记录，清单写的是 -3 条"),
      ("Q15 an old sentence", "an old sentence"),
    ])
  func `a line of the ledger in Chinese`(_ line: String, _ chinese: String) throws {
    #expect(try #require(HoldReason(ledgerLine: line)).chinese == chinese)
  }

  @Test(arguments: ["released by 甲: seen", "manifest records 3", "Q99 nothing", "Q15", ""])
  func `other lines are no reasons`(_ line: String) { #expect(HoldReason(ledgerLine: line) == nil) }
}
