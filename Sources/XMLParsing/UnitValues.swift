import Records

/// The values of one unit while it is read, by scope and instance; rows are made of them at its
/// end.
struct UnitValues {
  /// One field of one instance: its value, and the values joined to it.
  struct Slot {
    var ref = TextRef.absent
    /// First and last of the joined values in ``UnitValues/pieces``, or -1.
    var first: Int32 = -1
    var last: Int32 = -1
  }

  struct Piece {
    var ref: TextRef
    var next: Int32
  }

  /// A row: its instance, and the record that it belongs to.
  struct Row {
    var instance: Int
    var record: Int
  }

  private struct ScopeValues {
    var slotCount: Int
    var parent: Int
    var slots: [Slot] = []
    /// By instance: the instance of the scope around it.
    var parents: [Int32] = []
  }

  /// Texts of elements; the text of an element is one slice, that of the elements inside included.
  var text: [UInt8] = []
  /// Values of attributes. Their references have ``attributeBit`` set.
  private var attributeText: [UInt8] = []
  private static let attributeBit = 1 << 31
  private var pieces: [Piece] = []
  private var scopes: [ScopeValues]
  private let rowKinds: [ShapeTree.RowKind]
  /// By kind, in the order of the document.
  private(set) var rows: [[Row]]

  init(_ tree: ShapeTree) {
    scopes = tree.scopes.map { ScopeValues(slotCount: $0.slotCount, parent: $0.parent) }
    rowKinds = tree.rowKinds
    rows = Array(repeating: [], count: tree.rowKinds.count)
  }

  mutating func removeAll() {
    text.removeAll(keepingCapacity: true)
    attributeText.removeAll(keepingCapacity: true)
    pieces.removeAll(keepingCapacity: true)
    for index in scopes.indices {
      scopes[index].slots.removeAll(keepingCapacity: true)
      scopes[index].parents.removeAll(keepingCapacity: true)
    }
    for kind in rows.indices { rows[kind].removeAll(keepingCapacity: true) }
  }

  /// Gives up all values and their memory.
  mutating func release() {
    removeAll()
    text = []
    attributeText = []
    pieces = []
  }

  mutating func openInstance(of scope: Int) {
    let parent = scopes[scope].parent
    scopes[scope].parents.append(parent < 0 ? -1 : Int32(scopes[parent].parents.count - 1))
    scopes[scope].slots.append(
      contentsOf: repeatElement(Slot(), count: scopes[scope].slotCount))
  }

  mutating func addRow(_ kind: Int, record: Int) {
    let instance = scopes[rowKinds[kind].scope].parents.count - 1
    rows[kind].append(Row(instance: instance, record: record))
  }

  mutating func appendAttribute(_ append: (inout [UInt8]) -> Void) -> TextRef {
    let start = attributeText.count
    append(&attributeText)
    return TextRef(offset: start | Self.attributeBit, length: attributeText.count - start)
  }

  /// Gives up the values of attributes, none of which is in a field.
  mutating func dropAttributes() { attributeText.removeAll(keepingCapacity: true) }

  /// A value, for what is read once in a file.
  func string(_ ref: TextRef) -> String {
    var bytes: [UInt8] = []
    append(ref, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Puts a value into the open instance of a scope, or joins it to the one that is there.
  mutating func set(_ scope: Int, _ slot: Int, _ ref: TextRef) {
    let index = scopes[scope].slots.count - scopes[scope].slotCount + slot
    guard index >= 0 else { return }
    if scopes[scope].slots[index].ref.isAbsent {
      scopes[scope].slots[index].ref = ref
      return
    }
    pieces.append(Piece(ref: ref, next: -1))
    let last = scopes[scope].slots[index].last
    if last < 0 {
      scopes[scope].slots[index].first = Int32(pieces.count - 1)
    } else {
      pieces[Int(last)].next = Int32(pieces.count - 1)
    }
    scopes[scope].slots[index].last = Int32(pieces.count - 1)
  }

  // MARK: - Rows

  /// Appends the fields of a row to `text`.
  ///
  /// - Parameter setField: Gets column and reference of every field that there is.
  func appendFields(
    of kind: Int, instance: Int, to text: inout [UInt8], setField: (Int, TextRef) -> Void
  ) {
    let row = rowKinds[kind]
    for (column, place) in row.columns.enumerated() {
      guard let place else { continue }
      let owner = self.instance(of: place.scope, around: instance, of: row.scope)
      guard owner >= 0 else { continue }
      let slot = scopes[place.scope].slots[owner * scopes[place.scope].slotCount + place.slot]
      guard !slot.ref.isAbsent else { continue }
      setField(column, appendValue(of: slot, to: &text))
    }
  }

  /// The last record so far, or as much as there is of it.
  func appendLastRecord(to text: inout [UInt8], setField: (Int, TextRef) -> Void) {
    for (column, place) in rowKinds[0].columns.enumerated() {
      guard let place else { continue }
      let scope = scopes[place.scope]
      let index = scope.slots.count - scope.slotCount + place.slot
      guard index >= 0, !scope.slots[index].ref.isAbsent else { continue }
      setField(column, appendValue(of: scope.slots[index], to: &text))
    }
  }

  @inline(__always)
  private func appendValue(of slot: Slot, to target: inout [UInt8]) -> TextRef {
    let start = target.count
    append(slot.ref, to: &target)
    var piece = slot.first
    while piece >= 0 {
      target.append(UInt8(ascii: ";"))
      append(pieces[Int(piece)].ref, to: &target)
      piece = pieces[Int(piece)].next
    }
    return target.text(from: start)
  }

  /// The instance of the scope `outer` that is around an instance of `inner`.
  @inline(__always)
  private func instance(of outer: Int, around instance: Int, of inner: Int) -> Int {
    var scope = inner
    var instance = instance
    while scope != outer {
      guard scope >= 0, instance >= 0 else { return -1 }
      instance = Int(scopes[scope].parents[instance])
      scope = scopes[scope].parent
    }
    return instance
  }

  @inline(__always)
  private func append(_ ref: TextRef, to target: inout [UInt8]) {
    if ref.offset & Self.attributeBit == 0 {
      guard ref.range.upperBound <= text.count else { return }
      XMLBytes.append(text.span, ref.range, to: &target)
    } else {
      let start = ref.offset & ~Self.attributeBit
      XMLBytes.append(attributeText.span, start..<start + ref.length, to: &target)
    }
  }
}
