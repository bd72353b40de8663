import Catalog
import Warehouse

/// The views that readers may rely on (Documentation/warehouse.md), as SQL text.
package enum WarehouseViews {
  /// The publication that a view shows.
  package enum Point: Sendable, Hashable {
    /// The one that the pointer names when the query begins.
    case pointer
    case publication(Int64)

    /// As an SQL expression.
    var sql: String {
      switch self {
      case .pointer: "(SELECT number FROM publication)"
      case .publication(let number): "\(number)"
      }
    }
  }

  /// A column of a view.
  package struct Column: Sendable {
    /// Unquoted.
    package var name: String
    var sql: String
  }

  /// A view: its name, its columns, and where they come from.
  package struct View: Sendable {
    /// Unquoted.
    package var name: String
    /// In the order in which the view shows them.
    package var columns: [Column]
    var source: String

    /// `SELECT …` without a semicolon.
    package var select: String {
      let list = columns.map { "\($0.sql) AS \(SQLName.quoted($0.name))" }
      return "SELECT \(list.joined(separator: ",\n  "))\n\(source)"
    }
  }

  /// Every view of `model` as of `point`.
  package static func all(_ model: WarehouseModel, at point: Point) -> [View] {
    model.categories.flatMap { tables in
      [current(tables, point), history(tables, point)]
        + tables.values.map { values(tables, $0, point) }
        + tables.children.map { children(tables, $0, point) }
    } + [
      quarantine("returned_record", TableModel.quarantine, "q.status", point),
      quarantine("pending_record", TableModel.waiting, "'pending'", point),
      findings(model, point), ledger(point),
    ] + model.entities.map { golden($0, point) }
      + model.entities.compactMap { copies($0, model, point) }
      + (model.entities.isEmpty ? [] : [conflicts(point), overrides(point)])
      + (model.subjects.map { [subjectLinks($0, point), subjectCandidates($0, point)] } ?? [])
  }

  /// Name of the view of an entity's golden records.
  package static func goldenView(_ entity: String) -> String { "\(entity)_golden" }

  /// Name of the view of a many-valued element, or of rows inside records.
  package static func valueView(_ category: String, _ element: String) -> String {
    "\(category)_each_\(element)"
  }

  // MARK: Records

  private static func current(_ tables: WarehouseModel.CategoryTables, _ point: Point) -> View {
    View(
      name: tables.category.id, columns: identity + elements(tables.category) + marks,
      source: "FROM \(SQLName.quoted(tables.records.name)) AS v\nWHERE \(visible("v", point))")
  }

  private static func history(_ tables: WarehouseModel.CategoryTables, _ point: Point) -> View {
    let number = point.sql
    let columns =
      identity + [
        Column(name: "night", sql: "o.night"),
        Column(
          name: "closed_publication", sql: "CASE WHEN v.closed_by <= \(number) THEN v.closed_by END"
        ),
        Column(name: "closed_night", sql: "c.night"),
      ] + elements(tables.category)
    return View(
      name: "\(tables.category.id)_history", columns: columns,
      source: """
        FROM \(SQLName.quoted(tables.records.name)) AS v
        JOIN publication_night AS o ON o.publication = v.opened_by
        LEFT JOIN publication_night AS c
          ON c.publication = v.closed_by AND c.publication <= \(number)
        WHERE v.opened_by <= \(number) AND (v.closed_by IS NULL OR v.closed_by > v.opened_by)
        """)
  }

  private static func values(
    _ tables: WarehouseModel.CategoryTables, _ values: WarehouseModel.ValueTable, _ point: Point
  ) -> View {
    View(
      name: valueView(tables.category.id, values.element),
      columns: [
        Column(name: "record", sql: "e.row_id"), Column(name: "ordinal", sql: "e.ordinal"),
        Column(name: "value", sql: "e.value"),
      ],
      source: """
        FROM \(SQLName.quoted(values.table.name)) AS e
        JOIN \(SQLName.quoted(tables.records.name)) AS v ON v.row_id = e.row_id
        WHERE \(visible("v", point))
        """)
  }

  private static func children(
    _ tables: WarehouseModel.CategoryTables, _ rows: WarehouseModel.ChildRowTable, _ point: Point
  ) -> View {
    View(
      name: valueView(tables.category.id, rows.child.name),
      columns: [
        Column(name: "record", sql: "e.row_id"), Column(name: "ordinal", sql: "e.ordinal"),
      ] + rows.child.elements.flatMap { columns($0.element, of: "e") },
      source: """
        FROM \(SQLName.quoted(rows.table.name)) AS e
        JOIN \(SQLName.quoted(tables.records.name)) AS v ON v.row_id = e.row_id
        WHERE \(visible("v", point))
        """)
  }

  // MARK: Golden records

  /// One row for each thing: what was composed of several records, or the only record that speaks of it.
  private static func golden(_ tables: WarehouseModel.EntityTables, _ point: Point) -> View {
    let category = tables.category.category
    let carried = tables.entity.elements.compactMap { category.column(of: $0) }
      .map { category.elements[$0].element }
    func raw(_ alias: String) -> String {
      carried.map { ", \(alias).\(SQLName.quoted($0.identifier))" }.joined()
    }
    let composed = SQLName.quoted(tables.composed.name)
    var source = """
      FROM (SELECT c.base_row AS row_id, c.golden_id AS golden_id, c.member_count AS member_count,
        c.opened_by AS opened_by\(raw("c"))
      FROM \(composed) AS c
      WHERE \(visible("c", point))
      """
    if tables.isWhole {
      let isSame = tables.entity.matchKey.map {
        "c.\(SQLName.quoted($0)) = t.\(SQLName.quoted($0))"
      }
      source += """

        UNION ALL SELECT t.row_id, NULL, 1, t.opened_by\(raw("t"))
        FROM \(SQLName.quoted(tables.category.records.name)) AS t
        WHERE \(visible("t", point)) AND NOT EXISTS (SELECT 1 FROM \(composed) AS c
          WHERE \(isSame.joined(separator: " AND ")) AND \(visible("c", point)))
        """
    }
    return View(
      name: goldenView(tables.entity.id),
      columns: [
        Column(name: "record", sql: "v.row_id"), Column(name: "golden", sql: "v.golden_id"),
        Column(name: "members", sql: "v.member_count"),
        Column(name: "publication", sql: "v.opened_by"),
      ] + carried.flatMap { columns($0) } + marks, source: source + ") AS v")
  }

  /// Name of the view of the records that show golden values of an entity they are not of.
  package static func copyView(_ entity: String) -> String { "\(entity)_golden_copy" }

  /// One row for each record of another category that names a thing by its match key, with what is golden
  /// of it; nil where the policy copies nothing.
  private static func copies(
    _ tables: WarehouseModel.EntityTables, _ model: WarehouseModel, _ point: Point
  ) -> View? {
    let targets = tables.entity.copiedTo.compactMap { model.category($0) }
    guard !targets.isEmpty else { return nil }
    let golden = golden(tables, point)
    let values = golden.columns.map(\.name).filter { !["record", "publication"].contains($0) }
    let isSame = tables.entity.matchKey.map { name in
      "t.\(SQLName.quoted(name)) = g.\(SQLName.quoted(name))"
    }
    let parts = targets.map { target in
      """
      SELECT t.row_id AS record, \(SQLName.literal(target.category.id)) AS category,
        \(values.map { "g.\(SQLName.quoted($0))" }.joined(separator: ", "))
      FROM \(SQLName.quoted(target.records.name)) AS t
      JOIN (\(golden.select)) AS g ON \(isSame.joined(separator: " AND "))
      WHERE \(visible("t", point))
      """
    }
    return View(
      name: copyView(tables.entity.id),
      columns: (["record", "category"] + values).map {
        Column(name: $0, sql: "y.\(SQLName.quoted($0))")
      }, source: "FROM (\(parts.joined(separator: "\nUNION ALL "))) AS y")
  }

  /// The register of conflicts: who disagrees with whom about what.
  private static func conflicts(_ point: Point) -> View {
    View(
      name: "authority_conflict",
      columns: [
        Column(name: "record", sql: "x.row_id"), Column(name: "delivery", sql: "d.id"),
        Column(name: "system", sql: "d.system"), Column(name: "category", sql: "d.category"),
        Column(name: "rule", sql: "x.rule"), Column(name: "rule_version", sql: "x.rule_version"),
        Column(name: "element", sql: "x.element"), Column(name: "severity", sql: "x.severity"),
        Column(name: "value", sql: "x.value"), Column(name: "expected", sql: "x.expected"),
        Column(name: "owner_record", sql: "x.winner_row"),
        Column(name: "owner_system", sql: "w.system"),
        Column(name: "child", sql: "x.child"),
        Column(name: "child_ordinal", sql: "x.child_ordinal"),
        Column(name: "publication", sql: "x.opened_by"), Column(name: "night", sql: "o.night"),
      ],
      source: """
        FROM conflict AS x JOIN delivery AS d ON d.id = x.row_id >> 32
        JOIN delivery AS w ON w.id = x.winner_row >> 32
        JOIN publication_night AS o ON o.publication = x.opened_by
        WHERE \(visible("x", point))
        """)
  }

  /// What people state, before all systems: one row for each value that counts.
  private static func overrides(_ point: Point) -> View {
    let plain = ["entity", "key", "rule", "author", "reason", "until"]
    return View(
      name: "steward_override",
      columns: [Column(name: "override", sql: "x.id")]
        + plain.map { name in
          Column(name: name, sql: name == "key" ? "replace(x.key, char(31), '|')" : "x.\(name)")
        } + [
          Column(name: "element", sql: "v.element"), Column(name: "value", sql: "v.value"),
          Column(name: "replaced", sql: "v.replaced"),
          Column(name: "publication", sql: "x.opened_by"), Column(name: "night", sql: "o.night"),
        ],
      source: """
        FROM golden_override AS x JOIN golden_override_value AS v ON v.override = x.id
        JOIN publication_night AS o ON o.publication = x.opened_by
        WHERE \(visible("x", point))
        """)
  }

  private static let identity = [
    Column(name: "record", sql: "v.row_id"), Column(name: "delivery", sql: "v.row_id >> 32"),
    Column(name: "record_number", sql: "v.row_id & 4294967295"),
    Column(name: "publication", sql: "v.opened_by"),
  ]

  /// What readers see while somebody objects to a record; `raised` comes before `verified`.
  private static let marks = [("objection", "state"), ("objection_since", "since")].map {
    Column(
      name: $0.0,
      sql: "(SELECT min(m.\($0.1)) FROM \(ObjectionMarkTable.name) AS m WHERE m.record = v.row_id)")
  }

  private static func elements(_ category: Category) -> [Column] {
    category.elements.flatMap { columns($0.element) }
  }

  /// A number with decimals in its unit and, where it is money, exactly in fen.
  private static func columns(
    _ element: DataElement, of alias: String = "v"
  ) -> [Column] {
    columns(element, stored: "\(alias).\(SQLName.quoted(element.identifier))")
  }

  /// - Parameter stored: Operand that is the value as the tables have it.
  static func columns(_ element: DataElement, stored: String) -> [Column] {
    let decimals = element.representation.decimals
    guard element.type == .number else {
      return [Column(name: element.identifier, sql: stored)]
    }
    let plain = Column(
      name: element.identifier,
      sql: decimals == 0 ? stored : "\(stored) / \(power(decimals)).0")
    guard element.unit == "元", decimals <= 2 else { return [plain] }
    let fen = Column(
      name: "\(element.identifier)_fen",
      sql: decimals == 2 ? stored : "\(stored) * \(power(2 - decimals))")
    return [plain, fen]
  }

  private static func power(_ exponent: Int) -> String {
    "1" + String(repeating: "0", count: exponent)
  }

  /// Whether the row `alias` is visible (semantics.md §9).
  static func visible(_ alias: String, _ point: Point) -> String {
    "\(alias).opened_by <= \(point.sql) AND "
      + "(\(alias).closed_by IS NULL OR \(alias).closed_by > \(point.sql))"
  }

  // MARK: Quarantine, findings, ledger

  private static func quarantine(
    _ name: String, _ table: TableModel, _ status: String, _ point: Point
  ) -> View {
    let plain = [
      "category", "system", "record_number", "line", "byte_offset", "attempt",
      "source_record_id", "entity_key", "raw", "tier",
    ]
    return View(
      name: name,
      columns: [
        Column(name: "record", sql: "q.row_id"), Column(name: "delivery", sql: "q.row_id >> 32"),
        Column(name: "publication", sql: "q.opened_by"), Column(name: "night", sql: "o.night"),
        Column(name: "status", sql: status),
      ] + plain.map { Column(name: $0, sql: "q.\($0)") }
        + (table.name == TableModel.waiting.name ? [Column(name: "due", sql: "q.due")] : []),
      source: """
        FROM \(SQLName.quoted(table.name)) AS q
        JOIN publication_night AS o ON o.publication = q.opened_by
        WHERE \(visible("q", point))
        """)
  }

  private static func findings(_ model: WarehouseModel, _ point: Point) -> View {
    let plain = [
      "ordinal", "code", "rule", "rule_version", "element", "severity", "value", "expected",
      "record_number", "line", "byte_offset",
    ]
    let branches = model.categories.map { tables in
      "WHEN \(SQLName.literal(tables.category.id)) THEN EXISTS (SELECT 1 FROM "
        + "\(SQLName.quoted(tables.records.name)) AS v WHERE v.row_id = f.row_id "
        + "AND \(visible("v", point)))"
    }
    let accepted =
      branches.isEmpty ? "" : " OR CASE d.category \(branches.joined(separator: "\n  ")) END"
    // A label has a life of its own; a finding lives as long as its record.
    let columns = (["row_id", "opened_by"] + plain).joined(separator: ", ")
    let conflicts =
      model.entities.isEmpty
      ? ""
      : "\n  UNION ALL SELECT \(conflictColumns(["row_id", "opened_by"] + plain)) "
        + "FROM conflict AS x WHERE \(visible("x", point))"
    return View(
      name: "finding_current",
      columns: [
        Column(name: "record", sql: "f.row_id"), Column(name: "delivery", sql: "d.id"),
        Column(name: "system", sql: "d.system"), Column(name: "category", sql: "d.category"),
        Column(name: "publication", sql: "f.opened_by"),
      ] + plain.map { Column(name: $0, sql: "f.\($0)") },
      source: """
        FROM (SELECT \(columns) FROM finding WHERE opened_by <= \(point.sql)
          UNION ALL SELECT \(columns) FROM label AS l WHERE \(visible("l", point))\(conflicts)) AS f
        JOIN delivery AS d ON d.id = f.row_id >> 32
        WHERE EXISTS (SELECT 1 FROM quarantined_record AS q
          WHERE q.row_id = f.row_id AND \(visible("q", point)))
        OR EXISTS (SELECT 1 FROM waiting_record AS q
          WHERE q.row_id = f.row_id AND \(visible("q", point)))\(accepted)
        """)
  }

  /// Conflicts with owners as findings on the records that differ: they are kept once, in the register.
  private static func conflictColumns(_ names: [String]) -> String {
    names.map { name in
      switch name {
      case "code": "\(SQLName.literal(AuthorityRule.issue.rawValue)) AS code"
      case "record_number": "x.row_id & 4294967295 AS record_number"
      case "ordinal", "line", "byte_offset": "coalesce(x.\(name), 0) AS \(name)"
      default: "x.\(name)"
      }
    }.joined(separator: ", ")
  }

  private static func ledger(_ point: Point) -> View {
    let plain = [
      "run", "system", "category", "file_name", "content", "length", "archive_path", "is_full",
      "status", "reason", "encoding", "batch_number", "read", "accepted", "unchanged",
      "duplicate", "returned", "pending", "held", "deleted", "accepted_first", "returned_first",
      "removed", "drift",
    ]
    return View(
      name: "delivery_ledger",
      columns: [
        Column(name: "delivery", sql: "d.id"), Column(name: "night", sql: "r.night"),
        Column(name: "publication", sql: "r.publication"),
      ] + plain.map { Column(name: $0, sql: "d.\($0)") },
      source: """
        FROM delivery AS d
        JOIN run AS r ON r.id = d.run
        WHERE r.publication <= \(point.sql) AND r.status <> 'running'
        """)
  }
}
