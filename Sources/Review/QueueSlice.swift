import GRDB

/// The queue of a publication, or of it only some records.
struct QueueSlice: Sendable {
  private let file: ReviewFile
  /// Of the records of the slice.
  let causes: CauseTable
  /// Numbers of its records as a JSON array; nil for all.
  let rows: String?

  init(_ file: ReviewFile) {
    self.file = file
    causes = file.causes
    rows = nil
  }

  /// - Parameter rows: Those that are not in the queue are passed over.
  init(_ whole: QueueSlice, only rows: [Int64]) throws {
    file = whole.file
    let list = "[" + rows.map(String.init).joined(separator: ",") + "]"
    self.rows = list
    let table = whole.file.causes
    let places = Dictionary(
      table.causes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    let counts = try whole.file.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT cause, publication, attempt, count(*) AS records, min(row_id) AS first,
            max(row_id) AS last
          FROM item WHERE row_id IN (SELECT value FROM json_each(?)) GROUP BY 1, 2, 3
          """, arguments: [list]
      ).compactMap { row in
        places[row["cause"]].map { cause in
          CauseTable.Count(
            cause: cause, publication: row["publication"], attempt: row["attempt"],
            records: row["records"], rows: row["first"]...row["last"])
        }
      }
    }
    causes = CauseTable(
      causes: table.causes, counts: counts, nights: table.nights, ages: table.ages)
  }

  var publication: Int64 { file.publication }
  var night: String { file.night }
  var names: CauseNames { file.names }

  func openRows(of targets: [ActStore.Target]) throws -> [Int64] {
    try file.openRows(of: targets)
  }

  func read<Result>(_ body: (Database) throws -> Result) throws -> Result { try file.read(body) }
}
