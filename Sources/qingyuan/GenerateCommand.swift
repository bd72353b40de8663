import ArgumentParser
import Catalog
import Foundation
import Generation
import Pipeline

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Write nights of an invented city, with planted faults and their expected findings.",
    discussion: """
      OUT/night-1/SAM/…, OUT/night-1/MEE/… are what one night delivers: copy them into HOME/inbox. \
      OUT/truth.jsonl lists every planted fault with all findings that it must cause, \
      OUT/expected.json the balance of every file. The same seed gives the same bytes.
      """)

  @Option(help: "Records of the first night, all systems and categories together.") var records =
    10_000

  @Option(help: "Nights.") var nights = 1

  @Option(help: "Decides every choice.") var seed: UInt64 = 1

  @Option(help: "Share of the records with a planted fault, 0 to 0.5.") var faults = 0.0

  @Flag(help: "Small extra files that are damaged as a whole.") var fileFaults = false

  @Option(
    help:
      "Percent of complaints, opinions and penalties that name their subject by anything but its code; subjects.jsonl says whom they mean."
  )
  var weakSubjects = 0

  @Option(help: "The folder to write to.") var out: String

  @Option(help: "Only this system, e.g. MEE.") var system: String?

  @Option(help: "Only this category, e.g. PEN, in one file a night; of SAM unless told otherwise.")
  var category: String?

  @Option(help: "The first night.") var start = "2026-03-02"

  @OptionGroup var pipeline: PipelineOptions

  /// Record numbers have nine digits.
  private static let mostRecords = 100_000_000

  /// From 2000-01-01 to 2099-12-31: what the city does lies up to a year before, with times of day.
  private static let firstNights = 10_957...47_481

  func run() throws {
    let (catalog, _, _) = try pipeline.load()
    let kind = category.flatMap { Kind(id: $0.uppercased()) }
    guard category == nil || kind != nil else {
      let names = Kind.allCases.map(\.id).joined(separator: ", ")
      throw CommandFailure(
        CommandFailure.usage, "category \(category ?? "") is not one of \(names)")
    }
    let bureau = system.flatMap { Bureau(id: $0.uppercased()) }
    guard system == nil || bureau != nil else {
      let names = Bureau.allCases.map(\.id).joined(separator: ", ")
      throw CommandFailure(
        CommandFailure.usage, "system \(system ?? "") is not one of \(names)")
    }
    if let kind, !(bureau ?? .sam).delivers(kind) {
      throw CommandFailure(
        CommandFailure.usage, "\((bureau ?? .sam).id) does not deliver \(kind.id)")
    }
    guard (1...Self.mostRecords).contains(records), (1...60).contains(nights),
      (0...0.5).contains(faults), (0...100).contains(weakSubjects)
    else {
      throw CommandFailure(
        CommandFailure.usage,
        "--records from 1 to \(Self.mostRecords), --nights from 1 to 60, --faults from 0 to 0.5, "
          + "--weak-subjects from 0 to 100"
      )
    }
    let first = try LocalClock.day(start, option: "start")
    guard Self.firstNights.contains(first) else {
      throw CommandFailure(CommandFailure.usage, "--start from 2000-01-01 to 2099-12-31")
    }
    let request = GenerationRequest(
      records: records, nights: nights, seed: seed, faultRate: faults, bureau: bureau,
      category: kind,
      start: first, hasFileFaults: fileFaults,
      weakSubjects: weakSubjects)
    guard let generator = Generator(request, catalog) else {
      throw CommandFailure(
        CommandFailure.configuration,
        "\(pipeline.pipelines) lacks an adapter of a system, or a category in one")
    }
    do {
      try generator.write(to: out)
    } catch let error as CocoaError {
      throw CommandFailure(CommandFailure.environment, "\(SystemReason(error))")
    }
  }
}
