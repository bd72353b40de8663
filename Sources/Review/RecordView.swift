import Access
import Catalog
import Pipeline
import Records
import Releases
import Sharing
import Warehouse

/// One received record under the rights of one audience.
struct RecordView {
  private let record: ReceivedRecord?
  private let plan: SharingPlan
  private let decisions: SharingDecisions?

  var category: Category { plan.category }

  /// - Parameter record: nil where the archive does not have it any more: then nothing can be decided about
  ///   its values, and only what is open in every record is shown.
  init(_ record: ReceivedRecord?, _ plan: SharingPlan, _ catalog: Catalog, now: Int64) {
    self.record = record
    self.plan = plan
    decisions = record.map { plan.decisions($0.elements, $0.rows, now: now) }
  }

  /// Why nothing of the record may be seen.
  var denial: SharingReason? {
    guard let row = decisions?.rows.first, !row.isKept else { return nil }
    return plan.reasons[row.reason]
  }

  func subject(_ keys: Releases.RecordKeys?) -> SubjectKey? {
    record.flatMap { record in keys?.key(record.elements, 0) }
  }

  /// Canonical texts of elements; nil where one of them is empty. For looking things up, never for showing.
  func texts(_ elements: [String]) -> [String]? {
    guard let record, !elements.isEmpty else { return nil }
    var result: [String] = []
    for name in elements {
      guard let column = category.column(of: name),
        let text = record.canonical(column, category.elements[column].element)
      else { return nil }
      result.append(text)
    }
    return result
  }

  /// Whether what a finding says of an element may be told.
  func mayTell(of element: String) -> Bool {
    guard let column = category.column(of: element) else {
      // About the whole record: everything of it may be in the text.
      return isWhollyOpen
    }
    return isOpen(column)
  }

  /// Whether a value, and with it what stood in its place, may be seen as it is.
  private func isOpen(_ column: Int) -> Bool {
    guard let decisions else {
      return (plan.keepsEveryRecord || plan.audience.tier == .restricted)
        && plan.settledColumns.contains(column)
    }
    guard decisions.rows[0].isKept, decisions.columns[column].cell(0).outcome == .shown else {
      return false
    }
    return category.showsMoves(from: category.elements[column].element.identifier) {
      decisions.columns[$0].cell(0).outcome == .shown
    }
  }

  /// Of what stands in a field nothing is kept from the person, and would not be if it were another value.
  private func isEditable(_ column: Int) -> Bool {
    isOpen(column) && category.elements[column].element.tier <= plan.audience.tier
  }

  /// Nothing of the record is kept from the person.
  private var isWhollyOpen: Bool {
    guard plan.audience.tier == .restricted else { return false }
    let own = category.elements.indices.allSatisfy(isOpen)
    guard let decisions, let record else { return own }
    return own
      && record.rows.allSatisfy { list in
        decisions.children[list.table].allSatisfy { column in
          (0..<list.rows.recordCount).allSatisfy { column.cell($0).outcome == .shown }
        }
      }
  }

  // MARK: Fields

  func fields(_ reasons: [RecordCase.Reason]) -> [RecordCase.Field] {
    guard let record, let decisions, !record.isBroken else { return [] }
    var told: Set<Int> = []
    var result = record.fields.map { field -> RecordCase.Field in
      guard let column = field.column else {
        return RecordCase.Field(
          name: field.name, element: nil,
          // Nobody has said who may see it.
          received: field.text.isEmpty ? .empty : isWhollyOpen ? .shown(field.text) : .withheld,
          standardized: .empty, reasons: [])
      }
      told.insert(column)
      let standardized = standardized(column, record, decisions)
      return RecordCase.Field(
        name: field.name, element: category.elements[column].element,
        received: received(field.text, column, standardized), standardized: standardized,
        reasons: Self.about(category.elements[column].element.identifier, reasons),
        isEditable: isEditable(column))
    }
    // What reasons are about and the file has no column for, and what standardization filled in.
    for column in category.elements.indices where !told.contains(column) {
      let element = category.elements[column].element
      let about = Self.about(element.identifier, reasons)
      let standardized = standardized(column, record, decisions)
      guard !about.isEmpty || standardized != .empty else { continue }
      result.append(
        RecordCase.Field(
          name: "", element: element, received: .empty, standardized: standardized, reasons: about)
      )
    }
    return result
  }

  private static func about(_ element: String, _ reasons: [RecordCase.Reason]) -> [Int] {
    reasons.indices.filter { reasons[$0].finding.element == element }
  }

  private func standardized(
    _ column: Int, _ record: ReceivedRecord, _ decisions: SharingDecisions
  ) -> RecordCase.Value {
    guard let text = record.canonical(column, category.elements[column].element) else {
      return .empty
    }
    return decisions.value(0, column, shown: text)
  }

  /// What was received is shown where the value is; else the masked form says what may be known.
  private func received(
    _ text: String, _ column: Int, _ standardized: RecordCase.Value
  ) -> RecordCase.Value {
    if text.isEmpty { return .empty }
    if isOpen(column) { return .shown(text) }
    if case .masked = standardized { return standardized }
    return .withheld
  }

  // MARK: Rows inside

  func rows(_ reasons: [RecordCase.Reason]) -> [RecordCase.Rows] {
    guard let record, let decisions, !record.isBroken else { return [] }
    return record.rows.enumerated().compactMap { place, list in
      let table = category.children[list.table]
      let own = category.asCategory(table)
      let cells = decisions.children[list.table]
      let fields = (0..<list.rows.recordCount).map { row in
        decisions.rows[0].isKept ? editable(own, cells, row, record.rowTexts[place][row]) : []
      }
      // What could not be read has no value, and is what a reason is about.
      let told = Set(fields.joined().filter { !$0.text.isEmpty }.map(\.element.identifier))
      var columns: [(element: DataElement, values: [RecordCase.Value])] = []
      for (column, entry) in table.elements.enumerated() {
        let values = (0..<list.rows.recordCount).map { row in
          value(list, row, column, entry.element, record, decisions)
        }
        if told.contains(entry.element.identifier) || values.contains(where: { $0 != .empty }) {
          columns.append((entry.element, values))
        }
      }
      guard !columns.isEmpty else { return nil }
      return RecordCase.Rows(
        table: table, elements: columns.map(\.element),
        values: (0..<list.rows.recordCount).map { row in columns.map { $0.values[row] } },
        fields: fields,
        reasons: columns.map { Self.about($0.element.identifier, reasons) })
    }
  }

  /// What a row says, as far as the person sees it and would see another value.
  private func editable(
    _ table: Category, _ cells: [ColumnDecisions], _ row: Int, _ texts: [String?]
  ) -> [RecordCase.RowField] {
    table.elements.indices.compactMap { column in
      let element = table.elements[column].element
      guard let text = texts[column], cells[column].cell(row).outcome == .shown,
        element.tier <= plan.audience.tier,
        table.showsMoves(from: element.identifier, to: { cells[$0].cell(row).outcome == .shown })
      else { return nil }
      return RecordCase.RowField(element: element, text: text)
    }
  }

  private func value(
    _ list: SharingRows, _ row: Int, _ column: Int, _ element: DataElement,
    _ record: ReceivedRecord, _ decisions: SharingDecisions
  ) -> RecordCase.Value {
    guard let text = record.canonical(list, row, column, element) else { return .empty }
    guard decisions.rows[0].isKept else { return .withheld }
    return decisions.value(decisions.children[list.table][column], row, shown: text)
  }

  // MARK: Raw text

  /// - Parameter kept: The text as quarantine has it.
  func raw(_ kept: String, _ reasons: [RecordCase.Reason]) -> RecordCase.Raw {
    guard isWhollyOpen else { return .withheld }
    let text = record?.raw ?? kept
    guard !text.isEmpty else { return .gone }
    var marks: [Range<String.Index>] = []
    var position = text.startIndex
    var searched = 0
    for field in record?.fields ?? [] where !field.text.isEmpty {
      // Fields of a line follow each other; those of a document may stand anywhere.
      let ahead = text[position...].firstRange(of: field.text)
      // Where a field stands is a help; a record with a million of them is not to keep whoever opens it waiting.
      searched +=
        ahead.map { text.utf8.distance(from: position, to: $0.upperBound) } ?? text.utf8.count
      guard searched <= Self.maximumSearched else { break }
      guard let range = ahead ?? text.firstRange(of: field.text) else { continue }
      if let column = field.column,
        !Self.about(category.elements[column].element.identifier, reasons).isEmpty
      {
        marks.append(range)
      }
      if range.lowerBound >= position { position = range.upperBound }
    }
    return .shown(Self.pieces(text, marks))
  }

  /// Bytes through which fields of one record are looked for.
  private static let maximumSearched = 8_000_000

  /// Cuts a text at marks, and at characters that could not be decoded.
  static func pieces(_ text: String, _ marks: [Range<String.Index>]) -> [RecordCase.RawPiece] {
    var pieces: [RecordCase.RawPiece] = []
    func add(_ part: Substring, _ isMarked: Bool) {
      guard !part.isEmpty else { return }
      if let last = pieces.last, last.isMarked == isMarked {
        pieces[pieces.count - 1].text += part
      } else {
        pieces.append(RecordCase.RawPiece(text: String(part), isMarked: isMarked))
      }
    }
    func plain(_ part: Substring) {
      var rest = part
      while let bad = rest.firstIndex(of: "\u{FFFD}") {
        add(rest[..<bad], false)
        add(rest[bad...bad], true)
        rest = rest[rest.index(after: bad)...]
      }
      add(rest, false)
    }
    var position = text.startIndex
    for mark in marks.sorted(by: { $0.lowerBound < $1.lowerBound })
    where mark.lowerBound >= position {
      plain(text[position..<mark.lowerBound])
      add(text[mark], true)
      position = mark.upperBound
    }
    plain(text[position...])
    return pieces
  }
}

extension Category {
  /// Whether everything is seen to which what stood in an element may have been moved: it is guarded more strictly
  /// there.
  fileprivate func showsMoves(from element: String, to isSeen: (_ column: Int) -> Bool) -> Bool {
    moves.filter { $0.from == element }.allSatisfy { column(of: $0.to).map(isSeen) ?? false }
  }
}
