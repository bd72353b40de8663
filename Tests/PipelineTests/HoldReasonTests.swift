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

  /// As many values as the sentence has gaps, digits where it wants digits.
  private func reason(_ kind: HoldReason.Kind, _ text: String) -> HoldReason {
    var reason = HoldReason(.q15, kind)
    let gaps = kind.english.filled(Array(repeating: "\u{1}", count: 9)).filter { $0 == "\u{1}" }
    reason.parameters = (0..<gaps.count).map { "\($0 + 7)" }
    guard kind.english.parameters(in: kind.english.filled(reason.parameters)) != nil else {
      return reason
    }
    for index in reason.parameters.indices {
      var other = reason.parameters
      other[index] = text
      if kind.english.parameters(in: kind.english.filled(other)) == other {
        reason.parameters = other
      }
    }
    return reason
  }

  @Test(arguments: HoldReason.Kind.allCases)
  func `the ledger gives back what was written`(_ kind: HoldReason.Kind) throws {
    for word in Self.words {
      let written = reason(kind, word)
      let read = try #require(HoldReason(ledgerLine: written.ledgerLine))
      #expect(read.message == written.message)
      guard kind != .other else { continue }
      #expect(read == written, "\(written.ledgerLine)")
    }
  }

  @Test(arguments: HoldReason.Kind.allCases)
  func `every kind speaks Chinese and says what to do`(_ kind: HoldReason.Kind) {
    let chinese = reason(kind, "7").chinese
    if kind != .other { #expect(chinese.unicodeScalars.contains { $0.value >= 0x4E00 }) }
    #expect(!kind.adviceChinese.isEmpty && !kind.adviceEnglish.isEmpty)
    #expect(!chinese.contains("{") && !chinese.contains("the manifest"))
    for value in reason(kind, "7").parameters { #expect(chinese.contains(value)) }
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
