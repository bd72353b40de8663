package import Catalog
import GRDB
package import Warehouse

/// What is known of the subject of one record.
package struct SubjectReview: Sendable {
  package struct Match: Sendable {
    package var subject: String
    /// As it is registered; nil where nobody is any more.
    package var name: String?
    package var number: String?
    package var rule: String
    package var score: Int?
    package var reason: String
    package var act: Int64?
    package var isLink: Bool
  }

  package var record: Int64
  package var category: String
  package var system: String
  package var recordID: String
  package var code: String?
  package var number: String?
  package var name: String?
  /// Best first.
  package var matches: [Match]
}

extension WarehouseReader {
  /// Records with candidates, as of the last publication, in the order of their rows.
  ///
  /// - Parameters:
  ///   - category: nil for all.
  ///   - record: One record alone, whether or not anything was found for it.
  package func subjectReviews(
    _ catalog: Catalog, category: String? = nil, record: Int64? = nil, limit: Int
  ) throws -> [SubjectReview] {
    guard catalog.matching != nil else { return [] }
    return try read { database in
      guard try database.tableExists("subject_mention") else { return [] }
      let isSeen = { (alias: String) in WarehouseViews.visible(alias, .pointer) }
      let has =
        record == nil
        ? "EXISTS (SELECT 1 FROM subject_match AS m WHERE m.row_id = s.row_id AND m.is_link = 0 "
          + "AND \(isSeen("m")))" : "s.row_id = ?2"
      return try Row.fetchAll(
        database,
        sql: """
          SELECT s.*, d.category, d.system FROM subject_mention AS s
          JOIN delivery AS d ON d.id = s.row_id >> 32
          WHERE \(isSeen("s")) AND \(has) AND (?1 IS NULL OR d.category = ?1)
            AND (?2 IS NULL OR 1) ORDER BY s.row_id LIMIT ?3
          """, arguments: [category, record, limit]
      ).map { row in
        SubjectReview(
          record: row["row_id"], category: row["category"], system: row["system"],
          recordID: row["record_id"], code: row["code"], number: row["registration_no"],
          name: row["name"], matches: try Self.matches(row["row_id"], database))
      }
    }
  }

  private static func matches(_ record: Int64, _ database: Database) throws -> [SubjectReview.Match]
  {
    try Row.fetchAll(
      database,
      sql: """
        SELECT m.*, n.name, n.registration_no FROM subject_match AS m
        LEFT JOIN subject_name AS n ON n.subject = m.subject AND n.is_golden
          AND \(WarehouseViews.visible("n", .pointer))
        WHERE m.row_id = ? AND \(WarehouseViews.visible("m", .pointer))
        ORDER BY m.is_link DESC, m.score DESC, m.subject
        """, arguments: [record]
    ).map {
      SubjectReview.Match(
        subject: $0["subject"], name: $0["name"], number: $0["registration_no"], rule: $0["rule"],
        score: $0["score"], reason: $0["reason"], act: $0["act"], isLink: $0["is_link"] == 1)
    }
  }

  /// Ascending by number; none in a warehouse of an earlier program.
  package func subjectActs() throws -> [SubjectAct] {
    try read { database in
      guard try database.tableExists("subject_act") else { return [] }
      return try SQLiteWarehouse.subjectActs(database)
    }
  }

  /// How the subjects of records were matched as of a publication, by record: a link, or candidates.
  package func subjectMatches(
    of records: [Int64], _ catalog: Catalog, publication: Int64
  ) throws -> [Int64: [SubjectReview.Match]] {
    let model = try WarehouseModel(catalog)
    let point = WarehouseViews.Point.publication(publication)
    guard let subjects = model.subjects, !records.isEmpty else { return [:] }
    return try read { database in
      guard try database.tableExists("subject_mention") else { return [:] }
      let list = records.map(String.init).joined(separator: ", ")
      let links = WarehouseViews.subjectLinks(subjects, point).select
      let candidates = WarehouseViews.subjectCandidates(subjects, point).select
      var found: [Int64: [SubjectReview.Match]] = [:]
      for row in try Row.fetchAll(
        database,
        sql: """
          SELECT l.record, l.subject, l.rule, NULL AS score, l.reason, l.act, 1 AS is_link,
            n.name, n.registration_no FROM (\(links)) AS l
          LEFT JOIN subject_name AS n ON n.subject = l.subject AND n.is_golden
            AND \(WarehouseViews.visible("n", point)) WHERE l.record IN (\(list))
          UNION ALL SELECT c.record, c.subject, c.rule, c.score, c.reason, NULL, 0,
            c.registered_name, NULL FROM (\(candidates)) AS c WHERE c.record IN (\(list))
          ORDER BY 1, 4 DESC, 2
          """)
      {
        found[row["record"], default: []].append(
          SubjectReview.Match(
            subject: row["subject"], name: row["name"], number: row["registration_no"],
            rule: row["rule"], score: row["score"], reason: row["reason"], act: row["act"],
            isLink: row["is_link"] == 1))
      }
      return found
    }
  }
}
