package import Catalog
import GRDB
package import Warehouse

/// Why a golden record says what it says.
package struct GoldenExplanation: Sendable {
  /// A row inside a record.
  package struct ChildPlace: Sendable, Hashable {
    /// Name of the child table.
    package var table: String
    /// Of the row in its record, from 1.
    package var ordinal: Int
  }

  /// A record, or a row inside one, that speaks of the thing, and where it came from.
  package struct Member: Sendable {
    package var row: Int64
    /// Of the record.
    package var category: String
    /// nil for the record itself.
    package var child: ChildPlace?
    package var system: String
    package var delivery: Int64
    package var fileName: String
    /// Of the publication that showed the record first, as `2026-03-01`.
    package var night: String
    package var recordNumber: Int
    package var line: Int
    package var byteOffset: Int
    /// What standardization changed: a JSON object of the values as received, by element. Of rows
    /// inside records nothing is kept.
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

    package init(rule: String, version: Int, basis: String) {
      self.rule = rule
      self.version = version
      self.basis = basis
    }
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
  /// By row, each record before the rows inside it.
  package var members: [Member]
  /// By element of the entity.
  package var cells: [Cell]

  /// Whether nothing of it was composed: the one record says it all, and no lineage is stored.
  package var isAlone: Bool {
    members.count == 1 && !cells.contains { $0.decision != nil || $0.override != nil }
  }
}

extension WarehouseReader {
  /// Explains the golden record of a key as of a publication.
  package func why(
    _ entity: GoldenEntity, key: [String], _ catalog: Catalog, publication: Int64?
  ) throws -> GoldenExplanation? {
    try why(entity, key: key, try WarehouseModel(catalog), publication: publication)
  }

  /// The same for whoever asks often: a model checks all its names when it is made.
  ///
  /// - Parameters:
  ///   - key: One text for each element of the match key.
  ///   - publication: nil for the last one.
  /// - Returns: nil if nobody speaks of it.
  package func why(
    _ entity: GoldenEntity, key: [String], _ model: WarehouseModel, publication: Int64?
  ) throws -> GoldenExplanation? {
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
      guard let cells = try query.cells(members, model.authorityRules) else { return nil }
      explanation.cells = cells
      return explanation
    }
  }

  /// Which systems' records name which agencies, as of a publication; nothing where no table of agencies is
  /// defined.
  package func agencyMentions(
    _ catalog: Catalog, publication: Int64
  ) throws -> [AgencyMention] {
    let policy = catalog.authority
    guard let tables = try WarehouseModel(catalog).category(policy.agencyCategory),
      tables.category.column(of: policy.agencyElement) != nil
    else { return [] }
    return try read { database in
      try SQLiteWarehouse.agencyMentions(tables, policy.agencyElement, publication, database)
    }
  }

  /// The agency that a record names.
  package func agency(
    of member: GoldenExplanation.Member, _ catalog: Catalog
  ) throws -> String? {
    let element = catalog.authority.agencyElement
    guard let tables = try WarehouseModel(catalog).category(member.category),
      tables.category.column(of: element) != nil
    else { return nil }
    return try read { database in
      try String.fetchOne(
        database,
        sql: "SELECT \(SQLName.quoted(element)) FROM \(SQLName.quoted(tables.records.name)) "
          + "WHERE row_id = ?", arguments: [member.row])
    }
  }

  /// The night of a publication, as `2026-03-01`.
  package func night(of publication: Int64) throws -> String? {
    try read { database in
      try String.fetchOne(
        database, sql: "SELECT night FROM publication_night WHERE publication = ?",
        arguments: [publication])
    }
  }
}
