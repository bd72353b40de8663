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

  @Test func `a record that reads as a line of a separator is given back as it came`() {
    #expect(CSVReturnForm.rows(of: "sep=;", 0x3B) == [["sep=;"]])
  }
}
