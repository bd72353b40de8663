import Catalog
import Reconciliation
import Records
import Standardization
import Validation
import Warehouse

/// The judged records of one chunk, on their way to a segment file or a screen.
struct JudgedChunk {
  var elements: ElementChunk
  var positions: [SourcePosition]
  var raws: [TextRef]
  /// Times the record had been returned before.
  var attempts: [UInt8]
  var verdicts: [Verdict]
  /// By row; several of a row in the order of the checks.
  var findings: [Finding]

  var count: Int { elements.recordCount }
}

/// Takes judged chunks; owns nothing of them after it returns.
protocol JudgedChunkSink: AnyObject {
  func take(_ chunk: borrowing JudgedChunk, _ validator: CategoryValidator) throws
}

/// What the judging of a delivery counted.
struct JudgeResult: Sendable {
  var balance = Balance()
  /// Findings by index of the validator's descriptions.
  var findingCounts: [Int] = []
  var core = CoreAccuracy()
}

/// The second reading of a delivery: standardize and validate what the survey left to judge.
final class DeliveryJudge {
  private let survey: DeliverySurvey
  private let plan: DeliveryPlan
  private let validator: CategoryValidator
  private let standardizer: Standardizer
  private let context: ValidationContext
  private let duplicateCheck: Int
  private let keys: RecordKeys
  private let sink: any JudgedChunkSink
  /// One per record of the delivery.
  let verdicts: MappedArray<Verdict>
  private var result = JudgeResult()
  private var judged: JudgedChunk
  /// Called after every chunk with the records read so far.
  var onProgress: ((Int) -> Void)?

  init(
    survey: DeliverySurvey, validator: CategoryValidator, moment: RunMoment, batchNumber: String,
    folder: String, sink: any JudgedChunkSink
  ) throws {
    self.survey = survey
    plan = survey.plan
    self.validator = validator
    context = validator.context(
      ValidationDates(today: moment.today, night: moment.night, now: moment.now))
    self.sink = sink
    standardizer = plan.standardizer(survey.match, batchNumber: batchNumber)
    duplicateCheck = validator.duplicateCheck
    keys = RecordKeys(plan, header: survey.header)
    verdicts = try MappedArray(folder: folder, repeating: Verdict.none, count: survey.entries.count)
    result.findingCounts = Array(repeating: 0, count: validator.descriptions.count)
    judged = JudgedChunk(
      elements: standardizer.makeResult(), positions: [], raws: [], attempts: [], verdicts: [],
      findings: [])
  }

  /// - Throws: ``PipelineError`` if the file no longer has the records that the survey saw.
  func run(_ path: String, _ reader: any DeliveryReader) throws -> JudgeResult {
    _ = try reader.read(path, survey.inspection, plan.adapter, onHeader: { _ in }) { chunk in
      try judge(&chunk)
    }
    guard result.balance.read == survey.entries.count else {
      throw PipelineError(
        .environment,
        "\(path): the file changed while it was read: \(survey.entries.count) records at first, "
          + "\(result.balance.read) now. Deliver it again under a new name.")
    }
    return result
  }

  private func judge(_ chunk: inout RecordChunk) throws {
    let count = chunk.recordCount
    result.balance.read += count
    guard result.balance.read <= survey.entries.count else { return }
    let isJudged = (0..<chunk.recordCount).map { row in
      isJudgedAndCounted(survey.dispositions[chunk.positions[row].recordNumber - 1])
    }
    chunk.keepRows { isJudged[$0] }
    guard chunk.recordCount > 0 else {
      onProgress?(result.balance.read)
      return
    }
    judged.positions = chunk.positions
    judged.raws = chunk.raws
    standardizer.standardize(&chunk, into: &judged.elements)
    validate(chunk.faults)
    settle()
    try sink.take(judged, validator)
    onProgress?(result.balance.read)
  }

  /// Counts what is not judged.
  ///
  /// - Returns: Whether a record is judged.
  private func isJudgedAndCounted(_ disposition: Disposition) -> Bool {
    switch disposition {
    case .unchanged: result.balance.unchanged += 1
    case .duplicate: result.balance.duplicate += 1
    case .judge, .conflict: return true
    }
    return false
  }

  private func validate(_ faults: [RecordFault]) {
    let count = judged.elements.recordCount
    judged.findings.removeAll(keepingCapacity: true)
    var isSkipped = [Bool](repeating: false, count: count)
    for fault in faults {
      isSkipped[fault.row] = true
      judged.findings.append(
        Finding(
          row: fault.row, check: validator.faultCheck(fault.kind), value: judged.raws[fault.row]))
    }
    for row in 0..<count {
      let index = judged.positions[row].recordNumber - 1
      if survey.dispositions[index] == .conflict, !isSkipped[row] {
        judged.findings.append(duplicateFinding(row, index))
      }
      if survey.entries[index].isDeletion { isSkipped[row] = true }
    }
    validator.validate(
      judged.elements, skipping: isSkipped, context: context, into: &judged.findings)
    result.core.add(
      validator.coreAccuracy(judged.elements, isSkipped, judged.findings, context: context))
  }

  /// A record that contradicts another: its key, and where the other one stands.
  private func duplicateFinding(_ row: Int, _ index: Int) -> Finding {
    let key = judged.elements.text.appendText(keys.entityText(judged.elements, row))
    let other = survey.rival(of: index).map { "第 \($0 + 1) 条" } ?? "已入库的另一条记录"
    return Finding(
      row: row, check: duplicateCheck, value: key,
      expected: judged.elements.text.appendText(other))
  }

  /// Turns findings into verdicts and counts them.
  private func settle() {
    let count = judged.elements.recordCount
    judged.verdicts.removeAll(keepingCapacity: true)
    judged.attempts.removeAll(keepingCapacity: true)
    judged.verdicts.append(contentsOf: repeatElement(.accepted, count: count))
    for finding in judged.findings {
      result.findingCounts[Int(finding.check)] += 1
      if validator.descriptions[Int(finding.check)].severity >= .return {
        judged.verdicts[Int(finding.row)] = .returned
      }
    }
    for row in 0..<count {
      let index = judged.positions[row].recordNumber - 1
      let attempts = survey.attempts[index]
      judged.attempts.append(attempts)
      if judged.verdicts[row] == .accepted, survey.entries[index].isDeletion {
        judged.verdicts[row] = .deleted
      }
      verdicts[index] = judged.verdicts[row]
      switch judged.verdicts[row] {
      case .accepted:
        result.balance.accepted += 1
        if attempts == 0 { result.balance.acceptedFirst += 1 }
      case .returned:
        result.balance.returned += 1
        if attempts == 0 { result.balance.returnedFirst += 1 }
      case .deleted: result.balance.deleted += 1
      case .pending: result.balance.pending += 1
      case .none, .superseded: break
      }
    }
  }
}
