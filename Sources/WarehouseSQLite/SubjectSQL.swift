import Catalog
import GRDB
import Reconciliation
import Warehouse

/// The statements of the matching of subjects: `t` is a record, `m` a mention, `n` what a registration says.
struct SubjectSQL {
  typealias Source = (source: SubjectMatching.Source, category: WarehouseModel.CategoryTables)

  /// What mentions and registrations are found by.
  enum Key: Int, CaseIterable {
    case code, number, normalized, core, head, tail

    var column: String {
      switch self {
      case .code: "code"
      case .number: "registration_no"
      case .normalized: "normalized"
      case .core: "core"
      case .head: "head"
      case .tail: "tail"
      }
    }

    /// Whether it is a part of a name, found for names that differ in one character only.
    var isHalf: Bool { self == .head || self == .tail }

    func value(of probe: SubjectProbe) -> String? {
      switch self {
      case .code: nil
      case .number: probe.number
      case .normalized: probe.name?.normalized
      case .core: probe.name?.core
      case .head: probe.name?.head
      case .tail: probe.name?.tail
      }
    }
  }

  static let temporaryTables = [
    "DROP TABLE IF EXISTS temp.subject_key", "DROP TABLE IF EXISTS temp.subject_dirty",
    "DROP TABLE IF EXISTS temp.subject_row",
    "CREATE TEMP TABLE subject_key (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE)",
    "CREATE TEMP TABLE subject_dirty (kind INTEGER, value TEXT, PRIMARY KEY (kind, value)) "
      + "WITHOUT ROWID",
    "CREATE TEMP TABLE subject_row (row_id INTEGER PRIMARY KEY)",
  ]

  private let subjects: WarehouseModel.SubjectTables
  /// `table AS t INDEXED BY …` of the registrations.
  private let registrations: String
  /// The same of each source that has a code, by category.
  private let byCode: [String: String]
  let lookups: [LookupKey]

  init(_ model: WarehouseModel) throws(WarehouseError) {
    guard let subjects = model.subjects else {
      throw WarehouseError(.notFound, "the catalog does not say how subjects are matched")
    }
    self.subjects = subjects
    let entity = LookupKey(
      category: subjects.entity.category.category.id, elements: [subjects.matching.code])
    registrations = try LookupPlan(entity, model).source
    var lookups = [entity]
    var byCode: [String: String] = [:]
    for (source, tables) in subjects.sources {
      guard let code = source.code else { continue }
      let key = LookupKey(category: tables.category.id, elements: [code])
      byCode[tables.category.id] = try LookupPlan(key, model).source
      lookups.append(key)
    }
    self.byCode = byCode
    self.lookups = lookups
  }

  var sources: [Source] { subjects.sources }
  var entityCategory: String { subjects.entity.category.category.id }
  func source(_ category: String) -> Source? {
    subjects.sources.first { $0.category.category.id == category }
  }

  // MARK: Registrations

  private var entityTable: String { SQLName.quoted(subjects.entity.category.records.name) }
  private var composed: String { SQLName.quoted(subjects.entity.composed.name) }
  private func element(_ name: String, of alias: String = "t") -> String {
    "\(alias).\(SQLName.quoted(name))"
  }

  private func collect(_ source: String, _ condition: String) -> String {
    let code = element(subjects.matching.code)
    return "INSERT OR IGNORE INTO temp.subject_key (code) SELECT \(code) FROM \(source) "
      + "WHERE \(condition) AND \(code) IS NOT NULL AND instr(\(code), '*') = 0"
  }

  private func isVisible(_ alias: String, _ parameter: String) -> String {
    "\(alias).opened_by <= \(parameter) "
      + "AND (\(alias).closed_by IS NULL OR \(alias).closed_by > \(parameter))"
  }

  var collectAllSubjects: String {
    collect("\(entityTable) AS t", isVisible("t", "?1"))
      + " UNION SELECT subject FROM subject_name WHERE closed_by IS NULL"
  }

  var collectOpenedSubjects: String {
    collect("\(entityTable) AS t", "t.row_id BETWEEN ? AND ? AND t.opened_by = ?")
  }

  private func isOf(_ category: String) -> String {
    "u.row_id >> 32 IN (SELECT id FROM delivery WHERE category = \(SQLName.literal(category)))"
  }

  /// What the run closed, and what had waited and is shown.
  var collectClosedSubjects: String {
    collect(
      "closing_undo AS u CROSS JOIN \(entityTable) AS t ON t.row_id = u.row_id",
      "u.is_return IN (\(ClosingKind.row.rawValue), \(ClosingKind.opened.rawValue)) "
        + "AND \(isOf(entityCategory))")
  }

  /// What each collected registration says: its golden record, or its only record; then its copies.
  var statements: String {
    let matching = subjects.matching
    func columns(_ alias: String) -> String {
      "k.id, k.code AS code, \(element(matching.number, of: alias)) AS number, "
        + "\(element(matching.name, of: alias)) AS name"
    }
    return """
      SELECT \(columns("c")), 1 AS is_golden FROM temp.subject_key AS k CROSS JOIN \(composed) AS c
      WHERE k.id BETWEEN ?1 AND ?2 AND \(element(matching.code, of: "c")) = k.code
        AND \(isVisible("c", "?3")) AND \(element(matching.name, of: "c")) IS NOT NULL
      UNION ALL
      SELECT \(columns("t")), 0 FROM temp.subject_key AS k CROSS JOIN \(registrations)
      WHERE k.id BETWEEN ?1 AND ?2 AND \(element(matching.code)) = k.code
        AND \(isVisible("t", "?3")) AND \(element(matching.name)) IS NOT NULL
      ORDER BY 1, 5 DESC, 4, 3
      """
  }

  /// Registrations that have a text of the batch; a text that too many have tells nobody apart.
  func find(_ key: Key) -> String {
    let place = TableModel.subjectNames.indexes.firstIndex { $0.first == key.column } ?? 0
    let index = SQLName.quoted(TableModel.subjectNames.indexCreations[place].name)
    let crowd = subjects.matching.crowd
    return """
      SELECT DISTINCT b.c0, n.subject, \(key.isHalf ? "n.core" : "NULL") FROM \(BatchModuleName.table) AS b
      CROSS JOIN subject_name AS n INDEXED BY \(index)
      WHERE n.\(key.column) = b.c1 AND n.closed_by IS NULL
        AND (SELECT count(*) FROM (SELECT 1 FROM subject_name AS x INDEXED BY \(index)
          WHERE x.\(key.column) = b.c1 AND x.closed_by IS NULL AND x.is_golden LIMIT \(crowd + 1)))
          <= \(crowd)
      """
  }

  static func name(_ row: Row) -> SubjectName? {
    guard let normalized: String = row["normalized"], let core: String = row["core"] else {
      return nil
    }
    return SubjectName(
      normalized: normalized, core: core, isBranch: row["is_branch"] == 1, head: row["head"],
      tail: row["tail"])
  }

  // MARK: Mentions

  /// nil where it is missing or came masked.
  private func code(_ source: Source) -> String {
    guard let code = source.source.code.map({ element($0) }) else { return "NULL" }
    return "CASE WHEN instr(\(code), '*') = 0 THEN nullif(\(code), '') END"
  }

  private func name(_ source: Source) -> String {
    let names = source.source.names.map { element($0) }
    return names.count == 1 ? names[0] : "coalesce(\(names.joined(separator: ", ")))"
  }

  private func number(_ source: Source) -> String {
    source.source.number.map { element($0) } ?? "NULL"
  }

  private func isRegistered(_ code: String) -> String {
    "EXISTS (SELECT 1 FROM subject_name AS n WHERE n.subject = \(code) AND n.closed_by IS NULL)"
  }

  /// Readers see it as of parameter 1, it names somebody, and no registration has its code.
  private func isOpen(_ source: Source) -> String {
    "\(isVisible("t", "?1")) AND (\(name(source)) IS NOT NULL OR \(number(source)) IS NOT NULL) "
      + "AND NOT \(isRegistered(code(source)))"
  }

  /// What is known of the subjects of rows 2 to 3 that readers see as of parameter 1, with their numbers.
  ///
  /// Every record that names somebody and whose code is not registered is stored, so that codes need not be
  /// looked up: the others have one that is.
  func knowledge(_ source: Source) -> String {
    let literal = Self.literal
    let (code, name, number) = (code(source), name(source), number(source))
    let knowledge = Self.knowledge(ofRow: "s.row_id", where: "m.closed_by IS NULL")
    return """
      WITH told AS (
        SELECT \(knowledge) AS knowledge, count(*) AS records
        FROM subject_mention AS s WHERE s.row_id BETWEEN ?2 AND ?3 AND s.closed_by IS NULL GROUP BY 1
      ), named AS (
        SELECT count(*) AS records,
          count(CASE WHEN \(name) IS NULL AND \(number) IS NULL AND NOT \(isRegistered(code)) THEN 1 END)
            AS strangers
        FROM \(table(source)) WHERE t.row_id BETWEEN ?2 AND ?3 AND \(isVisible("t", "?1"))
          AND (\(code) IS NOT NULL OR \(name) IS NOT NULL OR \(number) IS NOT NULL)
      )
      SELECT knowledge, sum(records) AS records FROM (
        SELECT * FROM told UNION ALL SELECT \(literal(.unknown)), strangers FROM named
        UNION ALL SELECT \(literal(.code)),
          records - strangers - (SELECT coalesce(sum(records), 0) FROM told) FROM named)
      GROUP BY knowledge HAVING sum(records) > 0
      """
  }

  /// What is known of the subject of a record that is stored because its code does not tell.
  ///
  /// - Parameter condition: On the match `m`, whether it counts.
  static func knowledge(ofRow row: String, where condition: String) -> String {
    """
    coalesce((SELECT CASE WHEN m.is_link = 0 THEN \(literal(.candidates))
        WHEN m.act IS NULL THEN \(literal(.number)) ELSE \(literal(.person)) END
      FROM subject_match AS m WHERE m.row_id = \(row) AND \(condition) LIMIT 1),
      \(literal(.unknown)))
    """
  }

  private static func literal(_ knowledge: SubjectKnowledge) -> String {
    SQLName.literal(knowledge.rawValue)
  }

  private static let insertRows = "INSERT OR IGNORE INTO temp.subject_row"

  private func table(_ source: Source) -> String {
    SQLName.quoted(source.category.records.name) + " AS t"
  }

  /// Codes are asked for once each, by the index alone; rows are read only of those that nobody has.
  func collectAll(_ source: Source) -> String {
    guard let indexed = byCode[source.category.category.id], let name = source.source.code else {
      return "\(Self.insertRows) SELECT t.row_id FROM \(table(source)) WHERE \(isOpen(source))"
    }
    let code = element(name)
    return """
      \(Self.insertRows) SELECT t.row_id FROM (
        SELECT a.code FROM (SELECT DISTINCT \(code) AS code FROM \(indexed)
          WHERE \(code) IS NOT NULL) AS a
        WHERE NOT \(isRegistered("a.code"))) AS u
      CROSS JOIN \(indexed) WHERE \(code) = u.code AND \(isOpen(source))
      UNION ALL SELECT t.row_id FROM \(indexed) WHERE \(code) IS NULL AND \(isOpen(source))
      """
  }

  func collectOpened(_ source: Source) -> String {
    "\(Self.insertRows) SELECT t.row_id FROM \(table(source)) "
      + "WHERE t.row_id BETWEEN ?2 AND ?3 AND t.opened_by = ?1 AND \(isOpen(source))"
  }

  /// What had waited and is shown.
  func collectShown(_ source: Source) -> String {
    "\(Self.insertRows) SELECT t.row_id FROM closing_undo AS u CROSS JOIN \(table(source)) "
      + "ON t.row_id = u.row_id WHERE u.is_return = \(ClosingKind.opened.rawValue) "
      + "AND \(isOf(source.category.category.id)) AND \(isOpen(source))"
  }

  /// Rows whose code was registered and is no more.
  func collectLost(_ source: Source) -> String? {
    guard let indexed = byCode[source.category.category.id], let code = source.source.code else {
      return nil
    }
    return "\(Self.insertRows) SELECT t.row_id FROM temp.subject_dirty AS d CROSS JOIN \(indexed) "
      + "WHERE d.kind = \(Key.code.rawValue) AND \(element(code)) = d.value AND \(isOpen(source))"
  }

  static let collectOpenMentions =
    "\(insertRows) SELECT row_id FROM subject_mention WHERE closed_by IS NULL"

  /// Mentions of rows that the run closed, that what changed of registrations is about, and that people
  /// acted on.
  static var collectTouched: [String] {
    func index(_ table: TableModel, _ column: String) -> String {
      let place = table.indexes.firstIndex(of: [column]) ?? 0
      return "\(table.name) AS m INDEXED BY \(SQLName.quoted(table.indexCreations[place].name))"
    }
    let mentions = TableModel.subjectMentions
    let changed = Key.allCases.map { key in
      "\(insertRows) SELECT m.row_id FROM temp.subject_dirty AS d CROSS JOIN "
        + "\(index(mentions, key.column)) WHERE d.kind = \(key.rawValue) "
        + "AND m.\(key.column) = d.value AND m.closed_by IS NULL"
    }
    return changed + [
      "\(insertRows) SELECT m.row_id FROM temp.subject_dirty AS d CROSS JOIN "
        + "\(index(TableModel.subjectMatches, "subject")) "
        + "WHERE d.kind = \(Key.code.rawValue) AND m.subject = d.value AND m.closed_by IS NULL",
      "\(insertRows) SELECT m.row_id FROM closing_undo AS u CROSS JOIN "
        + "\(index(mentions, "row_id")) WHERE m.row_id = u.row_id AND m.closed_by IS NULL",
      "\(insertRows) SELECT m.row_id FROM subject_act AS a CROSS JOIN "
        + "\(index(mentions, "record_id")) "
        + "WHERE a.opened_by IS NULL AND m.record_id = a.record_id AND m.closed_by IS NULL",
    ]
  }

  /// Rows of the batch that readers see as of parameter 1, with what they say of their subject.
  func read(_ source: Source) -> String {
    """
    SELECT t.row_id, d.system, \(element(subjects.matching.record)) AS record_id,
      \(code(source)) AS code, \(number(source)) AS number, \(name(source)) AS name,
      \(isOpen(source)) AS is_open
    FROM \(BatchModuleName.table) AS b CROSS JOIN \(table(source)) ON t.row_id = b.c0
    JOIN delivery AS d ON d.id = t.row_id >> 32 WHERE \(isVisible("t", "?1"))
    """
  }

  static func mention(_ row: RawStatement, _ category: String) -> StoredMention {
    StoredMention(
      row: row.integer(0), category: category, system: row.text(1), recordID: row.text(2),
      code: row.optionalText(3), number: row.optionalText(4), name: row.optionalText(5),
      isOpen: row.integer(6) == 1)
  }
}
