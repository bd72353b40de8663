/// A small table of texts, to be written as CSV by other means than the product's.
package struct CSVSheet: Sendable {
  package var header: [[String]]
  package var rows: [[String]]
  package var delimiter = ","
  package var lineEnding = "\r\n"

  package init(_ header: [String], _ rows: [[String]] = []) {
    self.header = [header]
    self.rows = rows
  }

  /// RFC 4180; fields are quoted where they must be.
  package var text: String {
    (header + rows).map { row in
      row.map(quoted).joined(separator: delimiter) + lineEnding
    }.joined()
  }

  private func quoted(_ field: String) -> String {
    let mustBe = field.unicodeScalars.contains { "\"\r\n".unicodeScalars.contains($0) }
    guard mustBe || field.contains(delimiter) else { return field }
    return "\""
      + field.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }

  package var gb18030: [UInt8] { TestSupport.gb18030(text) }
  package var utf8: [UInt8] { Array(text.utf8) }
  package var utf8WithMark: [UInt8] { [0xEF, 0xBB, 0xBF] + utf8 }

  /// Takes a text apart that is well-formed; a witness that shares nothing with the product.
  package static func rows(of text: String, delimiter: Character = ",") -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var field = ""
    var isQuoted = false
    var characters = Array(text)[...]
    while let character = characters.popFirst() {
      if isQuoted {
        if character != "\"" {
          field.append(character)
        } else if characters.first == "\"" {
          field.append("\"")
          characters.removeFirst()
        } else {
          isQuoted = false
        }
      } else if character == "\"" {
        isQuoted = true
      } else if character == delimiter {
        row.append(field)
        field = ""
      } else if character.isNewline {
        rows.append(row + [field])
        row = []
        field = ""
      } else {
        field.append(character)
      }
    }
    return field.isEmpty && row.isEmpty ? rows : rows + [row + [field]]
  }
}
