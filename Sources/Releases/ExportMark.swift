import Crypto
import Glibc

/// The marks by which rows of one export are known, wherever they turn up.
///
/// Two marks that are lost by different things:
///
/// - **Tag.** Each row has a column `qy_mark`: 40 bits that depend on the row's content, then 40 bits that
///   only the secret of the installation can make of them for this export. One row is enough. A row whose
///   content is whole also proves that the tag was made for it and not moved there from another row.
/// - **Order.** The rows stand in an order that the secret gives to this export and no other. Any part of
///   them that keeps its order shows it, without the tag column. It is lost when the rows are sorted anew.
package struct ExportMark: Sendable {
  /// Name of the tag's column.
  package static let column = "qy_mark"
  /// What a tag begins with.
  package static let prefix = "qy"
  /// Characters of a tag.
  package static let length = 18
  /// Bits of a tag that nobody can make without the secret.
  package static let bits = 40

  private static let letters = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
  private static let separator: UInt8 = 0x1F

  /// Number of the export, `X` and 16 hexadecimal digits.
  package let export: String
  private let key: SymmetricKey

  /// - Parameter key: ``MaskSecret/key(for:)`` for ``use``.
  package init(export: String, key: [UInt8]) {
    self.export = export
    // A key of its own for each export: nothing of one tells anything of another.
    self.key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: key), info: Array(export.utf8), outputByteCount: 32)
  }

  /// What ``MaskSecret/key(for:)`` is asked for.
  package static let use = "export-mark/1"

  /// The number of an export, always the same for the same act.
  package static func number(_ parts: [String], key: [UInt8]) -> String {
    let code = authenticate(SymmetricKey(data: key), "export", parts)
    return "X" + code.prefix(8).map { hexadecimal($0) }.joined()
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return byte < 16 ? "0" + digits : digits
  }

  private static func authenticate(
    _ key: SymmetricKey, _ use: String, _ parts: [String]
  ) -> [UInt8] {
    var bytes = Array(use.utf8)
    for part in parts {
      bytes.append(separator)
      bytes += Array(part.utf8)
    }
    return Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
  }

  // MARK: Tags

  /// The tag of a row.
  ///
  /// - Parameters:
  ///   - table: Category, or name of a child table.
  ///   - cells: Texts of the exported elements in their order; empty for nothing.
  package func tag(_ table: String, _ cells: [String]) -> String {
    tag(Self.authenticate(key, "row", [table] + cells).prefix(5))
  }

  private func tag(_ content: some Collection<UInt8>) -> String {
    let code = HMAC<SHA256>.authenticationCode(
      for: Array("tag".utf8) + [Self.separator] + content, using: key)
    return Self.prefix + Self.text(content) + Self.text(code.prefix(5))
  }

  /// Whether a tag is one of this export.
  package func made(_ tag: String) -> Bool {
    guard tag.utf8.count == Self.length, tag.hasPrefix(Self.prefix),
      let content = Self.bytes(tag.utf8.dropFirst(2).prefix(8))
    else { return false }
    return self.tag(content) == tag
  }

  /// 40 bits as eight letters.
  private static func text(_ bytes: some Sequence<UInt8>) -> String {
    var value: UInt64 = 0
    for byte in bytes { value = value << 8 | UInt64(byte) }
    let text = (0..<8).map { letters[Int(value >> (35 - 5 * UInt64($0)) & 31)] }
    return String(decoding: text, as: UTF8.self)
  }

  private static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
    var value: UInt64 = 0
    for letter in text {
      guard let digit = letters.firstIndex(of: letter) else { return nil }
      value = value << 5 | UInt64(digit)
    }
    return (0..<5).map { UInt8(truncatingIfNeeded: value >> (32 - 8 * UInt64($0))) }
  }

  /// Whether a byte may stand in a tag behind its prefix.
  package static func isLetter(_ byte: UInt8) -> Bool { letters.contains(byte) }

  // MARK: Order

  /// The place of a row in the order of this export; rows are written by ascending rank.
  ///
  /// - Parameter values: Texts of the elements that the order is made of.
  package func rank(_ values: [String]) -> Int64 {
    let code = Self.authenticate(key, "order", values)
    var value: UInt64 = 0
    for byte in code.prefix(8) { value = value << 8 | UInt64(byte) }
    return Int64(value >> 1)
  }

  /// How far the order of some rows speaks for this export.
  package struct OrderEvidence: Sendable, Hashable {
    /// Neighbours that stand in the order of the export, of all with different ranks.
    package var ascending: Int
    package var pairs: Int
    /// log10 of the chance that rows in an arbitrary order show as much; 0 for no evidence.
    package var chance: Double
  }

  package func evidence(_ rows: [[String]]) -> OrderEvidence {
    var ranks: [Int64] = []
    for row in rows {
      let rank = rank(row)
      // Rows with the same values say nothing about their order.
      if ranks.last != rank { ranks.append(rank) }
    }
    let pairs = max(0, ranks.count - 1)
    let ascending = zip(ranks, ranks.dropFirst()).count { $0 < $1 }
    return OrderEvidence(
      ascending: ascending, pairs: pairs,
      chance: Self.chance(ascending: ascending, pairs: pairs))
  }

  /// Of n rows in an arbitrary order all ascend with 1 : n!; ascents have the mean (n − 1) / 2 and the
  /// variance (n + 1) / 12 (Eulerian numbers), and their tail lies below that of the normal distribution's
  /// bound exp(−z² / 2).
  static func chance(ascending: Int, pairs: Int) -> Double {
    guard pairs >= 2 else { return 0 }
    if ascending == pairs {
      var result = 0.0
      for factor in 2...(pairs + 1) { result -= log10(Double(factor)) }
      return result
    }
    guard pairs >= 20 else { return 0 }
    let count = Double(pairs + 1)
    let excess = Double(ascending) - Double(pairs) / 2
    guard excess > 0 else { return 0 }
    let variance = (count + 1) / 12
    let exponent = excess * excess / (2 * variance)
    return -exponent / log(10.0)
  }
}
