import Catalog
import GRDB
import Reconciliation
import Records
package import Warehouse

/// Records whose subject no code tells, with links and candidates.
extension SQLiteWarehouse {
  package func collectMentions(publication: Int64, run: Int64, all: Bool) throws {
    let sql = try subjectSQL
    try prepareLookups(sql.lookups)
    try current().transaction("collecting records that name subjects", durable: false) {
      database in
      try indexSubjects([.subjectNames], database)
      for source in sql.sources {
        if all {
          try database.execute(sql: sql.collectAll(source), arguments: [publication])
          continue
        }
        for delivery in try Int64.fetchAll(
          database, sql: "SELECT id FROM delivery WHERE run = ? AND category = ? ORDER BY id",
          arguments: [run, source.category.category.id])
        {
          let rows = Self.rowIDs(ofDelivery: delivery)
          try database.execute(
            sql: sql.collectOpened(source),
            arguments: [publication, rows.lowerBound, rows.upperBound])
        }
        try database.execute(sql: sql.collectShown(source), arguments: [publication])
        if let collect = sql.collectLost(source) {
          try database.execute(sql: collect, arguments: [publication])
        }
      }
      for statement in all ? [SubjectSQL.collectOpenMentions] : SubjectSQL.collectTouched {
        try database.execute(sql: statement)
      }
    }
  }

  package func mentionPage(
    publication: Int64, after row: Int64, limit: Int
  ) throws -> [StoredMention]? {
    let connection = try current()
    let sql = try subjectSQL
    return try connection.access("reading subjects of records") { database in
      let places = try connection.statement(
        """
        SELECT r.row_id, d.category, d.system FROM temp.subject_row AS r
        JOIN delivery AS d ON d.id = r.row_id >> 32 WHERE r.row_id > ?
        ORDER BY r.row_id LIMIT ?
        """, database)
      places.bind(row, at: 1)
      places.bind(Int64(limit), at: 2)
      var page: [StoredMention] = []
      try places.forEachRow {
        page.append(
          StoredMention(
            row: places.integer(0), category: places.text(1), system: places.text(2), recordID: "",
            code: nil, number: nil, name: nil, isOpen: false))
      }
      guard !page.isEmpty else { return nil }
      for (category, indices) in Dictionary(grouping: page.indices, by: { page[$0].category }) {
        guard let source = sql.source(category) else { continue }
        let places = Dictionary(uniqueKeysWithValues: indices.map { (page[$0].row, $0) })
        try connection.withBatch(.rows(indices.map { page[$0].row })) {
          let statement = try connection.statement(sql.read(source), database)
          statement.bind(publication, at: 1)
          try statement.forEachRow {
            let mention = SubjectSQL.mention(statement, category)
            if let place = places[mention.row] { page[place] = mention }
          }
        }
      }
      return page
    }
  }

  package func storeMatches(_ update: SubjectMatchUpdate) throws {
    let connection = try current()
    let isNew = subjectRound?.isNew ?? false
    try connection.transaction("storing links and candidates", durable: false) { database in
      let mention = try connection.statement(Self.mentionInsertion, database)
      let insertion = try connection.statement(Self.matchInsertion, database)
      let byRow = Dictionary(
        update.entries.map { ($0.mention.row, $0) }, uniquingKeysWith: { first, _ in first })
      var nextMention = try nextID("subject_mention", "mention_id", database)
      var nextMatch = try nextID("subject_match", "match_id", database)
      for row in update.rows {
        let entry = byRow[row]
        let isSaidAnew = try isNew || keepMention(row, entry, update.publication, database)
        if isSaidAnew, let entry {
          try insert(entry, id: nextMention, update.publication, mention)
          nextMention += 1
        }
        var wanted = entry?.matches ?? []
        for (id, match) in isNew ? [] : try openMatches(row, database) {
          if let place = wanted.firstIndex(of: match) {
            wanted.remove(at: place)
            continue
          }
          try database.execute(
            sql: "UPDATE subject_match SET closed_by = ? WHERE match_id = ?",
            arguments: [update.publication, id])
        }
        for match in wanted {
          try insert(match, of: row, id: nextMatch, update.publication, insertion)
          nextMatch += 1
        }
      }
    }
  }

  /// Closes what a record said of its subject and says no more.
  ///
  /// - Returns: Whether what it says now is to be stored.
  private func keepMention(
    _ row: Int64, _ entry: SubjectMatchUpdate.Entry?, _ publication: Int64, _ database: Database
  ) throws -> Bool {
    let statement = try database.cachedStatement(
      sql: "SELECT * FROM subject_mention WHERE row_id = ? AND closed_by IS NULL")
    guard let old = try Row.fetchOne(statement, arguments: [row]) else { return true }
    if let entry, old["code"] == entry.mention.code,
      old["registration_no"] == entry.mention.number, old["name"] == entry.mention.name,
      SubjectSQL.name(old) == entry.name
    {
      return false
    }
    try database.execute(
      sql: "UPDATE subject_mention SET closed_by = ? WHERE mention_id = ?",
      arguments: [publication, old["mention_id"]])
    return true
  }

  private static let mentionInsertion = """
    INSERT INTO subject_mention (mention_id, opened_by, row_id, record_id, code,
      registration_no, name, normalized, core, is_branch, head, tail)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
    """

  private func insert(
    _ entry: SubjectMatchUpdate.Entry, id: Int64, _ publication: Int64, _ statement: RawStatement
  ) throws {
    statement.bind(id, at: 1)
    statement.bind(publication, at: 2)
    statement.bind(entry.mention.row, at: 3)
    statement.bind(text: entry.mention.recordID, at: 4)
    statement.bind(optional: entry.mention.code, at: 5)
    statement.bind(optional: entry.mention.number, at: 6)
    statement.bind(optional: entry.mention.name, at: 7)
    statement.bind(name: entry.name, from: 8)
    try statement.run()
  }

  private func openMatches(
    _ row: Int64, _ database: Database
  ) throws -> [(id: Int64, match: SubjectMatchUpdate.Match)] {
    let statement = try database.cachedStatement(
      sql: "SELECT * FROM subject_match WHERE row_id = ? AND closed_by IS NULL ORDER BY match_id")
    return try Row.fetchAll(statement, arguments: [row]).map {
      (
        $0["match_id"],
        SubjectMatchUpdate.Match(
          subject: $0["subject"], isLink: $0["is_link"] == 1, rule: $0["rule"],
          score: $0["score"], reason: $0["reason"], act: $0["act"])
      )
    }
  }

  private static let matchInsertion = """
    INSERT INTO subject_match (match_id, opened_by, row_id, subject, is_link, rule, score,
      reason, act) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
    """

  private func insert(
    _ match: SubjectMatchUpdate.Match, of row: Int64, id: Int64, _ publication: Int64,
    _ statement: RawStatement
  ) throws {
    statement.bind(id, at: 1)
    statement.bind(publication, at: 2)
    statement.bind(row, at: 3)
    statement.bind(text: match.subject, at: 4)
    statement.bind(match.isLink ? 1 : 0, at: 5)
    statement.bind(text: match.rule, at: 6)
    statement.bind(match.score.map(Int64.init), at: 7)
    statement.bind(text: match.reason, at: 8)
    statement.bind(match.act, at: 9)
    try statement.run()
  }

  // MARK: Acts of people

  package func subjectActs() throws -> [SubjectAct] {
    try current().access("reading acts about subjects", Self.subjectActs)
  }

  static func subjectActs(_ database: Database) throws -> [SubjectAct] {
    try Row.fetchAll(database, sql: "SELECT * FROM subject_act ORDER BY id").compactMap { row in
      guard let kind = SubjectAct.Kind(rawValue: row["kind"]) else { return nil }
      return SubjectAct(
        id: row["id"], kind: kind, row: row["row_id"], category: row["category"],
        system: row["system"], recordID: row["record_id"], subject: row["subject"],
        mention: row["mention"], registration: row["registration"], undone: row["undone"],
        author: row["author"], reason: row["reason"], time: row["stated_at"],
        openedBy: row["opened_by"])
    }
  }

  package func add(_ act: SubjectAct) throws -> Int64 {
    try current().transaction("storing an act about a subject", durable: true) { database in
      try database.execute(
        sql: """
          INSERT INTO subject_act (kind, row_id, category, system, record_id, subject, mention,
            registration, undone, author, reason, stated_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          act.kind.rawValue, act.row, act.category, act.system, act.recordID, act.subject,
          act.mention, act.registration, act.undone, act.author, act.reason, act.time,
        ])
      return database.lastInsertedRowID
    }
  }

  package func mention(row: Int64) throws -> StoredMention? {
    let connection = try current()
    let sql = try subjectSQL
    return try connection.access("reading the subject of a record") { database in
      guard
        let category = try String.fetchOne(
          database, sql: "SELECT category FROM delivery WHERE id = ?", arguments: [row >> 32]),
        let source = sql.source(category)
      else { return nil }
      let publication = try Self.pointer(database)
      return try connection.withBatch(.rows([row])) {
        let statement = try connection.statement(sql.read(source), database)
        statement.bind(publication, at: 1)
        var mention: StoredMention?
        try statement.forEachRow { mention = SubjectSQL.mention(statement, category) }
        return mention
      }
    }
  }
}
