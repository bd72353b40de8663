import Catalog
import Reconciliation
import Records
import Standardization
import Validation
import Warehouse

/// The judged records of one chunk, on their way to a segment file or a screen.
struct JudgedChunk {
  var elements: ElementChunk
  var positions: [SourcePosition] = []
  var raws: [TextRef] = []
  /// Times the record had been returned before.
  var attempts: [UInt8] = []
  var verdicts: [Verdict] = []
  /// By row; several of a row in the order of the checks.
  var findings: [Finding] = []
  /// By the mapping's child tables.
  var children: [JudgedRows] = []
  /// Findings of references, by row: what pending records wait for.
  var labels: [Finding] = []
  /// By label: the keys that its record wants.
  var wanted: [[Fingerprint]] = []

  var count: Int { elements.recordCount }
}

/// Rows inside the records of a chunk, standardized. Their text is in the arena of the records.
struct JudgedRows {
  /// Index of the child table in the category.
  let table: Int
  /// Record of each row, ascending.
  var owners: [Int32] = []
  var elements: ElementChunk
}

/// Takes judged chunks in two steps, so that the costly one runs on every core.
protocol JudgedChunkSink: Sendable {
  /// What is left of a chunk once it has been prepared.
  associatedtype Prepared: Sendable

  /// Called for several chunks at once, in any order.
  func prepare(_ chunk: borrowing JudgedChunk, _ validator: CategoryValidator) throws -> Prepared

  /// Called for one chunk after the other, in the order of the delivery.
  func take(_ prepared: Prepared) throws
}

/// What the judging of a delivery counted.
struct JudgeResult: Sendable {
  var balance = Balance()
  /// Findings by index of the validator's descriptions.
  var findingCounts: [Int] = []
  var core = CoreAccuracy()
  /// Judged records that had a value, by column of the category.
  var filled: [Int] = []
}

/// The second reading of a delivery: standardize and validate what the survey left to judge.
///
/// Chunks are read one after the other, judged several at a time and handed on in order (``OrderedWork``).
///
/// Unchecked: the reading thread counts what it reads, the settling one what was judged.
final class DeliveryJudge<Sink: JudgedChunkSink>: @unchecked Sendable {
  private let bench: JudgeBench
  private let survey: DeliverySurvey
  private let plan: DeliveryPlan
  private let sink: Sink
  private let references: ReferenceJudge?
  /// One per record of the delivery.
  let verdicts: MappedArray<Verdict>
  private var readBalance = Balance()
  private var result = JudgeResult()
  /// Called with the records read so far.
  var onProgress: ((Int) -> Void)?

  /// Chunks under way: one for each core, one that is read, one that is written, and some to spare.
  private static var slotCount: Int { OrderedWork<JudgeSlot<Sink.Prepared>>.coreCount + 4 }

  init(
    survey: DeliverySurvey, validator: CategoryValidator, moment: RunMoment, batchNumber: String,
    folder: String, sink: Sink, references: ReferenceJudge? = nil
  ) throws {
    self.survey = survey
    self.sink = sink
    self.references = references
    plan = survey.plan
    bench = JudgeBench(
      survey: survey, validator: validator,
      standardizer: survey.plan.standardizer(survey.match, batchNumber: batchNumber),
      children: survey.plan.childRows,
      context: validator.context(
        ValidationDates(today: moment.today, night: moment.night, now: moment.now)))
    verdicts = try MappedArray(
      folder: folder, repeating: Verdict.none, count: survey.entries.count)
    result.findingCounts = Array(repeating: 0, count: validator.descriptions.count)
    result.filled = Array(repeating: 0, count: plan.category.elements.count)
  }

  /// - Throws: ``PipelineError`` if the file no longer has the records that the survey saw.
  func run(_ path: String, _ reader: any DeliveryReader) throws -> JudgeResult {
    if survey.hasWork {
      try judge(path, reader)
    } else {
      for index in 0..<survey.entries.count {
        readBalance.read += 1
        _ = isJudgedAndCounted(survey.dispositions[index])
      }
    }
    result.balance += readBalance
    return result
  }

  private func judge(_ path: String, _ reader: any DeliveryReader) throws {
    let line = OrderedWork(
      slots: (0..<Self.slotCount).map { _ in
        JudgeSlot<Sink.Prepared>(
          elements: bench.standardizer.makeResult(), children: bench.children.map { $0.makeRows() })
      },
      work: { [bench, sink] slot in
        bench.judge(&slot.chunk, into: &slot.judged, &slot.core)
        slot.countFilled()
        slot.prepared = try sink.prepare(slot.judged, bench.validator)
      },
      settle: { [self] slot in
        // One chunk after the other: the warehouse has one caller.
        if let references, try references.judge(&slot.judged, bench.validator, bench.context) {
          slot.prepared = try sink.prepare(slot.judged, bench.validator)
        }
        count(slot.judged)
        result.core.add(slot.core)
        for column in result.filled.indices { result.filled[column] += slot.filled[column] }
        if let prepared = slot.prepared.take() { try sink.take(prepared) }
        slot.chunk.removeAll()
      })
    var content: Fingerprint?
    try line.finish(after: {
      let summary = try reader.read(
        path, survey.inspection, plan.adapter, plan.mapping, exactPositions: true,
        onHeader: { _ in }
      ) { chunk in
        try take(&chunk, line)
      }
      content = summary.content
    })
    let isSame = content == nil || content == survey.inspection.content
    guard isSame, readBalance.read == survey.entries.count else {
      throw PipelineError(
        .unreadable,
        "\(path): the file changed while it was read: \(survey.entries.count) records at first, "
          + "\(readBalance.read) now\(isSame ? "" : ", and other bytes"). "
          + "Deliver it again under a new name.")
    }
  }

  private func take(
    _ chunk: inout RecordChunk, _ line: OrderedWork<JudgeSlot<Sink.Prepared>>
  ) throws {
    readBalance.read += chunk.recordCount
    guard readBalance.read <= survey.entries.count else { return }
    let isJudged = (0..<chunk.recordCount).map { row in
      isJudgedAndCounted(survey.dispositions[chunk.positions[row].recordNumber - 1])
    }
    chunk.keepRows { isJudged[$0] }
    if chunk.recordCount > 0 {
      try line.submit { $0.chunk.exchange(with: &chunk) }
    }
    onProgress?(readBalance.read)
  }

  /// Counts what is not judged.
  ///
  /// - Returns: Whether a record is judged.
  private func isJudgedAndCounted(_ disposition: Disposition) -> Bool {
    if disposition == .unchanged { readBalance.unchanged += 1 }
    if disposition == .duplicate { readBalance.duplicate += 1 }
    return disposition.isJudged
  }

  private func count(_ judged: borrowing JudgedChunk) {
    for finding in judged.findings { result.findingCounts[Int(finding.check)] += 1 }
    for label in judged.labels { result.findingCounts[Int(label.check)] += 1 }
    for row in 0..<judged.count {
      let isFirst = judged.attempts[row] == 0
      verdicts[judged.positions[row].recordNumber - 1] = judged.verdicts[row]
      switch judged.verdicts[row] {
      case .accepted:
        result.balance.accepted += 1
        if isFirst { result.balance.acceptedFirst += 1 }
      case .returned:
        result.balance.returned += 1
        if isFirst { result.balance.returnedFirst += 1 }
      case .deleted: result.balance.deleted += 1
      case .pending: result.balance.pending += 1
      case .none, .superseded: break
      }
    }
  }
}

/// Room for one chunk while it is judged.
///
private final class JudgeSlot<Prepared> {
  var chunk = RecordChunk(columnCount: 0, stride: 0)
  var judged: JudgedChunk
  var core = CoreAccuracy()
  /// Records with a value, by column of the category.
  private(set) var filled: [Int]
  var prepared: Prepared?

  init(elements: ElementChunk, children: [JudgedRows]) {
    judged = JudgedChunk(elements: elements, children: children)
    filled = Array(repeating: 0, count: elements.columns.count)
  }

  func countFilled() {
    for column in filled.indices {
      let states = judged.elements.columns[column].states
      var count = 0
      for row in 0..<judged.count where states[row] != .null { count += 1 }
      filled[column] = count
    }
  }
}

/// What it takes to judge a chunk; used by several tasks at once.
///
/// Unchecked: the survey is only read once it has been resolved.
private struct JudgeBench: @unchecked Sendable {
  let survey: DeliverySurvey
  let validator: CategoryValidator
  let standardizer: Standardizer
  let children: [ChildRowsPlan]
  let context: ValidationContext
  let keys: RecordKeys

  init(
    survey: DeliverySurvey, validator: CategoryValidator, standardizer: Standardizer,
    children: [ChildRowsPlan], context: ValidationContext
  ) {
    self.survey = survey
    self.children = children
    self.validator = validator
    self.standardizer = standardizer
    self.context = context
    keys = RecordKeys(survey.plan, header: survey.header)
  }

  func judge(_ chunk: inout RecordChunk, into judged: inout JudgedChunk, _ core: inout CoreAccuracy)
  {
    swap(&judged.positions, &chunk.positions)
    swap(&judged.raws, &chunk.raws)
    standardizer.standardize(&chunk, recordCount: judged.positions.count, into: &judged.elements)
    judged.findings.removeAll(keepingCapacity: true)
    judged.labels.removeAll(keepingCapacity: true)
    judged.wanted.removeAll(keepingCapacity: true)
    var isSkipped = [Bool](repeating: false, count: judged.count)
    for fault in chunk.faults {
      isSkipped[fault.row] = true
      judged.findings.append(
        Finding(
          row: fault.row, check: validator.faultCheck(fault.kind), value: judged.raws[fault.row],
          expected: fault.limitInChinese.map { judged.elements.text.appendText($0) } ?? .absent))
    }
    for row in 0..<judged.count {
      let index = judged.positions[row].recordNumber - 1
      if survey.dispositions[index] == .conflict, !isSkipped[row] {
        judged.findings.append(duplicateFinding(&judged, row, index))
      }
      // A deletion need not repeat the record, but must say which one it means.
      let entry = survey.entries[index]
      if entry.isDeletion, entry.hasEntity || !entry.isAnonymous { isSkipped[row] = true }
    }
    validator.validate(
      judged.elements, skipping: isSkipped, context: context, into: &judged.findings)
    judgeChildren(chunk, isSkipped, &judged)
    core = validator.coreAccuracy(judged.elements, isSkipped, judged.findings, context: context)
    settle(&judged)
  }

  private func judgeChildren(
    _ chunk: borrowing RecordChunk, _ isSkipped: [Bool], _ judged: inout JudgedChunk
  ) {
    let count = judged.findings.count
    for (index, plan) in children.enumerated() {
      plan.standardize(chunk.children[index], &judged.elements, into: &judged.children[index])
      guard !judged.children[index].owners.isEmpty else { continue }
      swap(&judged.elements.text, &judged.children[index].elements.text)
      validator.validateChildren(
        plan.table, &judged.children[index].elements, owners: judged.children[index].owners,
        skipping: isSkipped, context: context, into: &judged.findings)
      swap(&judged.elements.text, &judged.children[index].elements.text)
    }
    guard judged.findings.count > count else { return }
    judged.findings.sort { ($0.row, $0.check) < ($1.row, $1.check) }
  }

  /// A record that contradicts another: its key, and where the other one stands.
  private func duplicateFinding(_ judged: inout JudgedChunk, _ row: Int, _ index: Int) -> Finding {
    let key = judged.elements.text.appendText(keys.entityText(judged.elements, row))
    let other = survey.rival(of: index).map { "第 \($0 + 1) 条" } ?? "已入库的另一条记录"
    return Finding(
      row: row, check: validator.duplicateCheck, value: key,
      expected: judged.elements.text.appendText(other))
  }

  /// Turns findings into verdicts.
  private func settle(_ judged: inout JudgedChunk) {
    judged.verdicts.removeAll(keepingCapacity: true)
    judged.attempts.removeAll(keepingCapacity: true)
    judged.verdicts.append(contentsOf: repeatElement(.accepted, count: judged.count))
    for finding in judged.findings
    where validator.descriptions[Int(finding.check)].severity >= .return {
      judged.verdicts[Int(finding.row)] = .returned
    }
    for row in 0..<judged.count {
      let index = judged.positions[row].recordNumber - 1
      judged.attempts.append(survey.attempts[index])
      if judged.verdicts[row] == .accepted, survey.entries[index].isDeletion {
        judged.verdicts[row] = .deleted
      }
    }
  }
}

extension RecordFault {
  /// The limit that the record is over; nil for other faults.
  fileprivate var limitInChinese: String? {
    switch kind {
    case .recordSize where expected % (1 << 20) == 0: "单条记录不超过\(expected >> 20)MB"
    case .recordSize: "单条记录不超过\(expected)字节"
    case .fieldLimit: "单条记录不超过\(expected)个字段"
    case .nesting: "嵌套不超过\(expected)层"
    default: nil
    }
  }
}
