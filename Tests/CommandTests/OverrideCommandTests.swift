import Foundation
import TestSupport
import Testing

@Suite("Overrides by command")
struct OverrideCommandTests {
  private static let key = (try? TestPipeline.real.get().base["ENT"]?["uscc"]) ?? ""

  /// One night with the enterprise of the worked cases.
  private func home() throws -> CommandHome {
    let home = try CommandHome()
    let sheet = try TestPipeline.real.get().sheet("ENT", [[:]])
    try home.deliver("市场主体登记_1.csv", sheet.gb18030)
    #expect(try home.night("2026-06-02").code == 0)
    return home
  }

  private func set(
    _ home: CommandHome, _ value: String, key: String = key, until: String = "2026-06-30",
    entity: String = "ent"
  ) throws -> ProgramResult {
    try home.run(
      "override set", entity, key, "--value", value, "--reason", "来函", "--by", "li", "--until",
      until)
  }

  @Test func `set, listed, shown by why, retired`() throws {
    let home = try home()
    let taken = try set(home, "registered_address=清源路9号")
    #expect(taken.code == 0, "\(taken.errorText)")
    #expect(
      taken.outputLines == ["override 1 counts from the next night on, until 2026-06-30"])
    func listed(_ more: String...) throws -> [[String: Any]] {
      let result = try QingyuanProgram.run(
        ["override", "list", "--json", "--home", home.path] + more)
      #expect(result.code == 0, "\(result.errorText)")
      return try result.outputLines.map { try object($0) }
    }
    #expect(try listed().map { $0["state"] as? String } == ["waits for the next night"])
    #expect(try home.night("2026-06-03").code <= 1)
    #expect(try listed().map { $0["state"] as? String } == ["counts"])
    let why = try home.run("why", "ENT", Self.key, "registered_address")
    #expect(why.outputText.contains("清源路9号"), "\(why.outputText)")
    #expect(why.outputText.contains("by override 1 of li, until 2026-06-30: 来函"))
    #expect(why.outputText.contains("not "), "the owner lost")
    let json = try object(try home.run("why", "ENT", Self.key, "--json").outputText)
    let cells = try #require(json["elements"] as? [[String: Any]])
    let cell = try #require(cells.first { $0["element"] as? String == "registered_address" })
    #expect((cell["override"] as? [String: Any])?["author"] as? String == "li")
    let retired = try home.run("override retire", "1", "--reason", "已更正", "--by", "wang")
    #expect(retired.code == 0, "\(retired.errorText)")
    #expect(try home.night("2026-06-04").code <= 1)
    #expect(try listed().isEmpty)
    let all = try listed("--all")
    #expect(all.map { $0["state"] as? String } == ["retired"])
    #expect((all[0]["retirement"] as? [String: Any])?["author"] as? String == "wang")
    #expect(try home.run("verify").code == 0)
  }

  @Test func `mistakes end with their codes and change nothing`() throws {
    let home = try home()
    for (result, code, text) in [
      (try set(home, "subject_name=甲", entity: "NOPE"), 64, "there is no entity NOPE"),
      (try set(home, "no_such=甲"), 64, "ENT has no element no_such"),
      (try set(home, "subject_name"), 64, "--value subject_name is not ELEMENT=VALUE"),
      (try set(home, "subject_name=甲", key: "a|b"), 64, "the key of ENT has 1 parts: uscc"),
      (try set(home, "subject_name=甲", until: "soon"), 64, "is not a date"),
      (try set(home, "subject_name=甲", key: "915"), 1, "no record of ENT has the key 915"),
      (try set(home, "registration_status_code=99"), 1, "registration_status_code: expected"),
      (try home.run("override retire", "1", "--reason", "x", "--by", "li"), 64, "no override 1"),
    ] as [(ProgramResult, Int32, String)] {
      #expect(result.code == code, "\(result.errorText)")
      #expect(result.errorText.contains(text), "\(result.errorText)")
    }
    let list = try QingyuanProgram.run(["override", "list", "--all", "--home", home.path])
    #expect(list.code == 0 && list.outputLines.isEmpty)
    let nowhere = try CommandHome()
    #expect(try set(nowhere, "subject_name=甲").code == 3)
  }
}
