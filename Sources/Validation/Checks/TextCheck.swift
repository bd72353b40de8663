import Catalog
import Records
import Standardization

/// Accuracy of a text: damage (Q28), then representation (Q21), then its identifier or pattern. The
/// first that fails speaks, so that one broken value is not called broken three times.
struct TextCheck: ElementCheck {
  private let column: Int
  private let damageContext: DamageContext
  private let isMultiValued: Bool
  private let damageCheck: Int
  private let representation: RepresentationTest?
  private let identifier: IdentifierTest?
  private let pattern: PatternTest?

  /// - Returns: nil for elements that are no text: coded, dated, numeric.
  init?(
    _ element: DataElement, column: Int, _ setup: CheckSetup, _ registry: inout CheckRegistry
  ) throws {
    guard element.codeList == nil, case .text = element.representation else { return nil }
    self.column = column
    isMultiValued = element.isMultiValued
    damageContext = element.isName ? .name : element.hasIdentifierForm ? .identifier : .text
    damageCheck = registry.add(
      element, .q28, "damage", chinese: "未损坏的文字", english: "text that is not damaged")
    representation = RepresentationTest(element, &registry)
    identifier = IdentifierTest(element, setup, &registry)
    pattern = try PatternTest(element, &registry)
  }

  func run(_ chunk: borrowing ElementChunk, _ scope: CheckScope, _ findings: inout [Finding]) {
    for row in 0..<chunk.recordCount
    where chunk.columns[column].states[row] == .present && !scope.isSkipped[row] {
      let ref = chunk.columns[column].texts[row]
      if let check = failure(chunk, row, ref, scope) {
        findings.append(Finding(row: row, check: check, value: ref))
      }
    }
  }

  /// Index of the description of what is wrong; nil if nothing is.
  private func failure(
    _ chunk: borrowing ElementChunk, _ row: Int, _ ref: TextRef, _ scope: CheckScope
  ) -> Int? {
    let text = chunk.text.span.extracting(ref.range)
    guard isMultiValued else {
      if damage(in: text, as: damageContext) != nil { return damageCheck }
      return failure(text, 0..<text.count, chunk, row, scope)
    }
    if isAnyDamaged(text) { return damageCheck }
    var start = 0
    for index in text.indices where text[index] == UInt8(ascii: ";") {
      if let check = failure(text, start..<index, chunk, row, scope) { return check }
      start = index + 1
    }
    return failure(text, start..<text.count, chunk, row, scope)
  }

  /// Judges each of several values by itself: what is damage at the beginning or in the whole of a
  /// value is none in the middle of a list, and sound values together may look damaged.
  private func isAnyDamaged(_ values: Span<UInt8>) -> Bool {
    var start = 0
    for index in values.indices where values[index] == UInt8(ascii: ";") {
      if damage(in: values.extracting(start..<index), as: damageContext) != nil { return true }
      start = index + 1
    }
    return damage(in: values.extracting(start..<values.count), as: damageContext) != nil
  }

  private func failure(
    _ text: Span<UInt8>, _ range: Range<Int>, _ chunk: borrowing ElementChunk, _ row: Int,
    _ scope: CheckScope
  ) -> Int? {
    let value = text.extracting(range)
    if let representation, !representation.fits(value) {
      // What a spreadsheet did to an identifier says more than that its length is wrong.
      if let identifier, let check = identifier.failure(value, chunk, row, scope),
        identifier.isDamage(check)
      {
        return check
      }
      return representation.check
    }
    if let identifier { return identifier.failure(value, chunk, row, scope) }
    if let pattern, !pattern.fits(value) { return pattern.check }
    return nil
  }
}

/// What the checks of a category are compiled from.
struct CheckSetup {
  let catalog: Catalog
  let category: Category
  let divisions: DivisionTable
}
