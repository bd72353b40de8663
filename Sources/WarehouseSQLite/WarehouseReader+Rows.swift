import GRDB
import Warehouse

extension WarehouseReader {
  /// A value of a query's result.
  package enum Value: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    /// Number of bytes.
    case blob(Int)
  }

  /// Runs one query and hands out its rows.
  ///
  /// - Parameters:
  ///   - onColumns: Gets the names of the columns, once, before the first row.
  ///   - onRow: Gets every row.
  package func rows(
    _ sql: String, onColumns: ([String]) throws -> Void, onRow: ([Value]) throws -> Void
  ) throws {
    try read { database in
      let statement = try Self.query(sql, database)
      try onColumns(statement.columnNames)
      let cursor = try Row.fetchCursor(statement)
      while let row = try cursor.next() {
        try onRow(
          (0..<statement.columnCount).map { column in
            let value: DatabaseValue = row[column]
            return Self.value(value)
          })
      }
    }
  }

  /// What gives no columns, as ATTACH, is no query; it would read files that the log does not know.
  private static func query(_ sql: String, _ database: Database) throws -> Statement {
    let statement = try database.makeStatement(sql: sql)
    guard statement.isReadonly, statement.columnCount > 0 else {
      throw WarehouseError(.database, "only queries run: one SELECT over the views")
    }
    return statement
  }

  /// What a query reads of a category.
  package struct Footprint: Sendable, Hashable {
    package var category: String
    /// Identifiers, sorted.
    package var elements: [String]
  }

  /// What a query would read, as SQLite resolves it: by category, or entity of golden records, sorted.
  ///
  /// SQLite says of a view which of its columns are named, and of the tables behind it all that the view has.
  /// So tables count only where the query names them itself.
  package func footprints(_ sql: String) throws -> [Footprint] {
    try read { database in
      var elements: [String: Set<String>] = [:]
      for row in try Row.fetchAll(database, sql: "SELECT category, element FROM catalog_element") {
        elements[row["category"], default: []].insert(row["element"])
      }
      let all = elements.values.reduce(into: Set<String>()) { $0.formUnion($1) }
      let statement = try Self.query(sql, database)
      let text = sql.lowercased()
      var found: [String: Set<String>] = [:]
      for (name, columns) in Self.parts("\(statement.databaseRegion)") {
        guard let owner = Self.owner(name, elements.keys) else { continue }
        found[owner, default: []].formUnion([])
        guard Self.isView(name, owner) || text.contains(name.lowercased()) else { continue }
        let own = elements[owner] ?? all
        // The view of a many-valued element has its values under a name of its own.
        let many = name.dropFirst((owner + "_each_").count)
        if own.contains(String(many)), columns.contains("value") {
          found[owner]?.insert(String(many))
        }
        let named = columns.map { $0.hasSuffix("_fen") ? String($0.dropLast(4)) : $0 }
        found[owner]?.formUnion(Set(named).intersection(own))
      }
      return found.sorted { $0.key < $1.key }.map {
        Footprint(category: $0.key, elements: $0.value.sorted())
      }
    }
  }

  /// The longest category of which a name is a view or table, or the entity of golden records.
  private static func owner(_ name: String, _ categories: some Sequence<String>) -> String? {
    for suffix in ["_golden_copy", "_golden", "_composed"] where name.hasSuffix(suffix) {
      return String(name.dropLast(suffix.count))
    }
    return categories.filter { name == $0 || name.hasPrefix($0 + "_") }.max { $0.count < $1.count }
  }

  private static func isView(_ name: String, _ owner: String) -> Bool {
    name == owner || name == owner + "_history" || name == owner + "_golden"
      || name == owner + "_golden_copy"
      || name.hasPrefix(owner + "_each_")
  }

  /// `a(x,y),b(*)[1]` as names and columns.
  private static func parts(_ region: String) -> [(name: String, columns: [String])] {
    region.split(separator: ")").compactMap { part in
      let halves = part.split(separator: "(", maxSplits: 1)
      guard halves.count == 2 else { return nil }
      let name = halves[0].drop { !($0.isLetter || $0 == "_") }
      return (String(name), halves[1].split(separator: ",").map(String.init))
    }
  }

  private static func value(_ value: DatabaseValue) -> Value {
    switch value.storage {
    case .null: .null
    case .int64(let number): .integer(number)
    case .double(let number): .real(number)
    case .string(let text): .text(text)
    case .blob(let data): .blob(data.count)
    }
  }
}
