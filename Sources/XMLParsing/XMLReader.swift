import CXMLEvents
package import Records

/// Takes an XML document apart: UTF-8 in, in pieces of any size; ``RecordChunk``s out.
///
/// ```swift
/// var reader = XMLReader(shape, limits: DocumentLimits())
/// while let block = … {
///   try reader.feed(block, isLast: …) { chunk in … }
/// }
/// ```
///
/// What the XML declaration says about the encoding is ignored. Text of an element is all text
/// inside of it, CDATA and internal entities included; white space alone is empty, and so is an
/// element without text; `xsi:nil` is absent. A raw text is the unit as it was written, from `<` to
/// the end of its end tag; where a unit has several records, each carries the unit without the
/// others. References to entities stay references in it.
///
/// What comes out depends only on the bytes, not on how they were cut into pieces. Memory is
/// bounded by the limits. Nothing outside of the text is ever opened. A document that is not
/// well-formed has a ``fault``, and nothing more is handed out.
package struct XMLReader: ~Copyable {
  /// Once set, the rest of the input is ignored.
  package internal(set) var fault: DocumentFault?
  package internal(set) var census: ShapeCensus
  /// Records handed out or waiting in the current chunk.
  package internal(set) var recordCount = 0
  /// The tags around the first unit; empty before it.
  package var frame: XMLFrame { isFrameKnown ? tags : XMLFrame() }

  /// Bytes kept of a unit that is over the limit; our choice.
  package static let keptOfOverlong = 64 * 1024
  /// Bytes of a unit besides its records that each of these repeats; our choice.
  package static let repeatedBytes = 256 * 1024
  /// Bytes of a tag, a comment or an instruction that are allowed even where units must be smaller.
  static let leastTokenBytes = 1 << 20
  /// Bytes of a document type declaration; attributes it may declare grow with it, and work with
  /// their square.
  static let maximumDoctypeBytes = 256 * 1024
  /// Elements in each other beyond the limit before the document is given up.
  static let followedNesting = 1024
  /// Namespaces declared by open elements; every name is looked for among them.
  static let maximumNamespaces = 512
  /// Different names, and their bytes, in a document.
  static let maximumNames = 8192
  static let maximumNameBytes = 4 << 20
  /// Bytes of a total that are read.
  static let maximumTotalBytes = 4096
  static let pieceBytes = 64 * 1024

  struct OpenElement {
    var state: Int
    /// Offset of its `<`.
    var start: Int
    /// Where its text begins in ``UnitValues/text``, or -1 if nobody wants it.
    var textStart: Int
    var isNil = false
  }

  struct NodeState {
    /// Number of the open instance.
    var serial = 0
    /// Its place among its like, and how many there are.
    var place = 0
    var count = 0
  }

  struct PendingText {
    /// Index of the element, or -1 if there is none.
    var element = -1
    var range = 0..<0
  }

  let limits: DocumentLimits
  let ignored: Set<String>
  var input: XMLInput
  var matcher: ShapeMatcher
  var names: [XMLName] = []
  /// Number of `xsi:nil`; -1 until it is met.
  var nilName = -1
  var elements: [OpenElement] = [
    OpenElement(state: ShapeMatcher.document, start: 0, textStart: -1)
  ]
  /// Open elements whose text is wanted.
  var textCount = 0
  /// The only text so far of an open element, where it stands in the document as it is.
  var pending = PendingText()
  /// By node of the tree.
  var nodes: [NodeState]
  var serial = 0
  /// By target and by row kind: the instance of the owner that already has a value.
  var filled: [Int]
  var filledRows: [Int]
  var values: UnitValues
  var unit: OpenUnit?
  /// Offset behind the last unit.
  var unitEnd = 0
  /// A unit is open, and its values are collected.
  var isCollecting = false
  /// Elements and attributes of the unit.
  var fieldCount = 0
  /// Open elements, the unit included, while it is open.
  var unitLevel = Int.max
  /// Values of the unit are kept before the first event behind this offset.
  var keepOffset = Int.max
  var event = 0
  var emission: Emission?
  var chunk: RecordChunk
  var tags = XMLFrame()
  var isFrameKnown = false

  /// A reader at the first byte of a document.
  package init(_ shape: RecordShape, limits: DocumentLimits) {
    self.init(shape, limits: limits, pieceBytes: Self.pieceBytes)
  }

  /// - Parameter pieceBytes: Bytes that the parser gets at a time.
  init(_ shape: RecordShape, limits: DocumentLimits, pieceBytes: Int) {
    self.limits = limits
    ignored = shape.ignored
    input = XMLInput(limits, pieceBytes: pieceBytes)
    let tree = ShapeTree(shape)
    matcher = ShapeMatcher(tree)
    values = UnitValues(tree)
    census = ShapeCensus(columnCount: shape.columns.count)
    nodes = Array(repeating: NodeState(), count: tree.nodes.count)
    filled = Array(repeating: -1, count: tree.targets.count)
    filledRows = Array(repeating: -1, count: tree.rowKinds.count)
    chunk = RecordChunk(
      columnCount: shape.columns.count, stride: limits.chunkRecords, byteLimit: limits.chunkBytes)
    chunk.children = shape.children.map { ChildRows(columnCount: $0.columns.count) }
  }

  /// Takes in the next piece of the document.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, any number of bytes, none included; copied.
  ///   - isLast: Nothing follows. Called once with true, as the last call.
  ///   - onChunk: Gets every full chunk, and the rest at the end; never an empty one, and none after
  ///     a fault. The chunk is emptied and used again afterwards; its text may be taken. If it
  ///     throws, the reader must not be used any further.
  package mutating func feed<E: Error>(
    _ bytes: Span<UInt8>, isLast: Bool, onChunk: (inout RecordChunk) throws(E) -> Void
  ) throws(E) {
    var taken = 0
    repeat {
      guard fault == nil else { return }
      taken = input.take(bytes, from: taken)
      let isEnd = isLast && taken == bytes.count
      guard input.hasPiece || isEnd else { return }
      input.parse(isLast: isEnd)
      event = 0
      while !consumeEvents() { try handOut(onChunk) }
      if fault == nil { fault = input.takeFault() }
      settle()
    } while taken < bytes.count
    if isLast, fault == nil { try handOut(onChunk) }
  }

  /// Bytes, up to those that were read last, in which no record begins that is still to be handed out; nil where
  /// one may.
  package var passed: Range<Int>? {
    if let unit, unit.head == nil { return nil }
    let start = unit.map { $0.start + 1 } ?? unitEnd
    return start < input.parsedOffset ? start..<input.parsedOffset : nil
  }

  private mutating func handOut<E: Error>(
    _ onChunk: (inout RecordChunk) throws(E) -> Void
  ) throws(E) {
    guard chunk.recordCount > 0 else { return }
    try onChunk(&chunk)
    chunk.removeAll()
  }

  /// Takes the events of the batch.
  ///
  /// - Returns: false if the chunk has to be handed out before anything else happens.
  private mutating func consumeEvents() -> Bool {
    while fault == nil {
      if emission != nil {
        guard emitRecords() else { return false }
      }
      guard takeEvents() else { return true }
    }
    return true
  }

  /// Takes events until there is a fault or a unit has ended.
  ///
  /// - Returns: false if there are no more.
  private mutating func takeEvents() -> Bool {
    while event < input.source.count {
      let next = input.source[event]
      event += 1
      let kind = Int(next.kind)
      if kind == QY_XML_START {
        if takeLeaf(next) { continue }
        open(next)
        if fault != nil { return true }
      } else if kind == QY_XML_END {
        close(next)
        if emission != nil { return true }
      } else if kind == QY_XML_TEXT || kind == QY_XML_SOURCE_TEXT {
        take(text: next)
      } else {
        take(attribute: next)
      }
    }
    return false
  }

  /// Gives up bytes that nobody needs any more.
  private mutating func settle() {
    guard let start = unit?.start else {
      input.drop(before: .max)
      return
    }
    let known = input.parsedOffset - start
    if unit?.head == nil, known > max(limits.recordBytes, Self.keptOfOverlong) {
      keepRow()
      let head = headOfUnit(start..<start + known)
      unit?.head = head
      stopCollecting()
    }
    input.drop(before: unit?.head == nil ? start : .max)
  }

  // MARK: - Limits

  @inline(__always)
  mutating func countField(_ offset: Int) {
    guard unit != nil else { return }
    fieldCount += 1
    guard fieldCount == limits.fields + 1 else { return }
    keepRow()
    unit?.fieldLimitOffset = offset
    stopCollecting()
  }

  /// Keeps the values as they are now, for the case that the unit turns out to be too large.
  mutating func keepRow() {
    keepOffset = .max
    guard unit != nil, unit?.kept == nil else { return }
    var kept = OpenUnit.KeptRow()
    values.appendLastRecord(to: &kept, input)
    unit?.kept = kept
  }

  mutating func stopCollecting() {
    isCollecting = false
    values.release()
    for index in elements.indices { elements[index].textStart = -1 }
    textCount = 0
    pending.element = -1
  }

  /// The first bytes of a unit that is too large, no character torn.
  func headOfUnit(_ unit: Range<Int>) -> [UInt8] {
    var range = input.indices(unit)
    guard range.count > Self.keptOfOverlong else { return Array(input.window[range]) }
    range = range.lowerBound..<range.lowerBound + Self.keptOfOverlong
    while range.count > 0, input.window[range.upperBound] & 0xC0 == 0x80 {
      range = range.lowerBound..<range.upperBound - 1
    }
    return Array(input.window[range])
  }
}
