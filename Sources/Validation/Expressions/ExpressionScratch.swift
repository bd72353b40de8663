import Records

/// Buffers of evaluations. One per worker, for all its conditions; after the first chunks nothing
/// is allocated any more.
package struct ExpressionScratch: Sendable {
  struct Numbers: Sendable {
    var values: [Int64] = []
    var states: [ValueState] = []

    mutating func resize(_ count: Int) {
      if values.count < count {
        values.append(contentsOf: repeatElement(0, count: count - values.count))
        states.append(contentsOf: repeatElement(.null, count: count - states.count))
      }
    }
  }

  struct Texts: Sendable {
    var refs: [TextRef] = []
    var states: [ValueState] = []
    /// What ``refs`` refer to; borrowed for one evaluation.
    var arena: TextArena = []
    /// Memory for texts that are made.
    var made: TextArena = []

    mutating func resize(_ count: Int) {
      if refs.count < count {
        refs.append(contentsOf: repeatElement(.absent, count: count - refs.count))
        states.append(contentsOf: repeatElement(.null, count: count - states.count))
      }
    }
  }

  var numbers: [Numbers] = []
  var texts: [Texts] = []
  var truths: [[Truth]] = []
  /// Last member of a chain, and what is known about the chain, by record.
  var last: [Int64] = []
  var flags: [UInt8] = []
  /// Buffers of the clauses about other records.
  var nested: [ExpressionScratch] = []

  package init() {}

  mutating func prepare(_ program: ExpressionProgram, _ count: Int) {
    while numbers.count < program.numberSlots { numbers.append(Numbers()) }
    while texts.count < program.textSlots { texts.append(Texts()) }
    while truths.count < program.truthSlots { truths.append([]) }
    for slot in 0..<program.numberSlots { numbers[slot].resize(count) }
    for slot in 0..<program.textSlots { texts[slot].resize(count) }
    for slot in 0..<program.truthSlots where truths[slot].count < count {
      truths[slot].append(contentsOf: repeatElement(.unknown, count: count - truths[slot].count))
    }
  }

  mutating func prepareChain(_ count: Int) {
    guard last.count < count else { return }
    last.append(contentsOf: repeatElement(0, count: count - last.count))
    flags.append(contentsOf: repeatElement(0, count: count - flags.count))
  }

  /// Lets go of the chunk's memory, so that its owner may change it without a copy.
  mutating func release() {
    for slot in texts.indices where !texts[slot].arena.isEmpty { texts[slot].arena = [] }
  }
}
