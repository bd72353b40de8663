package import Access
package import Catalog
import Glibc
import Warehouse

/// An export that data may come from.
package struct TraceCandidate: Sendable, Hashable {
  package var export: String
  package var grant: String
  package var category: String
  /// Identifiers, in the order in which they were written.
  package var elements: [String]
  /// Who handed it out, and when.
  package var exporter: Person
  package var time: Int64

  package init(
    export: String, grant: String, category: String, elements: [String], exporter: Person,
    time: Int64
  ) {
    self.export = export
    self.grant = grant
    self.category = category
    self.elements = elements
    self.exporter = exporter
    self.time = time
  }

  /// An export as the access log has it.
  ///
  /// - Returns: nil for any other entry.
  package init?(_ entry: WrittenEntry) {
    let parts = entry.reference.split(separator: " ")
    guard entry.action == .export, entry.outcome == .allowed, parts.count == 2,
      let person = try? Person(user: entry.user, department: entry.department)
    else { return nil }
    self.init(
      export: String(parts[1]), grant: String(parts[0]), category: entry.category,
      elements: entry.elements, exporter: person, time: entry.time)
  }
}

/// What speaks for one export.
package struct TraceFinding: Sendable {
  /// How sure it is.
  package enum Sureness: String, Sendable, Comparable {
    /// A tag that only this installation can have made for this export.
    case certain
    /// The order alone; less than one in a million that it is chance.
    case veryLikely = "very-likely"
    /// The order alone; less than one in a thousand.
    case likely

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { self == .likely ? 0 : self == .veryLikely ? 1 : 2 }
  }

  package var candidate: TraceCandidate
  /// Different tags of this export.
  package var tags: Int
  /// Rows with all their values whose tag was made for these values, and rows whose values or tag were
  /// changed.
  package var wholeRows: Int
  package var changedRows: Int
  package var order: ExportMark.OrderEvidence
  /// log10 of the chance that data of other origin shows as much for any of the candidates.
  package var chance: Double
  package var sureness: Sureness
}

/// Tells from which exports a file, or a part of one, comes.
package struct MarkTrace {
  private let candidates: [TraceCandidate]
  private let marks: [ExportMark]
  private let catalog: Catalog

  /// - Parameter key: ``MaskSecret/key(for:)`` for ``ExportMark/use``.
  package init(_ candidates: [TraceCandidate], key: [UInt8], catalog: Catalog) {
    self.candidates = candidates
    marks = candidates.map { ExportMark(export: $0.export, key: key) }
    self.catalog = catalog
  }

  /// - Returns: The surest first, then the newest.
  /// - Throws: `WarehouseError` where the file cannot be read.
  package func findings(in path: String) throws -> [TraceFinding] {
    let tags = try Self.tags(in: path)
    var tagged = [Int](repeating: 0, count: candidates.count)
    var guess = 0
    for tag in tags.sorted() {
      // Tags of one file are mostly of one export.
      let order = [guess] + candidates.indices
      guard let found = order.first(where: { $0 < marks.count && marks[$0].made(tag) }) else {
        continue
      }
      tagged[found] += 1
      guess = found
    }
    let tables = LeakedTable.tables(of: path)
    return candidates.indices.compactMap { index in
      finding(index, tagged[index], tags.count, tables)
    }.sorted {
      ($0.sureness, $0.tags, $0.candidate.time) > ($1.sureness, $1.tags, $1.candidate.time)
    }
  }

  private func finding(
    _ index: Int, _ tags: Int, _ allTags: Int, _ tables: [LeakedTable]
  ) -> TraceFinding? {
    var finding = TraceFinding(
      candidate: candidates[index], tags: tags, wholeRows: 0, changedRows: 0,
      order: ExportMark.OrderEvidence(ascending: 0, pairs: 0, chance: 0), chance: 0,
      sureness: .certain)
    guard let category = catalog.category(candidates[index].category) else {
      return tags > 0 ? finding : nil
    }
    let known = ExportTable.tables(category, candidates[index].elements)
    for table in tables {
      let places = Dictionary(
        table.columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
      for export in known {
        let columns = export.elements.compactMap { places[$0.identifier] }
        let isWhole = columns.count == export.elements.count
        if isWhole, tags > 0, let place = places[ExportMark.column],
          export.isChild == (places[ExportTable.ordinal] != nil)
        {
          count(table, export, columns, place, marks[index], &finding)
        }
        guard !export.isChild else { continue }
        let order = export.orderElements(category).compactMap { places[$0] }
        guard order.count == export.orderElements(category).count else { continue }
        let found = evidence(table, order, places[ExportTable.record], marks[index])
        if found.chance < finding.order.chance || finding.order.pairs == 0 { finding.order = found }
      }
    }
    // As many attempts as there are candidates and ways to sort; each gets its share of the chance.
    let attempts = log10(Double(candidates.count * 2))
    let bits = Double(ExportMark.bits) * log10(2)
    let byOrder = min(0, finding.order.chance + attempts)
    if tags > 0 {
      finding.chance =
        min(0, log10(Double(max(1, allTags))) + attempts - bits * Double(tags))
      return finding
    }
    finding.chance = byOrder
    finding.sureness = byOrder < -6 ? .veryLikely : .likely
    return byOrder < -3 ? finding : nil
  }

  private func count(
    _ table: LeakedTable, _ export: ExportTable, _ columns: [Int], _ place: Int,
    _ mark: ExportMark, _ finding: inout TraceFinding
  ) {
    for row in table.rows where row.count == table.columns.count {
      guard let tag = row[place], mark.made(tag) else { continue }
      if mark.tag(export.name, columns.map { row[$0] ?? "" }) == tag {
        finding.wholeRows += 1
      } else {
        finding.changedRows += 1
      }
    }
  }

  /// As the rows stand, or by the numbers that the export gave them.
  private func evidence(
    _ table: LeakedTable, _ columns: [Int], _ number: Int?, _ mark: ExportMark
  ) -> ExportMark.OrderEvidence {
    let rows = table.rows.filter { $0.count == table.columns.count }
    let standing = mark.evidence(rows.map { row in columns.map { row[$0] ?? "" } })
    guard let number else { return standing }
    let numbered = rows.compactMap { row in row[number].flatMap { Int($0) }.map { ($0, row) } }
      .sorted { $0.0 < $1.0 }
    let sorted = mark.evidence(numbered.map { _, row in columns.map { row[$0] ?? "" } })
    return sorted.chance < standing.chance ? sorted : standing
  }

  /// All that has the form of a tag, wherever it stands in a file.
  private static func tags(in path: String) throws -> Set<String> {
    let file = try PosixFile(path, flags: O_RDONLY)
    let prefix = Array(ExportMark.prefix.utf8)
    var result: Set<String> = []
    var rest: [UInt8] = []
    while true {
      let block = try file.read(1 << 20)
      let bytes = rest + block
      var index = 0
      while index + ExportMark.length <= bytes.count {
        guard bytes[index] == prefix[0], bytes[index + 1] == prefix[1] else {
          index += 1
          continue
        }
        let text = bytes[index..<index + ExportMark.length]
        if text.dropFirst(2).allSatisfy(ExportMark.isLetter) {
          result.insert(String(decoding: text, as: UTF8.self))
          index += ExportMark.length
        } else {
          index += 1
        }
      }
      if block.isEmpty { return result }
      rest = Array(bytes[index...])
    }
  }
}
