import AccessStore
import ArgumentParser
import Catalog
import Foundation
import Glibc
import Pipeline
import Records
import SourceFiles
import Warehouse
import WarehouseSQLite

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Take what is in the inbox, judge it, load it, publish it, write the returns.",
    discussion: """
      Safe to kill and to repeat: the next run resumes. Files are taken when HOME/inbox/SYSTEM/NAME.ok \
      or NAME.manifest.json is there, or when they have not changed for a while; until noon what came \
      after the cut-off of its system waits for the next night.

      What the run ended with is kept in HOME/report: NIGHT.html for people, in Chinese, NIGHT.txt as on \
      the screen, NIGHT.json for programs. A second run of a night replaces them; the page has the whole \
      night, the other two the last run.

      Exit 0 done and within thresholds; 1 done, and a system's category is below the target of its \
      attainment, core accuracy as published is below its target, a delivery is held or a file cannot \
      be read (missing categories alone are shown and give 0); 2 the definitions are wrong and nothing \
      was read; 3 disk, permission, lock or database: start again when it is mended; 64 wrong usage.
      """)

  @OptionGroup var pipeline: PipelineOptions
  @OptionGroup var home: HomeOptions

  @Option(help: "The night whose deliveries are processed, as 2026-03-01; today if not given.")
  var night: String?

  @Flag(help: "Take every file at once, however fresh or late it is.")
  var noWait = false

  @Flag(help: "Show every category of every system, however many there are.")
  var details = false

  @Flag(help: "Print the result as JSON.")
  var json = false

  /// Pages of the console wait for people, a night for nobody; alone it loses nothing by it. Threads have the
  /// priority of the thread that makes them, so that this comes first. Who gave it one has decided already.
  private static func letPeopleGoFirst() {
    let own = __priority_which_t(PRIO_PROCESS.rawValue)
    if getpriority(own, 0) == 0 { setpriority(own, 0, 5) }
  }

  func run() throws {
    Terminal.outliveReaders()
    Self.letPeopleGoFirst()
    let (catalog, settings, _) = try pipeline.load()
    let folder = home.folder
    try folder.prepare()
    let day = try LocalClock.day(night, option: "night")
    if let problem = catalog.calendarProblem(onNight: day) {
      throw CommandFailure(CommandFailure.configuration, problem)
    }
    let now = night == nil ? LocalClock.now() : Int64(day) * 86_400 + 2 * 3600
    var options = SQLiteWarehouse.Options()
    options.command = "qingyuan run"
    let engine = try SQLiteWarehouse(folder: folder.warehouse, catalog: catalog, options: options)
    let line = ProgressLine()
    let progress = SharedProgress(
      line, home: folder, night: CivilDate(dayNumber: day).description)
    defer { NightProgress.remove(folder) }
    let run = NightlyRun(
      home: folder, catalog: catalog, configuration: RunConfiguration(settings), engine: engine,
      reader: FileDeliveryReader(limits: ReadingLimits(settings)),
      returns: FileReturnWriter(limits: ReadingLimits(settings)),
      maskSecret: try MaskSecret.loadOrMake(folder: folder.access).bytes,
      moment: RunMoment(night: day, today: day, now: now), progress: progress,
      waitsForStability: !noWait,
      onPublished: { [home] in
        guard ShareStore.exists(in: folder.access) else { return }
        // The night's new versions of records that are objected to, before they leave.
        try home.markObjections(
          try ShareStore(folder: folder.access, catalog: catalog), catalog, settings)
      })
    let outcome = try run.run()
    line.summarize()
    let report = try MorningReport(
      engine, catalog: catalog, configuration: RunConfiguration(settings),
      night: outcome.run.night, inbox: outcome.listing)
    try engine.close()
    let screen = OutcomeScreen(outcome, catalog, showsDetails: details)
    let path = "\(folder.report)/\(outcome.run.night)"
    try ReportFile.write(screen.text + "\n", to: path + ".txt")
    try ReportFile.write(screen.json + "\n", to: path + ".json")
    try ReportFile.write(report, .chinese, to: path + ".html")
    print(json ? screen.json : screen.text)
    if let notice = catalog.calendarNotice(onNight: day) { Terminal.note(notice) }
    if !outcome.isWithinThresholds { throw ExitCode(CommandFailure.findings) }
  }
}
