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

  /// Takes the same statement of several keys.
  ///
  /// - Parameters:
  ///   - keys: Each once.
  ///   - recording: Called with what can be taken, before anything is stored; not where nothing can.
  /// - Returns: What is stored.
  /// - Throws: As above, where it holds for every key.
  package func state(
    _ statement: StewardDesk.Statement, keys: [[String]],
    recording: ([StewardOverride]) throws -> Void
  ) throws -> [StewardOverride] {
    try withDesk { try $0.state(statement, keys: keys, recording: recording) }
  }

  /// What would come of a statement for each of several keys.
  package func judge(
    _ statement: StewardDesk.Statement, keys: [[String]]
  ) throws -> [StewardDesk.Judged] {
    try withDesk { try $0.judged(statement, keys: keys) }
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

  /// Ends those of several overrides that stand.
  ///
  /// - Parameter recording: Writes the entry, before anything is stored; not called where none stands.
  /// - Returns: Their numbers.
  package func retire(
    _ ids: [Int64], _ retirement: StewardOverride.Retirement, recording: () throws -> Void
  ) throws -> [Int64] {
    try withDesk { try $0.retire(ids, retirement, recording: recording) }
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
