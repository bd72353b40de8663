/// Writes records as RFC 4180 bytes into a buffer that the caller empties.
///
/// What is written is read back as the same fields by ``CSVReader`` with the same delimiter, with two
/// exceptions that no CSV file can tell apart: nothing (`absent`) is read as empty, and neutralized
/// formulas keep their apostrophe.
package struct CSVWriter {
  package enum LineEnding: Sendable {
    case lf
    case crlf
  }

  package let delimiter: UInt8
  package let lineEnding: LineEnding
  /// Puts an apostrophe before values that a spreadsheet would run as a formula (design.md §6).
  package let neutralizesFormulas: Bool
  /// What was written and not yet taken. UTF-8.
  package var output: [UInt8] = []

  private static let quote = UInt8(ascii: "\"")
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// - Parameters:
  ///   - delimiter: An ASCII byte other than the double quote, CR and LF.
  ///   - neutralizesFormulas: On for every file that leaves the house.
  ///   - writesByteOrderMark: Excel reads UTF-8 only with one.
  package init(
    delimiter: UInt8 = UInt8(ascii: ","), lineEnding: LineEnding = .crlf,
    neutralizesFormulas: Bool = true, writesByteOrderMark: Bool = false
  ) {
    precondition(delimiter < 0x80 && delimiter != Self.quote && !Byte.isLineBreak(delimiter))
    self.delimiter = delimiter
    self.lineEnding = lineEnding
    self.neutralizesFormulas = neutralizesFormulas
    if writesByteOrderMark { output = Self.byteOrderMark }
  }

  /// Writes one record of `String`s. For headers and small files.
  package mutating func write(_ fields: [String]) {
    var isFirst = true
    for field in fields {
      write(Array(field.utf8).span, isFirst: isFirst, isOnly: fields.count == 1)
      isFirst = false
    }
    endRecord()
  }

  /// Writes one field; the caller ends the record.
  ///
  /// - Parameters:
  ///   - field: UTF-8, any bytes.
  ///   - isFirst: The first field of the record; no delimiter before it.
  ///   - isOnly: The only one; an empty one is quoted, because a blank line is not a record.
  package mutating func write(_ field: Span<UInt8>, isFirst: Bool, isOnly: Bool = false) {
    if !isFirst { output.append(delimiter) }
    let isFormula = neutralizesFormulas && Self.isFormula(field)
    guard isFormula || (isOnly && field.isEmpty) || needsQuotes(field, isFirst: isFirst) else {
      output.appendBytes(field, 0..<field.count)
      return
    }
    let isQuoted = !isFormula || needsQuotes(field, isFirst: isFirst)
    if isQuoted { output.append(Self.quote) }
    if isFormula { output.append(UInt8(ascii: "'")) }
    for index in field.indices {
      if field[index] == Self.quote { output.append(Self.quote) }
      output.append(field[index])
    }
    if isQuoted { output.append(Self.quote) }
  }

  /// Writes the record's terminator.
  package mutating func endRecord() {
    if lineEnding == .crlf { output.append(Byte.carriageReturn) }
    output.append(Byte.lineFeed)
  }

  /// Whether a spreadsheet would take `field` for a formula: it begins with `=` `+` `-` `@` TAB or CR
  /// and is not a plain number such as `-12.5`.
  package static func isFormula(_ field: Span<UInt8>) -> Bool {
    guard !field.isEmpty else { return false }
    switch field[0] {
    case UInt8(ascii: "="), UInt8(ascii: "@"), Byte.tab, Byte.carriageReturn: return true
    case UInt8(ascii: "+"), UInt8(ascii: "-"): return !isPlainNumber(field)
    default: return false
    }
  }

  /// A sign, digits, and at most one point between digits.
  private static func isPlainNumber(_ field: Span<UInt8>) -> Bool {
    var hasPoint = false
    var digits = 0
    for index in 1..<field.count {
      switch field[index] {
      case 0x30...0x39: digits += 1
      case UInt8(ascii: ".") where !hasPoint && digits > 0:
        hasPoint = true
        digits = 0
      default: return false
      }
    }
    return digits > 0
  }

  private func needsQuotes(_ field: Span<UInt8>, isFirst: Bool) -> Bool {
    for index in field.indices {
      let byte = field[index]
      if byte == delimiter || byte == Self.quote || Byte.isLineBreak(byte) { return true }
    }
    guard isFirst, field.count >= 3 else { return false }
    // At the start of a file these would be taken for a byte-order mark or for a `sep=` line.
    let isMark = field[0] == 0xEF && field[1] == 0xBB && field[2] == 0xBF
    return isMark || (field.count >= 4 && field[3] == UInt8(ascii: "="))
  }
}
