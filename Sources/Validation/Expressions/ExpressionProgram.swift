import Catalog

/// A condition as a list of column operations; every one is dispatched once per chunk.
///
/// Operations write into numbered buffers of an ``ExpressionScratch``. An element of the own record
/// is read where it stands, without a copy, unless the program runs over pairs of records.
struct ExpressionProgram: Sendable {
  var instructions: [Instruction] = []
  var numberSlots = 0
  var textSlots = 0
  var truthSlots = 0
  /// Buffer of truths that holds the answer.
  var result = 0

  /// Values that are the same for all records of a run.
  enum Clock: Sendable { case today, night, now, dayOfNow }

  /// Where numbers come from.
  enum NumberOperand: Sendable {
    case column(Int)
    case slot(Int)
    case constant(Int64)
    case clock(Clock)
    case null

    var isScalar: Bool {
      switch self {
      case .column, .slot: false
      case .constant, .clock, .null: true
      }
    }
  }

  /// Where texts come from.
  enum TextOperand: Sendable {
    case column(Int)
    case slot(Int)
    case constant([UInt8])
    case null
  }

  /// A text operand with the knowledge whether `;` separates values in it.
  struct Texts: Sendable {
    var operand: TextOperand
    var isMultiValued: Bool
  }

  enum Side: Sendable { case own, other }

  /// One member of a chain of three or more.
  struct Link: Sendable {
    var operand: NumberOperand
    var isDateTime: Bool
    var isConstant: Bool
  }

  enum Arithmetic: Sendable { case add, subtract, multiply }

  typealias Comparison = Expression.ComparisonOperator

  enum Instruction: Sendable {
    // Values of pairs of records
    case gatherNumbers(Int, Side, into: Int)
    case gatherTexts(Int, Side, into: Int)
    /// The value that `every` looks at.
    case gatherValues(into: Int)

    // Numbers
    case fill(NumberOperand, into: Int)
    case arithmetic(NumberOperand, Arithmetic, NumberOperand, into: Int)
    /// Quotient of the left side × `factor` and the right side, rounded half away from 0.
    case divide(NumberOperand, NumberOperand, factor: Int128, into: Int)
    case scale(NumberOperand, by: Int64, into: Int)
    case absolute(NumberOperand, into: Int)
    case ceiling(NumberOperand, unit: Int64, into: Int)
    case fallback(NumberOperand, NumberOperand, into: Int)

    // Dates
    case days(NumberOperand, into: Int)
    case year(NumberOperand, into: Int)
    case addMonths(NumberOperand, NumberOperand, isDateTime: Bool, into: Int)
    case addWorkdays(NumberOperand, NumberOperand, into: Int)
    case workdays(NumberOperand, NumberOperand, into: Int)

    // Texts
    case substring(Texts, from: Int, length: Int, into: Int)
    case normalized(TextOperand, into: Int)
    case textFallback(TextOperand, TextOperand, into: Int)
    case length(TextOperand, into: Int)
    case countDistinct(TextOperand, into: Int)

    // Conditions
    case truth(Truth, into: Int)
    case compare(NumberOperand, Comparison, NumberOperand, into: Int)
    case chain([Link], [Comparison], into: Int)
    case isIn(NumberOperand, [Int64], into: Int)
    /// `outcomes[index + 1]` for the permissible value `index`; the first for a value outside.
    case code(NumberOperand, outcomes: [Truth], into: Int)
    case hasBits(NumberOperand, Int64, into: Int)
    case onlyBits(NumberOperand, Int64, into: Int)
    case compareTexts(TextOperand, Comparison, TextOperand, into: Int)
    case chainTexts([TextOperand], isConstant: [Bool], [Comparison], into: Int)
    case textIn(TextOperand, [[UInt8]], into: Int)
    /// Some value of the one is a value of the other.
    case shares(Texts, Texts, into: Int)
    /// All values of the first are values of the second.
    case subset(Texts, Texts, into: Int)
    case present(TextOperand, isPresent: Bool, into: Int)

    // Logic
    case not(Int, into: Int)
    case and([Int], into: Int)
    case or([Int], into: Int)
    case implies(Int, Int, into: Int)
    case equivalent(Int, Int, into: Int)

    // Other records
    case exists(reference: Int, into: Int)
    case count(reference: Int, into: Int)
  }
}
