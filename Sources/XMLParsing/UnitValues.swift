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

  private struct Instance {
    /// Its first slot.
    var start: Int32
    /// The instance of the scope around it, or -1.
    var parent: Int32
  }

  private struct ScopeValues {
    var slotCount: Int
    var parent: Int
    /// The instance that was opened last, or -1, and its first slot.
    var instance: Int32 = -1
    var start: Int32 = -1
  }

  /// Where a value of a row is found; no scope where there is none.
  private struct Column {
    var scope: Int32
    var slot: Int32
  }

  private struct RowPlan {
    var scope: Int
    var columns: [Column]
  }

  /// Texts of elements that do not stand in the document as they are; the text of an element is one
  /// slice, that of the elements inside included.
  var text: [UInt8] = []
  /// Values of attributes that do not either. Their references have ``attributeBit`` set.
  private var attributeText: [UInt8] = []
  private static let attributeBit = 1 << 31
  /// References with this bit are into the unit as it was written.
  private static let sourceBit = 1 << 30
  /// Where the unit begins in the document.
  var unitStart = 0
  private var pieces: [Piece] = []
  private var slots: [Slot] = []
  private var instances: [Instance] = []
  private var scopes: [ScopeValues]
  private let plans: [RowPlan]
  /// By kind, in the order of the document.
  private(set) var rows: [[Row]]

  init(_ tree: ShapeTree) {
    scopes = tree.scopes.map { ScopeValues(slotCount: $0.slotCount, parent: $0.parent) }
    plans = tree.rowKinds.map { kind in
      RowPlan(
        scope: kind.scope,
        columns: kind.columns.map {
          $0.map { Column(scope: Int32($0.scope), slot: Int32($0.slot)) }
            ?? Column(scope: -1, slot: 0)
        })
    }
    rows = Array(repeating: [], count: tree.rowKinds.count)
  }

  mutating func removeAll() {
    text.removeAll(keepingCapacity: true)
    attributeText.removeAll(keepingCapacity: true)
    pieces.removeAll(keepingCapacity: true)
    slots.removeAll(keepingCapacity: true)
    instances.removeAll(keepingCapacity: true)
    for index in scopes.indices {
      scopes[index].instance = -1
      scopes[index].start = -1
    }
    for kind in rows.indices where !rows[kind].isEmpty {
      rows[kind].removeAll(keepingCapacity: true)
    }
  }

  /// Gives up all values and their memory.
  mutating func release() {
    removeAll()
    text = []
    attributeText = []
    pieces = []
    slots = []
    instances = []
  }

  mutating func openInstance(of scope: Int) {
    let parent = scopes[scope].parent
    let around = parent < 0 ? -1 : scopes[parent].instance
    scopes[scope].instance = Int32(instances.count)
    scopes[scope].start = Int32(slots.count)
    instances.append(Instance(start: Int32(slots.count), parent: around))
    slots.append(contentsOf: repeatElement(Slot(), count: scopes[scope].slotCount))
  }

  mutating func addRow(_ kind: Int, record: Int) {
    let instance = Int(scopes[plans[kind].scope].instance)
    rows[kind].append(Row(instance: instance, record: record))
  }

  mutating func appendAttribute(_ append: (inout [UInt8]) -> Void) -> TextRef {
    let start = attributeText.count
    append(&attributeText)
    return TextRef(offset: start | Self.attributeBit, length: attributeText.count - start)
  }

  /// Gives up the values of attributes, none of which is in a field.
  mutating func dropAttributes() { attributeText.removeAll(keepingCapacity: true) }

  /// A value that stands in the unit as it is, `offset` bytes behind its beginning.
  ///
  /// - Returns: Nil if the unit is too long for that.
  @inline(__always)
  static func source(offset: Int, length: Int) -> TextRef? {
    guard offset < sourceBit else { return nil }
    return TextRef(offset: offset | sourceBit, length: length)
  }

  /// A value, for what is read once in a file.
  func string(_ ref: TextRef, _ input: borrowing XMLInput) -> String {
    var bytes: [UInt8] = []
    append(ref, to: &bytes, input)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Puts a value into the open instance of a scope, or joins it to the one that is there.
  @inline(__always)
  mutating func set(_ scope: Int, _ slot: Int, _ ref: TextRef) {
    let start = Int(scopes[scope].start)
    guard start >= 0 else { return }
    if slots[start + slot].ref.isAbsent {
      slots[start + slot].ref = ref
    } else {
      join(ref, to: start + slot)
    }
  }

  private mutating func join(_ ref: TextRef, to index: Int) {
    pieces.append(Piece(ref: ref, next: -1))
    let last = slots[index].last
    if last < 0 {
      slots[index].first = Int32(pieces.count - 1)
    } else {
      pieces[Int(last)].next = Int32(pieces.count - 1)
    }
    slots[index].last = Int32(pieces.count - 1)
  }

  // MARK: - Rows

  /// Where the unit stands in the text that rows are appended to, as far as it does.
  struct Source {
    /// Bytes of the unit, from its beginning.
    var range: Range<Int>
    /// Where the first of them stands.
    var offset: Int

    /// The value of a slot, if it is one that stands here.
    @inline(__always)
    func reference(to slot: Slot) -> TextRef? {
      guard slot.first < 0, slot.ref.offset & (attributeBit | sourceBit) == sourceBit else {
        return nil
      }
      let start = slot.ref.offset & ~sourceBit
      guard start >= range.lowerBound, start + slot.ref.length <= range.upperBound else {
        return nil
      }
      return TextRef(offset: offset + start - range.lowerBound, length: slot.ref.length)
    }
  }

  /// Appends the fields of a row to a chunk.
  ///
  /// - Parameters:
  ///   - source: Values that stand in it are referred to there.
  ///   - input: Has the bytes of the unit.
  ///   - setField: Gets column and reference of every field that there is.
  @inline(__always)
  func appendFields(
    of kind: Int, instance: Int, to chunk: inout RecordChunk, _ source: Source,
    _ input: borrowing XMLInput, setField: (inout RecordChunk, Int, TextRef) -> Void
  ) {
    let scope = plans[kind].scope
    for column in plans[kind].columns.indices {
      let place = plans[kind].columns[column]
      guard place.scope >= 0 else { continue }
      var owner = instance
      if Int(place.scope) != scope {
        owner = self.instance(of: Int(place.scope), around: instance, of: scope)
      }
      guard owner >= 0 else { continue }
      let slot = slots[Int(instances[owner].start + place.slot)]
      guard !slot.ref.isAbsent else { continue }
      let ref = source.reference(to: slot) ?? appendValue(of: slot, to: &chunk.text, input)
      setField(&chunk, column, ref)
    }
  }

  /// The last record so far, or as much as there is of it.
  func appendLastRecord(to kept: inout OpenUnit.KeptRow, _ input: borrowing XMLInput) {
    for (column, place) in plans[0].columns.enumerated() where place.scope >= 0 {
      let start = scopes[Int(place.scope)].start
      guard start >= 0 else { continue }
      let slot = slots[Int(start + place.slot)]
      guard !slot.ref.isAbsent else { continue }
      kept.fields.append((column, appendValue(of: slot, to: &kept.text, input)))
    }
  }

  private func appendValue(
    of slot: Slot, to target: inout [UInt8], _ input: borrowing XMLInput
  ) -> TextRef {
    let start = target.count
    append(slot.ref, to: &target, input)
    var piece = slot.first
    while piece >= 0 {
      target.append(UInt8(ascii: ";"))
      append(pieces[Int(piece)].ref, to: &target, input)
      piece = pieces[Int(piece)].next
    }
    return target.text(from: start)
  }

  /// The instance of the scope `outer` that is around an instance of `inner`.
  private func instance(of outer: Int, around instance: Int, of inner: Int) -> Int {
    var scope = inner
    var instance = instance
    while scope != outer {
      guard scope >= 0, instance >= 0 else { return -1 }
      instance = Int(instances[instance].parent)
      scope = scopes[scope].parent
    }
    return instance
  }

  private func append(
    _ ref: TextRef, to target: inout [UInt8], _ input: borrowing XMLInput
  ) {
    let start = ref.offset & ~(Self.attributeBit | Self.sourceBit)
    if ref.offset & Self.attributeBit != 0 {
      XMLBytes.append(attributeText.span, start..<start + ref.length, to: &target)
    } else if ref.offset & Self.sourceBit != 0 {
      input.append(unitStart + start..<unitStart + start + ref.length, to: &target)
    } else if ref.range.upperBound <= text.count {
      XMLBytes.append(text.span, ref.range, to: &target)
    }
  }
}
