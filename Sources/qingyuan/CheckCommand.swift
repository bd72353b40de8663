import ArgumentParser
import Catalog
import Foundation
import Pipeline
import SourceFiles
import Warehouse

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check a file before it is delivered, by the rules of the night.",
    discussion: """
      Rules that need other data are counted as not checked here.

      Exit 0 clean; 1 a record has a finding, or the delivery would be held. A note is a finding too, \
      though its record is accepted: with --ignore-notes notes are neither shown nor counted for the \
      exit code. 2 the definitions are wrong; 3 the file cannot be read; 64 wrong usage, an unknown \
      system or category.
      """)

  @Argument(help: "The file.") var file: String

  @Option(help: "The system that delivers it, e.g. SAM.") var source: String

  @Option(help: "The category, e.g. PEN; found by the file's name if not given.")
  var category: String?

  @Flag(help: "One JSON object per record with findings, a summary as the last line.")
  var json = false

  @Flag(help: "Show restricted values.") var showValues = false

  @Flag(help: "English texts.") var english = false

  @Flag(help: "Leave out notes, also for the exit code.") var ignoreNotes = false

  @Option(help: "Records shown; 0 for all. Counts are always complete.") var limit = 50

  @Option(help: "The date that rules call today.") var today: String?

  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    let (catalog, settings, _) = try pipeline.load()
    guard FileManager.default.isReadableFile(atPath: file) else {
      let isThere = FileManager.default.fileExists(atPath: file)
      throw CommandFailure(
        CommandFailure.environment,
        isThere
          ? "\(file) cannot be read: its permissions do not allow it"
          : "\(file) does not exist; check the path")
    }
    let plan = try deliveryPlan(catalog, RunConfiguration(settings))
    let day = try LocalClock.day(today, option: "today")
    let now = today == nil ? LocalClock.now() : Int64(day) * 86_400 + 86_399
    let printer = CheckPrinter(
      json: json, english: english, limit: json ? 0 : limit, ignoreNotes: ignoreNotes,
      texts: FindingTexts(catalog))
    let check = FileCheck(
      plan: plan, reader: FileDeliveryReader(limits: ReadingLimits(settings)),
      moment: RunMoment(night: day, today: day, now: now), showsValues: showValues,
      onRecord: { printer.print($0) })
    let summary = try check.run(file)
    printer.finish(summary, plan)
    if !summary.holds.isEmpty || printer.findingCount > 0 {
      throw ExitCode(CommandFailure.findings)
    }
  }

  private func deliveryPlan(_ catalog: Catalog, _ configuration: RunConfiguration) throws
    -> DeliveryPlan
  {
    let system = source.uppercased()
    guard let adapter = catalog.adapter(system) else {
      let names = catalog.adapters.map(\.system)
      let hint = suggestion(for: system, among: names).map { "; did you mean \($0)?" } ?? ""
      throw CommandFailure(
        CommandFailure.usage,
        "system \(source) has no adapter; there are \(names.joined(separator: ", "))\(hint)")
    }
    let name = (file as NSString).lastPathComponent
    let mappings = adapter.mappings(of: name).map(\.category)
    let byName = mappings.first
    if category == nil, let first = byName, mappings.count > 1 {
      let others = mappings.dropFirst().map { "--category \($0)" }.joined(separator: ", ")
      Terminal.note("\(name) is checked for \(first); it also delivers what \(others) checks")
    }
    guard let category = category?.uppercased() ?? byName else {
      throw CommandFailure(
        CommandFailure.usage,
        "no file pattern of \(system) matches \(name); say which category it is with --category")
    }
    guard
      let plan = DeliveryPlan(
        catalog: catalog, system: system, category: category, configuration: configuration)
    else {
      let names = adapter.categories.map(\.category)
      let hint = suggestion(for: category, among: names).map { "; did you mean \($0)?" } ?? ""
      throw CommandFailure(
        CommandFailure.usage, "\(system) does not deliver \(category)\(hint)")
    }
    return plan
  }
}

/// Prints records with findings as they come.
private final class CheckPrinter {
  private let json: Bool
  private let english: Bool
  private let limit: Int
  private let ignoreNotes: Bool
  private let texts: FindingTexts
  private var buffer = ""
  private var recordCount = 0
  private(set) var findingCount = 0

  init(json: Bool, english: Bool, limit: Int, ignoreNotes: Bool, texts: FindingTexts) {
    self.json = json
    self.english = english
    self.limit = limit
    self.ignoreNotes = ignoreNotes
    self.texts = texts
  }

  func print(_ record: CheckedRecord) {
    let items = record.items.filter { !ignoreNotes || $0.severity > .note }
    guard !items.isEmpty else { return }
    recordCount += 1
    findingCount += items.count
    if json {
      write(jsonText(object(record, items)) + "\n")
    } else if limit == 0 || recordCount <= limit {
      write(text(record, items))
    }
  }

  func finish(_ summary: CheckSummary, _ plan: DeliveryPlan) {
    write(json ? jsonSummary(summary, plan) : textSummary(summary, plan))
    flush()
  }

  private func object(_ record: CheckedRecord, _ items: [CheckedRecord.Item]) -> [String: Any] {
    [
      "record": record.recordNumber, "line": record.line, "byte": record.byteOffset,
      "key": record.key,
      "findings": items.map { item in
        [
          "code": item.code, "rule": item.rule, "element": item.element, "value": item.value,
          "severity": item.severity.rawValue,
        ]
      },
    ]
  }

  private func text(_ record: CheckedRecord, _ items: [CheckedRecord.Item]) -> String {
    var lines = [
      Terminal.styled(
        "record \(record.recordNumber), line \(record.line), byte \(record.byteOffset)  "
          + record.key, "1")
    ]
    for item in items {
      let finding = StoredFinding(
        code: item.code, rule: item.rule, ruleVersion: 1, element: item.element,
        severity: item.severity.rawValue, value: item.value,
        expected: english ? item.expectedEnglish : item.expectedChinese)
      let place = QuarantinedRecord(
        rowID: 0, recordNumber: record.recordNumber, line: record.line,
        byteOffset: record.byteOffset, attempt: 1, recordKey: "",
        entityKey: record.key, raw: "", findings: [])
      let sentence =
        english ? texts.english(finding, place) : texts.chinese(finding, place)
      lines.append("  \(item.code) \(item.severity.rawValue) \(item.rule)  \(sentence)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func textSummary(_ summary: CheckSummary, _ plan: DeliveryPlan) -> String {
    var lines: [String] = []
    if limit > 0, recordCount > limit {
      lines.append(
        "… \(limit) of \(Terminal.grouped(recordCount)) records shown; --limit 0 for all")
    }
    for reason in summary.holds { lines.append("HOLD \(reason.code.rawValue) \(reason.message)") }
    if !summary.drift.isEmpty { lines.append("columns: \(summary.drift)") }
    lines.append(
      "\(plan.system.id) \(plan.category.id), \(summary.encoding): "
        + "\(Terminal.grouped(summary.read)) records, \(Terminal.grouped(summary.accepted)) accepted, "
        + "\(Terminal.grouped(summary.returned)) would be returned, "
        + "\(Terminal.grouped(summary.duplicate)) duplicate; \(Terminal.grouped(findingCount)) findings"
        + (summary.counts.isEmpty
          ? ""
          : " ("
            + summary.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            .joined(separator: ", ") + ")"))
    if !summary.uncheckedRules.isEmpty {
      lines.append(
        "not checked here: \(summary.uncheckedRules.count) rules that need other data "
          + "(\(summary.uncheckedRules.joined(separator: " ")))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func jsonSummary(_ summary: CheckSummary, _ plan: DeliveryPlan) -> String {
    jsonText([
      "summary": true, "system": plan.system.id, "category": plan.category.id,
      "encoding": summary.encoding, "read": summary.read, "accepted": summary.accepted,
      "returned": summary.returned, "duplicate": summary.duplicate, "deleted": summary.deleted,
      "findings": findingCount, "counts": summary.counts,
      "holds": summary.holds.map { ["code": $0.code.rawValue, "message": $0.message] },
      "drift": summary.drift, "notChecked": summary.uncheckedRules,
    ]) + "\n"
  }

  private func write(_ text: String) {
    buffer += text
    if buffer.utf8.count > 1 << 16 { flush() }
  }

  private func flush() {
    Terminal.write(buffer)
    buffer = ""
  }
}
