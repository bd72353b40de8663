import Access
import Catalog
import Records
import Sharing
import Standardization

/// Rows in canonical text as one audience may see them.
struct MaskedRows {
  private let texts: [[String?]]
  private let columns: [Int?]
  private let decisions: SharingDecisions

  /// - Parameters:
  ///   - rows: By row, then element.
  ///   - elements: Identifiers.
  init(
    _ rows: [[String?]], _ elements: [String], _ plan: SharingPlan, _ catalog: Catalog, now: Int64
  ) {
    texts = rows
    let columns = elements.map { plan.category.column(of: $0) }
    self.columns = columns
    // What the category does not have cannot be decided about, and is not shown.
    let known = elements.indices.filter { columns[$0] != nil }
    var chunk = RecordChunk(columnCount: known.count, stride: max(1, rows.count))
    for (row, values) in rows.enumerated() {
      _ = chunk.appendRecord(
        position: SourcePosition(recordNumber: row + 1, line: 0, byteOffset: 0), raw: .absent)
      for (column, place) in known.enumerated() {
        if let text = values[place] {
          chunk.setField(row, column, chunk.text.appendText(text))
        }
      }
    }
    let reader = CanonicalReader(catalog, plan.category, elements: known.map { elements[$0] })
    let canonical = reader.read(&chunk)
    decisions = plan.decisions(canonical.records, [], now: now)
  }

  func value(_ row: Int, _ place: Int) -> RecordCase.Value {
    guard let text = texts[row][place] else { return .empty }
    guard let column = columns[place] else { return .withheld }
    return decisions.value(row, column, shown: text)
  }
}

extension SharingPlan {
  /// - Parameter now: Seconds since 1970-01-01T00:00:00Z.
  func decisions(_ chunk: ElementChunk, _ rows: [SharingRows], now: Int64) -> SharingDecisions {
    var scratch = SharingScratch()
    var decisions = SharingDecisions()
    let context = context(today: Moment.dayNumber(now), now: now + 8 * 3600)
    decide(chunk, rows: rows, context: context, scratch: &scratch, into: &decisions)
    return decisions
  }
}

extension SharingDecisions {
  /// - Parameter shown: The value, for those who may see it.
  func value(_ row: Int, _ column: Int, shown text: String) -> RecordCase.Value {
    guard rows[row].isKept else { return .withheld }
    return value(columns[column], row, shown: text)
  }

  /// - Parameter column: Of the records, or of rows inside one that is kept.
  func value(_ column: ColumnDecisions, _ row: Int, shown text: String) -> RecordCase.Value {
    switch column.cell(row).outcome {
    case .shown: return .shown(text)
    case .withheld: return .withheld
    case .masked:
      let masked = column.masked(row)
      return masked.isAbsent ? .withheld : .masked(self.text.string(masked))
    }
  }
}
