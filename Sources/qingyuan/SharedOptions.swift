import ArgumentParser
import Catalog
import Foundation
import Pipeline
import PipelineDefinition
import Records
import SourceFiles
import Validation
import Warehouse
import WarehouseSQLite

/// Where the definitions are.
struct PipelineOptions: ParsableArguments {
  @Option(help: "The folder of definitions.")
  var pipelines = "Pipelines"

  /// Loads and checks the folder; any error ends the command before data is read.
  func load() throws -> (Catalog, RunSettings, LoadResult) {
    let result = Definitions.load(pipelines)
    guard let catalog = result.catalog else {
      let shown = result.errors.prefix(50).map { "\($0)" }.joined(separator: "\n")
      let rest = result.errors.count > 50 ? "\n… \(result.errors.count - 50) more" : ""
      throw CommandFailure(
        CommandFailure.configuration,
        "\(pipelines) has \(result.errors.count) errors; nothing was read\n\(shown)\(rest)")
    }
    return (catalog, result.settings, result)
  }
}

/// Definitions checked against what this program can do.
enum Definitions {
  static func load(_ path: String) -> LoadResult {
    PipelineFolder.load(
      path, knownChecks: knownChecks, patternProblem: patternProblem, nameProblem: nameProblem)
  }

  static func patch(
    _ path: String, _ change: CodeListChange, origin: String
  ) throws(PatchRefusal) -> DefinitionPatch {
    try PipelineFolder.patch(
      path, change, origin: origin, knownChecks: knownChecks, patternProblem: patternProblem)
  }

  private static var knownChecks: Set<String> { Set(IdentifierKind.allCases.map(\.rawValue)) }

  private static func nameProblem(_ catalog: Catalog) -> (name: String, message: String)? {
    do {
      _ = try WarehouseModel(catalog)
      return nil
    } catch let clash {
      return (clash.subject, clash.message)
    }
  }

  private static func patternProblem(_ text: String) -> String? {
    do {
      _ = try Pattern.compiled(text)
      return nil
    } catch {
      return "\(error)"
    }
  }
}

/// Where an installation keeps its data.
struct HomeOptions: ParsableArguments {
  @Option(help: "The folder with inbox, archive, warehouse, returns and report.")
  var home = "home"

  var folder: HomeFolder { HomeFolder(home) }

  /// For commands that look at a warehouse and must not make one.
  func requireWarehouse() throws {
    let file = "\(folder.warehouse)/\(SQLiteWarehouse.fileName)"
    guard FileManager.default.fileExists(atPath: file) else {
      throw CommandFailure(
        CommandFailure.environment,
        "there is no warehouse in \(folder.warehouse); the first night makes it: qingyuan run")
    }
  }
}

extension RunConfiguration {
  /// The settings of `nightly.yaml`.
  init(_ settings: RunSettings) {
    self.init()
    attainmentTarget = settings.thresholds.attainment
    coreAccuracyTarget = settings.thresholds.coreAccuracy
    minimumFreeBytes = Int64(settings.freeSpaceGigabytes) << 30
    let roles = settings.roles
    recordIDElement = roles.recordIdentifier ?? ""
    updateTimeElement = roles.updateTime ?? ""
    batchElement = roles.batch ?? ""
    agencyElement = roles.agency ?? ""
    systemElement = roles.system ?? ""
    operationElement = roles.operation ?? ""
    deletionCode = roles.deletionCode ?? ""
    secrecyElement = roles.secrecy ?? ""
    secrecyCodes = roles.secretCodes
    pendingWorkdays = settings.pendingWorkdays
    returnWorkdays = settings.returnWorkdays
    archiveDays = settings.retention.archiveDays
    returnsDays = settings.retention.returnsDays
  }
}

extension ReadingLimits {
  /// The settings of `nightly.yaml`.
  init(_ settings: RunSettings) {
    self.init()
    decompression.ratio = settings.limits.decompressionRatio
    recordBytes = settings.limits.recordBytes
    fields = settings.limits.fields
    nesting = settings.limits.nesting
    entityBytes = settings.limits.xmlExpansionBytes
    chunkRecords = settings.chunk.records
    chunkBytes = settings.chunk.bytes
  }
}

/// The moment of a run: the clock in Beijing, unless the command line says otherwise.
enum LocalClock {
  static func now() -> Int64 { Int64(Date().timeIntervalSince1970) + 8 * 3600 }

  /// As `2026-03-01T09:00:00`.
  static func text() -> String {
    let now = now()
    func digits(_ number: Int64) -> String { String(String(100 + number).dropFirst()) }
    return "\(CivilDate(dayNumber: Int(now / 86_400)))T\(digits(now / 3600 % 24)):"
      + "\(digits(now / 60 % 60)):\(digits(now % 60))"
  }

  static func day(_ text: String?, option: String) throws -> Int {
    guard let text else {
      let now = now()
      return Int(now / 86_400)
    }
    guard let date = CivilDate(text) else {
      throw CommandFailure(
        CommandFailure.usage, "--\(option) \(text) is not a date; write it as 2026-03-01")
    }
    return date.dayNumber
  }
}
