/// A read-only map from byte strings to small numbers: open addressing, no `String`, no allocation
/// per lookup.
///
/// The hash reads the first, middle and last eight bytes only; keys are compared whole, so that a bad
/// guess costs time and never a wrong answer.
struct ByteTable: Sendable {
  private var keys: [UInt8] = []
  private var entries: [Entry] = []
  /// Index into ``entries`` or -1; the count is a power of two, at most half full.
  private var slots: [Int32] = []

  private struct Entry: Sendable {
    var offset: Int32
    var length: Int32
    var value: Int32
  }

  /// Adds a key, or leaves the table as it is where the key has a value already.
  ///
  /// - Returns: The value that was there before, or nil.
  mutating func insert(_ key: [UInt8], _ value: Int) -> Int? {
    if let present = self[key.span] { return present }
    entries.append(
      Entry(
        offset: Int32(truncatingIfNeeded: keys.count), length: Int32(truncatingIfNeeded: key.count),
        value: Int32(truncatingIfNeeded: value)))
    keys.append(contentsOf: key)
    if entries.count * 2 > slots.count {
      rebuild()
    } else {
      place(entries.count - 1, hash(key.span))
    }
    return nil
  }

  /// Gives a key another value; the key must be there.
  mutating func replace(_ key: [UInt8], _ value: Int) {
    if let index = entryIndex(key.span) { entries[index].value = Int32(truncatingIfNeeded: value) }
  }

  subscript(_ key: Span<UInt8>) -> Int? {
    entryIndex(key).map { Int(entries[$0].value) }
  }

  private func entryIndex(_ key: Span<UInt8>) -> Int? {
    guard !slots.isEmpty else { return nil }
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash(key)) & mask
    while true {
      let index = Int(slots[slot])
      guard index >= 0 else { return nil }
      if isKey(entries[index], key) { return index }
      slot = (slot + 1) & mask
    }
  }

  private func isKey(_ entry: Entry, _ key: Span<UInt8>) -> Bool {
    guard Int(entry.length) == key.count else { return false }
    let offset = Int(entry.offset)
    for index in key.indices where keys[offset + index] != key[index] { return false }
    return true
  }

  private mutating func rebuild() {
    slots = Array(repeating: -1, count: max(16, slots.count * 2))
    for (index, entry) in entries.enumerated() {
      let offset = Int(entry.offset)
      let length = Int(entry.length)
      place(index, hash(keys.span.extracting(offset..<offset + length)))
    }
  }

  private mutating func place(_ index: Int, _ hash: UInt64) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0 { slot = (slot + 1) & mask }
    slots[slot] = Int32(truncatingIfNeeded: index)
  }

  private func hash(_ key: Span<UInt8>) -> UInt64 {
    let count = key.count
    var state = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
    state = (state ^ word(key, 0, min(8, count))) &* 0xFF51_AFD7_ED55_8CCD
    if count > 8 {
      let last = word(key, count - 8, count)
      state = (state ^ state >> 29 ^ last) &* 0xC4CE_B9FE_1A85_EC53
    }
    if count > 16 {
      let middle = (count - 8) / 2
      state = (state ^ state >> 31 ^ word(key, middle, middle + 8)) &* 0x9E37_79B9_7F4A_7C15
    }
    return state ^ state >> 32
  }

  private func word(_ key: Span<UInt8>, _ start: Int, _ end: Int) -> UInt64 {
    var result: UInt64 = 0
    for index in start..<end { result = result << 8 | UInt64(key[index]) }
    return result
  }
}
