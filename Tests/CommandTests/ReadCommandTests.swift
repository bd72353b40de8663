import Foundation
import TestSupport
import Testing

@Suite("qingyuan read")
struct ReadCommandTests {
  private func read(_ bytes: [UInt8], _ options: String..., name: String = "x.csv") throws
    -> ProgramResult
  {
    let folder = try TemporaryFolder("read")
    return try QingyuanProgram.run(["read", folder.write(name, bytes)] + options)
  }

  private func rows(_ bytes: [UInt8], name: String = "x.csv") throws -> [[String]]? {
    let result = try read(bytes, "--json", "--no-header", name: name)
    guard result.code == 0 else { return nil }
    return try JSONSerialization.jsonObject(with: Data(result.output)) as? [[String]]
  }

  @Test(
    arguments: [
      ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
      ("a,b,c\n1\n1,2,3,4\n", [["a", "b", "c"], ["1"], ["1", "2", "3", "4"]]),
      ("", []), ("\n\n", []), ("a", [["a"]]), ("\"\"\n", [[""]]), (",\n", [["", ""]]),
      ("\"a\nb\",\"c\r\nd\"\r\n", [["a\nb", "c\r\nd"]]),
      ("\"a\"\"b\",\"\"\"\"\n", [["a\"b", "\""]]),
      ("a\rb\r\n\r\nc\n", [["a"], ["b"], ["c"]]),
      ("\u{FEFF}a,b\n", [["a", "b"]]), (" a , b \n", [[" a ", " b "]]),
      ("𠮷,é\n", [["𠮷", "é"]]),
    ] as [(String, [[String]])])
  func `rows are those of the text, whatever their shape`(_ text: String, _ expected: [[String]])
    throws
  {
    #expect(try rows(Array(text.utf8)) == expected)
  }

  @Test func `GB18030 is decided by the bytes`() throws {
    let text = "名称,金额\n清源市福满楼,5000\n𠮷野㐀,1\n"
    #expect(
      try rows(gb18030(text))
        == [["名称", "金额"], ["清源市福满楼", "5000"], ["𠮷野㐀", "1"]])
  }

  @Test(
    arguments: [
      ("a,b\n1,\"2\n", "line 2, byte 6"), ("a\n\"b\"c\n", "line 2"), ("a\nb\"c\n", "line 2"),
      ("\"", "line 1, byte 0"),
    ])
  func `what is not well-formed exits with 1 and says where`(_ text: String, _ place: String) throws
  {
    let result = try read(Array(text.utf8), "--json")
    #expect(result.code == 1)
    #expect(result.errorText.contains(place), "\(result.errorText)")
  }

  @Test func `bytes that no encoding allows are located`() throws {
    let result = try read(Array("a,b\n1,".utf8) + [0xFF, 0xFF] + Array("\n".utf8))
    #expect(result.code == 1)
    #expect(result.errorText.contains("byte 6"), "\(result.errorText)")
  }

  @Test func `garbage of every kind ends with an exit code of ours`() throws {
    let seed: UInt64 = 20_260_602
    var generator = SeededGenerator(seed: seed)
    for round in 0..<24 {
      let count = Int.random(in: 0..<(round % 4 == 0 ? 70_000 : 400), using: &generator)
      var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let starts: [[UInt8]] = [
        [], [0x1F, 0x8B, 8], [0x50, 0x4B, 3, 4], [0xFF, 0xFE], [0xEF, 0xBB, 0xBF], [0x22],
      ]
      bytes = starts[round % starts.count] + bytes
      let result = try read(bytes, "--json")
      #expect([0, 1, 3].contains(result.code), "seed \(seed), round \(round): \(result.code)")
    }
  }

  @Test func `compressed files are read through`() throws {
    let gzip = try Program("/bin/gzip", ["-cn"], input: Array("a,b\n1,2\n".utf8)).wait().output
    #expect(try rows(gzip, name: "x.csv.gz") == [["a", "b"], ["1", "2"]])
    #expect(try read(Array(gzip.dropLast(6)), "--json").code == 1)
  }

  @Test func `a file that is not there exits with 3`() throws {
    #expect(try qingyuan("read", "/nowhere/x.csv").code == 3)
    #expect(try qingyuan("read", "/tmp").code == 3)
  }

  @Test func `a million blank columns and a long line are no trouble`() throws {
    let wide = [UInt8](repeating: UInt8(ascii: ","), count: 1_000_000) + [10]
    #expect([0, 1].contains(try read(wide).code))
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 3_000_000)
    #expect(try read(long).code == 0)
  }

  @Test func `for people rows are numbered`() throws {
    let result = try read(Array("a,b\n1,\"2\n3\"\n".utf8))
    #expect(result.outputText == "header │ a │ b\n1 │ 1 │ 2⏎3\n")
    #expect(result.errorText.contains("2 rows, utf8"))
    #expect(
      try read(Array("a;b\n".utf8), "--delimiter", ";", "--json").outputText == "[[\"a\",\"b\"]]\n")
  }
}
