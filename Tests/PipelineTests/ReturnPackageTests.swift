import Foundation
import Pipeline
import TestSupport
import Testing
import Warehouse

@Suite("Return packages")
struct ReturnPackageTests {
  private static let columns = ["退回问题代码", "退回问题说明", "退回修改建议", "退回次数", "退回编号"]

  /// A return file taken apart by other means than the product's.
  private struct ReturnFile {
    var header: [String]
    var rows: [[String]]

    init(_ home: TestHome, _ night: String, at index: Int = 0) throws {
      let names = home.returns(night)
      try #require(names.count > index, "\(names)")
      let rows = CSVSheet.rows(of: text(gb18030: try home.returnBytes(night, names[index])))
      header = rows[0]
      self.rows = Array(rows.dropFirst())
    }

    func cell(_ row: Int, _ column: String) throws -> String {
      rows[row][try #require(header.firstIndex(of: column))]
    }

    mutating func set(_ row: Int, _ column: String, _ value: String) throws {
      rows[row][try #require(header.firstIndex(of: column))] = value
    }

    var bytes: [UInt8] { CSVSheet(header, rows).gb18030 }
  }

  private static let hostile: Values = [
    "penalty_content": "罚款5000元,\n责令改正,\"立即\"", "remark": "=HYPERLINK(\"http://x\")",
    "penalty_basis": "@SUM(A1)", "penalty_cause": "+1+cmd|' /C calc'!A0",
    "registered_address": "-2+3", "deviation_reason": "\tx",
  ]

  @Test func `the file has the bytes that are kept`() throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet(
      "PEN",
      [
        penalty(1),
        penalty(2, unknownPenaltyType.merging(Self.hostile) { $1 }),
        penalty(3, missingAgency.merging(["uscc": "91510104MAQY00013X"]) { $1 }),
        penalty(4, ["fine_amount": "约五千", "subject_name": "福满楼𠮷店"]),
      ], extra: [("办案心得", "学习㐀")])
    try home.deliver("行政处罚_20260602.csv", sheet.gb18030)
    #expect(try home.run("2026-06-02").only().summary == "loaded 4: accepted 1, returned 3")
    let names = home.returns("2026-06-02")
    #expect(names == ["行政处罚_20260602.退回-1.csv"])
    let bytes = try home.returnBytes("2026-06-02", names[0])
    #expect(try Golden.difference(bytes, from: "return-package.gb18030.csv") == nil)
    let receipt = try Files.bytes(
      "\(home.home.returns)/SAM/2026-06-02/行政处罚_20260602.退回-1.csv.receipt.json")
    #expect(try Golden.difference(receipt, from: "return-receipt.json") == nil)
  }

  @Test func `all columns as delivered stand in it, then four more`() throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet(
      "PEN", [penalty(1), penalty(2, unknownPenaltyType.merging(missingAgency) { $1 })],
      extra: [("办案心得", "学习"), ("打印次数", "=1")])
    try home.deliver("行政处罚_1.csv", sheet.gb18030)
    try home.run("2026-06-02")
    let file = try ReturnFile(home, "2026-06-02")
    #expect(file.header == sheet.header[0] + Self.columns)
    #expect(file.rows.count == 1)
    #expect(Array(file.rows[0].prefix(sheet.header[0].count)) == sheet.rows[1].dropLast() + ["'=1"])
    #expect(try file.cell(0, "退回问题代码") == "Q11;Q24")
    #expect(try file.cell(0, "退回问题说明").contains("执法主体名称"))
    #expect(try !file.cell(0, "退回修改建议").isEmpty)
    #expect(try file.cell(0, "退回次数") == "1")
  }

  @Test func `lines end with CRLF and quoted line breaks survive`() throws {
    let home = try TestHome(TestPipeline.alone)
    let content = "第一行\n第二行\r\n第三行,\"引号\""
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [penalty(1, unknownPenaltyType.merging(["penalty_content": content]) { $1 })])
    try home.run("2026-06-02")
    let bytes = try home.returnBytes("2026-06-02", home.returns("2026-06-02")[0])
    #expect(text(gb18030: bytes).hasSuffix("\r\n"))
    #expect(text(gb18030: bytes).contains("\"第一行\n第二行\r\n第三行,\"\"引号\"\"\""))
    let file = try ReturnFile(home, "2026-06-02")
    #expect(try file.cell(0, "处罚内容") == content)
  }

  @Test func `no value can be run as a formula`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv", penalties: [penalty(1, unknownPenaltyType.merging(Self.hostile) { $1 })])
    try home.run("2026-06-02")
    let file = try ReturnFile(home, "2026-06-02")
    for row in [file.header] + file.rows {
      for cell in row {
        let first = cell.unicodeScalars.first
        let isFormula = first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        #expect(!isFormula || Double(cell) != nil, "\(cell)")
      }
    }
    #expect(try file.cell(0, "备注") == "'=HYPERLINK(\"http://x\")")
  }

  @Test(arguments: ["utf-8", "utf-8 with mark"])
  func `the encoding is the one that came`(_ form: String) throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet("PEN", [penalty(1, unknownPenaltyType)])
    try home.deliver("行政处罚_1.csv", form == "utf-8" ? sheet.utf8 : sheet.utf8WithMark)
    try home.run("2026-06-02")
    let bytes = try home.returnBytes("2026-06-02", home.returns("2026-06-02")[0])
    #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]) == (form != "utf-8"))
    #expect(String(validating: bytes, as: UTF8.self)?.contains("清市监罚〔2026〕1号") == true)
  }

  @Test(arguments: [true, false])
  func `what came in UTF-16 goes back in it, with its mark`(_ isLittle: Bool) throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet(
      "PEN",
      [penalty(1), penalty(2, unknownPenaltyType.merging(["subject_name": "福满楼𠮷店"]) { $1 })])
    try home.deliver("行政处罚_1.csv", utf16(sheet.text, isLittle: isLittle))
    #expect(try home.run("2026-06-02").only().summary == "loaded 2: accepted 1, returned 1")
    let bytes = try home.returnBytes("2026-06-02", home.returns("2026-06-02")[0])
    #expect(bytes.starts(with: isLittle ? [0xFF, 0xFE] : [0xFE, 0xFF]))
    let encoding = isLittle ? String.Encoding.utf16LittleEndian : .utf16BigEndian
    let text = try #require(String(data: Data(bytes.dropFirst(2)), encoding: encoding))
    let rows = CSVSheet.rows(of: text)
    try #require(rows.count == 2)
    #expect(rows[0] == sheet.header[0] + Self.columns)
    #expect(Array(rows[1].prefix(sheet.header[0].count)) == sheet.rows[1])
    // And it is understood when it comes again.
    try home.deliver("行政处罚_2.csv", bytes)
    #expect(try home.run("2026-06-03").only().summary == "loaded 1: returned 1")
  }

  private func utf16(_ text: String, isLittle: Bool) -> [UInt8] {
    var bytes: [UInt8] = isLittle ? [0xFF, 0xFE] : [0xFE, 0xFF]
    for unit in text.utf16 {
      let pair = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
      bytes += isLittle ? pair : pair.reversed()
    }
    return bytes
  }

  @Test func `a record short of fields or with too many keeps them, and nothing is shifted`() throws
  {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet("PEN", (1...4).map { penalty($0) })
    var lines = sheet.text.components(separatedBy: "\r\n")
    let width = sheet.header[0].count
    let short = Array(sheet.rows[1].prefix(width - 3))
    lines[2] = short.joined(separator: ",")
    lines[3] += ",多余一,多余二"
    lines[4] = lines[4].replacingOccurrences(of: "罚款5000元", with: "罚款\u{01}5000元")
    try home.deliver("行政处罚_1.csv", gb18030(lines.joined(separator: "\r\n")))
    #expect(try home.run("2026-06-02").only().summary == "loaded 4: accepted 1, returned 3")
    let file = try ReturnFile(home, "2026-06-02")
    #expect(file.rows.count == 3)
    #expect(Array(file.rows[0].prefix(width)) == short + ["", "", ""])
    #expect(Array(file.rows[1].prefix(width)) == sheet.rows[2])
    #expect(Array(file.rows[1].dropFirst(width + 5)) == ["多余一", "多余二"])
    #expect(file.rows[2][0] == "P-4")
    #expect(try file.cell(2, "处罚内容").contains("罚款\u{01}5000元"))
    for row in file.rows.indices {
      #expect(try file.cell(row, "退回问题代码").hasPrefix("Q"))
      #expect(try file.cell(row, "退回次数") == "1")
    }
    // Sent again as they are: the short one has become a whole record, the others go back as before.
    try home.deliver("行政处罚_2.csv", file.bytes)
    #expect(try home.run("2026-06-03").only().summary == "loaded 3: accepted 1, returned 2")
    let second = try ReturnFile(home, "2026-06-03")
    #expect(second.header == file.header)
    try #require(second.rows.map(\.first) == ["P-3", "P-4"])
    for row in second.rows.indices {
      #expect(try second.cell(row, "退回问题代码").hasPrefix("Q"))
      #expect(try second.cell(row, "退回次数") == "2")
    }
    #expect(Array(second.rows[0].dropFirst(width + 5)) == ["多余一", "多余二"])
  }

  @Test
  func `a sender sees its own values in the record, and none that is restricted in the reasons`()
    throws
  {
    let home = try TestHome(TestPipeline.alone)
    let identity = "510104190001020022"
    let person: Values = [
      "party_type_code": "4", "subject_name": "", "uscc": "", "person_name": "甲一",
      "person_id_type_code": "111", "person_id_no": identity,
    ]
    let sheet = try home.sheet("PEN", [penalty(1, person), penalty(2)])
    var lines = sheet.text.components(separatedBy: "\r\n")
    // The second is malformed, and the number stands in what cannot be taken apart.
    lines[2] = lines[2].replacingOccurrences(of: "罚款5000元", with: "\"\(identity)\"元")
    try home.deliver("行政处罚_1.csv", gb18030(lines.joined(separator: "\r\n")))
    let outcome = try home.run("2026-06-02")
    #expect(try outcome.only().balance.returned == 2)
    let file = try ReturnFile(home, "2026-06-02")
    for row in file.rows {
      #expect(row.dropLast(4).contains { $0.contains(identity) })
      #expect(!row.suffix(4).contains { $0.contains(identity) })
    }
  }

  @Test func `the counts of a receipt add up, and only its owner may read it`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [penalty(1), penalty(8), penalty(9), penalty(2, unknownPenaltyType)])
    try home.run("2026-06-02")
    try home.deliver(
      "行政处罚_2.csv",
      penalties: [
        // Returned, and corrected further down in the same file.
        penalty(3, updated: 2, missingAgency), penalty(3, updated: 3), penalty(4), penalty(4),
        penalty(1), penalty(8, updated: 2, ["operation_type_code": "3"]),
        penalty(2, unknownPenaltyType), penalty(5, missingAgency),
      ])
    let delivery = try home.run("2026-06-03").only()
    let path = "\(home.home.returns)/SAM/2026-06-03/行政处罚_2.退回-2.csv.receipt.json"
    #expect(try permissions(of: path) == 0o600)
    let receipt = try #require(
      JSONSerialization.jsonObject(with: Data(try Files.bytes(path))) as? [String: Any])
    let names = ["accepted", "unchanged", "duplicate", "returned", "pending", "held", "deleted"]
    let counts = try names.map { try #require(receipt[$0] as? Int, "\($0)") }
    #expect(receipt["read"] as? Int == 8)
    #expect(counts.reduce(0, +) == 8, "\(receipt)")
    #expect(receipt["returned"] as? Int == delivery.balance.returned)
    #expect(
      receipt["recordsInReturnedFile"] as? Int == (try ReturnFile(home, "2026-06-03")).rows.count)
  }

  @Test func `corrected and delivered again, with the extra columns, everything is accepted`()
    throws
  {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [
        penalty(1), penalty(2, unknownPenaltyType.merging(Self.hostile) { $1 }),
        penalty(3, missingAgency), penalty(4, ["decision_date": "2026-02-30"]),
      ])
    try home.run("2026-06-02")
    var file = try ReturnFile(home, "2026-06-02")
    #expect(file.rows.count == 3)
    try file.set(0, "处罚类别", "罚款")
    try file.set(1, "处罚机关", "清源市市场监督管理局")
    try file.set(2, "处罚决定日期", "2026-03-02")
    try home.deliver(home.returns("2026-06-02")[0], file.bytes)
    let outcome = try home.run("2026-06-03")
    let found = try home.rows("SELECT record_number, code, element, value FROM finding_current")
    #expect(try outcome.only().summary == "loaded 3: accepted 3", "\(found)")
    #expect(try outcome.only().drift == "")
    #expect(try home.column("SELECT count(*) FROM returned_record") == ["0"])
    // What was neutralized on the way out comes home as it was.
    #expect(
      try home.rows(
        "SELECT remark, penalty_basis, penalty_content FROM PEN WHERE source_record_id = 'P-2'")
        == [["=HYPERLINK(\"http://x\")", "@SUM(A1)", Self.hostile["penalty_content"] ?? ""]])
    #expect(try home.column("SELECT count(*) FROM PEN") == ["4"])
  }

  @Test func `half corrected, the rest goes back on its second attempt`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv", penalties: [penalty(2, unknownPenaltyType), penalty(3, missingAgency)])
    try home.run("2026-06-02")
    var file = try ReturnFile(home, "2026-06-02")
    try file.set(0, "处罚类别", "罚款")
    try home.deliver("行政处罚_1.csv", file.bytes)
    #expect(try home.run("2026-06-03").only().summary == "loaded 2: accepted 1, returned 1")
    let second = try ReturnFile(home, "2026-06-03")
    #expect(second.rows.count == 1)
    #expect(try second.cell(0, "退回次数") == "2")
    #expect(second.header.filter { $0 == "退回次数" }.count == 1)
    #expect(second.header.count == file.header.count)
  }

  @Test func `the corrected part of a full delivery does not remove the rest`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_全量_1.csv", penalties: (1...5).map { penalty($0) } + [penalty(6, missingAgency)])
    try home.run("2026-06-02")
    var file = try ReturnFile(home, "2026-06-02")
    try file.set(0, "处罚机关", "清源市市场监督管理局")
    try home.deliver(home.returns("2026-06-02")[0], file.bytes)
    #expect(try home.run("2026-06-03").only().summary == "loaded 1: accepted 1")
    #expect(try home.column("SELECT count(*) FROM PEN") == ["6"])
  }

  @Test func `a malformed record goes back whole, and its neighbours stay intact`() throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet("PEN", (1...3).map { penalty($0) })
    var lines = sheet.text.components(separatedBy: "\r\n")
    lines[2] = lines[2].replacingOccurrences(of: "罚款5000元", with: "\"罚款\"5000\"元")
    try home.deliver("行政处罚_1.csv", gb18030(lines.joined(separator: "\r\n")))
    #expect(try home.run("2026-06-02").only().summary == "loaded 3: accepted 2, returned 1")
    let file = try ReturnFile(home, "2026-06-02")
    #expect(file.rows.count == 1)
    #expect(file.rows[0][0].contains("P-2") && file.rows[0][0].contains("\"罚款\"5000\"元"))
    #expect(try file.cell(0, "退回问题说明").contains("受限内容,\(lines[2].count)个字符"))
    #expect(
      try home.rows("SELECT line, raw FROM returned_record")
        == [["3", lines[2]]])
  }

  @Test func `a record without its number is corrected by it, and the return closes`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv", penalties: [penalty(1), penalty(2, ["source_record_id": ""])])
    #expect(try home.run("2026-06-02").only().summary == "loaded 2: accepted 1, returned 1")
    var file = try ReturnFile(home, "2026-06-02")
    try file.set(0, "业务流水号", "P-2")
    try home.deliver("行政处罚_2.csv", file.bytes)
    #expect(try home.run("2026-06-03").only().summary == "loaded 1: accepted 1")
    #expect(try home.column("SELECT count(*) FROM returned_record") == ["0"])
  }

  @Test func `a record without its number that comes back wrong counts its attempts`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(2, ["source_record_id": ""])])
    try home.run("2026-06-02")
    for (night, attempt) in [("2026-06-03", "2"), ("2026-06-04", "3")] {
      let last = night == "2026-06-03" ? "2026-06-02" : "2026-06-03"
      var file = try ReturnFile(home, last)
      try file.set(0, "处罚内容", "罚款\(attempt)元")
      try home.deliver("行政处罚_\(attempt).csv", file.bytes)
      #expect(try home.run(night).only().summary == "loaded 1: returned 1")
      #expect(try home.column("SELECT attempt FROM returned_record") == [attempt])
    }
    var file = try ReturnFile(home, "2026-06-04")
    try file.set(0, "业务流水号", "P-2")
    try file.set(0, "处罚内容", "罚款5000元")
    try home.deliver("行政处罚_5.csv", file.bytes)
    #expect(try home.run("2026-06-05").only().summary == "loaded 1: accepted 1")
    #expect(try home.column("SELECT count(*) FROM returned_record") == ["0"])
  }

  @Test func `a return number that nobody gave out, or another system's, changes nothing`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(2, missingAgency)])
    try home.run("2026-06-02")
    for (index, number) in ["", "0", "x", String(repeating: "f", count: 32)].enumerated() {
      var file = try ReturnFile(home, "2026-06-02")
      try file.set(0, "退回编号", number)
      try file.set(0, "业务流水号", "N-\(index)")
      try home.deliver("行政处罚_x\(index).csv", file.bytes)
      #expect(try home.run("2026-06-0\(3 + index)").only().summary == "loaded 1: returned 1")
    }
    #expect(try home.column("SELECT count(*) FROM returned_record") == ["5"])
  }

  @Test func `nothing returned, no package`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1)])
    try home.run("2026-06-02")
    #expect(Files.below(home.home.returns) == [])
  }
}
