import Records

/// What is known of the unit that is being read, besides its values.
struct OpenUnit {
  /// A record: where it begins and ends.
  struct Record {
    var start: Int
    var end: Int
    var line: Int
  }

  /// Something wrong inside of the unit, not yet put to a row.
  struct Trouble {
    var kind: RecordFault.Kind
    /// Index of the record, or -1 for all of the unit.
    var record: Int
    var found: Int
    var expected: Int
    /// In the text.
    var offset: Int
  }

  /// Values of a record as they were at some point.
  struct KeptRow {
    var text: [UInt8] = []
    var fields: [(column: Int, ref: TextRef)] = []
  }

  /// Offset of its `<`.
  var start: Int
  var line: Int
  /// Where the limit of fields was crossed.
  var fieldLimitOffset: Int?
  var records: [Record] = []
  /// Index of the record that is open, or -1.
  var openRecord = -1
  var troubles: [Trouble] = []
  /// What was there when the unit became too large to be read on, or might have.
  var kept: KeptRow?
  /// First bytes of a unit that is over the limit; its other bytes are not kept.
  var head: [UInt8]?

  init(start: Int, line: Int) {
    self.start = start
    self.line = line
  }

  mutating func openRecord(_ record: Record) {
    records.append(record)
    openRecord = records.count - 1
  }

  /// Notes a trouble; at most one of a kind for a record.
  mutating func note(_ kind: RecordFault.Kind, found: Int, expected: Int, offset: Int) {
    let record = openRecord
    if let index = troubles.firstIndex(where: { $0.kind == kind && $0.record == record }) {
      troubles[index].found = max(troubles[index].found, found)
      return
    }
    troubles.append(
      Trouble(
        kind: kind, record: record, found: found, expected: expected, offset: offset))
  }

  /// The troubles of a record, at most one of a kind.
  func faults(ofRecord record: Int, row: Int) -> [RecordFault] {
    var faults: [RecordFault] = []
    for trouble in troubles where trouble.record < 0 || trouble.record == record {
      guard !faults.contains(where: { $0.kind == trouble.kind }) else { continue }
      faults.append(
        RecordFault(
          row: row, kind: trouble.kind, found: trouble.found, expected: trouble.expected,
          offsetInRecord: max(0, trouble.offset - records[record].start)))
    }
    return faults
  }
}
