import GRDB
import Reconciliation
import Records
import Warehouse

extension SQLiteRowFinder {
  func registeredSubjects(_ probes: [SubjectProbe]) throws -> [[RegisteredSubject]] {
    let sql = try SubjectSQL(model)
    return try connection.access("looking for registrations") { database in
      var codes = probes.map { Set($0.codes) }
      for key in SubjectSQL.Key.allCases where key != .code {
        // Each text once, in the order of the index.
        let sayings = Dictionary(grouping: probes.indices) { place in
          key.value(of: probes[place]).map { Array($0.utf8) }
        }.compactMap { text, places in text.map { (text: $0, places: places) } }
          .sorted { $0.text.lexicographicallyPrecedes($1.text) }
        guard !sayings.isEmpty else { continue }
        var text = TextArena()
        let refs = sayings.map { text.appendText($0.text.span) }
        let batch = TableBatch(
          table: "probes", rowCount: sayings.count,
          columns: [.integers(sayings.indices.map(Int64.init)), .texts(refs)], text: text)
        try connection.withBatch(batch) {
          let statement = try connection.statement(sql.find(key), database)
          defer { statement.reset() }
          while try statement.step() {
            let subject = statement.text(1)
            let core = statement.optionalText(2)
            for place in sayings[Int(statement.integer(0))].places {
              // Half a name is shared by many that have nothing else in common.
              if let core, let said = probes[place].name?.core, !SubjectName.isNear(said, core) {
                continue
              }
              codes[place].insert(subject)
            }
          }
        }
      }
      var known: [String: RegisteredSubject] = [:]
      return try codes.map { codes in
        try codes.sorted().compactMap { code in
          if let subject = known[code] { return subject }
          let statements = try SubjectSQL.openNames(code, connection, database).map {
            RegisteredSubject.Statement(
              number: $0.entry.statement.number, name: $0.entry.name,
              isGolden: $0.entry.statement.isGolden)
          }
          guard !statements.isEmpty else { return nil }
          let subject = RegisteredSubject(code: code, statements: statements)
          known[code] = subject
          return subject
        }
      }
    }
  }
}

extension SubjectSQL {
  /// What a registration says at the moment.
  static func openNames(
    _ code: String, _ connection: Connection, _ database: Database
  ) throws -> [(id: Int64, entry: SubjectUpdate.Entry)] {
    let statement = try connection.statement(
      """
      SELECT name_id, is_golden, registration_no, name, normalized, core, is_branch, head, tail
      FROM subject_name WHERE subject = ?1 AND closed_by IS NULL ORDER BY name_id
      """, database)
    statement.bind(text: code, at: 1)
    defer { statement.reset() }
    var names: [(id: Int64, entry: SubjectUpdate.Entry)] = []
    while try statement.step() {
      let name = SubjectName(
        normalized: statement.text(4), core: statement.text(5),
        isBranch: statement.integer(6) == 1, head: statement.optionalText(7),
        tail: statement.optionalText(8))
      let said = SubjectPage.Statement(
        code: code, number: statement.optionalText(2), name: statement.text(3),
        isGolden: statement.integer(1) == 1)
      names.append((statement.integer(0), SubjectUpdate.Entry(statement: said, name: name)))
    }
    return names
  }
}
