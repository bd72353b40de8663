package import Catalog
import Foundation
import GRDB
package import Warehouse

/// Which records a list is of.
package enum RecordSelection: Sendable, Hashable {
  /// What became of the records of a delivery when it was judged.
  package enum Outcome: String, Sendable, CaseIterable {
    case accepted, returned, pending
  }

  case outcome(Outcome, delivery: Int64)
  /// Versions with a value that differs from its owner's, now.
  case conflicts(rule: String, system: String?)
  /// Records of a night's deliveries, by what is known of their subjects now.
  case subjects(SubjectKnowledge, night: String)
  /// Records of a night's deliveries with a mistake in one of these elements.
  case mistakes(elements: [String], categories: [String], night: String)
  /// Records of a night's deliveries that were accepted with a note.
  case notes(night: String)

  /// Whether the records stand in quarantine; else they are versions of a category.
  fileprivate var isOfQuarantine: Bool {
    switch self {
    case .outcome(.accepted, _), .conflicts, .subjects, .notes: false
    case .outcome, .mistakes: true
    }
  }
}

/// A record as lists show it.
package struct ListedRecord: Sendable, Hashable {
  package var row: Int64
  /// `accepted`, `withheld`, `returned` or `pending`.
  package var status: String
  package var system: String
  package var category: String
  package var fileName: String
  package var line: Int
  package var recordID: String
  /// Parts between bars.
  package var entityKey: String
  package var night: String
  /// Of the publication that ended it; nil where it stands.
  package var closedNight: String?
}

extension WarehouseReader {
  /// A delivery of a night that was published, or that waits for a person since; nil where there is none such.
  package func publishedDelivery(_ id: Int64) throws -> DeliveryEntry? {
    try read { database in
      try Row.fetchOne(
        database,
        sql: """
          SELECT d.* FROM delivery AS d JOIN run AS r ON r.id = d.run
          WHERE d.id = ? AND r.status <> 'running'
            AND r.publication <= (SELECT number FROM publication)
          """, arguments: [id]
      ).map(SQLiteWarehouse.entry)
    }
  }

  /// Records of a selection in the order of loading.
  ///
  /// - Parameters:
  ///   - systems: Only of these; nil for all.
  ///   - after: Only rows behind this one.
  ///   - recordID: The element that identifies records, of `nightly.yaml`.
  package func records(
    _ selection: RecordSelection, _ catalog: Catalog, systems: Set<String>?, recordID: String,
    after: Int64, limit: Int
  ) throws -> [ListedRecord] {
    try read { database in
      let page = RowPage(systems: systems, after: after, limit: limit)
      let rows = try Self.rows(selection, catalog, page, database)
      guard !selection.isOfQuarantine else { return try Self.quarantined(rows, database) }
      let versions = try Self.versions(rows, catalog, recordID, database)
      let rest = Set(rows).subtracting(versions.map(\.row))
      let others = rest.isEmpty ? [] : try Self.quarantined(rest.sorted(), database)
      return (versions + others).sorted { $0.row < $1.row }
    }
  }

  /// Of a range of rows of a delivery those that are stored, as a version or in quarantine.
  package func storedRows(
    _ range: ClosedRange<Int64>, _ category: Category
  ) throws -> Set<Int64> {
    let tables = [
      TableModel.recordTable(category.id), TableModel.quarantine.name, TableModel.waiting.name,
    ]
    let parts = tables.map {
      "SELECT row_id FROM \(SQLName.quoted($0)) WHERE row_id BETWEEN ?1 AND ?2"
    }
    return try read { database in
      try Int64.fetchSet(
        database, sql: parts.joined(separator: " UNION "),
        arguments: [range.lowerBound, range.upperBound])
    }
  }

  // MARK: Which

  private static func rows(
    _ selection: RecordSelection, _ catalog: Catalog, _ page: RowPage, _ database: Database
  ) throws -> [Int64] {
    let pointer = "(SELECT number FROM publication)"
    func isShown(_ alias: String) -> String { WarehouseViews.visible(alias, .pointer) }
    switch selection {
    case .outcome(let outcome, let delivery):
      guard
        let category = try String.fetchOne(
          database, sql: "SELECT category FROM delivery WHERE id = ?", arguments: [delivery]
        )
        .flatMap(catalog.category)
      else { return [] }
      let table =
        switch outcome {
        case .accepted: SQLName.quoted(TableModel.recordTable(category.id))
        case .returned: TableModel.quarantine.name
        case .pending: TableModel.waiting.name
        }
      // What waited and was settled in a later night has the same number, and was opened by that night.
      return try rows(
        """
        \(table) AS x JOIN delivery AS d ON d.id = :delivery JOIN run AS r ON r.id = d.run
        WHERE x.row_id BETWEEN d.id << 32 AND (d.id << 32) + 4294967295
          AND x.opened_by = r.publication
        """, ["delivery": delivery], page, database)
    case .conflicts(let rule, let system):
      guard try database.tableExists(TableModel.conflicts.name) else { return [] }
      return try rows(
        """
        conflict AS x JOIN delivery AS d ON d.id = x.row_id >> 32
        WHERE x.rule = :rule AND \(isShown("x")) AND d.system = coalesce(:system, d.system)
        """, ["rule": rule, "system": system], page, database)
    case .subjects(let knowledge, let night):
      guard try database.tableExists(TableModel.subjectMentions.name) else { return [] }
      let isKnown = SubjectSQL.knowledge(ofRow: "x.row_id", where: isShown("m"))
      return try rows(
        ofNight: night, ["subject_mention AS x WHERE \(isShown("x")) AND \(isKnown) = :knowledge"],
        ["knowledge": knowledge.rawValue], page, database)
    case .mistakes(let elements, let categories, let night):
      return try rows(
        ofNight: night, categories: categories,
        [
          """
          finding AS x WHERE x.opened_by <= \(pointer) AND x.severity <> 'note'
            AND x.element IN (SELECT value FROM json_each(:elements))
          """
        ], ["elements": json(elements)], page, database)
    case .notes(let night):
      return try rows(
        ofNight: night,
        [
          "finding AS x WHERE x.opened_by <= \(pointer) AND x.severity = 'note'",
          """
          label AS x WHERE x.opened_by <= \(pointer) AND x.severity = 'note'
            AND (x.closed_by IS NULL OR x.closed_by > \(pointer))
          """,
        ], [:], page, database)
    }
  }

  /// Part of a list.
  private struct RowPage {
    /// nil for all.
    var systems: Set<String>?
    var after: Int64
    var limit: Int
  }

  private static func rows(
    _ source: String, _ arguments: StatementArguments, _ page: RowPage, _ database: Database
  ) throws -> [Int64] {
    try Int64.fetchAll(
      database,
      sql: """
        SELECT DISTINCT x.row_id FROM \(source) AND x.row_id > :after
          AND (:systems IS NULL OR d.system IN (SELECT value FROM json_each(:systems)))
        ORDER BY x.row_id LIMIT :limit
        """,
      arguments: arguments + [
        "after": page.after, "systems": page.systems.map { json($0.sorted()) },
        "limit": page.limit,
      ])
  }

  /// One delivery after the other until the page is full: rows of a delivery follow each other, and a page is a
  /// small part of a night.
  ///
  /// - Parameters:
  ///   - categories: Only deliveries of these; nil for all.
  ///   - sources: Tables with their conditions.
  private static func rows(
    ofNight night: String, categories: [String]? = nil, _ sources: [String],
    _ arguments: StatementArguments, _ page: RowPage, _ database: Database
  ) throws -> [Int64] {
    let deliveries = try Int64.fetchAll(
      database,
      sql: """
        SELECT d.id FROM run AS r CROSS JOIN delivery AS d ON d.run = r.id
        WHERE r.night = :night AND r.publication <= (SELECT number FROM publication)
          AND r.status <> 'running' AND d.id >= :after >> 32
          AND (:systems IS NULL OR d.system IN (SELECT value FROM json_each(:systems)))
          AND (:categories IS NULL OR d.category IN (SELECT value FROM json_each(:categories)))
        ORDER BY d.id
        """,
      arguments: [
        "night": night, "after": page.after, "systems": page.systems.map { json($0.sorted()) },
        "categories": categories.map(json),
      ])
    let statements = try sources.map { source in
      try database.cachedStatement(
        sql: """
          SELECT DISTINCT x.row_id FROM \(source) AND x.row_id > :after
            AND x.row_id BETWEEN :delivery << 32 AND (:delivery << 32) + 4294967295
          ORDER BY x.row_id LIMIT :limit
          """)
    }
    var result: [Int64] = []
    for delivery in deliveries where result.count < page.limit {
      let found = try statements.flatMap { statement in
        try Int64.fetchAll(
          statement,
          arguments: arguments + [
            "after": page.after, "delivery": delivery, "limit": page.limit - result.count,
          ])
      }
      result += Array(Set(found).sorted().prefix(page.limit - result.count))
    }
    return result
  }

  private static func json(_ texts: [String]) -> String {
    let data = try? JSONEncoder().encode(texts)
    return data.map { String(decoding: $0, as: UTF8.self) } ?? "[]"
  }

  private static func list(_ rows: [Int64]) -> String {
    "[" + rows.map(String.init).joined(separator: ",") + "]"
  }

  // MARK: What they are

  private static func quarantined(
    _ rows: [Int64], _ database: Database
  ) throws -> [ListedRecord] {
    let names = try fileNames(rows, database)
    return try quarantined(
      database, "q.row_id IN (SELECT value FROM json_each(?1))", [list(rows)]
    ).map { found in
      ListedRecord(
        row: found.record.rowID, status: found.status, system: found.system,
        category: found.category, fileName: names[found.record.rowID >> 32] ?? "",
        line: found.record.line, recordID: found.sourceRecordID,
        entityKey: found.record.entityKey, night: found.night, closedNight: found.closedNight)
    }.sorted { $0.row < $1.row }
  }

  private static func fileNames(
    _ rows: [Int64], _ database: Database
  ) throws -> [Int64: String] {
    Dictionary(
      try Row.fetchAll(
        database,
        sql:
          "SELECT id, file_name FROM delivery WHERE id IN (SELECT value >> 32 FROM json_each(?))",
        arguments: [list(rows)]
      ).map { ($0["id"], $0["file_name"]) }, uniquingKeysWith: { first, _ in first })
  }

  private static func versions(
    _ rows: [Int64], _ catalog: Catalog, _ recordID: String, _ database: Database
  ) throws -> [ListedRecord] {
    let categories = try String.fetchSet(
      database,
      sql: "SELECT category FROM delivery WHERE id IN (SELECT value >> 32 FROM json_each(?))",
      arguments: [list(rows)])
    return try catalog.categories.filter { categories.contains($0.id) }.flatMap { category in
      let number =
        category.column(of: recordID) == nil
        ? "''" : "coalesce(v.\(SQLName.quoted(recordID)), '')"
      return try Row.fetchAll(
        database,
        sql: """
          SELECT v.row_id, v.line, d.system, d.file_name, \(number) AS record_id,
            \(ReviewSource.entityKey(category, of: "v")) AS entity_key, o.night, c.night AS closed,
            v.closed_by IS v.opened_by AS is_withheld
          FROM \(SQLName.quoted(TableModel.recordTable(category.id))) AS v
          JOIN delivery AS d ON d.id = v.row_id >> 32
          JOIN publication_night AS o ON o.publication = v.opened_by
          LEFT JOIN publication_night AS c ON c.publication = v.closed_by
            AND c.publication <= (SELECT number FROM publication)
          WHERE v.row_id IN (SELECT value FROM json_each(?))
            AND v.opened_by <= (SELECT number FROM publication)
          """, arguments: [list(rows)]
      ).map { row in
        ListedRecord(
          row: row["row_id"], status: row["is_withheld"] ? "withheld" : "accepted",
          system: row["system"], category: category.id, fileName: row["file_name"],
          line: row["line"], recordID: row["record_id"], entityKey: row["entity_key"],
          night: row["night"], closedNight: row["closed"])
      }
    }.sorted { $0.row < $1.row }
  }
}
