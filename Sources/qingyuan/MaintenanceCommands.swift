import Access
import AccessStore
import ArgumentParser
import Pipeline
import Warehouse
import WarehouseSQLite

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that the warehouse is whole; exit 1 and say what is not.")

  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    try home.requireWarehouse()
    let (catalog, _, _) = try pipeline.load()
    let engine = try SQLiteWarehouse(folder: home.folder.warehouse, catalog: catalog)
    let problems = try engine.verify()
    try engine.close()
    for problem in problems { print(problem) }
    guard problems.isEmpty else { throw ExitCode(CommandFailure.findings) }
    print("\(home.folder.warehouse)/warehouse.sqlite is whole")
  }
}

struct RecoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Show what a run that was cut off has left behind; or take it back.",
    discussion: """
      The next run finishes by itself what was cut off; nothing has to be done. With --discard what \
      is loaded and not yet published is taken out again, and the next run judges it anew.
      Exit codes: 0 nothing is left behind, or it was taken back; 1 something is; 3 environment.
      """)

  @Flag(help: "Take back everything that is not published.") var discard = false

  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    try home.requireWarehouse()
    let (catalog, _, _) = try pipeline.load()
    var options = SQLiteWarehouse.Options()
    options.command = "qingyuan recover"
    let engine = try SQLiteWarehouse(
      folder: home.folder.warehouse, catalog: catalog, options: options)
    let left = try engine.unpublishedDeliveries()
    let run = try engine.lastRun().flatMap { $0.status == .finished ? nil : $0 }
    if discard { try engine.discardAllUnpublished() }
    try engine.close()
    if let run {
      print("run \(run.id) of \(run.night) is \(run.status.rawValue); the next run finishes it")
    }
    for delivery in left {
      print(
        "delivery \(delivery.id) \(delivery.system) \(delivery.category) \(delivery.fileName): "
          + (discard ? "taken back" : "not published"))
    }
    if run == nil, left.isEmpty { print("nothing is left behind") }
    if !discard, run != nil || !left.isEmpty { throw ExitCode(CommandFailure.findings) }
  }
}

struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Write the content of the warehouse as sorted lines, without run numbers and times.",
    discussion: """
      Two warehouses that hold the same nights give the same bytes. With --canonical only golden values \
      are written: the same data gives the same bytes, in whatever order and number of nights it came.

      Values of restricted elements are written. It is a read of every record and stands in the access log.
      """)

  @Flag(help: "Golden values only.") var canonical = false

  @Option(help: "File to write.") var out: String

  @OptionGroup var reading: ReaderOptions
  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    try home.requireWarehouse()
    let (catalog, settings, _) = try pipeline.load()
    let engine = try SQLiteWarehouse(folder: home.folder.warehouse, catalog: catalog)
    let rule = canonical ? "golden-values" : "content"
    try AccessLog(folder: home.folder.access).append(try reading.event(.dump, rule: rule))
    if canonical {
      try engine.goldenDump(to: out, leavingOut: RunConfiguration(settings).batchElement)
    } else {
      try engine.canonicalDump(to: out)
    }
    try engine.close()
  }
}
