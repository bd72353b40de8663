import ArgumentParser
import Foundation
import Maintenance
import Pipeline

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract:
      "Examine the whole installation: warehouse, ledger, originals, returns, tiers, access log.",
    discussion: """
      Nothing is changed but what a killed run left unfinished in the warehouse's folder, as by every command \
      that opens it. The pages and the content of the warehouse are checked, the rows of every \
      delivery are counted and compared with its balance sheet, originals are read and compared with what \
      was entered, the tier files with the publication, the access log with its chain and anchor.

      Exit 0 all is well; 1 there is a problem, and the line says what to do; 2 the definitions are wrong; \
      3 the warehouse is in use or missing, so that parts were skipped.
      """)

  @Flag(help: "Compare only the sizes of originals, not their bytes.") var quick = false
  @Option(help: "The day from which retention counts, as 2026-03-01; today if not given.")
  var day: String?
  @Option(help: "A head of the access log that audit head printed, as 12:HASH; may be repeated.")
  var head: [String] = []
  @Flag(help: "Print the result as JSON.") var json = false

  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    try home.requireWarehouse()
    let (catalog, settings, _) = try pipeline.load()
    var options = Doctor.Options(
      RunConfiguration(settings), today: try LocalClock.day(day, option: "day"))
    options.readsOriginals = !quick
    options.heads = try AuditCommand.witnesses(head)
    let lines = Doctor(
      home: home.folder, catalog: catalog, options: options, progress: ProgressLine()
    ).examine()
    if json {
      print(
        jsonText(
          lines.map {
            [
              "area": $0.area.rawValue, "state": $0.state.rawValue, "message": $0.message,
              "remedy": $0.remedy,
            ]
          }))
    } else {
      for line in lines { show(line) }
      let problems = lines.count { $0.state == .problem }
      let skipped = lines.count { $0.state == .skipped }
      print(
        problems == 0 && skipped == 0
          ? "all is well" : "\(problems) problems, \(skipped) areas skipped")
    }
    if lines.contains(where: { $0.state == .problem }) { throw ExitCode(CommandFailure.findings) }
    if lines.contains(where: { $0.state == .skipped }) {
      throw ExitCode(CommandFailure.environment)
    }
  }

  private func show(_ line: Examination) {
    let state = line.state.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0)
    let area = line.area.rawValue.padding(toLength: 13, withPad: " ", startingAt: 0)
    print("\(state)\(area)\(line.message)")
    if !line.remedy.isEmpty { print("                      → \(line.remedy)") }
  }
}
