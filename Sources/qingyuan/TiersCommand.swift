import AccessStore
import ArgumentParser
import Catalog
import Pipeline
import Warehouse
import WarehouseSQLite

struct TiersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tiers",
    abstract: "Build what leaves: public.sqlite and shared.sqlite, as of the last publication.",
    discussion: """
      A run builds them by itself after each publication. This is for the time between two nights: a \
      changed policy (Pipelines/sharing), a day on which publicity ends, objections that were raised or closed, \
      files that were lost. Files that \
      are up to date stay as they are; others are copied with what changed since, or built anew where the \
      policy, the rules or much of the records did. Each time it is said which.

      HOME/tiers/public.sqlite may be read by everybody, HOME/tiers/shared.sqlite by the owner's group. \
      They lack what their readers may not see; the warehouse itself, with everything, is its owner's.

      Exit 0 done; 2 the definitions are wrong; 3 disk, permission, lock or database.
      """)

  @OptionGroup var pipeline: PipelineOptions
  @OptionGroup var home: HomeOptions

  @Option(help: "The day whose publicity counts, as 2026-03-01; today if not given.")
  var day: String?

  @Flag(help: "Build files that are up to date as well, and all of them anew.")
  var again = false

  func run() throws {
    try home.requireWarehouse()
    let (catalog, _, _) = try pipeline.load()
    guard catalog.sharing != nil else {
      throw CommandFailure(
        CommandFailure.configuration, "the definitions have no sharing/, so nothing may leave")
    }
    let folder = home.folder
    try folder.prepare()
    let today = try LocalClock.day(day, option: "day")
    let now = day == nil ? LocalClock.now() : Int64(today) * 86_400 + 2 * 3600
    var options = SQLiteWarehouse.Options()
    options.command = "qingyuan tiers"
    let engine = try SQLiteWarehouse(folder: folder.warehouse, catalog: catalog, options: options)
    let publication = try engine.currentPublication()
    guard publication > 0 else {
      throw CommandFailure(
        CommandFailure.environment, "nothing has been published in \(folder.path)")
    }
    let outcomes = try TierPass(
      catalog: catalog, engine: engine, publication: publication, home: folder,
      secret: try MaskSecret.loadOrMake(folder: folder.access).bytes,
      moment: RunMoment(night: today, today: today, now: now), progress: ProgressLine()
    ).apply(again: again)
    try engine.close()
    for outcome in outcomes { print(outcome) }
    print("\(folder.tierFile(.public))\n\(folder.tierFile(.shared))")
  }
}
