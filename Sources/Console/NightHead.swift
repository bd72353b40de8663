import Pipeline
import Warehouse
import WarehouseSQLite

/// Which night the page is about, and what runs now.
struct NightHead {
  private let run: RunState?
  /// nil before the first publication.
  private let report: MorningReport?
  private let progress: NightProgress?
  private let language: ReportLanguage
  /// Seconds since 1970-01-01T00:00:00Z.
  private let now: Int64
  /// Whether the file that is at work is the person's business.
  private let namesFiles: Bool

  /// Seconds without a word after which a run is taken for one that was killed, assumed: longer than any
  /// stage says nothing.
  private static let longestSilence: Int64 = 30 * 60
  /// Minutes without a word after which the page says so.
  private static let silence: Int64 = 3

  init(
    _ run: RunState?, _ report: MorningReport?, _ progress: NightProgress?,
    _ language: ReportLanguage, now: Int64, namesFiles: Bool
  ) {
    self.run = run
    self.report = report
    self.progress = progress
    self.language = language
    self.now = now
    self.namesFiles = namesFiles
  }

  /// Whether the page should be asked for again by itself: a process is at work.
  var isMoving: Bool {
    guard isRunning, let run, let progress, progress.night == run.night else { return false }
    return now - progress.written < Self.longestSilence
  }

  /// Whether a night has begun and is not done.
  private var isRunning: Bool { run.map { $0.status != "finished" } ?? false }

  var html: HTML {
    let night = report.map { report in
      "\(language.date(report.night)) \(language.weekday(report.night))，"
        + language.of(
          "第 \(report.publication.publication) 次发布，",
          "publication \(report.publication.publication), ")
        + String(report.publication.publishedAt.replacing("T", with: " ").prefix(16))
    }
    return "<p class=\"run\"><span>\(night ?? "")</span>\(isRunning ? "" : done)</p>\(running)"
  }

  private var done: HTML {
    report == nil
      ? "" : "<span class=\"tag good\">\(language.of("✓ 本夜已完成", "✓ the night is done"))</span>"
  }

  // MARK: The running night

  private var running: HTML {
    guard let run, isRunning else { return "" }
    let all = run.deliveries.values.reduce(0, +)
    let settled = all - (run.deliveries[.taken] ?? 0) - (run.deliveries[.judged] ?? 0)
    var facts = [
      (
        language.of("批次", "deliveries"),
        language.of("\(all) 批中已完成 \(settled) 批", "\(settled) of \(all) done")
      ), (language.of("已读记录", "records read"), language.number(run.records)),
    ]
    if let progress, progress.night == run.night {
      facts.insert((language.of("阶段", "stage"), stage(progress)), at: 0)
      facts.append((language.of("已用时", "running for"), duration(now - progress.begun)))
      if let left = left(run, progress) {
        facts.append((language.of("预计还需", "left"), left))
      }
      let minutes = (now - progress.written) / 60
      if minutes >= Self.silence {
        facts.append(
          (
            language.of("注意", "note"),
            language.of("已 \(minutes) 分钟没有新进展", "nothing new for \(minutes) minutes")
          ))
      }
    } else {
      facts.append(
        (
          language.of("注意", "note"),
          language.of("没有进程在处理；下次运行会接着做", "no process is at work; the next run goes on with it")
        ))
    }
    let list: [HTML] = facts.map { "<div><dt>\($0.0)</dt><dd><bdi>\($0.1)</bdi></dd></div>" }
    let bar: HTML =
      all == 0
      ? ""
      : "<progress aria-label=\"\(language.of("已处理的数据量", "bytes that are through"))\" max=\"\(Int(max(run.bytes, 1)))\" value=\"\(Int(run.settledBytes))\"></progress>"
    return """
      <section class="sheet" aria-labelledby="running"><h2 id="running">\(
        language.of("正在处理 \(run.night) 一夜", "The night of \(run.night) is running"))</h2>
      <dl class="facts">\(list)</dl>\(bar)
      <p class="note">\(report == nil ? "" : language.of("以下仍是上一次发布的数字。", "The numbers below are those of the last publication."))</p></section>
      """
  }

  private func stage(_ progress: NightProgress) -> String {
    let name =
      RunStage(rawValue: progress.stage).map(name) ?? progress.stage
    let share =
      progress.total > 0
      ? " \(language.number(progress.done)) / \(language.number(progress.total))" : ""
    let subject = namesFiles ? " " + language.cut(progress.subject) : ""
    return "\(name)\(subject)\(share)"
  }

  private func name(_ stage: RunStage) -> String {
    guard language == .chinese else { return stage.rawValue }
    switch stage {
    case .receive: return "接收"
    case .survey: return "初读"
    case .judge: return "核验"
    case .load: return "入库"
    case .indexes: return "建立索引"
    case .references: return "核对引用"
    case .recheck: return "复核核心数据"
    case .authority: return "综合一数一源"
    case .subjects: return "认定主体"
    case .publish: return "发布"
    case .tiers: return "生成共享文件"
    case .returns: return "生成退回包"
    case .examine: return "核对文件"
    case .copy: return "复制文件"
    }
  }

  /// Until the deliveries are through, by their bytes; what comes after them is not foretold.
  private func left(_ run: RunState, _ progress: NightProgress) -> String? {
    let spent = now - progress.begun
    guard run.settledBytes > 0, run.settledBytes < run.bytes, spent > 5 else { return nil }
    return duration(spent * (run.bytes - run.settledBytes) / run.settledBytes)
      + language.of("（读完各批）", " (for the deliveries)")
  }

  private func duration(_ seconds: Int64) -> String {
    seconds < 90
      ? language.of("\(max(0, seconds)) 秒", "\(max(0, seconds)) s")
      : language.of("\((seconds + 59) / 60) 分钟", "\((seconds + 59) / 60) min")
  }
}
