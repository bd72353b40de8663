/// A file inside another, as some offices send them; stored, not made smaller.
enum Container: Sendable {
  case none
  case gzip
  case zip

  var suffix: String {
    switch self {
    case .none: ""
    case .gzip: ".gz"
    case .zip: ".zip"
    }
  }

  /// The container of `content`, which is at most 4 GiB.
  func wrap(_ content: [UInt8], name: String) -> [UInt8] {
    switch self {
    case .none: content
    case .gzip: Self.gzip(content)
    case .zip: Self.zip(content, name: name)
    }
  }

  /// RFC 1952 around stored blocks of RFC 1951.
  private static func gzip(_ content: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    var start = 0
    repeat {
      let end = min(content.count, start + 65_535)
      let length = UInt16(end - start)
      bytes.append(end == content.count ? 1 : 0)
      append(length, to: &bytes)
      append(~length, to: &bytes)
      bytes.append(contentsOf: content[start..<end])
      start = end
    } while start < content.count
    append(crc32(content), to: &bytes)
    append(UInt32(truncatingIfNeeded: content.count), to: &bytes)
    return bytes
  }

  /// One entry, its name in UTF-8, of 1980-01-01.
  private static func zip(_ content: [UInt8], name: String) -> [UInt8] {
    let name = Array(name.utf8)
    let size = UInt32(truncatingIfNeeded: content.count)
    var common: [UInt8] = []
    for part: UInt16 in [20, 0x0800, 0, 0, 0x21] { append(part, to: &common) }
    append(crc32(content), to: &common)
    append(size, to: &common)
    append(size, to: &common)
    append(UInt16(name.count), to: &common)
    append(UInt16(0), to: &common)
    var bytes: [UInt8] = [0x50, 0x4B, 3, 4] + common + name + content
    let directory = UInt32(bytes.count)
    bytes += [0x50, 0x4B, 1, 2, 20, 0] + common
    bytes += [UInt8](repeating: 0, count: 14) + name
    let length = UInt32(bytes.count) - directory
    bytes += [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0]
    append(length, to: &bytes)
    append(directory, to: &bytes)
    bytes += [0, 0]
    return bytes
  }

  private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
    for byte in 0..<Number.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: number >> Number(byte * 8)))
    }
  }

  private static let crcTable: [UInt32] = (0..<256).map { number in
    (0..<8).reduce(UInt32(number)) { rest, _ in
      rest & 1 == 1 ? rest >> 1 ^ 0xEDB8_8320 : rest >> 1
    }
  }

  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ crcTable[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }
}
