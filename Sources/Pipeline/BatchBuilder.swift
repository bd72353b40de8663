import Catalog
import Reconciliation
import Records
import Validation
import Warehouse

/// Turns judged chunks into the batches of the warehouse's tables.
struct BatchBuilder {
  private let plan: DeliveryPlan
  private let delivery: Int64
  private let valueTables: [(column: Int, table: String)]
  private let keys: RecordKeys
  private let survey: DeliverySurvey
  /// `"identifier":` by column.
  private let names: [[UInt8]]
  /// Last day of waiting of the records that wait, as `2026-03-01`.
  private let due: String

  init(_ survey: DeliverySurvey, delivery: Int64, due: String = "") {
    self.due = due
    let plan = survey.plan
    self.survey = survey
    self.plan = plan
    self.delivery = delivery
    keys = RecordKeys(plan, header: survey.header)
    names = plan.category.elements.map { Array("\"\($0.element.identifier)\":".utf8) }
    valueTables = plan.category.elements.indices.filter {
      plan.category.elements[$0].element.isMultiValued
    }.map { column in
      (
        column,
        TableModel.valueTable(plan.category.id, plan.category.elements[column].element.identifier)
      )
    }
  }

  /// Row of the warehouse for a record of the delivery.
  func rowID(_ recordNumber: Int) -> Int64 { delivery << 32 | Int64(recordNumber) }

  /// - Parameters:
  ///   - chunk: Not changed.
  ///   - isCompact: Texts that nobody refers to stay behind: the batches are to be written to a file.
  func batches(
    _ chunk: borrowing JudgedChunk, _ validator: CategoryValidator, isCompact: Bool
  ) -> [TableBatch] {
    let stored = (0..<chunk.count).filter {
      chunk.verdicts[$0] == .accepted || chunk.verdicts[$0] == .pending
    }
    let returned = (0..<chunk.count).filter { chunk.verdicts[$0] == .returned }
    let waiting = (0..<chunk.count).filter { chunk.verdicts[$0] == .pending }
    var batches: [TableBatch] = []
    if !stored.isEmpty {
      batches.append(records(chunk, stored, isCompact: isCompact))
      batches += values(chunk, stored)
      batches += children(chunk)
    }
    if !returned.isEmpty { batches.append(quarantine(chunk, returned, due: nil)) }
    if !waiting.isEmpty { batches += self.waiting(chunk, waiting, validator) }
    if !chunk.findings.isEmpty { batches.append(findings(chunk, validator)) }
    return batches
  }

  // MARK: Waiting

  /// Records that wait, why, and for which keys.
  private func waiting(
    _ chunk: borrowing JudgedChunk, _ rows: [Int], _ validator: CategoryValidator
  ) -> [TableBatch] {
    var labels = LabelBatch()
    var wanted: [(key: Fingerprint, row: Int64)] = []
    for (label, keys) in zip(chunk.labels, chunk.wanted) {
      let position = chunk.positions[Int(label.row)]
      let row = rowID(position.recordNumber)
      labels.append(
        label, row: row, position, validator.descriptions[Int(label.check)], chunk.elements.text)
      wanted += keys.map { ($0, row) }
    }
    wanted.sort { ($0.row, $0.key) < ($1.row, $1.key) }
    let keys = WantedKeys.batch(wanted)
    return [quarantine(chunk, rows, due: due), labels.batch, keys]
  }

  // MARK: Records

  private func records(
    _ chunk: borrowing JudgedChunk, _ rows: [Int], isCompact: Bool
  ) -> TableBatch {
    var batch = TableBatch(
      table: TableModel.recordTable(plan.category.id), rowCount: rows.count)
    // One copy of the arena and what was changed behind it, or every text by itself.
    batch.text.reserveCapacity(chunk.elements.text.count * (isCompact ? 1 : 2))
    if !isCompact { batch.text.append(contentsOf: chunk.elements.text) }
    batch.columns = [
      .integers(rows.map { rowID(chunk.positions[$0].recordNumber) }),
      .integers(rows.map { Int64(chunk.positions[$0].line) }),
      .integers(rows.map { Int64(chunk.positions[$0].byteOffset) }),
      .texts(changes(chunk, rows, &batch.text)),
    ]
    for (index, entry) in plan.category.elements.enumerated() {
      let source = chunk.elements.columns[index]
      guard rows.contains(where: { source.states[$0] != .null }) else {
        batch.columns.append(.constantText(nil))
        continue
      }
      switch entry.element.type {
      case .number: batch.columns.append(.integers(numbers(source, rows)))
      case .date: batch.columns.append(.dates(numbers(source, rows)))
      case .dateTime: batch.columns.append(.dateTimes(numbers(source, rows)))
      case .text, .flag:
        batch.columns.append(
          isCompact
            ? copied(source, rows, chunk.elements.text, &batch.text)
            : .texts(
              rows.count == chunk.count
                ? Array(source.texts[..<rows.count]) : rows.map { source.texts[$0] }))
      }
    }
    return batch
  }

  private func copied(
    _ column: borrowing ElementColumn, _ rows: [Int], _ source: TextArena, _ text: inout TextArena
  ) -> BatchColumn {
    let first = column.texts[rows[0]]
    if rows.allSatisfy({ column.texts[$0] == first }) { return .constantText(source.string(first)) }
    var references: [TextRef] = []
    references.reserveCapacity(rows.count)
    for row in rows {
      let ref = column.texts[row]
      references.append(ref.isAbsent ? .absent : text.appendText(ref, from: source))
    }
    return .texts(references)
  }

  private func numbers(_ column: borrowing ElementColumn, _ rows: [Int]) -> [Int64] {
    var numbers: [Int64] = []
    numbers.reserveCapacity(rows.count)
    for row in rows {
      numbers.append(column.states[row] == .present ? column.numbers[row] : BatchColumn.null)
    }
    return numbers
  }

  /// What standardization changed, as a JSON object of the values as received.
  private func changes(
    _ chunk: borrowing JudgedChunk, _ rows: [Int], _ text: inout TextArena
  ) -> [TextRef] {
    // Changes come by column, then row: chained by row they stay in the order of the columns.
    let changes = chunk.elements.changes
    guard !changes.isEmpty else { return Array(repeating: .absent, count: rows.count) }
    var firsts = [Int](repeating: -1, count: chunk.count)
    var nexts = [Int](repeating: -1, count: changes.count)
    for index in changes.indices.reversed() {
      nexts[index] = firsts[changes[index].row]
      firsts[changes[index].row] = index
    }
    var seen = [Int](repeating: -1, count: names.count)
    return rows.map { row in
      guard firsts[row] >= 0 else { return .absent }
      let offset = text.count
      var index = firsts[row]
      while index >= 0 {
        let change = changes[index]
        index = nexts[index]
        // The first change of a value has it as received.
        guard seen[change.column] != row else { continue }
        seen[change.column] = row
        text.append(UInt8(ascii: text.count == offset ? "{" : ","))
        text.append(contentsOf: names[change.column])
        text.appendJSON(chunk.elements.text[change.original.range])
      }
      text.append(UInt8(ascii: "}"))
      return text.text(from: offset)
    }
  }

  // MARK: Child rows

  private func values(_ chunk: borrowing JudgedChunk, _ rows: [Int]) -> [TableBatch] {
    valueTables.compactMap { column, table in
      var batch = TableBatch(table: table)
      var owners: [Int64] = []
      var ordinals: [Int64] = []
      var texts: [TextRef] = []
      for row in rows where chunk.elements.columns[column].states[row] != .null {
        let owner = rowID(chunk.positions[row].recordNumber)
        var ordinal: Int64 = 0
        let bytes = chunk.elements.text[chunk.elements.columns[column].texts[row].range]
        for part in bytes.split(separator: UInt8(ascii: ";")) {
          ordinal += 1
          owners.append(owner)
          ordinals.append(ordinal)
          let offset = batch.text.count
          batch.text.append(contentsOf: part)
          texts.append(batch.text.text(from: offset))
        }
      }
      guard !owners.isEmpty else { return nil }
      batch.rowCount = owners.count
      batch.columns = [.integers(owners), .integers(ordinals), .texts(texts)]
      return batch
    }
  }

  /// Rows inside accepted and waiting records.
  private func children(_ chunk: borrowing JudgedChunk) -> [TableBatch] {
    chunk.children.indices.compactMap { index in
      let owners = chunk.children[index].owners
      var rows: [Int] = []
      var ordinals: [Int64] = []
      var ordinal: Int64 = 0
      for row in owners.indices {
        ordinal = row > 0 && owners[row] == owners[row - 1] ? ordinal + 1 : 1
        let verdict = chunk.verdicts[Int(owners[row])]
        guard verdict == .accepted || verdict == .pending else { continue }
        rows.append(row)
        ordinals.append(ordinal)
      }
      guard !rows.isEmpty else { return nil }
      let child = plan.category.children[chunk.children[index].table]
      var batch = TableBatch(
        table: TableModel.childTable(plan.category.id, child.name), rowCount: rows.count)
      batch.columns = [
        .integers(rows.map { rowID(chunk.positions[Int(owners[$0])].recordNumber) }),
        .integers(ordinals),
      ]
      for (column, entry) in child.elements.enumerated() {
        let source = chunk.children[index].elements.columns[column]
        switch entry.element.type {
        case .number: batch.columns.append(.integers(numbers(source, rows)))
        case .date: batch.columns.append(.dates(numbers(source, rows)))
        case .dateTime: batch.columns.append(.dateTimes(numbers(source, rows)))
        case .text, .flag:
          batch.columns.append(copied(source, rows, chunk.elements.text, &batch.text))
        }
      }
      return batch
    }
  }

  // MARK: Quarantine and findings

  /// - Parameter due: For records that wait; nil for those that are returned.
  private func quarantine(
    _ chunk: borrowing JudgedChunk, _ rows: [Int], due: String?
  ) -> TableBatch {
    let table = due == nil ? TableModel.quarantine : TableModel.waiting
    var batch = TableBatch(table: table.name, rowCount: rows.count)
    let recordID = plan.column(plan.configuration.recordIDElement)
    func copy(_ ref: TextRef) -> TextRef {
      guard !ref.isAbsent else { return .absent }
      let offset = batch.text.count
      batch.text.append(contentsOf: chunk.elements.text[ref.range])
      return batch.text.text(from: offset)
    }
    let ids = rows.map { row in
      recordID.map { copy(chunk.elements.columns[$0].texts[row]) } ?? TextRef.absent
    }
    let recordKeys = rows.map { row in
      batch.text.appendText(
        survey.entries[chunk.positions[row].recordNumber - 1].record.hexadecimal)
    }
    let entityKeys = rows.map { batch.text.appendText(keys.entityText(chunk.elements, $0)) }
    let raws = rows.map { copy(chunk.raws[$0]) }
    let tier = plan.category.elements.map(\.element.tier).max() ?? .restricted
    batch.columns = [
      .integers(rows.map { rowID(chunk.positions[$0].recordNumber) }),
      .constantText(due ?? "returned"), .constantText(plan.category.id),
      .constantText(plan.system.id),
      .integers(rows.map { Int64(chunk.positions[$0].recordNumber) }),
      .integers(rows.map { Int64(chunk.positions[$0].line) }),
      .integers(rows.map { Int64(chunk.positions[$0].byteOffset) }),
      .integers(rows.map { Int64(chunk.attempts[$0]) + 1 }), .texts(recordKeys), .texts(ids),
      .texts(entityKeys),
      .texts(raws), .constantText(tier.rawValue),
    ]
    return batch
  }

  private func findings(
    _ chunk: borrowing JudgedChunk, _ validator: CategoryValidator
  ) -> TableBatch {
    var batch = TableBatch(table: TableModel.findings.name, rowCount: chunk.findings.count)
    var shared: [Int32: [TextRef]] = [:]
    func fixed(_ finding: Finding) -> [TextRef] {
      if let refs = shared[finding.check] { return refs }
      let description = validator.descriptions[Int(finding.check)]
      let refs = [
        batch.text.appendText(description.issue.rawValue), batch.text.appendText(description.rule),
        description.element.map { batch.text.appendText($0) } ?? .absent,
        batch.text.appendText(description.severity.rawValue),
        batch.text.appendText(description.expectedChinese),
      ]
      shared[finding.check] = refs
      return refs
    }
    let texts = chunk.findings.map(fixed)
    let values = chunk.findings.map { finding in
      batch.text.appendShown(
        finding.value, in: chunk.elements.text,
        tier: validator.descriptions[Int(finding.check)].tier)
    }
    let expected = zip(chunk.findings, texts).map { finding, fixed in
      finding.expected.isAbsent
        ? fixed[4] : batch.text.appendText(chunk.elements.text.string(finding.expected))
    }
    var ordinal: Int64 = 0
    var lastRow: Int32 = -1
    let ordinals = chunk.findings.map { finding -> Int64 in
      ordinal = finding.row == lastRow ? ordinal + 1 : 1
      lastRow = finding.row
      return ordinal
    }
    let positions = chunk.findings.map { chunk.positions[Int($0.row)] }
    batch.columns = [
      .integers(positions.map { rowID($0.recordNumber) }), .integers(ordinals),
      .texts(texts.map { $0[0] }), .texts(texts.map { $0[1] }),
      .integers(chunk.findings.map { Int64(validator.descriptions[Int($0.check)].version) }),
      .texts(texts.map { $0[2] }), .texts(texts.map { $0[3] }), .texts(values),
      .texts(expected), .integers(positions.map { Int64($0.recordNumber) }),
      .integers(positions.map { Int64($0.line) }),
      .integers(positions.map { Int64($0.byteOffset) }),
    ]
    return batch
  }
}

extension Array where Element == UInt8 {
  /// Appends a JSON string with the text of `bytes`, which is UTF-8.
  mutating func appendJSON(_ bytes: ArraySlice<UInt8>) {
    append(UInt8(ascii: "\""))
    var start = bytes.startIndex
    for index in bytes.indices {
      let byte = bytes[index]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
        continue
      }
      append(contentsOf: bytes[start..<index])
      start = index + 1
      append(UInt8(ascii: "\\"))
      if byte >= 0x20 {
        append(byte)
      } else {
        append(contentsOf: "u00".utf8)
        append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
        append(byte & 15 < 10 ? UInt8(ascii: "0") + byte & 15 : UInt8(ascii: "a") - 10 + byte & 15)
      }
    }
    append(contentsOf: bytes[start...])
    append(UInt8(ascii: "\""))
  }

  /// Appends an observed value as findings show it: masked by its tier, at most 80 characters.
  mutating func appendShown(_ ref: TextRef, in arena: TextArena, tier: SharingTier) -> TextRef {
    guard !ref.isAbsent else { return .absent }
    guard tier < .restricted else {
      let characters = arena[ref.range].count { $0 & 0xC0 != 0x80 }
      return appendText(MaskedValue.text(characters: characters))
    }
    let offset = count
    var characters = 0
    for byte in arena[ref.range] {
      if byte & 0xC0 != 0x80 {
        characters += 1
        if characters > 80 {
          append(contentsOf: "…".utf8)
          break
        }
      }
      append(byte)
    }
    return text(from: offset)
  }
}
