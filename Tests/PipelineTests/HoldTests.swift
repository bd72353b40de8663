import Foundation
import Pipeline
import TestSupport
import Testing
import Warehouse

@Suite("Deliveries that wait for a person")
struct HoldTests {
  private func held(_ home: TestHome, _ name: String) throws -> DeliveryEntry {
    let delivery = try home.run("2026-06-02").delivery(name)
    #expect(delivery.status == .held, "\(delivery.summary) \(delivery.reason)")
    #expect(try home.column("SELECT count(*) FROM PEN") == ["0"])
    #expect(try home.column("SELECT count(*) FROM returned_record") == ["0"])
    #expect(try home.column("SELECT count(*) FROM finding_current") == ["0"])
    #expect(home.returns("2026-06-02") == [])
    return delivery
  }

  @Test func `a file that ends inside a record is held`() throws {
    let home = try TestHome(TestPipeline.alone)
    let text = try home.sheet("PEN", [penalty(1), penalty(2)]).text
    let place = try #require(text.range(of: "P-2"))
    try home.deliver("行政处罚_1.csv", gb18030(text[..<place.upperBound] + ",\"半个"))
    let delivery = try held(home, "行政处罚_1.csv")
    #expect(delivery.reason.hasPrefix("Q15"))
  }

  @Test func `a file that stops in the middle of a Chinese character is held`() throws {
    let home = try TestHome(TestPipeline.alone)
    let bytes = try home.sheet("PEN", (1...3).map { penalty($0) }).gb18030
    let cut = try #require(bytes.indices.dropFirst(bytes.count - 120).first { bytes[$0] >= 0x81 })
    try home.deliver("行政处罚_1.csv", Array(bytes[...cut]))
    #expect(try held(home, "行政处罚_1.csv").reason.hasPrefix("Q15"))
  }

  @Test func `a truncated archive is held`() throws {
    let home = try TestHome(TestPipeline.alone)
    let bytes = try home.sheet("PEN", (1...50).map { penalty($0) }).gb18030
    let archive = try gzip(bytes)
    try home.deliver("行政处罚_1.csv.gz", Array(archive.dropLast(archive.count / 3)))
    #expect(try held(home, "行政处罚_1.csv.gz").reason.hasPrefix("Q15"))
  }

  @Test func `a file that was decoded wrongly before it came is held`() throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet("PEN", (1...30).map { penalty($0) })
    let header = CSVSheet(sheet.header[0]).text
    let body = String(sheet.text.dropFirst(header.count))
    try home.deliver("行政处罚_1.csv", Array(header.utf8) + mojibake(body))
    #expect(try held(home, "行政处罚_1.csv").reason.contains("Q28"))
  }

  @Test func `a missing column freezes the delivery and is named`() throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet("PEN", [penalty(1)], renaming: ["处罚类别": "", "送达日期": ""])
    try home.deliver("行政处罚_1.csv", sheet.gb18030)
    let delivery = try held(home, "行政处罚_1.csv")
    #expect(delivery.reason.contains("处罚类别"))
    #expect(delivery.drift.contains("送达日期"))
  }

  @Test func `more than the configured share of returned records holds the delivery`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: (1...13).map { penalty($0) } + (14...20).map { penalty($0, unknownPenaltyType) })
    let delivery = try held(home, "行政处罚_1.csv")
    #expect(delivery.summary == "held 20: held 20")
    #expect(delivery.reason.contains("7 of 20"))
  }

  @Test func `exactly the configured share is not too much, nor a share of few records`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: (1...14).map { penalty($0) } + (15...20).map { penalty($0, unknownPenaltyType) })
    try home.deliver(
      "行政处罚_2.csv", penalties: (21...39).map { penalty($0, unknownPenaltyType) })
    let outcome = try home.run("2026-06-02")
    #expect(
      outcome.deliveries.map(\.summary)
        == ["loaded 20: accepted 14, returned 6", "loaded 19: returned 19"])
  }

  /// The product's definitions with another line in `nightly.yaml`.
  private func pipeline(
    in folder: TemporaryFolder, _ old: String, _ new: String
  ) throws -> Result<TestPipeline, any Error> {
    let copy = folder + "pipelines"
    try FileManager.default.copyItem(atPath: Repository.pipelines, toPath: copy)
    let text = try Files.text(copy + "/nightly.yaml")
    let range = try #require(text.range(of: old))
    try Data(text.replacingCharacters(in: range, with: new).utf8)
      .write(to: URL(fileURLWithPath: copy + "/nightly.yaml"))
    return Result { try TestPipeline(copy) }
  }

  @Test func `how few records are too few for a share is a setting`() throws {
    let folder = try TemporaryFolder("gate")
    let home = try TestHome(
      pipeline(in: folder, "minimum-records: { value: 20", "minimum-records: { value: 3"))
    try home.deliver(
      "行政处罚_1.csv", penalties: [penalty(1)] + (2...3).map { penalty($0, unknownPenaltyType) })
    #expect(try held(home, "行政处罚_1.csv").reason.contains("2 of 3"))
  }

  @Test func `how much wrongly decoded text holds a delivery is a setting`() throws {
    let folder = try TemporaryFolder("gate")
    let home = try TestHome(
      pipeline(in: folder, "mojibake-share: { value: 0.05", "mojibake-share: { value: 1"))
    let sheet = try home.sheet("PEN", (1...30).map { penalty($0) })
    let header = CSVSheet(sheet.header[0]).text
    let body = mojibake(String(sheet.text.dropFirst(header.count)))
    try home.deliver("行政处罚_1.csv", Array(header.utf8) + body)
    let delivery = try home.run("2026-06-02").only()
    #expect(!delivery.reason.contains("Q28"), "\(delivery.reason)")
  }

  @Test(arguments: [(1, DeliveryStatus.held), (200, .loaded)])
  func `one damaged value of a small file is no broken export`(
    minimum: Int, expected: DeliveryStatus
  ) throws {
    let folder = try TemporaryFolder("gate")
    let home = try TestHome(
      pipeline(
        in: folder, "mojibake-characters: { value: 200",
        "mojibake-characters: { value: \(minimum)"))
    let damaged = String(decoding: mojibake(String(repeating: "清源市场监督管理", count: 6)), as: UTF8.self)
    let sheet = try home.sheet(
      "PEN", (1...2).map { penalty($0, ["penalty_content": damaged]) })
    try home.deliver("行政处罚_1.csv", Array(sheet.text.utf8))
    let delivery = try home.run("2026-06-02").only()
    #expect(delivery.status == expected, "\(delivery.reason)")
  }

  @Test(arguments: ["size", "sha256", "records"])
  func `a manifest that promises something else holds the delivery`(_ promise: String) throws {
    let home = try TestHome(TestPipeline.alone)
    let bytes = try home.sheet("PEN", [penalty(1), penalty(2)]).gb18030
    try home.deliver("行政处罚_1.csv", bytes)
    try home.manifest(
      "行政处罚_1.csv", size: promise == "size" ? bytes.count + 1 : bytes.count,
      sha256: promise == "sha256" ? String(repeating: "0", count: 64) : sha256(bytes),
      records: promise == "records" ? 3 : 2)
    let delivery = try held(home, "行政处罚_1.csv")
    #expect(delivery.reason.contains("manifest promises"))
    #expect(home.inbox() == [])
  }

  @Test func `a manifest that holds its promises lets the delivery in`() throws {
    let home = try TestHome(TestPipeline.alone)
    let bytes = try home.sheet("PEN", [penalty(1), penalty(2)]).gb18030
    try home.deliver("行政处罚_1.csv", bytes)
    try home.manifest(
      "行政处罚_1.csv", size: bytes.count, sha256: sha256(bytes).uppercased(), records: 2)
    #expect(try home.run("2026-06-02", waits: true).only().summary == "loaded 2: accepted 2")
    #expect(home.inbox() == [])
  }

  @Test func `a released delivery is judged and loaded by the next run`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: (1...10).map { penalty($0) } + (11...20).map { penalty($0, unknownPenaltyType) })
    let delivery = try held(home, "行政处罚_1.csv")
    try home.decide(delivery.id, release: true)
    let outcome = try home.run("2026-06-03")
    #expect(try outcome.only().summary == "loaded 20: accepted 10, returned 10")
    #expect(try home.column("SELECT count(*) FROM PEN") == ["10"])
    #expect(home.returns("2026-06-03").count == 1)
  }

  @Test func `a rejected delivery is never loaded`() throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet("PEN", [penalty(1)], renaming: ["处罚类别": ""])
    try home.deliver("行政处罚_1.csv", sheet.gb18030)
    let delivery = try held(home, "行政处罚_1.csv")
    try home.decide(delivery.id, release: false)
    try home.run("2026-06-03")
    #expect(try home.column("SELECT count(*) FROM PEN") == ["0"])
    let status = try home.column("SELECT status FROM delivery_ledger")
    #expect(status == ["rejected"])
  }

  @Test func `a release does not let classified records in`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver("行政处罚_1.csv", penalties: [penalty(1, ["secrecy_level_code": "3"])])
    let delivery = try held(home, "行政处罚_1.csv")
    try home.decide(delivery.id, release: true)
    #expect(try home.run("2026-06-03").only().status == .held)
    #expect(try home.column("SELECT count(*) FROM PEN") == ["0"])
  }
}

@Suite("Classified records")
struct SecrecyTests {
  @Test(arguments: ["2", "秘密", "机密", "绝密级", "4", "机密★10年", "秘密★"])
  func `nothing of a delivery with one is written anywhere but its sealed original`(
    _ level: String
  ) throws {
    let home = try TestHome(TestPipeline.alone)
    let records = [
      penalty(1, ["penalty_cause": "第一句密语无人知晓", "secrecy_level_code": "0"]),
      penalty(2, ["penalty_cause": "第二句密语无人知晓", "secrecy_level_code": level]),
      penalty(3, unknownPenaltyType.merging(["penalty_cause": "第三句密语无人知晓"]) { $1 }),
    ]
    try home.deliver("行政处罚_1.csv", penalties: records)
    try home.deliver("行政处罚_2.csv", penalties: [penalty(4)])
    let outcome = try home.run("2026-06-02")
    let delivery = try outcome.delivery("行政处罚_1.csv")
    #expect(delivery.summary == "held 3: held 3", "\(delivery.reason)")
    #expect(try outcome.delivery("行政处罚_2.csv").summary == "loaded 1: accepted 1")
    for word in ["密语无人知晓", "P-2", "QY-CAS-3"] {
      #expect(
        try Files.holding(word, below: home.home.path, skipping: ["archive"]) == [], "\(word)")
      #expect(!home.said.contains { $0.contains(word) })
      #expect(!delivery.reason.contains(word) && !delivery.drift.contains(word))
    }
    #expect(try Files.holding("密语无人知晓", below: home.home.path).count == 1)
    let original = home.home.archive + "/" + delivery.archivePath
    #expect(try permissions(of: original) == 0o400)
  }

  /// A record with more cells than columns, all of them in wrong places.
  private func shifted(_ home: TestHome, _ values: Values, by extra: [String]) throws -> String {
    var sheet = try home.sheet("PEN", [values])
    let header = CSVSheet(sheet.header[0]).text
    sheet.rows[0] = extra + sheet.rows[0] + ["末格"]
    return String(sheet.text.dropFirst(header.count))
  }

  @Test func `a record that cannot be taken apart does not hold its delivery`() throws {
    let home = try TestHome(TestPipeline.alone)
    let good = try home.sheet("PEN", (1...3).map { penalty($0) }).text
    let broken =
      try shifted(home, penalty(4, ["penalty_content": "窃取机密"]), by: ["多出一格"])
      + shifted(home, penalty(5), by: ["2", "３", "商业秘密案", "机密文件两份"])
    try home.deliver("行政处罚_1.csv", gb18030(good + broken))
    let delivery = try home.run("2026-06-02").only()
    #expect(delivery.summary == "loaded 5: accepted 3, returned 2", "\(delivery.reason)")
  }

  @Test(arguments: ["秘密", "机密", "绝密级", "3-机密", "机密★10年", " top secret "])
  func `a record that cannot be taken apart is searched for the labels of secret levels`(
    _ level: String
  ) throws {
    let home = try TestHome(TestPipeline.alone)
    let good = try home.sheet("PEN", [penalty(1)]).text
    let broken = try shifted(home, penalty(2, ["secrecy_level_code": level]), by: ["密语"])
    try home.deliver("行政处罚_1.csv", gb18030(good + broken))
    let delivery = try home.run("2026-06-02").only()
    #expect(delivery.summary == "held 2: held 2")
    #expect(delivery.reason.hasPrefix("Q31 1 records are classified"), "\(delivery.reason)")
    #expect(try Files.holding("密语", below: home.home.path, skipping: ["archive"]) == [])
  }

  @Test func `a damaged record whose columns stand is still asked for its level`() throws {
    let home = try TestHome(TestPipeline.alone)
    let sheet = try home.sheet(
      "PEN", [penalty(1), penalty(2, ["secrecy_level_code": "3", "penalty_cause": "\u{1}"])])
    try home.deliver("行政处罚_1.csv", sheet.gb18030)
    let reason = try home.run("2026-06-02").only().reason
    #expect(reason.hasPrefix("Q31 1 records are classified"), "\(reason)")
  }

  @Test func `levels that nobody can read hold the delivery and are counted apart`() throws {
    let home = try TestHome(TestPipeline.alone)
    let levels = ["一般", "不知何级", "秘密", "机密★"]
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [penalty(1)]
        + levels.enumerated().map { penalty($0 + 2, ["secrecy_level_code": $1]) })
    try home.deliver("行政处罚_2.csv", penalties: [penalty(9, ["secrecy_level_code": "保密"])])
    let outcome = try home.run("2026-06-02")
    let both = try outcome.delivery("行政处罚_1.csv").reason.split(separator: "\n")
    #expect(both.count == 2)
    #expect(both.first?.hasPrefix("Q31 2 records are classified") == true, "\(both)")
    #expect(
      both.last?.hasPrefix("Q31 2 records have a secrecy level that cannot be read") == true)
    let one = try outcome.delivery("行政处罚_2.csv")
    #expect(one.reason.hasPrefix("Q31 1 records have a secrecy level"), "\(one.reason)")
    try home.decide(one.id, release: true)
    #expect(try home.run("2026-06-03").delivery("行政处罚_2.csv").status == .held)
  }

  @Test func `level 0 and level 1 enter`() throws {
    let home = try TestHome(TestPipeline.alone)
    try home.deliver(
      "行政处罚_1.csv",
      penalties: [
        penalty(1, ["secrecy_level_code": "公开"]), penalty(2, ["secrecy_level_code": "内部"]),
        penalty(3, ["secrecy_level_code": ""]),
      ])
    #expect(try home.run("2026-06-02").only().summary == "loaded 3: accepted 3")
    #expect(
      try home.column("SELECT secrecy_level_code FROM PEN ORDER BY source_record_id")
        == ["0", "1", ""])
  }
}
