/// A value of a record before it is spelled the way an export spells it.
enum Value: Sendable, Equatable {
  case none
  case text(String)
  case texts([String])
  case code(String)
  case codes([String])
  /// Days since 1970-01-01.
  case date(Int)
  /// Seconds since 1970-01-01T00:00:00 by the local clock.
  case time(Int)
  /// The number × 10^decimals, in the element's own unit.
  case number(Int, decimals: Int)
  /// Written as it stands, whatever the column is.
  case raw(String)

  static func count(_ number: Int) -> Value { .number(number, decimals: 0) }

  /// Money in fen.
  static func money(fen: Int) -> Value { .number(fen, decimals: 2) }

  static func flag(_ isSet: Bool) -> Value { .code(isSet ? "1" : "0") }

  var isEmpty: Bool { self == .none }
}

/// One record, by element; used again for the next one.
struct Draft: Sendable {
  private var values: [Value] = Array(repeating: .none, count: Field.allCases.count)
  private var filled: [Field] = []
  /// Rows inside the record, by name of their table; what the first row does not say is what the
  /// record itself says.
  var children: [ChildRows] = []

  init() {}

  /// Rows of one child table.
  struct ChildRows: Sendable {
    var name: String
    var rows: [[Field: Value]]
  }

  subscript(field: Field) -> Value {
    get { values[field.rawValue] }
    set {
      if case .none = values[field.rawValue] { filled.append(field) }
      values[field.rawValue] = newValue
    }
  }

  mutating func removeAll() {
    for field in filled { values[field.rawValue] = .none }
    filled.removeAll(keepingCapacity: true)
    children.removeAll()
  }

  /// The fields whose values differ.
  func changes(from other: Draft) -> [Field] {
    Field.allCases.filter { self[$0] != other[$0] }
  }

  /// Empties the fields that are not marked.
  mutating func keep(_ isKept: [Bool]) {
    for field in filled where !isKept[field.rawValue] { values[field.rawValue] = .none }
    filled.removeAll { !isKept[$0.rawValue] }
  }

  /// The value of a row of a child table.
  func value(_ field: Field, ofRow row: Int, in child: String) -> Value {
    let rows = children.first { $0.name == child }?.rows ?? []
    if row < rows.count, let value = rows[row][field] { return value }
    return row == 0 ? self[field] : .none
  }

  /// Rows of a child table that the record has.
  func rowCount(_ child: String) -> Int {
    let rows = children.first { $0.name == child }?.rows.count ?? 0
    switch child {
    case "parties": return max(1, rows)
    case "vehicles": return self[.vehiclePlateNo].isEmpty ? 0 : max(1, rows)
    default: return rows
    }
  }

  // MARK: What a value is

  func text(_ field: Field) -> String? {
    switch self[field] {
    case .text(let text), .raw(let text): text
    default: nil
    }
  }

  /// All of several texts.
  func texts(_ field: Field) -> [String] {
    switch self[field] {
    case .texts(let texts): texts
    case .text(let text), .raw(let text): [text]
    default: []
    }
  }

  func code(_ field: Field) -> String? {
    if case .code(let code) = self[field] { return code }
    return nil
  }

  func codes(_ field: Field) -> [String] {
    switch self[field] {
    case .codes(let codes): codes
    case .code(let code): [code]
    default: []
    }
  }

  func date(_ field: Field) -> Int? {
    if case .date(let day) = self[field] { return day }
    return nil
  }

  func time(_ field: Field) -> Int? {
    if case .time(let seconds) = self[field] { return seconds }
    return nil
  }

  func number(_ field: Field) -> Int? {
    if case .number(let number, _) = self[field] { return number }
    return nil
  }
}
