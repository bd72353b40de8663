import ArgumentParser
import Catalog
import Foundation
import Pipeline
import Warehouse
import WarehouseSQLite

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the report of a published night again, as of that night.",
    discussion: """
      Every run writes HOME/report/NIGHT.html. This command makes the same page from the warehouse, for \
      any night that was published, in Chinese or in English. What lay in the inbox at the end of the run \
      is not in the warehouse and not on a page made later; what a person has decided since about a held \
      delivery is shown.

      Exit 0 done; 2 the definitions are wrong; 3 no warehouse, nothing published in that night, or the \
      file cannot be written; 64 wrong usage.
      """)

  @Option(help: "The night, as 2026-03-01; the last published one if not given.")
  var night: String?

  @Flag(help: "In English.") var english = false

  @Option(help: "Where to write it; HOME/report/NIGHT.html, or NIGHT.en.html, if not given.")
  var output: String?

  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    if let night { _ = try LocalClock.day(night, option: "night") }
    let (catalog, settings, _) = try pipeline.load()
    let reader = try WarehouseReader(folder: home.folder.warehouse)
    let last = try reader.publications(upTo: night ?? "9999-12-31", publication: nil, limit: 1)
    guard let night = night ?? last.first?.night else {
      throw CommandFailure(
        CommandFailure.environment, "nothing has been published in \(home.folder.warehouse)")
    }
    let report = try MorningReport(
      reader, catalog: catalog, configuration: RunConfiguration(settings), night: night)
    let path = output ?? "\(home.folder.report)/\(night)\(english ? ".en" : "").html"
    try ReportFile.write(report, english ? .english : .chinese, to: path)
    Terminal.note("wrote \(path)")
  }
}

/// The page of a report on the disk.
enum ReportFile {
  static func write(
    _ report: MorningReport, _ language: ReportLanguage, to path: String
  ) throws(CommandFailure) {
    let page = ReportPage(
      report, language: language, version: Qingyuan.configuration.version)
    try write(page.text, to: path)
  }

  /// Whoever reads it while it is written sees the old file.
  static func write(_ text: String, to path: String) throws(CommandFailure) {
    do {
      try PosixFile.replace(path, with: Array(text.utf8), mode: 0o644)
    } catch {
      throw CommandFailure(
        CommandFailure.environment, "cannot write \(path): \(SystemReason(error))")
    }
  }
}
