import GRDB
import Records
import Warehouse

/// Rows of a first load, on their way into pages that SQLite does not write.
///
/// SQLite sees none of them until their table is linked: then it reads and changes them like all others,
/// and rows that come later are inserted by it. What steps do to old rows waits until then.
///
/// Used inside the accesses of one connection only.
final class BulkRows {
  /// A change of rows that are not linked.
  struct Change {
    enum Kind {
      case close
      case closeReturns
      case park
    }

    var kind: Kind
    /// Of the table that has the rows.
    var table: String
    var step: LoadStep
  }

  private let file: PageFile
  /// By table, those that have not been linked.
  private var writers: [String: LeafWriter] = [:]
  private var roots: [String: Int] = [:]
  private var changes: [Change] = []
  private let image: BatchImage
  /// Whose rows came last, by table: a page holds rows of one delivery only, so that it can be taken out.
  private var lastDelivery: [String: Int64] = [:]

  /// - Parameters:
  ///   - path: A private database with empty tables, open in a connection that lets others write.
  init(path: String, _ model: WarehouseModel, _ database: Database) throws {
    file = try PageFile(path: path)
    image = BatchImage(columnCount: model.widestTable)
    // What else a first load brings is little, or is read while it goes on.
    for table in model.categories.map(\.records) + [TableModel.quarantine] {
      let root = try Int.fetchOne(
        database, sql: "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = ?",
        arguments: [table.name])
      guard let root else {
        throw WarehouseError(.corrupt, "\(path) has no table \(table.name)")
      }
      // A page has its values in the order of the file's columns. An earlier catalog may have given another one.
      guard try SchemaMigration.hasColumns(of: table, database) else { continue }
      roots[table.name] = root
      writers[table.name] = LeafWriter(table, in: file)
    }
  }

  /// Whether rows of the table are taken here.
  func takes(_ table: String) -> Bool { writers[table] != nil }

  /// Makes room for the batches of some steps.
  ///
  /// - Precondition: SQLite has no transaction open.
  func reserve(_ steps: [LoadStep]) throws {
    var count = 0
    for batch in steps.flatMap(\.batches) {
      guard let writer = writers[batch.table] else { continue }
      var bytes = batch.text.count
      // A text may be referred to by many rows.
      for column in batch.columns {
        switch column {
        case .texts(let texts), .blobs(let texts):
          bytes += texts.reduce(0) { $0 + $1.length }
        case .constantText(let text): bytes += (text?.utf8.count ?? 0) * batch.rowCount
        case .dates, .dateTimes: bytes += 19 * batch.rowCount
        default: break
        }
      }
      count += writer.pageLimit(rows: batch.rowCount, bytes: bytes)
    }
    if count > 0 { try file.reserve(count) }
  }

  /// Appends the rows of a batch.
  ///
  /// - Precondition: ``takes(_:)`` its table, and room was made for it.
  func append(_ batch: TableBatch, delivery: Int64, publication: Int64) throws {
    guard let writer = writers[batch.table] else { return }
    if lastDelivery.updateValue(delivery, forKey: batch.table) != delivery { try writer.close() }
    try image.withBatch(batch) { try writer.append(image, publication: publication) }
  }

  /// Keeps a change until the rows are linked.
  func later(_ change: Change) { changes.append(change) }

  /// Takes out the rows of a delivery that is held.
  func withdraw(delivery: Int64) {
    for writer in writers.values { writer.remove(SQLiteWarehouse.rowIDs(ofDelivery: delivery)) }
    changes.removeAll { $0.step.delivery == delivery }
  }

  // MARK: Linking

  /// Whether any of the tables is still to be linked.
  func isPending(_ tables: [String]) -> Bool { tables.contains { writers[$0] != nil } }

  /// Hands tables over to SQLite.
  ///
  /// - Parameter tables: Nil for all of them.
  /// - Returns: What is to be done to their rows now.
  /// - Precondition: SQLite has no transaction open.
  func link(_ tables: [String]?) throws -> [Change] {
    let names = (tables ?? Array(writers.keys)).filter { writers[$0] != nil }.sorted()
    // A page for each table that is being filled.
    try file.reserve(names.count)
    for name in names {
      guard let writer = writers.removeValue(forKey: name), let root = roots[name] else { continue }
      try writer.close()
      let leaves = writer.pages.sorted { $0.rows.lowerBound < $1.rows.lowerBound }
      for (one, next) in zip(leaves, leaves.dropFirst())
      where one.rows.upperBound >= next.rows.lowerBound {
        throw WarehouseError(.malformedBatch, "rows of \(name) came twice, or out of order")
      }
      try file.reserve(TreePages.pageCount(leaves: leaves.count, pageSize: file.pageSize))
      try TreePages.link(leaves, root: root, in: file)
    }
    if writers.isEmpty { try file.giveBackUnused() }
    try file.announceChange()
    let due = changes.filter { names.contains($0.table) }
    changes.removeAll { names.contains($0.table) }
    return due
  }
}
