import GRDB
import GRDBSQLite
import Records
import Warehouse

/// A prepared statement of SQLite's own interface, for paths where a call per value counts.
///
/// Belongs to one connection and is used on that connection's queue only. It owns the statement and
/// must be gone before the connection closes.
@safe
final class RawStatement {
  private let handle: OpaquePointer
  private let connection: OpaquePointer

  /// Compiles `sql`; it never contains a value of a record.
  init(_ sql: String, in database: Database) throws(WarehouseError) {
    guard let connection = unsafe database.sqliteConnection else {
      throw WarehouseError(.database, "the connection to the warehouse is closed")
    }
    var prepared: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(
      connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let statement = unsafe prepared else {
      throw unsafe RawStatement.failure(code, connection, "compiling \(sql)")
    }
    unsafe handle = statement
    unsafe self.connection = connection
  }

  deinit { unsafe sqlite3_finalize(handle) }

  // MARK: Parameters, from 1

  /// Sets a parameter to an integer; nil is NULL.
  func bind(_ value: Int64?, at index: Int32) {
    if let value {
      unsafe sqlite3_bind_int64(handle, index, value)
    } else {
      unsafe sqlite3_bind_null(handle, index)
    }
  }

  /// Sets a parameter to bytes, which are copied.
  func bind(blob bytes: [UInt8], at index: Int32) {
    _ = unsafe bytes.withUnsafeBytes {
      let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      return unsafe sqlite3_bind_blob64(
        handle, index, $0.baseAddress, UInt64($0.count), transient)
    }
  }

  /// Sets a parameter to a text, which is copied.
  func bind(text: String, at index: Int32) {
    var text = text
    _ = text.withUTF8 {
      let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      // An empty text may have no address, which would be NULL and no text.
      guard let start = $0.baseAddress else {
        return unsafe sqlite3_bind_text64(handle, index, "", 0, transient, UInt8(SQLITE_UTF8))
      }
      return unsafe sqlite3_bind_text64(
        handle, index, UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self),
        UInt64($0.count), transient, UInt8(SQLITE_UTF8))
    }
  }

  // MARK: Running

  /// Goes to the next row; false at the end.
  func step() throws(WarehouseError) -> Bool {
    switch unsafe sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      let error = unsafe RawStatement.failure(code, connection, "running \(shortText)")
      reset()
      throw error
    }
  }

  /// Runs to the end and makes ready for the next run; rows are ignored.
  func run() throws(WarehouseError) {
    while try step() {}
    reset()
  }

  /// Makes ready for the next run.
  func reset() { unsafe sqlite3_reset(handle) }

  /// Text of the statement.
  private var sql: String {
    unsafe sqlite3_sql(handle).map { unsafe String(cString: $0) } ?? ""
  }

  /// The beginning of its text on one line, for messages.
  private var shortText: String {
    let words = sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count > 100 ? words.prefix(100) + "…" : words
  }

  // MARK: Columns of the current row, from 0

  /// Whether a column is NULL.
  func isNull(_ column: Int32) -> Bool {
    unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  /// An integer; 0 for NULL.
  func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

  /// An integer; nil for NULL.
  func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

  /// A text; empty for NULL.
  func text(_ column: Int32) -> String {
    guard let bytes = unsafe sqlite3_column_text(handle, column) else { return "" }
    let count = Int(unsafe sqlite3_column_bytes(handle, column))
    return unsafe String(
      decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  /// Appends the bytes of a text to an arena; absent for NULL.
  func appendText(_ column: Int32, to arena: inout TextArena) -> TextRef {
    guard let bytes = unsafe sqlite3_column_text(handle, column) else { return .absent }
    let offset = arena.count
    unsafe arena.append(
      contentsOf: UnsafeBufferPointer(
        start: bytes, count: Int(sqlite3_column_bytes(handle, column))))
    return arena.text(from: offset)
  }

  /// A fingerprint; nil for NULL or anything that does not have 16 bytes.
  func fingerprint(_ column: Int32) -> Fingerprint? {
    guard let bytes = unsafe sqlite3_column_blob(handle, column),
      unsafe sqlite3_column_bytes(handle, column) == 16
    else { return nil }
    return unsafe Fingerprint(
      high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
      low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }

  /// The connection's message, which names tables and columns but quotes no value.
  private static func failure(
    _ code: Int32, _ connection: OpaquePointer, _ doing: String
  ) -> WarehouseError {
    let reason = unsafe sqlite3_errmsg(connection).map { unsafe String(cString: $0) } ?? ""
    let extended = unsafe sqlite3_extended_errcode(connection)
    let damaged = code & 0xFF == SQLITE_CORRUPT || code & 0xFF == SQLITE_NOTADB
    return WarehouseError(
      damaged ? .corrupt : .database,
      "\(doing): \(reason) (SQLite code \(extended))" + (damaged ? damageHint : ""))
  }
}
