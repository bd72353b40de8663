import Catalog
import Warehouse

extension WarehouseViews {
  /// Every record that names a subject and the registration that this is: by its code, which is joined, or by
  /// what was found otherwise, which is stored.
  static func subjectLinks(_ subjects: WarehouseModel.SubjectTables, _ point: Point) -> View {
    let rule = subjects.matching.link(.code)
    let byCode: [String] = subjects.sources.compactMap { source, tables in
      guard let rule, let code = source.code.map({ "v.\(SQLName.quoted($0))" }) else { return nil }
      return """
        SELECT v.row_id, \(SQLName.literal(tables.category.id)) AS category, \(code) AS subject,
          \(SQLName.literal(rule.id)) AS rule, \(SQLName.literal(rule.name)) AS reason, NULL AS act,
          v.opened_by
        FROM \(SQLName.quoted(tables.records.name)) AS v
        WHERE \(visible("v", point)) AND EXISTS (SELECT 1 FROM subject_name AS n
          WHERE n.subject = \(code) AND \(visible("n", point)))
        """
    }
    let stored = """
      SELECT m.row_id, d.category, m.subject, m.rule, m.reason, m.act, m.opened_by
      FROM subject_match AS m JOIN delivery AS d ON d.id = m.row_id >> 32
      WHERE m.is_link = 1 AND \(visible("m", point))
      """
    return View(
      name: "subject_link",
      columns: [
        ("record", "l.row_id"), ("category", "l.category"), ("subject", "l.subject"),
        ("rule", "l.rule"), ("reason", "l.reason"), ("act", "l.act"),
        ("publication", "l.opened_by"),
      ].map { Column(name: $0.0, sql: $0.1) },
      source: "FROM (\((byCode + [stored]).joined(separator: "\nUNION ALL "))) AS l")
  }

  /// What a person may decide: records without a link, with the registrations that they may mean.
  static func subjectCandidates(_ subjects: WarehouseModel.SubjectTables, _ point: Point) -> View {
    let registered = """
      (SELECT n.name FROM subject_name AS n WHERE n.subject = m.subject AND n.is_golden
        AND \(visible("n", point)))
      """
    return View(
      name: "subject_candidate",
      columns: [
        ("record", "m.row_id"), ("category", "d.category"), ("system", "d.system"),
        ("source_record_id", "s.record_id"), ("stated_code", "s.code"),
        ("stated_number", "s.registration_no"), ("stated_name", "s.name"),
        ("subject", "m.subject"), ("registered_name", registered),
        ("rule", "m.rule"), ("score", "m.score"), ("reason", "m.reason"),
        ("publication", "m.opened_by"), ("night", "o.night"),
      ].map { Column(name: $0.0, sql: $0.1) },
      source: """
        FROM subject_match AS m JOIN delivery AS d ON d.id = m.row_id >> 32
        JOIN publication_night AS o ON o.publication = m.opened_by
        JOIN subject_mention AS s ON s.row_id = m.row_id AND \(visible("s", point))
        WHERE m.is_link = 0 AND \(visible("m", point))
        """)
  }
}

extension SQLiteWarehouse {
  /// What must hold of links and candidates as readers see them.
  var subjectInvariants: [(what: String, sql: String)] {
    guard let subjects = model.subjects else { return [] }
    let isSeen = { (alias: String) in WarehouseViews.visible(alias, .pointer) }
    let rows = subjects.sources.map {
      "SELECT row_id FROM \(SQLName.quoted($0.category.records.name)) AS t WHERE \(isSeen("t"))"
    }.joined(separator: " UNION ALL ")
    let registered = { (code: String) in
      "(SELECT 1 FROM subject_name AS n WHERE n.subject = \(code) AND \(isSeen("n")))"
    }
    return [
      (
        what: "subjects of records that are not shown",
        sql: "SELECT count(*) FROM subject_mention AS m WHERE \(isSeen("m")) "
          + "AND row_id NOT IN (\(rows))"
      ),
      (
        what: "subjects that their code tells and that are looked for all the same",
        sql: "SELECT count(*) FROM subject_mention AS m WHERE \(isSeen("m")) "
          + "AND EXISTS \(registered("m.code"))"
      ),
      (
        what: "links and candidates of records that name nobody",
        sql: "SELECT count(*) FROM subject_match AS m WHERE \(isSeen("m")) AND NOT EXISTS "
          + "(SELECT 1 FROM subject_mention AS s WHERE s.row_id = m.row_id AND \(isSeen("s")))"
      ),
      (
        what: "links and candidates to nobody",
        sql: "SELECT count(*) FROM subject_match AS m WHERE \(isSeen("m")) "
          + "AND NOT EXISTS \(registered("m.subject"))"
      ),
      (
        what: "records with a link and other matches",
        sql: "SELECT count(*) FROM (SELECT 1 FROM subject_match AS m WHERE \(isSeen("m")) "
          + "GROUP BY row_id HAVING sum(is_link) > 0 AND count(*) > 1)"
      ),
      (
        what: "registrations that nobody speaks of, or that are not compared",
        // A warehouse of an earlier version has none until its next night.
        sql: """
        SELECT count(*) FROM (
          SELECT n.subject AS code FROM subject_name AS n WHERE \(isSeen("n"))
            AND NOT EXISTS (SELECT 1 FROM \(entityRecords(subjects)) AS t
              WHERE t.\(SQLName.quoted(subjects.matching.code)) = n.subject AND \(isSeen("t")))
          UNION SELECT t.\(SQLName.quoted(subjects.matching.code))
            FROM \(entityRecords(subjects)) AS t WHERE \(isSeen("t"))
            AND (SELECT matched FROM subject_state) >= (SELECT number FROM publication)
            AND instr(t.\(SQLName.quoted(subjects.matching.code)), '*') = 0
            AND t.\(SQLName.quoted(subjects.matching.name)) IS NOT NULL
            AND NOT EXISTS \(registered("t.\(SQLName.quoted(subjects.matching.code))")))
        """
      ),
    ]
  }

  private func entityRecords(_ subjects: WarehouseModel.SubjectTables) -> String {
    SQLName.quoted(subjects.entity.category.records.name)
  }
}
