package import Catalog
package import Warehouse

/// Which systems deliver which data elements: mapped, how often filled, never seen.
package struct CoverageMatrix: Sendable {
  /// What a system does for an element.
  package enum Cell: Sendable, Hashable {
    /// No category of the system carries the element.
    case notCarried
    /// A category of the system carries it, and the adapter has no column for it.
    case notMapped
    /// The adapter has a column for it, and no record has been judged.
    case notDelivered
    /// Records were judged, and none had a value.
    case neverSeen
    /// Share of the judged records of the categories that map it, 0…1.
    case filled(Double)

    /// In a table: per cent, or a sign.
    package var sign: String {
      switch self {
      case .notCarried: ""
      case .notMapped: "–"
      case .notDelivered: "?"
      case .neverSeen: "!"
      // Only what is whole is 100, and only what is nothing is 0.
      case .filled(1): "100"
      case .filled(let share): share < 0.01 ? "<1" : String(min(99, Int(share * 100)))
      }
    }
  }

  package let systems: [SourceSystem]
  package let elements: [DataElement]
  /// By element, then system.
  package let cells: [[Cell]]

  /// - Parameter sums: Of some nights; none, and the matrix still says what is mapped.
  package init(_ catalog: Catalog, _ sums: [CoverageSum]) {
    let counts = Dictionary(grouping: sums, by: \.system)
    systems = catalog.systems.sorted { $0.order < $1.order }
    elements = catalog.elements
    let columns = systems.map { system in
      SystemCoverage(catalog, catalog.adapter(system.id), system.id, counts[system.id] ?? [])
    }
    cells = catalog.elements.map { element in columns.map { $0.cell(element.identifier) } }
  }

  /// How many elements a system maps, and how many of them had a value.
  package func summary(system: Int) -> (mapped: Int, seen: Int) {
    cells.reduce(into: (mapped: 0, seen: 0)) { sum, row in
      switch row[system] {
      case .notCarried, .notMapped: break
      case .notDelivered, .neverSeen: sum.mapped += 1
      case .filled:
        sum.mapped += 1
        sum.seen += 1
      }
    }
  }
}

/// What one system carries, maps and fills, by element.
private struct SystemCoverage {
  private var carried: Set<String> = []
  private var mapped: Set<String> = []
  private var judged: [String: Int] = [:]
  private var filled: [String: Int] = [:]

  init(
    _ catalog: Catalog, _ adapter: SourceAdapter?, _ system: String, _ sums: [CoverageSum]
  ) {
    var counts: [String: [String: Int]] = [:]
    for sum in sums { counts[sum.category, default: [:]][sum.element, default: 0] += sum.count }
    for category in catalog.categories where category.deliveredBy.contains(system) {
      carried.formUnion(category.elements.map(\.element.identifier))
    }
    for mapping in adapter?.categories ?? [] {
      let names = Set(
        mapping.columns.compactMap(\.element) + Array(mapping.constants.keys)
          + Array(mapping.generated.keys)
          + mapping.children.flatMap { $0.columns.compactMap(\.element) })
      mapped.formUnion(names)
      for name in names {
        judged[name, default: 0] += counts[mapping.category]?[""] ?? 0
        filled[name, default: 0] += counts[mapping.category]?[name] ?? 0
      }
    }
  }

  func cell(_ element: String) -> CoverageMatrix.Cell {
    guard mapped.contains(element) else {
      return carried.contains(element) ? .notMapped : .notCarried
    }
    guard let all = judged[element], all > 0 else { return .notDelivered }
    let some = filled[element] ?? 0
    return some == 0 ? .neverSeen : .filled(Double(some) / Double(all))
  }
}
