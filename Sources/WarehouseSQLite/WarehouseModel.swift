package import Catalog
package import Warehouse

/// The tables of a catalog's warehouse, with every name checked against every other.
package struct WarehouseModel: Sendable {
  /// The tables of one category.
  package struct CategoryTables: Sendable {
    /// What the tables were derived from.
    package var category: Category
    /// The table of versions.
    package var records: TableModel
    /// In the order of the many-valued elements.
    package var values: [ValueTable]
    /// In the order of the child tables.
    package var children: [ChildRowTable]

    /// Tables whose rows belong to a row of ``records``.
    var inner: [TableModel] { values.map(\.table) + children.map(\.table) }
  }

  /// The rows inside records, of one kind.
  package struct ChildRowTable: Sendable {
    package var child: ChildTable
    /// Row, ordinal, elements.
    package var table: TableModel
  }

  /// The table of one many-valued element.
  package struct ValueTable: Sendable {
    /// Identifier of the element.
    package var element: String
    /// Row, ordinal, value.
    package var table: TableModel
  }

  /// The golden records of one kind.
  package struct EntityTables: Sendable {
    package var entity: GoldenEntity
    package var category: CategoryTables
    /// Rows inside records that speak of it too, as in ``GoldenEntity/childRows``.
    package var rows: [SpeakingTable]
    /// Composed records.
    package var composed: TableModel
    /// The entity carries its whole category: a record that speaks alone is its golden record.
    package var isWhole: Bool

    /// Tables of the records that speak or hold rows that do, each once.
    var holders: [CategoryTables] {
      var seen: Set<String> = []
      return ([category] + rows.map(\.holder)).filter { seen.insert($0.category.id).inserted }
    }
  }

  /// Rows inside records that speak of an entity.
  package struct SpeakingTable: Sendable {
    package var speaking: SpeakingRows
    /// Of the records.
    package var holder: CategoryTables
    package var child: ChildTable
    package var table: TableModel
  }

  /// What the matching of subjects reads and writes.
  package struct SubjectTables: Sendable {
    package var matching: SubjectMatching
    /// The registrations.
    package var entity: EntityTables
    /// Of the records that name a subject, in the order of the definition.
    package var sources: [(source: SubjectMatching.Source, category: CategoryTables)]
  }

  /// In the order of the catalog.
  package let categories: [CategoryTables]
  /// In the order of the policy.
  package let entities: [EntityTables]
  /// nil where the catalog matches nothing.
  package let subjects: SubjectTables?
  /// Rules that name owners.
  let authorityRules: [AuthorityRule]
  /// Every bulk table: records and values by category, quarantine, findings, golden records.
  package let tables: [TableModel]
  /// By rule of authority, the elements that come together.
  let ruleElements: [String: [String]]
  private let tableIndex: [String: Int]
  private let categoryIndex: [String: Int]

  /// - Throws: ``WarehouseError`` with code `.nameClash` where two tables, views or columns would
  ///   have the same name.
  package init(_ catalog: Catalog) throws(WarehouseError) {
    categories = catalog.categories.map { category in
      let elements = category.elements.filter { $0.element.isMultiValued }
      return CategoryTables(
        category: category, records: .records(category),
        values: zip(elements, TableModel.values(category)).map {
          ValueTable(element: $0.element.identifier, table: $1)
        },
        children: zip(category.children, TableModel.children(category)).map {
          ChildRowTable(child: $0, table: $1)
        })
    }
    let byID = Dictionary(
      categories.map { ($0.category.id, $0) }, uniquingKeysWith: { first, _ in first })
    entities = catalog.authority.entities.compactMap { entity in
      byID[entity.category].map { tables in
        EntityTables(
          entity: entity, category: tables,
          rows: entity.childRows.compactMap { speaking in
            guard let holder = byID[speaking.category],
              let rows = holder.children.first(where: { $0.child.name == speaking.table })
            else { return nil }
            return SpeakingTable(
              speaking: speaking, holder: holder, child: rows.child, table: rows.table)
          }, composed: .composed(entity, tables.category),
          isWhole: entity.id == entity.category)
      }
    }
    authorityRules = catalog.authority.rules
    ruleElements = Dictionary(
      catalog.authority.rules.map { ($0.id, $0.elements) }, uniquingKeysWith: { first, _ in first })
    let goldenTables =
      entities.isEmpty
      ? [] : entities.map(\.composed) + [TableModel.goldenParts, TableModel.conflicts]
    subjects = Self.subjects(catalog.matching, entities, byID)
    tables =
      categories.flatMap { [$0.records] + $0.inner }
      + TableModel.shared + goldenTables + (subjects == nil ? [] : TableModel.subjects)
    tableIndex = Dictionary(
      tables.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    categoryIndex = Dictionary(
      categories.enumerated().map { ($1.category.id, $0) }, uniquingKeysWith: { first, _ in first })
    try checkNames()
  }

  private static func subjects(
    _ matching: SubjectMatching?, _ entities: [EntityTables], _ categories: [String: CategoryTables]
  ) -> SubjectTables? {
    guard let matching, let entity = entities.first(where: { $0.entity.id == matching.entity })
    else { return nil }
    return SubjectTables(
      matching: matching, entity: entity,
      sources: matching.sources.compactMap { source in
        categories[source.category].map { (source, $0) }
      })
  }

  /// The table with `name`.
  package func table(_ name: String) -> TableModel? { tableIndex[name].map { tables[$0] } }

  /// The tables of the category with `id`.
  package func category(_ id: String) -> CategoryTables? {
    categoryIndex[id].map { categories[$0] }
  }

  /// The tables of the entity with `id`.
  package func entity(_ id: String) -> EntityTables? { entities.first { $0.entity.id == id } }

  /// Columns of the widest table.
  var widestTable: Int { tables.map(\.columns.count).max() ?? 0 }

  private func checkNames() throws(WarehouseError) {
    var seen: [String: String] = [:]
    for name in CoreSchema.names { seen[SQLName.folded(name)] = "the warehouse itself" }
    for table in tables {
      try claim(table.name, as: "table \(table.name)", in: &seen)
      var columns: [String: String] = [:]
      for column in table.columns {
        try claim(column.name, as: "column of \(table.name)", in: &columns)
      }
    }
    for view in WarehouseViews.all(self, at: .pointer) {
      try claim(view.name, as: "view \(view.name)", in: &seen)
      var columns: [String: String] = [:]
      for column in view.columns {
        try claim(column.name, as: "column of view \(view.name)", in: &columns)
      }
    }
  }

  private func claim(
    _ name: String, as what: String, in seen: inout [String: String]
  ) throws(WarehouseError) {
    if let other = seen.updateValue(what, forKey: SQLName.folded(name)) {
      throw WarehouseError(
        .nameClash,
        "the catalog gives the name \(name) twice (\(other); \(what)); rename the category or "
          + "the element", subject: name)
    }
  }
}

extension TableModel {
  /// Columns that the loader supplies and batches do not carry.
  static let loaderColumns: Set<String> = ["opened_by", "closed_by", "wait_outcome"]

  /// Whether a version of a row of this table has a first publication.
  var hasOpening: Bool { columns.contains { $0.name == "opened_by" } }

  /// The columns that batches carry, in the order of batches.
  var batchColumns: [Column] { columns.filter { !Self.loaderColumns.contains($0.name) } }

  /// `CREATE TABLE` without a primary key beyond the row id, or with an ordinary key and no row id.
  var creation: String {
    let isRowTable = primaryKey.count == 1
    var parts = columns.map { column -> String in
      let key = isRowTable && column.name == primaryKey.first ? " PRIMARY KEY" : ""
      return "\(SQLName.quoted(column.name)) \(column.storage.rawValue)"
        + (key.isEmpty && column.isRequired ? " NOT NULL" : key)
    }
    if !isRowTable {
      parts.append("PRIMARY KEY (\(primaryKey.map(SQLName.quoted).joined(separator: ", ")))")
    }
    return "CREATE TABLE \(SQLName.quoted(name)) (\n  \(parts.joined(separator: ",\n  "))\n) "
      + (isRowTable ? "STRICT" : "STRICT, WITHOUT ROWID")
  }

  /// The secondary indexes: name and statement.
  var indexCreations: [(name: String, sql: String)] {
    indexes.enumerated().map { number, columns in
      let name = "index_\(self.name)_\(number + 1)"
      let list = columns.map(SQLName.quoted).joined(separator: ", ")
      return (
        name,
        "CREATE INDEX IF NOT EXISTS \(SQLName.quoted(name)) "
          + "ON \(SQLName.quoted(self.name)) (\(list))"
      )
    }
  }

  /// Fills the table from the batch table; parameter 1 is the publication that opens the rows.
  var insertion: String {
    let carried = batchColumns
    var names = carried.map { SQLName.quoted($0.name) }
    var sources = carried.indices.map { "c\($0)" }
    if hasOpening {
      names.append(SQLName.quoted("opened_by"))
      sources.append("?1")
    }
    return "INSERT INTO \(SQLName.quoted(name)) (\(names.joined(separator: ", "))) "
      + "SELECT \(sources.joined(separator: ", ")) FROM \(BatchModuleName.table)"
  }
}
