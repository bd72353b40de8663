package import Catalog
package import GRDB
import Warehouse

/// Reads a warehouse without its lock: published nights only, the last one or an earlier one.
package final class WarehouseReader: Sendable {
  private let queue: DatabaseQueue
  /// The database.
  package let path: String

  /// Opens the warehouse in `folder` for reading.
  ///
  /// - Throws: ``WarehouseError`` where there is none, or it is no warehouse.
  package init(folder: String) throws {
    let path = folder + "/" + SQLiteWarehouse.fileName
    self.path = path
    guard PosixFile.exists(path) else {
      throw WarehouseError(.notFound, "there is no warehouse in \(folder)")
    }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(30)
    queue = try wrapping("opening \(path)") {
      try DatabaseQueue(path: path, configuration: configuration)
    }
    try read { database in try SchemaMigration.checkIdentity(database, path: path) }
  }

  /// Runs `body` in one read transaction: everything it sees belongs to the same publication.
  package func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try wrapping("reading \(path)") { try queue.read(body) }
  }

  /// The publication that a night's readers saw: the last one of that night or of an earlier one.
  ///
  /// - Parameter night: As `2026-03-01`.
  /// - Throws: ``WarehouseError`` with code `.notFound` where nothing was published by then.
  package func publication(night: String) throws -> Int64 {
    let number = try read { database in
      try Int64.fetchOne(
        database,
        sql: """
          SELECT max(publication) FROM publication_night
          WHERE night <= ? AND publication <= (SELECT number FROM publication)
          """, arguments: [night])
    }
    guard let number else {
      throw WarehouseError(.notFound, "nothing had been published by the night of \(night)")
    }
    return number
  }

  /// From now on the views show the warehouse as it was at `publication`.
  ///
  /// Views of the same names in the connection's temporary schema hide the ordinary ones, so that
  /// any query reads the past unchanged.
  ///
  /// - Throws: ``WarehouseError`` with code `.notFound` for a publication that is not published.
  package func showAsOf(publication: Int64, catalog: Catalog) throws {
    let model = try WarehouseModel(catalog)
    let statements = AsOf.temporaryViews(model, publication: publication)
    try wrapping("reading \(path) as of publication \(publication)") {
      let last = try queue.read(SQLiteWarehouse.pointer)
      guard publication >= 1, publication <= last else {
        throw WarehouseError(
          .notFound, "publication \(publication) does not exist; the last one is \(last)")
      }
      try queue.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA query_only = OFF")
        for statement in statements { try database.execute(sql: statement) }
        try database.execute(sql: "PRAGMA query_only = ON")
      }
    }
  }

  /// From now on the views show the warehouse as the readers of `night` saw it.
  package func showAsOf(night: String, catalog: Catalog) throws {
    try showAsOf(publication: try publication(night: night), catalog: catalog)
  }
}

/// SQL that reads a warehouse as it was at an earlier publication.
package enum AsOf {
  /// Statements that make one temporary view per view of the contract, under the same name.
  package static func temporaryViews(
    _ model: WarehouseModel, publication: Int64
  ) -> [String] {
    WarehouseViews.all(model, at: .publication(publication)).flatMap { view in
      [
        "DROP VIEW IF EXISTS temp.\(SQLName.quoted(view.name))",
        "CREATE TEMP VIEW \(SQLName.quoted(view.name)) AS \(view.select)",
      ]
    }
  }

  /// The `SELECT` behind one view, e.g. `PEN`; nil where there is no such view.
  package static func select(
    view name: String, _ model: WarehouseModel, publication: Int64
  ) -> String? {
    WarehouseViews.all(model, at: .publication(publication)).first { $0.name == name }?.select
  }
}
