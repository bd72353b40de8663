package import Catalog
package import Pipeline
package import Warehouse
import WarehouseSQLite

/// Takes and ends overrides under the warehouse's lock, each with its entry in the access log.
package struct OverrideDesk: Sendable {
  private let home: HomeFolder
  private let catalog: Catalog
  private let configuration: RunConfiguration
  /// What the lock says to others.
  private let command: String

  package init(
    _ home: HomeFolder, _ catalog: Catalog, _ configuration: RunConfiguration, command: String
  ) {
    self.home = home
    self.catalog = catalog
    self.configuration = configuration
    self.command = command
  }

  /// - Parameter recording: Writes the entry; called once it is judged, before anything happens.
  /// - Throws: ``StewardRefusal``; ``WarehouseError`` with code `.inUse` while a night runs.
  package func state(
    _ statement: StewardDesk.Statement, recording: () throws -> Void
  ) throws -> StewardOverride {
    try withDesk { try $0.state(statement, recording: recording) }
  }

  /// Whether a statement could be taken.
  ///
  /// - Throws: ``StewardRefusal``; ``WarehouseError`` with code `.inUse` while a night runs.
  package func judge(_ statement: StewardDesk.Statement) throws {
    _ = try withDesk { try $0.judged(statement) }
  }

  /// - Parameter recording: Writes the entry; called once it is judged, before anything happens.
  /// - Throws: ``StewardRefusal``; ``WarehouseError`` with code `.inUse` while a night runs.
  package func retire(
    _ id: Int64, _ retirement: StewardOverride.Retirement, recording: () throws -> Void
  ) throws {
    try withDesk { try $0.retire(id, retirement, recording: recording) }
  }

  private func withDesk<Result>(_ body: (StewardDesk) throws -> Result) throws -> Result {
    var options = SQLiteWarehouse.Options()
    options.command = command
    let engine = try SQLiteWarehouse(folder: home.warehouse, catalog: catalog, options: options)
    do {
      let result = try body(
        StewardDesk(catalog: catalog, configuration: configuration, engine: engine))
      try engine.close()
      return result
    } catch {
      try engine.close()
      throw error
    }
  }
}
