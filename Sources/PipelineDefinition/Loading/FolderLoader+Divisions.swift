import Catalog
import Records

extension FolderLoader {
  private static let divisionHeader = "code,name,valid_from,valid_until"

  /// Reads the table of divisions, byte by byte: it has thousands of lines.
  mutating func loadDivisions(_ file: SourceFile) {
    let bytes = Array(file.text.utf8)
    var start = 0
    var line = 0
    var hasHeader = false
    definitions.catalog.divisions.reserveCapacity(bytes.count / 30)
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      var content = bytes[start..<end]
      if content.last == UInt8(ascii: "\r") { content.removeLast() }
      start = end + 1
      line += 1
      if content.isEmpty || content.first == UInt8(ascii: "#") { continue }
      let place = Place(file: file.path, line: line)
      if hasHeader {
        addDivision(content, place)
      } else {
        checkHeader(content, place)
        hasHeader = true
      }
    }
    if !hasHeader {
      log.report(
        .emptyFile, at: Place(file: file.path),
        "the file has no header; expected \"\(Self.divisionHeader)\"")
    }
  }

  private func checkHeader(_ line: ArraySlice<UInt8>, _ place: Place) {
    let found = String(decoding: line, as: UTF8.self)
    guard found != Self.divisionHeader else { return }
    log.report(
      .divisionTable, at: place,
      "the header is \"\(found)\", expected \"\(Self.divisionHeader)\"")
  }

  private mutating func addDivision(_ line: ArraySlice<UInt8>, _ place: Place) {
    let cells = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard cells.count == 4 else {
      log.report(
        .divisionTable, at: place, "the line has \(cells.count) columns, expected 4")
      return
    }
    let code = String(decoding: cells[0], as: UTF8.self)
    let name = String(decoding: cells[1], as: UTF8.self)
    guard cells[0].count == 6, cells[0].allSatisfy({ $0 >= 48 && $0 <= 57 }), !name.isEmpty else {
      log.report(
        .divisionTable, at: place,
        "the code is \"\(code)\" and the name \"\(name)\", expected six digits and a name")
      return
    }
    guard let from = CivilDate(String(decoding: cells[2], as: UTF8.self)) else {
      reportDate(cells[2], place)
      return
    }
    let until = CivilDate(String(decoding: cells[3], as: UTF8.self))
    if until == nil, !cells[3].isEmpty {
      reportDate(cells[3], place)
      return
    }
    if let until, until < from {
      log.report(
        .datesOutOfOrder, at: place,
        "division \(code) is valid until \(until), before \(from); correct one of them")
    }
    definitions.catalog.divisions.append(
      Division(code: code, name: name, from: from, until: until))
    definitions.divisionLines.append(place.line)
  }

  private func reportDate(_ cell: ArraySlice<UInt8>, _ place: Place) {
    log.report(
      .invalidDate, at: place,
      "found \"\(String(decoding: cell, as: UTF8.self))\", expected a day as 2026-01-31")
  }
}
