import Catalog
package import Records

/// An `exists`, `count` or `every` clause, split into keys to find records by and what is left.
///
/// Evaluation has three steps, so that the records may come from anywhere: make the probes of a
/// chunk, fetch candidates for all of them at once, evaluate the condition with the candidates.
package struct CompiledReference: Sendable {
  enum Kind: Sendable {
    case exists
    case count
    /// Every value of this element must find a record.
    case every(String)
  }

  /// Category of the records that are looked for.
  package let category: String
  /// Elements of that category which make the key, in the order of the clause; texts or codes.
  /// Empty only if the clause has no equality, then every record is a candidate.
  package let keyElements: [String]
  /// Columns of ``keyElements`` in the category.
  package let keyColumns: [Int]
  /// Index in ``keyElements`` of the one that has several values, if there is one: a record fits if
  /// the probe's text is one of its values (between `;`).
  package let multiValuedKey: Int?
  /// Columns of ``category`` that the condition reads beside the key, ascending.
  package let readColumns: [Int]
  /// By key: the own column that it equates, or nil where the own side is computed. In `every` the
  /// column stands for one of its values.
  package let ownColumns: [Int?]
  let kind: Kind
  let everyColumn: Int?
  let keys: [ExpressionProgram.Texts]
  let keyProgram: ExpressionProgram
  /// What must hold besides the key; nil if the key says it all.
  let residual: ExpressionProgram?

  init(
    kind: Kind, other: Category, condition: Expression.Node, scope: ExpressionScope,
    _ node: Expression.Node
  ) throws(ExpressionError) {
    let clause = ReferenceClause(condition) { name in
      other.column(of: name).map { other.elements[$0].element }
    }
    var every: String?
    if case .every(let name) = kind { every = name }
    everyColumn = every.flatMap { scope.category.column(of: $0) }
    guard every == nil || everyColumn != nil else {
      throw ExpressionError(
        offset: node.offset,
        message: "category \(scope.category.id) does not carry \"\(every ?? "")\"")
    }
    let keyMode: ExpressionCompiler.Mode =
      every == nil ? .records : .pairs(other: nil, every: every)
    var compiler = ExpressionCompiler(scope: scope, mode: keyMode)
    var keys: [ExpressionProgram.Texts] = []
    for key in clause.keys {
      let value = try compiler.value(key.own)
      keys.append(
        ExpressionProgram.Texts(
          operand: try compiler.text(value, key.own), isMultiValued: value.type.isMultiValued))
    }
    let several = keys.count(where: \.isMultiValued)
    let otherSeveral = clause.keys.count(where: \.isMultiValued)
    guard several == 0 || several == 1 && !kind.isCount, otherSeveral <= 1 else {
      throw ExpressionError(
        offset: node.offset, message: "records cannot be found by a many-valued element here")
    }
    self.kind = kind
    self.keys = keys
    category = other.id
    keyElements = clause.keys.map(\.otherElement)
    keyColumns = keyElements.compactMap { other.column(of: $0) }
    multiValuedKey = clause.keys.firstIndex(where: \.isMultiValued)
    readColumns = Set(clause.residual.flatMap(\.otherElements).compactMap { other.column(of: $0) })
      .sorted()
    ownColumns = clause.keys.map { key in
      guard case .element(let name, false, _) = key.own else { return nil }
      return scope.category.column(of: name)
    }
    keyProgram = compiler.program
    residual = try Self.residual(clause.residual, scope, .pairs(other: other, every: every))
  }

  /// Whether the records are counted.
  package var isCount: Bool { kind.isCount }
  /// Whether it is enough to know that there is a record with the key.
  package var asksForExistence: Bool { residual == nil && !kind.isCount }

  private static func residual(
    _ nodes: [Expression.Node], _ scope: ExpressionScope, _ mode: ExpressionCompiler.Mode
  ) throws(ExpressionError) -> ExpressionProgram? {
    guard let first = nodes.first else { return nil }
    var compiler = ExpressionCompiler(scope: scope, mode: mode)
    return try compiler.condition(nodes.count == 1 ? first : .and(nodes, offset: first.offset))
  }

  /// The keys by which other records are looked for, for every record of `chunk`.
  ///
  /// - Complexity: O(records × keys).
  package func probes(
    _ chunk: ElementChunk, context: EvaluationContext, scratch: inout ExpressionScratch
  ) -> ReferenceProbes {
    var machine = ExpressionMachine(chunk: chunk, context: context)
    var probes = ReferenceProbes(keyCount: keys.count)
    if let everyColumn {
      let (rows, values) = Self.values(chunk, everyColumn)
      machine.pair(rows, values: values)
      probes.applicable = Self.distinct(rows)
    }
    machine.run(keyProgram, &scratch)
    let inputs = keys.map { machine.text($0.operand, scratch) }
    let several = keys.firstIndex(where: \.isMultiValued)
    for index in 0..<machine.count {
      let row = everyColumn == nil ? Int32(index) : machine.ownRows[index]
      let value = everyColumn == nil ? TextRef.absent : machine.values[index]
      probes.append(row, value, inputs, several: several, at: index)
    }
    scratch.release()
    return probes
  }

  /// One entry per value of a many-valued column.
  private static func values(_ chunk: ElementChunk, _ column: Int) -> ([Int32], [TextRef]) {
    var rows: [Int32] = []
    var values: [TextRef] = []
    let text = chunk.text.span
    for row in 0..<chunk.recordCount where chunk.columns[column].states[row] == .present {
      var parts = TextParts(chunk.columns[column].texts[row], isMultiValued: true)
      while let part = parts.next(text) {
        rows.append(Int32(row))
        values.append(part)
      }
    }
    return (rows, values)
  }

  private static func distinct(_ rows: [Int32]) -> [Int32] {
    var result: [Int32] = []
    for row in rows where result.last != row { result.append(row) }
    return result
  }
}

extension Expression.Node {
  /// Elements of the other record, in the order of the text.
  fileprivate var otherElements: [String] {
    if case .element(let name, true, _) = self { return [name] }
    return children.flatMap(\.otherElements)
  }
}

extension CompiledReference.Kind {
  var isCount: Bool {
    if case .count = self { return true }
    return false
  }

  var isEvery: Bool {
    if case .every = self { return true }
    return false
  }
}

/// What to look for in another category, for all records of a chunk at once.
///
/// A record makes no probe if its own side of a key is null, and several if it is many-valued.
package struct ReferenceProbes: Sendable {
  /// Own record of each probe, ascending.
  package private(set) var rows: [Int32] = []
  /// By key, then by probe: the text that the key element must have, byte for byte.
  package private(set) var keys: [[TextRef]]
  /// Arena of ``keys``.
  package private(set) var text: TextArena = []

  /// The texts of a probe, in the order of the keys.
  package func texts(_ probe: Int) -> [[UInt8]] {
    keys.map { Array(text[$0[probe].range]) }
  }

  /// The value of `every` by probe, in the arena of the chunk.
  private(set) var values: [TextRef] = []
  /// Own records with a key that is null.
  private(set) var incomplete: [Int32] = []
  /// Own records that have a value for `every` to look at.
  fileprivate(set) var applicable: [Int32] = []

  init(keyCount: Int) { keys = Array(repeating: [], count: keyCount) }

  package var count: Int { rows.count }

  /// Without the probes of records that nobody asks about; what is known of these means nothing then.
  func leaving(_ isLeftOut: [Bool]) -> Self {
    guard rows.contains(where: { isLeftOut[Int($0)] }) else { return self }
    let kept = rows.indices.filter { !isLeftOut[Int(rows[$0])] }
    var result = self
    result.rows = kept.map { rows[$0] }
    result.values = kept.map { values[$0] }
    result.keys = keys.map { key in kept.map { key[$0] } }
    return result
  }

  fileprivate mutating func append(
    _ row: Int32, _ value: TextRef, _ inputs: [ExpressionMachine.TextInput],
    several: Int?, at index: Int
  ) {
    guard inputs.allSatisfy({ $0.isPresent(index) }) else {
      incomplete.append(row)
      return
    }
    var parts = several.map { TextParts(inputs[$0].ref(index), isMultiValued: true) }
    repeat {
      var part: TextRef?
      if let several {
        let input = inputs[several]
        part = parts?.next(input.arena.span)
        if part == nil { return }
      }
      for key in keys.indices {
        let ref = key == several ? part ?? .absent : inputs[key].ref(index)
        let offset = text.count
        text.append(contentsOf: inputs[key].arena[ref.range])
        keys[key].append(text.text(from: offset))
      }
      rows.append(row)
      values.append(value)
    } while several != nil
  }
}

/// Records of another category that fit the keys of ``ReferenceProbes``.
package struct ReferenceCandidates: Sendable {
  let probes: ReferenceProbes
  /// All candidates, with the columns of their category.
  package let records: ElementChunk
  /// The candidates of each probe, as a stretch of ``rows``. Probes of one key share theirs, so that a key that
  /// many records have costs no memory by the square of them.
  private let stretches: [Range<Int32>]
  /// Rows of ``records``.
  private let rows: [Int32]
  /// Of each probe the row of ``records`` that is its own record and no candidate; -1 where there is none.
  private let own: [Int32]

  /// - Parameter own: Empty where no record is its own candidate.
  /// - Precondition: One stretch per probe, within `rows`; an own record stands in its probe's stretch.
  package init(
    probes: ReferenceProbes, records: ElementChunk, stretches: [Range<Int32>], rows: [Int32],
    own: [Int32] = []
  ) {
    precondition(stretches.count == probes.count, "one stretch per probe")
    precondition(own.isEmpty || own.count == probes.count, "one own record per probe")
    precondition(stretches.allSatisfy { $0.upperBound <= rows.count }, "stretches lie in rows")
    self.probes = probes
    self.records = records
    self.stretches = stretches
    self.rows = rows
    self.own = own.isEmpty ? Array(repeating: -1, count: probes.count) : own
  }

  /// How many candidates a probe has.
  func count(of probe: Int) -> Int { stretches[probe].count - (own[probe] < 0 ? 0 : 1) }

  /// Calls `body` with the row of ``records`` of each candidate of a probe.
  @inline(__always)
  func forEach(of probe: Int, _ body: (Int32) -> Void) {
    for place in stretches[probe] where rows[Int(place)] != own[probe] { body(rows[Int(place)]) }
  }

  /// Probes of an own record, and whether each found a candidate.
  func probes(of row: Int) -> [(probe: Int, isFound: Bool)] {
    var low = 0
    var high = probes.rows.count
    while low < high {
      let middle = (low + high) / 2
      if Int(probes.rows[middle]) < row { low = middle + 1 } else { high = middle }
    }
    var result: [(probe: Int, isFound: Bool)] = []
    while low < probes.rows.count, Int(probes.rows[low]) == row {
      result.append((low, count(of: low) > 0))
      low += 1
    }
    return result
  }
}

/// Finds records of other categories by key.
///
/// A record whose key element is null or unreadable fits no probe. A record is never a candidate
/// for itself or for another version of itself; who looks it up knows which those are.
package protocol RecordLookup {
  /// The records of `reference.category` whose key elements have exactly the texts of the probes.
  ///
  /// - Throws: Whatever keeps the records from being read.
  func candidates(
    for reference: CompiledReference, probes: ReferenceProbes
  ) throws -> ReferenceCandidates
}

/// Records of all categories in memory, for worked cases.
package struct InMemoryRecordLookup: RecordLookup, Sendable {
  /// Records by category.
  package var records: [String: ElementChunk]

  package init(records: [String: ElementChunk] = [:]) { self.records = records }

  package func candidates(
    for reference: CompiledReference, probes: ReferenceProbes
  ) -> ReferenceCandidates {
    let chunk =
      records[reference.category] ?? ElementChunk(recordCount: 0, columnCount: 0, text: [])
    var rowsByKey: [[ArraySlice<UInt8>]: [Int32]] = [:]
    for row in 0..<chunk.recordCount {
      for key in Self.keys(of: row, chunk, reference) {
        rowsByKey[key, default: []].append(Int32(row))
      }
    }
    var stretches: [Range<Int32>] = []
    var rows: [Int32] = []
    for probe in 0..<probes.count {
      let first = Int32(rows.count)
      rows += rowsByKey[probes.keys.map { probes.text[$0[probe].range] }] ?? []
      stretches.append(first..<Int32(rows.count))
    }
    return ReferenceCandidates(probes: probes, records: chunk, stretches: stretches, rows: rows)
  }

  /// The keys under which a record is found; none if an element of the key has no value.
  private static func keys(
    of row: Int, _ chunk: ElementChunk, _ reference: CompiledReference
  ) -> Set<[ArraySlice<UInt8>]> {
    let columns = reference.keyColumns.map { chunk.columns[$0] }
    guard columns.allSatisfy({ $0.states[row] == .present }) else { return [] }
    let key = columns.map { chunk.text[$0.texts[row].range] }
    guard let several = reference.multiValuedKey else { return [key] }
    let values = key[several].split(separator: UInt8(ascii: ";"))
    return Set(
      values.map { value in
        var single = key
        single[several] = value
        return single
      })
  }
}
