extension Generator {
  /// Findings between records as they stand when a night is over.
  func writeLinks(_ night: Int, _ file: DeliveryFile) throws {
    for bureau in bureaus {
      for kind in Kind.allCases where bureau.delivers(kind) {
        let city = city.seen(by: bureau)
        let census = city.census
        // Records that lie in others are as many as those have.
        let isLed = channels[Histories.place(bureau, kind)]?.leader != nil
        let count = isLed ? census.final(kind) : census.count(kind, night: night)
        if kind.isLinked { try writeLinks(0..<count, bureau, kind, night, file) }
        try writeLinks(city.echoes(kind, turn: night), bureau, kind, night, file)
      }
    }
  }

  private func writeLinks(
    _ records: Range<Int>, _ bureau: Bureau, _ kind: Kind, _ night: Int, _ file: DeliveryFile
  ) throws {
    try eachRange(records, { nil }) { range, _, histories in
      histories[bureau, kind]?.standingFindings(range, night: night) ?? []
    } take: { findings in
      for found in findings {
        let line = JSONText.line(
          .object([
            ("night", .number(night)), ("system", .text(bureau.id)), ("category", .text(kind.id)),
            ("record_id", .text(found.recordNumber)), ("code", .text(found.finding.code)),
            ("rule", .text(found.finding.rule)),
            ("element", found.finding.element.map { .text($0) } ?? .null),
            ("severity", .text(found.finding.severity)),
          ]))
        try file.write(Array((line + "\n").utf8))
      }
    }
  }
}
