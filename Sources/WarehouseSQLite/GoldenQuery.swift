import Catalog
import GRDB
import Reconciliation
import Warehouse

/// Reads what is known of one thing.
struct GoldenQuery {
  let tables: WarehouseModel.EntityTables
  let key: [String]
  let publication: Int64
  let database: Database

  private var entity: GoldenEntity { tables.entity }

  private var point: WarehouseViews.Point { .publication(publication) }

  // MARK: Members

  func members() throws -> [GoldenExplanation.Member] {
    let speakers =
      [
        GoldenSpeaker(
          recordsOf: tables, source: SQLName.quoted(tables.category.records.name) + " AS t")
      ]
      + tables.rows.map { GoldenSpeaker($0, of: tables) }
    return try speakers.flatMap(members).sorted {
      ($0.row, $0.child?.table ?? "", $0.child?.ordinal ?? 0)
        < ($1.row, $1.child?.table ?? "", $1.child?.ordinal ?? 0)
    }
  }

  private func members(_ speaker: GoldenSpeaker) throws -> [GoldenExplanation.Member] {
    let isKey = entity.matchKey.map { "\(speaker.value($0) ?? "NULL") = ?" }
    return try Row.fetchAll(
      database,
      sql: """
        SELECT t.row_id, t.line, t.byte_offset, t.changes, d.system, d.id AS delivery, d.file_name,
          o.night, \(speaker.ordinal) AS child_ordinal, \(values { speaker.value($0) })
        FROM \(speaker.read)
        JOIN delivery AS d ON d.id = t.row_id >> 32
        JOIN publication_night AS o ON o.publication = t.opened_by
        WHERE \(isKey.joined(separator: " AND ")) AND \(WarehouseViews.visible("t", point))
        """, arguments: StatementArguments(key)
    ).map { row in
      let id: Int64 = row["row_id"]
      return GoldenExplanation.Member(
        row: id, category: speaker.holder.category.id,
        child: speaker.rows.map {
          GoldenExplanation.ChildPlace(table: $0.child.name, ordinal: row["child_ordinal"])
        },
        system: row["system"], delivery: row["delivery"], fileName: row["file_name"],
        night: row["night"], recordNumber: Int(id & 0xFFFF_FFFF), line: row["line"],
        byteOffset: row["byte_offset"], changes: speaker.rows == nil ? row["changes"] : nil,
        values: entity.elements.indices.map { Self.text(row["e\($0)"]) })
    }
  }

  /// Elements as readers see them: numbers in their unit.
  ///
  /// - Parameter stored: Operand that is an element as the tables have it; nil for no value.
  private func values(_ stored: (String) -> String?) -> String {
    entity.elements.map { name in
      guard let column = stored(name) else { return "NULL" }
      let category = tables.category.category
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

  private static func text(_ value: DatabaseValue) -> String? {
    switch value.storage {
    case .null, .blob: nil
    case .int64(let number): String(number)
    case .double(let number): String(number)
    case .string(let text): text
    }
  }

  // MARK: Cells

  /// - Returns: nil if the key is that of no thing of this entity.
  func cells(
    _ members: [GoldenExplanation.Member], _ authority: [AuthorityRule]
  ) throws -> [GoldenExplanation.Cell]? {
    guard let composed = try composed() else {
      // Not a thing of this entity, whoever has its key.
      guard tables.isWhole else { return nil }
      return try cellsOfOne(members)
    }
    let parts = try parts(of: composed["golden_id"])
    let places = places(of: members)
    let rules = authority.filter { $0.entity == entity.id && parts[$0.id] != nil }
    let stated = try overrides(parts)
    return entity.elements.enumerated().map { place, element in
      let rule = rules.first { $0.elements.contains(element) }
      let part = rule.flatMap { parts[$0.id] } ?? parts[element]
      let value = Self.text(composed["e\(place)"])
      let losers = members.indices.filter {
        members[$0].values[place] != nil && members[$0].values[place] != value
      }
      if let override = stated[element] {
        return GoldenExplanation.Cell(
          element: element, value: value, winner: nil, decision: nil, override: override,
          losers: losers)
      }
      let winner = part.map(Self.speaker) ?? Speaker(row: composed["base_row"])
      return GoldenExplanation.Cell(
        element: element, value: value, winner: value == nil ? nil : places[winner],
        decision: rule.flatMap { rule in part.map { Self.decision(rule, $0) } }, losers: losers)
    }
  }

  /// The record that speaks alone.
  private func cellsOfOne(
    _ members: [GoldenExplanation.Member]
  ) throws -> [GoldenExplanation.Cell] {
    guard members.count == 1 else {
      throw WarehouseError(
        .notFound,
        "\(members.count) records have this key and no golden record of them was composed: a part "
          + "of the key came masked, or the publication is older than golden records")
    }
    return entity.elements.indices.map { place in
      GoldenExplanation.Cell(
        element: entity.elements[place], value: members[0].values[place],
        winner: members[0].values[place] == nil ? nil : 0, decision: nil, losers: [])
    }
  }

  private func composed() throws -> Row? {
    let isKey = entity.matchKey.map { "c.\(SQLName.quoted($0)) = ?" }
    return try Row.fetchOne(
      database,
      sql: """
        SELECT c.golden_id, c.base_row, \(values { "c.\(SQLName.quoted($0))" })
        FROM \(SQLName.quoted(tables.composed.name)) AS c
        WHERE \(isKey.joined(separator: " AND ")) AND \(WarehouseViews.visible("c", point))
        """, arguments: StatementArguments(key))
  }

  /// Who speaks, as lineage names it.
  private struct Speaker: Hashable {
    /// nil for several together.
    var row: Int64?
    var child: GoldenExplanation.ChildPlace?
  }

  private static func speaker(_ part: Row) -> Speaker {
    // A warehouse of an earlier program does not know rows inside records.
    let child: String? = part.hasColumn("child") ? part["child"] : nil
    return Speaker(
      row: part["row_id"],
      child: child.map {
        GoldenExplanation.ChildPlace(table: $0, ordinal: part["child_ordinal"])
      })
  }

  private static func decision(
    _ rule: AuthorityRule, _ part: Row
  ) -> GoldenExplanation.Decision {
    GoldenExplanation.Decision(
      rule: rule.id, version: part["rule_version"], basis: part["basis"])
  }

  /// Index of each member.
  private func places(of members: [GoldenExplanation.Member]) -> [Speaker: Int] {
    Dictionary(
      members.enumerated().map { (Speaker(row: $1.row, child: $1.child), $0) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Lineage by rule or element.
  private func parts(of golden: Int64) throws -> [String: Row] {
    var parts: [String: Row] = [:]
    for part in try Row.fetchAll(
      database, sql: "SELECT * FROM golden_part WHERE golden_id = ?", arguments: [golden])
    {
      parts[part["part"]] = part
    }
    return parts
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
}
