package import Records

/// Up to a chunk's worth of rows of one table, by column: the form in which rows travel from the
/// judging stages through segment files into an engine.
///
/// One mechanism serves every bulk table: accepted records, their child rows, quarantined records
/// and findings.
package struct TableBatch: Sendable, Equatable {
  /// Name of the table, as in ``TableModel``.
  package var table: String
  package var rowCount: Int
  /// In the order of the table's columns.
  package var columns: [BatchColumn]
  /// Bytes that text columns refer to; UTF-8 but for `blob` columns.
  package var text: TextArena

  package init(table: String, rowCount: Int = 0, columns: [BatchColumn] = [], text: TextArena = [])
  {
    self.table = table
    self.rowCount = rowCount
    self.columns = columns
    self.text = text
  }
}

/// One column of a ``TableBatch``; each array has one entry per row.
package enum BatchColumn: Sendable, Equatable {
  /// ``null`` is SQL NULL.
  case integers([Int64])
  /// Days since 1970-01-01, stored as `2026-03-01`.
  case dates([Int64])
  /// Seconds since 1970-01-01T00:00:00 local time, stored as `2026-03-01T09:30:00`.
  case dateTimes([Int64])
  /// UTF-8; an absent reference is NULL.
  case texts([TextRef])
  /// Bytes; an absent reference is NULL.
  case blobs([TextRef])
  /// The same integer in every row.
  case constantInteger(Int64)
  /// The same text in every row; nil is NULL.
  case constantText(String?)

  /// The integer that stands for NULL.
  package static let null: Int64 = .min
}

extension TextArena {
  /// Appends the 16 bytes of a fingerprint, high byte first, so that engines order them likewise.
  package mutating func append(_ fingerprint: Fingerprint) -> TextRef {
    let start = count
    for shift in stride(from: 56, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: fingerprint.high >> UInt64(shift)))
    }
    for shift in stride(from: 56, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: fingerprint.low >> UInt64(shift)))
    }
    return TextRef(offset: start, length: 16)
  }
}
