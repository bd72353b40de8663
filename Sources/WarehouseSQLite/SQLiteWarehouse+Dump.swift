import Catalog
import GRDB
import Glibc
import Warehouse

extension SQLiteWarehouse {
  /// Writes all published content as lines `table|column=value|…`, sorted by content.
  ///
  /// Left out is whatever depends on the course of events and not on the data: publication and run
  /// numbers (nights stand for them), times, row ids (delivery content and record number stand for
  /// them), unpublished rows. Two warehouses that hold the same nights give the same bytes, however
  /// often their runs were killed. The file holds restricted values and is made for its owner only.
  package func canonicalDump(to target: String) throws { try dump(dumpSections, to: target) }

  private func dump(_ sections: [Section], to target: String) throws {
    let connection = try current()
    let file = try PosixFile(target, flags: O_WRONLY | O_CREAT | O_TRUNC)
    try PosixFile.setMode(0o600, of: target)
    var buffer: [UInt8] = []
    for section in sections {
      try connection.access("dumping \(section.name) of \(connection.path)") { database in
        let rows = try Row.fetchCursor(
          database, sql: "\(section.select) ORDER BY \(section.order)")
        while let row = try rows.next() {
          Self.append(row, of: section.name, to: &buffer)
          guard buffer.count > 1 << 20 else { continue }
          try file.write(buffer)
          buffer.removeAll(keepingCapacity: true)
        }
      }
    }
    try file.write(buffer)
  }

  private static func append(_ row: Row, of name: String, to buffer: inout [UInt8]) {
    buffer.append(contentsOf: name.utf8)
    for (column, value) in row {
      buffer.append(UInt8(ascii: "|"))
      buffer.append(contentsOf: column.utf8)
      buffer.append(UInt8(ascii: "="))
      switch value.storage {
      case .null: buffer.append(contentsOf: "\\N".utf8)
      case .int64(let number): buffer.append(contentsOf: String(number).utf8)
      case .double(let number): buffer.append(contentsOf: String(number).utf8)
      case .string(let text): appendEscaped(text, to: &buffer)
      // Every section that has bytes writes them as digits.
      case .blob: buffer.append(contentsOf: "\\B".utf8)
      }
    }
    buffer.append(UInt8(ascii: "\n"))
  }

  private static func appendEscaped(_ text: String, to buffer: inout [UInt8]) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\n"): buffer.append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "|"), UInt8(ascii: "\\"):
        buffer.append(UInt8(ascii: "\\"))
        buffer.append(byte)
      default: buffer.append(byte)
      }
    }
  }

  private struct Section {
    var name: String
    var columns: [(name: String, sql: String)]
    var source: String

    var select: String {
      let list = columns.map { "\($0.sql) AS \(SQLName.quoted($0.name))" }
      return "SELECT \(list.joined(separator: ", ")) \(source)"
    }

    var order: String { columns.indices.map { String($0 + 1) }.joined(separator: ", ") }
  }

  private var dumpSections: [Section] {
    model.categories.map(Self.section) + [
      Self.quarantineSection(TableModel.quarantine), Self.quarantineSection(TableModel.waiting),
      Self.findingSection(TableModel.findings), Self.findingSection(TableModel.labels),
      Self.measureSection, Self.deliverySection,
      recordStateSection, entityStateSection,
    ] + model.entities.map(Self.composedSection)
      + (model.entities.isEmpty ? [] : [Self.conflictSection, Self.overrideSection])
      + (model.subjects == nil ? [] : [Self.mentionSection, Self.matchSection, Self.actSection])
  }

  /// The values of golden records, whoever said them and when: what the same data gives in any order, in one
  /// night or in several. Numbers that the run itself gives to batches are left out.
  ///
  /// - Parameter leavingOut: Identifier of the element with the number of the batch.
  package func goldenDump(to target: String, leavingOut batchElement: String) throws {
    try dump(
      model.entities.map { tables in
        Section(
          name: tables.entity.id,
          columns: tables.entity.elements.filter { $0 != batchElement }.map {
            (name: $0, sql: "v.\(SQLName.quoted($0))")
          }, source: "FROM \(SQLName.quoted(WarehouseViews.goldenView(tables.entity.id))) AS v")
      }, to: target)
  }

  /// Which delivery and which of its records a row is, and from which night on it was visible.
  private static func origin(_ alias: String) -> [(name: String, sql: String)] {
    [
      ("content", "d.content"), ("file_name", "d.file_name"),
      ("record_number", "\(alias).row_id & 4294967295"), ("night", "o.night"),
    ]
  }

  private static func closing(_ alias: String) -> (name: String, sql: String) {
    (
      "closed_night",
      "(SELECT c.night FROM publication_night AS c WHERE c.publication = \(alias).closed_by)"
    )
  }

  private static func published(_ table: String, _ alias: String) -> String {
    """
    FROM \(SQLName.quoted(table)) AS \(alias)
    JOIN delivery AS d ON d.id = \(alias).row_id >> 32
    JOIN publication_night AS o ON o.publication = \(alias).opened_by
    """
  }

  private static func section(_ tables: WarehouseModel.CategoryTables) -> Section {
    let plain = tables.records.columns.map(\.name).filter {
      $0 != "row_id" && !TableModel.loaderColumns.contains($0)
    }
    let values = tables.values.map { value in
      (
        name: "each_\(value.element)",
        sql: "(SELECT group_concat(e.ordinal || ':' || e.value, char(10)) FROM (SELECT ordinal, "
          + "value FROM \(SQLName.quoted(value.table.name)) WHERE row_id = v.row_id "
          + "ORDER BY ordinal) AS e)"
      )
    }
    let children = tables.children.map { child in
      let fields = child.child.elements.map {
        "coalesce(\(SQLName.quoted($0.element.identifier)), '')"
      }.joined(separator: " || char(31) || ")
      return (
        name: "each_\(child.child.name)",
        sql: "(SELECT group_concat(e.ordinal || ':' || e.row, char(10)) FROM (SELECT ordinal, "
          + "\(fields) AS row FROM \(SQLName.quoted(child.table.name)) WHERE row_id = v.row_id "
          + "ORDER BY ordinal) AS e)"
      )
    }
    return Section(
      name: tables.category.id,
      columns: plain.map { (name: $0, sql: "v.\(SQLName.quoted($0))") } + values + children
        + origin("v")
        + [closing("v")],
      source: published(tables.records.name, "v"))
  }

  private static func quarantineSection(_ table: TableModel) -> Section {
    let plain = table.columns.map(\.name).filter {
      !["row_id", "record_number"].contains($0) && !TableModel.loaderColumns.contains($0)
    }
    return Section(
      name: table.name,
      columns: plain.map { (name: $0, sql: "q.\($0)") } + origin("q")
        + (table == TableModel.waiting ? [(name: "outcome", sql: outcome("q"))] : [])
        + [closing("q")],
      source: published(table.name, "q"))
  }

  /// What became of a version that waited, once it is published.
  private static func outcome(_ alias: String) -> String {
    "CASE WHEN \(alias).closed_by <= (SELECT number FROM publication) THEN \(alias).wait_outcome END"
  }

  private static func findingSection(_ table: TableModel) -> Section {
    let plain = table.columns.map(\.name).filter {
      !["row_id", "record_number"].contains($0) && !TableModel.loaderColumns.contains($0)
    }
    return Section(
      name: table.name,
      columns: plain.map { (name: $0, sql: "f.\($0)") } + origin("f")
        + (table == TableModel.labels ? [closing("f")] : []),
      source: published(table.name, "f"))
  }

  /// Which record of which delivery a row is.
  ///
  /// - Parameter child: Columns with table and number, where it may be a row inside the record.
  private static func place(
    _ row: String, _ child: (table: String, ordinal: String)? = nil
  ) -> String {
    let inner = child.map { " || coalesce('/' || \($0.table) || ':' || \($0.ordinal), '')" }
    return "(SELECT p.content || ':' || (\(row) & 4294967295)\(inner ?? "") FROM delivery AS p "
      + "WHERE p.id = \(row) >> 32)"
  }

  private static func composedSection(_ tables: WarehouseModel.EntityTables) -> Section {
    let speaker = place("g.row_id", ("g.child", "g.child_ordinal"))
    return Section(
      name: tables.composed.name,
      columns: tables.entity.elements.map { (name: $0, sql: "c.\(SQLName.quoted($0))") } + [
        ("members", "c.member_count"), ("base", place("c.base_row")),
        (
          "parts",
          "(SELECT group_concat(g.part || '=' || coalesce(\(speaker), '') || ' ' || "
            + "coalesce(g.rule_version || ' ' || g.basis, '') "
            + "|| coalesce(g.basis || ' ' || g.override, ''), char(10)) FROM (SELECT * FROM "
            + "golden_part WHERE golden_id = c.golden_id ORDER BY part) AS g)"
        ), ("night", "o.night"), closing("c"),
      ],
      source: "FROM \(SQLName.quoted(tables.composed.name)) AS c "
        + "JOIN publication_night AS o ON o.publication = c.opened_by")
  }

  private static var conflictSection: Section {
    Section(
      name: TableModel.conflicts.name,
      columns: [
        "rule", "rule_version", "element", "severity", "value", "expected",
      ].map { ($0, "x.\($0)") } + [
        ("record", place("x.row_id", ("x.child", "x.child_ordinal"))),
        ("winner", place("x.winner_row", ("x.winner_child", "x.winner_ordinal"))),
        ("night", "o.night"),
        closing("x"),
      ],
      source: "FROM conflict AS x JOIN publication_night AS o ON o.publication = x.opened_by")
  }

  private static var overrideSection: Section {
    let plain = ["entity", "key", "rule", "author", "reason", "until", "outcome"]
    let night = { (column: String) in
      "(SELECT p.night FROM publication_night AS p WHERE p.publication = o.\(column))"
    }
    return Section(
      name: "golden_override",
      columns: [("id", "o.id")] + plain.map { ($0, "o.\($0)") } + [
        ("element", "v.element"), ("value", "v.value"), ("replaced", "v.replaced"),
        ("night", night("opened_by")), ("closed_night", night("closed_by")),
      ],
      source: "FROM golden_override AS o JOIN golden_override_value AS v ON v.override = o.id")
  }

  private static var mentionSection: Section {
    Section(
      name: TableModel.subjectMentions.name,
      columns: ["code", "registration_no", "name"].map { ($0, "m.\($0)") } + [
        ("record", place("m.row_id")), ("night", "o.night"), closing("m"),
      ],
      source: "FROM subject_mention AS m JOIN publication_night AS o ON o.publication = m.opened_by"
    )
  }

  private static var matchSection: Section {
    Section(
      name: TableModel.subjectMatches.name,
      columns: ["subject", "is_link", "rule", "score", "reason", "act"].map { ($0, "m.\($0)") } + [
        ("record", place("m.row_id")), ("night", "o.night"), closing("m"),
      ],
      source: "FROM subject_match AS m JOIN publication_night AS o ON o.publication = m.opened_by")
  }

  private static var actSection: Section {
    Section(
      name: "subject_act",
      columns: [
        "id", "kind", "category", "system", "record_id", "subject", "mention", "registration",
        "undone", "author", "reason",
      ].map { ($0, "a.\($0)") } + [
        (
          "night",
          "(SELECT p.night FROM publication_night AS p WHERE p.publication = a.opened_by)"
        )
      ], source: "FROM subject_act AS a")
  }

  private static var measureSection: Section {
    Section(
      name: "measure",
      columns: [
        ("content", "d.content"), ("file_name", "d.file_name"), ("name", "m.name"),
        ("domain", "m.domain"), ("element", "m.element"), ("code", "m.code"),
        ("value", "m.value"),
      ], source: "FROM measure AS m JOIN delivery AS d ON d.id = m.delivery \(publishedRun)")
  }

  private static var deliverySection: Section {
    let plain = [
      "system", "category", "file_name", "content", "length", "is_full", "status", "reason",
      "encoding", "batch_number", "read", "accepted", "unchanged", "duplicate", "returned",
      "pending", "held", "deleted", "accepted_first", "returned_first", "removed", "drift",
    ]
    return Section(
      name: "delivery",
      columns: plain.map { (name: $0, sql: "d.\($0)") } + [("night", "r.night")],
      source: "FROM delivery AS d \(publishedRun)")
  }

  private static let publishedRun = """
    JOIN run AS r ON r.id = d.run AND r.publication <= (SELECT number FROM publication)
      AND r.status <> 'running'
    """

  /// States follow from published rows only while nothing unpublished is there.
  private static let whenQuiet = """
    WHERE NOT EXISTS (SELECT 1 FROM delivery AS u JOIN run AS r ON r.id = u.run
      WHERE u.loaded_blocks > 0 AND r.publication > (SELECT number FROM publication))
    """

  private var recordStateSection: Section {
    Section(
      name: "record_state",
      columns: [
        ("key", "hex(s.key)"), ("accepted", "hex(s.accepted)"), ("attempts", "s.attempts"),
        ("entity", "hex(s.entity)"), ("update_time", "s.update_time"),
        ("row", "d.content || ':' || (s.row_id & 4294967295)"),
        ("returned", "e.content || ':' || (s.returned_row_id & 4294967295)"),
        ("waiting", "w.content || ':' || (s.waiting_row_id & 4294967295)"),
        ("waiting_content", "hex(s.waiting_content)"),
        ("waiting_entity", "hex(s.waiting_entity)"), ("waiting_time", "s.waiting_time"),
      ],
      source: """
        FROM record_state AS s LEFT JOIN delivery AS d ON d.id = s.row_id >> 32
        LEFT JOIN delivery AS e ON e.id = s.returned_row_id >> 32
        LEFT JOIN delivery AS w ON w.id = s.waiting_row_id >> 32 \(Self.whenQuiet)
        """)
  }

  private var entityStateSection: Section {
    Section(
      name: "entity_state",
      columns: [
        ("key", "hex(s.key)"), ("update_time", "s.update_time"), ("record", "hex(s.record)"),
        ("row", "d.content || ':' || (s.row_id & 4294967295)"),
      ],
      source: """
        FROM entity_state AS s LEFT JOIN delivery AS d ON d.id = s.row_id >> 32 \(Self.whenQuiet)
        """)
  }
}
