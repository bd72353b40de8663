import Records

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension String {
  /// Hands the UTF-8 of this text to `body`.
  func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    let bytes = Array(utf8)
    return body(bytes.span)
  }

  /// What a function of the module that appends to an arena makes of this text, or nil.
  func rewritten(_ body: (Span<UInt8>, inout TextArena) -> TextRef?) -> String? {
    let bytes = Array(utf8)
    var arena: TextArena = Array("before".utf8)
    let ref = body(bytes.span, &arena)
    if ref == nil { precondition(arena.count == 6, "nothing may be appended") }
    return ref.map { arena.string($0) }
  }
}
