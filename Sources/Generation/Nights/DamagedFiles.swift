import Catalog
import SourceFiles

/// Files that are damaged as a whole; they must wait for a person and give no records.
extension Generator {
  private struct Part {
    var header: [UInt8]
    var rows: [[UInt8]]

    var text: [UInt8] { header + rows.joined() }
  }

  /// A damaged file that is about to be written.
  private struct DamagedFile {
    /// Part of the name.
    var word: String
    var fault: String
    /// Issue code of the reason for which it is held.
    var hold: String
    var rows: Int
    var bytes: [UInt8]
  }

  /// Transfers that belong to no other file.
  private func part(_ night: Int, _ salt: Int, count: Int, spoil: (Int, inout Draft) -> Void)
    -> Part
  {
    guard let channel = channel(.sam, .trf), let form = form(channel) else {
      return Part(header: [], rows: [])
    }
    var draft = Draft()
    let rows = (0..<count).map { place in
      let index = 80_000_000 + night * 10_000 + salt * 1000 + place
      let version = city.firstVersion(.trf, index)
      draft.removeAll()
      city.fill(&draft, .trf, index, version)
      channel.fields.restrict(&draft)
      spoil(place, &draft)
      var sink = RecordSink(form, .trf, seed: city.ownSeed)
      sink.append(draft, index, version)
      return sink.text
    }
    return Part(header: form.opening(""), rows: rows)
  }

  func writeDamagedFiles(
    _ night: Int, _ folder: String, _ truth: DeliveryFile
  ) throws -> [FileRecord] {
    try damagedFiles(night).map { damaged in
      let name = channel(.sam, .trf).map { fileName($0, night, damaged.word + "_") } ?? ""
      var record = FileRecord(name: name, .sam, .trf)
      record.status = "held"
      record.hold = damaged.hold
      record.rows = damaged.rows
      record.balance.read = damaged.rows
      record.balance.held = damaged.rows
      let file = try DeliveryFile("\(folder)/SAM/\(record.name)")
      try file.write(damaged.bytes)
      try file.close()
      let line = JSONText.Item.object([
        ("night", .number(night)), ("system", .text("SAM")), ("file", .text(record.name)),
        ("record", .number(0)),
        ("category", .text("TRF")), ("record_id", .text("")), ("fault", .text(damaged.fault)),
        ("hold", .text(damaged.hold)), ("expect", .list([])),
      ])
      try truth.write(Array((JSONText.line(line) + "\n").utf8))
      return record
    }
  }

  private func damagedFiles(_ night: Int) -> [DamagedFile] {
    func plain(_ salt: Int) -> Part { part(night, salt, count: 12) { _, _ in } }
    let secret = part(night, 3, count: 12) { place, draft in
      if place == 5 { draft[.secrecyLevelCode] = .code("2") }
    }
    let unreadable = part(night, 6, count: 12) { place, draft in
      if place == 7 { draft[.secrecyLevelCode] = .raw("不存在的类别") }
    }
    let bad = part(night, 4, count: 40) { place, draft in
      if place % 5 < 2 { draft[.transferReason] = .raw("") }
    }
    return [
      DamagedFile(
        word: "截断", fault: "truncated-file", hold: "Q15", rows: 12,
        bytes: Encoding.gb18030.bytes(plain(1).text).dropLast(90)),
      DamagedFile(
        word: "乱码", fault: "mojibake-file", hold: "Q28", rows: 12, bytes: mojibake(plain(2).text)),
      DamagedFile(
        word: "涉密", fault: "secret-record", hold: "Q31", rows: 12,
        bytes: Encoding.gb18030.bytes(secret.text)),
      DamagedFile(
        word: "密级不明", fault: "unreadable-secrecy", hold: "Q31", rows: 12,
        bytes: Encoding.gb18030.bytes(unreadable.text)),
      DamagedFile(
        word: "多错", fault: "mostly-returned", hold: "Q15", rows: 40,
        bytes: Encoding.gb18030.bytes(bad.text)),
      DamagedFile(
        word: "缺列", fault: "missing-column", hold: "Q21", rows: 12,
        bytes: Encoding.gb18030.bytes(withoutColumn(plain(5)))),
    ]
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
    let columns = channel(.sam, .trf)?.mapping.columns ?? []
    let name = columns.firstIndex { $0.element == Field.transferTypeCode.identifier }
    var text: [UInt8] = []
    for line in [part.header] + part.rows {
      var fields: [[UInt8]] = [[]]
      var isQuoted = false
      for byte in line {
        if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
        if byte == UInt8(ascii: ","), !isQuoted {
          fields.append([])
        } else {
          fields[fields.count - 1].append(byte)
        }
      }
      if let name { fields.remove(at: name) }
      text.append(contentsOf: fields.joined(separator: [UInt8(ascii: ",")]))
    }
    return text
  }
}
