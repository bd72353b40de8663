import ArgumentParser
import Catalog
import Pipeline
import Records
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
      `qingyuan why` shows it.

      Exit 0 done; 1 refused: no such record, a value that the element does not admit, another override; \
      2 the definitions are wrong; 3 no warehouse, or it is in use; 64 wrong usage.
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
    @Flag(help: "Print the override as JSON.") var json = false
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let until = CivilDate(dayNumber: try LocalClock.day(self.until, option: "until"))
      let values = try value.map { text -> (element: String, text: String) in
        guard let mark = text.firstIndex(of: "=") else {
          throw CommandFailure(
            CommandFailure.usage, "--value \(text) is not ELEMENT=VALUE")
        }
        return (String(text[..<mark]), String(text[text.index(after: mark)...]))
      }
      let override = try home.stewarding(pipeline) { desk in
        try desk.state(
          StewardDesk.Statement(
            entity: entity.uppercased(),
            key: key.split(separator: "|", omittingEmptySubsequences: false).map(String.init),
            rule: rule, values: values, author: by, reason: reason, until: until,
            time: LocalClock.text()))
      }
      print(
        json
          ? jsonText(OverridePrinter.object(override))
          : "override \(override.id) counts from the next night on, until \(override.until)")
    }
  }

  struct Retire: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take an override back; the next night shows what the systems say.")

    @Argument(help: "Number of the override.") var override: Int64
    @Option(help: "Why.") var reason: String
    @Option(help: "Who.") var by: String
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      try home.stewarding(pipeline) { desk in
        try desk.retire(
          override,
          StewardOverride.Retirement(author: by, reason: reason, time: LocalClock.text()))
      }
      print("override \(override) is retired; the next night ends it")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List overrides, newest last: those that stand, or all.")

    @Flag(help: "Those that ended too.") var all = false
    @Flag(help: "One JSON object per line.") var json = false
    @OptionGroup var home: HomeOptions

    func run() throws {
      let reader = try WarehouseReader(folder: home.folder.warehouse)
      for override in try reader.overrides() where all || override.closedBy == nil {
        print(
          json ? jsonText(OverridePrinter.object(override)) : OverridePrinter.text(override))
      }
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
  /// Opens the warehouse for a person's act; a refusal ends the command with its code.
  func stewarding<Result>(
    _ pipeline: PipelineOptions, _ body: (StewardDesk) throws -> Result
  ) throws -> Result {
    try requireWarehouse()
    let (catalog, settings, _) = try pipeline.load()
    var options = SQLiteWarehouse.Options()
    options.command = "qingyuan override"
    let engine = try SQLiteWarehouse(
      folder: folder.warehouse, catalog: catalog, options: options)
    do {
      let result = try body(
        StewardDesk(
          catalog: catalog, configuration: RunConfiguration(settings), engine: engine))
      try engine.close()
      return result
    } catch let refusal as StewardRefusal {
      try engine.close()
      throw CommandFailure(
        refusal.code == .usage ? CommandFailure.usage : CommandFailure.findings, refusal.message)
    }
  }
}
