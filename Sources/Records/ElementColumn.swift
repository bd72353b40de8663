/// What is known about one standardized value.
@frozen
public enum ValueState: UInt8, Sendable {
  /// Not delivered, empty, or a spelling of null. Completeness decides whether that is allowed.
  case null = 0
  /// Present and readable as the element's type; `numbers` is set for typed elements.
  case present = 1
  /// Present, but not readable as the element's type (a date that is none, an unknown label).
  case unreadable = 2
}

/// One data element of one chunk after standardization.
///
/// Shape: one entry per record in each array. What `numbers` means depends on the element:
///
/// | element | number |
/// |---|---|
/// | date | days since 1970-01-01 |
/// | date-time | seconds since 1970-01-01T00:00:00, local time +08:00 as written |
/// | number | the value × 10^decimals of the element's representation |
/// | code, one value | index of the permissible value in its value domain, or -1 |
/// | code, many values | bit `i` set for permissible value `i`; bit 63 for any unknown value |
/// | text | 0 |
///
/// Many values are joined by `;` in the text. Where the state is `unreadable`, the number says why.
public struct ElementColumn: Sendable {
  public var texts: [TextRef]
  public var numbers: [Int64]
  public var states: [ValueState]

  public init(count: Int) {
    texts = Array(repeating: .absent, count: count)
    numbers = Array(repeating: 0, count: count)
    states = Array(repeating: .null, count: count)
  }

  /// Bit of a many-valued code column that says "a value outside the domain".
  public static let unknownCodeBit: Int64 = .min

  @inlinable
  public mutating func setNull(_ row: Int) {
    texts[row] = .absent
    numbers[row] = 0
    states[row] = .null
  }

  @inlinable
  public mutating func set(_ row: Int, _ text: TextRef, number: Int64 = 0) {
    texts[row] = text
    numbers[row] = number
    states[row] = .present
  }

  /// - Parameter reason: Why, as the raw value of the standardizer's reason; kept in `numbers`.
  @inlinable
  public mutating func setUnreadable(_ row: Int, _ text: TextRef, reason: Int64 = 0) {
    texts[row] = text
    numbers[row] = reason
    states[row] = .unreadable
  }
}

/// One change that standardization made to a value that a record delivered.
public struct ValueChange: Hashable, Sendable {
  public var row: Int
  /// Column of the category (see ``ElementChunk``).
  public var column: Int
  /// The value as received.
  public var original: TextRef
  public var kind: Kind

  /// Why the value was changed; stored with the record by its raw value.
  public enum Kind: UInt8, Sendable, CaseIterable {
    case width = 1
    case null
    case date
    case number
    case label
    case separator
    case letterCase
    case spelling
    case moved
    case qualifier
    case upgraded
    case privateUse
  }

  public init(row: Int, column: Int, original: TextRef, kind: Kind) {
    self.row = row
    self.column = column
    self.original = original
    self.kind = kind
  }
}

/// The records of a chunk after standardization: one ``ElementColumn`` per element of the category,
/// in the category's order.
///
/// Columns may be longer than `recordCount`; entries beyond it mean nothing. A chunk is reused, so that
/// the steady state allocates nothing.
public struct ElementChunk: Sendable {
  public private(set) var recordCount: Int
  /// The arena of the ``RecordChunk``, with standardized texts appended.
  public var text: TextArena
  public var columns: [ElementColumn]
  /// By column, then row.
  public var changes: [ValueChange]

  public init(recordCount: Int, columnCount: Int, text: TextArena) {
    self.recordCount = recordCount
    self.text = text
    columns = Array(repeating: ElementColumn(count: recordCount), count: columnCount)
    changes = []
  }

  /// Makes ready for other records whose columns are all written anew.
  public mutating func begin(recordCount: Int) {
    precondition(columns.allSatisfy { $0.states.count >= recordCount }, "columns are too short")
    self.recordCount = recordCount
    changes.removeAll(keepingCapacity: true)
  }

  /// Makes ready for other records; every value is null again.
  public mutating func reset(recordCount: Int) {
    self.recordCount = recordCount
    changes.removeAll(keepingCapacity: true)
    for column in columns.indices { columns[column].reset(count: recordCount) }
  }
}

extension ElementColumn {
  /// Makes the first `count` entries null; grows the column if it is shorter.
  public mutating func reset(count: Int) {
    if states.count < count {
      self = ElementColumn(count: count)
      return
    }
    for row in 0..<count {
      texts[row] = .absent
      numbers[row] = 0
      states[row] = .null
    }
  }
}
