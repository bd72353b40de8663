import Catalog
import Foundation
import Reconciliation
import Records
import Standardization
package import Warehouse

/// The records of a delivery of which the warehouse keeps no row: what came again, what did not change, what
/// took another away, and everything of a held one. They are read again from the archive.
package struct DeliveryContents: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// Nothing but what is known.
    case unchanged
    /// The same stood earlier in the file.
    case duplicate
    case deleted
    /// Its delivery waits for a person, or was refused.
    case held
  }

  package struct Record: Sendable, Hashable {
    package var recordNumber: Int
    package var line: Int
    /// In canonical text; nil where the record says none.
    package var recordID: String?
    /// The same of the elements of the category's entity key.
    package var entityKey: [String?]
  }

  package struct Page: Sendable {
    package var records: [Record]
    /// Number of the record behind which the next page begins; nil on the last one.
    package var next: Int?
  }

  /// Longest file that is read for a page, in bytes.
  private static let longestFile: Int64 = 128 << 20

  private let delivery: DeliveryEntry
  private let archive: String
  private let plan: DeliveryPlan
  private let reader: any DeliveryReader

  /// - Parameter archive: ``HomeFolder/archive``.
  package init(
    _ delivery: DeliveryEntry, archive: String, _ plan: DeliveryPlan, _ reader: any DeliveryReader
  ) {
    self.delivery = delivery
    self.archive = archive
    self.plan = plan
    self.reader = reader
  }

  /// One page of the records of a kind, in the order of the file.
  ///
  /// - Parameters:
  ///   - after: Number of a record; only those behind it.
  ///   - stored: Of a range of record numbers those of which the warehouse has a row.
  /// - Returns: nil where the file is not in the archive any more, or too long to be read for a page.
  /// - Throws: ``PipelineError`` if it cannot be read.
  package func page(
    _ kind: Kind, after: Int, limit: Int, stored: (ClosedRange<Int>) throws -> Set<Int>
  ) throws -> Page? {
    let path = archive + "/" + delivery.archivePath
    guard !delivery.archivePath.isEmpty, PosixFile.exists(path),
      plan.configuration.unpackedLength(delivery.fileName, delivery.length) <= Self.longestFile
    else { return nil }
    let inspection = FileInspection(
      content: Fingerprint(hexadecimal: delivery.content) ?? Fingerprint(high: 0, low: 0),
      length: delivery.length, encoding: delivery.encoding)
    let survey = try DeliverySurvey(
      plan: plan, inspection: inspection, folder: FileManager.default.temporaryDirectory.path)
    try survey.read(path, reader)
    var numbers = try Self.numbers(kind, of: survey, after: after, limit: limit + 1, stored)
    let isMore = numbers.count > limit
    if isMore { numbers.removeLast() }
    return Page(
      records: try records(numbers, of: survey, path), next: isMore ? numbers.last : nil)
  }

  /// Records looked up at a time.
  private static let batch = 4096

  private static func numbers(
    _ kind: Kind, of survey: DeliverySurvey, after: Int, limit: Int,
    _ stored: (ClosedRange<Int>) throws -> Set<Int>
  ) throws -> [Int] {
    var found: [Int] = []
    // `after` is what somebody typed: any number there is.
    var first = min(max(0, after), survey.entries.count) + 1
    while first <= survey.entries.count, found.count < limit {
      let range = first...min(first + batch - 1, survey.entries.count)
      let known = kind == .held ? [] : try stored(range)
      for number in range where found.count < limit && !known.contains(number) {
        if kind == .held || kind == self.kind(survey, number) { found.append(number) }
      }
      first = range.upperBound + 1
    }
    return found
  }

  /// What a record is that the warehouse has no row of.
  private static func kind(_ survey: DeliverySurvey, _ number: Int) -> Kind {
    if survey.dispositions[number - 1] == .duplicate { return .duplicate }
    return survey.entries[number - 1].isDeletion ? .deleted : .unchanged
  }

  private struct IsDone: Error {}

  private func records(
    _ numbers: [Int], of survey: DeliverySurvey, _ path: String
  ) throws -> [Record] {
    guard let last = numbers.last else { return [] }
    let wanted = Set(numbers)
    let standardizer = plan.standardizer(
      survey.match, batchNumber: delivery.batchNumber, only: plan.surveyElements)
    var elements = standardizer.makeResult()
    var records: [Record] = []
    do {
      _ = try reader.read(
        path, survey.inspection, plan.adapter, plan.mapping, exactPositions: false,
        onHeader: { _ in }
      ) { chunk in
        guard let number = chunk.positions.last?.recordNumber else { return }
        let isWanted = chunk.positions.map { wanted.contains($0.recordNumber) }
        chunk.keepRows { isWanted[$0] }
        if chunk.recordCount > 0 {
          let positions = chunk.positions
          standardizer.standardize(&chunk, recordCount: positions.count, into: &elements)
          for (row, position) in positions.enumerated() {
            func text(_ name: String) -> String? {
              guard let column = plan.column(name) else { return nil }
              return ReceivedRecord.canonical(
                elements, row, column, plan.category.elements[column].element)
            }
            records.append(
              Record(
                recordNumber: position.recordNumber, line: position.line,
                recordID: text(plan.configuration.recordIDElement),
                entityKey: plan.category.entityKey.map(text)))
          }
        }
        if number >= last { throw IsDone() }
      }
    } catch is IsDone {}
    return records
  }
}
