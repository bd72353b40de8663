package import Catalog
import GRDB
import Reconciliation
package import Warehouse

/// Why a golden record says what it says.
package struct GoldenExplanation: Sendable {
  /// A record that speaks of the thing, and where it came from.
  package struct Member: Sendable {
    package var row: Int64
    package var system: String
    package var delivery: Int64
    package var fileName: String
    /// Of the publication that showed the record first, as `2026-03-01`.
    package var night: String
    package var recordNumber: Int
    package var line: Int
    package var byteOffset: Int
    /// What standardization changed: a JSON object of the values as received, by element.
    package var changes: String?
    /// By element of the entity; nil where it says nothing.
    package var values: [String?]
  }

  /// A rule that decided.
  package struct Decision: Sendable {
    package var rule: String
    package var version: Int
    /// `owner`, `fallback` or `unowned`.
    package var basis: String
  }

  package struct Cell: Sendable {
    /// Identifier of the element.
    package var element: String
    package var value: String?
    /// Index of the member that the value comes from; nil for none, or for several together.
    package var winner: Int?
    /// nil where no rule names an owner: the total order decided.
    package var decision: Decision?
    /// What a person stated, before all members.
    package var override: StewardOverride?
    /// Indexes of members that say something else.
    package var losers: [Int]
  }

  package var entity: GoldenEntity
  package var publication: Int64
  /// By row.
  package var members: [Member]
  /// By element of the entity.
  package var cells: [Cell]
}

extension WarehouseReader {
  /// Explains the golden record of a key as of a publication.
  ///
  /// - Parameters:
  ///   - key: One text for each element of the match key.
  ///   - publication: nil for the last one.
  /// - Returns: nil if nobody speaks of it.
  package func why(
    _ entity: GoldenEntity, key: [String], _ catalog: Catalog, publication: Int64?
  ) throws -> GoldenExplanation? {
    let model = try WarehouseModel(catalog)
    guard let tables = model.entity(entity.id) else {
      throw WarehouseError(.notFound, "the warehouse has no entity \(entity.id)")
    }
    return try read { database in
      let number = try publication ?? SQLiteWarehouse.pointer(database)
      let query = GoldenQuery(tables: tables, key: key, publication: number, database: database)
      let members = try query.members()
      guard !members.isEmpty else { return nil }
      var explanation = GoldenExplanation(
        entity: entity, publication: number, members: members, cells: [])
      guard let cells = try query.cells(members, catalog.authority) else { return nil }
      explanation.cells = cells
      return explanation
    }
  }
}

/// Reads what is known of one thing.
private struct GoldenQuery {
  let tables: WarehouseModel.EntityTables
  let key: [String]
  let publication: Int64
  let database: Database

  private var entity: GoldenEntity { tables.entity }

  private func isKey(_ alias: String) -> String {
    entity.matchKey.map { "\(alias).\(SQLName.quoted($0)) = ?" }.joined(separator: " AND ")
  }

  private var point: WarehouseViews.Point { .publication(publication) }

  /// Elements as readers see them: numbers in their unit.
  private func values(_ alias: String) -> String {
    entity.elements.map { name in
      let category = tables.category.category
      let column = "\(alias).\(SQLName.quoted(name))"
      guard let place = category.column(of: name),
        category.elements[place].element.type == .number
      else { return column }
      let decimals = category.elements[place].element.representation.decimals
      guard decimals > 0 else { return column }
      let unit = "1" + String(repeating: "0", count: decimals)
      return "CASE WHEN \(column) IS NOT NULL THEN printf('%s%d.%0\(decimals)d', "
        + "CASE WHEN \(column) < 0 THEN '-' ELSE '' END, abs(\(column)) / \(unit), "
        + "abs(\(column)) % \(unit)) END"
    }.enumerated().map { "\($1) AS e\($0)" }.joined(separator: ", ")
  }

  func members() throws -> [GoldenExplanation.Member] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT t.row_id, t.line, t.byte_offset, t.changes, d.system, d.id AS delivery, d.file_name,
          o.night, \(values("t"))
        FROM \(SQLName.quoted(tables.category.records.name)) AS t
        JOIN delivery AS d ON d.id = t.row_id >> 32
        JOIN publication_night AS o ON o.publication = t.opened_by
        WHERE \(isKey("t")) AND \(WarehouseViews.visible("t", point)) ORDER BY t.row_id
        """, arguments: StatementArguments(key)
    ).map { row in
      let id: Int64 = row["row_id"]
      return GoldenExplanation.Member(
        row: id, system: row["system"], delivery: row["delivery"], fileName: row["file_name"],
        night: row["night"], recordNumber: Int(id & 0xFFFF_FFFF), line: row["line"],
        byteOffset: row["byte_offset"], changes: row["changes"],
        values: entity.elements.indices.map { Self.text(row["e\($0)"]) })
    }
  }

  /// By element, those that stand in a golden record.
  private func overrides(_ parts: [String: Row]) throws -> [String: StewardOverride] {
    let numbers = parts.compactMapValues { part -> Int64? in
      (part["basis"] as String?) == GoldenBasis.override.rawValue ? part["override"] : nil
    }
    guard !numbers.isEmpty else { return [:] }
    let all = try SQLiteWarehouse.overrides(database, standing: false)
    return numbers.compactMapValues { number in all.first { $0.id == number } }
  }

  private static func text(_ value: DatabaseValue) -> String? {
    switch value.storage {
    case .null, .blob: nil
    case .int64(let number): String(number)
    case .double(let number): String(number)
    case .string(let text): text
    }
  }

  func cells(
    _ members: [GoldenExplanation.Member], _ policy: AuthorityPolicy
  ) throws -> [GoldenExplanation.Cell]? {
    let composed = try Row.fetchOne(
      database,
      sql: """
        SELECT c.golden_id, c.base_row, \(values("c"))
        FROM \(SQLName.quoted(tables.composed.name)) AS c
        WHERE \(isKey("c")) AND \(WarehouseViews.visible("c", point))
        """, arguments: StatementArguments(key))
    guard let composed else {
      // Not a thing of this entity, whoever has its key.
      guard tables.isWhole else { return nil }
      guard members.count == 1 else {
        throw WarehouseError(
          .notFound,
          "\(members.count) records have this key and no golden record of them was composed: a part of "
            + "the key came masked, or the publication is older than golden records")
      }
      // One record speaks alone.
      return entity.elements.indices.map { place in
        GoldenExplanation.Cell(
          element: entity.elements[place], value: members[0].values[place],
          winner: members[0].values[place] == nil ? nil : 0, decision: nil, losers: [])
      }
    }
    let places = Dictionary(
      members.enumerated().map { ($1.row, $0) }, uniquingKeysWith: { first, _ in first })
    var parts: [String: Row] = [:]
    for part in try Row.fetchAll(
      database, sql: "SELECT * FROM golden_part WHERE golden_id = ?",
      arguments: [composed["golden_id"] as Int64])
    {
      parts[part["part"]] = part
    }
    let rules = policy.rules(for: entity.id).filter { parts[$0.id] != nil }
    let stated = try overrides(parts)
    return entity.elements.enumerated().map { place, element in
      let rule = rules.first { $0.elements.contains(element) }
      let part = rule.flatMap { parts[$0.id] } ?? parts[element]
      let value = Self.text(composed["e\(place)"])
      if let override = stated[element] {
        return GoldenExplanation.Cell(
          element: element, value: value, winner: nil, decision: nil, override: override,
          losers: members.indices.filter {
            members[$0].values[place] != nil && members[$0].values[place] != value
          })
      }
      let row: Int64? = part == nil ? composed["base_row"] : part?["row_id"]
      return GoldenExplanation.Cell(
        element: element, value: value, winner: value == nil ? nil : row.flatMap { places[$0] },
        decision: rule.flatMap { rule in
          part.map {
            GoldenExplanation.Decision(
              rule: rule.id, version: $0["rule_version"], basis: $0["basis"])
          }
        },
        losers: members.indices.filter {
          members[$0].values[place] != nil && members[$0].values[place] != value
        })
    }
  }
}
