import Catalog
import Reconciliation
import Records
import Warehouse

/// What people state, on its way through a night: which of it counts, and what ends.
struct OverrideTally {
  private var standing: [StewardOverride]
  private var isCounting: Set<Int64> = []
  private let day: CivilDate

  /// - Parameter overrides: Those that no publication has ended.
  init(_ overrides: [StewardOverride], on day: CivilDate) {
    standing = overrides
    self.day = day
  }

  /// Keys that are composed anew: every one of an override that stands, because one that came, or whose
  /// days are over, changes a record that nothing else touches.
  func keys(of entity: GoldenEntity) -> [[String]] {
    standing.filter { $0.entity == entity.id }.map(\.key)
  }

  /// Those that count if nothing has moved.
  func candidates(of entity: GoldenEntity) -> [StewardOverride] {
    standing.filter { $0.entity == entity.id && end($0) == nil }
  }

  mutating func count(_ override: StewardOverride) { isCounting.insert(override.id) }

  /// Ascending.
  var counting: [Int64] { isCounting.sorted() }

  /// Ascending. What found no record, or another value than the one that it replaced, has moved.
  var ended: [(id: Int64, outcome: StewardOverride.Outcome)] {
    standing.filter { !isCounting.contains($0.id) }.map { ($0.id, end($0) ?? .moved) }
  }

  private func end(_ override: StewardOverride) -> StewardOverride.Outcome? {
    if override.retirement != nil { return .retired }
    return CivilDate(override.until).map { $0 < day } ?? true ? .expired : nil
  }
}

/// Rows of a page with one more for each override of its keys, so that stated values become typed ones on
/// the way of all others.
struct StatedRows {
  /// The records' rows first.
  private(set) var page: GoldenPage
  /// Overrides and their rows, by probe.
  private(set) var rows: [Int32: [(override: StewardOverride, row: Int)]] = [:]

  var probes: Set<Int32> { Set(rows.keys) }

  /// - Parameter elements: Identifiers of the page's columns.
  init(
    _ page: GoldenPage, _ overrides: [StewardOverride], _ entity: GoldenEntity,
    _ elements: [String]
  ) {
    self.page = page
    guard !overrides.isEmpty else { return }
    let byKey = Dictionary(grouping: overrides, by: \.key)
    let columns = entity.matchKey.compactMap { elements.firstIndex(of: $0) }
    for row in 0..<page.rows.count
    where row == 0 || page.rows.probes[row] != page.rows.probes[row - 1] {
      let key = columns.map { page.rows.text.string(page.rows.columns[$0][row]) }
      for override in byKey[key] ?? [] { append(override, page.rows.probes[row], elements) }
    }
  }

  private mutating func append(
    _ override: StewardOverride, _ probe: Int32, _ elements: [String]
  ) {
    rows[probe, default: []].append((override, page.rows.count))
    page.rows.probes.append(probe)
    page.places.append(.record)
    page.rows.rowIDs.append(BatchColumn.null)
    page.rows.positions.append(SourcePosition(recordNumber: 0, line: 0, byteOffset: 0))
    for (column, name) in elements.enumerated() {
      let value = override.values.first { $0.element == name }?.value
      page.rows.columns[column].append(value.map { page.rows.text.appendText($0) } ?? .absent)
    }
  }
}
