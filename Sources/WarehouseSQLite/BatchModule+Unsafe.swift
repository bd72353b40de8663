import GRDB
import GRDBSQLite
import Records
import Warehouse

/// ADVICE FOR HACKERS
///
/// `INSERT INTO t SELECT c0, c1, … FROM qingyuan_batch` costs a third less than binding every value
/// (performance.md §5), because SQLite asks for each cell once and copies it straight from the
/// batch into the record. What must stay true:
///
/// - The memory that ``BatchImage`` points to does not move or change while a statement runs: the
///   text is borrowed for the whole of ``BatchModule/withBatch(_:_:)``, everything else is copied
///   into one block of our own.
/// - Cells are handed out with SQLITE_STATIC (a nil destructor). SQLite copies them into the record
///   before it asks for the next row, so one slot per date column suffices.
/// - A cursor takes its pointers from the image when a scan begins, never later.
enum BatchModuleName {
  /// Name of the virtual table.
  static let table = "qingyuan_batch"
}

/// The virtual table over the current batch of one connection.
///
/// Used on the connection's queue only. The image lives as long as the connection does: SQLite
/// releases it when the connection closes.
@safe
final class BatchModule {
  private let image: BatchImage

  /// Registers the module.
  ///
  /// - Parameter columnCount: Columns of the widest table that will be filled.
  init(columnCount: Int, in database: Database) throws(WarehouseError) {
    image = BatchImage(columnCount: max(columnCount, 16))
    guard let connection = unsafe database.sqliteConnection else {
      throw WarehouseError(.database, "the connection to the warehouse is closed")
    }
    let retained = unsafe Unmanaged.passRetained(image)
    let code = unsafe sqlite3_create_module_v2(
      connection, BatchModuleName.table, batchModule, retained.toOpaque(),
      { if let image = unsafe $0 { unsafe Unmanaged<BatchImage>.fromOpaque(image).release() } })
    guard code == SQLITE_OK else {
      throw WarehouseError(.database, "registering the batch table: SQLite code \(code)")
    }
  }

  /// Makes `batch` the content of the virtual table while `body` runs.
  ///
  /// - Throws: As ``BatchImage/withBatch(_:_:)``.
  func withBatch<Result>(_ batch: TableBatch, _ body: () throws -> Result) throws -> Result {
    try image.withBatch(batch, body)
  }
}

// MARK: - The module

/// What SQLite keeps of a connected table.
@unsafe
private struct BatchVirtualTable {
  var base: sqlite3_vtab
  var image: Unmanaged<BatchImage>
}

/// What SQLite keeps of an open scan.
@unsafe
private struct BatchCursor {
  var base: sqlite3_vtab_cursor
  var image: Unmanaged<BatchImage>
  var row = 0
  var rowCount = 0
  var columnCount = 0
  var columns: UnsafeMutablePointer<ImageColumn>
  var text: UnsafePointer<UInt8>
}

/// Filled once, never changed, never freed: SQLite keeps the address.
private nonisolated(unsafe) let batchModule = unsafe makeModule()

/// Calls that SQLite makes.
@unsafe
private func makeModule() -> UnsafeMutablePointer<sqlite3_module> {
  let module = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
  unsafe module.initialize(to: sqlite3_module())
  unsafe module.pointee.xConnect = { database, context, _, _, result, _ in
    unsafe connect(database, context, result)
  }
  unsafe module.pointee.xBestIndex = { unsafe bestIndex($1) }
  unsafe module.pointee.xDisconnect = { unsafe disconnect($0) }
  unsafe module.pointee.xOpen = { unsafe openScan($0, $1) }
  unsafe module.pointee.xClose = { unsafe closeScan($0) }
  unsafe module.pointee.xFilter = { unsafe beginScan($0, $1, $2, $3, $4) }
  unsafe module.pointee.xNext = { unsafe advance($0) }
  unsafe module.pointee.xEof = { unsafe isAtEnd($0) }
  unsafe module.pointee.xColumn = { unsafe cell($0, $1, $2) }
  unsafe module.pointee.xRowid = { unsafe rowNumber($0, $1) }
  return unsafe module
}

@unsafe
private func advance(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 {
  guard let cursor = unsafe scan(cursor) else { return SQLITE_MISUSE }
  unsafe cursor.pointee.row += 1
  return SQLITE_OK
}

@unsafe
private func isAtEnd(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 {
  guard let cursor = unsafe scan(cursor) else { return 1 }
  return unsafe cursor.pointee.row >= cursor.pointee.rowCount ? 1 : 0
}

@unsafe
private func rowNumber(
  _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?, _ target: UnsafeMutablePointer<Int64>?
) -> Int32 {
  guard let cursor = unsafe scan(cursor), let target = unsafe target else { return SQLITE_MISUSE }
  unsafe target.pointee = Int64(cursor.pointee.row)
  return SQLITE_OK
}

@unsafe
private func connect(
  _ database: OpaquePointer?, _ context: UnsafeMutableRawPointer?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?
) -> Int32 {
  guard let context = unsafe context, let result = unsafe result else { return SQLITE_MISUSE }
  let image = unsafe Unmanaged<BatchImage>.fromOpaque(context)
  let count = unsafe image._withUnsafeGuaranteedRef { $0.capacity }
  let columns = (0..<count).map { "c\($0)" }.joined(separator: ", ")
  let code = unsafe sqlite3_declare_vtab(database, "CREATE TABLE batch(\(columns))")
  guard code == SQLITE_OK else { return code }
  let table = UnsafeMutablePointer<BatchVirtualTable>.allocate(capacity: 1)
  unsafe table.initialize(to: BatchVirtualTable(base: sqlite3_vtab(), image: image))
  unsafe result.pointee = UnsafeMutableRawPointer(table).assumingMemoryBound(to: sqlite3_vtab.self)
  return SQLITE_OK
}

@unsafe
private func bestIndex(_ info: UnsafeMutablePointer<sqlite3_index_info>?) -> Int32 {
  unsafe info?.pointee.estimatedCost = 1000
  unsafe info?.pointee.estimatedRows = 1000
  return SQLITE_OK
}

@unsafe
private func disconnect(_ table: UnsafeMutablePointer<sqlite3_vtab>?) -> Int32 {
  if let table = unsafe table {
    unsafe UnsafeMutableRawPointer(table).assumingMemoryBound(to: BatchVirtualTable.self)
      .deallocate()
  }
  return SQLITE_OK
}

@unsafe
private func openScan(
  _ table: UnsafeMutablePointer<sqlite3_vtab>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab_cursor>?>?
) -> Int32 {
  guard let table = unsafe table, let result = unsafe result else { return SQLITE_MISUSE }
  let owner = unsafe UnsafeMutableRawPointer(table).assumingMemoryBound(
    to: BatchVirtualTable.self)
  let image = unsafe owner.pointee.image
  let columns = unsafe image._withUnsafeGuaranteedRef { unsafe $0.columns }
  let text = unsafe image._withUnsafeGuaranteedRef { unsafe $0.text }
  let cursor = UnsafeMutablePointer<BatchCursor>.allocate(capacity: 1)
  unsafe cursor.initialize(
    to: BatchCursor(base: sqlite3_vtab_cursor(), image: image, columns: columns, text: text))
  unsafe result.pointee = UnsafeMutableRawPointer(cursor).assumingMemoryBound(
    to: sqlite3_vtab_cursor.self)
  return SQLITE_OK
}

@unsafe
private func closeScan(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 {
  unsafe scan(cursor)?.deallocate()
  return SQLITE_OK
}

@unsafe
private func beginScan(
  _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?, _: Int32, _: UnsafePointer<CChar>?,
  _: Int32, _: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  guard let cursor = unsafe scan(cursor) else { return SQLITE_MISUSE }
  unsafe cursor.pointee.image._withUnsafeGuaranteedRef { image in
    unsafe cursor.pointee.row = 0
    unsafe cursor.pointee.rowCount = image.rowCount
    unsafe cursor.pointee.columnCount = image.columnCount
    unsafe cursor.pointee.columns = image.columns
    unsafe cursor.pointee.text = image.text
  }
  return SQLITE_OK
}

@unsafe
@inline(__always)
private func scan(
  _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?
) -> UnsafeMutablePointer<BatchCursor>? {
  guard let cursor = unsafe cursor else { return nil }
  return unsafe UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: BatchCursor.self)
}

/// Hands out one cell; NULL where nothing is set.
@unsafe
private func cell(
  _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?, _ context: OpaquePointer?, _ index: Int32
) -> Int32 {
  guard let cursor = unsafe scan(cursor) else { return SQLITE_MISUSE }
  let row = unsafe cursor.pointee.row
  guard unsafe Int(index) < cursor.pointee.columnCount, unsafe row < cursor.pointee.rowCount
  else { return SQLITE_OK }
  let column = unsafe cursor.pointee.columns + Int(index)
  guard let values = unsafe column.pointee.values else { return SQLITE_OK }
  switch unsafe column.pointee.kind {
  case .texts:
    let reference = TextRef(raw: UInt64(bitPattern: unsafe values[row]))
    if reference.isAbsent { return SQLITE_OK }
    unsafe sqlite3_result_text64(
      context,
      UnsafeRawPointer(cursor.pointee.text + reference.offset)
        .assumingMemoryBound(to: CChar.self), UInt64(reference.length), nil, UInt8(SQLITE_UTF8))
  case .integers:
    let value = unsafe values[row]
    if value != BatchColumn.null { unsafe sqlite3_result_int64(context, value) }
  case .dates: return unsafe date(context, values[row], column.pointee.bytes, withTime: false)
  case .dateTimes: return unsafe date(context, values[row], column.pointee.bytes, withTime: true)
  case .blobs:
    let reference = TextRef(raw: UInt64(bitPattern: unsafe values[row]))
    if reference.isAbsent { return SQLITE_OK }
    unsafe sqlite3_result_blob64(
      context, cursor.pointee.text + reference.offset, UInt64(reference.length), nil)
  case .constantInteger:
    if unsafe values[0] != BatchColumn.null { unsafe sqlite3_result_int64(context, values[0]) }
  case .constantText:
    guard let bytes = unsafe column.pointee.bytes else { return SQLITE_OK }
    unsafe sqlite3_result_text64(
      context, UnsafeRawPointer(bytes).assumingMemoryBound(to: CChar.self), UInt64(values[0]),
      nil, UInt8(SQLITE_UTF8))
  case .null: break
  }
  return SQLITE_OK
}

/// Hands out a date or date-time; refuses what lies outside the years 1 to 9999.
///
/// - Precondition: `slot` has room for 19 bytes.
@unsafe
private func date(
  _ context: OpaquePointer?, _ value: Int64, _ slot: UnsafeMutablePointer<UInt8>?, withTime: Bool
) -> Int32 {
  if value == BatchColumn.null { return SQLITE_OK }
  guard let slot = unsafe slot else { return SQLITE_MISUSE }
  guard DateText.isValid(value, withTime: withTime) else {
    unsafe sqlite3_result_error(context, "a date lies outside the years 1 to 9999", -1)
    return SQLITE_ERROR
  }
  unsafe DateText.write(value, withTime: withTime, to: slot)
  let length = withTime ? DateText.dateTimeLength : DateText.dateLength
  unsafe sqlite3_result_text64(
    context, UnsafeRawPointer(slot).assumingMemoryBound(to: CChar.self), UInt64(length), nil,
    UInt8(SQLITE_UTF8))
  return SQLITE_OK
}
