import Catalog
import Records

/// Runs an ``ExpressionProgram`` over the records of a chunk, or over pairs of records.
///
/// ADVICE FOR HACKERS: inputs are taken as arrays (a retain, never a copy) and the output buffer is
/// swapped out of the scratch while a kernel runs, so that writing to it never copies.
struct ExpressionMachine {
  typealias Program = ExpressionProgram

  /// A column of numbers, or one number for all records.
  enum NumberInput {
    case column(values: [Int64], states: [ValueState])
    case scalar(Int64)
    case null
  }

  /// A column of texts, or one text for all records.
  struct TextInput {
    var refs: [TextRef] = []
    var states: [ValueState] = []
    var arena: TextArena
    /// The text of a constant.
    var constant: TextRef?
    var isNull = false

    @inline(__always)
    func isPresent(_ row: Int) -> Bool {
      constant != nil || !isNull && states[row] == .present
    }

    @inline(__always)
    func ref(_ row: Int) -> TextRef { constant ?? refs[row] }
  }

  let chunk: ElementChunk
  let context: EvaluationContext
  var references: [CompiledReference] = []
  var candidates: [ReferenceCandidates] = []
  /// Records or pairs.
  private(set) var count: Int
  private(set) var ownRows: [Int32] = []
  private(set) var otherRows: [Int32] = []
  private(set) var other: ElementChunk?
  /// The value that `every` looks at, by pair, in the arena of ``chunk``.
  private(set) var values: [TextRef] = []
  var report = EvaluationReport()

  init(chunk: ElementChunk, context: EvaluationContext) {
    self.chunk = chunk
    self.context = context
    count = chunk.recordCount
  }

  /// Makes the machine run over pairs instead of records.
  mutating func pair(
    _ rows: [Int32], with otherRows: [Int32] = [], of other: ElementChunk? = nil,
    values: [TextRef]
  ) {
    ownRows = rows
    self.otherRows = otherRows
    self.other = other
    self.values = values
    count = rows.count
  }

  /// Runs all instructions. Texts stay borrowed until ``ExpressionScratch/release()``.
  mutating func run(_ program: Program, _ scratch: inout ExpressionScratch) {
    scratch.prepare(program, count)
    for instruction in program.instructions { execute(instruction, &scratch) }
  }

  private mutating func execute(
    _ instruction: Program.Instruction, _ scratch: inout ExpressionScratch
  ) {
    switch instruction {
    case .gatherNumbers(let column, let side, let slot):
      gatherNumbers(column, side, slot, &scratch)
    case .gatherTexts(let column, let side, let slot): gatherTexts(column, side, slot, &scratch)
    case .gatherValues(let slot): gatherValues(slot, &scratch)
    case .fill(let operand, let slot): fill(operand, slot, &scratch)
    case .arithmetic(let left, let sign, let right, let slot):
      arithmetic(left, sign, right, slot, &scratch)
    case .divide(let left, let right, let factor, let slot):
      divide(left, right, factor, slot, &scratch)
    case .scale(let operand, let factor, let slot):
      mapNumbers(operand, slot, &scratch) { value in
        let (product, isOverflow) = value.multipliedReportingOverflow(by: factor)
        return isOverflow ? nil : product
      }
    case .absolute(let operand, let slot):
      mapNumbers(operand, slot, &scratch) { $0 == .min ? nil : abs($0) }
    case .ceiling(let operand, let unit, let slot):
      mapNumbers(operand, slot, &scratch) { value in
        value / unit + (value % unit > 0 ? 1 : 0)
      }
    case .fallback(let left, let right, let slot): fallback(left, right, slot, &scratch)
    case .days(let operand, let slot):
      mapNumbers(operand, slot, &scratch) { Self.day($0) }
    default: executeDates(instruction, &scratch)
    }
  }

  private mutating func executeDates(
    _ instruction: Program.Instruction, _ scratch: inout ExpressionScratch
  ) {
    switch instruction {
    case .year(let operand, let slot):
      mapNumbers(operand, slot, &scratch) { day in
        Self.isInCalendar(day) ? Int64(CivilDate(dayNumber: Int(day)).year) : nil
      }
    case .addMonths(let start, let months, let isDateTime, let slot):
      addMonths(start, months, isDateTime, slot, &scratch)
    case .addWorkdays(let start, let number, let slot):
      addWorkdays(start, number, slot, &scratch)
    case .workdays(let from, let to, let slot): workdays(from, to, slot, &scratch)
    case .substring(let texts, let from, let length, let slot):
      substring(texts, from, length, slot, &scratch)
    case .normalized(let text, let slot): normalized(text, slot, &scratch)
    case .textFallback(let left, let right, let slot): fallback(left, right, slot, &scratch)
    case .length(let text, let slot):
      measure(text, slot, &scratch) { ref, arena in TextKernels.length(ref, arena) }
    case .countDistinct(let text, let slot):
      measure(text, slot, &scratch) { ref, arena in TextKernels.distinctParts(ref, arena) }
    default: executeConditions(instruction, &scratch)
    }
  }

  private mutating func executeConditions(
    _ instruction: Program.Instruction, _ scratch: inout ExpressionScratch
  ) {
    switch instruction {
    case .truth(let truth, let slot):
      writeTruths(slot, &scratch) { out, count in for row in 0..<count { out[row] = truth } }
    case .compare(let left, let sign, let right, let slot):
      compare(left, sign, right, slot, &scratch)
    case .chain(let links, let signs, let slot): chain(links, signs, slot, &scratch)
    case .isIn(let operand, let numbers, let slot):
      test(operand, slot, &scratch) { value in
        for number in numbers where number == value { return true }
        return false
      }
    case .code(let operand, let outcomes, let slot): code(operand, outcomes, slot, &scratch)
    case .hasBits(let operand, let mask, let slot):
      test(operand, slot, &scratch) { $0 & mask != 0 }
    case .onlyBits(let operand, let mask, let slot):
      test(operand, slot, &scratch) { $0 & ~mask == 0 }
    case .compareTexts(let left, let sign, let right, let slot):
      compare(left, sign, right, slot, &scratch)
    case .chainTexts(let texts, let isConstant, let signs, let slot):
      chain(texts, isConstant, signs, slot, &scratch)
    case .textIn(let text, let list, let slot): isIn(text, list, slot, &scratch)
    case .shares(let left, let right, let slot):
      testPairs(left.operand, right.operand, slot, &scratch) { a, first, b, second in
        TextKernels.shares(
          a, first, left.isMultiValued, b, second, right.isMultiValued)
      }
    case .subset(let left, let right, let slot):
      testPairs(left.operand, right.operand, slot, &scratch) { a, first, b, second in
        TextKernels.isSubset(
          a, first, left.isMultiValued, b, second, right.isMultiValued)
      }
    case .present(let operand, let isPresent, let slot):
      present(operand, isPresent, slot, &scratch)
    default: executeLogic(instruction, &scratch)
    }
  }

  private mutating func executeLogic(
    _ instruction: Program.Instruction, _ scratch: inout ExpressionScratch
  ) {
    switch instruction {
    case .not(let operand, let slot):
      let truths = scratch.truths[operand]
      writeTruths(slot, &scratch) { out, count in
        for row in 0..<count { out[row] = !truths[row] }
      }
    case .and(let operands, let slot): combine(operands, slot, &scratch) { $0.and($1) }
    case .or(let operands, let slot): combine(operands, slot, &scratch) { $0.or($1) }
    case .implies(let left, let right, let slot):
      combine([left, right], slot, &scratch) { $0.implies($1) }
    case .equivalent(let left, let right, let slot):
      combine([left, right], slot, &scratch) { $0.equals($1) }
    case .exists(let reference, let slot): exists(reference, slot, &scratch)
    case .count(let reference, let slot): countRecords(reference, slot, &scratch)
    default: preconditionFailure("an instruction has no kernel")
    }
  }

  // MARK: Inputs and outputs

  func number(_ operand: Program.NumberOperand, _ scratch: ExpressionScratch) -> NumberInput {
    switch operand {
    case .column(let column):
      .column(values: chunk.columns[column].numbers, states: chunk.columns[column].states)
    case .slot(let slot):
      .column(values: scratch.numbers[slot].values, states: scratch.numbers[slot].states)
    case .constant(let value): .scalar(value)
    case .clock(let clock): .scalar(time(clock))
    case .null: .null
    }
  }

  private func time(_ clock: Program.Clock) -> Int64 {
    switch clock {
    case .today: Int64(context.today)
    case .night: Int64(context.night)
    case .now: context.now
    case .dayOfNow: Self.day(context.now)
    }
  }

  /// The values and states of an operand that the compiler has made a column.
  func column(
    _ operand: Program.NumberOperand, _ scratch: ExpressionScratch
  ) -> (values: [Int64], states: [ValueState]) {
    guard case .column(let values, let states) = number(operand, scratch) else {
      preconditionFailure("the operand is not a column")
    }
    return (values, states)
  }

  func text(_ operand: Program.TextOperand, _ scratch: ExpressionScratch) -> TextInput {
    switch operand {
    case .column(let column):
      TextInput(
        refs: chunk.columns[column].texts, states: chunk.columns[column].states,
        arena: chunk.text)
    case .slot(let slot):
      TextInput(
        refs: scratch.texts[slot].refs, states: scratch.texts[slot].states,
        arena: scratch.texts[slot].arena)
    case .constant(let bytes):
      TextInput(arena: bytes, constant: TextRef(offset: 0, length: bytes.count))
    case .null: TextInput(arena: [], isNull: true)
    }
  }

  func writeTruths(
    _ slot: Int, _ scratch: inout ExpressionScratch, _ body: (inout [Truth], Int) -> Void
  ) {
    var out: [Truth] = []
    swap(&out, &scratch.truths[slot])
    body(&out, count)
    swap(&out, &scratch.truths[slot])
  }

  func writeNumbers(
    _ slot: Int, _ scratch: inout ExpressionScratch,
    _ body: (inout [Int64], inout [ValueState]) -> Void
  ) {
    var out = ExpressionScratch.Numbers()
    swap(&out, &scratch.numbers[slot])
    body(&out.values, &out.states)
    swap(&out, &scratch.numbers[slot])
  }

  func writeTexts(
    _ slot: Int, _ scratch: inout ExpressionScratch,
    _ body: (inout ExpressionScratch.Texts) -> Void
  ) {
    var out = ExpressionScratch.Texts()
    swap(&out, &scratch.texts[slot])
    out.arena = []
    out.made.removeAll(keepingCapacity: true)
    body(&out)
    swap(&out, &scratch.texts[slot])
  }

  // MARK: Days

  /// The day of a date-time.
  @inline(__always)
  static func day(_ seconds: Int64) -> Int64 {
    let quotient = seconds / 86_400
    return seconds % 86_400 < 0 ? quotient - 1 : quotient
  }

  /// Whether a day lies in the years 1 to 9999.
  @inline(__always)
  static func isInCalendar(_ day: Int64) -> Bool {
    day >= Int64(WorkdayTable.firstDay) && day <= Int64(WorkdayTable.lastDay)
  }
}
