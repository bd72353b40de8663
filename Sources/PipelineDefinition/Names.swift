import Catalog

/// The candidate that was probably meant.
func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
  suggestion(for: name, among: candidates)
}

extension StringProtocol {
  /// Whether the text has a Chinese character.
  var hasChinese: Bool {
    unicodeScalars.contains { scalar in
      switch scalar.value {
      case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x323AF: true
      default: false
      }
    }
  }

  /// Whether the text is a word that an expression can name: a letter, then letters, digits, `_`.
  var isName: Bool {
    guard let first = utf8.first, first != UInt8(ascii: "_"), !(48...57).contains(first) else {
      return false
    }
    return utf8.allSatisfy { byte in
      switch byte {
      case 48...57, 65...90, 97...122, UInt8(ascii: "_"): true
      default: false
      }
    }
  }
}
