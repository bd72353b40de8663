import Access
import ArgumentParser
import Catalog
import Foundation
import Pipeline
import Records
import Review
import SourceFiles
import Warehouse
import WarehouseSQLite

struct ShadowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shadow",
    abstract: "Which verdicts would change: archived deliveries by changed definitions.",
    discussion: """
        cp -r Pipelines Changed                    # change Changed/rules/PEN.yaml
        qingyuan shadow --pipelines Changed --since 2026-03-01

      Judges the deliveries of the archive by --against and by --pipelines and prints where records would go \
      back, or not any more, with examples by place. Nothing is written but, with --keep, the result, which the \
      console shows under its name (规则试算); rules between records of different \
      files are left out, and those that differ are named.

      Exit 0 no verdict changes, 1 some would, 2 error in the definitions, 3 environment, 64 wrong usage.
      """)

  @Option(help: "The first night; 30 days before the last one if not given.") var since: String?
  @Option(help: "The definitions to compare with.") var against = "Pipelines"
  @Option(help: "Only this system.") var system: String?
  @Option(help: "Only this category.") var category: String?
  @Option(help: "Examples of each change.") var examples = 3
  @Option(help: "Keep the result under this name; letters, digits, - and _.") var keep: String?
  @Flag(help: "As one JSON object.") var json = false
  @OptionGroup var reading: ReaderOptions
  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    guard (0...1000).contains(examples) else {
      throw CommandFailure(CommandFailure.usage, "--examples is from 0 to 1000")
    }
    if let keep, !ShadowResults.isName(keep) {
      throw CommandFailure(
        CommandFailure.usage, "--keep \(keep) is not a name of letters, digits, - and _")
    }
    try home.requireWarehouse()
    var earlier = PipelineOptions()
    earlier.pipelines = against
    let (old, oldSettings, _) = try earlier.load()
    let (new, newSettings, _) = try pipeline.load()
    try requireName("system", system, among: (old.systems + new.systems).map(\.id))
    try requireName("category", category, among: (old.categories + new.categories).map(\.id))
    var shadow = ShadowRun(
      present: .init(old, RunConfiguration(oldSettings)),
      changed: .init(new, RunConfiguration(newSettings)), archive: home.folder.archive,
      reader: FileDeliveryReader(limits: ReadingLimits(newSettings)), examples: examples)
    let chosen = try deliveries()
    for (delivery, night) in chosen {
      Terminal.note("\(CivilDate(dayNumber: night)) \(delivery.fileName)")
      try shadow.compare(delivery, night: night)
    }
    let summary = ShadowSummary(shadow.report)
    if let keep {
      func day(_ night: Int?) -> String { night.map { "\(CivilDate(dayNumber: $0))" } ?? "" }
      try ShadowResults(home.folder).keep(
        ShadowResult(
          name: keep, try reading.person, time: try reading.second,
          firstNight: day(chosen.map(\.night).min()), lastNight: day(chosen.map(\.night).max()),
          against: against, changed: pipeline.pipelines, summary))
    }
    print(
      json
        ? String(decoding: try ShadowResults.bytes(summary), as: UTF8.self)
        : text(shadow.report))
    if shadow.report.isDifferent { throw ExitCode(CommandFailure.findings) }
  }

  /// Nothing that was judged would pass for nothing that changes.
  private func requireName(_ what: String, _ name: String?, among names: [String]) throws {
    guard let name, !names.contains(name.uppercased()) else { return }
    let hint =
      suggestion(for: name.uppercased(), among: names).map { "; did you mean \($0)?" } ?? ""
    throw CommandFailure(CommandFailure.usage, "\(what) \(name) is not defined\(hint)")
  }

  private func deliveries() throws -> [(entry: DeliveryEntry, night: Int)] {
    try ShadowDeliveries.chosen(
      try WarehouseReader(folder: home.folder.warehouse),
      first: try since.map { try LocalClock.day($0, option: "since") },
      system: system?.uppercased(), category: category?.uppercased())
  }

  private func text(_ report: ShadowReport) -> String {
    func grouped(_ number: Int) -> String { Terminal.grouped(number) }
    var lines = [
      "\(grouped(report.deliveries)) deliveries, \(grouped(report.records)) records: returned "
        + "\(grouped(report.returnedBefore)) → \(grouped(report.returnedAfter)); "
        + "\(grouped(report.newlyReturned)) would go back, "
        + "\(grouped(report.newlyAccepted)) would not any more"
    ]
    for (key, change) in report.sorted {
      lines.append(
        Terminal.padded(grouped(change.records), 10, right: true)
          + "  \(key.system) \(key.category)  \(key.code) \(key.rule) \(key.element)  "
          + "\(key.before?.rawValue ?? "–") → \(key.after?.rawValue ?? "–")"
          + (change.turned > 0 ? "  (\(grouped(change.turned)) verdicts)" : ""))
      lines += change.examples.map { example in
        "            \(example.fileName) (delivery \(example.delivery)) record "
          + "\(example.recordNumber), line \(example.line)"
      }
    }
    lines += report.holds.map {
      "\($0.fileName) (delivery \($0.delivery)) would \($0.isHeldAfter ? "" : "not ")be held"
        + ($0.isHeldAfter ? "" : " any more")
    }
    if report.missing > 0 {
      lines.append("\(grouped(report.missing)) deliveries are not in the archive any more")
    }
    lines += report.unplanned.sorted().map { "\($0): not in both definitions" }
    if !report.uncomparedRules.isEmpty {
      lines.append(
        "not compared, since they look at other records: "
          + report.uncomparedRules.joined(separator: ", "))
    }
    return lines.joined(separator: "\n")
  }
}
