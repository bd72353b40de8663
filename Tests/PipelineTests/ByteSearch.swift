import Foundation
import TestSupport

/// Looks for many texts at once in bytes, in every form in which a text could hide there.
struct ByteSearch {
  /// Shorter ones would be found by chance.
  static let minimumLength = 8

  /// By the first eight bytes of a form: the rest of it, and the text that it stands for.
  private var forms: [UInt64: [(rest: ArraySlice<UInt8>, text: Int)]] = [:]
  /// Whether some form begins with these two bytes.
  private var begins = [Bool](repeating: false, count: 1 << 16)
  private let texts: [String]

  /// - Parameter texts: At least ``minimumLength`` bytes each; shorter ones are not looked for.
  init(_ texts: [String]) {
    self.texts = texts
    for (index, text) in texts.enumerated() where text.utf8.count >= Self.minimumLength {
      for form in Set(Self.forms(of: text)) where form.count >= Self.minimumLength {
        begins[Int(form[0]) << 8 | Int(form[1])] = true
        forms[Self.key(form, 0), default: []].append((form.dropFirst(8), index))
      }
    }
  }

  /// UTF-8, GB18030, hexadecimal digits, Base64 at its three phases, JSON escapes.
  private static func forms(of text: String) -> [[UInt8]] {
    let bytes = Array(text.utf8)
    let gb = gb18030(text)
    let hex = bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
    let escaped = text.utf16.map { unit -> String in
      if unit < 128 { return String(Character(Unicode.Scalar(UInt8(unit)))) }
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
    let plain = [bytes, gb, Array(hex.utf8), Array(hex.uppercased().utf8), Array(escaped.utf8)]
    let upper = Array(
      escaped.replacingOccurrences(of: "\\u", with: "\u{1}").uppercased()
        .replacingOccurrences(of: "\u{1}", with: "\\u").utf8)
    return plain + [upper] + [bytes, gb].flatMap(base64)
  }

  /// What stays the same of the Base64 of `bytes`, wherever in a longer text they stand.
  private static func base64(_ bytes: [UInt8]) -> [[UInt8]] {
    (0..<3).map { phase in
      let padded = Array(repeating: UInt8(0), count: phase) + bytes
      let whole = padded.count / 3 * 3
      let encoded = Array(Data(padded.prefix(whole)).base64EncodedString().utf8)
      // Characters that depend on what stands before.
      return Array(encoded.dropFirst(phase == 0 ? 0 : 4))
    }
  }

  private static func key(_ bytes: [UInt8], _ start: Int) -> UInt64 {
    var key: UInt64 = 0
    for offset in 0..<8 { key = key << 8 | UInt64(bytes[start + offset]) }
    return key
  }

  /// The texts that stand in `bytes`, in some form.
  func found(in bytes: [UInt8]) -> Set<String> {
    var result: Set<String> = []
    guard bytes.count >= 8 else { return result }
    bytes.withUnsafeBufferPointer { bytes in
      var index = 0
      let last = bytes.count - 8
      while index <= last {
        if begins[Int(bytes[index]) << 8 | Int(bytes[index + 1])] {
          var key: UInt64 = 0
          for offset in 0..<8 { key = key << 8 | UInt64(bytes[index + offset]) }
          for form in forms[key] ?? [] {
            let end = index + 8 + form.rest.count
            if end <= bytes.count, bytes[index + 8..<end].elementsEqual(form.rest) {
              result.insert(texts[form.text])
            }
          }
        }
        index += 1
      }
    }
    return result
  }
}
