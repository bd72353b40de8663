package import Catalog
package import Records
package import Sharing
import Standardization
package import Warehouse

/// One record as its sender wrote it, read again from the archive, beside what standardization makes of it.
///
/// The archive is the only place that has every record in the words of its sender, whatever became of it. The
/// file is read where the record stands, or from its beginning where it cannot be opened in the middle.
package struct ReceivedRecord: Sendable {
  /// A field of the record.
  package struct Field: Sendable {
    /// Header or path as the file has it.
    package var name: String
    package var text: String
    /// Column of the category; nil for what no element takes.
    package var column: Int?
  }

  package var position: SourcePosition
  /// The whole record, decoded.
  package var raw: String
  /// In the order of the file; of a document in the order of the adapter.
  package var fields: [Field]
  /// The record could not be taken apart; `fields` says nothing.
  package var isBroken: Bool
  /// The one record, standardized.
  package var elements: ElementChunk
  /// Its rows, standardized.
  package var rows: [SharingRows]
  /// What the rows said, by the places of ``rows``, then row, then element of the table; nil where the delivery has
  /// no one column for it.
  package var rowTexts: [[[String?]]]

  private struct Found: Error {}

  /// A standardized value in the form in which the warehouse shows it; nil where there is none or it cannot
  /// be read.
  ///
  /// - Parameter column: Of the category.
  package func canonical(_ column: Int, _ element: DataElement) -> String? {
    Self.canonical(elements, 0, column, element)
  }

  /// The same of a row inside the record.
  package func canonical(
    _ list: SharingRows, _ row: Int, _ column: Int, _ element: DataElement
  ) -> String? {
    Self.canonical(list.rows, row, column, element)
  }

  static func canonical(
    _ elements: ElementChunk, _ row: Int, _ column: Int, _ element: DataElement
  ) -> String? {
    let values = elements.columns[column]
    guard values.states[row] == .present else { return nil }
    let number = values.numbers[row]
    switch element.type {
    case .date: return CivilDate(dayNumber: Int(number)).description
    case .dateTime:
      let day = Int((Double(number) / 86_400).rounded(.down))
      let second = Int(number) - day * 86_400
      let clock = [second / 3600, second / 60 % 60, second % 60].map {
        $0 < 10 ? "0\($0)" : "\($0)"
      }
      return "\(CivilDate(dayNumber: day))T\(clock.joined(separator: ":"))"
    case .number where !element.isMultiValued:
      return decimal(number, element.representation.decimals)
    case .number, .text, .flag: return elements.text.string(values.texts[row])
    }
  }

  private static func decimal(_ number: Int64, _ decimals: Int) -> String {
    guard decimals > 0 else { return String(number) }
    let digits = String(number.magnitude)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return (number < 0 ? "-" : "") + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  /// - Parameters:
  ///   - record: Its number, its place, and its text as far as quarantine has it.
  ///   - archive: ``HomeFolder/archive``.
  /// - Returns: nil where the file has no such record or is not in the archive any more.
  package static func read(
    _ record: QuarantinedRecord, of delivery: DeliveryEntry, archive: String,
    _ plan: DeliveryPlan, _ reader: any DeliveryReader
  ) throws -> ReceivedRecord? {
    let path = archive + "/" + delivery.archivePath
    guard !delivery.archivePath.isEmpty, PosixFile.exists(path) else { return nil }
    let inspection = FileInspection(
      content: Fingerprint(hexadecimal: delivery.content) ?? Fingerprint(high: 0, low: 0),
      length: delivery.length, encoding: delivery.encoding)
    var header: [String] = []
    var match = HeaderMatch(header: [], mappings: plan.mapping.columns)
    func take(_ rows: [[String]]) {
      header = rows.first ?? []
      match = HeaderMatch(
        header: header, mappings: plan.mapping.columns,
        known: plan.mapping.children.flatMap(\.columns))
    }
    var found = try reader.record(
      at: record.byteOffset, of: path, inspection, plan.adapter, plan.mapping, onHeader: take)
    // Nights of earlier programs counted places behind damaged bytes in the decoded text: only the text proves a
    // place.
    if let chunk = found, record.raw.isEmpty || chunk.text.string(chunk.raws[0]) != record.raw {
      found = nil
    }
    if found == nil {
      do {
        _ = try reader.read(
          path, inspection, plan.adapter, plan.mapping, exactPositions: false, onHeader: take
        ) { chunk in
          guard let last = chunk.positions.last, last.recordNumber >= record.recordNumber else {
            return
          }
          var own = chunk
          own.keepRows { chunk.positions[$0].recordNumber == record.recordNumber }
          found = own
          throw Found()
        }
      } catch is Found {}
    }
    guard var found, found.recordCount == 1 else { return nil }
    found.positions[0] = SourcePosition(
      recordNumber: record.recordNumber, line: record.line, byteOffset: record.byteOffset)
    return ReceivedRecord(found, header: header, match, plan, batchNumber: delivery.batchNumber)
  }

  private init(
    _ chunk: RecordChunk, header: [String], _ match: HeaderMatch, _ plan: DeliveryPlan,
    batchNumber: String
  ) {
    position = chunk.positions[0]
    raw = chunk.text.string(chunk.raws[0])
    isBroken = !chunk.faults.isEmpty
    var columns: [Int: (name: String, element: Int?)] = [:]
    for (mapping, column) in zip(plan.mapping.columns, match.columns) {
      guard let column else { continue }
      columns[column] = (mapping.column, mapping.element.flatMap { plan.category.column(of: $0) })
    }
    fields = (0..<chunk.columnCount).compactMap { column in
      let ref = chunk.field(0, column)
      let known = columns[column]
      let name = column < header.count ? header[column] : known?.name ?? ""
      guard !(ref.isAbsent && known == nil) else { return nil }
      return Field(
        name: name, text: ref.isAbsent ? "" : chunk.text.string(ref), column: known?.element)
    }
    var chunk = chunk
    let standardizer = plan.standardizer(match, batchNumber: batchNumber)
    var elements = ElementChunk(
      recordCount: 1, columnCount: plan.category.elements.count, text: [])
    standardizer.standardize(&chunk, into: &elements)
    var rows: [SharingRows] = []
    var rowTexts: [[[String?]]] = []
    for (index, child) in plan.childRows.enumerated() where index < chunk.children.count {
      rowTexts.append(
        Self.texts(
          of: chunk.children[index], plan.mapping.children[index],
          // Standardizing has moved the text.
          plan.category.children[child.table], elements.text))
      var judged = child.makeRows()
      child.standardize(chunk.children[index], &elements, into: &judged)
      judged.elements.text = elements.text
      rows.append(
        SharingRows(table: judged.table, rows: judged.elements, owners: judged.owners))
    }
    self.elements = elements
    self.rows = rows
    self.rowTexts = rowTexts
  }

  private static func texts(
    of rows: borrowing ChildRows, _ mapping: ChildMapping, _ table: ChildTable,
    _ arena: borrowing TextArena
  ) -> [[String?]] {
    let places = table.elements.map { entry in
      mapping.columns.firstIndex { $0.element == entry.element.identifier }
    }
    var texts: [[String?]] = []
    for row in 0..<rows.count {
      var own: [String?] = []
      for place in places {
        guard let place, place < rows.columnCount else {
          own.append(nil)
          continue
        }
        let ref = rows.field(row, place)
        own.append(ref.isAbsent ? "" : arena.string(ref))
      }
      texts.append(own)
    }
    return texts
  }
}
