import Catalog
import Records

/// Kernels over numbers and dates.
extension ExpressionMachine {
  func fill(
    _ operand: Program.NumberOperand, _ slot: Int, _ scratch: inout ExpressionScratch
  ) {
    let input = number(operand, scratch)
    let count = count
    writeNumbers(slot, &scratch) { values, states in
      for row in 0..<count {
        switch input {
        case .scalar(let value):
          values[row] = value
          states[row] = .present
        default: states[row] = .null
        }
      }
    }
  }

  /// Applies `body` to every present value; nil is an overflow and counted.
  @inline(__always)
  mutating func mapNumbers(
    _ operand: Program.NumberOperand, _ slot: Int, _ scratch: inout ExpressionScratch,
    _ body: (Int64) -> Int64?
  ) {
    let (input, inputStates) = column(operand, scratch)
    let count = count
    var overflowCount = 0
    precondition(input.count >= count && inputStates.count >= count)
    writeNumbers(slot, &scratch) { values, states in
      precondition(values.count >= count && states.count >= count)
      for row in 0..<count {
        states[row] = .null
        guard inputStates[row] == .present else { continue }
        guard let result = body(input[row]) else {
          overflowCount += 1
          continue
        }
        values[row] = result
        states[row] = .present
      }
    }
    report.overflowCount += overflowCount
  }

  /// As ``mapNumbers``, for two columns.
  @inline(__always)
  private mutating func mapPairs(
    _ left: Program.NumberOperand, _ right: Program.NumberOperand, _ slot: Int,
    _ scratch: inout ExpressionScratch, _ body: (Int64, Int64) -> Int64?
  ) -> Int {
    let (a, aStates) = column(left, scratch)
    let (b, bStates) = column(right, scratch)
    let count = count
    var failures = 0
    precondition(a.count >= count && aStates.count >= count)
    precondition(b.count >= count && bStates.count >= count)
    writeNumbers(slot, &scratch) { values, states in
      precondition(values.count >= count && states.count >= count)
      for row in 0..<count {
        states[row] = .null
        guard aStates[row] == .present, bStates[row] == .present else { continue }
        guard let result = body(a[row], b[row]) else {
          failures += 1
          continue
        }
        values[row] = result
        states[row] = .present
      }
    }
    return failures
  }

  mutating func arithmetic(
    _ left: Program.NumberOperand, _ sign: Program.Arithmetic, _ right: Program.NumberOperand,
    _ slot: Int, _ scratch: inout ExpressionScratch
  ) {
    let overflowCount =
      switch sign {
      case .add:
        mapPairs(left, right, slot, &scratch) { Self.exact($0.addingReportingOverflow($1)) }
      case .subtract:
        mapPairs(left, right, slot, &scratch) { Self.exact($0.subtractingReportingOverflow($1)) }
      case .multiply:
        mapPairs(left, right, slot, &scratch) { Self.exact($0.multipliedReportingOverflow(by: $1)) }
      }
    report.overflowCount += overflowCount
  }

  @inline(__always)
  private static func exact(_ result: (partialValue: Int64, overflow: Bool)) -> Int64? {
    result.overflow ? nil : result.partialValue
  }

  mutating func divide(
    _ left: Program.NumberOperand, _ right: Program.NumberOperand, _ factor: Int128,
    _ slot: Int, _ scratch: inout ExpressionScratch
  ) {
    var zeros = 0
    let failures = mapPairs(left, right, slot, &scratch) { numerator, denominator in
      guard denominator != 0 else {
        zeros += 1
        return nil
      }
      let (wide, isOverflow) = Int128(numerator).multipliedReportingOverflow(by: factor)
      guard !isOverflow else { return nil }
      return Int64(exactly: Self.rounded(wide, Int128(denominator)))
    }
    report.overflowCount += failures - zeros
  }

  /// The quotient, rounded half away from 0.
  private static func rounded(_ numerator: Int128, _ denominator: Int128) -> Int128 {
    let (quotient, rest) = numerator.quotientAndRemainder(dividingBy: denominator)
    guard rest.magnitude * 2 >= denominator.magnitude else { return quotient }
    return (numerator < 0) == (denominator < 0) ? quotient + 1 : quotient - 1
  }

  func fallback(
    _ left: Program.NumberOperand, _ right: Program.NumberOperand, _ slot: Int,
    _ scratch: inout ExpressionScratch
  ) {
    let (a, aStates) = column(left, scratch)
    let (b, bStates) = column(right, scratch)
    let count = count
    writeNumbers(slot, &scratch) { values, states in
      for row in 0..<count {
        let isLeft = aStates[row] == .present
        values[row] = isLeft ? a[row] : b[row]
        states[row] = isLeft || bStates[row] == .present ? .present : .null
      }
    }
  }

  // MARK: Dates

  mutating func addMonths(
    _ start: Program.NumberOperand, _ months: Program.NumberOperand, _ isDateTime: Bool,
    _ slot: Int, _ scratch: inout ExpressionScratch
  ) {
    report.overflowCount += mapPairs(start, months, slot, &scratch) { value, months in
      let day = isDateTime ? Self.day(value) : value
      guard let moved = Self.adding(months, toDay: day) else { return nil }
      return isDateTime ? moved * 86_400 + (value - day * 86_400) : moved
    }
  }

  /// The same day of a later or earlier month, or the month's last day if it is shorter.
  private static func adding(_ months: Int64, toDay day: Int64) -> Int64? {
    guard isInCalendar(day), abs(months.clamped(to: -200_000...200_000)) < 200_000 else {
      return nil
    }
    let date = CivilDate(dayNumber: Int(day))
    let month = date.year * 12 + date.month - 1 + Int(months)
    guard month >= 12, month < 120_000 else { return nil }
    let (year, index) = month.quotientAndRemainder(dividingBy: 12)
    let last = CivilDate.daysInMonth(year: year, month: index + 1)
    return CivilDate(year: year, month: index + 1, day: min(date.day, last))
      .map { Int64($0.dayNumber) }
  }

  mutating func addWorkdays(
    _ start: Program.NumberOperand, _ number: Program.NumberOperand, _ slot: Int,
    _ scratch: inout ExpressionScratch
  ) {
    let table = context.workdays
    var report = report
    _ = mapPairs(start, number, slot, &scratch) { day, number in
      if let result = table.adding(number, to: day) { return result }
      report.addDayOutsideCalendar(Self.reach(day, number))
      return nil
    }
    self.report = report
  }

  /// A day that the calendar lacks, for the report: the start, or about where the answer would be.
  private static func reach(_ day: Int64, _ number: Int64) -> Int {
    let days = number.clamped(to: -3_000_000...3_000_000) * 7 / 5
    return Int(
      (day.clamped(to: -9_000_000...9_000_000) + days).clamped(
        to: Int64(WorkdayTable.firstDay)...Int64(WorkdayTable.lastDay)))
  }

  mutating func workdays(
    _ from: Program.NumberOperand, _ to: Program.NumberOperand, _ slot: Int,
    _ scratch: inout ExpressionScratch
  ) {
    let table = context.workdays
    var report = report
    _ = mapPairs(from, to, slot, &scratch) { from, to in
      if let result = table.workingDays(from: from, to: to) { return result }
      let isFirst = table.workingDays(from: from, to: from) == nil
      report.addDayOutsideCalendar(Self.reach(isFirst ? from : to, 0))
      return nil
    }
    self.report = report
  }
}

extension Int64 {
  fileprivate func clamped(to range: ClosedRange<Int64>) -> Int64 {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
