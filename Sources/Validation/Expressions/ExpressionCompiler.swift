import Catalog
import Records

/// Turns a checked syntax tree into an ``ExpressionProgram``.
struct ExpressionCompiler {
  typealias Node = Expression.Node
  typealias NumberOperand = ExpressionProgram.NumberOperand
  typealias TextOperand = ExpressionProgram.TextOperand
  typealias Instruction = ExpressionProgram.Instruction

  /// Which records the program runs over.
  enum Mode {
    case records
    /// Pairs of an own record and, unless nil, a record of another category. Inside `every`, the
    /// named element stands for one of its values.
    case pairs(other: Category?, every: String?)
  }

  enum Storage {
    case number(NumberOperand)
    case text(TextOperand)
    case truth(Int)
  }

  /// A compiled node.
  struct Value {
    var type: ExpressionType
    var storage: Storage
    /// Indices or bits of a code column.
    var codes: NumberOperand?
    /// The text of a constant, which may stand for a code or a number.
    var constant: String?
    var isConstant = false
  }

  let scope: ExpressionScope
  let mode: Mode
  var program = ExpressionProgram()
  private(set) var references: [CompiledReference] = []
  private var loadedNumbers: [String: Int] = [:]
  private var loadedTexts: [String: Int] = [:]

  init(scope: ExpressionScope, mode: Mode = .records) {
    self.scope = scope
    self.mode = mode
  }

  /// Compiles the whole program of a condition.
  mutating func condition(_ root: Node) throws(ExpressionError) -> ExpressionProgram {
    program.result = try truth(root)
    return program
  }

  // MARK: Buffers

  mutating func emitNumber(_ make: (Int) -> Instruction) -> NumberOperand {
    let slot = program.numberSlots
    program.numberSlots += 1
    program.instructions.append(make(slot))
    return .slot(slot)
  }

  mutating func emitText(_ make: (Int) -> Instruction) -> TextOperand {
    let slot = program.textSlots
    program.textSlots += 1
    program.instructions.append(make(slot))
    return .slot(slot)
  }

  mutating func emitTruth(_ make: (Int) -> Instruction) -> Int {
    let slot = program.truthSlots
    program.truthSlots += 1
    program.instructions.append(make(slot))
    return slot
  }

  func failure(_ node: Node, _ message: String) -> ExpressionError {
    ExpressionError(offset: node.offset, message: message)
  }

  // MARK: Elements

  mutating func element(
    _ name: String, isOther: Bool, _ node: Node
  ) throws(ExpressionError) -> Value {
    if isOther { return try other(name, node) }
    if case .pairs(_, let every) = mode, every == name { return try everyValue(name, node) }
    guard let column = scope.category.column(of: name) else {
      guard scope.valueElement != nil, let element = scope.catalog.element(name) else {
        throw failure(node, "category \(scope.category.id) does not carry \"\(name)\"")
      }
      return missing(element)
    }
    return load(scope.category.elements[column].element, column, .own)
  }

  private mutating func other(_ name: String, _ node: Node) throws(ExpressionError) -> Value {
    guard case .pairs(let other?, _) = mode else {
      throw failure(node, "\"other.\" stands only inside where (…)")
    }
    guard let column = other.column(of: name) else {
      throw failure(node, "category \(other.id) does not carry \"\(name)\"")
    }
    return load(other.elements[column].element, column, .other)
  }

  private mutating func everyValue(_ name: String, _ node: Node) throws(ExpressionError) -> Value {
    if let slot = loadedTexts["every"] { return Value(type: .text, storage: .text(.slot(slot))) }
    let operand = emitText { .gatherValues(into: $0) }
    if case .slot(let slot) = operand { loadedTexts["every"] = slot }
    return Value(type: .text, storage: .text(operand))
  }

  /// An element that the category does not carry is null in every record.
  private func missing(_ element: DataElement) -> Value {
    let type = element.expressionType
    return type.isTextual
      ? Value(type: type, storage: .text(.null), codes: .null)
      : Value(type: type, storage: .number(.null))
  }

  private mutating func load(
    _ element: DataElement, _ column: Int, _ side: ExpressionProgram.Side
  ) -> Value {
    let type = element.expressionType
    guard type.isTextual else {
      return Value(type: type, storage: .number(numbers(column, side)))
    }
    let codes = type.codeList == nil ? nil : numbers(column, side)
    return Value(type: type, storage: .text(texts(column, side)), codes: codes)
  }

  mutating func numbers(_ column: Int, _ side: ExpressionProgram.Side) -> NumberOperand {
    guard case .pairs = mode else { return .column(column) }
    let key = "\(side).\(column)"
    if let slot = loadedNumbers[key] { return .slot(slot) }
    let operand = emitNumber { .gatherNumbers(column, side, into: $0) }
    if case .slot(let slot) = operand { loadedNumbers[key] = slot }
    return operand
  }

  mutating func texts(_ column: Int, _ side: ExpressionProgram.Side) -> TextOperand {
    guard case .pairs = mode else { return .column(column) }
    let key = "\(side).\(column)"
    if let slot = loadedTexts[key] { return .slot(slot) }
    let operand = emitText { .gatherTexts(column, side, into: $0) }
    if case .slot(let slot) = operand { loadedTexts[key] = slot }
    return operand
  }

  // MARK: Parts of values

  func number(_ value: Value, _ node: Node) throws(ExpressionError) -> NumberOperand {
    guard case .number(let operand) = value.storage else {
      throw failure(node, "found \(value.type.words), expected a number or a date")
    }
    return operand
  }

  func text(_ value: Value, _ node: Node) throws(ExpressionError) -> TextOperand {
    if let constant = value.constant { return .constant(Array(constant.utf8)) }
    guard case .text(let operand) = value.storage else {
      throw failure(node, "found \(value.type.words), expected a text")
    }
    return operand
  }

  /// The operand as a whole column, for operations that know no scalars.
  mutating func column(_ operand: NumberOperand) -> NumberOperand {
    operand.isScalar ? emitNumber { .fill(operand, into: $0) } : operand
  }

  mutating func scaled(
    _ operand: NumberOperand, by factor: Int64, _ node: Node
  ) throws(ExpressionError) -> NumberOperand {
    if factor == 1 { return operand }
    switch operand {
    case .null: return .null
    case .constant(let value):
      let (product, isOverflow) = value.multipliedReportingOverflow(by: factor)
      guard !isOverflow else { throw failure(node, "the number is too large") }
      return .constant(product)
    default:
      let column = column(operand)
      return emitNumber { .scale(column, by: factor, into: $0) }
    }
  }

  /// The day of a date or date-time.
  mutating func day(_ value: Value, _ node: Node) throws(ExpressionError) -> NumberOperand {
    let operand = try number(value, node)
    guard value.type == .dateTime else {
      guard value.type == .date else {
        throw failure(node, "found \(value.type.words), expected a date")
      }
      return operand
    }
    switch operand {
    case .clock(.now): return .clock(.dayOfNow)
    case .null: return .null
    default:
      let column = column(operand)
      return emitNumber { .days(column, into: $0) }
    }
  }

  // MARK: References

  /// Adds a compiled `exists`, `count` or `every`.
  mutating func add(_ reference: CompiledReference) -> Int {
    references.append(reference)
    return references.count - 1
  }
}

/// 10 to the power of `exponent`.
func powerOfTen(_ exponent: Int) -> Int64 {
  var power: Int64 = 1
  for _ in 0..<min(max(exponent, 0), 18) { power *= 10 }
  return power
}
