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
  package private(set) var fault: DocumentFault?
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
  private static let maximumTotalBytes = 4096
  static let pieceBytes = 64 * 1024

  private struct OpenElement {
    var state: Int
    /// Offset of its `<`.
    var start: Int
    /// Where its text begins in ``UnitValues/text``, or -1 if nobody wants it.
    var textStart: Int
    var isNil = false
  }

  let limits: DocumentLimits
  private let ignored: Set<String>
  var input: XMLInput
  private var matcher: ShapeMatcher
  private var names: [XMLName] = []
  /// Number of `xsi:nil`; -1 until it is met.
  private var nilName = -1
  private var elements: [OpenElement] = [
    OpenElement(state: ShapeMatcher.document, start: 0, textStart: -1)
  ]
  /// Open elements whose text is wanted.
  private var textCount = 0
  /// By node of the tree: number of the open instance, its place among its like, how many there
  /// are.
  private var serials: [Int]
  private var places: [Int]
  private var counts: [Int]
  private var serial = 0
  /// By target and by row kind: the instance of the owner that already has a value.
  private var filled: [Int]
  private var filledRows: [Int]
  var values: UnitValues
  var unit: OpenUnit?
  /// Open elements, the unit included, while it is open.
  var unitLevel = Int.max
  /// Values of the unit are kept before the first event behind this offset.
  var keepOffset = Int.max
  private var event = 0
  var emission: Emission?
  var chunk: RecordChunk
  private var tags = XMLFrame()
  private var isFrameKnown = false

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
    serials = Array(repeating: 0, count: tree.nodes.count)
    places = serials
    counts = serials
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
      guard event < input.source.count else { return true }
      let next = input.source[event]
      event += 1
      switch Int(next.kind) {
      case QY_XML_START: open(next)
      case QY_XML_ATTRIBUTE: take(attribute: next)
      case QY_XML_TEXT: take(text: next)
      default: close(next)
      }
    }
    return true
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

  // MARK: - Elements

  private mutating func open(_ event: qy_xml_event) {
    let offset = input.textOffset(event.offset)
    if offset > keepOffset { keepRow() }
    var state = ShapeMatcher.unknown
    if elements.count > limits.nesting {
      guard unit != nil else {
        fault = DocumentFault(
          kind: .nesting, line: input.line(at: offset), byteOffset: offset,
          message: "elements are nested deeper than \(limits.nesting)")
        return
      }
      unit?.note(.nesting, found: elements.count, expected: limits.nesting, offset: offset)
    } else {
      let parent = elements[elements.count - 1].state
      state = matcher.childState(of: parent, event.name) ?? resolveChild(of: parent, event.name)
    }
    elements.append(OpenElement(state: state, start: offset, textStart: -1))
    if state != ShapeMatcher.unknown {
      let node = matcher.onlyNode[state]
      if node >= 0 {
        open(node: node, event, offset)
      } else {
        for node in matcher.nodes[state] { open(node: node, event, offset) }
      }
    }
    if elements.count == 2 { census.documentCount = 1 }
    countField(offset)
  }

  private mutating func open(node: Int, _ event: qy_xml_event, _ offset: Int) {
    serial += 1
    serials[node] = serial
    places[node] = counts[node]
    counts[node] += 1
    var child = matcher.tree.nodes[node].firstChild
    while child >= 0 {
      counts[child] = 0
      child = matcher.tree.nodes[child].nextSibling
    }
    if matcher.tree.nodes[node].isAroundUnit { openAroundUnit(node, event, offset) }
    if node == matcher.tree.unit, unit == nil { beginUnit(offset) }
    let scope = matcher.tree.nodes[node].scope
    if scope >= 0, unit != nil { open(scope: scope, of: node, offset) }
    if !matcher.tree.nodes[node].texts.isEmpty { wantText() }
  }

  private mutating func openAroundUnit(_ node: Int, _ event: qy_xml_event, _ offset: Int) {
    if node == matcher.tree.nodes[matcher.tree.unit].parent { census.hasUnits = true }
    guard !isFrameKnown else { return }
    let tag = input.window[input.indices(offset..<offset + Int(event.length))]
    tags.open(String(decoding: tag, as: UTF8.self) + ">")
  }

  private mutating func beginUnit(_ offset: Int) {
    census.hasUnits = true
    isFrameKnown = true
    values.removeAll()
    unit = OpenUnit(start: offset, line: input.line(at: offset))
    unitLevel = elements.count
    keepOffset = offset + Self.keptOfOverlong
  }

  private mutating func open(scope: Int, of node: Int, _ offset: Int) {
    if unit?.isCollecting ?? false { values.openInstance(of: scope) }
    for kind in matcher.tree.nodes[node].rowKinds {
      let row = matcher.tree.rowKinds[kind]
      guard row.choices.allSatisfy({ places[$0.node] == $0.item }) else { continue }
      if kind == 0 {
        let line = input.line(at: offset)
        unit?.openRecord(OpenUnit.Record(start: offset, end: offset, line: line))
      }
      let record = unit?.openRecord ?? -1
      if unit?.isCollecting ?? false, record >= 0 { values.addRow(kind, record: record) }
      if row.owner >= 0 {
        if filledRows[kind] == serials[row.owner] {
          unit?.note(.duplicateName, found: 2, expected: 1, offset: offset)
        }
        filledRows[kind] = serials[row.owner]
      }
    }
  }

  private mutating func wantText() {
    let last = elements.count - 1
    guard elements[last].textStart < 0, unit?.isCollecting ?? true else { return }
    elements[last].textStart = values.text.count
    textCount += 1
  }

  private mutating func close(_ event: qy_xml_event) {
    let offset = input.textOffset(event.offset)
    if offset > keepOffset { keepRow() }
    let element = elements.removeLast()
    guard element.state != ShapeMatcher.unknown else { return }
    let node = matcher.onlyNode[element.state]
    if node >= 0 {
      close(node: node, element, offset)
    } else {
      for node in matcher.nodes[element.state] { close(node: node, element, offset) }
    }
    if element.textStart >= 0 {
      textCount -= 1
      if unit == nil, textCount == 0 { values.removeAll() }
    }
    if elements.count < unitLevel, unit != nil { endUnit(offset) }
  }

  private mutating func close(node: Int, _ element: OpenElement, _ offset: Int) {
    if !matcher.tree.nodes[node].texts.isEmpty {
      var ref = TextRef.absent
      if element.textStart >= 0, !element.isNil {
        let start = element.textStart
        let isBlank = XMLSpace.isAll(values.text, from: start)
        ref = TextRef(offset: start, length: isBlank ? 0 : values.text.count - start)
      }
      for target in matcher.tree.nodes[node].texts { assign(ref, to: target, element.start) }
    }
    if node == matcher.tree.record, let record = unit?.openRecord, record >= 0 {
      unit?.records[record].end = offset
      unit?.openRecord = -1
    }
    if matcher.tree.nodes[node].isAroundUnit, !isFrameKnown { tags.close() }
  }

  // MARK: - Values

  private mutating func take(attribute event: qy_xml_event) {
    let last = elements.count - 1
    let state = elements[last].state
    countField(elements[last].start)
    guard state != ShapeMatcher.unknown else { return }
    let action =
      matcher.attributeAction(of: state, event.name) ?? resolveAttribute(of: state, event.name)
    if action > 0 {
      let ref = values.appendAttribute { text in input.source.appendText(of: event, to: &text) }
      for target in matcher.attributeTargets[action] {
        assign(ref, to: target, elements[last].start)
      }
      if !(unit?.isCollecting ?? false) { values.dropAttributes() }
    }
    if Int(event.name) == nilName {
      elements[last].isNil = input.source.isOne(of: ["true", "1"], event)
    }
  }

  private mutating func take(text event: qy_xml_event) {
    guard textCount > 0 else { return }
    guard unit != nil || values.text.count < Self.maximumTotalBytes else { return }
    input.source.appendText(of: event, to: &values.text)
  }

  /// Gives a value to a field; an absent one is only noted. `offset` is that of its element.
  private mutating func assign(_ ref: TextRef, to number: Int, _ offset: Int) {
    let target = matcher.tree.targets[number]
    for choice in target.choices where places[choice.node] != choice.item { return }
    guard !target.isTotal else {
      addTotal(ref)
      return
    }
    guard unit != nil else { return }
    if target.column >= 0 { census.hasColumn[target.column] = true }
    if target.owner >= 0 {
      guard filled[number] != serials[target.owner] else {
        unit?.note(.duplicateName, found: 2, expected: 1, offset: offset)
        return
      }
      filled[number] = serials[target.owner]
    }
    guard !ref.isAbsent, unit?.isCollecting ?? false else { return }
    values.set(target.scope, target.slot, ref)
  }

  private mutating func addTotal(_ ref: TextRef) {
    guard !ref.isAbsent else { return }
    var text = Substring(values.string(ref))
    while let first = text.utf8.first, XMLSpace.contains(first) { text = text.dropFirst() }
    while let last = text.utf8.last, XMLSpace.contains(last) { text = text.dropLast() }
    let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let sum = Int(text).map { (census.total ?? 0).addingReportingOverflow($0) }
    if isNumber, let sum, !sum.overflow {
      census.total = sum.partialValue
    } else {
      census.unreadableTotal = String(text)
    }
  }

  // MARK: - Names

  private mutating func resolveChild(of state: Int, _ name: UInt32) -> Int {
    learnNames()
    let found = matcher.resolveChild(of: state, name, names[Int(name)])
    note(unknown: found.unknown)
    return found.state
  }

  private mutating func resolveAttribute(of state: Int, _ name: UInt32) -> Int {
    learnNames()
    let found = matcher.resolveAttribute(of: state, name, names[Int(name)])
    note(unknown: found.unknown)
    return found.action
  }

  private mutating func learnNames() {
    while names.count < input.source.nameCount {
      names.append(input.source.name(names.count))
      if names[names.count - 1].isNil { nilName = names.count - 1 }
    }
  }

  private mutating func note(unknown path: String?) {
    guard let path, !ignored.contains(path), census.unknown.count < ShapeCensus.maximumUnknown
    else {
      return
    }
    census.unknown.insert(path)
  }

  // MARK: - Limits

  private mutating func countField(_ offset: Int) {
    guard unit != nil else { return }
    unit?.fieldCount += 1
    guard let count = unit?.fieldCount, count == limits.fields + 1 else { return }
    keepRow()
    unit?.fieldLimitOffset = offset
    stopCollecting()
  }

  /// Keeps the values as they are now, for the case that the unit turns out to be too large.
  private mutating func keepRow() {
    keepOffset = .max
    guard unit != nil, unit?.kept == nil else { return }
    var kept = OpenUnit.KeptRow()
    var fields: [(column: Int, ref: TextRef)] = []
    values.appendLastRecord(to: &kept.text) { fields.append(($0, $1)) }
    kept.fields = fields
    unit?.kept = kept
  }

  private mutating func stopCollecting() {
    values.release()
    for index in elements.indices { elements[index].textStart = -1 }
    textCount = 0
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
