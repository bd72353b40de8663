import Foundation
import TestSupport
import Testing

@Suite("What a user would see")
struct ShareExplainTests {
  private let library: LibraryHome

  init() throws {
    library = try LibraryHome()
    try library.loans(10)
    try library.readers()
    try library.night()
  }

  private func explain(
    _ category: String, _ key: [String], department: String = "公安局",
    at now: String = LibraryHome.now
  ) throws -> (code: Int32, record: [String: Any], cells: [String: [String: Any]]) {
    let result = try library.act(
      "share explain --json zhang \(category)", key + ["--reader-department", department],
      by: "sun", of: "司法局", at: now)
    let root = try object(result.outputText)
    let record = (root["records"] as? [[String: Any]])?.first ?? [:]
    let cells = (record["cells"] as? [[String: Any]] ?? []).map { cell in
      (cell["element"] as? String ?? "", cell)
    }
    return (result.code, record, Dictionary(cells, uniquingKeysWith: { first, _ in first }))
  }

  private func short(_ cell: [String: Any]?) -> String {
    let rule = cell?["rule"] as? [String: Any]
    let parts = [
      cell?["outcome"], cell?["value"], rule?["kind"], rule?["id"], cell?["under"],
      cell?["neededTier"],
    ]
    return parts.map { $0 as? String ?? "–" }.joined(separator: " ")
  }

  @Test func `each cell has its outcome, its rule and what would open it`() throws {
    let plain = try explain("LOAN", ["LIB", "LN1"])
    #expect(plain.code == 0)
    #expect(
      short(plain.cells["borrowed_on"]) == "shown 2026-01-10 element-tier borrowed_on public –")
    #expect(short(plain.cells["loan_no"]) == "withheld – element-tier loan_no – shared")
    #expect(short(plain.cells["due_on"]) == "withheld – element-tier due_on – shared")
    let rule = try #require(plain.cells["due_on"]?["rule"] as? [String: Any])
    #expect(rule["origin"] as? String == "assumed: an example")
    // Not returned: a record of the shared tier.
    let open = try explain("LOAN", ["LIB", "LN7"])
    #expect(open.code == 1 && (open.record["rule"] as? [String: Any])?["id"] as? String == "T1")
    // A book: the negative list.
    let book = try explain("LOAN", ["LIB", "LN5"], department: "文化局")
    #expect(book.code == 1)
    #expect(short(book.cells["fee"]) == "withheld – negative-item N2 – –")
    #expect(try explain("LOAN", ["LIB", "LN5"], department: "博物馆").code == 0)
    #expect(try explain("LOAN", ["LIB", "LN99"]).code == 1)
  }

  @Test func `masks are shown as the reader gets them`() throws {
    let reader = try explain("READER", ["00000001"], department: "文化局")
    #expect(
      short(reader.cells["phone"]) == "masked 138****0001 negative-item N1 shared –")
    #expect(
      short(reader.cells["reader_name"]) == "masked 张** element-tier reader_name shared restricted")
    #expect(short(reader.cells["card_no"]).hasPrefix("shown 00000001"))
    // The public sees nothing of the category.
    #expect(try explain("READER", ["00000001"]).code == 1)
    let all = try explain("READER", ["00000001"], department: "博物馆")
    #expect(short(all.cells["phone"]) == "shown 13800000001 element-tier phone restricted –")
  }

  @Test func `a grant of the restricted tier opens elements, and not what the negative list keeps`()
    throws
  {
    let grant = try library.grant("READER", "reader_name,phone", tier: "restricted")
    let reader = try explain("READER", ["00000001"])
    #expect(short(reader.cells["reader_name"]).hasPrefix("shown 张三 grant \(grant)"))
    #expect(short(reader.cells["phone"]) == "masked 138****0001 negative-item N1 \(grant) –")
    let books = try library.grant("LOAN", "loan_no,fee", tier: "restricted")
    let book = try explain("LOAN", ["LIB", "LN5"])
    #expect(book.code == 1 && short(book.cells["fee"]) == "withheld – negative-item N2 – –")
    #expect(
      short(try explain("LOAN", ["LIB", "LN1"]).cells["loan_no"])
        == "shown LN1 grant \(books) \(books) –")
  }

  @Test func `a grant opens its elements for its rows, to the last second`() throws {
    let grant = try library.grant(
      "LOAN", "loan_no,due_on", where: "fee < 5", until: "2026-03-10")
    let during = try explain("LOAN", ["LIB", "LN1"], at: "2026-03-10T23:59:59")
    #expect(short(during.cells["loan_no"]) == "shown LN1 grant \(grant) \(grant) –")
    #expect(short(during.cells["card_no"]) == "withheld – element-tier card_no – shared")
    let rule = try #require(during.cells["loan_no"]?["rule"] as? [String: Any])
    #expect((rule["origin"] as? String)?.hasPrefix("R000001") == true)
    // Its condition does not choose this one, and the negative list outranks it.
    #expect(
      short(try explain("LOAN", ["LIB", "LN6"]).cells["loan_no"])
        == "withheld – element-tier loan_no – shared")
    #expect(
      try explain("LOAN", ["LIB", "LN1"], department: "税务局").cells["loan_no"]?["under"] == nil)
    let after = try explain("LOAN", ["LIB", "LN1"], at: "2026-03-11T00:00:00")
    #expect(short(after.cells["loan_no"]) == "withheld – element-tier loan_no – shared")
    #expect(
      (after.cells["loan_no"]?["closedGrants"] as? [[String: String]])
        == [["id": grant, "state": "expired"]])
    _ = try library.act(
      "share revoke", [grant, "--reason", "用途已变"], at: "2026-03-04T12:00:00")
    let revoked = try explain("LOAN", ["LIB", "LN1"], at: "2026-03-04T12:00:00")
    #expect(
      (revoked.cells["loan_no"]?["closedGrants"] as? [[String: String]])
        == [["id": grant, "state": "revoked"]])
  }

  @Test func `an explanation is a read, and what was denied is in the log too`() throws {
    _ = try explain("LOAN", ["LIB", "LN1"])
    _ = try explain("LOAN", ["LIB", "LN5"], department: "文化局")
    _ = try explain("LOAN", ["LIB", "LN99"])
    let entries = try library.logged().filter { $0["action"] as? String == "share-explain" }
    #expect(
      entries.map {
        "\($0["user"] ?? "") \($0["outcome"] ?? "") \($0["rule"] ?? "") \($0["reference"] ?? "")"
      } == [
        "sun allowed explanation 公安局 zhang", "sun denied N2 文化局 zhang",
        "sun denied no-record 公安局 zhang",
      ])
    let saw = try library.home.run("audit who-saw", "LOAN", "LIB", "LN5", "--json")
    #expect(saw.outputLines.count == 1)
  }

  @Test func `the text says it in both languages`() throws {
    let chinese = try library.act(
      "share explain zhang LOAN LIB LN1", ["--reader-department", "公安局"])
    #expect(chinese.outputText.contains("需内部共享类授权"), "\(chinese.outputText)")
    let english = try library.act(
      "share explain zhang LOAN LIB LN1 --english", ["--reader-department", "公安局"])
    #expect(english.outputText.contains("a grant of tier shared would open it"))
    #expect(
      try library.act("share explain zhang LOAN LN1", []).code == 64)
  }
}
