import Catalog

/// Writes records of one category as lines of CSV text, UTF-8, with CR LF.
struct RecordWriter: Sendable {
  let columns: [ColumnSpelling]
  /// Empty columns behind the last one, as spreadsheets leave them.
  let blankColumns: Int
  /// Table of whose rows every line is one; nil where a line is a record.
  let rowsPer: String?
  /// By column, those that say something about the row of ``rowsPer``.
  private let rowColumns: [Bool]
  private let delimiter: UInt8

  /// - Parameters:
  ///   - usesOldNames: Headers as the form had them before, where the adapter knows such.
  init(
    _ mapping: CategoryMapping, _ habits: Habits, _ catalog: Catalog, usesOldNames: Bool = false,
    delimiter: UInt8 = UInt8(ascii: ","), blankColumns: Int = 0
  ) {
    self.blankColumns = blankColumns
    self.delimiter = delimiter
    rowsPer = mapping.rowsPer
    var own = mapping.columns
    let row = mapping.children.first { $0.name == mapping.rowsPer }?.columns ?? []
    for column in row where !own.contains(where: { $0.column == column.column }) {
      own.append(column)
    }
    rowColumns = own.map { column in row.contains { $0.column == column.column } }
    columns = own.map { column in
      let header = usesOldNames ? column.also.first ?? column.column : column.column
      return ColumnSpelling(column, header: header, habits, catalog)
    }
  }

  func writeHeader(into output: inout [UInt8]) {
    for (index, column) in columns.enumerated() {
      if index > 0 { output.append(delimiter) }
      append(column.header.utf8, into: &output)
    }
    end(into: &output)
  }

  /// Codes under the names, which a new release of the program may change.
  func writeSecondHeader(into output: inout [UInt8]) {
    for index in columns.indices {
      if index > 0 { output.append(delimiter) }
      output.append(contentsOf: "WS\(Spelling.padded(index + 101, 5))".utf8)
    }
    end(into: &output)
  }

  /// The lines of a record: one, or one for each row of ``rowsPer``.
  func write(
    _ draft: borrowing Draft, _ dice: inout Dice, _ scratch: inout [UInt8],
    into output: inout [UInt8]
  ) {
    let rows = rowsPer.map { draft.rowCount($0) } ?? 1
    let spelling = rowsPer == nil ? 0 : dice.next()
    for row in 0..<rows {
      for (place, column) in columns.enumerated() {
        if place > 0 { output.append(delimiter) }
        // What all lines say of the record is spelled alike in all.
        if rowsPer != nil { dice = Dice(seed: spelling, purpose: 0, index: place) }
        let value = value(column, place, row, draft)
        switch value {
        case .none, .date, .time: column.write(value, &dice, into: &output)
        default:
          scratch.removeAll(keepingCapacity: true)
          column.write(value, &dice, into: &scratch)
          append(scratch, into: &output)
        }
      }
      end(into: &output)
    }
  }

  private func value(
    _ column: ColumnSpelling, _ place: Int, _ row: Int, _ draft: borrowing Draft
  ) -> Value {
    guard let field = column.field else { return .none }
    guard let rowsPer, rowColumns[place] else { return draft[field] }
    return draft.value(field, ofRow: row, in: rowsPer)
  }

  /// Writes a record whose borders are damaged.
  func write(
    _ draft: borrowing Draft, _ dice: inout Dice, damage: RecordDamage,
    into output: inout [UInt8]
  ) {
    let count = columns.count - (damage.isTooShort ? 3 : 0)
    for (place, column) in columns.prefix(count).enumerated() {
      if place > 0 { output.append(delimiter) }
      var field: [UInt8] = []
      column.write(column.field.map { draft[$0] } ?? .none, &dice, into: &field)
      field.removeAll { $0 == delimiter || $0 == Self.quote || $0 == 0x0A || $0 == 0x0D }
      if place == 1, damage.opensQuote { field.insert(Self.quote, at: 0) }
      if place == 1, damage.hasStrayQuote { field.insert(Self.quote, at: min(1, field.count)) }
      output.append(contentsOf: field)
    }
    if damage.isTooLong { output.append(contentsOf: ",多余,字段".utf8) }
    if damage.isTooShort || damage.isTooLong {
      output.append(contentsOf: [0x0D, 0x0A])
    } else {
      end(into: &output)
    }
  }

  private func end(into output: inout [UInt8]) {
    for _ in 0..<blankColumns { output.append(delimiter) }
    output.append(0x0D)
    output.append(0x0A)
  }

  private static let quote = UInt8(ascii: "\"")

  private func append(_ field: some Collection<UInt8>, into output: inout [UInt8]) {
    let needsQuotes = field.contains {
      $0 == delimiter || $0 == Self.quote || $0 == 0x0A || $0 == 0x0D
    }
    guard needsQuotes else { return output.append(contentsOf: field) }
    output.append(Self.quote)
    for byte in field {
      if byte == Self.quote { output.append(Self.quote) }
      output.append(byte)
    }
    output.append(Self.quote)
  }
}
