package import Records

/// How a document number is to be spelled.
package enum DocumentNumberForm: Sendable {
  /// 文号: every bracketed four-digit year as `〔2026〕`.
  case document
  /// 复议诉讼案号: a bracketed year at the very front as `(2026)`, as courts write it; elsewhere
  /// as in ``document``.
  case review
  /// For comparing keys only: as ``document``, without 第 before the serial.
  case compareKey
}

/// Appends a document number in one spelling: narrow characters, no spaces, the year in the brackets
/// that `form` wants, leading zeros of the serial kept.
///
/// - Returns: nil if it is spelled that way already, or has more than 64 characters; then nothing
///   was appended.
/// - Source: catalog, keys: doc_no is compared after normalisation of brackets, full-width, 第.
package func normalizedDocNo(
  _ bytes: Span<UInt8>, form: DocumentNumberForm = .document, into arena: inout TextArena
) -> TextRef? {
  guard mayNeedDocNoNormalization(bytes, form), let text = FoldedScalars(bytes) else { return nil }
  let offset = arena.count
  var index = 0
  while index < text.count {
    if isBracketedYear(text, at: index) {
      appendYear(text, at: index, form: form, into: &arena)
      index += 6
      while text[index] == " " { index += 1 }
      if form == .compareKey, text[index] == "第" { index += 1 }
      continue
    }
    if text[index] != " " { arena.appendScalar(text[index]) }
    index += 1
  }
  let ref = arena.text(from: offset)
  guard !sameBytes(arena.span.extracting(ref.range), bytes) else {
    arena.removeSubrange(offset...)
    return nil
  }
  return ref
}

private func appendYear(
  _ text: FoldedScalars, at index: Int, form: DocumentNumberForm, into arena: inout TextArena
) {
  let court = form == .review && index == 0
  arena.appendScalar(court ? "(" : "〔")
  for digit in 1...4 { arena.appendScalar(text[index + digit]) }
  arena.appendScalar(court ? ")" : "〕")
}

private func isBracketedYear(_ text: FoldedScalars, at index: Int) -> Bool {
  guard isOpening(text[index]), isClosing(text[index + 5]) else { return false }
  for offset in 1...4 where !isDigit(text[index + offset]) { return false }
  return true
}

private func isOpening(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "[", "(", "{", "〔", "【", "﹝", "〈", "<", "《", "⟦", "［": true
  default: false
  }
}

private func isClosing(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "]", ")", "}", "〕", "】", "﹞", "〉", ">", "》", "⟧", "］": true
  default: false
  }
}

/// A number of the one spelling has no byte of another bracket, of a full-width form or of a space.
private func mayNeedDocNoNormalization(_ bytes: Span<UInt8>, _ form: DocumentNumberForm) -> Bool {
  if form == .compareKey { return true }
  for index in bytes.indices {
    switch bytes[index] {
    case 0x00...0x20, 0x27, 0x28, 0x3C, 0x5B, 0x7B, 0xC2, 0xE2, 0xEF: return true
    case 0xE3 where !isStandardBracket(bytes, at: index): return true
    default: continue
    }
  }
  return form == .review && bytes.count > 0 && bytes[0] == 0xE3
}

/// 〔 (E3 80 94) or 〕 (E3 80 95).
private func isStandardBracket(_ bytes: Span<UInt8>, at index: Int) -> Bool {
  guard index + 2 < bytes.count, bytes[index + 1] == 0x80 else { return false }
  return bytes[index + 2] == 0x94 || bytes[index + 2] == 0x95
}

func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }

/// Whether two spans hold the same bytes.
package func sameBytes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
  guard left.count == right.count else { return false }
  for index in left.indices where left[index] != right[index] { return false }
  return true
}
