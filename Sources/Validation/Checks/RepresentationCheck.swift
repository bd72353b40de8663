import Catalog
import Records

/// Accuracy: a text has the characters and the length of its representation (Q21).
struct RepresentationTest {
  let check: Int
  private let characters: Representation.Characters
  private let length: ClosedRange<Int>

  /// - Returns: nil for elements whose representation is no text.
  init?(_ element: DataElement, _ registry: inout CheckRegistry) {
    guard case .text(let characters, let length) = element.representation else { return nil }
    self.characters = characters
    self.length = length
    check = registry.add(
      element, .q21, "representation", chinese: element.formChinese,
      english: element.formEnglish)
  }

  func fits(_ bytes: Span<UInt8>) -> Bool {
    switch characters {
    case .any:
      // Bytes bound characters from above, so that most values need no count.
      if bytes.count <= length.upperBound, length.lowerBound == 0 { return true }
      var count = 0
      for index in bytes.indices where bytes[index] & 0xC0 != 0x80 { count += 1 }
      return length.contains(count)
    case .digits: return length.contains(bytes.count) && all(bytes) { $0 &- 0x30 <= 9 }
    case .letters:
      return length.contains(bytes.count) && all(bytes) { ($0 | 0x20) &- 0x61 <= 25 }
    case .alphanumeric: return fitsAlphanumeric(bytes)
    }
  }

  /// Letters and digits with the signs that identifiers carry; ideographs count as letters, because
  /// plates and certificates begin with the name of a province.
  private func fitsAlphanumeric(_ bytes: Span<UInt8>) -> Bool {
    var count = 0
    for index in bytes.indices {
      let byte = bytes[index]
      if byte & 0xC0 == 0x80 { continue }
      if byte < 0x21 || byte == 0x7F { return false }
      count += 1
    }
    return length.contains(count)
  }

  private func all(_ bytes: Span<UInt8>, _ isAllowed: (UInt8) -> Bool) -> Bool {
    for index in bytes.indices where !isAllowed(bytes[index]) { return false }
    return true
  }
}
