/// A hash of what files say: comments, layout, order of keys and origins do not count.
///
/// FNV-1a with 128 bits. It tells versions of our own files apart and is no defence against
/// somebody who looks for two texts with one hash.
struct ContentHasher {
  private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013B
  private var state: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D

  /// 32 hexadecimal digits.
  var hexadecimal: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }

  /// Hash of one document.
  static func hash(of node: DocumentNode) -> String {
    var hasher = ContentHasher()
    hasher.add(node)
    return hasher.hexadecimal
  }

  mutating func add(_ path: String, _ node: DocumentNode) {
    add(path)
    add(node)
  }

  /// Adds a table, without its comment lines.
  mutating func add(_ path: String, lines text: String) {
    add(path)
    for line in text.utf8.split(separator: UInt8(ascii: "\n"))
    where line.first != UInt8(ascii: "#") {
      mix(line)
      mix(0x0A)
    }
  }

  private mutating func add(_ node: DocumentNode) {
    switch node.content {
    case .scalar(let text, let style):
      switch PlainScalar(text, style: style) {
      case .null: mix(UInt8(ascii: "0"))
      case .flag(let flag): mix(UInt8(ascii: flag ? "t" : "f"))
      case .number, .text: add(text)
      }
    case .list(let items):
      mix(UInt8(ascii: "["))
      for item in items { add(item) }
      mix(UInt8(ascii: "]"))
    case .map(let entries):
      mix(UInt8(ascii: "{"))
      for entry in entries.sorted(by: { $0.key < $1.key }) where entry.key != "origin" {
        add(entry.key)
        add(entry.value)
      }
      mix(UInt8(ascii: "}"))
    }
  }

  /// Adds a text between marks that UTF-8 cannot hold.
  private mutating func add(_ text: String) {
    mix(0xFE)
    mix(text.utf8)
    mix(0xFF)
  }

  private mutating func mix(_ bytes: some Sequence<UInt8>) { for byte in bytes { mix(byte) } }

  private mutating func mix(_ byte: UInt8) {
    state = (state ^ UInt128(byte)) &* Self.prime
  }
}
