import Foundation
import TestSupport
import Testing

@Suite("Subjects by command")
struct MatchCommandTests {
  private static let base = (try? TestPipeline.real.get().base) ?? [:]
  private static let code = base["ENT"]?["uscc"] ?? ""
  private static let name = base["ENT"]?["subject_name"] ?? ""

  /// One night with the enterprise of the worked cases, and a complaint that names it without its code.
  private func home() throws -> CommandHome {
    let home = try CommandHome()
    let pipeline = try TestPipeline.real.get()
    try home.deliver("市场主体登记_1.csv", pipeline.sheet("ENT", [[:]]).gb18030)
    try home.deliver(
      "投诉举报_1.csv",
      pipeline.sheet(
        "CMP",
        [
          [
            "subject_name": "", "uscc": "", "respondent_name": " \(Self.name)", "case_no": "",
            "penalty_doc_no": "",
          ]
        ]
      ).gb18030)
    #expect(try home.night("2026-06-16").code <= 1)
    return home
  }

  @Test func `listed, confirmed, shown by why, undone`() throws {
    let home = try home()
    let listed = try home.run("match list --json")
    #expect(listed.code == 0, "\(listed.errorText)")
    let review = try object(try #require(listed.outputLines.first))
    #expect(listed.outputLines.count == 1)
    let record = "\(try #require(review["record"] as? Int64))"
    let match = try #require((review["matches"] as? [[String: Any]])?.first)
    #expect(match["subject"] as? String == Self.code)
    #expect(match["rule"] as? String == "SC6" && match["score"] as? Int == 80)
    #expect(match["linked"] as? Bool == false && match["name"] as? String == Self.name)
    let text = try home.run("match list --category cmp --english")
    #expect(text.outputText.contains("? 80 SC6  \(Self.code) \(Self.name)"), "\(text.outputText)")
    #expect(text.outputText.contains("same name; no number to compare"))
    // A look changes nothing.
    let tried = try home.run(
      "match confirm", record, Self.code, "--reason", "电话核实", "--by", "li", "--dry-run")
    #expect(tried.outputText.hasPrefix("would be stored: CMP SAM"), "\(tried.errorText)")
    #expect(try home.run("match list --acts").outputText == "")
    let act = try home.run(
      "match confirm", record, Self.code, "--reason", "电话核实", "--by", "li", "--json")
    #expect(act.code == 0, "\(act.errorText)")
    #expect(try object(act.outputText)["act"] as? Int == 1)
    #expect(try home.night("2026-06-17").code <= 1)
    let links = try home.query(
      "SELECT subject, rule, act FROM subject_link WHERE category = 'CMP'")
    #expect(links.map { $0["subject"] as? String } == [Self.code])
    #expect(links.map { $0["rule"] as? String } == ["confirmed"])
    let shown = try home.run("match show", record)
    #expect(shown.outputText.contains("= confirmed (act 1)  \(Self.code)"), "\(shown.outputText)")
    #expect(shown.outputText.contains("by li"))
    let complaint = try #require(try home.query("SELECT complaint_no FROM CMP").first)
    let key = try #require(complaint["complaint_no"] as? String)
    let why = try home.run("why", "CMP", key)
    #expect(
      why.outputText.contains("subject of [1]: = confirmed (act 1)  \(Self.code)"),
      "\(why.outputText)\(why.errorText)")
    let json = try object(try home.run("why", "CMP", key, "--json").outputText)
    #expect((json["subjects"] as? [[String: Any]])?.first?["rule"] as? String == "confirmed")
    let past = try home.run("why", "CMP", key, "--as-of", "2026-06-16")
    #expect(past.outputText.contains("subject of [1]: ? 80 SC6"), "\(past.outputText)")
    let undone = try home.run("match undo 1 --reason 认错 --by wang")
    #expect(undone.code == 0, "\(undone.errorText)")
    #expect(try home.night("2026-06-18").code <= 1)
    #expect(try home.run("match list").outputText.contains("? 80 SC6"))
    #expect(try home.run("match list --acts").outputLines.count == 2)
    let log = try home.run("audit list", "--json").outputLines.map { try object($0) }
    let decisions = log.filter { ($0["action"] as? String)?.hasPrefix("subject-") == true }
    #expect(decisions.map { $0["action"] as? String } == ["subject-confirm", "subject-undo"])
    #expect(decisions.allSatisfy { $0["reference"] as? String == "row:\(record)" })
    #expect(try home.run("verify").code == 0)
  }

  @Test func `mistakes end with their codes`() throws {
    let home = try home()
    for (result, code, text) in [
      (try home.run("match list --category AGO"), 64, "records of AGO name no subject"),
      (try home.run("match list --limit 0"), 64, "--limit from 1"),
      (try home.run("match show 7"), 1, "record 7 is not shown"),
      (
        try home.run("match confirm", "7", Self.code, "--reason", "x", "--by", "li"), 64,
        "no record 7 is shown"
      ),
      (try home.run("match undo 9 --reason x --by li"), 64, "there is no act 9"),
    ] {
      #expect(result.code == code, "\(result.errorText)")
      #expect(result.errorText.contains(text), "\(result.errorText)")
    }
  }
}
