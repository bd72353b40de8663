import Catalog
import Reconciliation
import Records

/// Computes the keys of standardized records: intake key, entity key, content.
///
/// Texts of a key are joined with a unit separator; typed parts count by their value, so that
/// `2026/3/1` and `2026-03-01` are one key.
struct RecordKeys {
  private let plan: DeliveryPlan
  private let recordIDColumn: Int?
  private let timeColumn: Int?
  private let operationColumn: Int?
  private let deletionIndex: Int64
  private let keyColumns: [Int]
  private let contentSeed: UInt64
  private var buffer: [UInt8] = []

  /// - Parameter header: Names of the file's columns; part of every content, because a record means
  ///   something else under another header.
  init(_ plan: DeliveryPlan, header: [String]) {
    self.plan = plan
    recordIDColumn = plan.column(plan.configuration.recordIDElement)
    timeColumn = plan.column(plan.configuration.updateTimeElement)
    operationColumn = plan.column(plan.configuration.operationElement)
    let operation = operationColumn.flatMap { plan.category.elements[$0].element.codeList }
    let list = operation.flatMap(plan.catalog.codeList)
    deletionIndex = list?.index(of: plan.configuration.deletionCode).map(Int64.init) ?? -2
    var names = plan.category.entityKey
    if plan.category.isIssuerScoped, !names.contains(plan.configuration.agencyElement),
      plan.column(plan.configuration.agencyElement) != nil
    {
      names.insert(plan.configuration.agencyElement, at: 0)
    }
    keyColumns = names.compactMap { plan.category.column(of: $0) }
    let law =
      plan.catalog.ruleSetHash + "|\(plan.adapter.version)|" + header.joined(separator: "\u{1F}")
    contentSeed = Fingerprint(of: Array(law.utf8).span).low
  }

  /// - Parameter raw: The record as received.
  mutating func entry(_ chunk: borrowing ElementChunk, _ row: Int, raw: TextRef) -> SurveyEntry {
    let content = chunk.text.withText(raw) { Fingerprint(of: $0, seed: contentSeed) }
    var identity = raw
    var isAnonymous = true
    if let column = recordIDColumn, chunk.columns[column].states[row] != .null {
      identity = chunk.columns[column].texts[row]
      isAnonymous = false
    }
    let record = chunk.text.withText(identity) {
      Fingerprint(of: $0, seed: isAnonymous ? 3 : 1)
    }.inStream(plan.stream)
    var time = SurveyEntry.noTime
    if let column = timeColumn, chunk.columns[column].states[row] == .present {
      time = chunk.columns[column].numbers[row]
    }
    return SurveyEntry(
      record: record, entity: entity(chunk, row), content: content, updateTime: time,
      isDeletion: isDeletion(chunk, row), isAnonymous: isAnonymous)
  }

  func isDeletion(_ chunk: borrowing ElementChunk, _ row: Int) -> Bool {
    guard let column = operationColumn, chunk.columns[column].states[row] == .present else {
      return false
    }
    return chunk.columns[column].numbers[row] == deletionIndex
  }

  private mutating func entity(_ chunk: borrowing ElementChunk, _ row: Int) -> Fingerprint {
    buffer.removeAll(keepingCapacity: true)
    for column in keyColumns {
      let element = plan.category.elements[column].element
      if chunk.columns[column].states[row] == .null {
        // A conditional part of the key may be empty (a task before its draw has no subject).
        guard case .required = plan.category.elements[column].obligation else {
          buffer.append(0x1F)
          continue
        }
        return SurveyEntry.noEntity
      }
      if element.type == .text || element.type == .flag
        || chunk.columns[column].states[row] == .unreadable
      {
        buffer.append(contentsOf: chunk.text[chunk.columns[column].texts[row].range])
      } else {
        append(chunk.columns[column].numbers[row])
      }
      buffer.append(0x1F)
    }
    return Fingerprint(of: buffer.span, seed: 2).inStream(plan.stream)
  }

  private mutating func append(_ number: Int64) {
    var rest = UInt64(bitPattern: number)
    for _ in 0..<8 {
      buffer.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  /// The entity key as text, for people.
  func entityText(_ chunk: borrowing ElementChunk, _ row: Int) -> String {
    keyColumns.map { chunk.text.string(chunk.columns[$0].texts[row]) }.joined(separator: "|")
  }
}
