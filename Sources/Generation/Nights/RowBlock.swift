/// The rows of a night's file that one range of records gives, with what is to be expected of them.
struct RowBlock: Sendable {
  var bytes: [UInt8] = []
  var rows = 0
  var balance = ExpectedBalance()
  var truths: [Truth] = []

  /// A planted fault.
  struct Truth: Sendable {
    /// From 0 within the block.
    var row: Int
    var recordNumber: String
    var fault: String
    var findings: [ExpectedFinding]
  }
}

extension DeliveryHistory {
  /// Writes the rows of `range` in a night.
  mutating func block(
    _ range: Range<Int>, night: Int, _ writer: RecordWriter, usesOldNames: Bool
  ) -> RowBlock {
    var block = RowBlock()
    var text: [UInt8] = []
    var scratch: [UInt8] = []
    var draft = Draft()
    for index in range {
      guard let row = row(index, night: night) else {
        if isRemoved(index, night: night) { block.balance.removed += 1 }
        continue
      }
      if row.fault != nil {
        append(row, &draft, writer, &scratch, into: &text, &block)
        continue
      }
      draft.removeAll()
      city.fill(&draft, kind, index, row.version)
      writer.write(draft, index, row.version, &scratch, into: &text)
      block.rows += 1
      if row.action == .unchanged, row.before?.usedOldNames == usesOldNames {
        block.balance.read += 1
        block.balance.unchanged += 1
      } else {
        block.balance.judge(row, isReturned: false)
      }
    }
    block.bytes = Encoding.gb18030(text)
    return block
  }

  private func append(
    _ row: DeliveryRow, _ draft: inout Draft, _ writer: RecordWriter, _ scratch: inout [UInt8],
    into text: inout [UInt8], _ block: inout RowBlock
  ) {
    guard let number = row.fault else { return }
    let fault = fault(number)
    _ = spoil(row, number, &draft)
    func note(_ findings: [ExpectedFinding]) {
      block.truths.append(
        RowBlock.Truth(
          row: block.rows, recordNumber: city.recordNumber(kind, row.index), fault: fault.name,
          findings: findings))
      block.rows += 1
    }
    if fault.isStructural {
      writer.write(draft, row.index, row.version, damage: fault.damage, into: &text)
    } else {
      writer.write(draft, row.index, row.version, &scratch, into: &text)
    }
    block.balance.judge(row, isReturned: row.isReturned)
    switch fault.damage {
    case .duplicate:
      block.rows += 1
      writer.write(draft, row.index, row.version, &scratch, into: &text)
      block.balance.read += 1
      block.balance.duplicate += 1
      note([])
    case .conflict:
      note(row.findings)
      draft[.remark] = .text("另一科室录入")
      if row.index % 2 == 1 {
        draft[.sourceRecordId] = .text(
          "\(city.recordNumber(kind, row.index))-\(row.version.number + 1)")
      }
      writer.write(draft, row.index, row.version, &scratch, into: &text)
      var second = row
      if row.index % 2 == 1 { second.before = nil }
      block.balance.judge(second, isReturned: true)
      note(row.findings)
    default: note(row.findings)
    }
  }
}
