import Records

/// Standardizes one column of a chunk. Owns the arena while it runs, so that values may be appended
/// while others are read.
struct ColumnKernel {
  let plan: ColumnPlan
  var text: TextArena
  var changes: [ValueChange]

  mutating func run(
    _ chunk: borrowing RecordChunk, _ count: Int, into column: inout ElementColumn
  ) {
    if let constant = plan.constant {
      fill(constant, count, &column)
      return
    }
    guard plan.sources.count == 1 else {
      for row in 0..<count { standardizeMerged(chunk, row, &column) }
      return
    }
    let base = plan.sources[0] * chunk.stride
    let nulls = plan.nulls
    // The reader is taken out of the plan once: a matcher that is copied for every cell costs more
    // than what it finds.
    switch plan.reader {
    case .text:
      for row in 0..<count {
        guard let ref = present(chunk.fields[base + row], nulls, row, &column) else { continue }
        readText(ref, row, &column)
      }
    case .code(let matcher, let isExtensible):
      for row in 0..<count {
        guard let ref = present(chunk.fields[base + row], nulls, row, &column) else { continue }
        readCode(matcher, isExtensible, ref, row, &column)
      }
    case .codes(let matcher, let isExtensible):
      for row in 0..<count {
        guard let ref = present(chunk.fields[base + row], nulls, row, &column) else { continue }
        readCodes(matcher, isExtensible, ref, row, &column)
      }
    case .date(let forms):
      for row in 0..<count {
        guard let ref = present(chunk.fields[base + row], nulls, row, &column) else { continue }
        readDateValue(forms, ref, row, &column)
      }
    case .dateTime(let forms):
      for row in 0..<count {
        guard let ref = present(chunk.fields[base + row], nulls, row, &column) else { continue }
        readDateTimeValue(forms, ref, row, &column)
      }
    case .number(let form):
      for row in 0..<count {
        guard let ref = present(chunk.fields[base + row], nulls, row, &column) else { continue }
        readNumberValue(form, ref, row, &column)
      }
    }
  }

  private mutating func fill(
    _ constant: ColumnPlan.Constant, _ count: Int, _ column: inout ElementColumn
  ) {
    let ref = text.appendText(constant.text.span)
    for row in 0..<count { column.set(row, ref, number: constant.number) }
  }

  /// Several columns of the export feed one element: many values are joined, of a single value the
  /// first that is there counts.
  private mutating func standardizeMerged(
    _ chunk: borrowing RecordChunk, _ row: Int, _ column: inout ElementColumn
  ) {
    let filled = plan.sources.map { chunk.field(row, $0) }.filter { ref in
      guard !ref.isAbsent, ref.length > 0 else { return false }
      let range = text.withText(ref) { trimmedRange($0) }
      let trimmed = TextRef(offset: ref.offset + range.lowerBound, length: range.count)
      return !text.withText(trimmed) { plan.nulls.contains($0) }
    }
    guard let first = filled.first else {
      column.setNull(row)
      return
    }
    guard filled.count > 1, plan.isMultiValued else {
      standardize(first, row, &column)
      return
    }
    let offset = text.count
    for (index, ref) in filled.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ";")) }
      text.append(contentsOf: Array(text[ref.range]))
    }
    standardize(text.text(from: offset), row, &column)
  }

  /// The value of a cell without its invisible edges; nil, and the row null, where there is none.
  @inline(__always)
  private mutating func present(
    _ raw: TextRef, _ nulls: NullSpellings, _ row: Int, _ column: inout ElementColumn
  ) -> TextRef? {
    guard raw.length > 0 else {
      column.setNull(row)
      return nil
    }
    if plan.isCanonical { return raw }
    var ref = raw
    if text.withText(ref, { mayNeedTrimming($0) }) {
      let range = text.withText(ref) { trimmedRange($0) }
      ref = TextRef(offset: ref.offset + range.lowerBound, length: range.count)
      guard !range.isEmpty else {
        column.setNull(row)
        return nil
      }
    }
    if text.withText(ref, { nulls.contains($0) }) {
      note(row, ref, .null)
      column.setNull(row)
      return nil
    }
    // Other separators are looked at where the values are taken apart.
    guard plan.isMultiValued, text[ref.range].contains(UInt8(ascii: ";")) else { return ref }
    guard let values = withoutNulls(ref, nulls) else {
      note(row, ref, .null)
      column.setNull(row)
      return nil
    }
    if values != ref { note(row, ref, .null) }
    return values
  }

  /// A cell with several values without those that say that there is none: `301;-` and `301、无` are one
  /// value. What separates the others stays, since labels may hold separators themselves.
  ///
  /// - Returns: The same reference if all are values, nil if none is.
  private mutating func withoutNulls(_ ref: TextRef, _ nulls: NullSpellings) -> TextRef? {
    let bytes = Array(text[ref.range])
    var parts: [Range<Int>] = []
    MultiValueSplitter.split(bytes.span, splitsAtSpace: false, into: &parts)
    var isValue: [Bool] = []
    for part in parts {
      let range = trimmedRange(bytes.span.extracting(part))
      // An error of a formula says that there was a value.
      let isError = !range.isEmpty && bytes[part.lowerBound + range.lowerBound] == UInt8(ascii: "#")
      isValue.append(
        isError
          || !range.isEmpty && !nulls.contains(bytes.span.extracting(part).extracting(range)))
    }
    if !isValue.contains(true) { return nil }
    if !isValue.contains(false) { return ref }
    let offset = text.count
    for index in parts.indices where isValue[index] {
      if text.count > offset {
        let isNext = isValue[index - 1]
        text.append(
          contentsOf: isNext
            ? bytes[parts[index - 1].upperBound..<parts[index].lowerBound] : [UInt8(ascii: ";")])
      }
      text.append(contentsOf: bytes[parts[index]])
    }
    return text.text(from: offset)
  }

  private mutating func standardize(_ raw: TextRef, _ row: Int, _ column: inout ElementColumn) {
    guard let ref = present(raw, plan.nulls, row, &column) else { return }
    switch plan.reader {
    case .text: readText(ref, row, &column)
    case .code(let matcher, let isExtensible):
      readCode(matcher, isExtensible, ref, row, &column)
    case .codes(let matcher, let isExtensible):
      readCodes(matcher, isExtensible, ref, row, &column)
    case .date(let forms): readDateValue(forms, ref, row, &column)
    case .dateTime(let forms): readDateTimeValue(forms, ref, row, &column)
    case .number(let form): readNumberValue(form, ref, row, &column)
    }
  }

  private mutating func note(_ row: Int, _ original: TextRef, _ kind: ValueChange.Kind) {
    changes.append(ValueChange(row: row, column: plan.column, original: original, kind: kind))
  }

  // MARK: Text

  private mutating func readText(_ raw: TextRef, _ row: Int, _ column: inout ElementColumn) {
    if plan.isCanonical {
      column.set(row, raw)
      return
    }
    var ref = raw
    if plan.isMultiValued { ref = joined(ref) }
    guard ref.length > 0 else { return setNone(raw, row, &column) }
    if ref != raw { note(row, raw, .separator) }
    if plan.folds, text.withText(ref, { mayNeedFolding($0) }),
      let folded = text.rewriteText(ref, { foldedWidth($0, .identifier, into: &$1) })
    {
      note(row, ref, .width)
      ref = folded
    }
    let (spelled, kind) = spell(ref)
    if let spelled {
      // A number of a document may be spelled by marks alone.
      guard spelled.length > 0 else { return setNone(raw, row, &column) }
      note(row, ref, kind)
      ref = spelled
    }
    column.set(row, ref)
  }

  /// Separators alone, of whatever kind, are no value.
  private mutating func setNone(_ ref: TextRef, _ row: Int, _ column: inout ElementColumn) {
    note(row, ref, .null)
    column.setNull(row)
  }

  /// Values taken apart and joined by `;`; the same reference if they stand so already.
  private mutating func joined(_ ref: TextRef) -> TextRef {
    guard text.withText(ref, { MultiValueSplitter.holdsSeparator($0) }) else { return ref }
    var parts: [Range<Int>] = []
    text.withText(ref) { MultiValueSplitter.split($0, splitsAtSpace: false, into: &parts) }
    let copy = Array(text[ref.range])
    let offset = text.count
    for part in parts {
      let trimmed = trimmedRange(copy.span.extracting(part))
      guard !trimmed.isEmpty else { continue }
      let value = copy.span.extracting(part).extracting(trimmed)
      if value[0] != UInt8(ascii: "#"), plan.nulls.contains(value) { continue }
      if text.count > offset { text.append(UInt8(ascii: ";")) }
      text.append(
        contentsOf: copy[
          part.lowerBound + trimmed.lowerBound..<part.lowerBound + trimmed.upperBound]
      )
    }
    let result = text.text(from: offset)
    guard copy.elementsEqual(text[result.range]) else { return result }
    text.removeSubrange(offset...)
    return ref
  }

  private mutating func spell(_ ref: TextRef) -> (TextRef?, ValueChange.Kind) {
    switch plan.spelling {
    case .plain: return (nil, .spelling)
    case .upperCase: return (upperCase(ref), .letterCase)
    case .documentNumber(let form):
      return (text.rewriteText(ref) { normalizedDocNo($0, form: form, into: &$1) }, .spelling)
    case .residentID:
      if let upgraded = text.rewriteText(ref, { upgradedResidentID($0, into: &$1) }) {
        return (upgraded, .upgraded)
      }
      return (upperCase(ref), .letterCase)
    case .phone: return (without(ref, isPhoneFiller), .spelling)
    case .organisationCode:
      let plain = without(ref) { $0 == UInt8(ascii: "-") }
      return (upperCase(plain ?? ref) ?? plain, .spelling)
    case .industry(let letters): return (withSection(ref, letters) ?? upperCase(ref), .spelling)
    }
  }

  /// A class of four digits behind the letter of its section (GB/T 4754-2017).
  private mutating func withSection(_ ref: TextRef, _ letters: [UInt8]) -> TextRef? {
    let digits = text[ref.range].map { Int($0) - 0x30 }
    guard digits.count == 4, digits.allSatisfy((0...9).contains) else { return nil }
    let letter = letters[digits[0] * 10 + digits[1]]
    guard letter != 0 else { return nil }
    let offset = text.count
    text.append(letter)
    for digit in digits { text.append(UInt8(digit + 0x30)) }
    return text.text(from: offset)
  }

  private mutating func upperCase(_ ref: TextRef) -> TextRef? {
    guard text.withText(ref, { holdsLowerCase($0) }) else { return nil }
    return text.rewriteText(ref) { uppercased($0, into: &$1) }
  }

  private mutating func without(_ ref: TextRef, _ isRemoved: (UInt8) -> Bool) -> TextRef? {
    let bytes = text[ref.range]
    guard bytes.contains(where: isRemoved) else { return nil }
    let kept = bytes.filter { !isRemoved($0) }
    // A value of nothing else stays as it is, for the check to find.
    return kept.isEmpty ? nil : text.appendText(kept.span)
  }

  // MARK: Codes

  private mutating func readCode(
    _ matcher: LabelMatcher, _ isExtensible: Bool, _ ref: TextRef, _ row: Int,
    _ column: inout ElementColumn
  ) {
    switch text.withText(ref, { matcher.match($0) }) {
    case .code(let index, exact: true): column.set(row, ref, number: Int64(index))
    case .code(let index, exact: false):
      note(row, ref, .label)
      column.set(row, matcher.appendCode(index, into: &text), number: Int64(index))
    case .many, .undecidable:
      column.setUnreadable(row, ref, reason: UnreadableReason.undecidableLabel.rawValue)
    case .contradiction, .unknown:
      if isExtensible {
        column.set(row, ref, number: -1)
      } else {
        column.setUnreadable(row, ref, reason: UnreadableReason.unknownCode.rawValue)
      }
    }
  }

  private mutating func readCodes(
    _ matcher: LabelMatcher, _ isExtensible: Bool, _ ref: TextRef, _ row: Int,
    _ column: inout ElementColumn
  ) {
    let result = text.withText(ref) { matcher.matchMany($0) }
    if result.hasUnknown {
      // What says that there is none is no value of a list, however it is separated.
      guard let values = withoutNulls(ref, plan.nulls) else { return setNone(ref, row, &column) }
      if values != ref {
        note(row, ref, .null)
        return readCodes(matcher, isExtensible, values, row, &column)
      }
      if isExtensible, result.undecidable == nil {
        let copy = Array(text[ref.range])
        let kept = matcher.appendKnownAndUnknown(result, of: copy.span, into: &text)
        guard !copy.elementsEqual(text[kept.range]) else {
          text.removeSubrange(kept.offset...)
          column.set(row, ref, number: result.mask)
          return
        }
        note(row, ref, .label)
        column.set(row, kept, number: result.mask)
      } else {
        let reason: UnreadableReason =
          result.undecidable == nil ? .unknownCode : .undecidableLabel
        column.setUnreadable(row, ref, reason: reason.rawValue)
      }
      return
    }
    guard result.mask != 0 else { return setNone(ref, row, &column) }
    guard result.changed else {
      column.set(row, ref, number: result.mask)
      return
    }
    note(row, ref, .label)
    column.set(row, matcher.appendCodes(result.mask, into: &text), number: result.mask)
  }

  // MARK: Dates and numbers

  private mutating func readDateValue(
    _ forms: DateForms, _ ref: TextRef, _ row: Int, _ column: inout ElementColumn
  ) {
    switch text.withText(ref, { readDate($0, forms: forms) }) {
    case .date(let day, let wasCanonical):
      if !wasCanonical { note(row, ref, .date) }
      column.set(row, ref, number: Int64(day))
    case .dateTime(let seconds):
      note(row, ref, .date)
      let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
      column.set(row, ref, number: day)
    case .impossible:
      column.setUnreadable(row, ref, reason: UnreadableReason.impossibleDate.rawValue)
    case .unreadable:
      column.setUnreadable(row, ref, reason: UnreadableReason.notADate.rawValue)
    }
  }

  private mutating func readDateTimeValue(
    _ forms: DateForms, _ ref: TextRef, _ row: Int, _ column: inout ElementColumn
  ) {
    switch text.withText(ref, { readDateTime($0, forms: forms) }) {
    case .dateTime(let seconds, let wasCanonical, _):
      if !wasCanonical { note(row, ref, .date) }
      column.set(row, ref, number: seconds)
    case .impossible:
      column.setUnreadable(row, ref, reason: UnreadableReason.impossibleDate.rawValue)
    case .unreadable:
      column.setUnreadable(row, ref, reason: UnreadableReason.notADate.rawValue)
    }
  }

  private mutating func readNumberValue(
    _ form: NumberForm, _ ref: TextRef, _ row: Int, _ column: inout ElementColumn
  ) {
    let reason: UnreadableReason
    switch text.withText(ref, { readNumber($0, form: form) }) {
    case .number(let scaled, let changed):
      if changed { note(row, ref, .number) }
      column.set(row, ref, number: scaled)
      return
    case .qualified:
      note(row, ref, .qualifier)
      column.setNull(row)
      return
    case .tooManyDecimals: reason = .tooManyDecimals
    case .overflow: reason = .numberTooLong
    case .excelDamage: reason = .spreadsheetDamage
    case .notANumber: reason = .notANumber
    }
    column.setUnreadable(row, ref, reason: reason.rawValue)
  }
}

private func isPhoneFiller(_ byte: UInt8) -> Bool { byte == 0x20 }

private func holdsLowerCase(_ bytes: Span<UInt8>) -> Bool {
  for index in bytes.indices where bytes[index] >= 0x61 && bytes[index] <= 0x7A { return true }
  return false
}
