import Records

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
