/// A growing buffer of plain values, without checks of bounds. Owns its memory.
@safe
struct RawBuffer<Element: BitwiseCopyable>: ~Copyable {
  private(set) var base: UnsafeMutablePointer<Element>
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 64) {
    self.capacity = max(1, capacity)
    unsafe base = .allocate(capacity: self.capacity)
  }

  deinit { unsafe base.deallocate() }

  @inline(__always)
  subscript(index: Int) -> Element {
    get { unsafe base[index] }
    _modify { yield unsafe &base[index] }
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    if count == capacity { grow(to: count + 1) }
    unsafe base[count] = element
    count += 1
  }

  /// Appends `count` copies of `element`.
  @inline(__always)
  mutating func append(_ element: Element, count added: Int) {
    if count + added > capacity { grow(to: count + added) }
    for index in count..<count + added { unsafe base[index] = element }
    count += added
  }

  mutating func removeAll() { count = 0 }

  mutating func removeLast(to count: Int) { self.count = min(self.count, count) }

  @inline(never)
  private mutating func grow(to wanted: Int) {
    let grown = max(2 * capacity, wanted)
    let target = UnsafeMutablePointer<Element>.allocate(capacity: grown)
    unsafe target.update(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = target
    capacity = grown
  }
}

/// A set of a limited number of keys that are hashes already.
struct KeySet: ~Copyable {
  private var slots = RawBuffer<UInt64>()
  private let mask: Int
  private let capacity: Int
  private var count = 0

  init(capacity: Int) {
    self.capacity = capacity
    var size = 4
    while size < 4 * capacity { size *= 2 }
    mask = size - 1
    slots.append(0, count: size)
  }

  var isFull: Bool { count >= capacity }

  /// The slot of the key, or the free one where it belongs; 0 marks a free one.
  @inline(__always)
  private func slot(_ key: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: key >> 32) & mask
    while slots[slot] != 0, slots[slot] != key { slot = (slot + 1) & mask }
    return slot
  }

  @inline(__always)
  func contains(_ key: UInt64) -> Bool { slots[slot(key | 1)] != 0 }

  /// - Returns: false if the key was there, or the set is full.
  mutating func insert(_ key: UInt64) -> Bool {
    let slot = slot(key | 1)
    guard slots[slot] == 0, !isFull else { return false }
    slots[slot] = key | 1
    count += 1
    return true
  }
}

/// A ``UnitPlan`` in flat memory, as the parser walks it.
@safe
struct UnitTables: ~Copyable {
  struct Node: BitwiseCopyable {
    /// Entries of `members`; of them those with an entry in the hash table.
    var firstMember: Int32 = 0
    var memberCount: Int32 = 0
    var table: Int32 = 0
    var tableMask: Int32 = -1
    var firstItem: Int32 = 0
    var itemCount: Int32 = 0
    /// Node of items without one of their own, or -1.
    var each: Int32 = -1
    var firstColumn: Int32 = 0
    var columnCount: Int32 = 0
    var firstRow: Int32 = 0
    var rowCount: Int32 = 0
    var firstScope: Int32 = 0
    var scopeCount: Int32 = 0
    /// Column of the records that alone takes the value, or -1: the usual case, kept short.
    var leafColumn: Int32 = -1
    /// Highest number of a space whose rows are items of the value, or -1.
    var container: Int32 = -1
    var isRecordArray = false
    var isTotal = false
    /// Paths go on below.
    var isInner = false
    /// Paths go on in items.
    var hasItems = false
  }

  struct Member: BitwiseCopyable {
    var name: Int32
    var length: Int32
    var hash: UInt64
    var node: Int32
    /// The member that stood behind this one when it was last seen, or -1: exports keep one order.
    var next: Int32
    /// Number of the object in which it was last seen.
    var seenIn: Int
  }

  struct Column: BitwiseCopyable {
    var space: Int32
    var column: Int32
    var slot: Int32
    var isJoined: Bool
  }

  struct Item: BitwiseCopyable {
    var index: Int32
    var node: Int32
  }

  var nodes = RawBuffer<Node>()
  var members = RawBuffer<Member>()
  /// Names of members, each with a closing quote behind it.
  var names = RawBuffer<UInt8>()
  /// Open addressing: index of a member, or -1.
  var table = RawBuffer<Int32>()
  var items = RawBuffer<Item>()
  var columns = RawBuffer<Column>()
  /// Spaces of rows.
  var rows = RawBuffer<Int32>()
  /// Slots of scopes.
  var scopes = RawBuffer<Int32>()

  init(_ plan: UnitPlan) {
    for node in plan.nodes { nodes.append(flat(node)) }
  }

  private mutating func flat(_ node: UnitPlan.Node) -> Node {
    var flat = Node()
    flat.isInner = !node.members.isEmpty || node.each != nil || !node.items.isEmpty
    flat.hasItems = node.each != nil || !node.items.isEmpty
    addMembers(of: node, to: &flat)
    flat.firstItem = Int32(items.count)
    flat.itemCount = Int32(node.items.count)
    for item in node.items {
      items.append(Item(index: Int32(item.index), node: Int32(item.node)))
    }
    flat.each = Int32(node.each ?? -1)
    addGoals(of: node, to: &flat)
    return flat
  }

  private mutating func addMembers(of node: UnitPlan.Node, to flat: inout Node) {
    flat.firstMember = Int32(members.count)
    flat.memberCount = Int32(node.members.count)
    for (name, child) in node.members {
      let start = names.count
      for byte in name { names.append(byte) }
      names.append(Byte.quote)
      // A name that is written with escapes is found by its hash only.
      let hash = unsafe Self.hash(names.base + start, name.count)
      members.append(
        Member(
          name: Int32(start), length: Int32(name.count), hash: hash, node: Int32(child), next: -1,
          seenIn: 0))
    }
    guard !node.members.isEmpty else { return }
    var size = 4
    while size < 2 * node.members.count { size *= 2 }
    flat.table = Int32(table.count)
    flat.tableMask = Int32(size - 1)
    table.append(-1, count: size)
    for index in Int(flat.firstMember)..<members.count {
      var slot = Int(truncatingIfNeeded: members[index].hash) & (size - 1)
      while table[Int(flat.table) + slot] >= 0 { slot = (slot + 1) & (size - 1) }
      table[Int(flat.table) + slot] = Int32(index)
    }
  }

  private mutating func addGoals(of node: UnitPlan.Node, to flat: inout Node) {
    flat.firstColumn = Int32(columns.count)
    flat.firstRow = Int32(rows.count)
    flat.firstScope = Int32(scopes.count)
    for goal in node.goals {
      switch goal {
      case .column(let space, let column, let isJoined, let slot):
        columns.append(
          Column(
            space: Int32(space), column: Int32(column), slot: Int32(slot ?? -1),
            isJoined: isJoined))
      case .row(let space): rows.append(Int32(space))
      case .scope(let slot): scopes.append(Int32(slot))
      case .container(let space): flat.container = max(flat.container, Int32(space))
      case .recordArray: flat.isRecordArray = true
      case .total: flat.isTotal = true
      case .ignored: break
      }
    }
    flat.columnCount = Int32(columns.count) - flat.firstColumn
    flat.rowCount = Int32(rows.count) - flat.firstRow
    flat.scopeCount = Int32(scopes.count) - flat.firstScope
    let isPlain =
      !flat.isInner && flat.rowCount == 0 && flat.scopeCount == 0 && !flat.isTotal
      && flat.container < 0 && !flat.isRecordArray && flat.columnCount == 1
    if isPlain {
      let column = columns[Int(flat.firstColumn)]
      if column.space == 0, column.slot < 0, !column.isJoined { flat.leafColumn = column.column }
    }
  }

  /// A hash of a name; quick rather than strong, since what depends on it is bounded.
  @inline(__always)
  static func hash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
    var at = 0
    while at + 8 <= count {
      let word = unsafe UnsafeRawPointer(bytes + at).loadUnaligned(as: UInt64.self)
      hash = (hash ^ word) &* 0xFF51_AFD7_ED55_8CCD
      hash ^= hash >> 32
      at += 8
    }
    var rest: UInt64 = 0
    while at < count {
      rest = rest << 8 | UInt64(unsafe bytes[at])
      at += 1
    }
    hash = (hash ^ rest) &* 0xC4CE_B9FE_1A85_EC53
    return hash ^ hash >> 29
  }

  /// The member of `node` with a name, or -1.
  @inline(__always)
  func member(of node: Node, _ name: UnsafePointer<UInt8>, _ count: Int, _ hash: UInt64) -> Int {
    guard node.tableMask >= 0 else { return -1 }
    let mask = Int(node.tableMask)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let index = Int(table[Int(node.table) + slot])
      if index < 0 { return -1 }
      let member = members[index]
      if member.hash == hash, Int(member.length) == count,
        unsafe Self.isEqual(names.base + Int(member.name), name, count)
      {
        return index
      }
      slot = (slot + 1) & mask
    }
  }

  @inline(__always)
  static func isEqual(
    _ first: UnsafePointer<UInt8>, _ second: UnsafePointer<UInt8>, _ count: Int
  ) -> Bool {
    guard count >= 8 else {
      for index in 0..<count {
        if unsafe first[index] != second[index] { return false }
      }
      return true
    }
    var at = 0
    while at + 8 <= count {
      if unsafe !isWordEqual(first + at, second + at) { return false }
      at += 8
    }
    return unsafe isWordEqual(first + (count - 8), second + (count - 8))
  }

  @inline(__always)
  private static func isWordEqual(
    _ first: UnsafePointer<UInt8>, _ second: UnsafePointer<UInt8>
  ) -> Bool {
    unsafe UnsafeRawPointer(first).loadUnaligned(as: UInt64.self)
      == UnsafeRawPointer(second).loadUnaligned(as: UInt64.self)
  }
}
