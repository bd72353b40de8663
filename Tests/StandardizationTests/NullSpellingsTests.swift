import Standardization
import Testing

@Suite("Spellings of null")
struct NullSpellingsTests {
  @Test(
    "The standard spellings are null",
    arguments: [
      "", "无", "/", "-", "——", "空", "NULL", "null", "Null", "N/A", "n/a", "不详", "未知", "无数据", "暂无",
      "0000-00-00",
    ])
  func standard(_ text: String) {
    #expect(text.withBytes { NullSpellings.standard.contains($0) })
  }

  @Test("Values are not null", arguments: ["0", "无锡市", "不详细", "2026-03-01", "N", "//", "张三", "无无"])
  func values(_ text: String) {
    #expect(!text.withBytes { NullSpellings.standard.contains($0) })
  }

  @Test("An element may take spellings out and add others")
  func variation() {
    let formerName = NullSpellings.standard.removing(["无"]).adding(["没有"])
    #expect(!"无".withBytes { formerName.contains($0) })
    #expect("没有".withBytes { formerName.contains($0) })
    #expect("NULL".withBytes { formerName.contains($0) })
    #expect("".withBytes { NullSpellings([]).contains($0) })
  }
}
