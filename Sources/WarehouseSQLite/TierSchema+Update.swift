import Catalog
import Reconciliation
import Records
import Warehouse

/// What brings the copy of an earlier file up to date, as SQL text.
extension TierSchema {
  /// Tables in which everything about a record stands under its row, in `record`.
  private func rowTables(_ table: TierFile.Table) -> [String] {
    let id = table.category.id
    return [id]
      + (values(table).map(\.element) + table.children.map(\.table.name)).map {
        WarehouseViews.valueView(id, $0)
      }
  }

  /// Takes the records of the batch out of the file; that of the records themselves comes first.
  func removals(_ table: TierFile.Table) -> [String] {
    rowTables(table).map {
      "DELETE FROM main.\(SQLName.quoted($0)) "
        + "WHERE record IN (SELECT c0 FROM \(BatchModuleName.table))"
    }
  }

  // MARK: Keys of golden records

  /// Temporary table of the match keys whose golden records are made anew.
  func touched(_ category: String) -> String { "touched_\(category)" }

  func touchedCreation(_ entity: WarehouseModel.EntityTables) -> String {
    let names = keyNames(entity)
    return "CREATE TEMP TABLE \(SQLName.quoted(touched(entity.entity.category))) "
      + "(\(names), UNIQUE (\(names)))"
  }

  private func keyNames(_ entity: WarehouseModel.EntityTables) -> String {
    entity.entity.matchKey.map(SQLName.quoted).joined(separator: ", ")
  }

  private func keyCollection(
    _ entity: WarehouseModel.EntityTables, _ alias: String, from source: String
  ) -> String {
    let names = entity.entity.matchKey.map { "\(alias).\(SQLName.quoted($0))" }
    let isWhole = names.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
    return "INSERT OR IGNORE INTO temp.\(SQLName.quoted(touched(entity.entity.category))) "
      + "SELECT \(names.joined(separator: ", ")) FROM \(source) AND \(isWhole)"
  }

  /// Keys of the records of the batch, as they are in the warehouse, closed ones too.
  func touchedByRecords(_ entity: WarehouseModel.EntityTables) -> String {
    keyCollection(
      entity, "r",
      from: "\(BatchModuleName.table) AS b CROSS JOIN "
        + "\(Self.warehouse).\(SQLName.quoted(entity.category.records.name)) AS r "
        + "WHERE r.row_id = b.c0")
  }

  /// Keys of golden records that came or went behind an earlier publication.
  func touchedByComposing(
    _ entity: WarehouseModel.EntityTables, since earlier: Int64
  ) -> [String] {
    [ChangeIndex.opened, .closed].map { index in
      keyCollection(
        entity, "c",
        from: "\(Self.warehouse).\(index.source(entity.composed.name, as: "c")) "
          + "WHERE \(index.condition("c", "\(earlier)", "\(file.publication)"))")
    }
  }

  /// Takes out golden records of the touched keys, and says of no record any more that it belongs to one.
  func goldenRemovals(
    _ table: TierFile.Table, _ entity: WarehouseModel.EntityTables
  ) -> [String] {
    let id = table.category.id
    let keys = "temp.\(SQLName.quoted(touched(id))) AS k"
    return [
      """
      DELETE FROM main.\(SQLName.quoted(member(id))) WHERE record IN (SELECT r.row_id FROM \(keys)
        CROSS JOIN \(Self.warehouse).\(SQLName.quoted(entity.category.records.name)) AS r
        WHERE \(Self.equal("r", "k", entity)))
      """,
      """
      DELETE FROM main.\(SQLName.quoted(composed(id))) WHERE golden IN (SELECT c.golden_id FROM \(keys)
        CROSS JOIN \(Self.warehouse).\(SQLName.quoted(entity.composed.name)) AS c
        WHERE \(Self.equal("c", "k", entity)))
      """,
    ]
  }

  // MARK: What the file says about itself

  /// Every column: table, column, element, names, unit, tier, what stands in place of hidden values.
  func dictionary() -> [[String]] {
    file.tables.flatMap { table -> [[String]] in
      dictionary(table.columns, of: table.category.id)
        + table.children.flatMap { child in
          dictionary(
            child.columns, of: WarehouseViews.valueView(table.category.id, child.table.name))
        }
    }
  }

  private func dictionary(_ columns: [TierFile.Column], of table: String) -> [[String]] {
    columns.flatMap { column in
      let element = column.element
      return WarehouseViews.columns(element, stored: "").map { part in
        [
          table, part.name, element.identifier, element.name, element.english,
          part.name == element.identifier ? element.unit ?? "" : "分",
          element.tier.rawValue, column.mask,
        ]
      }
    }
  }

  /// Hash of all that a file has before a record is in it; also of which columns are copied.
  func mark() throws -> String {
    var parts = ["\(Self.formatVersion)", "\(Self.contentVersion)"] + creations()
    for table in file.tables {
      parts += try indexes(table) + [try insertion(table)] + valueInsertions(table)
      parts += childInsertions(table)
    }
    parts += dictionary().flatMap(\.self)
    return Fingerprint(of: Array(parts.joined(separator: "\u{1F}").utf8).span).hexadecimal
  }
}

/// Indexes of the warehouse by which what a publication changed is found, made when they are needed first.
///
/// No view may be read by them: nearly all rows have an opening that is old enough, which SQLite does not
/// know. So they are partial, under conditions that only the queries here name.
enum ChangeIndex {
  /// Of composed records; rows of deliveries are found by their ids.
  case opened
  /// Without the rows that nothing has closed.
  case closed

  private var column: String { self == .opened ? "opened_by" : "closed_by" }

  private func name(_ table: String) -> String { "changed_\(table)_\(column)" }

  func creation(_ table: String) -> String {
    let condition = self == .opened ? "opened_by + 0 > 0" : "closed_by IS NOT NULL"
    return "CREATE INDEX IF NOT EXISTS \(SQLName.quoted(name(table))) "
      + "ON \(SQLName.quoted(table)) (\(column)) WHERE \(condition)"
  }

  /// The table, read by the index.
  func source(_ table: String, as alias: String) -> String {
    "\(SQLName.quoted(table)) AS \(alias) INDEXED BY \(SQLName.quoted(name(table)))"
  }

  /// Whether a publication behind `earlier` up to `last` opened or closed the row.
  func condition(_ alias: String, _ earlier: String, _ last: String) -> String {
    "\(alias).\(column) > \(earlier) AND \(alias).\(column) <= \(last)"
      + (self == .opened ? " AND \(alias).opened_by + 0 > 0" : "")
  }
}
