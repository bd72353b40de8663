import Catalog
import TestSupport
import Testing

/// A small world: enterprises that market supervision owns and land users say something of too.
enum Enterprises {
  /// Files of a name that each system's adapter expects.
  private static let names = ["SAM": "市场主体登记", "MNR": "mnr_land_user"]

  /// Land users come as increments here, so that several files of a night are several days.
  static let pipeline = TestPipeline.alone.map { pipeline in
    pipeline.editing { catalog in
      for (place, adapter) in catalog.adapters.enumerated() where adapter.system == "MNR" {
        for index in adapter.categories.indices {
          catalog.adapters[place].categories[index].delivery = .incremental
        }
      }
    }
  }

  /// Credit codes with correct check characters, of nobody.
  static let codes: [String] = (0..<6).map { creditCode($0) }

  /// What a system says of an enterprise; the base record is 9151…, the others differ in their number.
  ///
  /// - Parameter updated: Day of June 2026 on which the source last changed it.
  static func record(
    _ number: Int, _ system: String, updated: Int = 1, _ more: Values = [:]
  ) -> Values {
    [
      "source_record_id": "\(system)-E-\(number)", "uscc": codes[number],
      "org_code": String(codes[number].dropFirst(8).prefix(9)),
      "source_update_time": "2026-06-0\(updated) 01:00:00",
    ].merging(more) { _, new in new }
  }

  static func fileName(_ system: String, _ part: Int) throws -> String {
    "\(try #require(names[system]))_\(part).csv"
  }
}

extension TestHome {
  func deliver(_ system: String, _ part: Int, enterprises records: [Values]) throws {
    let sheet = try sheet("ENT", records, system: system)
    let adapter = try #require(pipeline.catalog.adapter(system))
    try deliver(
      Enterprises.fileName(system, part),
      adapter.encoding == "utf-8-bom" ? sheet.utf8WithMark : sheet.gb18030, system: system)
  }
}

/// A unified social credit code of a subject registered with market supervision, number `number`.
private func creditCode(_ number: Int) -> String {
  let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")
  let organisation = organisationCode("MA6QY\(number)00")
  let body = "91510104" + organisation
  var sum = 0
  var weight = 1
  for character in body {
    sum += (alphabet.firstIndex(of: character) ?? 0) * weight
    weight = weight * 3 % 31
  }
  return body + String(alphabet[(31 - sum % 31) % 31])
}

/// GB 11714: eight characters and a check character.
private func organisationCode(_ body: String) -> String {
  let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
  let weights = [3, 7, 9, 10, 5, 8, 4, 2]
  let sum = zip(body, weights).reduce(0) { sum, pair in
    sum + (alphabet.firstIndex(of: pair.0) ?? 0) * pair.1
  }
  let rest = 11 - sum % 11
  return body + (rest == 10 ? "X" : rest == 11 ? "0" : "\(rest)")
}
