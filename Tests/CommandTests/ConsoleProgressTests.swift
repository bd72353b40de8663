import Foundation
import TestSupport
import Testing

/// The first page while a night runs beside the console.
@Suite("Console: progress", .serialized)
struct ConsoleProgressTests {
  private func deliver(_ home: CommandHome, _ number: Int) throws {
    let night = Repository.root + "/SampleData/night-\(number)"
    for name in Files.below(night) {
      try home.folder.write("home/inbox/\(name)", try Files.bytes(night + "/" + name))
    }
  }

  private func addChief(_ home: CommandHome) throws {
    let added = try QingyuanProgram.run(
      [
        "user", "add", "chief", "--role", "operator", "--department", "数据局", "--password-stdin",
        "--home", home.path, "--pipelines", home.pipelines,
      ], input: Array((ConsoleHome.password + "\n").utf8))
    try #require(added.code == 0, "\(added.errorText)")
  }

  @Test func `a running night shows its stage and its deliveries until it is done`() throws {
    let home = try CommandHome()
    // Something to look at before it.
    _ = try home.night("2026-03-05")
    try addChief(home)
    let console = try RunningConsole(home)
    let chief = try console.signIn("chief")
    #expect(!(try chief.page("/night").contains("http-equiv=\"refresh\"")))
    try deliver(home, 1)
    let run = try home.start("run --no-wait --night 2026-03-06")
    let wanted: Set<String> = ["阶段", "批次", "已读记录", "已用时"]
    var seen: Set<String> = []
    for _ in 0..<1200 where !seen.isSuperset(of: wanted) {
      let page = try chief.page("/night")
      guard page.contains("http-equiv=\"refresh\"") else {
        usleep(20_000)
        continue
      }
      #expect(page.contains("正在处理 2026-03-06 一夜"))
      let facts = page.matches(of: /<dt>([^<]+)<\/dt><dd><bdi>([^<]+)<\/bdi>/)
      for fact in facts { seen.insert("\(fact.1)") }
    }
    _ = try run.wait()
    #expect(seen.isSuperset(of: wanted), "\(seen)")
    let page = try chief.page("/night")
    #expect(page.contains("本夜已完成") && page.contains("2026年3月6日"))
    #expect(!page.contains("http-equiv=\"refresh\""))
    #expect(Files.below(home.path + "/work").isEmpty)
  }

  @Test func `a night that was killed is told as one that nobody works on`() throws {
    let home = try CommandHome()
    _ = try home.night("2026-03-05")
    try addChief(home)
    let console = try RunningConsole(home)
    let chief = try console.signIn("chief")
    try deliver(home, 1)
    let run = try home.start("run --no-wait --night 2026-03-06")
    var isRunning = false
    for _ in 0..<600 where !isRunning {
      usleep(20_000)
      isRunning = try chief.page("/night").contains("http-equiv=\"refresh\"")
    }
    run.kill()
    _ = try run.wait()
    try #require(isRunning)
    try? FileManager.default.removeItem(atPath: home.path + "/work/progress.json")
    let page = try chief.page("/night")
    #expect(page.contains("没有进程在处理") && page.contains("2026年3月5日"))
    #expect(!page.contains("http-equiv=\"refresh\"") && !page.contains("<progress max"))
    // What a killed run left behind says nothing new, and after a while nobody waits for it.
    let now = Int64(Date().timeIntervalSince1970)
    for (written, isMoving) in [(now, true), (now - 3_600, false)] {
      try home.folder.write(
        "home/work/progress.json",
        """
        {"night":"2026-03-06","begun":\(written),"written":\(written),"stage":"judge","subject":"","done":1,"total":2}
        """)
      #expect(try chief.page("/night").contains("http-equiv=\"refresh\"") == isMoving)
    }
    // A damaged file about the progress is none.
    for begun in [Int64.min, .max] {
      try home.folder.write(
        "home/work/progress.json",
        """
        {"night":"2026-03-06","begun":\(begun),"written":\(begun),"stage":"judge","subject":"","done":1,"total":2}
        """)
      #expect(try chief.page("/night").contains("没有进程在处理"))
    }
    // What no night has published is nobody's.
    #expect(try chief.get("/deliveries/1").status == 404)
    #expect(try chief.page("/deliveries?night=2026-03-06").contains("没有这样的批次"))
    let again = try home.night("2026-03-06")
    #expect(again.code <= 1, "\(again.errorText)")
    #expect(try chief.page("/night").contains("本夜已完成"))
    #expect(try chief.get("/deliveries/1").status == 200)
  }
}
