import CSeparatorIndex
import Records

/// Positions of separators, marks and anomalies in the window (see `separator_index.h`), made 64 KiB
/// at a time and read in ascending order.
///
/// The index goes by the parity of quotes, so it holds only as far as the records before were clean.
/// Owns its buffers.
@safe
struct StructuralIndex: ~Copyable {
  /// A growing buffer of positions that is read from the front.
  @safe
  struct Positions: ~Copyable {
    private(set) var base: UnsafeMutablePointer<UInt32>
    private var capacity: Int
    var head = 0
    var count = 0

    init() {
      capacity = 256
      unsafe base = .allocate(capacity: capacity)
    }

    deinit { unsafe base.deallocate() }

    /// Makes room for `room` more entries behind the last one; entries read are given up.
    mutating func reserve(_ room: Int) {
      let left = count - head
      if left + room > capacity {
        let grown = max(capacity * 2, left + room)
        let target = UnsafeMutablePointer<UInt32>.allocate(capacity: grown)
        unsafe target.update(from: base + head, count: left)
        unsafe base.deallocate()
        unsafe base = target
        capacity = grown
      } else if head > 0 {
        unsafe base.update(from: base + head, count: left)
      }
      head = 0
      count = left
    }

    /// Gives up the entries before `position`.
    @inline(__always)
    mutating func skip(to position: Int) {
      while head < count, unsafe Int(base[head]) < position { head += 1 }
    }

    mutating func removeAll() {
      head = 0
      count = 0
    }

    /// Counts positions from `distance` on; entries before it are given up.
    mutating func shift(by distance: Int) {
      skip(to: distance)
      for entry in head..<count { unsafe base[entry] -= UInt32(distance) }
    }
  }

  /// Bytes indexed at a time.
  static let pieceBytes = 64 * 1024
  /// Bytes read by the plain path after a malformed record before the index is made again, so that a
  /// file full of faults does not pay for an index that holds for one line.
  static let plainBytes = 4096

  private var state: qy_index_state
  var separators = Positions()
  var marks = Positions()
  var anomalies = Positions()
  /// The index covers the window up to here.
  private(set) var end = 0
  /// The plain path is in charge up to here.
  private(set) var plainUntil = 0

  init(delimiter: UInt8, quote: UInt8) {
    state = qy_index_start(delimiter, quote)
  }

  /// Forgets everything; the next record begins at `position` of the window.
  mutating func restart(at position: Int) {
    state = qy_index_start(state.delimiter, state.quote)
    separators.removeAll()
    marks.removeAll()
    anomalies.removeAll()
    end = position
    plainUntil = position
  }

  /// Says that the plain path took the bytes before `position`, where the next record begins.
  mutating func realign(to position: Int) {
    if position < end {
      // If parity agrees, the line break just read is in the index.
      separators.skip(to: position - 1)
      let isKnown =
        separators.head < separators.count
        && (unsafe Int(separators.base[separators.head]) == position - 1)
      if isKnown {
        marks.skip(to: position)
        anomalies.skip(to: position)
        return
      }
    }
    let isInPlainStretch = position <= plainUntil
    let stretch = isInPlainStretch ? plainUntil : position + Self.plainBytes
    let isFaultless = position >= end && !isInPlainStretch
    restart(at: position)
    plainUntil = isFaultless ? position : stretch
  }

  /// Says that `distance` bytes at the front of the window were given up.
  mutating func shift(by distance: Int) {
    separators.shift(by: distance)
    marks.shift(by: distance)
    anomalies.shift(by: distance)
    end -= distance
    plainUntil -= distance
  }

  /// Indexes the next piece of the window.
  mutating func extend(_ window: UnsafeBufferPointer<UInt8>) {
    precondition(end >= 0 && end <= window.count && window.count <= Int(UInt32.max))
    guard let bytes = window.baseAddress else { return }
    let length = min(window.count - end, Self.pieceBytes)
    let room = length + Int(QY_INDEX_SLACK)
    separators.reserve(room)
    marks.reserve(room)
    anomalies.reserve(room)
    let counts = unsafe qy_csv_index(
      bytes + end, length, UInt32(end), &state, separators.base + separators.count,
      marks.base + marks.count, anomalies.base + anomalies.count)
    separators.count += counts.separators
    marks.count += counts.marks
    anomalies.count += counts.anomalies
    end += length
  }
}

// MARK: - The indexed path

extension CSVReader {
  enum CleanStep {
    case needsBytes
    case chunkReady
    /// The next record is not clean, or not known to be; the plain path has to look at it.
    case plain
  }

  /// A longer unfinished record is left to the plain path, so that the index stays small.
  private static var maximumUnfinished: Int { 256 * 1024 }

  /// Takes as many clean records as there are.
  mutating func takeCleanRecords(isLast: Bool) -> CleanStep {
    guard cursor >= index.plainUntil, var assembler = assembler.take() else { return .plain }
    // Moved out, so that their memory can be pointed to while the rest of the reader changes.
    var window: [UInt8] = []
    var fields: [TextRef] = []
    swap(&window, &self.window)
    swap(&fields, &assembler.chunk.fields)
    let step = unsafe window.withUnsafeBufferPointer { bytes in
      unsafe fields.withUnsafeMutableBufferPointer { fields in
        unsafe takeCleanRecords(bytes, fields, &assembler, isLast: isLast)
      }
    }
    swap(&window, &self.window)
    swap(&fields, &assembler.chunk.fields)
    self.assembler = assembler
    return step
  }

  private mutating func takeCleanRecords(
    _ bytes: UnsafeBufferPointer<UInt8>, _ fields: UnsafeMutableBufferPointer<TextRef>,
    _ assembler: inout RecordAssembler, isLast: Bool
  ) -> CleanStep {
    guard let base = bytes.baseAddress, let cells = fields.baseAddress else { return .needsBytes }
    var cutter = unsafe CleanRecordCutter(
      bytes: base, end: bytes.count, isLast: isLast, cells: cells, chunk: assembler.chunk,
      scanner: scanner, limit: dialect.maximumRecordBytes)
    precondition(fields.count >= cutter.columnCount * cutter.stride, "fields of every row")
    while true {
      guard !assembler.chunk.isFull else { return .chunkReady }
      switch cutter.cut(
        from: cursor, row: assembler.chunk.recordCount, textBase: assembler.chunk.text.count,
        &index)
      {
      case .record:
        guard !assembler.isTooFull(for: cutter.length) else {
          cutter.clear(row: assembler.chunk.recordCount)
          index.separators.head = cutter.firstSeparator
          index.marks.head = cutter.firstMark
          return .chunkReady
        }
        append(cutter, &assembler)
      case .blankLine:
        blankLineCount += 1
        line += 1
      case .unfinished:
        cutter.clear(row: assembler.chunk.recordCount)
        if index.end < bytes.count {
          unsafe index.extend(bytes)
          continue
        }
        let unfinished = bytes.count - cursor
        guard unfinished > 0, isLast || unfinished > Self.maximumUnfinished else {
          return .needsBytes
        }
        return .plain
      case .unclean:
        cutter.clear(row: assembler.chunk.recordCount)
        return .plain
      }
      cursor = cutter.next
    }
  }

  @inline(__always)
  private mutating func append(_ cutter: CleanRecordCutter, _ assembler: inout RecordAssembler) {
    let base = assembler.chunk.text.count
    let length = cutter.length
    unsafe assembler.chunk.text.append(
      contentsOf: UnsafeBufferPointer(start: cutter.bytes + cursor, count: length))
    let row = assembler.appendRow(
      TextRef(offset: base, length: length), line, windowOffset + cursor)
    for column in cutter.escapedColumns {
      let cell = unsafe cutter.cells + (column * cutter.stride + row)
      unsafe cell.pointee = assembler.appendUnescaped(cell.pointee)
    }
    line += cutter.lineBreaks + 1
  }
}

/// Cuts one record that has no anomaly along the positions of the index.
@safe
private struct CleanRecordCutter {
  enum Outcome {
    case record
    case blankLine
    case unfinished
    case unclean
  }

  let bytes: UnsafePointer<UInt8>
  let end: Int
  let isLast: Bool
  let cells: UnsafeMutablePointer<TextRef>
  let stride: Int
  let columnCount: Int
  /// See ``RecordScanner/widest``.
  let widest: Int
  let delimiter: UInt8
  let quote: UInt8
  let maximumFields: Int
  let limit: Int
  let footers: [[UInt8]]
  /// The last record: bytes before its terminator, first byte behind it, line breaks in quotes.
  var length = 0
  var next = 0
  var lineBreaks = 0
  /// Columns of the last record with doubled quotes.
  var escapedColumns: [Int] = []
  /// Where the index stood before the last record, to go back there.
  var firstSeparator = 0
  var firstMark = 0

  init(
    bytes: UnsafePointer<UInt8>, end: Int, isLast: Bool, cells: UnsafeMutablePointer<TextRef>,
    chunk: borrowing RecordChunk, scanner: borrowing RecordScanner, limit: Int
  ) {
    unsafe self.bytes = bytes
    self.end = end
    self.isLast = isLast
    unsafe self.cells = cells
    stride = chunk.stride
    columnCount = chunk.columnCount
    widest = scanner.widest
    delimiter = scanner.delimiter
    quote = scanner.quote
    maximumFields = scanner.maximumFields
    footers = scanner.footerPrefixes
    self.limit = limit
  }

  /// Cuts the record at `start` and writes its fields into `row`.
  @inline(__always)
  mutating func cut(
    from start: Int, row: Int, textBase: Int, _ index: inout StructuralIndex
  ) -> Outcome {
    index.separators.skip(to: start)
    firstSeparator = index.separators.head
    firstMark = index.marks.head
    lineBreaks = 0
    if !escapedColumns.isEmpty { escapedColumns.removeAll(keepingCapacity: true) }
    let positions = unsafe index.separators.base
    let count = index.separators.count
    var head = firstSeparator
    var fieldStart = start
    var column = 0
    var isSurplusFilled = false
    let shift = textBase - start
    while head < count {
      let position = unsafe Int(positions[head])
      head += 1
      let ref = field(fieldStart, position, column, shift, &index.marks)
      if column < columnCount {
        unsafe cells[column * stride + row] = ref
      } else if ref.length > 0 {
        isSurplusFilled = true
      }
      column += 1
      fieldStart = position + 1
      let byte = unsafe bytes[position]
      if byte == delimiter { continue }
      return finish(
        from: start, to: position, byte, column, isSurplusFilled, head, &index)
    }
    index.marks.head = firstMark
    index.anomalies.skip(to: start)
    return index.anomalies.head < index.anomalies.count ? .unclean : .unfinished
  }

  /// The reference of one field; `shift` turns window offsets into offsets in the arena.
  @inline(__always)
  private mutating func field(
    _ start: Int, _ end: Int, _ column: Int, _ shift: Int,
    _ marks: inout StructuralIndex.Positions
  ) -> TextRef {
    guard end > start, unsafe bytes[start] == quote else {
      return TextRef(offset: start + shift, length: end - start)
    }
    if marks.head < marks.count, unsafe Int(marks.base[marks.head]) < end {
      readMarks(from: start, to: end, column, &marks)
    }
    // A quote that is alone, or not closed here, is an anomaly; the record will not be used then.
    return TextRef(offset: start + 1 + shift, length: max(0, end - start - 2))
  }

  /// Counts line breaks in a quoted field and notes doubled quotes.
  private mutating func readMarks(
    from start: Int, to end: Int, _ column: Int, _ marks: inout StructuralIndex.Positions
  ) {
    var isEscaped = false
    while marks.head < marks.count {
      let position = unsafe Int(marks.base[marks.head])
      guard position < end else { break }
      marks.head += 1
      guard position > start else { continue }
      let byte = unsafe bytes[position]
      if byte == quote {
        isEscaped = true
      } else if byte == Byte.carriageReturn || (unsafe bytes[position - 1]) != Byte.carriageReturn {
        lineBreaks += 1
      }
    }
    if isEscaped, column < columnCount { escapedColumns.append(column) }
  }

  /// Decides what the record that ends with the line break at `position` is.
  @inline(__always)
  private mutating func finish(
    from start: Int, to position: Int, _ byte: UInt8, _ fieldCount: Int,
    _ isSurplusFilled: Bool, _ head: Int, _ index: inout StructuralIndex
  ) -> Outcome {
    next = position + 1
    if byte == Byte.carriageReturn {
      guard next < end || isLast else {
        index.marks.head = firstMark
        return .unfinished
      }
      if next < end, unsafe bytes[next] == Byte.lineFeed { next += 1 }
    }
    length = position - start
    if length == 0 {
      index.separators.head = head
      return .blankLine
    }
    index.anomalies.skip(to: start)
    let isClean =
      index.anomalies.head == index.anomalies.count
      || (unsafe Int(index.anomalies.base[index.anomalies.head])) >= position
    let hasRightCount =
      fieldCount == columnCount
      || (fieldCount > columnCount && fieldCount <= widest && !isSurplusFilled)
    guard isClean, hasRightCount, fieldCount <= maximumFields, length <= limit,
      footers.isEmpty || !isFooter(start)
    else {
      index.marks.head = firstMark
      return .unclean
    }
    index.separators.head = head
    return .record
  }

  /// Whether the record may be a line of totals or notes; the plain path decides.
  private func isFooter(_ start: Int) -> Bool {
    var at = start
    let end = start + length
    if at < end, unsafe bytes[at] == quote { at += 1 }
    while at < end, unsafe bytes[at] == Byte.space { at += 1 }
    return footers.contains { prefix in
      prefix.count <= end - at
        && prefix.indices.allSatisfy { unsafe prefix[$0] == bytes[at + $0] }
    }
  }

  /// Takes back what was written into a row that is not to be.
  func clear(row: Int) {
    for column in 0..<columnCount { unsafe cells[column * stride + row] = .absent }
  }
}

extension Array where Element == UInt8 {
  /// Appends a range of `bytes` by one copy.
  mutating func appendBytes(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}
