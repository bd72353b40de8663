import ArgumentParser
import Pipeline
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

struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Write the content of the warehouse as sorted lines, without run numbers and times.",
    discussion: "Two warehouses with the same content give the same bytes.")

  @Flag(help: "The canonical form; the only one there is.") var canonical = false

  @Option(help: "File to write.") var out: String

  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    try home.requireWarehouse()
    let (catalog, _, _) = try pipeline.load()
    let engine = try SQLiteWarehouse(folder: home.folder.warehouse, catalog: catalog)
    try engine.canonicalDump(to: out)
    try engine.close()
  }
}
