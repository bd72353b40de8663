import Access
import AccessStore
import ArgumentParser
import Catalog
import Pipeline
import Records
import Review
import Warehouse
import WarehouseSQLite

struct OverrideCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "override",
    abstract:
      "State a value of a golden record before all systems; list and retire what is stated.",
    discussion: """
      An override counts from the next night on. It ends after its last night, when it is retired, and by \
      itself when the value that would stand without it is no more the one that it replaced. \
      `qingyuan why` shows it. What is stated, retired and listed stands in the access log.

      Who has an account acts with its role. Where an element is core, the values wait for an approver \
      (qingyuan review approve), who is another person; undo takes them back until then.

      Exit 0 done, or waits for an approver; 1 refused: no such record, a value that the element does not \
      admit, another override, a role that may not; 2 the definitions are wrong; 3 no warehouse, or it is \
      in use; 64 wrong usage.
      """,
    subcommands: [Set.self, Retire.self, List.self])

  struct Set: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "State values of one key.",
      discussion: """
          qingyuan override set ENT 91110105MA01ABCD2E --value registered_address=清源路9号 \
        --reason "letter of 2026-03-01" --by li --until 2026-06-30

        With --rule all elements of the rule are stated together, those without a value as empty.
        """)

    @Argument(help: "E.g. ENT, LIC, PERSON.") var entity: String
    @Argument(help: "The match key, e.g. 91110105MA01ABCD2E or '01|JY11101050000001'.")
    var key: String
    @Option(help: "ELEMENT=VALUE; may be repeated. Nothing after = states that there is no value.")
    var value: [String] = []
    @Option(help: "A rule of the entity, e.g. AR01: its elements are stated together.")
    var rule: String?
    @Option(help: "Why.") var reason: String
    @Option(help: "Who.") var by: String
    @Option(help: "The last night in which it counts, as 2026-12-31.") var until: String
    @Flag(help: "Print the override, or the act that waits, as JSON.") var json = false
    @OptionGroup var reading: ReaderOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let until = CivilDate(dayNumber: try LocalClock.day(self.until, option: "until"))
      let values = try value.map { text -> FieldChange in
        guard let mark = text.firstIndex(of: "=") else {
          throw CommandFailure(
            CommandFailure.usage, "--value \(text) is not ELEMENT=VALUE")
        }
        return FieldChange(
          element: String(text[..<mark]), text: String(text[text.index(after: mark)...]))
      }
      let stated = StatedValues(
        entity: entity.uppercased(),
        key: key.split(separator: "|", omittingEmptySubsequences: false).map(String.init),
        rule: rule, values: values)
      let bench = try ActBench(reading, home, pipeline)
      let statement = try OverrideCommand.stewarding {
        try bench.desk.state(
          stated, ActDetails(words: reason, until: "\(until)"), author: by, by: bench.account,
          bench.reader, now: bench.now)
      }
      switch statement {
      case .counts(let override):
        print(
          json
            ? jsonText(OverridePrinter.object(override))
            : "override \(override.id) counts from the next night on, until \(override.until)")
      case .waits(let act):
        print(
          json
            ? jsonText(bench.object(act))
            : "act \(act.id) waits for an approver (qingyuan review approve \(act.id))")
      }
    }
  }

  struct Retire: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take an override back; the next night shows what the systems say.")

    @Argument(help: "Number of the override.") var override: Int64
    @Option(help: "Why.") var reason: String
    @Option(help: "Who.") var by: String
    @OptionGroup var reading: ReaderOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let bench = try ActBench(reading, home, pipeline)
      try OverrideCommand.stewarding {
        try bench.desk.retire(
          override, words: reason, author: by, by: bench.account, bench.reader, now: bench.now)
      }
      print("override \(override) is retired; the next night ends it")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List overrides, newest last: those that stand, or all.")

    @Flag(help: "Those that ended too.") var all = false
    @Flag(help: "One JSON object per line.") var json = false
    @OptionGroup var reading: ReaderOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let reader = try WarehouseReader(folder: home.folder.warehouse)
      let (catalog, _, _) = try pipeline.load()
      let shown = try reader.overrides().filter { all || $0.closedBy == nil }
      var event = try reading.event(.query, rule: "override")
      event.reference = "steward_override"
      event.elements = Swift.Set(shown.flatMap(\.values).map(\.element)).sorted()
      try home.record(event, shown.map { ($0.entity, $0.key) }, catalog)
      for override in shown {
        print(
          json ? jsonText(OverridePrinter.object(override)) : OverridePrinter.text(override))
      }
    }
  }
}

extension OverrideCommand {
  /// Does a person's act; a refusal, which is in the log, ends the command with its code.
  fileprivate static func stewarding<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try acting(true, body)
    } catch let refusal as StewardRefusal {
      throw CommandFailure(
        refusal.code == .usage ? CommandFailure.usage : CommandFailure.findings, refusal.message)
    }
  }
}

/// Overrides for people and programs. Stated values are shown: whoever may read the warehouse file may
/// read them.
enum OverridePrinter {
  static func state(_ override: StewardOverride) -> String {
    if override.closedBy != nil { return override.outcome?.rawValue ?? "ended" }
    if override.retirement != nil { return "ends with the next night" }
    return override.openedBy == nil ? "waits for the next night" : "counts"
  }

  static func text(_ override: StewardOverride) -> String {
    let head =
      "\(override.id)  \(override.entity) \(override.key.joined(separator: "|"))  "
      + "\(state(override)), until \(override.until)  by \(override.author) "
      + "\(override.time.prefix(10)): \(override.reason)"
    let values = override.values.map {
      "    \($0.element) \($0.value ?? "–") instead of \($0.replaced ?? "–")"
    }
    let end = override.retirement.map {
      ["    retired by \($0.author) \($0.time.prefix(10)): \($0.reason)"]
    }
    return ([head] + values + (end ?? [])).joined(separator: "\n")
  }

  static func object(_ override: StewardOverride) -> [String: Any] {
    var object: [String: Any] = [
      "override": override.id, "entity": override.entity, "key": override.key,
      "author": override.author, "reason": override.reason, "time": override.time,
      "until": override.until, "state": state(override),
      "values": override.values.map { value -> [String: Any] in
        var object: [String: Any] = ["element": value.element]
        object["value"] = value.value
        object["replaced"] = value.replaced
        return object
      },
    ]
    object["rule"] = override.rule
    object["outcome"] = override.outcome?.rawValue
    object["publication"] = override.openedBy
    object["closed_publication"] = override.closedBy
    if let retirement = override.retirement {
      object["retirement"] = [
        "author": retirement.author, "reason": retirement.reason, "time": retirement.time,
      ]
    }
    return object
  }
}

extension HomeOptions {
  /// Keys of golden records, with their entities.
  typealias GoldenKeys = [(entity: String, key: [String])]

  /// Writes an entry with the keys of golden records.
  func record(_ event: AccessEvent, _ keys: GoldenKeys, _ catalog: Catalog) throws {
    _ = try AccessLog(folder: folder.access).withWriter(event.person, event.time) { writer in
      var event = event
      let known = keys.compactMap { entity, key in
        catalog.authority.entity(entity).map { SubjectKey(category: $0.category, parts: key) }
      }
      let categories = Swift.Set(known.map(\.category))
      if categories.count == 1 { event.category = categories.first ?? "" }
      event.see(known.map { $0.fingerprint(writer.secret) })
      return try writer.append(event)
    }
  }
}
