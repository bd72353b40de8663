import Catalog
import GRDB
import Reconciliation
import Records
package import Warehouse

extension SQLiteWarehouse {
  package func tierStamp(path: String) -> String? { TierFileWriter.about(path: path)["stamp"] }

  package func tierBase(_ file: TierFile, path: String) throws -> TierBase? {
    let about = TierFileWriter.about(path: path)
    guard about["tier"] == file.tier.rawValue, about["basis"] == file.basis,
      about["schema"] == (try TierSchema(file: file, model: model).mark()),
      let day = about["day"].flatMap({ CivilDate($0)?.dayNumber }), let history = about["history"],
      let publication = about["publication"].flatMap(Int64.init),
      let count = about["records"].flatMap(Int64.init),
      publication <= file.publication, try self.history(upTo: publication) == history
    else { return nil }
    return TierBase(publication: publication, day: day, recordCount: count)
  }

  /// Touches nothing that changes, so that several threads may ask for writers.
  package func tierWriter(
    _ file: TierFile, path: String, base: TierBase?
  ) throws -> any TierWriter {
    try TierFileWriter(file, path: path, base: base, warehouse: self.path, model, options)
  }

  package func prepareChanges() throws {
    try live.transaction("building indexes of \(path)", durable: false) { database in
      let records = model.categories.map(\.records.name) + [TableModel.waiting.name]
      for name in records { try database.execute(sql: ChangeIndex.closed.creation(name)) }
      for entity in model.entities where entity.isWhole {
        for index in [ChangeIndex.opened, .closed] {
          try database.execute(sql: index.creation(entity.composed.name))
        }
      }
    }
  }

  /// Nights with their rules, and deliveries that were loaded with their bytes. What people release later
  /// belongs to a later run.
  package func history(upTo publication: Int64) throws -> String {
    let lines = try live.access("reading the ledger of \(path)") { database in
      try String.fetchAll(
        database,
        sql: """
          SELECT p.publication || '|' || p.night || '|' || r.rule_set_hash
          FROM publication_night AS p JOIN run AS r ON r.id = p.run
          WHERE p.publication <= ?1 ORDER BY p.publication
          """, arguments: [publication])
        + String.fetchAll(
          database,
          sql: """
            SELECT d.id || '|' || d.system || '|' || d.category || '|' || d.content || '|' || d.length
            FROM delivery AS d JOIN run AS r ON r.id = d.run
            WHERE r.publication <= ?1 AND d.status = '\(DeliveryStatus.loaded.rawValue)'
            ORDER BY d.id
            """, arguments: [publication])
    }
    return Fingerprint(of: Array(lines.joined(separator: "\n").utf8).span).hexadecimal
  }

  package func objectionHash() throws -> String {
    let lines = try live.access("reading the objections of \(path)") { database in
      try String.fetchAll(
        database,
        sql: "SELECT record || '|' || id || '|' || state || '|' || since "
          + "FROM \(ObjectionMarkTable.name) ORDER BY record, id")
    }
    return Fingerprint(of: Array(lines.joined(separator: "\n").utf8).span).hexadecimal
  }
}

/// Finished tier files.
package enum TierFiles {
  /// What the file at `path` says about itself, as `publication`; nothing where there is no sound one.
  package static func about(_ path: String) -> [String: String] { TierFileWriter.about(path: path) }
}
