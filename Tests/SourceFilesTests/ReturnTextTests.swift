import Testing

@testable import SourceFiles

@Suite("Texts of return files")
struct ReturnTextTests {
  @Test(
    arguments: [
      (["甲。", "乙。"], "甲;乙。"), (["甲。", "甲。"], "甲。"), (["甲;", "乙"], "甲;乙"),
      (["", "甲"], "甲"), ([], ""), (["甲;乙。", "丙"], "甲;乙;丙"),
    ])
  func `sentences are joined by one sign`(_ texts: [String], _ joined: String) {
    #expect(CSVReturnForm.joined(texts) == joined)
  }
}
