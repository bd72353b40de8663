import CSVParsing
import Catalog
import GRDB
import Glibc
import Warehouse

/// How the data of an export is written.
package enum ExportFormat: String, Sendable, CaseIterable {
  case csv, ndjson, sqlite
}

/// Writes the rows of an export in the order in which they come.
protocol ExportWriter: AnyObject {
  /// Names of the files below the folder, in the order of the tables.
  var files: [String] { get }
  /// - Parameters:
  ///   - table: Index of the table.
  ///   - cells: One for each column of the table; nil for nothing.
  func write(_ table: Int, _ cells: [String?]) throws
  /// Makes everything durable.
  func finish() throws
}

/// A file that is written in blocks.
private final class BlockFile {
  private let file: PosixFile
  private var buffer: [UInt8] = []

  init(_ path: String) throws {
    file = try PosixFile(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
  }

  func write(_ bytes: [UInt8]) throws {
    buffer += bytes
    guard buffer.count > 1 << 18 else { return }
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  func finish() throws {
    try file.write(buffer)
    buffer = []
    try file.synchronize()
  }
}

/// One CSV file for each table, with a header. Formulas are neutralized, since these files are opened in
/// spreadsheets (design.md §6).
final class CSVExportWriter: ExportWriter {
  let files: [String]
  private var outputs: [(file: BlockFile, writer: CSVWriter)] = []

  init(_ folder: String, _ tables: [ExportTable]) throws {
    files = tables.map { $0.name + ".csv" }
    for (name, table) in zip(files, tables) {
      var writer = CSVWriter(writesByteOrderMark: true)
      writer.write(table.columns)
      outputs.append((try BlockFile(folder + "/" + name), writer))
    }
  }

  func write(_ table: Int, _ cells: [String?]) throws {
    outputs[table].writer.write(cells.map { $0 ?? "" })
    guard outputs[table].writer.output.count > 1 << 16 else { return }
    try flush(table)
  }

  private func flush(_ table: Int) throws {
    try outputs[table].file.write(outputs[table].writer.output)
    outputs[table].writer.output.removeAll(keepingCapacity: true)
  }

  func finish() throws {
    for table in outputs.indices {
      try flush(table)
      try outputs[table].file.finish()
    }
  }
}

/// One file of JSON lines for each table; numbers are numbers, what is not there is null.
final class NDJSONExportWriter: ExportWriter {
  let files: [String]
  private let outputs: [BlockFile]
  private let keys: [[String]]
  private let isNumber: [[Bool]]

  init(_ folder: String, _ tables: [ExportTable]) throws {
    files = tables.map { $0.name + ".ndjson" }
    outputs = try files.map { try BlockFile(folder + "/" + $0) }
    keys = tables.map { $0.columns.map { JSONQuoting.quoted($0) } }
    isNumber = tables.map { $0.columnIsNumber }
  }

  func write(_ table: Int, _ cells: [String?]) throws {
    var line = "{"
    for (column, cell) in cells.enumerated() {
      if column > 0 { line += "," }
      line += keys[table][column] + ":"
      line += cell.map { isNumber[table][column] ? $0 : JSONQuoting.quoted($0) } ?? "null"
    }
    try outputs[table].write(Array((line + "}\n").utf8))
  }

  func finish() throws { for output in outputs { try output.finish() } }
}

/// One database with a table for each. Numbers with decimals are exact texts, which SQLite counts with as
/// numbers.
final class SQLiteExportWriter: ExportWriter {
  let files: [String]
  private let path: String
  private let queue: DatabaseQueue
  private let statements: [String]
  private let isInteger: [[Bool]]
  private var pending: [(Int, [String?])] = []

  init(_ folder: String, _ tables: [ExportTable]) throws {
    let name = (tables.first?.name ?? "export") + ".sqlite"
    files = [name]
    path = folder + "/" + name
    var configuration = Configuration()
    configuration.prepareDatabase { database in
      for pragma in ["journal_mode = OFF", "synchronous = OFF"] {
        try database.execute(sql: "PRAGMA \(pragma)")
      }
    }
    queue = try DatabaseQueue(path: path, configuration: configuration)
    try PosixFile.setMode(0o600, of: path)
    statements = tables.map { table in
      let marks = table.columns.map { _ in "?" }.joined(separator: ", ")
      return "INSERT INTO \(Self.quoted(table.name)) VALUES (\(marks))"
    }
    isInteger = tables.map(\.columnIsInteger)
    try queue.writeWithoutTransaction { database in
      for table in tables {
        let columns = zip(table.columns, table.columnIsInteger).map {
          "\(Self.quoted($0)) \($1 ? "INTEGER" : "TEXT")"
        }
        try database.execute(
          sql: "CREATE TABLE \(Self.quoted(table.name)) (\(columns.joined(separator: ", "))) STRICT"
        )
      }
    }
  }

  private static func quoted(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  func write(_ table: Int, _ cells: [String?]) throws {
    pending.append((table, cells))
    if pending.count >= 1024 { try flush() }
  }

  private func flush() throws {
    try queue.inTransaction(.immediate) { database in
      for (table, cells) in pending {
        let values = zip(cells, isInteger[table]).map { cell, isInteger in
          isInteger ? cell.flatMap { Int64($0) }?.databaseValue ?? .null : cell.databaseValue
        }
        let statement = try database.cachedStatement(sql: statements[table])
        try statement.execute(arguments: StatementArguments(values))
      }
      return .commit
    }
    pending.removeAll(keepingCapacity: true)
  }

  func finish() throws {
    try flush()
    try queue.close()
    try PosixFile(path, flags: O_RDWR).synchronize()
  }
}

extension ExportTable {
  /// By column, whether its texts are numbers.
  var columnIsNumber: [Bool] {
    let own = elements.map { $0.type == .number }
    return isChild ? [true, true] + own + [false] : [true] + own + [false, false, false]
  }

  /// By column, whether its texts are whole numbers.
  var columnIsInteger: [Bool] {
    let own = elements.map { $0.type == .number && $0.representation.decimals == 0 }
    return isChild ? [true, true] + own + [false] : [true] + own + [false, false, false]
  }
}

/// JSON texts without Foundation's detours.
enum JSONQuoting {
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
