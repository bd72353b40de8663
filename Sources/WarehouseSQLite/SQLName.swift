/// Names and texts as they may stand in SQL.
enum SQLName {
  /// `name` between double quotes, inner quotes doubled; a NUL, which no quoting saves, is dropped.
  static func quoted(_ name: String) -> String {
    var result = "\""
    for scalar in name.unicodeScalars where scalar != "\0" {
      if scalar == "\"" { result.unicodeScalars.append("\"") }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }

  /// `text` as an SQL string literal. For names from the catalog, never for values of records.
  static func literal(_ text: String) -> String {
    var result = "'"
    for scalar in text.unicodeScalars where scalar != "\0" {
      if scalar == "'" { result.unicodeScalars.append("'") }
      result.unicodeScalars.append(scalar)
    }
    return result + "'"
  }

  /// The form in which SQLite compares names: ASCII letters without case.
  static func folded(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.map { scalar in
          scalar.value >= 65 && scalar.value <= 90
            ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar
        }))
  }
}
