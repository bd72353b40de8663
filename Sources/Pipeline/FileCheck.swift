package import Catalog
import Foundation
import Reconciliation
import Records
import Validation
import Warehouse

/// A record of a checked file with its findings.
package struct CheckedRecord: Sendable {
  package struct Item: Sendable {
    package var code: String
    package var rule: String
    package var element: String
    package var value: String
    package var severity: Severity
    package var expectedChinese: String
    package var expectedEnglish: String
  }

  package var recordNumber: Int
  package var line: Int
  package var byteOffset: Int
  package var key: String
  package var items: [Item]
}

/// What the check of a file came to.
package struct CheckSummary: Sendable {
  package var encoding: String
  package var read = 0
  package var accepted = 0
  package var returned = 0
  package var duplicate = 0
  package var deleted = 0
  /// Reasons for which the whole delivery would wait for a person.
  package var holds: [HoldReason] = []
  package var drift = ""
  /// Findings by code.
  package var counts: [String: Int] = [:]
  /// Rules that need other records, see semantics.md §13.
  package var uncheckedRules: [String] = []

  package var isClean: Bool { counts.isEmpty && holds.isEmpty }
}

/// Judges a file as the night would, without a warehouse (semantics.md §13).
///
/// Unchecked: chunks are prepared side by side from what never changes; everything else has one caller.
package final class FileCheck: JudgedChunkSink, @unchecked Sendable {
  private let plan: DeliveryPlan
  private let reader: any DeliveryReader
  private let moment: RunMoment
  private let showsValues: Bool
  private let keys: RecordKeys
  private let onRecord: (CheckedRecord) throws -> Void

  /// - Parameters:
  ///   - showsValues: Restricted values are shown too.
  ///   - onRecord: Gets every record with findings, in the order of the file.
  package init(
    plan: DeliveryPlan, reader: any DeliveryReader, moment: RunMoment, showsValues: Bool,
    onRecord: @escaping (CheckedRecord) throws -> Void
  ) {
    self.plan = plan
    self.reader = reader
    self.moment = moment
    self.showsValues = showsValues
    self.onRecord = onRecord
    keys = RecordKeys(plan, header: [])
  }

  package func run(_ path: String) throws -> CheckSummary {
    let inspection = try reader.inspect(path, plan.adapter)
    var summary = CheckSummary(encoding: inspection.encoding)
    if let problem = inspection.problem {
      summary.holds = [HoldReason(.q15, .unreadable, problem)]
      return summary
    }
    let folder = FileManager.default.temporaryDirectory.path
    let survey = try DeliverySurvey(plan: plan, inspection: inspection, folder: folder)
    try survey.read(path, reader)
    summary.read = survey.entries.count
    summary.drift = DriftReport(survey.match, plan.adapter).text
    let gate = HoldGate()
    summary.holds = gate.reasons(survey, expected: nil, isFull: false)
    guard !summary.holds.contains(where: \.isSecret) else { return summary }
    try survey.resolve(nil)
    let validator = try CategoryValidator(
      catalog: plan.catalog, category: plan.category, system: plan.system.id)
    let judge = try DeliveryJudge(
      survey: survey, validator: validator, moment: moment,
      batchNumber: "\(plan.system.id)20000101001", folder: folder, sink: self)
    let result = try judge.run(path, reader)
    summary.holds += gate.reasons(result, validator, plan.adapter)
    summary.accepted = result.balance.accepted
    summary.returned = result.balance.returned
    summary.duplicate = result.balance.duplicate
    summary.deleted = result.balance.deleted
    summary.uncheckedRules = validator.referenceRules.map(\.id)
    for (check, count) in result.findingCounts.enumerated() where count > 0 {
      summary.counts[validator.descriptions[check].issue.rawValue, default: 0] += count
    }
    return summary
  }

  func prepare(
    _ chunk: borrowing JudgedChunk, _ validator: CategoryValidator
  ) -> [CheckedRecord] {
    var records: [CheckedRecord] = []
    var start = 0
    while start < chunk.findings.count {
      let row = chunk.findings[start].row
      var end = start + 1
      while end < chunk.findings.count, chunk.findings[end].row == row { end += 1 }
      records.append(record(chunk, Int(row), start..<end, validator))
      start = end
    }
    return records
  }

  func take(_ records: [CheckedRecord]) throws {
    for record in records { try onRecord(record) }
  }

  private func record(
    _ chunk: borrowing JudgedChunk, _ row: Int, _ range: Range<Int>,
    _ validator: CategoryValidator
  ) -> CheckedRecord {
    var arena: TextArena = []
    let items = range.map { index in
      let finding = chunk.findings[index]
      let description = validator.descriptions[Int(finding.check)]
      let shown = arena.appendShown(
        finding.value, in: chunk.elements.text, tier: showsValues ? .public : description.tier)
      return CheckedRecord.Item(
        code: description.issue.rawValue, rule: description.rule,
        element: description.element ?? "", value: arena.string(shown),
        severity: description.severity,
        expectedChinese: finding.expected.isAbsent
          ? description.expectedChinese : chunk.elements.text.string(finding.expected),
        expectedEnglish: description.expectedEnglish)
    }
    let position = chunk.positions[row]
    return CheckedRecord(
      recordNumber: position.recordNumber, line: position.line, byteOffset: position.byteOffset,
      key: keys.entityText(chunk.elements, row), items: items)
  }
}
