import Catalog
import GRDB
package import Reconciliation
import Records
package import Warehouse

/// What a round of matching need not look for.
struct SubjectRound {
  /// Every record is matched anew, whatever changed.
  var isAll: Bool
  /// Nothing is stored. Indexes are made when the rows are there: of texts in any order every row would
  /// write another page of each.
  var isNew: Bool
}

/// Which registration a record's subject is.
///
/// Records whose code a registration has are not stored: the view joins them. Stored are the others
/// (`subject_mention`), what registrations say in comparable form (`subject_name`), and links and
/// candidates between the two (`subject_match`). What a night looks at stands in temporary tables of the
/// writing connection.
extension SQLiteWarehouse {
  package func beginSubjects(publication: Int64, policy: String) throws -> Bool {
    return try current().transaction("preparing the matching of subjects", durable: false) {
      database in
      guard let row = try Row.fetchOne(database, sql: "SELECT * FROM subject_state") else {
        throw WarehouseError(.corrupt, "\(path) has lost the state of its subjects")
      }
      if row["attempt"] == publication { try Self.removeUnpublishedSubjects(database, model) }
      try database.execute(
        sql: "UPDATE subject_state SET attempt = ?", arguments: [publication])
      for sql in SubjectSQL.temporaryTables { try database.execute(sql: sql) }
      let matched: Int64 = row["matched"]
      let isAll = row["policy"] != policy || matched == 0 || matched >= publication
      let isNew = try isAll && !TableModel.subjects.contains { try hasRows($0.name, database) }
      subjectRound = SubjectRound(isAll: isAll, isNew: isNew)
      if isNew {
        for index in TableModel.subjects.flatMap(\.indexCreations) {
          try database.execute(sql: "DROP INDEX IF EXISTS \(SQLName.quoted(index.name))")
        }
      }
      return isAll
    }
  }

  /// Makes the indexes of a round that began with nothing.
  func indexSubjects(_ tables: [TableModel], _ database: Database) throws {
    guard subjectRound?.isNew == true else { return }
    for index in tables.flatMap(\.indexCreations) { try database.execute(sql: index.sql) }
  }

  package func endSubjects(publication: Int64, policy: String) throws {
    try current().transaction("finishing the matching of subjects", durable: false) { database in
      for name in ["subject_key", "subject_dirty", "subject_row"] {
        try database.execute(sql: "DROP TABLE IF EXISTS temp.\(name)")
      }
      try database.execute(
        sql: "UPDATE subject_act SET opened_by = ? WHERE opened_by IS NULL",
        arguments: [publication])
      try database.execute(
        sql: "UPDATE subject_state SET policy = ?, matched = ?", arguments: [policy, publication])
    }
    subjectRound = nil
  }

  /// Takes back everything above the pointer.
  static func removeUnpublishedSubjects(_ database: Database, _ model: WarehouseModel) throws {
    guard model.subjects != nil else { return }
    let pointer = "(SELECT number FROM publication)"
    for table in TableModel.subjects.map(\.name) {
      try database.execute(sql: "DELETE FROM \(table) WHERE opened_by > \(pointer)")
      try database.execute(
        sql: "UPDATE \(table) SET closed_by = NULL WHERE closed_by > \(pointer)")
    }
    try database.execute(
      sql: "UPDATE subject_act SET opened_by = NULL WHERE opened_by > \(pointer)")
    try database.execute(sql: "UPDATE subject_state SET attempt = 0")
  }

  var subjectSQL: SubjectSQL {
    get throws {
      try SubjectSQL(model)
    }
  }

  // MARK: Registrations

  package func collectSubjects(publication: Int64, run: Int64, all: Bool, more: [String]) throws {
    let sql = try subjectSQL
    try prepareLookups(sql.lookups)
    try current().transaction("collecting registrations", durable: false) { database in
      if all {
        try database.execute(sql: sql.collectAllSubjects, arguments: [publication])
      } else {
        for delivery in try deliveries(of: run, sql.entityCategory, database) {
          let rows = Self.rowIDs(ofDelivery: delivery)
          try database.execute(
            sql: sql.collectOpenedSubjects,
            arguments: [rows.lowerBound, rows.upperBound, publication])
        }
        try database.execute(sql: sql.collectClosedSubjects)
      }
      for code in more {
        try database.execute(
          sql: "INSERT OR IGNORE INTO temp.subject_key (code) VALUES (?)", arguments: [code])
      }
    }
  }

  private func deliveries(
    of run: Int64, _ category: String, _ database: Database
  ) throws -> [Int64] {
    try Int64.fetchAll(
      database, sql: "SELECT id FROM delivery WHERE run = ? AND category = ? ORDER BY id",
      arguments: [run, category])
  }

  package func subjectPage(
    publication: Int64, after key: Int64, limit: Int
  ) throws -> SubjectPage? {
    let sql = try subjectSQL
    let connection = try current()
    return try connection.access("reading registrations") { database in
      let keys = try connection.statement(
        "SELECT id, code FROM temp.subject_key WHERE id > ? ORDER BY id LIMIT ?", database)
      keys.bind(key, at: 1)
      keys.bind(Int64(limit), at: 2)
      var page = SubjectPage(keys: [], codes: [], statements: [])
      try keys.forEachRow {
        page.keys.append(keys.integer(0))
        page.codes.append(keys.text(1))
      }
      guard let first = page.keys.first, let last = page.keys.last else { return nil }
      let said = try connection.statement(sql.statements, database)
      said.bind(first, at: 1)
      said.bind(last, at: 2)
      said.bind(publication, at: 3)
      try said.forEachRow {
        page.statements.append(
          SubjectPage.Statement(
            code: said.text(1), number: said.optionalText(2), name: said.text(3),
            isGolden: said.integer(4) == 1))
      }
      return page
    }
  }

  package func storeSubjects(_ update: SubjectUpdate) throws {
    let connection = try current()
    try connection.transaction("storing registrations", durable: false) { database in
      let insertion = try connection.statement(Self.nameInsertion, database)
      let isMarked = !(subjectRound?.isAll ?? false)
      var next = try nextID("subject_name", "name_id", database)
      if subjectRound?.isNew == true {
        for entry in update.entries {
          try insert(entry, id: next, update.publication, insertion)
          next += 1
        }
        return
      }
      let byCode = Dictionary(grouping: update.entries, by: \.statement.code)
      for code in update.codes {
        let entries = byCode[code] ?? []
        var wanted = Set(entries)
        for (id, entry) in try SubjectSQL.openNames(code, connection, database)
        where wanted.remove(entry) == nil {
          try database.execute(
            sql: "UPDATE subject_name SET closed_by = ? WHERE name_id = ?",
            arguments: [update.publication, id])
          if isMarked { try markDirty(entry, database) }
        }
        for entry in entries where wanted.remove(entry) != nil {
          try insert(entry, id: next, update.publication, insertion)
          if isMarked { try markDirty(entry, database) }
          next += 1
        }
      }
    }
  }

  func hasRows(_ table: String, _ database: Database) throws -> Bool {
    try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM \(table))") ?? false
  }

  func nextID(_ table: String, _ column: String, _ database: Database) throws -> Int64 {
    (try Int64.fetchOne(database, sql: "SELECT max(\(column)) FROM \(table)") ?? 0) + 1
  }

  private static let nameInsertion = """
    INSERT INTO subject_name (name_id, opened_by, subject, is_golden, registration_no, name,
      normalized, core, is_branch, head, tail)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
    """

  private func insert(
    _ entry: SubjectUpdate.Entry, id: Int64, _ publication: Int64, _ statement: RawStatement
  ) throws {
    statement.bind(id, at: 1)
    statement.bind(publication, at: 2)
    statement.bind(text: entry.statement.code, at: 3)
    statement.bind(entry.statement.isGolden ? 1 : 0, at: 4)
    statement.bind(optional: entry.statement.number, at: 5)
    statement.bind(optional: entry.statement.name, at: 6)
    statement.bind(name: entry.name, from: 7)
    try statement.run()
  }

  /// What a registration said or says now, and what mentions are found by.
  private func markDirty(_ entry: SubjectUpdate.Entry, _ database: Database) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO temp.subject_dirty VALUES (?, ?)")
    let values = [
      (SubjectSQL.Key.code, entry.statement.code as String?), (.number, entry.statement.number),
      (.normalized, entry.name.normalized), (.core, entry.name.core), (.head, entry.name.head),
      (.tail, entry.name.tail),
    ]
    for (key, value) in values {
      guard let value else { continue }
      try statement.execute(arguments: [key.rawValue, value])
    }
  }

  package func registeredSubjects(_ probes: [SubjectProbe]) throws -> [[RegisteredSubject]] {
    try finder.registeredSubjects(probes)
  }
}

extension RawStatement {
  /// Runs to the end and makes ready for the next run.
  ///
  /// - Parameter body: Reads the columns of one row.
  func forEachRow(_ body: () throws -> Void) throws {
    defer { reset() }
    while try step() { try body() }
  }

  /// A text; nil for NULL.
  func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  func bind(optional text: String?, at index: Int32) {
    if let text { bind(text: text, at: index) } else { bind(nil, at: index) }
  }

  /// Binds the five forms of a name.
  func bind(name: SubjectName?, from index: Int32) {
    bind(optional: name?.normalized, at: index)
    bind(optional: name?.core, at: index + 1)
    bind(name.map { $0.isBranch ? 1 : 0 }, at: index + 2)
    bind(optional: name?.head, at: index + 3)
    bind(optional: name?.tail, at: index + 4)
  }
}
