/// A slice of a delivery as read: fields by column, text in one arena, every record's position kept.
///
/// Shape: `recordCount` records (at most `stride`) of `columnCount` source columns.
/// `fields[column * stride + row]` refers into ``text``; ``TextRef/absent`` means that the record had
/// no such field. Fields are unquoted; the bytes as received stand in `raws`.
public struct RecordChunk: Sendable {
  /// 1024 rows of 30 to 50 columns stay inside a core's second-level cache (performance.md §7).
  public static let maximumRecords = 1024
  /// Text of the records of one chunk; a single larger record makes a chunk of its own.
  public static let maximumBytes = 768 * 1024

  /// UTF-8. Records as read, then unescaped copies of fields that had doubled quotes.
  public var text: TextArena
  public let columnCount: Int
  /// Distance between two columns in ``fields``, and the most records.
  public let stride: Int
  /// Text after which the chunk is full.
  public let byteLimit: Int
  public private(set) var recordCount: Int
  public var fields: [TextRef]
  /// One per record. `byteOffset` is exact for UTF-8 sources; for transcoded ones it is relative to
  /// the decoded text and made exact by the reader when a finding needs it.
  public var positions: [SourcePosition]
  /// One per record: its bytes as received (decoded to UTF-8), without the record's terminator.
  public var raws: [TextRef]
  /// Records of this chunk that could not be taken apart as the format demands, by row, ascending.
  public var faults: [RecordFault]
  /// Rows inside the records, one list per kind of them; empty for flat formats.
  public var children: [ChildRows]

  public init(
    columnCount: Int, stride: Int = RecordChunk.maximumRecords,
    byteLimit: Int = RecordChunk.maximumBytes
  ) {
    self.columnCount = columnCount
    self.stride = stride
    self.byteLimit = byteLimit
    text = []
    recordCount = 0
    fields = Array(repeating: .absent, count: columnCount * stride)
    positions = []
    raws = []
    faults = []
    children = []
  }

  public var isFull: Bool {
    recordCount >= stride || (recordCount > 0 && text.count >= byteLimit)
  }

  /// The reference of one field.
  @inlinable
  public func field(_ row: Int, _ column: Int) -> TextRef { fields[column * stride + row] }

  /// Opens the next row; its fields are absent until set.
  ///
  /// - Returns: The row, from 0.
  public mutating func appendRecord(position: SourcePosition, raw: TextRef) -> Int {
    precondition(recordCount < stride, "chunk is full")
    positions.append(position)
    raws.append(raw)
    recordCount += 1
    return recordCount - 1
  }

  @inlinable
  public mutating func setField(_ row: Int, _ column: Int, _ ref: TextRef) {
    fields[column * stride + row] = ref
  }

  /// Drops the rows for which `isKept` is false; the others keep their order.
  public mutating func keepRows(_ isKept: (Int) -> Bool) {
    var kept: [Int] = []
    for row in 0..<recordCount where isKept(row) { kept.append(row) }
    guard kept.count < recordCount else { return }
    for column in 0..<columnCount {
      let base = column * stride
      for (target, row) in kept.enumerated() { fields[base + target] = fields[base + row] }
      for row in kept.count..<recordCount { fields[base + row] = .absent }
    }
    for (target, row) in kept.enumerated() {
      positions[target] = positions[row]
      raws[target] = raws[row]
    }
    positions.removeLast(recordCount - kept.count)
    raws.removeLast(recordCount - kept.count)
    faults = faults.compactMap { fault in
      kept.firstIndex(of: fault.row).map { row in
        var moved = fault
        moved.row = row
        return moved
      }
    }
    for index in children.indices { children[index].keepRows(kept) }
    recordCount = kept.count
  }

  /// Empties the chunk and keeps its memory.
  public mutating func removeAll() {
    for column in 0..<columnCount {
      for row in 0..<recordCount { fields[column * stride + row] = .absent }
    }
    text.removeAll(keepingCapacity: true)
    positions.removeAll(keepingCapacity: true)
    raws.removeAll(keepingCapacity: true)
    faults.removeAll(keepingCapacity: true)
    for index in children.indices { children[index].removeAll() }
    recordCount = 0
  }
}

/// Rows that stand inside the records of a chunk, e.g. the parties of its cases.
public struct ChildRows: Sendable {
  public let columnCount: Int
  /// Row of the record that each belongs to, ascending.
  public private(set) var owners: [Int32] = []
  /// Fields by row, then column; in the arena of the chunk.
  public private(set) var fields: [TextRef] = []

  public init(columnCount: Int) { self.columnCount = columnCount }

  public var count: Int { owners.count }

  @inlinable
  public func field(_ row: Int, _ column: Int) -> TextRef { fields[row * columnCount + column] }

  /// Opens a row of the record `owner`; its fields are absent until set.
  ///
  /// - Returns: The row, from 0.
  public mutating func append(owner: Int) -> Int {
    owners.append(Int32(owner))
    fields.append(contentsOf: repeatElement(.absent, count: columnCount))
    return owners.count - 1
  }

  public mutating func setField(_ row: Int, _ column: Int, _ ref: TextRef) {
    fields[row * columnCount + column] = ref
  }

  /// Keeps the rows of the records `kept`, ascending, which are numbered anew from 0.
  mutating func keepRows(_ kept: [Int]) {
    var newOwners: [Int32] = []
    var newFields: [TextRef] = []
    var next = 0
    for (target, owner) in kept.enumerated() {
      while next < owners.count, Int(owners[next]) < owner { next += 1 }
      while next < owners.count, Int(owners[next]) == owner {
        newOwners.append(Int32(target))
        newFields += fields[next * columnCount..<(next + 1) * columnCount]
        next += 1
      }
    }
    owners = newOwners
    fields = newFields
  }

  mutating func removeAll() {
    owners.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
  }
}

/// Why a record could not be taken apart as its format demands. Data, not an error.
public struct RecordFault: Hashable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// More or fewer fields than the header has columns.
    case fieldCount
    /// A quote inside an unquoted field, or text after a closing quote.
    case strayQuote
    /// The file ended inside a quoted field.
    case unclosedQuote
    /// Bytes that the file's encoding does not allow.
    case undecodableBytes
    /// A NUL or another control character that no text export contains.
    case controlCharacter
    /// More bytes than a record may have (semantics.md §16).
    case recordSize
    /// More fields than a record may have (semantics.md §16).
    case fieldLimit
    /// Text inside the record that its format does not allow: a bad escape, number or literal.
    case malformed
    /// Two members of an object have one name; which of them counts nobody can say.
    case duplicateName
    /// Nested deeper than a record may be (semantics.md §16).
    case nesting
    /// Lines of one record differ in what they must share (semantics.md §5).
    case gatheredLines
  }

  public var row: Int
  public var kind: Kind
  /// What was found and expected, as numbers: fields, bytes or nesting by `kind`.
  public var found: Int
  public var expected: Int
  /// First byte of the trouble, relative to the record's first byte in the decoded text.
  public var offsetInRecord: Int

  public init(row: Int, kind: Kind, found: Int = 0, expected: Int = 0, offsetInRecord: Int = 0) {
    self.row = row
    self.kind = kind
    self.found = found
    self.expected = expected
    self.offsetInRecord = offsetInRecord
  }
}
