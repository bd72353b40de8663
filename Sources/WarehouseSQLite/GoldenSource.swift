import Catalog
import Warehouse

/// Where the records of an entity stand, as SQL: `t` is a record, `g` a collected key, `c` a
/// composed one.
struct GoldenSource {
  let tables: WarehouseModel.EntityTables
  let lookup: LookupKey
  let keyNames: [String]
  /// `table AS t INDEXED BY …`
  let members: String
  let records: String

  /// The records first, then the rows inside records.
  let speakers: [GoldenSpeaker]

  /// - Throws: ``WarehouseError`` with code `.notFound` for an entity that the catalog lacks.
  init(_ entity: GoldenEntity, _ model: WarehouseModel) throws(WarehouseError) {
    guard let tables = model.entity(entity.id) else {
      throw WarehouseError(.notFound, "the warehouse has no entity \(entity.id)")
    }
    self.tables = tables
    keyNames = entity.matchKey
    lookup = LookupKey(category: entity.category, elements: entity.matchKey)
    members = try LookupPlan(lookup, model).source
    records = SQLName.quoted(tables.category.records.name)
    speakers =
      [GoldenSpeaker(recordsOf: tables, source: members)]
      + tables.rows.map { GoldenSpeaker($0, of: tables) }
  }

  var composed: String { SQLName.quoted(tables.composed.name) }
  var keyList: String { keyNames.map(SQLName.quoted).joined(separator: ", ") }
  var recordKeyList: String {
    keyNames.map { "t.\(SQLName.quoted($0))" }.joined(separator: ", ")
  }

  var hasKey: String { speakers[0].hasKey }

  var match: String { equal("t", "g") }
  var composedMatch: String { equal("c", "g") }

  private func equal(_ left: String, _ right: String) -> String {
    keyNames.map { "\(left).\(SQLName.quoted($0)) = \(right).\(SQLName.quoted($0))" }
      .joined(separator: " AND ")
  }

  func isVisible(_ publication: String) -> String {
    "t.opened_by <= \(publication) AND (t.closed_by IS NULL OR t.closed_by > \(publication))"
  }

  /// Keys of a whole category that only one row ever had need no composing.
  var collectAll: String {
    let parts = speakers.map { speaker in
      "SELECT \(speaker.keyList) FROM \(speaker.found) WHERE \(speaker.hasKey) "
        + "GROUP BY \(speaker.keyList)" + (tables.isWhole ? " HAVING count(*) > 1" : "")
    }
    return "INSERT OR IGNORE INTO temp.golden_key (\(keyList)) "
      + "\(parts.joined(separator: " UNION ")) "
      + "UNION SELECT \(keyList) FROM \(composed) WHERE closed_by IS NULL"
  }

  /// The rows of the keys of the batch as of publication ?1: place of the key, speaker, ordinal, row,
  /// position, elements.
  func page(of elements: [String]) -> String {
    let names = keyNames.enumerated().map { "c\($0 + 1) AS \(SQLName.quoted($1))" }
    let keys = "(SELECT c0 AS id, \(names.joined(separator: ", ")) FROM \(BatchModuleName.table))"
    let parts = speakers.enumerated().map { number, speaker in
      let values = elements.map { speaker.value($0) ?? "NULL" }
      let columns =
        ["g.id", String(number), speaker.ordinal, "t.row_id", "t.line", "t.byte_offset"] + values
      return "SELECT \(columns.joined(separator: ", ")) FROM \(keys) AS g "
        + "CROSS JOIN \(speaker.foundWithRecord) WHERE \(speaker.match) AND \(isVisible("?1"))"
    }
    // The batch and the index give the rows of one speaker in this order.
    return parts.joined(separator: " UNION ALL ") + (parts.count == 1 ? "" : " ORDER BY 1, 2, 4, 3")
  }

  /// Leaves out keys of which one row speaks and of which nothing is composed.
  var dropAlone: String {
    let visible = isVisible("?")
    return """
      DELETE FROM temp.golden_key AS g WHERE (SELECT count(*) FROM
        (SELECT 1 FROM \(members) WHERE \(match) AND \(visible) LIMIT 2)) < 2
      AND NOT EXISTS (SELECT 1 FROM \(composed) AS c WHERE \(composedMatch) AND c.closed_by IS NULL)
      """
  }
}

/// What speaks of an entity, as SQL: `t` is a record, `e` a row inside it.
struct GoldenSpeaker {
  /// Of the record.
  let holder: WarehouseModel.CategoryTables
  /// nil for records themselves.
  let rows: WarehouseModel.SpeakingTable?
  private let entity: GoldenEntity
  /// The speakers by their key, whether they are shown or not.
  let found: String
  /// What must exist for ``found`` to be usable, beyond the index of records.
  let index: String?

  init(recordsOf tables: WarehouseModel.EntityTables, source: String) {
    holder = tables.category
    rows = nil
    entity = tables.entity
    found = source
    index = nil
  }

  init(_ rows: WarehouseModel.SpeakingTable, of tables: WarehouseModel.EntityTables) {
    holder = rows.holder
    self.rows = rows
    entity = tables.entity
    let names = entity.matchKey.map { rows.speaking.named[$0] ?? $0 }
    let name = SQLName.quoted("speaking_\(rows.table.name)_" + names.joined(separator: "_"))
    let table = SQLName.quoted(rows.table.name)
    found = "\(table) AS e INDEXED BY \(name)"
    // Most rows are of other things than these: their key is empty.
    let keys = names.map(SQLName.quoted)
    index =
      "CREATE INDEX IF NOT EXISTS \(name) ON \(table) (\(keys.joined(separator: ", "))) WHERE "
      + keys.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
  }

  private var records: String { SQLName.quoted(holder.records.name) }

  /// ``found``, with the records of the rows.
  var foundWithRecord: String {
    rows == nil ? found : "\(found) CROSS JOIN \(records) AS t ON t.row_id = e.row_id"
  }

  /// For a query of one key: the engine chooses the way.
  var read: String {
    rows.map {
      "\(SQLName.quoted($0.table.name)) AS e JOIN \(records) AS t ON t.row_id = e.row_id"
    } ?? "\(records) AS t"
  }

  /// `t`, then the rows inside it.
  private var readByRecord: String {
    rows.map {
      "\(records) AS t CROSS JOIN \(SQLName.quoted($0.table.name)) AS e ON e.row_id = t.row_id"
    } ?? "\(records) AS t"
  }

  var ordinal: String { rows == nil ? "0" : "e.ordinal" }

  /// What is said of an element; nil for nothing.
  func value(_ element: String) -> String? {
    guard let rows else { return "t.\(SQLName.quoted(element))" }
    switch rows.speaking.source(of: element, in: entity, holder.category) {
    case .row(let name): return "e.\(SQLName.quoted(name))"
    case .record: return "t.\(SQLName.quoted(element))"
    case nil: return nil
    }
  }

  private var key: [String] { entity.matchKey.map { value($0) ?? "NULL" } }

  var keyList: String { key.joined(separator: ", ") }

  /// Every part of the key is there, and none came masked.
  var hasKey: String {
    zip(entity.matchKey, key).map { name, column in
      isMaskable(name)
        ? "\(column) IS NOT NULL AND instr(\(column), '*') = 0" : "\(column) IS NOT NULL"
    }.joined(separator: " AND ")
  }

  private func isMaskable(_ name: String) -> Bool {
    let own = rows?.speaking.named[name] ?? name
    let elements = rows?.child.elements ?? holder.category.elements
    guard let entry = elements.first(where: { $0.element.identifier == own }),
      case .check = entry.element.domain
    else { return false }
    return true
  }

  /// The keys of `g`.
  var match: String {
    zip(entity.matchKey, key).map { name, column in "\(column) = g.\(SQLName.quoted(name))" }
      .joined(separator: " AND ")
  }

  func collect(where condition: String, from source: String = "") -> String {
    "INSERT OR IGNORE INTO temp.golden_key "
      + "(\(entity.matchKey.map(SQLName.quoted).joined(separator: ", "))) "
      + "SELECT \(keyList) FROM \(source)\(readByRecord) WHERE \(condition) AND \(hasKey)"
  }

  var collectOpened: String { collect(where: "t.row_id BETWEEN ? AND ? AND t.opened_by = ?") }

  /// What the run closed, and what had waited and is shown.
  var collectClosed: String {
    collect(
      where: "t.row_id = u.row_id AND u.is_return IN (\(ClosingKind.row.rawValue), "
        + "\(ClosingKind.opened.rawValue)) AND u.row_id >> 32 IN (SELECT id FROM delivery "
        + "WHERE category = \(SQLName.literal(holder.category.id)))",
      from: "closing_undo AS u CROSS JOIN ")
  }
}
