/// XXH64 (Yann Collet's xxHash, 64 bits), written out so that segments need no C library.
///
/// It finds damage; it is no defence against an attacker.
package enum BlockChecksum {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  /// The checksum of `bytes` from `start` to the end.
  ///
  /// - Complexity: O(`bytes.count`), several bytes per nanosecond.
  package static func of(_ bytes: [UInt8], from start: Int = 0) -> UInt64 {
    precondition(start >= 0 && start <= bytes.count, "checksum starts outside the bytes")
    return unsafe bytes.withUnsafeBytes { all in
      unsafe checksum(UnsafeRawBufferPointer(rebasing: all[start...]))
    }
  }

  private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var offset = 0
    var hash: UInt64
    if bytes.count >= 32 {
      (hash, offset) = unsafe stripes(bytes)
    } else {
      hash = prime5
    }
    hash &+= UInt64(bytes.count)
    while offset + 8 <= bytes.count {
      hash ^= round(0, unsafe word(bytes, offset))
      hash = rotated(hash, 27) &* prime1 &+ prime4
      offset += 8
    }
    if offset + 4 <= bytes.count {
      let half = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      hash ^= UInt64(UInt32(littleEndian: half)) &* prime1
      hash = rotated(hash, 23) &* prime2 &+ prime3
      offset += 4
    }
    while offset < bytes.count {
      hash ^= UInt64(unsafe bytes[offset]) &* prime5
      hash = rotated(hash, 11) &* prime1
      offset += 1
    }
    hash = (hash ^ hash >> 33) &* prime2
    hash = (hash ^ hash >> 29) &* prime3
    return hash ^ hash >> 32
  }

  /// Four lanes of eight bytes at a time; returns the merged hash and the bytes consumed.
  private static func stripes(_ bytes: UnsafeRawBufferPointer) -> (hash: UInt64, end: Int) {
    var lane1 = prime1 &+ prime2
    var lane2 = prime2
    var lane3: UInt64 = 0
    var lane4 = 0 &- prime1
    var offset = 0
    while offset + 32 <= bytes.count {
      lane1 = round(lane1, unsafe word(bytes, offset))
      lane2 = round(lane2, unsafe word(bytes, offset + 8))
      lane3 = round(lane3, unsafe word(bytes, offset + 16))
      lane4 = round(lane4, unsafe word(bytes, offset + 24))
      offset += 32
    }
    var hash = rotated(lane1, 1) &+ rotated(lane2, 7) &+ rotated(lane3, 12) &+ rotated(lane4, 18)
    hash = (hash ^ round(0, lane1)) &* prime1 &+ prime4
    hash = (hash ^ round(0, lane2)) &* prime1 &+ prime4
    hash = (hash ^ round(0, lane3)) &* prime1 &+ prime4
    hash = (hash ^ round(0, lane4)) &* prime1 &+ prime4
    return (hash, offset)
  }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotated(lane &+ input &* prime2, 31) &* prime1
  }

  @inline(__always)
  private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    value << bits | value >> (64 - bits)
  }
}
