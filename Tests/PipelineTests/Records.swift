import Catalog
import Pipeline
import TestSupport
import Testing

/// A record by element, in canonical values; what a test changes of a valid one.
typealias Values = [String: String]

extension TestHome {
  /// A delivery of records of one category in the form of its system's adapter.
  ///
  /// - Parameters:
  ///   - records: Each changes the valid base record; an empty text is an empty field.
  ///   - renaming: Headers by the adapter's own, to deliver another; nothing leaves the column out.
  ///   - extra: Columns that the adapter does not know, with the same value in every record.
  func sheet(
    _ category: String, _ records: [Values], system: String = "SAM",
    renaming: [String: String] = [:], extra: [(String, String)] = []
  ) throws -> CSVSheet {
    let adapter = try #require(pipeline.catalog.adapter(system))
    let mapping = try #require(adapter.categories.first { $0.category == category })
    let base = try #require(pipeline.base[category], "checks/ has no base record of \(category)")
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

  /// Delivers a file of penalties in GB18030.
  func deliver(_ name: String, penalties: [Values]) throws {
    try deliver(name, sheet("PEN", penalties).gb18030)
  }
}

/// A penalty that differs from the base record by its two keys.
///
/// - Parameters:
///   - number: Of the record and, unless given, of its document.
///   - updated: Day of June 2026 on which the source last changed it.
func penalty(_ number: Int, document: Int? = nil, updated: Int = 1, _ more: Values = [:]) -> Values
{
  let day = updated < 10 ? "0\(updated)" : "\(updated)"
  return [
    "source_record_id": "P-\(number)", "case_no": "QY-CAS-\(number)",
    "penalty_doc_no": "清市监罚〔2026〕\(document ?? number)号",
    "source_update_time": "2026-06-\(day) 01:00:00",
  ].merging(more) { _, new in new }
}

/// A change that returns a penalty with Q24 (no such code).
let unknownPenaltyType: Values = ["penalty_type_code": "游街示众"]
/// A change that returns a penalty with Q11.
let missingAgency: Values = ["agency_name": ""]
