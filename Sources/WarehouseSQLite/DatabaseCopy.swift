import GRDB
import Glibc
import Warehouse

/// Copies of whole databases, beside those that read and write them.
package enum DatabaseCopy {
  /// Writes what readers of `source` see at this moment to a new file, durable and for its owner only.
  ///
  /// The file has every page anew: what is deleted in the source is not in it.
  ///
  /// - Parameter target: Nothing may stand there.
  package static func write(_ source: String, to target: String) throws {
    // Made here so that it is never readable for others; SQLite takes an empty file for none.
    _ = try PosixFile(target, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    try reading(source) { queue in
      try queue.writeWithoutTransaction { database in
        try database.execute(sql: "VACUUM INTO ?", arguments: [target])
      }
    }
    try PosixFile(target, flags: O_RDONLY).synchronize()
  }

  /// What is wrong with the pages of a database; nothing where it is sound.
  package static func problems(_ path: String) throws -> [String] {
    try reading(path) { queue in
      try queue.read { try String.fetchAll($0, sql: "PRAGMA quick_check(20)") }.filter {
        $0 != "ok"
      }
    }
  }

  /// Publication and night that readers of a warehouse see.
  package static func publication(_ path: String) throws -> (number: Int64, night: String) {
    try reading(path) { queue in
      try queue.read { database in
        let number = try Int64.fetchOne(database, sql: "SELECT number FROM publication") ?? 0
        let night = try String.fetchOne(
          database, sql: "SELECT max(night) FROM publication_night WHERE publication <= ?",
          arguments: [number])
        return (number, night ?? "")
      }
    }
  }

  private static func reading<Result>(
    _ path: String, _ body: (DatabaseQueue) throws -> Result
  ) throws -> Result {
    guard PosixFile.exists(path) else {
      throw WarehouseError(.notFound, "there is no database \(path)")
    }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(30)
    return try wrapping("reading \(path)") {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let result = try body(queue)
      try queue.close()
      return result
    }
  }
}
