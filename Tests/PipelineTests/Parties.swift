import Catalog
import TestSupport

/// A small world of cases with several parties: the police, who own what is said of persons and say
/// it of whole cases, and others whose files have one line for each party.
enum Parties {
  /// Cases and penalties of all but the police are gathered from their parties.
  static let pipeline = TestPipeline.alone.map { $0.withPlainAdapters().withLines(of: "parties") }
  /// The same with vehicles.
  static let vehicles = TestPipeline.alone.map { $0.withPlainAdapters().withLines(of: "vehicles") }

  /// An identity number of nobody, born in 1990.
  static func identity(_ number: Int) -> String {
    let body = "51010419900101" + (number < 10 ? "00\(number)" : "0\(number)")
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(body, weights).reduce(0) { $0 + ($1.0.wholeNumberValue ?? 0) * $1.1 }
    return body + String(Array("10X98765432")[sum % 11])
  }

  /// A natural person as a party.
  static func person(_ number: Int, _ name: String, _ more: Values = [:]) -> Values {
    [
      "party_type_code": "4", "subject_name": "", "uscc": "", "legal_rep_name": "",
      "person_name": name, "person_id_type_code": "111", "person_id_no": identity(number),
      "minor_flag": "0",
    ].merging(more) { _, new in new }
  }

  /// Lines of one record: one for each party; the base record's own is an enterprise.
  ///
  /// - Parameter updated: Day of June 2026 on which the source last changed it.
  static func record(_ record: Values, updated: Int = 1, _ parties: [Values] = [[:]]) -> [Values] {
    parties.map { party in
      record.merging(["source_update_time": "2026-06-0\(updated) 01:00:00"]) { $1 }
        .merging(party) { $1 }
    }
  }
}

extension TestPipeline {
  /// Files of cases and penalties with one line for each row of a child table, but for the police.
  fileprivate func withLines(of table: String) -> Self {
    editing { catalog in
      for (place, adapter) in catalog.adapters.enumerated() where adapter.system != "MPS" {
        for (index, mapping) in adapter.categories.enumerated()
        where ["CAS", "PEN"].contains(mapping.category) {
          guard let child = catalog.category(mapping.category)?.child(table) else { continue }
          let names = child.elements.map(\.element.identifier).filter {
            // Amounts of the record say the same in all lines.
            !["fine_amount", "confiscated_income", "confiscated_goods_value", "detention_days"]
              .contains($0)
          }
          catalog.adapters[place].categories[index].children = [
            ChildMapping(
              name: table, path: nil,
              columns: names.map { ColumnMapping(column: $0, element: $0) })
          ]
          catalog.adapters[place].categories[index].rowsPer = table
        }
      }
    }
  }
}

extension TestHome {
  func deliver(
    _ category: String, _ part: Int, _ system: String, _ lines: [Values]
  ) throws {
    try deliver(
      "\(category)_\(part).csv", sheet(category, lines, system: system).utf8, system: system)
  }
}
