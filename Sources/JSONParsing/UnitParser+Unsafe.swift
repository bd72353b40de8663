import Records

/// Parses one unit in a single pass: grammar, limits, columns, rows of records and children.
///
/// References are relative to the unit's first byte; ``ValueRef`` tells which memory they are for.
/// Nothing of a unit that is not read to its end is to be used.
///
/// Values on no path are checked for grammar like all others and otherwise skipped. The recursion is
/// as deep as the paths of the shape are long; what is skipped has a stack of its own.
@safe
struct UnitParser: ~Copyable {
  enum Outcome {
    /// The unit is `length` bytes long.
    case read
    /// The text ends inside the unit.
    case incomplete
    case fault
  }

  /// A row of a space, in the order in which they begin.
  struct Row: BitwiseCopyable {
    var space: Int
    /// Its first cell.
    var cells: Int
    var start: Int
    var end = 0
    /// The item of the innermost array of records that holds it, and the number of that array; or -1.
    var itemStart = -1
    var itemEnd = -1
    var array = -1
    /// First byte of a value that is no object or array though the shape expects one; or -1.
    var misfitAt = -1
    /// Escapes that stand for control characters.
    var controlCount = 0
    var firstControl = 0
  }

  /// The inside of an array whose items hold records.
  struct RecordArray: BitwiseCopyable {
    var start: Int
    var end: Int
  }

  /// One of several values of a column; `next` and `last` are entries of `joins`.
  struct Join: BitwiseCopyable {
    var ref: ValueRef
    var next: Int
    /// Of the first entry only.
    var last: Int
  }

  struct Unknown: BitwiseCopyable {
    var node: Int
    var name: ValueRef
    var key: UInt64
    /// An array stands where the shape expects an object.
    var isArray: Bool
  }

  /// A name that is not in the tables; internal because the compiler cannot keep buffers of private types.
  struct Name: BitwiseCopyable {
    var hash: UInt64
    var ref: ValueRef
    /// Where it stands.
    var at: Int
  }

  struct Frame: BitwiseCopyable {
    var isObject: Bool
    var firstName: Int
  }

  let plan: UnitPlan
  private var tables: UnitTables
  private let maximumFields: Int
  private let maximumNesting: Int

  // The result.
  private(set) var length = 0
  private(set) var fault = RecordFault(row: 0, kind: .malformed)
  private(set) var rows = RawBuffer<Row>()
  /// Rows of records.
  private(set) var recordCount = 0
  private(set) var cells = RawBuffer<ValueRef>(capacity: 256)
  private(set) var joins = RawBuffer<Join>()
  private(set) var arrays = RawBuffer<RecordArray>()
  /// Unescaped and rewritten values.
  private(set) var scratch: [UInt8] = []
  /// By column of the records: had a value or null.
  private var isSeen: RawBuffer<Bool>
  private var unseenCount: Int
  private(set) var unknowns = RawBuffer<Unknown>()
  private(set) var total = ValueRef.absent
  /// Where records are expected as items there was an array.
  private(set) var hasContainer = false
  /// Escapes for control characters outside of records.
  private(set) var outerControlCount = 0

  // The work.
  private var scanner: TokenScanner
  private var nesting = 0
  private var depth = 0
  private var fields = 0
  private var isCounting = false
  /// By space: first cell of the open row.
  private var openCells: RawBuffer<Int>
  private var openRecord = -1
  private var slots: RawBuffer<ValueRef>
  private var slotRows: RawBuffer<Int>
  private var names = RawBuffer<Name>()
  private var frames = RawBuffer<Frame>()
  private var objectCount = 0
  /// Unknown names that were reported before, by hash of node and name.
  private var known = KeySet(capacity: ShapeCensus.maximumUnknown + 1)

  init(_ plan: UnitPlan, limits: DocumentLimits) {
    self.plan = plan
    tables = UnitTables(plan)
    unseenCount = plan.columnCounts[0]
    maximumFields = limits.fields
    maximumNesting = limits.nesting
    isSeen = RawBuffer(capacity: plan.columnCounts[0])
    openCells = RawBuffer(capacity: plan.columnCounts.count)
    slots = RawBuffer(capacity: plan.slots.count)
    slotRows = RawBuffer(capacity: plan.slots.count)
    isSeen.append(false, count: plan.columnCounts[0])
    openCells.append(0, count: plan.columnCounts.count)
    slots.append(.absent, count: plan.slots.count)
    slotRows.append(0, count: plan.slots.count)
    scanner = unsafe TokenScanner(UnsafePointer(tables.names.base), count: 0, isClosed: true)
  }

  /// Parses the unit that `bytes` begin with.
  ///
  /// - Parameters:
  ///   - isClosed: Nothing follows `bytes`.
  ///   - nesting: Objects and arrays around the unit.
  mutating func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, isClosed: Bool, nesting: Int
  ) -> Outcome {
    guard let base = bytes.baseAddress else { return .incomplete }
    start(unsafe TokenScanner(base, count: bytes.count, isClosed: isClosed), nesting)
    let end = plainEnd(value(0, 0))
    guard end < 0 else {
      length = end
      outerControlCount += scanner.controlCount
      return .read
    }
    switch scanner.failure {
    case .incomplete: return .incomplete
    case .malformed:
      fault = RecordFault(row: 0, kind: .malformed, offsetInRecord: scanner.faultAt)
    case .none:
      if fault.kind == .fieldLimit {
        // Counting may end early at something graver and leave a fault of its own.
        var limit = fault
        limit.found = max(limit.found, countedFields())
        fault = limit
      }
    }
    return .fault
  }

  /// The end of the unit: a number or literal goes as far as nothing else begins.
  private mutating func plainEnd(_ end: Int) -> Int {
    guard end > 0 else { return end }
    let last = scanner[end - 1]
    guard last != Byte.quote, last != Byte.closeObject, last != Byte.closeArray else { return end }
    if end == scanner.end { return scanner.isClosed ? end : scanner.incomplete() }
    return Byte.endsScalar(scanner[end]) ? end : scanner.malformed(end)
  }

  /// Parses the unit at `range` of `bytes`.
  mutating func parse(
    _ bytes: [UInt8], _ range: Range<Int>, isClosed: Bool, nesting: Int
  ) -> Outcome {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe parse(
        UnsafeBufferPointer(rebasing: bytes[range]), isClosed: isClosed, nesting: nesting)
    }
  }

  /// Parses a unit whose bytes stand alone.
  mutating func parse(_ text: [UInt8], nesting: Int) -> Outcome {
    parse(text, 0..<text.count, isClosed: true, nesting: nesting)
  }

  private mutating func start(_ scanner: TokenScanner, _ nesting: Int) {
    self.scanner = scanner
    depth = nesting
    fields = 0
    isCounting = false
    rows.removeAll()
    recordCount = 0
    cells.removeAll()
    joins.removeAll()
    arrays.removeAll()
    if !scratch.isEmpty { scratch.removeAll(keepingCapacity: true) }
    for column in 0..<isSeen.count { isSeen[column] = false }
    unknowns.removeAll()
    names.removeAll()
    frames.removeAll()
    total = .absent
    hasContainer = false
    outerControlCount = 0
    openRecord = -1
    self.nesting = nesting
  }

  /// Fields of a unit with too many of them, or what was counted up to an error.
  private mutating func countedFields() -> Int {
    isCounting = true
    fields = 0
    depth = nesting
    names.removeAll()
    frames.removeAll()
    _ = skip(0)
    return fields
  }

  @inline(never)
  private mutating func fail(
    _ kind: RecordFault.Kind, at offset: Int, found: Int = 0, expected: Int = 0
  ) -> Int {
    scanner.failure = .none
    fault = RecordFault(
      row: 0, kind: kind, found: found, expected: expected, offsetInRecord: offset)
    return -1
  }

  // MARK: - Values on a path

  /// Parses the value at `start`, which stands at a node.
  ///
  /// - Returns: The index behind it, or -1.
  private mutating func value(_ index: Int, _ start: Int) -> Int {
    guard start < scanner.end else { return scanner.incomplete() }
    let node = tables.nodes[index]
    if node.leafColumn >= 0 { return leaf(Int(node.leafColumn), start) }
    let first = scanner[start]
    let firstRow = rows.count
    if node.rowCount > 0 { openRows(node, start) }
    if node.container >= 0, first != Byte.openArray, first != UInt8(ascii: "n") {
      let end = noContainer(node, start)
      guard end >= 0 else { return -1 }
    }
    if node.container == 0 { hasContainer = true }
    var ref = ValueRef.absent
    var at: Int
    switch first {
    case Byte.openObject where node.isInner: at = object(index, start)
    case Byte.openArray where node.hasItems: at = array(index, start)
    case Byte.openObject, Byte.openArray:
      if node.isInner { noteUnknown(index, ValueRef(start, start), isArray: true) }
      at = skip(start)
    default:
      at = scalar(start, &ref)
      if node.rowCount > 0, node.isInner, openRecord >= 0, rows[openRecord].misfitAt < 0 {
        rows[openRecord].misfitAt = start
      }
    }
    guard at >= 0 else { return -1 }
    if first == Byte.openObject || first == Byte.openArray { ref = ValueRef(start, at) }
    if node.isTotal { total = ref }
    if node.columnCount > 0 { take(ref, node) }
    if node.rowCount > 0 { closeRows(from: firstRow, node, at) }
    return at
  }

  /// Parses a value that goes into one column of the record and nowhere else.
  @inline(__always)
  private mutating func leaf(_ column: Int, _ start: Int) -> Int {
    isSeen[column] = true
    let cell = openCells[0] + column
    if scanner[start] == Byte.quote {
      let end = scanner.string(start + 1)
      guard end >= 0 else { return -1 }
      cells[cell] =
        scanner.isEscaped ? unescaped(start + 1, end - 1) : ValueRef(start + 1, end - 1)
      return end
    }
    return otherLeaf(cell, start)
  }

  private mutating func otherLeaf(_ cell: Int, _ start: Int) -> Int {
    var ref = ValueRef.absent
    let first = scanner[start]
    let isContainer = first == Byte.openObject || first == Byte.openArray
    let end = isContainer ? skip(start) : scalar(start, &ref)
    guard end >= 0 else { return -1 }
    cells[cell] = isContainer ? ValueRef(start, end) : ref
    return end
  }

  /// Parses a string, number or literal; `ref` stays absent for null.
  private mutating func scalar(_ start: Int, _ ref: inout ValueRef) -> Int {
    let first = scanner[start]
    if first == Byte.quote {
      let end = scanner.string(start + 1)
      guard end >= 0 else { return -1 }
      ref = scanner.isEscaped ? unescaped(start + 1, end - 1) : ValueRef(start + 1, end - 1)
      return end
    }
    if first == Byte.minus || Byte.isDigit(first) {
      let end = scanner.number(start)
      guard end >= 0 else { return -1 }
      ref = scanner.isEscaped ? plainNumber(start, end) : ValueRef(start, end)
      return end
    }
    let end = scanner.literal(start)
    if end >= 0, first != UInt8(ascii: "n") { ref = ValueRef(start, end) }
    return end
  }

  private mutating func unescaped(_ start: Int, _ end: Int) -> ValueRef {
    let offset = scratch.count
    scanner.unescape(start..<end, into: &scratch)
    return ValueRef(scratch: offset, scratch.count)
  }

  private mutating func plainNumber(_ start: Int, _ end: Int) -> ValueRef {
    let text = unsafe UnsafeBufferPointer(start: scanner.bytes + start, count: end - start)
    guard let plain = unsafe NumberText.plain(text) else { return ValueRef(start, end) }
    let offset = scratch.count
    scratch += plain
    return ValueRef(scratch: offset, scratch.count)
  }

  /// Puts a value into the columns of its node.
  private mutating func take(_ ref: ValueRef, _ node: UnitTables.Node) {
    for index in 0..<Int(node.columnCount) {
      let target = tables.columns[Int(node.firstColumn) + index]
      if target.space == 0 { isSeen[Int(target.column)] = true }
      if ref.isAbsent { continue }
      if target.slot >= 0 {
        slots[Int(target.slot)] = joined(slots[Int(target.slot)], ref)
      } else {
        let cell = openCells[Int(target.space)] + Int(target.column)
        cells[cell] = joined(cells[cell], ref)
      }
    }
  }

  /// What a cell with the value `old` has after `ref` came.
  private mutating func joined(_ old: ValueRef, _ ref: ValueRef) -> ValueRef {
    if old.isAbsent { return ref }
    var head = old.join
    if head < 0 {
      head = joins.count
      joins.append(Join(ref: old, next: -1, last: head))
    }
    let added = joins.count
    joins.append(Join(ref: ref, next: -1, last: -1))
    let last = joins[head].last
    joins[last].next = added
    joins[head].last = added
    return ValueRef(join: head)
  }

  // MARK: - Rows

  private mutating func openRows(_ node: UnitTables.Node, _ start: Int) {
    for index in 0..<Int(node.rowCount) {
      let space = Int(tables.rows[Int(node.firstRow) + index])
      openCells[space] = cells.count
      if space == 0 {
        openRecord = rows.count
        recordCount += 1
        // Counted anew for each record.
        outerControlCount += scanner.controlCount
        scanner.controlCount = 0
      }
      rows.append(Row(space: space, cells: cells.count, start: start))
      cells.append(.absent, count: plan.columnCounts[space])
    }
  }

  private mutating func closeRows(from first: Int, _ node: UnitTables.Node, _ end: Int) {
    for index in first..<first + Int(node.rowCount) {
      rows[index].end = end
      guard rows[index].space == 0 else { continue }
      rows[index].controlCount = scanner.controlCount
      rows[index].firstControl = scanner.firstControl
      scanner.controlCount = 0
      openRecord = -1
    }
  }

  /// Notes that a value that should hold rows is no array.
  private mutating func noContainer(_ node: UnitTables.Node, _ start: Int) -> Int {
    guard node.container == 0 || openRecord < 0 else {
      if rows[openRecord].misfitAt < 0 { rows[openRecord].misfitAt = start }
      return start
    }
    return fail(.malformed, at: start)
  }

  // MARK: - Objects and arrays on a path

  private mutating func enter(_ start: Int) -> Bool {
    depth += 1
    guard depth > maximumNesting else { return true }
    _ = fail(.nesting, at: start, found: depth, expected: maximumNesting)
    return false
  }

  @inline(__always)
  private mutating func countField(_ at: Int) -> Bool {
    fields += 1
    guard fields > maximumFields, !isCounting else { return true }
    _ = fail(.fieldLimit, at: at, found: fields, expected: maximumFields)
    return false
  }

  private mutating func object(_ index: Int, _ start: Int) -> Int {
    guard enter(start) else { return -1 }
    let node = tables.nodes[index]
    objectCount += 1
    let number = objectCount
    let firstName = names.count
    if node.scopeCount > 0 { openScopes(node) }
    var at = scanner.skipSpace(start + 1)
    guard at < scanner.end else { return scanner.incomplete() }
    if scanner[at] == Byte.closeObject {
      at += 1
    } else {
      var expected = node.memberCount > 0 ? Int(node.firstMember) : -1
      var last = -1
      while true {
        guard at < scanner.end else { return scanner.incomplete() }
        guard scanner[at] == Byte.quote else { return scanner.malformed(at) }
        guard countField(at) else { return -1 }
        let nameStart = at
        var member = expected
        if member >= 0, isNext(member, at + 1) {
          at += Int(tables.members[member].length) + 2
        } else {
          at = scanner.string(at + 1)
          guard at >= 0 else { return -1 }
          member = find(index, node, nameStart + 1, at - 1)
          if last >= 0, member >= 0 { tables.members[last].next = Int32(member) }
        }
        at = colon(at)
        guard at >= 0 else { return -1 }
        if member >= 0 {
          guard tables.members[member].seenIn != number else {
            return fail(.duplicateName, at: nameStart)
          }
          tables.members[member].seenIn = number
          last = member
          expected = Int(tables.members[member].next)
          at = value(Int(tables.members[member].node), at)
        } else {
          at = skip(at)
        }
        guard at >= 0 else { return -1 }
        if at < scanner.end, scanner[at] == Byte.comma {
          at = scanner.skipSpace(at + 1)
          continue
        }
        at = scanner.skipSpace(at)
        guard at < scanner.end else { return scanner.incomplete() }
        let byte = scanner[at]
        if byte == Byte.comma {
          at = scanner.skipSpace(at + 1)
          continue
        }
        guard byte == Byte.closeObject else { return scanner.malformed(at) }
        at += 1
        break
      }
    }
    if names.count > firstName {
      guard areNamesUnique(from: firstName) else { return -1 }
    }
    depth -= 1
    if node.scopeCount > 0 { closeScopes(node) }
    return at
  }

  /// Whether the name of a member and its closing quote stand at `at`.
  @inline(__always)
  private func isNext(_ member: Int, _ at: Int) -> Bool {
    let member = tables.members[member]
    let count = Int(member.length) + 1
    guard at + count <= scanner.end else { return false }
    return unsafe UnitTables.isEqual(
      tables.names.base + Int(member.name), scanner.bytes + at, count)
  }

  /// The value's first byte behind the colon that comes next.
  @inline(__always)
  private mutating func colon(_ start: Int) -> Int {
    var at = start
    if at >= scanner.end || scanner[at] != Byte.colon {
      at = scanner.skipSpace(at)
      guard at < scanner.end else { return scanner.incomplete() }
      guard scanner[at] == Byte.colon else { return scanner.malformed(at) }
    }
    at = scanner.skipSpace(at + 1)
    guard at < scanner.end else { return scanner.incomplete() }
    return at
  }

  /// The member with the name at `start..<end`; if there is none, -1, and the name is noted.
  private mutating func find(
    _ index: Int, _ node: UnitTables.Node, _ start: Int, _ end: Int
  ) -> Int {
    let name = nameRef(start, end)
    let (bytes, count) = unsafe pointer(name)
    let hash = unsafe UnitTables.hash(bytes, count)
    let member = unsafe tables.member(of: node, bytes, count, hash)
    if member < 0 {
      names.append(Name(hash: hash, ref: name, at: start - 1))
      noteUnknown(index, name, isArray: false, hash)
    } else if name.isScratch {
      scratch.removeLast(scratch.count - name.start)
    }
    return member
  }

  private mutating func nameRef(_ start: Int, _ end: Int) -> ValueRef {
    scanner.isEscaped ? unescaped(start, end) : ValueRef(start, end)
  }

  /// Valid until the scratch memory changes.
  private func pointer(_ ref: ValueRef) -> (UnsafePointer<UInt8>, Int) {
    guard ref.isScratch else { return unsafe (scanner.bytes + ref.start, ref.count) }
    return unsafe scratch.withUnsafeBufferPointer { scratch in
      guard let base = scratch.baseAddress else { return unsafe (scanner.bytes, 0) }
      return unsafe (base + ref.start, ref.count)
    }
  }

  private mutating func noteUnknown(
    _ node: Int, _ name: ValueRef, isArray: Bool, _ hash: UInt64 = 0
  ) {
    // Beyond that many the census is full.
    guard !known.isFull else { return }
    let key = (hash &+ UInt64(node)) &* 0x9E37_79B9_7F4A_7C15 ^ (isArray ? 2 : 0)
    guard !known.contains(key) else { return }
    unknowns.append(Unknown(node: node, name: name, key: key, isArray: isArray))
  }

  /// - Returns: false if the unknown name was known before.
  mutating func know(_ key: UInt64) -> Bool { known.insert(key) }

  /// Says which columns of the records there were.
  mutating func noteColumns(_ census: inout ShapeCensus) {
    guard unseenCount > 0 else { return }
    for column in 0..<isSeen.count where isSeen[column] && !census.hasColumn[column] {
      census.hasColumn[column] = true
      unseenCount -= 1
    }
  }

  private mutating func openScopes(_ node: UnitTables.Node) {
    for index in 0..<Int(node.scopeCount) {
      let slot = Int(tables.scopes[Int(node.firstScope) + index])
      slots[slot] = .absent
      slotRows[slot] = rows.count
    }
  }

  /// Hands the values of an object's scope down to the rows that stand in it.
  private mutating func closeScopes(_ node: UnitTables.Node) {
    for index in 0..<Int(node.scopeCount) {
      let slot = Int(tables.scopes[Int(node.firstScope) + index])
      let target = plan.slots[slot]
      let ref = slots[slot]
      if ref.isAbsent { continue }
      for row in slotRows[slot]..<rows.count where rows[row].space == target.space {
        cells[rows[row].cells + target.column] = ref
      }
    }
  }

  private mutating func array(_ index: Int, _ start: Int) -> Int {
    guard enter(start) else { return -1 }
    let node = tables.nodes[index]
    let number = arrays.count
    if node.isRecordArray { arrays.append(RecordArray(start: start + 1, end: start + 1)) }
    var at = scanner.skipSpace(start + 1)
    guard at < scanner.end else { return scanner.incomplete() }
    var item = 0
    if scanner[at] != Byte.closeArray {
      while true {
        guard countField(at) else { return -1 }
        let itemStart = at
        let firstRow = rows.count
        let child = child(of: node, item)
        at = child >= 0 ? value(child, at) : skip(at)
        guard at >= 0 else { return -1 }
        if node.isRecordArray { setItem(itemStart, at, number, rowsFrom: firstRow) }
        item += 1
        at = scanner.skipSpace(at)
        guard at < scanner.end else { return scanner.incomplete() }
        if scanner[at] == Byte.closeArray { break }
        guard scanner[at] == Byte.comma else { return scanner.malformed(at) }
        at = scanner.skipSpace(at + 1)
      }
    }
    if node.isRecordArray { arrays[number].end = at }
    depth -= 1
    return at + 1
  }

  private func child(of node: UnitTables.Node, _ item: Int) -> Int {
    for index in 0..<Int(node.itemCount) {
      let entry = tables.items[Int(node.firstItem) + index]
      if Int(entry.index) == item { return Int(entry.node) }
    }
    return Int(node.each)
  }

  private mutating func setItem(_ start: Int, _ end: Int, _ array: Int, rowsFrom first: Int) {
    for row in first..<rows.count where rows[row].space == 0 {
      rows[row].itemStart = start
      rows[row].itemEnd = end
      rows[row].array = array
    }
  }

  // MARK: - Values on no path

  /// Parses a value that nothing is taken from.
  private mutating func skip(_ start: Int) -> Int {
    var at = start
    let bottom = frames.count
    while true {
      guard at < scanner.end else { return scanner.incomplete() }
      switch scanner[at] {
      case Byte.quote: at = scanner.string(at + 1)
      case Byte.openObject:
        guard enter(at) else { return -1 }
        frames.append(Frame(isObject: true, firstName: names.count))
        at = scanner.skipSpace(at + 1)
        guard at < scanner.end else { return scanner.incomplete() }
        if scanner[at] != Byte.closeObject {
          at = name(at)
          guard at >= 0 else { return -1 }
          continue
        }
        at = leave(at)
      case Byte.openArray:
        guard enter(at) else { return -1 }
        frames.append(Frame(isObject: false, firstName: names.count))
        at = scanner.skipSpace(at + 1)
        guard at < scanner.end else { return scanner.incomplete() }
        if scanner[at] != Byte.closeArray {
          guard countField(at) else { return -1 }
          continue
        }
        at = leave(at)
      case Byte.minus, 0x30...0x39: at = scanner.number(at)
      default: at = scanner.literal(at)
      }
      guard at >= 0 else { return -1 }
      at = afterSkipped(at, bottom)
      if at < 0 { return -1 }
      if frames.count == bottom { return at }
    }
  }

  /// Goes on behind a skipped value, to the next one or to the end of the outermost.
  @inline(__always)
  private mutating func afterSkipped(_ start: Int, _ bottom: Int) -> Int {
    var at = start
    while frames.count > bottom {
      let frame = frames[frames.count - 1]
      at = scanner.skipSpace(at)
      guard at < scanner.end else { return scanner.incomplete() }
      let byte = scanner[at]
      if byte == Byte.comma {
        at = scanner.skipSpace(at + 1)
        if frame.isObject { return name(at) }
        guard at < scanner.end else { return scanner.incomplete() }
        return countField(at) ? at : -1
      }
      guard byte == (frame.isObject ? Byte.closeObject : Byte.closeArray) else {
        return scanner.malformed(at)
      }
      at = leave(at)
      guard at >= 0 else { return -1 }
    }
    return at
  }

  /// Parses the name at `start` and its colon; gives the value's first byte.
  private mutating func name(_ start: Int) -> Int {
    guard start < scanner.end else { return scanner.incomplete() }
    guard scanner[start] == Byte.quote else { return scanner.malformed(start) }
    guard countField(start) else { return -1 }
    let end = scanner.string(start + 1)
    guard end >= 0 else { return -1 }
    if !isCounting {
      let ref = nameRef(start + 1, end - 1)
      let (bytes, count) = unsafe pointer(ref)
      names.append(Name(hash: unsafe UnitTables.hash(bytes, count), ref: ref, at: start))
    }
    return colon(end)
  }

  /// Ends the innermost skipped object or array, whose bracket stands at `at`.
  private mutating func leave(_ at: Int) -> Int {
    let frame = frames[frames.count - 1]
    frames.removeLast(to: frames.count - 1)
    depth -= 1
    if names.count > frame.firstName, !areNamesUnique(from: frame.firstName) { return -1 }
    return at + 1
  }

  // MARK: - Duplicate names

  /// Names up to which each is compared with each.
  private static var fewNames: Int { 32 }

  /// Compares the names of an object that are not in the tables, and forgets them.
  private mutating func areNamesUnique(from first: Int) -> Bool {
    defer { names.removeLast(to: first) }
    let count = names.count - first
    guard count > 1 else { return true }
    var second = Int.max
    if count <= Self.fewNames {
      for index in first + 1..<names.count {
        for other in first..<index where names[index].hash == names[other].hash {
          if isEqual(names[index], names[other]) { second = min(second, names[index].at) }
        }
      }
    } else {
      second = firstDuplicate(from: first)
    }
    guard second < .max else { return true }
    _ = fail(.duplicateName, at: second)
    return false
  }

  /// Sorted by hash and text, so that names with one hash cannot make it slow.
  private func firstDuplicate(from first: Int) -> Int {
    var sorted = (first..<names.count).map { names[$0] }
    sorted.sort { left, right in
      if left.hash != right.hash { return left.hash < right.hash }
      let order = compare(left, right)
      return order != 0 ? order < 0 : left.at < right.at
    }
    var second = Int.max
    for (left, right) in zip(sorted, sorted.dropFirst())
    where left.hash == right.hash && compare(left, right) == 0 {
      second = min(second, right.at)
    }
    return second
  }

  private func isEqual(_ left: Name, _ right: Name) -> Bool { compare(left, right) == 0 }

  private func compare(_ left: Name, _ right: Name) -> Int {
    let (leftBytes, leftCount) = unsafe pointer(left.ref)
    let (rightBytes, rightCount) = unsafe pointer(right.ref)
    if leftCount != rightCount { return leftCount < rightCount ? -1 : 1 }
    for index in 0..<leftCount {
      let (a, b) = unsafe (leftBytes[index], rightBytes[index])
      if a != b { return a < b ? -1 : 1 }
    }
    return 0
  }
}

/// A value of a unit: a range of its bytes, a range of the scratch memory, or several values.
struct ValueRef: BitwiseCopyable {
  private var raw: UInt64

  private static var scratchBit: UInt64 { 1 << 63 }
  private static var joinBit: UInt64 { 1 << 62 }

  static var absent: ValueRef { ValueRef(raw: .max) }

  private init(raw: UInt64) { self.raw = raw }

  @inline(__always)
  init(_ start: Int, _ end: Int) {
    raw = UInt64(truncatingIfNeeded: start) << 32 | UInt64(truncatingIfNeeded: end - start)
  }

  init(scratch start: Int, _ end: Int) {
    self.init(start, end)
    raw |= Self.scratchBit
  }

  init(join head: Int) { raw = UInt64(head) | Self.joinBit }

  var isAbsent: Bool { raw == .max }
  /// A range of the unit's bytes.
  var isPlain: Bool { raw & (Self.scratchBit | Self.joinBit) == 0 }
  var isScratch: Bool { !isAbsent && raw & Self.scratchBit != 0 }
  /// The first of several values, or -1.
  var join: Int {
    raw & (Self.scratchBit | Self.joinBit) == Self.joinBit ? Int(raw & ~Self.joinBit) : -1
  }
  var start: Int { Int(truncatingIfNeeded: raw >> 32 & 0x3FFF_FFFF) }
  var count: Int { Int(truncatingIfNeeded: raw & 0xFFFF_FFFF) }
  var range: Range<Int> { start..<start + count }

  /// The reference to a plain value whose unit begins at `base` of an arena.
  func text(at base: Int) -> TextRef { TextRef(raw: raw &+ UInt64(base) << 32) }
}
