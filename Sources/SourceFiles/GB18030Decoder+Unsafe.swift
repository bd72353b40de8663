extension GB18030Decoder {
  /// As ``originalLength(ofDecoded:)`` for text of a decoder with ``hasShortCharactersOnly``: counts
  /// lead bytes, which the compiler does many at a time.
  static func originalLength(ofShortCharacters decoded: Span<UInt8>) -> Int {
    unsafe decoded.withUnsafeBufferPointer { bytes in
      var threeByteCharacters = 0
      for index in 0..<bytes.count {
        threeByteCharacters &+= unsafe bytes[index] & 0xF0 == 0xE0 ? 1 : 0
      }
      return bytes.count - threeByteCharacters
    }
  }

  /// As ``originalLength(ofDecoded:)``: ASCII eight bytes at a time, Chinese characters by one look at the
  /// table, everything else one by one.
  static func originalLength(_ decoded: Span<UInt8>, _ mapping: GB18030Mapping) -> Int {
    unsafe decoded.withUnsafeBufferPointer { bytes in
      unsafe mapping.codes.withUnsafeBufferPointer { codes in
        precondition(codes.count == 0x10000)
        guard let base = bytes.baseAddress, let codes = codes.baseAddress else { return 0 }
        var (at, length) = (0, 0)
        while at < bytes.count {
          if at + 8 <= bytes.count {
            let word = unsafe UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
            let others = UInt64(littleEndian: word & 0x8080_8080_8080_8080)
            let count = others == 0 ? 8 : others.trailingZeroBitCount >> 3
            at += count
            length += count
            if others == 0 { continue }
          }
          let lead = unsafe base[at]
          if lead & 0xF0 == 0xE0, at + 3 <= bytes.count {
            let (second, third) = unsafe (base[at + 1], base[at + 2])
            if second & 0xC0 == 0x80, third & 0xC0 == 0x80 {
              let scalar =
                Int(lead & 0x0F) << 12 | Int(second & 0x3F) << 6 | Int(third & 0x3F)
              // U+FFFD stands for one byte; what is written too long is no Chinese.
              if scalar != 0xFFFD, scalar >= 0x800 {
                length += unsafe codes[scalar] < 0x10000 ? 2 : 4
                at += 3
                continue
              }
            }
          }
          let (scalar, size) = scalar(of: decoded, at: at)
          length += mapping.length(of: scalar)
          at += size
        }
        return length
      }
    }
  }

  /// Decodes what is complete of `bytes`.
  ///
  /// - Parameters:
  ///   - origin: Offset of the first byte in the original.
  ///   - isLast: An unfinished character at the end is undecodable, not left over.
  /// - Returns: Bytes used; at most three are left over.
  mutating func decodeBlock(
    _ bytes: Span<UInt8>, origin: Int, isLast: Bool, to output: inout [UInt8]
  ) -> Int {
    var used = 0
    // A part at a time, so that making room for the worst case stays in the first-level cache.
    while used < bytes.count {
      let end = min(bytes.count, used + Self.partBytes)
      let part = bytes.extracting(used..<end)
      let isLastPart = isLast && end == bytes.count
      let step = decodePart(part, origin: origin + used, isLast: isLastPart, to: &output)
      guard step > 0 else { break }
      used += step
    }
    return used
  }

  private static var partBytes: Int { 8192 }

  private mutating func decodePart(
    _ bytes: Span<UInt8>, origin: Int, isLast: Bool, to output: inout [UInt8]
  ) -> Int {
    let start = output.count
    // A byte becomes at most three; eight and four bytes are written at a time.
    let room = 3 * bytes.count + 8
    output.append(contentsOf: repeatElement(0, count: room))
    let mapping = GB18030Mapping.shared
    var used = 0
    let written = unsafe output.withUnsafeMutableBufferPointer { output in
      unsafe bytes.withUnsafeBufferPointer { bytes in
        unsafe mapping.utf8.withUnsafeBufferPointer { table in
          unsafe decode(
            bytes, table, mapping, origin: origin, isLast: isLast, used: &used,
            to: UnsafeMutableBufferPointer(rebasing: output[start...]))
        }
      }
    }
    output.removeLast(room - written)
    return used
  }

  /// - Returns: Bytes written.
  private mutating func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ table: UnsafeBufferPointer<UInt32>,
    _ mapping: GB18030Mapping, origin: Int, isLast: Bool, used: inout Int,
    to output: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    guard let source = bytes.baseAddress, let target = output.baseAddress,
      let pairs = table.baseAddress
    else { return 0 }
    precondition(output.count >= 3 * bytes.count + 8 && table.count >= 126 * 256)
    let end = bytes.count
    var at = 0
    var to = 0
    while at < end {
      let lead = unsafe source[at]
      if lead < 0x80 {
        unsafe copyASCII(source, &at, end, target, &to)
        continue
      }
      if lead != 0x80, lead != 0xFF {
        guard at + 1 < end || isLast else { break }
        if at + 1 < end {
          let trail = unsafe source[at + 1]
          let packed = unsafe pairs[(Int(lead) - 0x81) << 8 | Int(trail)]
          if packed != 0 {
            // The length in the fourth byte is overwritten by what comes next.
            unsafe UnsafeMutableRawPointer(target + to).storeBytes(
              of: packed.littleEndian, as: UInt32.self)
            to += Int(packed >> 24)
            at += 2
            continue
          }
          if trail >= 0x30, trail <= 0x39 {
            switch unsafe fourByte(source + at, available: end - at, isLast: isLast, mapping) {
            case .scalar(let scalar):
              unsafe to += write(scalar, to: target + to)
              fourByteCount += 1
              at += 4
              continue
            case .unfinished:
              used = at
              return to
            case .none: break
            }
          }
        }
      }
      noteBadByte(at: origin + at)
      unsafe to += write(0xFFFD, to: target + to)
      at += 1
    }
    used = at
    return to
  }

  /// Copies ASCII, eight bytes at a time; stops at the first other byte. The first one is ASCII.
  @inline(__always)
  private func copyASCII(
    _ source: UnsafePointer<UInt8>, _ at: inout Int, _ end: Int,
    _ target: UnsafeMutablePointer<UInt8>, _ to: inout Int
  ) {
    while at + 8 <= end {
      let word = unsafe UnsafeRawPointer(source + at).loadUnaligned(as: UInt64.self)
      unsafe UnsafeMutableRawPointer(target + to).storeBytes(of: word, as: UInt64.self)
      let others = word & 0x8080_8080_8080_8080
      // The bytes before the first other one are right already.
      let count = others == 0 ? 8 : UInt64(littleEndian: others).trailingZeroBitCount >> 3
      at += count
      to += count
      if count < 8 { return }
    }
    while at < end, unsafe source[at] < 0x80 {
      unsafe target[to] = source[at]
      at += 1
      to += 1
    }
  }

  private enum FourByte {
    case scalar(UInt32)
    case unfinished
    case none
  }

  private func fourByte(
    _ source: UnsafePointer<UInt8>, available: Int, isLast: Bool, _ mapping: GB18030Mapping
  ) -> FourByte {
    var digits = (0, 0, 0)
    digits.0 = unsafe (Int(source[0]) - 0x81) * 10 + Int(source[1]) - 0x30
    guard available > 2 else { return isLast ? .none : .unfinished }
    digits.1 = unsafe Int(source[2]) - 0x81
    guard (0..<126).contains(digits.1) else { return .none }
    guard available > 3 else { return isLast ? .none : .unfinished }
    digits.2 = unsafe Int(source[3]) - 0x30
    guard (0..<10).contains(digits.2) else { return .none }
    let number = (digits.0 * 126 + digits.1) * 10 + digits.2
    return mapping.scalar(fourByte: number).map { .scalar($0) } ?? .none
  }

  /// Writes the UTF-8 of a scalar from U+0080 on.
  ///
  /// - Returns: Bytes written, 2 to 4.
  @inline(__always)
  private func write(_ scalar: UInt32, to target: UnsafeMutablePointer<UInt8>) -> Int {
    let last = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
    if scalar < 0x800 {
      unsafe target[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
      unsafe target[1] = last
      return 2
    }
    let third = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
    if scalar < 0x10000 {
      unsafe target[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
      unsafe target[1] = third
      unsafe target[2] = last
      return 3
    }
    unsafe target[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
    unsafe target[1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F)
    unsafe target[2] = third
    unsafe target[3] = last
    return 4
  }
}
