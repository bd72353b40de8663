import Access
import AccessStore
import ArgumentParser
import Pipeline
import Review
import Warehouse
import WarehouseSQLite

struct DeliveriesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliveries",
    abstract: "The ledger of deliveries; let held ones pass or refuse them, which is logged.",
    subcommands: [List.self, Release.self, Reject.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List deliveries, newest last.")

    @Option(help: "Only this status: taken, judged, loaded, held, rejected, repeated.")
    var status: String?

    @Flag(help: "One JSON object per line.") var json = false

    @OptionGroup var home: HomeOptions

    func run() throws {
      if let status, DeliveryStatus(rawValue: status) == nil {
        let names = DeliveryStatus.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandFailure(CommandFailure.usage, "\(status) is no status; there are \(names)")
      }
      let reader = try WarehouseReader(folder: home.folder.warehouse)
      let filter = status.map { " WHERE status = '\($0)'" } ?? ""
      var names: [String] = []
      try reader.rows("SELECT * FROM delivery_ledger\(filter) ORDER BY delivery") {
        names = $0
      } onRow: { row in
        let cells = zip(names, row).map { name, value -> (String, String) in
          switch value {
          case .null: (name, "")
          case .integer(let number): (name, String(number))
          case .real(let number): (name, String(number))
          case .text(let text): (name, text)
          case .blob: (name, "")
          }
        }
        if json {
          print(jsonText(Dictionary(cells, uniquingKeysWith: { first, _ in first })))
        } else {
          print(cells.filter { !$0.1.isEmpty }.map { "\($0.0)=\($0.1)" }.joined(separator: "  "))
        }
      }
    }
  }

  struct Release: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a held delivery pass: the next run judges and loads it.")

    @Argument(help: "Number of the delivery.") var delivery: Int64
    @Option(help: "Why.") var reason: String
    @Option(help: "Who.") var by: String
    @Flag(help: "Print the delivery as JSON.") var json = false
    @OptionGroup var reading: ReaderOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let entry = try DeliveriesCommand.decide(
        .release, delivery, by, reason, reading, home, pipeline)
      if json { return DeliveriesCommand.printJSON(entry) }
      // Nobody can let classified records pass; the definitions may have changed since.
      let warning =
        HoldDesk.isSecret(entry)
        ? ", and holds it again unless its secrecy levels are now read as public" : ""
      print("delivery \(delivery) is released; the next run takes it\(warning)")
    }
  }

  struct Reject: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Refuse a held delivery: nothing of it is ever loaded.")

    @Argument(help: "Number of the delivery.") var delivery: Int64
    @Option(help: "Why.") var reason: String
    @Option(help: "Who.") var by: String
    @Flag(help: "Print the delivery as JSON.") var json = false
    @OptionGroup var reading: ReaderOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let entry = try DeliveriesCommand.decide(
        .reject, delivery, by, reason, reading, home, pipeline)
      if json { return DeliveriesCommand.printJSON(entry) }
      print("delivery \(delivery) is rejected")
    }
  }

  private static func printJSON(_ entry: DeliveryEntry) {
    print(
      jsonText([
        "delivery": entry.id, "system": entry.system, "category": entry.category,
        "file": entry.fileName, "status": entry.status.rawValue,
      ]))
  }

  private static func decide(
    _ decision: HoldDesk.Decision, _ id: Int64, _ by: String, _ reason: String,
    _ reading: ReaderOptions, _ home: HomeOptions, _ pipeline: PipelineOptions
  ) throws -> DeliveryEntry {
    let account = try reading.account(home)
    let (catalog, _, _) = try pipeline.load()
    var event = try reading.event(decision.action, rule: "deliveries")
    event.person = account.person
    event.reference = "delivery:\(id)"
    event.purpose = LoggedText(cleaning: reason)
    let system = try WarehouseReader(folder: home.folder.warehouse).delivery(id)?.system
    try home.checkRight(.correct, of: system, account, event)
    var options = SQLiteWarehouse.Options()
    options.command = "qingyuan deliveries"
    let engine = try SQLiteWarehouse(
      folder: home.folder.warehouse, catalog: catalog, options: options)
    let log = AccessLog(folder: home.folder.access)
    do {
      let entry = try HoldDesk(engine).decide(decision, delivery: id, by: by, reason: reason) {
        try log.append(event)
      }
      try engine.close()
      return entry
    } catch let refusal as StewardRefusal {
      event.outcome = .denied
      event.rule = "not-held"
      try log.append(event)
      throw CommandFailure(CommandFailure.usage, refusal.message)
    }
  }
}
