import Records
import Warehouse

/// How a column of the image is to be read.
enum CellKind: UInt8 {
  case null, integers, dates, dateTimes, texts, blobs, constantInteger, constantText
}

/// One column of the image.
@unsafe
struct ImageColumn {
  var kind = CellKind.null
  /// One per row; of a constant the only one: its value, or the length of its text.
  var values: UnsafeMutablePointer<Int64>?
  /// 24 bytes for a formatted date; of a constant text its bytes.
  var bytes: UnsafeMutablePointer<UInt8>?
}

/// The current batch as plain memory.
@safe
final class BatchImage {
  /// Columns that the virtual table declares.
  let capacity: Int
  private(set) var rowCount = 0
  private(set) var columnCount = 0
  let columns: UnsafeMutablePointer<ImageColumn>
  private(set) var text: UnsafePointer<UInt8>
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

  /// Makes `batch` the content of the image while `body` runs.
  ///
  /// - Throws: ``WarehouseError`` with code `.malformedBatch` where a column does not have one
  ///   entry per row or refers outside the text; whatever `body` throws.
  func withBatch<Result>(_ batch: TableBatch, _ body: () throws -> Result) throws -> Result {
    do {
      try SegmentCodec.check(batch)
    } catch {
      throw WarehouseError(.malformedBatch, error.message, underlying: error)
    }
    guard batch.columns.count <= capacity else {
      throw WarehouseError(
        .malformedBatch,
        "batch of \(batch.table) has \(batch.columns.count) columns, more than any table")
    }
    return try unsafe batch.text.withUnsafeBufferPointer { text in
      unsafe fill(batch, text: text)
      defer { clear() }
      return try body()
    }
  }

  /// Copies everything of `batch` but its text.
  ///
  /// - Precondition: ``SegmentCodec/check(_:)`` passed; `text` is the batch's and stays valid until
  ///   ``clear()``.
  @unsafe
  private func fill(_ batch: TableBatch, text bytes: UnsafeBufferPointer<UInt8>) {
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
  private func clear() {
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

/// Dates as they are stored.
enum DateText {
  /// Bytes of a date, and of a date with its time.
  static let dateLength = 10
  static let dateTimeLength = 19

  /// Whether a number of days or seconds lies in the years 1 to 9999.
  @inline(__always)
  static func isValid(_ value: Int64, withTime: Bool) -> Bool {
    let day = withTime ? self.day(ofSecond: value) : value
    return day >= -719_162 && day <= 2_932_896
  }

  @inline(__always)
  private static func day(ofSecond second: Int64) -> Int64 {
    second / 86400 - (second % 86400 < 0 ? 1 : 0)
  }

  /// Writes `2026-03-01` or `2026-03-01T09:30:00`.
  ///
  /// - Precondition: The value is valid, and `slot` has room for 10 or 19 bytes.
  @unsafe
  static func write(_ value: Int64, withTime: Bool, to slot: UnsafeMutablePointer<UInt8>) {
    let day = withTime ? self.day(ofSecond: value) : value
    let civil = CivilDate(dayNumber: Int(day))
    unsafe write(civil.year / 100, slot)
    unsafe write(civil.year % 100, slot + 2)
    unsafe slot[4] = UInt8(ascii: "-")
    unsafe write(civil.month, slot + 5)
    unsafe slot[7] = UInt8(ascii: "-")
    unsafe write(civil.day, slot + 8)
    guard withTime else { return }
    let second = Int(value - day * 86400)
    unsafe slot[10] = UInt8(ascii: "T")
    unsafe write(second / 3600, slot + 11)
    unsafe slot[13] = UInt8(ascii: ":")
    unsafe write(second / 60 % 60, slot + 14)
    unsafe slot[16] = UInt8(ascii: ":")
    unsafe write(second % 60, slot + 17)
  }

  /// Two decimal digits.
  @unsafe
  @inline(__always)
  private static func write(_ number: Int, _ target: UnsafeMutablePointer<UInt8>) {
    unsafe target[0] = UInt8(truncatingIfNeeded: 48 + number / 10)
    unsafe target[1] = UInt8(truncatingIfNeeded: 48 + number % 10)
  }
}
