import Catalog

/// Writes records of one category as lines of CSV text, UTF-8, with CR LF.
struct RecordWriter: Sendable {
  let columns: [ColumnSpelling]
  /// Empty columns behind the last one, as spreadsheets leave them.
  let blankColumns: Int
  private let seed: UInt64
  private let kind: Kind

  /// - Parameters:
  ///   - usesOldNames: Headers as the form had them before, where the adapter knows such.
  init(
    _ kind: Kind, _ mapping: CategoryMapping, _ catalog: Catalog, seed: UInt64,
    usesOldNames: Bool = false, blankColumns: Int = 0
  ) {
    self.kind = kind
    self.seed = seed
    self.blankColumns = blankColumns
    columns = mapping.columns.map { column in
      let header = usesOldNames ? column.also.first ?? column.column : column.column
      return ColumnSpelling(column, header: header, catalog)
    }
  }

  func writeHeader(into output: inout [UInt8]) {
    for (index, column) in columns.enumerated() {
      if index > 0 { output.append(Self.comma) }
      append(column.header.utf8, into: &output)
    }
    end(into: &output)
  }

  /// - Parameters:
  ///   - index: Of the record, which with the version decides how values are spelled.
  func write(
    _ draft: borrowing Draft, _ index: Int, _ version: RecordVersion, _ scratch: inout [UInt8],
    into output: inout [UInt8]
  ) {
    var dice = Dice(
      seed: seed, purpose: UInt64(1000 + kind.rawValue + version.number * 64), index: index)
    for (place, column) in columns.enumerated() {
      if place > 0 { output.append(Self.comma) }
      let value = column.field.map { draft[$0] } ?? .none
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

  /// Writes a record whose borders are damaged.
  func write(
    _ draft: borrowing Draft, _ index: Int, _ version: RecordVersion, damage: RecordDamage,
    into output: inout [UInt8]
  ) {
    var dice = Dice(
      seed: seed, purpose: UInt64(1000 + kind.rawValue + version.number * 64), index: index)
    let count = columns.count - (damage.isTooShort ? 3 : 0)
    for (place, column) in columns.prefix(count).enumerated() {
      if place > 0 { output.append(Self.comma) }
      var field: [UInt8] = []
      column.write(column.field.map { draft[$0] } ?? .none, &dice, into: &field)
      field.removeAll { $0 == Self.comma || $0 == Self.quote || $0 == 0x0A || $0 == 0x0D }
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
    for _ in 0..<blankColumns { output.append(Self.comma) }
    output.append(0x0D)
    output.append(0x0A)
  }

  private static let comma = UInt8(ascii: ",")
  private static let quote = UInt8(ascii: "\"")

  private func append(_ field: some Collection<UInt8>, into output: inout [UInt8]) {
    let needsQuotes = field.contains {
      $0 == Self.comma || $0 == Self.quote || $0 == 0x0A || $0 == 0x0D
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
