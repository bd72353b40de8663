import Catalog
import SourceFiles

/// Files that are damaged as a whole; they must wait for a person and give no records.
extension Generator {
  private struct Part {
    var rows: [[UInt8]]
    var header: [UInt8]
  }

  /// Transfers that belong to no other file.
  private func part(_ night: Int, _ salt: Int, count: Int, spoil: (Int, inout Draft) -> Void) -> Part {
    let writer = recordWriter(.trf)
    var header: [UInt8] = []
    writer.writeHeader(into: &header)
    var draft = Draft()
    var scratch: [UInt8] = []
    let rows = (0..<count).map { place in
      let index = 80_000_000 + night * 10_000 + salt * 1000 + place
      let version = city.firstVersion(.trf, index)
      draft.removeAll()
      city.fill(&draft, .trf, index, version)
      spoil(place, &draft)
      var text: [UInt8] = []
      writer.write(draft, index, version, &scratch, into: &text)
      return text
    }
    return Part(rows: rows, header: header)
  }

  func writeDamagedFiles(
    _ night: Int, _ folder: String, _ truth: DeliveryFile
  ) throws -> [FileRecord] {
    var records: [FileRecord] = []
    func add(_ word: String, _ fault: String, _ code: String, _ rows: Int, _ bytes: [UInt8]) throws {
      var record = FileRecord(name: fileName(.trf, night, word + "_"), kind: .trf)
      record.status = "held"
      record.hold = code
      record.rows = rows
      record.balance.read = rows
      record.balance.held = rows
      let file = try DeliveryFile("\(folder)/\(record.name)")
      try file.write(bytes)
      try file.close()
      try truth.write(
        Array(
          (JSONText.line(
            .object([
              ("night", .number(night)), ("file", .text(record.name)), ("record", .number(0)),
              ("category", .text("TRF")), ("record_id", .text("")), ("fault", .text(fault)),
              ("hold", .text(code)), ("expect", .list([])),
            ])) + "\n").utf8))
      records.append(record)
    }
    let cut = part(night, 1, count: 12) { _, _ in }
    let whole = Encoding.gb18030(cut.header + cut.rows.joined())
    try add("截断", "truncated-file", "Q15", 12, Array(whole.dropLast(90)))
    let garbled = part(night, 2, count: 12) { _, _ in }
    try add("乱码", "mojibake-file", "Q28", 12, mojibake(garbled.header + garbled.rows.joined()))
    let secret = part(night, 3, count: 12) { place, draft in
      if place == 5 { draft[.secrecyLevelCode] = .code("2") }
    }
    try add("涉密", "secret-record", "Q31", 12, Encoding.gb18030(secret.header + secret.rows.joined()))
    let bad = part(night, 4, count: 40) { place, draft in
      if place % 5 < 2 { draft[.transferReason] = .raw("") }
    }
    try add("多错", "mostly-returned", "Q15", 40, Encoding.gb18030(bad.header + bad.rows.joined()))
    let short = part(night, 5, count: 12) { _, _ in }
    try add("缺列", "missing-column", "Q21", 12, Encoding.gb18030(withoutColumn(short)))
    return records
  }

  /// The text as it looks after its UTF-8 was read as GB 18030 and saved again as UTF-8.
  private func mojibake(_ text: [UInt8]) -> [UInt8] {
    var decoder = GB18030Decoder()
    var result: [UInt8] = []
    decoder.decode(text.span, isLast: true, to: &result)
    return result
  }

  /// The file without its column of 移送类型.
  private func withoutColumn(_ part: Part) -> [UInt8] {
    let name = mapping(.trf).columns.firstIndex { $0.element == Field.transferTypeCode.identifier }
    var text: [UInt8] = []
    for line in [part.header] + part.rows {
      var fields: [[UInt8]] = [[]]
      var isQuoted = false
      for byte in line {
        if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
        if byte == UInt8(ascii: ","), !isQuoted { fields.append([]) } else { fields[fields.count - 1].append(byte) }
      }
      if let name { fields.remove(at: name) }
      text.append(contentsOf: fields.joined(separator: [UInt8(ascii: ",")]))
    }
    return text
  }
}
