import CSVParsing
import Foundation
import GRDB

/// Rows that turned up somewhere, in the order in which they stand, as far as they can be read.
struct LeakedTable {
  var columns: [String]
  /// nil for what is not there.
  var rows: [[String?]]

  /// Reads CSV, JSON lines or SQLite, told from the content.
  ///
  /// - Returns: Nothing where it is none of them, or damaged from the beginning on.
  static func tables(of path: String) -> [LeakedTable] {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    else { return [] }
    if data.starts(with: Array("SQLite format 3\0".utf8)) { return sqlite(path) }
    let text = data.starts(with: [0xEF, 0xBB, 0xBF]) ? data.dropFirst(3) : data
    let first = text.first { $0 > 0x20 }
    return first == UInt8(ascii: "{") ? [lines(text)] : [csv(Array(text))]
  }

  private static func sqlite(_ path: String) -> [LeakedTable] {
    var configuration = Configuration()
    configuration.readonly = true
    guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else {
      return []
    }
    let tables = try? queue.read { database in
      let names = try String.fetchAll(
        database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      return names.compactMap { name -> LeakedTable? in
        let quoted = "\"" + name.replacing("\"", with: "\"\"") + "\""
        guard let rows = try? Row.fetchAll(database, sql: "SELECT * FROM \(quoted)"),
          let first = rows.first
        else { return nil }
        return LeakedTable(
          columns: Array(first.columnNames),
          rows: rows.map { row in (0..<row.count).map { text(row[$0]) } })
      }
    }
    return tables ?? []
  }

  private static func text(_ value: DatabaseValue) -> String? {
    switch value.storage {
    case .null, .blob: nil
    case .int64(let number): String(number)
    case .double(let number): String(number)
    case .string(let text): text
    }
  }

  /// The last row of a part that was cut out may be broken; what was read before it counts.
  private static func csv(_ bytes: [UInt8]) -> LeakedTable {
    var rows: [[String]] = []
    var reader = CSVRows(delimiter: delimiter(bytes))
    try? reader.feed(bytes.span, isLast: true) { rows.append($0) }
    guard let header = rows.first else { return LeakedTable(columns: [], rows: []) }
    return LeakedTable(
      columns: header, rows: rows.dropFirst().map { row in row.map { plain($0) } })
  }

  private static func delimiter(_ bytes: [UInt8]) -> UInt8 {
    let line = bytes.prefix { $0 != 10 && $0 != 13 }
    let counts = ",;\t|".utf8.map { sign in (sign, line.count { $0 == sign }) }
    return counts.max { $0.1 < $1.1 }?.0 ?? UInt8(ascii: ",")
  }

  /// Without the apostrophe that keeps spreadsheets from running a text.
  private static func plain(_ cell: String) -> String? {
    guard cell.utf8.first == UInt8(ascii: "'") else { return cell }
    let rest = String(cell.dropFirst())
    return CSVWriter.isFormula(Array(rest.utf8).span) ? rest : cell
  }

  private static func lines(_ data: Data) -> LeakedTable {
    var table = LeakedTable(columns: [], rows: [])
    for line in data.split(separator: 10) {
      var reader = FlatObject(Array(line))
      guard let object = reader.read() else { continue }
      if table.columns.isEmpty { table.columns = object.map(\.key) }
      let values = Dictionary(object.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
      table.rows.append(table.columns.map { values[$0] ?? nil })
    }
    return table
  }
}

/// Reads a JSON object without nesting and keeps numbers as they are written.
private struct FlatObject {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// - Returns: nil for anything else, such as the half line at the end of a part.
  mutating func read() -> [(key: String, value: String?)]? {
    var result: [(key: String, value: String?)] = []
    guard take("{") else { return nil }
    repeat {
      guard let key = string(), take(":"), let value = value() else { return nil }
      result.append((key, value))
    } while take(",")
    return take("}") ? result : nil
  }

  private mutating func skip() {
    while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
  }

  private mutating func take(_ sign: Unicode.Scalar) -> Bool {
    skip()
    guard index < bytes.count, UInt32(bytes[index]) == sign.value else { return false }
    index += 1
    return true
  }

  private mutating func string() -> String? {
    skip()
    let start = index
    guard take("\"") else { return nil }
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard index < bytes.count else { return nil }
    index += 1
    // Escapes are rare and Foundation knows them all.
    let text = Data([UInt8(ascii: "[")] + bytes[start..<index] + [UInt8(ascii: "]")])
    return (try? JSONSerialization.jsonObject(with: text) as? [String])?.first
  }

  private mutating func value() -> String?? {
    skip()
    guard index < bytes.count else { return nil }
    if bytes[index] == UInt8(ascii: "\"") { return string().map { .some($0) } }
    let start = index
    while index < bytes.count, !",}".utf8.contains(bytes[index]), bytes[index] > 0x20 { index += 1 }
    let word = String(decoding: bytes[start..<index], as: UTF8.self)
    return word.isEmpty ? nil : .some(word == "null" ? nil : word)
  }
}
