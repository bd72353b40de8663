package import Catalog
package import Records

/// Turns the records of one export into the data elements of a category: width, null spellings,
/// dates, amounts, labels and several values (design.md, stage ③).
///
/// Compiled once per delivery from the catalog, the adapter and the file's header; then a pure function
/// from chunk to chunk. Every change of a value is kept as a ``ValueChange``. Invisible edges (white
/// space, a tab, Excel's apostrophe and `="…"`) belong to the export's form and not to the value: they
/// are taken off without a change.
package struct Standardizer: Sendable {
  package let category: Category
  let plans: [ColumnPlan]
  let moves: [CompiledMove]
  /// Columns that only moves fill; nothing else would take out what an earlier chunk left there.
  private let movedOnly: [Int]

  /// Conversions that only some records need (natural persons, semantics.md §4), by column.
  struct CompiledMove: Sendable {
    var from: Int
    var to: Int
    var condition: Int
    var codes: Set<Int64>
  }

  /// - Parameters:
  ///   - columns: For every mapping of the adapter, the column of the file that it found; nil where the
  ///     file has none.
  ///   - values: Canonical text by element for elements that the delivery supplies itself.
  ///   - only: Identifiers of the elements to standardize; nil for all.
  ///   - isCanonical: The values are in canonical text already (``CanonicalReader``).
  package init(
    catalog: Catalog, category: Category, adapter: SourceAdapter, mapping: CategoryMapping,
    columns: [Int?], values: [String: String], only: Set<String>? = nil, isCanonical: Bool = false
  ) {
    self.category = category
    var plans: [ColumnPlan] = []
    for (index, entry) in category.elements.enumerated() {
      let element = entry.element
      if let only, !only.contains(element.identifier) { continue }
      let found = zip(mapping.columns, columns).filter { $0.0.element == element.identifier }
      let sources = found.compactMap(\.1)
      let supplied = values[element.identifier] ?? mapping.constants[element.identifier]
      guard !sources.isEmpty || supplied != nil else { continue }
      var plan = Self.plan(
        index, element, sources: sources, mappings: found.map(\.0), supplied: supplied, catalog,
        adapter)
      plan.isCanonical = isCanonical
      plans.append(plan)
    }
    self.plans = plans
    let planned = Set(plans.map(\.column))
    let moves = category.moves.compactMap { move -> CompiledMove? in
      guard let from = category.column(of: move.from), let to = category.column(of: move.to),
        let condition = category.column(of: move.element),
        let list = category.elements[condition].element.codeList.flatMap(catalog.codeList),
        planned.isSuperset(of: [from, condition])
      else { return nil }
      let codes = move.codes.compactMap { list.index(of: $0) }.map(Int64.init)
      return CompiledMove(from: from, to: to, condition: condition, codes: Set(codes))
    }
    self.moves = moves
    movedOnly = Set(moves.map(\.to)).subtracting(planned).sorted()
  }

  private static func plan(
    _ index: Int, _ element: DataElement, sources: [Int], mappings: [ColumnMapping],
    supplied: String?, _ catalog: Catalog, _ adapter: SourceAdapter
  ) -> ColumnPlan {
    let list = element.nullSpellings == "default" ? adapter.nullSpellings : element.nullSpellings
    // A word to which the adapter gives a code of its own is a value, also if elsewhere it is none.
    let own = Set(mappings.flatMap(\.codes.keys).map { $0.lowercased() })
    let nulls = catalog.nullSpellings[list]?.filter { !own.contains($0.lowercased()) }
    var plan = ColumnPlan(
      column: index, sources: sources, reader: .of(element, mappings, catalog),
      spelling: .of(element, catalog.industries), folds: element.width == .fold,
      nulls: nulls.map { NullSpellings($0) } ?? .standard, isMultiValued: element.isMultiValued)
    if sources.isEmpty, let supplied { plan.constant = constant(supplied, plan.reader) }
    return plan
  }

  private static func constant(_ text: String, _ reader: ColumnPlan.Reader) -> ColumnPlan.Constant {
    let bytes = Array(text.utf8)
    var number: Int64 = 0
    switch reader {
    case .code(let matcher, _): number = Int64(matcher.index(ofCode: text) ?? -1)
    case .codes(let matcher, _): number = matcher.matchMany(bytes.span).mask
    case .date(let forms):
      if case .date(let day, _) = readDate(bytes.span, forms: forms) { number = Int64(day) }
    case .dateTime(let forms):
      if case .dateTime(let seconds, _, _) = readDateTime(bytes.span, forms: forms) {
        number = seconds
      }
    case .number(let form):
      if case .number(let scaled, _) = readNumber(bytes.span, form: form) { number = scaled }
    case .text: break
    }
    return ColumnPlan.Constant(text: bytes, number: number)
  }

  /// Standardizes the records of `chunk` into `result`.
  ///
  /// The arena of the chunk becomes the result's; the chunk's references stay valid there.
  ///
  /// - Parameters:
  ///   - chunk: Its `text` is taken and left empty.
  ///   - result: A chunk of this category, reused; it has one column per element.
  package func standardize(_ chunk: inout RecordChunk, into result: inout ElementChunk) {
    standardize(&chunk, recordCount: chunk.recordCount, into: &result)
  }

  /// As above, for a chunk whose positions the caller has taken already.
  package func standardize(
    _ chunk: inout RecordChunk, recordCount: Int, into result: inout ElementChunk
  ) {
    result.begin(recordCount: recordCount)
    swap(&chunk.text, &result.text)
    chunk.text.removeAll(keepingCapacity: true)
    for plan in plans {
      var kernel = ColumnKernel(plan: plan, text: [], changes: [])
      swap(&kernel.text, &result.text)
      swap(&kernel.changes, &result.changes)
      kernel.run(chunk, recordCount, into: &result.columns[plan.column])
      swap(&kernel.text, &result.text)
      swap(&kernel.changes, &result.changes)
    }
    for column in movedOnly { result.columns[column].reset(count: recordCount) }
    for move in moves { apply(move, to: &result) }
  }

  /// An empty result of the right shape.
  package func makeResult() -> ElementChunk {
    ElementChunk(
      recordCount: RecordChunk.maximumRecords, columnCount: category.elements.count, text: [])
  }

  /// A value is moved where its place is free, and dropped where the same name stands there already.
  /// Two different names stay as they are: which of them is right is not decided here, and the
  /// validator reports them.
  private func apply(_ move: CompiledMove, to result: inout ElementChunk) {
    for row in 0..<result.recordCount {
      guard result.columns[move.condition].states[row] == .present,
        move.codes.contains(result.columns[move.condition].numbers[row]),
        result.columns[move.from].states[row] == .present
      else { continue }
      let text = result.columns[move.from].texts[row]
      switch result.columns[move.to].states[row] {
      case .null:
        result.columns[move.to].set(row, text, number: result.columns[move.from].numbers[row])
      case .present where isSameName(result.text, text, result.columns[move.to].texts[row]): break
      case .present, .unreadable: continue
      }
      result.columns[move.from].setNull(row)
      result.changes.append(
        ValueChange(row: row, column: move.from, original: text, kind: .moved))
    }
  }

  private func isSameName(_ text: TextArena, _ left: TextRef, _ right: TextRef) -> Bool {
    func spelled(_ ref: TextRef) -> TextArena {
      var name: TextArena = []
      let isChanged = text.withText(ref) { normalizedName($0, into: &name) } != nil
      return isChanged ? name : TextArena(text[ref.range])
    }
    return spelled(left) == spelled(right)
  }
}
