package import Records

/// Takes JSON documents apart by a ``RecordShape``: bytes in, in pieces of any size;
/// ``RecordChunk``s out.
///
/// A file is a sequence of documents separated by white space: one array, pages of an interface one
/// after another, or, with `isLines`, one document on each line. What stands around the units of a
/// document is read token by token and not kept; a unit is taken into memory as a whole, up to
/// ``DocumentLimits/recordBytes``. Strict: RFC 8259 to the letter, no name twice in one object.
///
/// - A unit that cannot be read, but whose brackets and strings balance, is one record with a fault and
///   without fields; its neighbours are not touched. Where the structure itself is lost, or the text
///   around units is wrong, ``fault`` ends the reading.
/// - With `isLines` the whole line is the unit, wherever in it the records lie, and a line that cannot be
///   read is a record with a fault.
/// - Bytes that are not UTF-8 become U+FFFD, as a decoder makes them, and the record has a fault.
///
/// What comes out (records, fields, faults, positions, the borders of chunks) depends only on the
/// bytes, not on how they were cut into pieces.
///
/// Fields: strings unescaped; numbers with the digits as sent, those with an exponent written out where
/// that takes at most ``NumberText/maximumDigits`` digits; `true`, `false`; null and what is missing are
/// absent. An object or array where a column points is its text. A path that leads up beyond the unit
/// gives no value: of what came before the unit nothing is kept.
package struct JSONReader: ~Copyable {
  /// Once set nothing more is handed out; the rest of the input is ignored. Records that were complete
  /// before it have been handed out.
  package private(set) var fault: DocumentFault?
  /// What was met so far. A total is counted with its document.
  package internal(set) var census: ShapeCensus
  /// Records handed out or waiting in the current chunk.
  package internal(set) var recordCount = 0

  /// Bytes taken in at a time, so that the window stays in the second-level cache.
  static let pieceBytes = 64 * 1024
  /// Bytes kept of a unit that is over the limit; our choice.
  package static let keptOfOverlong = 64 * 1024
  /// Where a unit has several records and more than this besides them, a record's text is its own
  /// bytes only. Our choice.
  package static let maximumSurroundings = 256 * 1024

  enum Phase {
    case byteOrderMark
    /// Around the units.
    case envelope
    /// At the first byte of a line.
    case line
    /// At the first byte of a unit.
    case unit
    /// Looking for the end of a unit that cannot be parsed or is too long.
    case extent
    /// The same, where a line break is the end.
    case lineExtent
    /// Records of a unit wait for room in a chunk.
    case emission
    case done
  }

  enum Step {
    case progress
    case needsBytes
    /// The chunk has to be handed out before anything else happens.
    case chunkReady
  }

  let limits: DocumentLimits
  let isLines: Bool
  /// The path to the array of units; nil if documents are units.
  let unitPath: [FieldPath.Step]?
  let totalPath: [FieldPath.Step]?
  var phase = Phase.byteOrderMark
  var parser: UnitParser
  var chunk: RecordChunk?
  /// Bytes taken in and not yet done with; `cursor` is the first one of them.
  var window: [UInt8] = []
  var cursor = 0
  /// Offset of `window[0]` in the stream.
  var windowOffset = 0
  /// No attempt is made before the window has so many bytes behind `cursor`; doubled after each vain
  /// attempt, so that a long unit fed in small pieces is not parsed again and again.
  var wantedBytes = 0

  // Around the units.
  var grammar: JSONGrammar
  private var places: [Place] = []
  private var memberPlace = Place()
  /// A fault to be set once the records before it have been handed out.
  var pending: DocumentFault?

  /// Offset behind the last unit.
  var unitEnd = 0

  // The unit at hand; see `JSONReader+Units.swift`.
  var extent = UnitExtent()
  /// Bytes behind `cursor` that `extent` has seen, and bytes of the unit before `cursor`.
  var scanned = 0
  var skipped = 0
  /// The structure of an overlong line has not come to its end.
  var isOpen = true
  var emission = Emission()

  /// How far paths have been followed to a value around the units: steps met, or nil.
  struct Place {
    var unit: Int?
    var total: Int?
    /// Items of the value are units.
    var holdsUnits = false
  }

  /// A reader at the first byte of a stream.
  ///
  /// - Parameter isLines: One document on each line that is not blank.
  package init(_ shape: RecordShape, limits: DocumentLimits, isLines: Bool) {
    self.limits = limits
    self.isLines = isLines
    let each = isLines ? nil : shape.records.steps.firstIndex(of: .each)
    unitPath = each.map { Array(shape.records.steps[..<$0]) }
    totalPath = each == nil ? nil : shape.total?.steps
    census = ShapeCensus(columnCount: shape.columns.count)
    parser = UnitParser(UnitPlan(shape, unitIsDocument: each == nil), limits: limits)
    grammar = JSONGrammar(limits, isLines: false)
    var chunk = RecordChunk(
      columnCount: shape.columns.count, stride: limits.chunkRecords,
      byteLimit: limits.chunkBytes)
    chunk.children = shape.children.map { ChildRows(columnCount: $0.columns.count) }
    self.chunk = chunk
  }

  /// Takes in the next piece of the stream.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, any number of bytes, none included; copied.
  ///   - isLast: Nothing follows. Called once with true, as the last call.
  ///   - onChunk: Gets every full chunk, and the rest at the end; never an empty one. The chunk is
  ///     emptied and used again afterwards; its text may be taken. If it throws, the reader must not
  ///     be used any further.
  package mutating func feed<E: Error>(
    _ bytes: Span<UInt8>, isLast: Bool, onChunk: (inout RecordChunk) throws(E) -> Void
  ) throws(E) {
    var taken = 0
    repeat {
      guard phase != .done else { return }
      let size = min(bytes.count - taken, Self.pieceBytes)
      dropConsumed()
      window.appendBytes(bytes, taken..<taken + size)
      taken += size
      try drain(isLast: isLast && taken == bytes.count, onChunk)
    } while taken < bytes.count
  }

  /// Bytes, up to those that were read last, in which no record begins that is still to be handed out; nil where
  /// one may.
  package var passed: Range<Int>? {
    let start: Int
    switch phase {
    case .envelope, .line: start = unitEnd
    case .extent where skipped > 0, .lineExtent where skipped > 0: start = emission.byteOffset + 1
    default: return nil
    }
    let end = windowOffset + cursor
    return start < end ? start..<end : nil
  }

  private mutating func drain<E: Error>(
    isLast: Bool, _ onChunk: (inout RecordChunk) throws(E) -> Void
  ) throws(E) {
    guard isLast || window.count - cursor >= wantedBytes else { return }
    wantedBytes = 0
    loop: while true {
      switch step(isLast: isLast) {
      case .progress: continue
      case .chunkReady: try handOut(onChunk)
      case .needsBytes: break loop
      }
    }
    if isLast || pending != nil {
      try handOut(onChunk)
      phase = .done
      fault = pending
      window = []
      cursor = 0
    } else if phase != .extent, phase != .lineExtent {
      wantedBytes = max(1, 2 * (window.count - cursor))
    }
  }

  private mutating func handOut<E: Error>(
    _ onChunk: (inout RecordChunk) throws(E) -> Void
  ) throws(E) {
    guard var taken = chunk.take() else { return }
    if taken.recordCount > 0 {
      try onChunk(&taken)
      taken.removeAll()
    }
    chunk = taken
  }

  private mutating func step(isLast: Bool) -> Step {
    guard pending == nil else { return .needsBytes }
    switch phase {
    case .byteOrderMark: return readByteOrderMark(isLast: isLast)
    case .envelope: return readEnvelope(isLast: isLast)
    case .line: return readLine(isLast: isLast)
    case .unit: return readUnit(isLast: isLast)
    case .extent: return findEnd(isLast: isLast)
    case .lineExtent: return findLineEnd(isLast: isLast)
    case .emission: return emit()
    case .done: return .needsBytes
    }
  }

  private mutating func readByteOrderMark(isLast: Bool) -> Step {
    let isMark = window.starts(with: Byte.mark)
    if !isMark, window.count < 3, !isLast, Byte.mark.starts(with: window) { return .needsBytes }
    cursor = isMark ? 3 : 0
    phase = isLines ? .line : .envelope
    return .progress
  }

  /// Ends the reading at the index `at` of the window.
  func documentFault(
    _ kind: DocumentFault.Kind, at: Int, line: Int, _ message: String
  ) -> DocumentFault {
    DocumentFault(kind: kind, line: line, byteOffset: windowOffset + at, message: message)
  }

  // MARK: - Around the units

  /// Reads on to the next unit.
  private mutating func readEnvelope(isLast: Bool) -> Step {
    // A local reference, so that the rest may change while it is looked at.
    let bytes = window
    while true {
      switch grammar.next(bytes.span, &cursor, isLast: isLast) {
      case .needsBytes: return endEnvelope(isLast: isLast)
      case .fault(let breach): return end(breach)
      case .closed: if !places.isEmpty { places.removeLast() }
      case .name(let range, let isEscaped):
        if let place = places.last {
          let name = JSONGrammar.text(bytes.span, range, isEscaped: isEscaped)
          memberPlace = below(place, .child(String(decoding: name, as: UTF8.self)))
        }
      case .value:
        census.documentCount = grammar.documentCount
        if unitPath == nil || places.last?.holdsUnits == true {
          phase = .unit
          return .progress
        }
        let place = placeOfValue()
        if let step = take(bytes, place, isLast: isLast) { return step }
      }
    }
  }

  private mutating func endEnvelope(isLast: Bool) -> Step {
    if isLast, let breach = grammar.missing(window.count) { return end(breach) }
    return .needsBytes
  }

  private mutating func end(_ breach: JSONGrammar.Breach) -> Step {
    pending = documentFault(breach.kind, at: breach.at, line: grammar.line, breach.message)
    return .needsBytes
  }

  private func placeOfValue() -> Place {
    guard let frame = grammar.frames.last, let place = places.last else {
      return Place(unit: unitPath == nil ? nil : 0, total: totalPath == nil ? nil : 0)
    }
    return frame.isObject ? memberPlace : below(place, .item(frame.count - 1))
  }

  /// The place one step below another.
  private func below(_ place: Place, _ step: FieldPath.Step) -> Place {
    func next(_ met: Int?, _ path: [FieldPath.Step]?) -> Int? {
      guard let met, let path, met < path.count else { return nil }
      if path[met] == step { return met + 1 }
      if case .item = step, path[met] == .each { return met + 1 }
      return nil
    }
    return Place(unit: next(place.unit, unitPath), total: next(place.total, totalPath))
  }

  /// Takes a value that is no unit; gives a step if reading stops there.
  private mutating func take(_ bytes: [UInt8], _ place: Place, isLast: Bool) -> Step? {
    let first = bytes[cursor]
    let isUnitArray = place.unit == unitPath?.count && place.unit != nil
    if isUnitArray, first != Byte.openArray, first != UInt8(ascii: "n") {
      return end(
        JSONGrammar.Breach(
          at: cursor, message: "found \(Byte.name(first)) where the array of records should be"))
    }
    if first == Byte.openArray || first == Byte.openObject {
      if let breach = grammar.enter(bytes.span, &cursor) { return end(breach) }
      places.append(place)
      places[places.count - 1].holdsUnits = isUnitArray
      if isUnitArray { census.hasUnits = true }
      if isTotal(place) { census.unreadableTotal = first == Byte.openArray ? "[" : "{" }
      return nil
    }
    switch grammar.takeScalar(bytes.span, &cursor, isLast: isLast) {
    case .needsBytes: return endEnvelope(isLast: isLast)
    case .fault(let breach): return end(breach)
    case .text(let range, let kind, let isEscaped):
      // An empty list is null to some.
      if isUnitArray { census.hasUnits = true }
      if isTotal(place), kind != .null {
        add(total: JSONGrammar.text(bytes.span, range, isEscaped: isEscaped))
      }
      return nil
    }
  }

  private func isTotal(_ place: Place) -> Bool {
    place.total != nil && place.total == totalPath?.count
  }

  /// Adds what a sender counted.
  mutating func add(total text: [UInt8]) {
    let plain = NumberText.plain(text) ?? text
    let isNumber = !plain.isEmpty && plain.allSatisfy(Byte.isDigit)
    if isNumber, let count = Int(String(decoding: plain, as: UTF8.self)) {
      let (sum, isOver) = (census.total ?? 0).addingReportingOverflow(count)
      if !isOver {
        census.total = sum
        return
      }
    }
    census.unreadableTotal = String(decoding: text.prefix(80), as: UTF8.self)
  }

  /// Gives up the bytes before `cursor`.
  private mutating func dropConsumed() {
    guard cursor > 0 else { return }
    window.removeFirst(cursor)
    windowOffset += cursor
    cursor = 0
  }
}
