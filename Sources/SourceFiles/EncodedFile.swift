import Glibc
import Warehouse

/// A file that takes UTF-8 and writes it in another encoding.
///
/// Unchecked: texts are encoded on several threads by what never changes, and appended by one.
final class EncodedFile: @unchecked Sendable {
  private let file: PosixFile
  private let encoding: SourceEncoding
  private let encoder = GB18030Encoder()

  init(_ path: String, encoding: String) throws {
    self.encoding = SourceEncoding(rawValue: encoding) ?? .utf8
    file = try PosixFile(path, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
    switch self.encoding {
    case .utf8, .gb18030: break
    case .utf8BOM: try file.write([0xEF, 0xBB, 0xBF])
    case .utf16LE: try file.write([0xFF, 0xFE])
    case .utf16BE: try file.write([0xFE, 0xFF])
    }
  }

  /// - Parameter text: Whole characters.
  func encoded(_ text: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    switch encoding {
    case .utf8, .utf8BOM: return text
    case .gb18030: encoder.encode(text.span, to: &bytes)
    case .utf16LE, .utf16BE:
      let isLittle = encoding == .utf16LE
      bytes.reserveCapacity(text.count * 2)
      for unit in String(decoding: text, as: UTF8.self).utf16 {
        let low = UInt8(unit & 0xFF)
        let high = UInt8(unit >> 8)
        bytes.append(isLittle ? low : high)
        bytes.append(isLittle ? high : low)
      }
    }
    return bytes
  }

  func append(_ bytes: [UInt8]) throws { try file.write(bytes) }

  func finish() throws { try file.synchronize() }
}
