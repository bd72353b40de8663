import Foundation
import TestSupport
import Testing

@Suite("Similar cases")
struct ConsoleSimilarTests {
  private func addSteward(_ home: CommandHome) throws {
    let result = try QingyuanProgram.run(
      [
        "user", "add", "sam", "--role", "steward", "--systems", "SAM", "--department", "市场监管局",
        "--clearance", "shared", "--password-stdin", "--home", home.path, "--pipelines",
        home.pipelines,
      ], input: Array((ConsoleHome.password + "\n").utf8))
    try #require(result.code == 0, "\(result.errorText)")
  }

  @Test func `the page of a record shows others with the same findings, and how they ended`() throws
  {
    let home = try CommandHome()
    let real = try TestPipeline.real.get()
    let sheet = try real.sheet(
      "PEN",
      [
        penalty(1, unknownPenaltyType), penalty(2, unknownPenaltyType),
        penalty(3, unknownPenaltyType),
        penalty(4, unknownPenaltyType.merging(missingAgency) { own, _ in own }),
      ])
    try home.deliver("行政处罚_1.csv", sheet.gb18030)
    try #require(try home.night("2026-06-02").code <= 1)
    let rows = try home.query("SELECT record FROM returned_record ORDER BY record").compactMap {
      $0["record"] as? Int
    }
    try #require(rows.count == 4)
    try addSteward(home)
    let console = try RunningConsole(home)
    let sam = try console.signIn("sam")
    /// The part of a page that tells of others.
    func similar(_ row: Int, _ more: String = "") throws -> Substring {
      let page = try sam.page("/record/\(row)" + more)
      #expect(ConsoleMarkup.problems(page).isEmpty)
      guard let start = page.firstRange(of: "id=\"similar\"") else { return "" }
      let rest = page[start.lowerBound...]
      return rest[..<(rest.firstRange(of: "</section>")?.lowerBound ?? rest.endIndex)]
    }
    let first = try similar(rows[0])
    #expect(first.contains("还有 2 条"))
    #expect(first.contains("/record/\(rows[1])\"") && first.contains("/record/\(rows[2])\""))
    #expect(!first.contains("/record/\(rows[0])\"") && !first.contains("/record/\(rows[3])\""))
    // More was found in it than in the others.
    #expect(try similar(rows[3]).isEmpty)

    let asked = try sam.send(
      "/record/\(rows[1])/act", ["kind": "return", "words": "处罚种类须用标准选项"])
    #expect(asked.status == 303, "\(asked.body)")
    let acts = try home.run("review acts", "--json", "--user", "sam")
    let act = try #require(acts.outputLines.first)
    let id = try "\(#require(object(act)["act"]))"
    let again = try real.sheet("PEN", [penalty(2, updated: 2)])
    try home.deliver("行政处罚_2.csv", again.gb18030)
    try #require(try home.night("2026-06-03").code <= 1)
    // The console makes the queue anew within some seconds of a publication.
    var after = try similar(rows[0])
    for _ in 0..<300 where !after.contains("还有 1 条") {
      usleep(100_000)
      after = try similar(rows[0])
    }
    #expect(after.contains("还有 1 条"))
    #expect(after.contains("/act/\(id)\"") && after.contains("附言退回"))
    #expect(after.contains("没有再退回") && after.contains("2026-06-03"))
    #expect(try similar(rows[0], "?lang=en").contains("did not come back"))
    // The closed record tells of the open ones.
    #expect(try similar(rows[1]).contains("/record/\(rows[0])\""))
  }
}
