import Catalog
import Records

/// A text as it is compared: full-width signs and capitals folded, every character with its place.
struct FoldedText {
  private(set) var scalars: [UInt32] = []
  /// First byte of each character, then the end of the text.
  private(set) var offsets: [Int] = []
  /// Indices of the characters that count when names are compared: without spaces and middle dots.
  private(set) var dense: [Int] = []

  mutating func read(_ text: [UInt8], _ range: Range<Int>) {
    scalars.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
    dense.removeAll(keepingCapacity: true)
    var index = range.lowerBound
    while index < range.upperBound {
      let end = UTF8Walk.end(of: index, in: text, range)
      let scalar = Self.folded(UTF8Walk.scalar(text, index..<end))
      if !Self.isIgnored(scalar) { dense.append(scalars.count) }
      scalars.append(scalar)
      offsets.append(index)
      index = end
    }
    offsets.append(range.upperBound)
  }

  static func folded(_ scalar: UInt32) -> UInt32 {
    let narrow =
      switch scalar {
      case 0xFF01...0xFF5E: scalar - 0xFEE0
      case 0x3000, 0xA0: UInt32(0x20)
      // Hyphens, dashes and minus signs; Word writes U+2011.
      case 0x2010...0x2015, 0x2212, 0xFE58, 0xFE63: UInt32(0x2D)
      default: scalar
      }
    return narrow >= 65 && narrow <= 90 ? narrow + 32 : narrow
  }

  /// Blanks of any width, controls, middle dots, and signs without width that hide in copied text: never a part of
  /// a name or a number, and no end of one.
  fileprivate static func isIgnored(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x00...0x20, 0x7F...0xA0, 0xAD, 0xB7, 0x34F, 0x61C, 0x115F, 0x1160, 0x1680, 0x17B4, 0x17B5,
      0x180B...0x180F, 0x2000...0x200F, 0x2022, 0x2027...0x202F, 0x205F...0x206F, 0x22C5, 0x3000,
      0x30FB, 0x3164, 0xFE00...0xFE0F, 0xFEFF, 0xFF65, 0xFFA0, 0xE0000...0xE01EF:
      true
    default: false
    }
  }

  /// Where one of the names stands, as ranges of characters; they may overlap.
  ///
  /// - Returns: false if there are so many names and so long a text that it was not looked for them. Real records
  ///   have a hundredth of that; one that is made for it would keep a core for hours.
  func occurrences(of names: FoldedNames, _ body: (Range<Int>) -> Void) -> Bool {
    guard dense.count * names.scalars.count <= Self.maximumComparisons else { return false }
    var begin = 0
    for end in names.ends {
      defer { begin = end }
      let count = end - begin
      guard dense.count >= count else { continue }
      let first = names.scalars[begin]
      for start in 0...dense.count - count where scalars[dense[start]] == first {
        var place = 1
        while place < count, scalars[dense[start + place]] == names.scalars[begin + place] {
          place += 1
        }
        if place == count { body(dense[start]..<dense[start + count - 1] + 1) }
      }
    }
    return true
  }

  /// Characters of a text times characters of names: a twentieth of a second.
  private static let maximumComparisons = 50_000_000
}

/// Names as they are looked for, one behind the other.
struct FoldedNames {
  fileprivate private(set) var scalars: [UInt32] = []
  /// End of each name; none is empty.
  fileprivate private(set) var ends: [Int] = []

  var isEmpty: Bool { ends.isEmpty }

  mutating func removeAll() {
    scalars.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  mutating func append(_ text: [UInt8], _ range: Range<Int>) {
    var index = range.lowerBound
    while index < range.upperBound {
      let end = UTF8Walk.end(of: index, in: text, range)
      let scalar = FoldedText.folded(UTF8Walk.scalar(text, index..<end))
      if !FoldedText.isIgnored(scalar) { scalars.append(scalar) }
      index = end
    }
    if scalars.count > ends.last ?? 0 { ends.append(scalars.count) }
  }

  /// Adds the names of a cell: of several values each, and where there is room for one alone the whole, and what
  /// its source wrote side by side (`张三、李四`).
  mutating func appendAll(_ text: [UInt8], _ range: Range<Int>, isMany: Bool) {
    if !isMany { append(text, range) }
    var start = range.lowerBound
    var place = start
    while place <= range.upperBound {
      let length = place < range.upperBound ? Self.breakLength(text, place) : 1
      guard length > 0 else {
        place += 1
        continue
      }
      // A part of a single character is no name.
      if isMany || (place - start > 3 && place - start < range.count) {
        append(text, start..<place)
      }
      place += length
      start = place
    }
  }

  /// Bytes of a sign that stands between names and in none; 0 where there is none.
  private static func breakLength(_ text: [UInt8], _ place: Int) -> Int {
    switch text[place] {
    case UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: "/"), UInt8(ascii: "|"): return 1
    case 0xE3, 0xEF:
      guard place + 2 < text.count else { return 0 }
      // 、 ， ； ／
      switch (text[place], text[place + 1], text[place + 2]) {
      case (0xE3, 0x80, 0x81), (0xEF, 0xBC, 0x8C), (0xEF, 0xBC, 0x9B), (0xEF, 0xBC, 0x8F):
        return 3
      default: return 0
      }
    default: return 0
    }
  }
}

/// Masks numbers and names inside free text (semantics.md §4).
struct FreeTextCleaner: Sendable {
  private struct Form: Sendable {
    var digits: ClosedRange<Int>
    var begins: [[UInt32]]
    var after: [[UInt32]]
    var mayEndInX: Bool
    /// Index of the mask; 0 is that of names.
    var mask: Int
  }

  /// A part of the text to be masked, in characters.
  fileprivate struct Span {
    var range: Range<Int>
    var mask: Int
  }

  /// Buffers, kept from text to text.
  struct Scratch {
    /// Of the record.
    var names = FoldedNames()
    fileprivate var text = FoldedText()
    fileprivate var spans: [Span] = []
    fileprivate var groups: [Range<Int>] = []
  }

  private let forms: [Form]
  private let masks: [CompiledMask]
  private let separators: Set<UInt32>
  /// Digits of the longest number of any form.
  private let longestNumber: Int

  /// A slash parts numbers that are as long as this, and stands within shorter ones (`138/0000/0001`).
  private static let wholeNumber = 7

  /// Characters before a number in which the word is looked for that says what it is.
  private static let wordDistance = 12
  /// Parts of one text that are masked; one with more is not shown at all.
  private static let maximumSpans = 1_000_000
  /// Separators between two digits of one number.
  private static let maximumGap = 3

  init(
    _ policy: SharingPolicy, mask compiled: (String) throws(SharingError) -> CompiledMask
  ) throws(SharingError) {
    func scalars(_ text: String) -> [UInt32] {
      text.unicodeScalars.map { FoldedText.folded($0.value) }
    }
    var masks = [try compiled(policy.freeText.nameMask)]
    var forms: [Form] = []
    for form in policy.freeText.numbers {
      forms.append(
        Form(
          digits: form.digits, begins: form.begins.map(scalars), after: form.after.map(scalars),
          mayEndInX: form.mayEndInX, mask: masks.count))
      masks.append(try compiled(form.mask))
    }
    self.forms = forms
    longestNumber = forms.map(\.digits.upperBound).max() ?? 0
    self.masks = masks
    separators = Set(scalars(policy.freeText.separators))
  }

  /// Writes the text without what it must not show.
  ///
  /// - Parameter scratch: With the names of the record.
  /// - Returns: nil if nothing had to be masked; ``TextRef/absent`` if a name would still be there, or there are too
  ///   many names to tell.
  func clean(
    _ value: TextRef, in text: [UInt8], scratch: inout Scratch, into arena: inout TextArena
  ) -> TextRef? {
    scratch.text.read(text, value.range)
    scratch.spans.removeAll(keepingCapacity: true)
    findNumbers(&scratch)
    let isSearched = scratch.text.occurrences(of: scratch.names) {
      if scratch.spans.count < Self.maximumSpans {
        scratch.spans.append(Span(range: $0, mask: 0))
      }
    }
    guard isSearched, scratch.spans.count < Self.maximumSpans else { return .absent }
    guard !scratch.spans.isEmpty else { return nil }
    let start = arena.count
    write(text, scratch.text, Self.merged(&scratch.spans), into: &arena)
    // A mask keeps part of what it hides; for a name of one character that may be the whole name.
    scratch.text.read(arena, start..<arena.count)
    var isClean = true
    let isSearchedAgain = scratch.text.occurrences(of: scratch.names) { _ in isClean = false }
    guard isClean, isSearchedAgain else {
      arena.removeLast(arena.count - start)
      return .absent
    }
    return arena.text(from: start)
  }

  private func write(
    _ text: [UInt8], _ folded: FoldedText, _ spans: [Span], into arena: inout TextArena
  ) {
    var next = 0
    for span in spans {
      arena.append(contentsOf: text[folded.offsets[next]..<folded.offsets[span.range.lowerBound]])
      let bytes = folded.offsets[span.range.lowerBound]..<folded.offsets[span.range.upperBound]
      _ = masks[span.mask].writeOne(bytes, in: text, day: nil, into: &arena)
      next = span.range.upperBound
    }
    arena.append(contentsOf: text[folded.offsets[next]..<folded.offsets[folded.scalars.count]])
  }

  /// Spans in order; those that overlap become one.
  private static func merged(_ spans: inout [Span]) -> [Span] {
    spans.sort { left, right in
      if left.range.lowerBound != right.range.lowerBound {
        return left.range.lowerBound < right.range.lowerBound
      }
      return left.range.upperBound > right.range.upperBound
    }
    var result: [Span] = []
    for span in spans {
      guard let last = result.last, span.range.lowerBound < last.range.upperBound else {
        result.append(span)
        continue
      }
      let end = max(last.range.upperBound, span.range.upperBound)
      result[result.count - 1].range = last.range.lowerBound..<end
    }
    return result
  }

  // MARK: Numbers

  private static func isDigit(_ scalar: UInt32) -> Bool { scalar >= 48 && scalar <= 57 }

  /// Finds runs of digits, which separators may part into groups.
  private func findNumbers(_ scratch: inout Scratch) {
    let scalars = scratch.text.scalars
    var index = 0
    while index < scalars.count {
      guard Self.isDigit(scalars[index]) else {
        index += 1
        continue
      }
      scratch.groups.removeAll(keepingCapacity: true)
      while index < scalars.count, Self.isDigit(scalars[index]) {
        let start = index
        while index < scalars.count, Self.isDigit(scalars[index]) { index += 1 }
        scratch.groups.append(start..<index)
        var ahead = index
        while ahead < scalars.count, ahead - index < Self.maximumGap,
          separators.contains(scalars[ahead]) || FoldedText.isIgnored(scalars[ahead])
            || (scalars[ahead] == 0x2F && index - start < Self.wholeNumber)
        {
          ahead += 1
        }
        if ahead < scalars.count, Self.isDigit(scalars[ahead]) { index = ahead }
      }
      judge(scratch.groups, scratch.text, &scratch.spans)
    }
  }

  /// From each group on, the longest sequence of groups that is a number of some form.
  private func judge(_ groups: [Range<Int>], _ text: FoldedText, _ spans: inout [Span]) {
    var first = 0
    while first < groups.count {
      var taken = first + 1
      // A table of figures may be thousands of groups: no more of them are tried than a number can have.
      var end = first
      var count = 0
      while end < groups.count, count + groups[end].count <= longestNumber {
        count += groups[end].count
        end += 1
      }
      for last in stride(from: end - 1, through: first, by: -1) {
        guard let span = span(groups[first...last], text) else { continue }
        spans.append(span)
        taken = last + 1
        break
      }
      first = taken
    }
  }

  private func span(_ groups: ArraySlice<Range<Int>>, _ text: FoldedText) -> Span? {
    guard let first = groups.first, let last = groups.last else { return nil }
    let count = groups.reduce(0) { $0 + $1.count }
    let end = last.upperBound
    let hasX = end < text.scalars.count && text.scalars[end] == 0x78
    for form in forms {
      let isWhole = form.digits.contains(count)
      let isWithX = form.mayEndInX && hasX && form.digits.contains(count + 1)
      guard isWhole || isWithX, begins(form, groups, text),
        follows(form, first.lowerBound, text)
      else { continue }
      return Span(range: first.lowerBound..<(isWithX ? end + 1 : end), mask: form.mask)
    }
    return nil
  }

  private func begins(_ form: Form, _ groups: ArraySlice<Range<Int>>, _ text: FoldedText) -> Bool {
    if form.begins.isEmpty { return true }
    let digits = groups.lazy.joined().prefix(8).map { text.scalars[$0] }
    return form.begins.contains { digits.starts(with: $0) }
  }

  private func follows(_ form: Form, _ start: Int, _ text: FoldedText) -> Bool {
    if form.after.isEmpty { return true }
    let before = text.scalars[max(0, start - Self.wordDistance)..<start]
    return form.after.contains { word in
      before.indices.contains { before[$0...].starts(with: word) }
    }
  }
}
