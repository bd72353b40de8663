package import Records

/// Which full-width forms are narrowed.
///
/// Not NFKC: that would turn ① into 1 and ㎡ into m2, and would fold 、，；： inside free text.
///
/// - Source: facts §3.1, the narrow table.
package struct WidthClasses: OptionSet, Sendable {
  /// The bits of the set.
  package let rawValue: UInt8

  /// - Parameter rawValue: The bits of the set.
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Digits and Latin letters.
  package static let alphanumerics = WidthClasses(rawValue: 1)
  /// （ and ）.
  package static let brackets = WidthClasses(rawValue: 2)
  /// －／．＃＋＆.
  package static let signs = WidthClasses(rawValue: 4)
  /// The full-width space U+3000 becomes one ASCII space.
  package static let space = WidthClasses(rawValue: 8)
  /// Every other form of U+FF01 to U+FF5E, ，；： among them: identifiers only.
  package static let punctuation = WidthClasses(rawValue: 16)

  /// The narrow table for names and free text.
  package static let narrow: WidthClasses = [.alphanumerics, .brackets, .signs]
  /// For identifiers, numbers and codes, where no punctuation is text.
  package static let identifier: WidthClasses = [
    .alphanumerics, .brackets, .signs, .space, .punctuation,
  ]
}

/// Whether `bytes` may hold a full-width form; true may be a false alarm, false never.
///
/// - Complexity: O(n), one comparison per byte.
package func mayNeedFolding(_ bytes: Span<UInt8>) -> Bool {
  for index in bytes.indices where bytes[index] == 0xEF || bytes[index] == 0xE3 {
    return true
  }
  return false
}

/// Appends `bytes` with the full-width forms of `classes` narrowed.
///
/// - Returns: nil if there is nothing to narrow; then nothing was appended.
package func foldedWidth(
  _ bytes: Span<UInt8>, _ classes: WidthClasses, into arena: inout TextArena
) -> TextRef? {
  guard let first = firstFoldable(bytes, classes) else { return nil }
  let offset = arena.count
  for index in 0..<first { arena.append(bytes[index]) }
  var index = first
  while index < bytes.count {
    if let narrow = narrowForm(bytes, at: index, classes) {
      arena.append(narrow)
      index += 3
    } else {
      arena.append(bytes[index])
      index += 1
    }
  }
  return arena.text(from: offset)
}

private func firstFoldable(_ bytes: Span<UInt8>, _ classes: WidthClasses) -> Int? {
  for index in bytes.indices where bytes[index] == 0xEF || bytes[index] == 0xE3 {
    if narrowForm(bytes, at: index, classes) != nil { return index }
  }
  return nil
}

/// The ASCII form of the three bytes at `index`, if `classes` narrows them.
func narrowForm(_ bytes: Span<UInt8>, at index: Int, _ classes: WidthClasses) -> UInt8? {
  let lead = bytes[index]
  guard lead == 0xEF || lead == 0xE3, index + 2 < bytes.count else { return nil }
  let second = bytes[index + 1]
  let third = bytes[index + 2]
  if lead == 0xE3 {
    return second == 0x80 && third == 0x80 && classes.contains(.space) ? 0x20 : nil
  }
  let narrow: UInt8
  if second == 0xBC, third >= 0x81 {
    narrow = third - 0x60
  } else if second == 0xBD, third <= 0x9E {
    narrow = third - 0x20
  } else {
    return nil
  }
  return classes.contains(widthClass(narrow)) ? narrow : nil
}

private func widthClass(_ narrow: UInt8) -> WidthClasses {
  switch narrow {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "a")...UInt8(ascii: "z"):
    .alphanumerics
  case UInt8(ascii: "("), UInt8(ascii: ")"): .brackets
  case UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "#"),
    UInt8(ascii: "+"), UInt8(ascii: "&"):
    .signs
  default: .punctuation
  }
}

/// Appends `bytes` with a–z raised to A–Z; for identifiers, whose lower case is never meant.
///
/// - Returns: nil if there is no lower-case letter; then nothing was appended.
/// - Source: facts §2.1 (6), normalised before the check and recorded.
package func uppercased(_ bytes: Span<UInt8>, into arena: inout TextArena) -> TextRef? {
  guard bytes.indices.contains(where: { isLowercase(bytes[$0]) }) else { return nil }
  let offset = arena.count
  for index in bytes.indices {
    let byte = bytes[index]
    arena.append(isLowercase(byte) ? byte - 0x20 : byte)
  }
  return arena.text(from: offset)
}

func isLowercase(_ byte: UInt8) -> Bool {
  byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
}
