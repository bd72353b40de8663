import Foundation
import Glibc
import TestSupport
import Testing

@Suite("qingyuan share and objection")
struct ShareCommandTests {
  private let home: CommandHome

  init() throws { home = try CommandHome() }

  private func act(
    _ command: String, _ user: String, _ now: String, _ more: String...
  ) throws -> ProgramResult {
    try QingyuanProgram.run(
      command.split(separator: " ").map(String.init) + [
        "--home", home.path, "--pipelines", home.pipelines, "--user", user, "--department", "市场监管局",
        "--now", now,
      ] + more)
  }

  @discardableResult
  private func request(_ more: String..., now: String = "2026-03-02T09:00:00") throws
    -> ProgramResult
  {
    try QingyuanProgram.run(
      [
        "share", "request", "--home", home.path, "--pipelines", home.pipelines, "--user", "zhang",
        "--department", "公安局", "--now", now, "--category", "pen", "--until", "2026-03-31",
        "--purpose",
        "联合惩戒", "--elements",
      ] + (more.isEmpty ? ["penalty_doc_no, party_type_code"] : more))
  }

  private func state(_ now: String, _ id: String = "R000001") throws -> String {
    let result = try act("share show", "q", now, id, "--json")
    try #require(result.code == 0, "\(result.errorText)")
    return try #require(try object(result.outputText)["state"] as? String)
  }

  private func logged() throws -> [String] {
    let list = try QingyuanProgram.run(["audit", "list", "--json", "--home", home.path])
    #expect(list.code == 0, "\(list.errorText)")
    return try list.outputLines.map {
      let entry = try object($0)
      return "\(entry["user"] ?? "") \(entry["action"] ?? "") \(entry["outcome"] ?? "") "
        + "\(entry["rule"] ?? "") \(entry["reference"] ?? "")"
    }
  }

  private let morning = "2026-03-03T09:00:00"

  @Test func `a request goes its way to the last second of its grant`() throws {
    let asked = try request()
    #expect(asked.code == 0, "\(asked.errorText)")
    #expect(
      asked.outputText.contains("R000001 已核查") && asked.outputText.contains("办理期限: 2026-03-09"))
    #expect(try act("share approve", "zhang", morning, "R000001").code == 1)
    let first = try act("share approve", "li", morning, "R000001", "--note", "同意")
    #expect(first.code == 0 && first.outputText.contains("办理期限: 2026-03-16"))
    let same = try act("share approve", "LI", morning, "R000001")
    #expect(same.code == 1 && same.errorText.contains("两级审批须由不同的人作出 (four-eyes)"))
    #expect(try act("share grant", "li", morning, "R000001").code == 1)
    #expect(try act("share approve", "wang", morning, "R000001").code == 0)
    let grant = try act("share grant", "li", "2026-03-04T12:00:00", "R000001", "--terms", "不得转发")
    #expect(grant.code == 0 && grant.outputText.contains("授权: G000001 不得转发"))
    #expect(try state("2026-03-04T12:00:00") == "active")
    #expect(try state("2026-03-31T23:59:59") == "active")
    #expect(try state("2026-04-01T00:00:00") == "expired")
    #expect(
      try act("share revoke", "li", "2026-04-01T00:00:00", "G000001", "--reason", "x").code == 1)
    #expect(
      try act("share revoke", "li", "2026-03-20T10:00:00", "G000001", "--reason", "用途已变").code == 0)
    #expect(try state("2026-03-20T10:00:00") == "revoked")
    #expect(
      try logged() == [
        "zhang log-opened allowed log ", "zhang share-request allowed request R000001",
        "zhang share-check allowed flag:NL03 flag:NL06 flag:NL20 R000001",
        "zhang share-approve denied four-eyes R000001",
        "li share-approve allowed approvals R000001", "LI share-approve denied four-eyes R000001",
        "li share-grant denied state R000001", "wang share-approve allowed approvals R000001",
        "li share-grant allowed approvals R000001 G000001",
        "li share-revoke denied state R000001", "li share-revoke allowed approvals R000001 G000001",
      ])
    #expect(try QingyuanProgram.run(["audit", "verify", "--home", home.path]).code == 0)
  }

  @Test func `a request that the checks refuse says all reasons and ends with 1`() throws {
    let result = try request("person_name,penalty_docno", "--where", "person_name = '张三丰'")
    #expect(result.code == 1)
    for text in [
      "R000001 已拒绝", "(element-above-tier)", "是否为“penalty_doc_no”?", "(condition-above-tier)",
    ] { #expect(result.outputText.contains(text), "\(result.outputText)") }
    let english = try act("share show", "q", morning, "R000001", "--english")
    #expect(
      english.outputText.contains("\"person_name\" is restricted, above the tier shared asked for"))
    #expect(try act("share approve", "li", morning, "R000001").code == 1)
    #expect(
      try Files.holding("张三丰", below: home.path + "/access", skipping: ["requests.sqlite"]) == [])
    #expect(try Files.holding("张三丰", below: home.path + "/access") == ["requests.sqlite"])
  }

  @Test func `what the negative list always denies is refused at once, the rest is told`() throws {
    let told = try request()
    #expect(told.code == 0)
    #expect(told.outputText.contains("负面清单NL20“行政拘留人员信息”"), "\(told.outputText)")
    let denied = try request("officer_cert_no,officer_sex_code", "--category", "AGO")
    #expect(denied.code == 1)
    #expect(denied.outputText.contains("✗ 负面清单NL09“执法人员身份与个人信息”"), "\(denied.outputText)")
    #expect(try act("share approve", "li", morning, "R000002").code == 1)
    #expect(try logged().last == "li share-approve denied state R000002")
  }

  @Test func `overdue requests are listed, over holidays too`() throws {
    try request(now: "2026-02-12T09:00:00")
    try request(now: "2026-03-02T09:00:00")
    func overdue(_ now: String) throws -> [String] {
      let result = try act("share list", "q", now, "--overdue", "--json")
      return try result.outputLines.compactMap { try object($0)["id"] as? String }
    }
    #expect(try overdue("2026-02-26T23:59:59") == [])
    #expect(try overdue("2026-02-27T00:00:00") == ["R000001"])
    #expect(try overdue("2026-03-10T00:00:00") == ["R000001", "R000002"])
    let table = try act("share list", "q", "2026-02-27T00:00:00")
    #expect(table.outputLines.count == 3 && table.outputText.contains("2026-02-26 逾期"))
    #expect(
      try act("share refuse", "li", "2026-03-10T00:00:00", "R000001", "--reason", "用途不明").code == 0)
    #expect(try overdue("2026-03-10T00:00:00") == ["R000002"])
    let shown = try act("share show", "q", "2026-03-10T00:00:00", "R000001")
    #expect(shown.outputText.contains("拒绝 逾期 市场监管局 li: 用途不明"))
    let refused = try act("share list", "q", "2026-03-10T00:00:00", "--state", "refused", "--json")
    #expect(refused.outputLines.count == 1)
  }

  @Test func `what is no request is denied with its rule`() throws {
    let late = try request(now: "2026-12-25T09:00:00")
    #expect(late.code == 1 && late.errorText.contains("(period)"))
    let beyond = try request(
      "penalty_doc_no", "--until", "2027-01-31", now: "2026-12-25T09:00:00")
    #expect(beyond.code == 2 && beyond.errorText.contains("2024–2026"))
    #expect(
      try act("share approve", "li", morning, "R000001").errorText.contains("(unknown-number)"))
    #expect(try act("share show", "li", morning, "R000001").code == 64)
    #expect(try act("share approve", "l i", morning, "R000001").code == 64)
    #expect(
      try logged().map { $0.split(separator: " ")[3] } == [
        "log", "period", "calendar", "unknown-number",
      ])
  }

  @Test func `two processes at once decide on one state`() throws {
    for round in 1...8 {
      try request()
      let id = "R00000\(round)"
      let names = round % 2 == 0 ? ["li", "wang"] : ["li", "Li"]
      let programs = try names.map { name in
        try QingyuanProgram.start([
          "share", "approve", id, "--home", home.path, "--pipelines", home.pipelines, "--user",
          name,
          "--department", "局", "--now", morning,
        ])
      }
      let codes = try programs.map { try $0.wait().code }.sorted()
      #expect(codes == (round % 2 == 0 ? [0, 0] : [0, 1]), "round \(round)")
      #expect(try state(morning, id) == (round % 2 == 0 ? "approved" : "checked"))
    }
    #expect(try QingyuanProgram.run(["audit", "verify", "--home", home.path]).code == 0)
  }

  /// Every step has its entry, and every entry of an act its step or the note that it has none.
  @Test func `killed acts leave log and requests in step`() throws {
    let seed: UInt64 = 17
    var generator = SeededGenerator(seed: seed)
    let clock = ContinuousClock()
    let whole = try clock.measure { try request() }
    let longest = Int(whole / .microseconds(1))
    var told = 1
    for _ in 0..<60 {
      let program = try QingyuanProgram.start([
        "share", "request", "--home", home.path, "--pipelines", home.pipelines, "--user", "zhang",
        "--department", "公安局", "--now", "2026-03-02T09:00:00", "--category", "PEN", "--until",
        "2026-03-31", "--purpose", "x", "--elements", "penalty_doc_no",
      ])
      usleep(useconds_t(Int.random(in: longest / 2...longest, using: &generator)))
      program.kill()
      if try program.wait().code == 0 { told += 1 }
    }
    try request()
    let verified = try QingyuanProgram.run(["audit", "verify", "--home", home.path])
    #expect(verified.code == 0, "seed \(seed): \(verified.outputText)")
    let list = try act("share list", "q", morning, "--json")
    let ids = try list.outputLines.map { try #require(try object($0)["id"] as? String) }
    #expect(ids.count > told && Set(ids).count == ids.count, "seed \(seed)")
    for line in list.outputLines { #expect(try object(line)["state"] as? String == "checked") }
    let actions = try logged()
    let requests = actions.count { $0.contains(" share-request allowed ") }
    let interrupted = actions.count { $0.contains(" act-interrupted allowed ") }
    #expect(
      requests >= ids.count && requests - ids.count <= interrupted,
      "seed \(seed): \(requests) entries, \(ids.count) requests, \(interrupted) interrupted")
  }

  @Test func `an objection marks its record until it is closed`() throws {
    let start = "2026-02-12T09:00:00"
    let raised = try act(
      "objection raise", "zhao", start, "ent", "91510104MAQY00013P", "--reason", "与执照不符",
      "--element", "uscc")
    #expect(
      raised.code == 0 && raised.outputText.contains("O000001 已提出 已标注 ENT 91510104MAQY00013P uscc"))
    #expect(raised.outputText.contains("办理期限 2026-02-26"))
    func marked(_ now: String, _ flag: String = "--marked") throws -> [String] {
      try act("objection list", "q", now, flag, "--json").outputLines.compactMap {
        try object($0)["state"] as? String
      }
    }
    #expect(try marked(start) == ["raised"])
    #expect(try marked("2026-02-26T23:59:59", "--overdue") == [])
    #expect(try marked("2026-02-27T00:00:00", "--overdue") == ["raised"])
    #expect(try act("objection dismiss", "li", start, "O000001", "--reason", "x").code == 1)
    #expect(try act("objection verify", "zhao", start, "O000001", "--reason", "x").code == 1)
    #expect(try act("objection verify", "li", start, "O000001", "--reason", "来源确认").code == 0)
    #expect(try marked(start) == ["verified"])
    #expect(try act("objection correct", "li", start, "O000001", "--reason", "已更正").code == 0)
    #expect(try marked(start) == [])
    #expect(try act("objection raise", "zhao", start, "CAS", "1", "--reason", "x").code == 64)
    #expect(
      try logged().map { $0.split(separator: " ")[1] } == [
        "log-opened", "objection-raise", "objection-dismiss", "objection-verify",
        "objection-verify",
        "objection-correct",
      ])
  }
}
