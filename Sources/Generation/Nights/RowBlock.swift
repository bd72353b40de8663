/// The rows of a file that one range of records gives, with what is to be expected of them.
struct RowBlock: Sendable {
  var bytes: [UInt8] = []
  /// Units of the document, or lines.
  var units = 0
  /// Of the file's own category.
  var own = Part()
  /// Of the category whose records lie in those of the first.
  var nested = Part()

  struct Part: Sendable {
    var rows = 0
    var balance = ExpectedBalance()
    var truths: [Truth] = []
  }

  /// A planted fault.
  struct Truth: Sendable {
    /// From 0 within the block.
    var row: Int
    var recordNumber: String
    var fault: String
    var findings: [ExpectedFinding]
    /// Findings between records that the night leaves on this one.
    var between: [ExpectedFinding]
  }
}

extension DeliveryHistory {
  /// Writes the rows of `range` in a turn.
  func block(_ range: Range<Int>, turn: Int, _ form: FileForm) -> RowBlock {
    var block = RowBlock()
    var sink = RecordSink(form, kind, seed: city.ownSeed)
    var draft = Draft()
    let followers = channel.follower.flatMap { all[channel.bureau, $0] }
    for index in range {
      guard let row = row(index, turn: turn) else {
        if isRemoved(index, turn: turn) { block.own.balance.removed += 1 }
        continue
      }
      var nested: [TreeRecord] = []
      if let followers {
        for other in self.followers(of: index) {
          guard let row = followers.row(other, turn: turn) else { continue }
          followers.count(row, turn, &draft, &block.nested)
          nested.append(
            TreeRecord(draft: draft, dice: sink.dice(followers.kind, other, row.version)))
        }
      }
      append(row, turn, &draft, nested, &sink, &block.own)
    }
    sink.finish()
    block.units = sink.units
    block.bytes = form.encoding.bytes(sink.text)
    return block
  }

  /// Fills `draft` with the record of a row, spoiled if it is to be, and counts it.
  private func count(
    _ row: DeliveryRow, _ turn: Int, _ draft: inout Draft, _ part: inout RowBlock.Part
  ) {
    if let number = row.fault {
      _ = spoil(row, number, &draft)
      part.truths.append(
        RowBlock.Truth(
          row: part.rows, recordNumber: city.recordNumber(kind, row.index),
          fault: fault(number).name, findings: row.findings, between: between(row, number, turn)))
      part.balance.judge(
        row, isReturned: row.isReturned, isWaiting: !row.isReturned && isWaiting(row, turn))
    } else {
      fill(&draft, row.index, row.version)
      if row.action == .unchanged, row.before?.usedOldNames == usesOldNames(turn) {
        part.balance.read += 1
        part.balance.unchanged += 1
      } else {
        part.balance.judge(row, isReturned: false, isWaiting: isWaiting(row, turn))
      }
    }
    part.rows += 1
  }

  /// What follows of a fault that nobody sees in the record alone.
  private func between(
    _ row: DeliveryRow, _ number: FaultNumber, _ turn: Int
  ) -> [ExpectedFinding] {
    guard row.findings.isEmpty, fault(number).damage == .none else { return [] }
    let night = all.plan.arrival(channel.bureau, kind, turn: turn)
    return standingFindings(row.index..<row.index + 1, night: night).map(\.finding)
  }

  private func append(
    _ row: DeliveryRow, _ turn: Int, _ draft: inout Draft,
    _ nested: [TreeRecord], _ sink: inout RecordSink, _ part: inout RowBlock.Part
  ) {
    count(row, turn, &draft, &part)
    let damage = row.fault.map { fault($0).damage } ?? .none
    sink.append(draft, row.index, row.version, damage: damage, nested: nested)
    switch damage {
    case .duplicate:
      sink.append(draft, row.index, row.version, nested: nested)
      part.balance.read += 1
      part.balance.duplicate += 1
    case .conflict:
      _ = channel.kit.contradict(&draft)
      if row.index % 2 == 1 {
        draft[.sourceRecordId] = .text(
          "\(city.recordNumber(kind, row.index))-\(row.version.number + 1)")
      }
      sink.append(draft, row.index, row.version)
      var second = row
      if row.index % 2 == 1 { second.before = nil }
      part.balance.judge(second, isReturned: true)
    default: return
    }
    if var truth = part.truths.last {
      truth.row = part.rows
      part.truths.append(truth)
    }
    part.rows += 1
  }
}
