import Records

#if _endian(big)
  #error("segments are written as the memory stands; a big-endian host needs swaps here")
#endif

/// A growing run of little-endian bytes that takes whole arrays at once.
struct SegmentOutput {
  private(set) var bytes: [UInt8] = []

  init(reserving count: Int) { bytes.reserveCapacity(count) }

  /// Appends an integer.
  mutating func append<Value: FixedWidthInteger>(_ value: Value) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends bytes as they are.
  mutating func append(bytes other: [UInt8]) { bytes.append(contentsOf: other) }

  /// Appends an array of 64-bit integers.
  mutating func append(array: [Int64]) {
    unsafe array.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends an array of 32-bit integers.
  mutating func append(array: [Int32]) {
    unsafe array.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends an array of 16-bit integers.
  mutating func append(array: [UInt16]) {
    unsafe array.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends an array of references.
  mutating func append(array: [TextRef]) {
    unsafe array.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }

  /// Overwrites an integer that was appended before.
  ///
  /// Traps where `offset` and the integer's size do not lie inside the bytes.
  mutating func overwrite<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    let size = MemoryLayout<Value>.size
    precondition(offset >= 0 && offset + size <= bytes.count, "overwrite outside the bytes")
    unsafe bytes.withUnsafeMutableBytes {
      unsafe $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }
  }
}

/// A place in a run of little-endian bytes; every read is checked against the end.
struct SegmentInput {
  let bytes: [UInt8]
  private(set) var offset: Int

  init(_ bytes: [UInt8], from offset: Int = 0) {
    self.bytes = bytes
    self.offset = min(max(0, offset), bytes.count)
  }

  var remaining: Int { bytes.count - offset }

  /// Reads an integer.
  mutating func next<Value: FixedWidthInteger>(_: Value.Type) throws(SegmentError) -> Value {
    let size = MemoryLayout<Value>.size
    let start = try advance(size)
    let value = unsafe bytes.withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: start, as: Value.self)
    }
    return Value(littleEndian: value)
  }

  /// Reads `count` bytes.
  mutating func nextBytes(_ count: Int) throws(SegmentError) -> [UInt8] {
    let start = try advance(count)
    return Array(bytes[start..<start + count])
  }

  /// Reads `count` 64-bit integers.
  mutating func nextInt64s(_ count: Int) throws(SegmentError) -> [Int64] {
    let start = try advance(count, of: 8)
    return unsafe copied(from: start, count: count)
  }

  /// Reads `count` 32-bit integers.
  mutating func nextInt32s(_ count: Int) throws(SegmentError) -> [Int32] {
    let start = try advance(count, of: 4)
    return unsafe copied(from: start, count: count)
  }

  /// Reads `count` 16-bit integers.
  mutating func nextUInt16s(_ count: Int) throws(SegmentError) -> [UInt16] {
    let start = try advance(count, of: 2)
    return unsafe copied(from: start, count: count)
  }

  /// Reads `count` references.
  mutating func nextReferences(_ count: Int) throws(SegmentError) -> [TextRef] {
    let start = try advance(count, of: MemoryLayout<TextRef>.stride)
    return unsafe copied(from: start, count: count)
  }

  /// - Precondition: `start` and `count` values lie inside the bytes, and every bit pattern is a
  ///   valid `Value`.
  @unsafe
  private func copied<Value: BitwiseCopyable>(from start: Int, count: Int) -> [Value] {
    let size = count * MemoryLayout<Value>.stride
    precondition(start >= 0 && size >= 0 && start + size <= bytes.count, "copy outside the bytes")
    return unsafe [Value](unsafeUninitializedCapacity: count) { target, filled in
      unsafe bytes.withUnsafeBytes { source in
        unsafe UnsafeMutableRawBufferPointer(target).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[start..<start + size]))
      }
      filled = count
    }
  }

  private mutating func advance(_ count: Int, of size: Int) throws(SegmentError) -> Int {
    guard count >= 0, count <= remaining / size else { throw SegmentInput.ended }
    return try advance(count * size)
  }

  private mutating func advance(_ size: Int) throws(SegmentError) -> Int {
    guard size >= 0, size <= remaining else { throw SegmentInput.ended }
    let start = offset
    offset += size
    return start
  }

  private static let ended = SegmentError(.truncated, "a block of the segment ends too early")
}
