import GRDB
import Warehouse

/// The tables that do not depend on the catalog: ledger, pointer, states, and what is needed to
/// take unpublished work back.
enum CoreSchema {
  /// `QYWH`, in the header of every warehouse file.
  static let applicationID: Int32 = 0x5159_5748
  /// Version of the file format; raised only by a change that older programs must not open.
  static let userVersion: Int32 = 1

  /// Tables of this schema, which no category may take.
  static let names = [
    "run", "delivery", "measure", "publication", "publication_night", "record_state",
    "entity_state", "state_undo", "closing_undo",
    "catalog_element", "golden_state", "golden_override", "golden_override_value",
    "subject_state", "subject_act", ObjectionMarkTable.name, "grdb_migrations",
    BatchModuleName.table,
  ]

  /// Named and append-only: a published migration is never changed.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("0001-ledger-states-undo") { database in
      for statement in ledger + states { try database.execute(sql: statement) }
      try database.execute(sql: "INSERT INTO publication (id, number) VALUES (1, 0)")
    }
    migrator.registerMigration("0002-waiting-versions") { database in
      for table in ["record_state", "state_undo"] {
        for column in [
          "waiting_row_id INTEGER", "waiting_content BLOB", "waiting_entity BLOB",
          "waiting_time INTEGER",
        ] {
          try database.execute(sql: "ALTER TABLE \(table) ADD COLUMN \(column)")
        }
      }
    }
    migrator.registerMigration("0003-golden-records") { database in
      try database.execute(
        sql: """
          CREATE TABLE golden_state (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            policy TEXT NOT NULL,
            composed INTEGER NOT NULL,
            attempt INTEGER NOT NULL
          ) STRICT
          """)
      try database.execute(sql: "INSERT INTO golden_state VALUES (1, '', 0, 0)")
    }
    migrator.registerMigration("0004-overrides") { database in
      for statement in overrides { try database.execute(sql: statement) }
    }
    migrator.registerMigration("0005-objection-marks") { database in
      try database.execute(
        sql: """
          CREATE TABLE objection_mark (
            record INTEGER NOT NULL,
            id TEXT NOT NULL,
            state TEXT NOT NULL,
            since TEXT NOT NULL,
            element TEXT,
            PRIMARY KEY (record, id)
          ) STRICT, WITHOUT ROWID
          """)
    }
    migrator.registerMigration("0006-subjects") { database in
      for statement in subjects { try database.execute(sql: statement) }
    }
    migrator.registerMigration("0007-conflicts-of-child-rows") { database in
      try keyConflictsByOrdinal(database)
    }
    migrator.registerMigration("0008-statistics") { try forgetStatistics($0) }
    migrator.registerMigration("0009-rows-without-a-record") { try removeLostRows($0) }
    return migrator
  }

  /// Takes away what the first night seemed to say of tables that fill from night to night: that one run has all
  /// deliveries and nothing is closed, so that no index of theirs is worth asking. Without statistics SQLite asks
  /// it; records of categories keep theirs, which later nights do not change.
  static func forgetStatistics(_ database: Database) throws {
    guard try database.tableExists("sqlite_stat1") else { return }
    let tables =
      names
      + (TableModel.shared + TableModel.subjects + [TableModel.conflicts]).map(\.name)
    let list = tables.map(SQLName.literal).joined(separator: ", ")
    try database.execute(sql: "DELETE FROM sqlite_stat1 WHERE tbl IN (\(list))")
    // Read again by this connection.
    try database.execute(sql: "ANALYZE sqlite_schema")
  }

  /// Takes away rows inside of records that waited in vain, which had been left when their records went.
  private static func removeLostRows(_ database: Database) throws {
    let suffix = "_version"
    let tables = try String.fetchAll(
      database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
    let categories = tables.filter { $0.hasSuffix(suffix) }.map { $0.dropLast(suffix.count) }
    for table in tables where !table.hasSuffix(suffix) {
      // The name of one category may begin with another's.
      let owners = categories.filter { table.hasPrefix($0 + "_") }
      guard let owner = owners.max(by: { $0.count < $1.count }),
        try database.columns(in: table).map(\.name).starts(with: ["row_id", "ordinal"])
      else { continue }
      try database.execute(
        sql: "DELETE FROM \(SQLName.quoted(table)) WHERE row_id NOT IN "
          + "(SELECT row_id FROM \(SQLName.quoted(owner + suffix)))")
    }
  }

  /// One record may contradict an owner in several of the rows inside it. Views over the register
  /// are made again whenever a file is opened.
  private static func keyConflictsByOrdinal(_ database: Database) throws {
    guard try database.tableExists("conflict") else { return }
    let names = try database.columns(in: "conflict").map(\.name)
    for column in ["ordinal", "line", "byte_offset"] where !names.contains(column) {
      try database.execute(sql: "ALTER TABLE conflict ADD COLUMN \(column) INTEGER")
    }
    let kept =
      "row_id, rule, element, opened_by, closed_by, record_key, rule_version, severity, "
      + "winner_row, value, expected"
    for statement in [
      "DROP VIEW IF EXISTS finding_current", "DROP VIEW IF EXISTS authority_conflict",
      """
      CREATE TABLE conflict_by_ordinal (
        row_id INTEGER NOT NULL,
        rule TEXT NOT NULL,
        element TEXT NOT NULL,
        opened_by INTEGER NOT NULL,
        closed_by INTEGER,
        record_key BLOB NOT NULL,
        rule_version INTEGER NOT NULL,
        severity TEXT NOT NULL,
        winner_row INTEGER NOT NULL,
        value TEXT,
        expected TEXT,
        ordinal INTEGER NOT NULL,
        line INTEGER,
        byte_offset INTEGER,
        child TEXT,
        child_ordinal INTEGER,
        winner_child TEXT,
        winner_ordinal INTEGER,
        PRIMARY KEY (row_id, rule, element, opened_by, ordinal)
      ) STRICT, WITHOUT ROWID
      """,
      """
      INSERT INTO conflict_by_ordinal (\(kept), ordinal, line, byte_offset)
      SELECT \(kept), coalesce(ordinal, 0), line, byte_offset FROM conflict
      """,
      "DROP TABLE conflict", "ALTER TABLE conflict_by_ordinal RENAME TO conflict",
    ] {
      try database.execute(sql: statement)
    }
  }

  private static let overrides = [
    """
    CREATE TABLE golden_override (
      id INTEGER PRIMARY KEY,
      entity TEXT NOT NULL,
      key TEXT NOT NULL,
      rule TEXT,
      author TEXT NOT NULL,
      reason TEXT NOT NULL,
      stated_at TEXT NOT NULL,
      until TEXT NOT NULL,
      retired_author TEXT,
      retired_reason TEXT,
      retired_at TEXT,
      opened_by INTEGER,
      closed_by INTEGER,
      outcome TEXT
    ) STRICT
    """,
    """
    CREATE TABLE golden_override_value (
      override INTEGER NOT NULL,
      element TEXT NOT NULL,
      value TEXT,
      replaced TEXT,
      PRIMARY KEY (override, element)
    ) STRICT, WITHOUT ROWID
    """,
  ]

  private static let subjects = [
    """
    CREATE TABLE subject_state (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      policy TEXT NOT NULL,
      matched INTEGER NOT NULL,
      attempt INTEGER NOT NULL
    ) STRICT
    """,
    "INSERT INTO subject_state VALUES (1, '', 0, 0)",
    """
    CREATE TABLE subject_act (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      row_id INTEGER NOT NULL,
      category TEXT NOT NULL,
      system TEXT NOT NULL,
      record_id TEXT NOT NULL,
      subject TEXT NOT NULL,
      mention TEXT NOT NULL,
      registration TEXT NOT NULL,
      undone INTEGER,
      author TEXT NOT NULL,
      reason TEXT NOT NULL,
      stated_at TEXT NOT NULL,
      opened_by INTEGER
    ) STRICT
    """,
  ]

  private static let ledger = [
    """
    CREATE TABLE run (
      id INTEGER PRIMARY KEY,
      night TEXT NOT NULL,
      publication INTEGER NOT NULL,
      status TEXT NOT NULL,
      rule_set_hash TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE delivery (
      id INTEGER PRIMARY KEY,
      run INTEGER NOT NULL,
      system TEXT NOT NULL,
      category TEXT NOT NULL,
      file_name TEXT NOT NULL,
      content TEXT NOT NULL,
      length INTEGER NOT NULL,
      archive_path TEXT NOT NULL,
      is_full INTEGER NOT NULL,
      status TEXT NOT NULL,
      reason TEXT NOT NULL,
      encoding TEXT NOT NULL,
      batch_number TEXT NOT NULL,
      loaded_blocks INTEGER NOT NULL DEFAULT 0,
      loaded_by_build INTEGER NOT NULL DEFAULT 0,
      read INTEGER NOT NULL,
      accepted INTEGER NOT NULL,
      unchanged INTEGER NOT NULL,
      duplicate INTEGER NOT NULL,
      returned INTEGER NOT NULL,
      pending INTEGER NOT NULL,
      held INTEGER NOT NULL,
      deleted INTEGER NOT NULL,
      accepted_first INTEGER NOT NULL,
      returned_first INTEGER NOT NULL,
      removed INTEGER NOT NULL,
      drift TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX delivery_run ON delivery (run)",
    "CREATE INDEX delivery_status ON delivery (status)",
    "CREATE INDEX delivery_content ON delivery (content, length, system)",
    """
    CREATE TABLE measure (
      delivery INTEGER NOT NULL,
      name TEXT NOT NULL,
      domain TEXT NOT NULL,
      element TEXT NOT NULL,
      code TEXT NOT NULL,
      value INTEGER NOT NULL,
      PRIMARY KEY (delivery, name, domain, element, code)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE publication (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      number INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE publication_night (
      publication INTEGER PRIMARY KEY,
      night TEXT NOT NULL,
      run INTEGER NOT NULL,
      published_at TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE catalog_element (
      category TEXT NOT NULL,
      element TEXT NOT NULL,
      type TEXT NOT NULL,
      decimals INTEGER NOT NULL,
      unit TEXT NOT NULL,
      is_multi_valued INTEGER NOT NULL,
      PRIMARY KEY (category, element)
    ) STRICT, WITHOUT ROWID
    """,
  ]

  private static let states = [
    """
    CREATE TABLE record_state (
      key BLOB PRIMARY KEY NOT NULL,
      accepted BLOB,
      row_id INTEGER,
      returned_row_id INTEGER,
      attempts INTEGER NOT NULL,
      entity BLOB,
      update_time INTEGER
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE entity_state (
      key BLOB PRIMARY KEY NOT NULL,
      row_id INTEGER NOT NULL,
      update_time INTEGER,
      record BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE state_undo (
      sequence INTEGER PRIMARY KEY,
      delivery INTEGER NOT NULL,
      is_entity INTEGER NOT NULL,
      key BLOB NOT NULL,
      existed INTEGER NOT NULL,
      accepted BLOB,
      row_id INTEGER,
      returned_row_id INTEGER,
      attempts INTEGER,
      entity BLOB,
      update_time INTEGER,
      record BLOB
    ) STRICT
    """,
    """
    CREATE TABLE closing_undo (
      sequence INTEGER PRIMARY KEY,
      delivery INTEGER NOT NULL,
      is_return INTEGER NOT NULL,
      row_id INTEGER NOT NULL
    ) STRICT
    """,
  ]
}
