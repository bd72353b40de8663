package import Catalog
import Foundation
package import PipelineDefinition

/// A record by element, in canonical values; what a test changes of a valid one.
package typealias Values = [String: String]

/// Definitions as a run gets them; loaded once for all tests.
package struct TestPipeline: Sendable {
  package let path: String
  package private(set) var catalog: Catalog
  package let settings: RunSettings
  /// Complete valid records by category, from `checks/`.
  package let base: [String: [String: String]]

  package init(_ path: String) throws {
    self.path = path
    let result = PipelineFolder.load(path)
    guard let catalog = result.catalog else {
      throw ProgramError(description: "\(path): \(result.errors)")
    }
    self.catalog = catalog
    settings = result.settings
    var base: [String: [String: String]] = [:]
    for file in result.workedCases.sorted(by: { $0.path < $1.path }) {
      base.merge(file.base) { first, _ in first }
    }
    self.base = base
  }

  package static let real = Result { try TestPipeline(Repository.pipelines) }
  package static let second = Result { try TestPipeline(Repository.secondPipeline) }
  /// Without rules between records: for tests whose records stand alone.
  package static let alone = real.map(\.withoutReferences)
  package static let secondAlone = second.map(\.withoutReferences)

  private var withoutReferences: Self {
    editing { $0.rules.removeAll { $0.kind != .inRecord } }
  }

  /// With another catalog.
  package func editing(_ change: (inout Catalog) -> Void) -> Self {
    var copy = self
    change(&copy.catalog)
    return copy
  }

  /// The second pipeline with visits that have numbers of their own, as a city would define them in
  /// earnest: the fixture moves the number away and gives all visits of a delivery the same one, to
  /// show the linter both.
  package static let museum = Result {
    let folder = try TemporaryFolder("museum")
    return try TestPipeline(makeMuseum(in: folder))
  }

  /// - Returns: The folder of the definitions.
  package static func makeMuseum(in folder: TemporaryFolder) throws -> String {
    let copy = folder + "pipelines"
    try FileManager.default.copyItem(atPath: Repository.secondPipeline, toPath: copy)
    try edit(copy + "/catalog/categories/VISIT.yaml") { lines in
      Array(lines.prefix { $0 != "moves:" })
    }
    try edit(copy + "/sources/MUS.yaml") { lines in
      lines.filter { !$0.contains("generated:") }.flatMap { line in
        line.contains("columns:") ? [line, "      - { column: 条目, element: entry_no }"] : [line]
      }
    }
    return copy
  }

  private static func edit(_ path: String, _ change: ([String]) -> [String]) throws {
    let lines = try Files.text(path).split(separator: "\n", omittingEmptySubsequences: false)
    let text = change(lines.map(String.init)).joined(separator: "\n") + "\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  /// A delivery of records of one category in the form of its system's adapter.
  ///
  /// - Parameters:
  ///   - records: Each changes the valid base record; an empty text is an empty field.
  ///   - renaming: Headers by the adapter's own, to deliver another; nothing leaves the column out.
  ///   - extra: Columns that the adapter does not know, with the same value in every record.
  package func sheet(
    _ category: String, _ records: [Values], system: String = "SAM",
    renaming: [String: String] = [:], extra: [(String, String)] = []
  ) throws -> CSVSheet {
    guard let adapter = catalog.adapter(system),
      let mapping = adapter.categories.first(where: { $0.category == category }),
      let base = base[category]
    else {
      throw ProgramError(description: "no adapter or no base record in checks/ for \(category)")
    }
    let columns = mapping.columns.filter { $0.element != nil && renaming[$0.column] != "" }
    let header = columns.map { renaming[$0.column] ?? $0.column } + extra.map(\.0)
    var sheet = CSVSheet(
      header,
      records.map { changes in
        let values = base.merging(changes) { _, new in new }
        return columns.map { column in
          inUnit(values[column.element ?? ""] ?? "", column.unit)
        } + extra.map(\.1)
      })
    sheet.delimiter = String(UnicodeScalar(adapter.delimiter))
    return sheet
  }

  /// `5000` yuan in a column of ten thousands of yuan is `0.5`.
  private func inUnit(_ value: String, _ unit: String?) -> String {
    let decimals =
      switch unit {
      case "万元": 4
      case "千元": 3
      default: 0
      }
    guard decimals > 0, !value.isEmpty, value.allSatisfy({ "0123456789.".contains($0) }) else {
      return value
    }
    let parts = value.split(separator: ".", omittingEmptySubsequences: false)
    let digits = String(repeating: "0", count: decimals) + parts[0]
    let tail = digits.suffix(decimals) + (parts.count > 1 ? parts[1] : "")
    let whole = digits.dropLast(decimals).drop { $0 == "0" }
    return (whole.isEmpty ? "0" : whole) + "." + tail
  }
}

/// A penalty that differs from the base record by its two keys.
///
/// - Parameters:
///   - number: Of the record and, unless given, of its document.
///   - updated: Day of June 2026 on which the source last changed it.
package func penalty(
  _ number: Int, document: Int? = nil, updated: Int = 1, _ more: Values = [:]
) -> Values {
  let day = updated < 10 ? "0\(updated)" : "\(updated)"
  return [
    "source_record_id": "P-\(number)", "case_no": "QY-CAS-\(number)",
    "penalty_doc_no": "清市监罚〔2026〕\(document ?? number)号",
    "source_update_time": "2026-06-\(day) 01:00:00",
  ].merging(more) { _, new in new }
}

/// A change that returns a penalty with Q24 (no such code).
package let unknownPenaltyType: Values = ["penalty_type_code": "游街示众"]
/// A change that returns a penalty with Q11.
package let missingAgency: Values = ["agency_name": ""]
