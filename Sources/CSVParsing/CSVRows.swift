/// The rows of a CSV text of any shape, by the letter of RFC 4180: every row with as many fields as it
/// has. For looking at files and as a witness in tests; deliveries go through ``CSVReader``.
package struct CSVRows {
  /// What is not well-formed, and where.
  package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Physical line, from 1.
    package var line: Int
    /// Offset in the decoded text, from 0.
    package var byteOffset: Int
    package var message: String

    package var description: String { "line \(line), byte \(byteOffset): \(message)" }
  }

  private enum State {
    case fieldStart
    case unquoted
    case quoted
    /// Behind a quote inside a quoted field: its end, or the first of two.
    case quoteInQuoted
  }

  private let delimiter: UInt8
  private var state = State.fieldStart
  private var field: [UInt8] = []
  private var row: [String] = []
  private var line = 1
  private var offset = 0
  private var openedAt = (line: 1, offset: 0)
  private var previousWasReturn = false
  private var rowHasBytes = false

  package init(delimiter: UInt8 = UInt8(ascii: ",")) { self.delimiter = delimiter }

  /// Takes in the next piece of the text, without byte-order mark.
  ///
  /// - Parameters:
  ///   - isLast: Nothing follows.
  ///   - onRow: Gets every row but blank lines.
  package mutating func feed(
    _ bytes: Span<UInt8>, isLast: Bool, onRow: ([String]) throws -> Void
  ) throws {
    for index in bytes.indices {
      try take(bytes[index], onRow)
      offset += 1
    }
    guard isLast else { return }
    if state == .quoted {
      throw Fault(
        line: openedAt.line, byteOffset: openedAt.offset,
        message: "the quoted field that begins here is never closed")
    }
    if rowHasBytes { try endRow(onRow) }
  }

  private mutating func take(_ byte: UInt8, _ onRow: ([String]) throws -> Void) throws {
    let isLineBreak = byte == 10 || byte == 13
    // The second byte of CRLF ends nothing.
    let isSecond = byte == 10 && previousWasReturn
    previousWasReturn = byte == 13 && state != .quoted
    if state == .quoted {
      if byte == UInt8(ascii: "\"") { state = .quoteInQuoted } else { field.append(byte) }
      if byte == 10 { line += 1 }
      return
    }
    if isLineBreak {
      if !isSecond {
        if rowHasBytes { try endRow(onRow) }
        line += 1
      }
      return
    }
    rowHasBytes = true
    try takeInRow(byte)
  }

  private mutating func takeInRow(_ byte: UInt8) throws {
    if byte == delimiter {
      endField()
      return
    }
    guard byte == UInt8(ascii: "\"") else {
      if state == .quoteInQuoted {
        throw Fault(line: line, byteOffset: offset, message: "text behind a closing quote")
      }
      state = .unquoted
      field.append(byte)
      return
    }
    switch state {
    case .fieldStart:
      openedAt = (line, offset)
      state = .quoted
    case .quoteInQuoted:
      field.append(byte)
      state = .quoted
    case .unquoted, .quoted:
      throw Fault(line: line, byteOffset: offset, message: "a quote inside an unquoted field")
    }
  }

  private mutating func endField() {
    row.append(String(decoding: field, as: UTF8.self))
    field.removeAll(keepingCapacity: true)
    state = .fieldStart
  }

  private mutating func endRow(_ onRow: ([String]) throws -> Void) throws {
    endField()
    try onRow(row)
    row.removeAll(keepingCapacity: true)
    rowHasBytes = false
  }
}
