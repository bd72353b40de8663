import Records
package import Warehouse
package import WarehouseSQLite

/// Which deliveries a shadow run judges.
package enum ShadowDeliveries {
  /// Nights that are looked back on from the last one if nobody says otherwise; last month's data (V11).
  package static let nights = 30

  /// What was loaded since the first night, each content once, with the day of its night.
  ///
  /// - Parameters:
  ///   - first: Days since 1970-01-01; nil for ``nights`` before the last one.
  ///   - system: nil for all, as `category`.
  package static func chosen(
    _ reader: WarehouseReader, first: Int? = nil, system: String? = nil, category: String? = nil
  ) throws -> [(entry: DeliveryEntry, night: Int)] {
    guard
      let last = try reader.publications(upTo: "9999-12-31", publication: nil, limit: 1).first,
      let lastDay = CivilDate(last.night)?.dayNumber
    else { return [] }
    let span = LedgerSpan(
      first: CivilDate(dayNumber: first ?? (lastDay - nights)).description, last: last.night,
      publication: last.publication)
    var seen: Set<String> = []
    var result: [(entry: DeliveryEntry, night: Int)] = []
    for night in try reader.nightSums(span).map(\.night) {
      guard let day = CivilDate(night)?.dayNumber else { continue }
      let single = LedgerSpan(first: night, last: night, publication: last.publication)
      for entry in try reader.deliveries(single)
      where entry.status == .loaded && system.map({ $0 == entry.system }) ?? true
        && category.map({ $0 == entry.category }) ?? true
        && seen.insert("\(entry.content) \(entry.system) \(entry.category)").inserted
      {
        result.append((entry, day))
      }
    }
    return result
  }
}
