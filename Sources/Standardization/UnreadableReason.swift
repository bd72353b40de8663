/// Why a value could not be read as its element's type; kept in the number of an unreadable value.
package enum UnreadableReason: Int64, Sendable, CaseIterable {
  case notADate = 1
  /// Written as a date, but not in the calendar.
  case impossibleDate
  case notANumber
  /// More digits than the representation.
  case numberTooLong
  /// More decimals than the representation.
  case tooManyDecimals
  /// Digits lost by a spreadsheet.
  case spreadsheetDamage
  /// Neither a code nor a label of the value domain.
  case unknownCode
  /// A label that a person must decide.
  case undecidableLabel
}
