import Catalog
import Reconciliation
import Records
import Warehouse

/// Golden records of one page, on their way to the warehouse.
struct GoldenBatch {
  /// Collects the columns of one table.
  private struct Rows {
    var text: TextArena = []
    var texts: [[TextRef]]
    var integers: [[Int64]]

    init(texts: Int, integers: Int) {
      self.texts = Array(repeating: [], count: texts)
      self.integers = Array(repeating: [], count: integers)
    }

    mutating func append(_ values: [String?]) {
      for (place, value) in values.enumerated() {
        texts[place].append(value.map { text.appendText($0) } ?? .absent)
      }
    }

    mutating func append(_ values: [Int64]) {
      for (place, value) in values.enumerated() { integers[place].append(value) }
    }
  }

  private let entity: GoldenEntity
  private let category: Category
  /// Columns of the category, in the order of the entity.
  private let columns: [Int]
  private let keyColumns: [Int]
  private let publication: Int64
  private let keys: [Int64]
  private var composedKeys: [Int64] = []
  /// Texts: record key, content, then elements; integers: base row, members, then elements.
  private var composed: Rows
  private var partOwners: [Int] = []
  /// Texts: part, basis, child table; integers: row, rule version, override, row of the child
  /// table.
  private var parts = Rows(texts: 3, integers: 4)
  /// Texts: rule, element, record key, severity, value, expected, child tables of both sides;
  /// integers: row, rule version, winner, ordinal, line, byte offset, rows of the child tables.
  private var conflicts = Rows(texts: 8, integers: 8)

  init(_ entity: GoldenEntity, _ category: Category, publication: Int64, keys: [Int64]) {
    self.entity = entity
    self.category = category
    self.publication = publication
    self.keys = keys
    columns = entity.elements.compactMap { category.column(of: $0) }
    keyColumns = entity.matchKey.compactMap { category.column(of: $0) }
    composed = Rows(texts: 2 + columns.count, integers: 2 + columns.count)
  }

  /// - Parameters:
  ///   - key: Number of the key; higher than those before.
  ///   - rows: The stored ones of the members.
  ///   - finding: What the losing side of a conflict is told.
  mutating func append(
    _ record: GoldenRecord, key: Int64, memberCount: Int, of members: GoldenMembers,
    _ rows: StoredRows, _ composer: GoldenComposer,
    finding: (GoldenConflict) throws -> ConflictFinding
  ) rethrows {
    let rowIDs = rows.rowIDs
    var content: [UInt8] = []
    let recordKey = fingerprint(of: record.base, members)
    composed.append([rowIDs[record.base], Int64(memberCount)])
    content.append(number: rowIDs[record.base])
    content.append(number: Int64(memberCount))
    for (place, column) in columns.enumerated() {
      appendValue(record, place, column, members, to: &content)
    }
    appendParts(record, members, rowIDs, composer, to: &content)
    composed.texts[0].append(composed.text.append(recordKey))
    composed.texts[1].append(composed.text.append(Fingerprint(of: content.span)))
    composedKeys.append(key)
    for conflict in record.conflicts {
      let finding = try finding(conflict)
      let position = rows.positions[conflict.row]
      let sides = [conflict.row, conflict.winner].map { members.places[$0] }
      conflicts.append(
        [
          finding.row, Int64(finding.rule.version), rowIDs[conflict.winner], finding.ordinal,
          Int64(position.line), Int64(position.byteOffset),
        ] + sides.map { ordinal($0) })
      conflicts.append([finding.rule.id, finding.element])
      conflicts.texts[2].append(conflicts.text.append(recordKey))
      for (place, text) in [finding.rule.severity.rawValue, finding.value, finding.expected]
        .enumerated()
      {
        conflicts.texts[3 + place].append(conflicts.text.appendText(text))
      }
      for (place, side) in sides.enumerated() {
        conflicts.texts[6 + place].append(
          child(side).map { conflicts.text.appendText($0) } ?? .absent)
      }
    }
  }

  /// Name of the child table that speaks; nil for the record itself.
  private func child(_ place: GoldenPlace) -> String? {
    place == .record ? nil : entity.childRows[place.speaker - 1].table
  }

  private func ordinal(_ place: GoldenPlace) -> Int64 {
    place == .record ? BatchColumn.null : Int64(place.ordinal)
  }

  /// The thing that a record speaks of.
  private func fingerprint(of row: Int, _ members: GoldenMembers) -> Fingerprint {
    var bytes = Array("\(entity.id)|".utf8)
    for column in keyColumns {
      bytes += members.chunk.text[members.chunk.columns[column].texts[row].range]
      bytes.append(0x1F)
    }
    return Fingerprint(of: bytes.span)
  }

  private mutating func appendValue(
    _ record: GoldenRecord, _ place: Int, _ column: Int, _ members: GoldenMembers,
    to content: inout [UInt8]
  ) {
    let row = record.winners[column]
    var ref = TextRef.absent
    var number = BatchColumn.null
    if let union = record.unions[column] {
      let offset = composed.text.count
      composed.text.append(contentsOf: union)
      ref = composed.text.text(from: offset)
      content += union
    } else if row != GoldenRecord.none {
      let source = members.chunk.columns[column].texts[row]
      content += members.chunk.text[source.range]
      if members.isTyped[column] {
        number = members.chunk.columns[column].numbers[row]
      } else {
        ref = composed.text.appendText(source, from: members.chunk.text)
      }
    }
    content.append(row == GoldenRecord.none ? 0x1E : 0x1F)
    composed.texts[2 + place].append(ref)
    composed.integers[2 + place].append(number)
  }

  private mutating func appendParts(
    _ record: GoldenRecord, _ members: GoldenMembers, _ rowIDs: [Int64],
    _ composer: GoldenComposer, to content: inout [UInt8]
  ) {
    func part(
      _ name: String, row: Int64, _ place: GoldenPlace = .record, version: Int64,
      basis: GoldenBasis?, override: Int64 = BatchColumn.null
    ) {
      partOwners.append(composedKeys.count)
      parts.append([name, basis?.rawValue, child(place)])
      parts.append([row, version, override, ordinal(place)])
      content += Array("\(name)|\(row)|\(version)|\(basis?.rawValue ?? "")".utf8)
      if override != BatchColumn.null { content.append(number: override) }
      if let child = child(place) { content += Array("|\(child)|\(place.ordinal)".utf8) }
    }
    let null = BatchColumn.null
    var isDecided = Set<Int>()
    for decision in record.decisions {
      let rule = composer.rules[decision.rule]
      isDecided.formUnion(composer.columns(ofRule: decision.rule))
      part(
        rule.id, row: rowIDs[decision.winner], members.places[decision.winner],
        version: Int64(rule.version), basis: decision.basis)
    }
    for column in columns {
      let name = category.elements[column].element.identifier
      if let override = record.overrides[column] {
        part(name, row: null, version: null, basis: .override, override: override)
        continue
      }
      guard !isDecided.contains(column) else { continue }
      let row = record.winners[column]
      let isUnion = record.unions[column] != nil
      // What is not said otherwise is the base's own, if that is a whole record.
      guard
        isUnion
          || (row != GoldenRecord.none
            && (row != record.base || members.places[row] != .record))
      else { continue }
      part(
        name, row: isUnion ? null : rowIDs[row], isUnion ? .record : members.places[row],
        version: null, basis: nil)
    }
  }

  var update: GoldenUpdate {
    var elements: [BatchColumn] = []
    for (place, column) in columns.enumerated() {
      switch category.elements[column].element.type {
      case .number: elements.append(.integers(composed.integers[2 + place]))
      case .date: elements.append(.dates(composed.integers[2 + place]))
      case .dateTime: elements.append(.dateTimes(composed.integers[2 + place]))
      case .text, .flag: elements.append(.texts(composed.texts[2 + place]))
      }
    }
    var update = GoldenUpdate(
      entity: entity, publication: publication, keys: keys,
      composed: TableBatch(
        table: TableModel.composedTable(entity.id), rowCount: composedKeys.count,
        columns: [
          .blobs(composed.texts[0]), .blobs(composed.texts[1]), .integers(composed.integers[0]),
          .integers(composed.integers[1]),
        ] + elements, text: composed.text),
      parts: TableBatch(
        table: TableModel.goldenParts.name, rowCount: partOwners.count,
        columns: [
          .texts(parts.texts[0]), .integers(parts.integers[0]), .integers(parts.integers[1]),
          .texts(parts.texts[1]), .integers(parts.integers[2]), .texts(parts.texts[2]),
          .integers(parts.integers[3]),
        ], text: parts.text),
      conflicts: TableBatch(
        table: TableModel.conflicts.name, rowCount: conflicts.integers[0].count,
        columns: [
          .integers(conflicts.integers[0]), .texts(conflicts.texts[0]), .texts(conflicts.texts[1]),
          .blobs(conflicts.texts[2]), .integers(conflicts.integers[1]), .texts(conflicts.texts[3]),
          .integers(conflicts.integers[2]), .texts(conflicts.texts[4]), .texts(conflicts.texts[5]),
          .integers(conflicts.integers[3]), .integers(conflicts.integers[4]),
          .integers(conflicts.integers[5]), .texts(conflicts.texts[6]),
          .integers(conflicts.integers[6]), .texts(conflicts.texts[7]),
          .integers(conflicts.integers[7]),
        ], text: conflicts.text))
    update.composedKeys = composedKeys
    update.partOwners = partOwners
    return update
  }
}

extension Array where Element == UInt8 {
  fileprivate mutating func append(number: Int64) {
    for shift in stride(from: 56, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: number >> Int64(shift)))
    }
  }
}
