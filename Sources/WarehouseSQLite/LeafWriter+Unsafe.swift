import Records
import Warehouse

/// ADVICE FOR HACKERS
///
/// Rows as SQLite itself would store them (file format, §1.6 and §2): a cell is the length of the
/// record, the row id, and the record: a header with one type for each column, then the values. Cells
/// fill a page from its end, their addresses from its begin. What must stay true:
///
/// - A row is measured before any byte of it is written (``measure(_:)``), and `write` puts down exactly
///   what was measured.
/// - An integer takes the least of 0, 1, 2, 3, 4, 6 and 8 bytes; the column of the row id is NULL.
/// - The rows of STRICT tables have values of their columns' types, and required ones have a value:
///   SQLite is not asked, so that it is checked here.
///
/// Puts the rows of one table into pages, one after the other.
@safe
final class LeafWriter {
  let table: TableModel
  /// Pages that are full or closed, in the order in which they were filled.
  private(set) var pages: [LeafPage] = []
  private let file: PageFile
  private let size: Int
  private let page: UnsafeMutablePointer<UInt8>
  private let columns: UnsafeMutablePointer<ImageColumn>
  private let types: UnsafeMutablePointer<UInt64>
  private let constants: UnsafeMutablePointer<Int64>
  /// Places of the batch's columns in the table, or what the loader supplies.
  private let sources: [Source]
  private let isRequired: [Bool]
  private var cellCount = 0
  private var content: Int
  private var first: Int64 = 0
  private var last: Int64 = .min
  private var overflow: [Int] = []
  /// A record too large for a page.
  private var large: [UInt8] = []

  private enum Source {
    case batch(Int)
    case opening
    case nothing
  }

  /// Bytes before the cell pointers of a leaf.
  private static let header = 8

  /// - Parameter table: Whose primary key is its row id, the first column.
  init(_ table: TableModel, in file: PageFile) {
    precondition(
      table.primaryKey == [table.columns[0].name] && table.columns[0].storage == .integer,
      "rows of \(table.name) have no id")
    self.table = table
    self.file = file
    size = file.pageSize
    content = size
    var place = 0
    sources = table.columns.map { column in
      if column.name == "opened_by" { return .opening }
      if TableModel.loaderColumns.contains(column.name) { return .nothing }
      place += 1
      return .batch(place - 1)
    }
    isRequired = table.columns.map { $0.isRequired && $0.name != table.primaryKey[0] }
    let count = table.columns.count
    unsafe page = .allocate(capacity: size)
    unsafe page.initialize(repeating: 0, count: size)
    unsafe columns = .allocate(capacity: count)
    unsafe columns.initialize(repeating: ImageColumn(), count: count)
    unsafe types = .allocate(capacity: count)
    unsafe types.initialize(repeating: 0, count: count)
    unsafe constants = .allocate(capacity: 1)
    unsafe constants.initialize(to: 0)
  }

  deinit {
    unsafe page.deallocate()
    unsafe columns.deallocate()
    unsafe types.deallocate()
    unsafe constants.deallocate()
  }

  /// Pages that rows with so many bytes of content may take.
  func pageLimit(rows: Int, bytes: Int) -> Int {
    let record = rows * (table.columns.count * 10 + 32) + bytes
    // A page may be left half empty because the next row does not fit.
    return record / (size - 64) * 2 + 4
  }

  // MARK: Rows

  /// Appends the rows of a batch.
  ///
  /// - Parameter publication: Opens the rows.
  /// - Throws: ``WarehouseError`` with code `.malformedBatch` where a value does not fit its column.
  func append(_ image: BatchImage, publication: Int64) throws(WarehouseError) {
    unsafe constants.pointee = publication
    for (index, source) in sources.enumerated() {
      switch source {
      case .batch(let place):
        unsafe columns[index] = unsafe image.columns[place]
        let kind = unsafe columns[index].kind
        guard kind.fits(table.columns[index].storage) else {
          throw malformed("\(kind) in the column \(table.columns[index].name)")
        }
      case .opening:
        unsafe columns[index] = ImageColumn(kind: .constantInteger, values: constants)
      case .nothing: unsafe columns[index] = ImageColumn()
      }
    }
    let ids = unsafe columns[0]
    unsafe columns[0] = ImageColumn()
    guard unsafe ids.kind == .integers, let rows = unsafe ids.values else {
      throw malformed("row ids that are not one number a row")
    }
    for row in 0..<image.rowCount {
      try unsafe append(row, id: rows[row], image.text)
    }
  }

  @unsafe
  private func append(
    _ row: Int, id: Int64, _ text: UnsafePointer<UInt8>
  ) throws(WarehouseError) {
    if cellCount > 0, id <= last {
      guard id < first else { throw malformed("row \(id) twice, or out of order") }
      try close()
    }
    let (header, body) = try measure(row)
    let length = header + body
    let key = UInt64(bitPattern: id)
    let local = file.format.localBytes(length, isTable: true)
    let isLocal = local == length
    let cell =
      Varint.length(UInt64(length)) + Varint.length(key) + local + (isLocal ? 0 : 4)
    if Self.header + (cellCount + 1) * 2 + cell > content { try close() }
    content -= cell
    var target = unsafe page + content
    unsafe Self.put(UInt64(length), &target)
    unsafe Self.put(key, &target)
    if isLocal {
      unsafe write(row, header: header, text, to: target)
    } else {
      try unsafe spill(row, header: header, length: length, local: local, text, to: target)
    }
    let pointer = unsafe page + Self.header + cellCount * 2
    unsafe pointer[0] = UInt8(truncatingIfNeeded: content >> 8)
    unsafe pointer[1] = UInt8(truncatingIfNeeded: content)
    if cellCount == 0 { first = id }
    cellCount += 1
    last = id
  }

  /// Writes a record of which a part goes to pages of its own.
  @unsafe
  private func spill(
    _ row: Int, header: Int, length: Int, local: Int, _ text: UnsafePointer<UInt8>,
    to target: UnsafeMutablePointer<UInt8>
  ) throws(WarehouseError) {
    if large.count < length { large = [UInt8](repeating: 0, count: length) }
    unsafe large.withUnsafeMutableBufferPointer { record in
      guard let start = record.baseAddress else { return }
      unsafe write(row, header: header, text, to: start)
      unsafe target.update(from: start, count: local)
    }
    let perPage = size - 4
    let count = (length - local + perPage - 1) / perPage
    var numbers: [Int] = []
    for _ in 0..<count { numbers.append(try file.take()) }
    var bytes = [UInt8](repeating: 0, count: size)
    for (index, number) in numbers.enumerated() {
      let start = local + index * perPage
      let part = large[start..<min(start + perPage, length)]
      bytes.setWord(index + 1 < count ? numbers[index + 1] : 0, at: 0)
      bytes.replaceSubrange(4..<4 + part.count, with: part)
      for place in 4 + part.count..<size { bytes[place] = 0 }
      try file.write(bytes, page: number)
    }
    for index in 0..<4 {
      unsafe target[local + index] = UInt8(truncatingIfNeeded: numbers[0] >> (24 - index * 8))
    }
    overflow += numbers
  }

  // MARK: Pages

  /// Writes the page that is being filled, if there is one; the next row begins another.
  func close() throws(WarehouseError) {
    guard cellCount > 0 else { return }
    let number = try file.take()
    let used = Self.header + cellCount * 2
    unsafe page[0] = 0x0D
    unsafe page[1] = 0
    unsafe page[2] = 0
    unsafe page[3] = UInt8(truncatingIfNeeded: cellCount >> 8)
    unsafe page[4] = UInt8(truncatingIfNeeded: cellCount)
    unsafe page[5] = UInt8(truncatingIfNeeded: content >> 8)
    unsafe page[6] = UInt8(truncatingIfNeeded: content)
    unsafe page[7] = 0
    unsafe (page + used).update(repeating: 0, count: content - used)
    try file.write(
      unsafe [UInt8](UnsafeBufferPointer(start: page, count: size)), page: number)
    pages.append(LeafPage(page: number, rows: first...last, overflow: overflow))
    overflow = []
    cellCount = 0
    content = size
  }

  /// Takes out the pages of a range of rows, which nothing refers to yet.
  func remove(_ rows: ClosedRange<Int64>) {
    if cellCount > 0, rows.contains(first) {
      for page in overflow { file.giveBack(page) }
      overflow = []
      cellCount = 0
      content = size
    }
    for leaf in pages where rows.contains(leaf.rows.lowerBound) {
      file.giveBack(leaf.page)
      for page in leaf.overflow { file.giveBack(page) }
    }
    pages.removeAll { rows.contains($0.rows.lowerBound) }
  }

  // MARK: Records

  /// Notes the type of each value.
  ///
  /// - Returns: Bytes of the record's header and of its values.
  private func measure(_ row: Int) throws(WarehouseError) -> (header: Int, body: Int) {
    var header = 0
    var body = 0
    for index in sources.indices {
      let (type, length) = unsafe Self.measure(columns + index, row)
      if type == 0, isRequired[index] {
        throw malformed("no value in the column \(table.columns[index].name)")
      }
      if type == .max {
        throw malformed("a date outside the years 1 to 9999")
      }
      unsafe types[index] = type
      header += type < 0x80 ? 1 : Varint.length(type)
      body += length
    }
    // The length of the header counts itself.
    var own = Varint.length(UInt64(header + 1))
    own = Varint.length(UInt64(header + own))
    return (header + own, body)
  }

  @unsafe
  @inline(__always)
  private static func measure(
    _ column: UnsafePointer<ImageColumn>, _ row: Int
  ) -> (type: UInt64, length: Int) {
    guard let values = unsafe column.pointee.values else { return (0, 0) }
    switch unsafe column.pointee.kind {
    case .texts:
      let reference = TextRef(raw: UInt64(bitPattern: unsafe values[row]))
      if reference.isAbsent { return (0, 0) }
      return (UInt64(13 + reference.length * 2), reference.length)
    case .integers: return unsafe measure(values[row])
    case .dates, .dateTimes:
      let value = unsafe values[row]
      if value == BatchColumn.null { return (0, 0) }
      let withTime = unsafe column.pointee.kind == .dateTimes
      guard DateText.isValid(value, withTime: withTime) else { return (.max, 0) }
      let length = withTime ? DateText.dateTimeLength : DateText.dateLength
      return (UInt64(13 + length * 2), length)
    case .blobs:
      let reference = TextRef(raw: UInt64(bitPattern: unsafe values[row]))
      if reference.isAbsent { return (0, 0) }
      return (UInt64(12 + reference.length * 2), reference.length)
    case .constantInteger: return unsafe measure(values[0])
    case .constantText:
      let length = unsafe Int(values[0])
      return (UInt64(13 + length * 2), length)
    case .null: return (0, 0)
    }
  }

  @inline(__always)
  private static func measure(_ value: Int64) -> (type: UInt64, length: Int) {
    if value == BatchColumn.null { return (0, 0) }
    if value == 0 { return (8, 0) }
    if value == 1 { return (9, 0) }
    let bits = 65 - (value ^ (value >> 63)).leadingZeroBitCount
    switch bits {
    case ...8: return (1, 1)
    case ...16: return (2, 2)
    case ...24: return (3, 3)
    case ...32: return (4, 4)
    case ...48: return (5, 6)
    default: return (6, 8)
    }
  }

  /// Writes the record that was measured.
  @unsafe
  private func write(
    _ row: Int, header: Int, _ text: UnsafePointer<UInt8>, to start: UnsafeMutablePointer<UInt8>
  ) {
    var type = unsafe start
    unsafe Self.put(UInt64(header), &type)
    var value = unsafe start + header
    for index in sources.indices {
      let kind = unsafe types[index]
      unsafe Self.put(kind, &type)
      if kind == 0 { continue }
      unsafe Self.write(columns + index, row, kind, text, &value)
    }
  }

  @unsafe
  @inline(__always)
  private static func write(
    _ column: UnsafePointer<ImageColumn>, _ row: Int, _ type: UInt64,
    _ text: UnsafePointer<UInt8>, _ target: inout UnsafeMutablePointer<UInt8>
  ) {
    guard let values = unsafe column.pointee.values else { return }
    switch unsafe column.pointee.kind {
    case .texts, .blobs:
      let reference = TextRef(raw: UInt64(bitPattern: unsafe values[row]))
      unsafe target.update(from: text + reference.offset, count: reference.length)
      unsafe target += reference.length
    case .integers: unsafe write(values[row], type, &target)
    case .constantInteger: unsafe write(values[0], type, &target)
    case .dates:
      unsafe DateText.write(values[row], withTime: false, to: target)
      unsafe target += DateText.dateLength
    case .dateTimes:
      unsafe DateText.write(values[row], withTime: true, to: target)
      unsafe target += DateText.dateTimeLength
    case .constantText:
      guard let bytes = unsafe column.pointee.bytes else { return }
      unsafe target.update(from: bytes, count: Int(values[0]))
      unsafe target += Int(values[0])
    case .null: break
    }
  }

  /// Writes an integer in as many bytes as its type says, the highest first.
  @unsafe
  @inline(__always)
  private static func write(
    _ value: Int64, _ type: UInt64, _ target: inout UnsafeMutablePointer<UInt8>
  ) {
    guard type < 8 else { return }
    let count = type <= 4 ? Int(type) : type == 5 ? 6 : 8
    var shift = (count - 1) * 8
    while shift >= 0 {
      unsafe target.pointee = UInt8(truncatingIfNeeded: value >> Int64(shift))
      unsafe target += 1
      shift -= 8
    }
  }

  /// Writes a variable-length integer.
  @unsafe
  @inline(__always)
  private static func put(_ value: UInt64, _ target: inout UnsafeMutablePointer<UInt8>) {
    if value < 0x80 {
      unsafe target.pointee = UInt8(truncatingIfNeeded: value)
      unsafe target += 1
      return
    }
    if value < 0x4000 {
      unsafe target[0] = UInt8(truncatingIfNeeded: value >> 7) | 0x80
      unsafe target[1] = UInt8(truncatingIfNeeded: value) & 0x7F
      unsafe target += 2
      return
    }
    var bytes: [UInt8] = []
    Varint.append(value, to: &bytes)
    for byte in bytes {
      unsafe target.pointee = byte
      unsafe target += 1
    }
  }

  private func malformed(_ what: String) -> WarehouseError {
    WarehouseError(.malformedBatch, "batch of \(table.name) has \(what)")
  }
}

extension CellKind {
  /// Whether values of this kind may stand in a column of a STRICT table.
  fileprivate func fits(_ storage: TableModel.StorageClass) -> Bool {
    switch self {
    case .null: true
    case .integers, .constantInteger: storage == .integer
    case .dates, .dateTimes, .texts, .constantText: storage == .text
    case .blobs: storage == .blob
    }
  }
}
