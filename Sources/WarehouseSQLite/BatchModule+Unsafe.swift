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
  /// - Throws: ``WarehouseError`` with code `.malformedBatch` where a column does not have one
  ///   entry per row or refers outside the text; whatever `body` throws.
  func withBatch<Result>(_ batch: TableBatch, _ body: () throws -> Result) throws -> Result {
    do {
      try SegmentCodec.check(batch)
    } catch {
      throw WarehouseError(.malformedBatch, error.message, underlying: error)
    }
    guard batch.columns.count <= image.capacity else {
      throw WarehouseError(
        .malformedBatch,
        "batch of \(batch.table) has \(batch.columns.count) columns, more than any table")
    }
    return try unsafe batch.text.withUnsafeBufferPointer { text in
      unsafe image.fill(batch, text: text)
      defer { image.clear() }
      return try body()
    }
  }
}

/// How a column of the image is to be read.
private enum CellKind: UInt8 {
  case null, integers, dates, dateTimes, texts, blobs, constantInteger, constantText
}

/// One column of the image.
@unsafe
private struct ImageColumn {
  var kind = CellKind.null
  /// One per row; of a constant the only one: its value, or the length of its text.
  var values: UnsafeMutablePointer<Int64>?
  /// 24 bytes for a formatted date; of a constant text its bytes.
  var bytes: UnsafeMutablePointer<UInt8>?
}

/// The current batch as plain memory.
@safe
private final class BatchImage {
  /// Columns that the virtual table declares.
  let capacity: Int
  private(set) var rowCount = 0
  private(set) var columnCount = 0
  fileprivate let columns: UnsafeMutablePointer<ImageColumn>
  fileprivate private(set) var text: UnsafePointer<UInt8>
  private var memory: UnsafeMutableRawPointer
  private var memorySize = 4096

  /// Bytes set aside for a date of a column.
  private static let dateSlot = 24

  init(columnCount: Int) {
    capacity = columnCount
    unsafe columns = .allocate(capacity: columnCount)
    unsafe columns.initialize(repeating: ImageColumn(), count: columnCount)
    unsafe memory = .allocate(byteCount: memorySize, alignment: 16)
    unsafe text = UnsafePointer(memory.assumingMemoryBound(to: UInt8.self))
  }

  deinit {
    unsafe columns.deallocate()
    unsafe memory.deallocate()
  }

  /// Copies everything of `batch` but its text.
  ///
  /// - Precondition: ``SegmentCodec/check(_:)`` passed; `text` is the batch's and stays valid until
  ///   ``clear()``.
  @unsafe
  func fill(_ batch: TableBatch, text bytes: UnsafeBufferPointer<UInt8>) {
    precondition(batch.columns.count <= capacity, "more columns than the table declares")
    reserve(size(of: batch))
    if let start = bytes.baseAddress {
      unsafe text = start
    } else {
      unsafe text = UnsafePointer(memory.assumingMemoryBound(to: UInt8.self))
    }
    var offset = 0
    for (index, column) in batch.columns.enumerated() {
      unsafe columns[index] = unsafe place(column, at: &offset)
    }
    precondition(offset <= memorySize, "the image outgrew its memory")
    rowCount = batch.rowCount
    columnCount = batch.columns.count
  }

  /// Forgets the batch.
  func clear() {
    rowCount = 0
    columnCount = 0
  }

  private func size(of batch: TableBatch) -> Int {
    var size = 64
    for column in batch.columns {
      size += (column.count ?? 1) * 8 + Self.dateSlot + 16
      if case .constantText(let value?) = column { size += value.utf8.count }
    }
    return size
  }

  private func reserve(_ size: Int) {
    guard size > memorySize else { return }
    unsafe memory.deallocate()
    memorySize = size * 2
    unsafe memory = .allocate(byteCount: memorySize, alignment: 16)
  }

  @unsafe
  private func place(_ column: BatchColumn, at offset: inout Int) -> ImageColumn {
    switch column {
    case .integers(let values): return unsafe placed(.integers, values, &offset)
    case .dates(let days): return unsafe placed(.dates, days, &offset)
    case .dateTimes(let seconds): return unsafe placed(.dateTimes, seconds, &offset)
    case .texts(let references): return unsafe placed(.texts, references, &offset)
    case .blobs(let references): return unsafe placed(.blobs, references, &offset)
    case .constantInteger(let value): return unsafe placed(.constantInteger, [value], &offset)
    case .constantText(nil): return unsafe ImageColumn()
    case .constantText(let value?):
      let bytes = Array(value.utf8)
      let result = unsafe placed(.constantText, [Int64(bytes.count)], &offset)
      let target = unsafe memory + offset
      unsafe bytes.withUnsafeBytes { source in
        if let start = source.baseAddress {
          unsafe target.copyMemory(from: start, byteCount: source.count)
        }
      }
      offset += (bytes.count + 15) & ~7
      return unsafe ImageColumn(
        kind: .constantText, values: result.values,
        bytes: target.assumingMemoryBound(to: UInt8.self))
    }
  }

  /// Copies eight bytes per entry and sets a slot aside behind them.
  @unsafe
  private func placed<Value: BitwiseCopyable>(
    _ kind: CellKind, _ values: [Value], _ offset: inout Int
  ) -> ImageColumn {
    let size = values.count * 8
    precondition(MemoryLayout<Value>.stride == 8, "entries have eight bytes")
    precondition(offset + size + Self.dateSlot <= memorySize, "the image outgrew its memory")
    let target = unsafe memory + offset
    unsafe values.withUnsafeBytes { source in
      if let start = source.baseAddress {
        unsafe target.copyMemory(from: start, byteCount: source.count)
      }
    }
    let slot = unsafe target + size
    offset += size + (kind == .constantText ? 0 : Self.dateSlot)
    return unsafe ImageColumn(
      kind: kind, values: target.assumingMemoryBound(to: Int64.self),
      bytes: slot.assumingMemoryBound(to: UInt8.self))
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
  let seconds = withTime ? value % 86400 : 0
  let secondOfDay = Int(seconds < 0 ? seconds + 86400 : seconds)
  let day = withTime ? value / 86400 - (seconds < 0 ? 1 : 0) : value
  guard day >= -719_162, day <= 2_932_896 else {
    unsafe sqlite3_result_error(context, "a date lies outside the years 1 to 9999", -1)
    return SQLITE_ERROR
  }
  let civil = CivilDate(dayNumber: Int(day))
  unsafe write(civil.year / 100, slot)
  unsafe write(civil.year % 100, slot + 2)
  unsafe slot[4] = UInt8(ascii: "-")
  unsafe write(civil.month, slot + 5)
  unsafe slot[7] = UInt8(ascii: "-")
  unsafe write(civil.day, slot + 8)
  if withTime {
    unsafe slot[10] = UInt8(ascii: "T")
    unsafe write(secondOfDay / 3600, slot + 11)
    unsafe slot[13] = UInt8(ascii: ":")
    unsafe write(secondOfDay / 60 % 60, slot + 14)
    unsafe slot[16] = UInt8(ascii: ":")
    unsafe write(secondOfDay % 60, slot + 17)
  }
  unsafe sqlite3_result_text64(
    context, UnsafeRawPointer(slot).assumingMemoryBound(to: CChar.self), withTime ? 19 : 10, nil,
    UInt8(SQLITE_UTF8))
  return SQLITE_OK
}

/// Two decimal digits.
@unsafe
@inline(__always)
private func write(_ number: Int, _ target: UnsafeMutablePointer<UInt8>) {
  unsafe target[0] = UInt8(truncatingIfNeeded: 48 + number / 10)
  unsafe target[1] = UInt8(truncatingIfNeeded: 48 + number % 10)
}
