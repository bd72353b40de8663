import Catalog
import Records

/// Kernels that make truths.
extension ExpressionMachine {
  /// Tests every present value.
  @inline(__always)
  func test(
    _ operand: Program.NumberOperand, _ slot: Int, _ scratch: inout ExpressionScratch,
    _ body: (Int64) -> Bool
  ) {
    guard case .column(let values, let states) = number(operand, scratch) else {
      writeScalar(number(operand, scratch), slot, &scratch, body)
      return
    }
    writeTruths(slot, &scratch) { out, count in
      precondition(values.count >= count && states.count >= count && out.count >= count)
      for row in 0..<count {
        out[row] = states[row] == .present ? Truth(body(values[row])) : .unknown
      }
    }
  }

  private func writeScalar(
    _ input: NumberInput, _ slot: Int, _ scratch: inout ExpressionScratch,
    _ body: (Int64) -> Bool
  ) {
    var truth = Truth.unknown
    if case .scalar(let value) = input { truth = Truth(body(value)) }
    writeTruths(slot, &scratch) { out, count in for row in 0..<count { out[row] = truth } }
  }

  func compare(
    _ left: Program.NumberOperand, _ sign: Program.Comparison, _ right: Program.NumberOperand,
    _ slot: Int, _ scratch: inout ExpressionScratch
  ) {
    switch (number(left, scratch), number(right, scratch)) {
    case (_, .scalar(let value)): compare(left, sign, value, slot, &scratch)
    case (.scalar(let value), _): compare(right, sign.mirrored, value, slot, &scratch)
    case (.null, _), (_, .null):
      writeTruths(slot, &scratch) { out, count in for row in 0..<count { out[row] = .unknown } }
    case (.column(let a, let aStates), .column(let b, let bStates)):
      switch sign {
      case .less: compare(a, aStates, b, bStates, slot, &scratch) { $0 < $1 }
      case .lessOrEqual: compare(a, aStates, b, bStates, slot, &scratch) { $0 <= $1 }
      case .equal: compare(a, aStates, b, bStates, slot, &scratch) { $0 == $1 }
      case .notEqual: compare(a, aStates, b, bStates, slot, &scratch) { $0 != $1 }
      case .greaterOrEqual: compare(a, aStates, b, bStates, slot, &scratch) { $0 >= $1 }
      case .greater: compare(a, aStates, b, bStates, slot, &scratch) { $0 > $1 }
      }
    }
  }

  private func compare(
    _ left: Program.NumberOperand, _ sign: Program.Comparison, _ bound: Int64, _ slot: Int,
    _ scratch: inout ExpressionScratch
  ) {
    switch sign {
    case .less: test(left, slot, &scratch) { $0 < bound }
    case .lessOrEqual: test(left, slot, &scratch) { $0 <= bound }
    case .equal: test(left, slot, &scratch) { $0 == bound }
    case .notEqual: test(left, slot, &scratch) { $0 != bound }
    case .greaterOrEqual: test(left, slot, &scratch) { $0 >= bound }
    case .greater: test(left, slot, &scratch) { $0 > bound }
    }
  }

  @inline(__always)
  private func compare(
    _ a: [Int64], _ aStates: [ValueState], _ b: [Int64], _ bStates: [ValueState], _ slot: Int,
    _ scratch: inout ExpressionScratch, _ body: (Int64, Int64) -> Bool
  ) {
    writeTruths(slot, &scratch) { out, count in
      precondition(a.count >= count && aStates.count >= count && out.count >= count)
      precondition(b.count >= count && bStates.count >= count)
      for row in 0..<count {
        let isKnown = aStates[row] == .present && bStates[row] == .present
        out[row] = isKnown ? Truth(body(a[row], b[row])) : .unknown
      }
    }
  }

  func code(
    _ operand: Program.NumberOperand, _ outcomes: [Truth], _ slot: Int,
    _ scratch: inout ExpressionScratch
  ) {
    guard case .column(let values, let states) = number(operand, scratch) else {
      writeTruths(slot, &scratch) { out, count in for row in 0..<count { out[row] = .unknown } }
      return
    }
    writeTruths(slot, &scratch) { out, count in
      precondition(values.count >= count && states.count >= count && out.count >= count)
      for row in 0..<count {
        let index = values[row] &+ 1
        let isListed = index >= 0 && index < Int64(outcomes.count)
        out[row] =
          states[row] == .present ? outcomes[isListed ? Int(index) : 0] : .unknown
      }
    }
  }

  func present(
    _ operand: Program.TextOperand, _ isPresent: Bool, _ slot: Int,
    _ scratch: inout ExpressionScratch
  ) {
    let states = text(operand, scratch).states
    writeTruths(slot, &scratch) { out, count in
      for row in 0..<count {
        let isNull = states.isEmpty || states[row] == .null
        out[row] = Truth(isNull != isPresent)
      }
    }
  }

  // MARK: Chains

  /// What is known about a chain so far, by record.
  private enum Chain {
    /// How strict the step to the next member is: equal, not strict, strict.
    static let strictness: UInt8 = 0b11
    static let hasLast: UInt8 = 1 << 2
    static let lastIsDateTime: UInt8 = 1 << 3
    static let isTested: UInt8 = 1 << 4
    static let isBroken: UInt8 = 1 << 5
    /// A member that is not the same for all records took part.
    static let isVariable: UInt8 = 1 << 6

    static func strictness(_ sign: Program.Comparison) -> UInt8 {
      switch sign {
      case .less, .greater: 2
      case .lessOrEqual, .greaterOrEqual: 1
      case .equal, .notEqual: 0
      }
    }
  }

  func chain(
    _ links: [Program.Link], _ signs: [Program.Comparison], _ slot: Int,
    _ scratch: inout ExpressionScratch
  ) {
    scratch.prepareChain(count)
    let falls = signs.contains { $0 == .greater || $0 == .greaterOrEqual }
    let isMixed = links.contains(where: \.isDateTime) && !links.allSatisfy(\.isDateTime)
    var last: [Int64] = []
    var flags: [UInt8] = []
    swap(&last, &scratch.last)
    swap(&flags, &scratch.flags)
    for row in 0..<count { flags[row] = 0 }
    for (index, link) in links.enumerated() {
      let member = column(link.operand, scratch)
      let step = index == 0 ? 0 : Chain.strictness(signs[index - 1])
      switch (isMixed, falls) {
      case (false, false): pass(member, link, step, &last, &flags) { $0 < $1 }
      case (false, true): pass(member, link, step, &last, &flags) { $0 > $1 }
      case (true, let falls):
        passMixed(member, link, step, &last, &flags) { falls ? $0 > $1 : $0 < $1 }
      }
    }
    writeTruths(slot, &scratch) { out, count in
      precondition(flags.count >= count && out.count >= count)
      for row in 0..<count { out[row] = Self.outcome(flags[row]) }
    }
    swap(&last, &scratch.last)
    swap(&flags, &scratch.flags)
  }

  /// Takes one member of a chain into account. A null member is skipped, and the steps around it
  /// become one, as strict as the stricter of them.
  @inline(__always)
  private func pass(
    _ member: (values: [Int64], states: [ValueState]), _ link: Program.Link, _ step: UInt8,
    _ last: inout [Int64], _ flags: inout [UInt8], _ precedes: (Int64, Int64) -> Bool
  ) {
    let (values, states) = member
    precondition(values.count >= count && states.count >= count)
    precondition(last.count >= count && flags.count >= count)
    let taken = Chain.hasLast | (link.isConstant ? 0 : Chain.isVariable)
    for row in 0..<count {
      let known = flags[row]
      let strictness = max(known & Chain.strictness, step)
      let (a, b) = (last[row], values[row])
      let isPresent = states[row] == .present
      // Without branches: what is null is as hard to foresee as what is true.
      let isTested = known & Chain.hasLast != 0
      let holds = (precedes(a, b) && strictness != 0) || (a == b && strictness != 2)
      let tested = Chain.isTested | (holds ? 0 : Chain.isBroken)
      let next = known & ~Chain.strictness | taken | (isTested ? tested : 0)
      flags[row] = isPresent ? next : known & ~Chain.strictness | strictness
      last[row] = isPresent ? b : a
    }
  }

  /// As ``pass``, for a chain of dates and date-times; a pair of both is compared by the day.
  private func passMixed(
    _ member: (values: [Int64], states: [ValueState]), _ link: Program.Link, _ step: UInt8,
    _ last: inout [Int64], _ flags: inout [UInt8], _ precedes: (Int64, Int64) -> Bool
  ) {
    let (values, states) = member
    precondition(values.count >= count && states.count >= count)
    precondition(last.count >= count && flags.count >= count)
    let taken =
      Chain.hasLast | (link.isConstant ? 0 : Chain.isVariable)
      | (link.isDateTime ? Chain.lastIsDateTime : 0)
    for row in 0..<count {
      let known = flags[row]
      let strictness = max(known & Chain.strictness, step)
      guard states[row] == .present else {
        flags[row] = known & ~Chain.strictness | strictness
        continue
      }
      var next = known & ~(Chain.strictness | Chain.lastIsDateTime) | taken
      if known & Chain.hasLast != 0 {
        var (a, b) = (last[row], values[row])
        if (known & Chain.lastIsDateTime != 0) != link.isDateTime {
          if link.isDateTime { b = Self.day(b) } else { a = Self.day(a) }
        }
        let holds = (precedes(a, b) && strictness != 0) || (a == b && strictness != 2)
        next |= holds ? Chain.isTested : Chain.isTested | Chain.isBroken
      }
      last[row] = values[row]
      flags[row] = next
    }
  }

  @inline(__always)
  private static func outcome(_ flags: UInt8) -> Truth {
    let needed = Chain.isTested | Chain.isVariable
    guard flags & needed == needed else { return .unknown }
    return Truth(flags & Chain.isBroken == 0)
  }

  func chain(
    _ texts: [Program.TextOperand], _ isConstant: [Bool], _ signs: [Program.Comparison],
    _ slot: Int, _ scratch: inout ExpressionScratch
  ) {
    let inputs = texts.map { text($0, scratch) }
    let falls = signs.contains { $0 == .greater || $0 == .greaterOrEqual }
    writeTruths(slot, &scratch) { out, count in
      for row in 0..<count {
        var known: UInt8 = 0
        var last = 0
        for index in inputs.indices {
          let step = index == 0 ? 0 : Chain.strictness(signs[index - 1])
          if known & Chain.strictness < step { known = known & ~Chain.strictness | step }
          guard inputs[index].isPresent(row) else { continue }
          if known & Chain.hasLast != 0 {
            let (a, b) = (inputs[last], inputs[index])
            let order = TextKernels.order(
              a.ref(row), a.arena.span, b.ref(row), b.arena.span)
            let rise = falls ? -order : order
            let strictness = known & Chain.strictness
            let holds = strictness == 0 ? rise == 0 : strictness == 1 ? rise <= 0 : rise < 0
            known |= holds ? Chain.isTested : Chain.isTested | Chain.isBroken
          }
          last = index
          known = known & ~Chain.strictness | Chain.hasLast
          if !isConstant[index] { known |= Chain.isVariable }
        }
        out[row] = Self.outcome(known)
      }
    }
  }

  // MARK: Logic

  @inline(__always)
  /// - Parameter operands: Two or more.
  func combine(
    _ operands: [Int], _ slot: Int, _ scratch: inout ExpressionScratch,
    _ body: (Truth, Truth) -> Truth
  ) {
    let (first, second) = (scratch.truths[operands[0]], scratch.truths[operands[1]])
    writeTruths(slot, &scratch) { out, count in
      precondition(first.count >= count && second.count >= count && out.count >= count)
      for row in 0..<count { out[row] = body(first[row], second[row]) }
    }
    for operand in operands.dropFirst(2) {
      let next = scratch.truths[operand]
      writeTruths(slot, &scratch) { out, count in
        precondition(next.count >= count && out.count >= count)
        for row in 0..<count { out[row] = body(out[row], next[row]) }
      }
    }
  }

  // MARK: Other records

  func gatherNumbers(
    _ column: Int, _ side: Program.Side, _ slot: Int, _ scratch: inout ExpressionScratch
  ) {
    guard let (source, rows) = source(side) else { return }
    let (numbers, inputStates) = (source.columns[column].numbers, source.columns[column].states)
    let count = count
    writeNumbers(slot, &scratch) { values, states in
      for pair in 0..<count {
        values[pair] = numbers[Int(rows[pair])]
        states[pair] = inputStates[Int(rows[pair])]
      }
    }
  }

  private func source(_ side: Program.Side) -> (ElementChunk, [Int32])? {
    guard count > 0 else { return nil }
    switch side {
    case .own: return (chunk, ownRows)
    case .other: return other.map { ($0, otherRows) }
    }
  }

  func gatherTexts(
    _ column: Int, _ side: Program.Side, _ slot: Int, _ scratch: inout ExpressionScratch
  ) {
    guard let (source, rows) = source(side) else { return }
    let (texts, inputStates) = (source.columns[column].texts, source.columns[column].states)
    let count = count
    writeTexts(slot, &scratch) { out in
      out.arena = source.text
      for pair in 0..<count {
        out.refs[pair] = texts[Int(rows[pair])]
        out.states[pair] = inputStates[Int(rows[pair])]
      }
    }
  }

  func gatherValues(_ slot: Int, _ scratch: inout ExpressionScratch) {
    let (values, count, arena) = (values, count, chunk.text)
    writeTexts(slot, &scratch) { out in
      out.arena = arena
      for pair in 0..<count {
        out.refs[pair] = values[pair]
        out.states[pair] = .present
      }
    }
  }

  /// Pairs that are judged at once. A key that many records share has as many pairs as the square of them.
  private static let pairsAtOnce = 1 << 16

  /// Pairs of probe and candidate.
  private struct Pairs {
    var probes: [Int] = []
    var own: [Int32] = []
    var others: [Int32] = []
    var values: [TextRef] = []

    mutating func removeAll() {
      probes.removeAll(keepingCapacity: true)
      own.removeAll(keepingCapacity: true)
      others.removeAll(keepingCapacity: true)
      values.removeAll(keepingCapacity: true)
    }
  }

  /// Calls `take` with each probe and the residual condition of a reference for each of its candidates.
  private mutating func judge(
    _ index: Int, _ scratch: inout ExpressionScratch, _ take: (Int, Truth) -> Void
  ) {
    let found = candidates[index]
    guard let residual = references[index].residual else {
      for probe in 0..<found.probes.count {
        for _ in 0..<found.count(of: probe) { take(probe, .true) }
      }
      return
    }
    if scratch.nested.isEmpty { scratch.nested.append(ExpressionScratch()) }
    var pairs = Pairs()
    for probe in 0..<found.probes.count {
      let (own, value) = (found.probes.rows[probe], found.probes.values[probe])
      found.forEach(of: probe) { other in
        pairs.probes.append(probe)
        pairs.own.append(own)
        pairs.others.append(other)
        pairs.values.append(value)
        if pairs.own.count == Self.pairsAtOnce {
          judge(&pairs, residual, found, &scratch.nested[0], take)
        }
      }
    }
    judge(&pairs, residual, found, &scratch.nested[0], take)
  }

  private mutating func judge(
    _ pairs: inout Pairs, _ residual: Program, _ found: ReferenceCandidates,
    _ scratch: inout ExpressionScratch, _ take: (Int, Truth) -> Void
  ) {
    guard !pairs.own.isEmpty else { return }
    var machine = ExpressionMachine(chunk: chunk, context: context)
    machine.pair(pairs.own, with: pairs.others, of: found.records, values: pairs.values)
    machine.run(residual, &scratch)
    scratch.release()
    report.add(machine.report)
    for (pair, probe) in pairs.probes.enumerated() {
      take(probe, scratch.truths[residual.result][pair])
    }
    pairs.removeAll()
  }

  /// True if some (for `every`: for each value some) candidate fits, unknown if a key is null.
  mutating func exists(_ index: Int, _ slot: Int, _ scratch: inout ExpressionScratch) {
    let found = candidates[index]
    var truths = [Truth](repeating: .false, count: found.probes.count)
    judge(index, &scratch) { truths[$0] = truths[$0].or($1) }
    let isEvery = references[index].kind.isEvery
    writeTruths(slot, &scratch) { out, count in
      for row in 0..<count { out[row] = .unknown }
      for row in found.probes.applicable { out[Int(row)] = .true }
      for row in found.probes.incomplete where isEvery { out[Int(row)] = .unknown }
      var previous: Int32 = -1
      for probe in 0..<found.probes.count {
        let row = Int(found.probes.rows[probe])
        if isEvery {
          out[row] = out[row].and(truths[probe])
        } else {
          out[row] =
            found.probes.rows[probe] == previous ? out[row].or(truths[probe]) : truths[probe]
        }
        previous = found.probes.rows[probe]
      }
    }
  }

  mutating func countRecords(_ index: Int, _ slot: Int, _ scratch: inout ExpressionScratch) {
    let found = candidates[index]
    var numbers = [Int64](repeating: 0, count: found.probes.count)
    judge(index, &scratch) { if $1 == .true { numbers[$0] += 1 } }
    let count = count
    writeNumbers(slot, &scratch) { values, states in
      for row in 0..<count { states[row] = .null }
      for probe in 0..<found.probes.count {
        values[Int(found.probes.rows[probe])] = numbers[probe]
        states[Int(found.probes.rows[probe])] = .present
      }
    }
  }
}
