import Catalog
import GRDB
import Warehouse

/// What a night came to know of subjects, counted where it is known and kept with the deliveries: reports of
/// any night add it up and read no record.
extension SQLiteWarehouse {
  package func countSubjects(publication: Int64, run: Int64) throws {
    let sql = try subjectSQL
    try current().transaction("counting subjects", durable: false) { database in
      try indexSubjects([.subjectMentions, .subjectMatches], database)
      try database.execute(
        sql: "DELETE FROM measure WHERE name = ? AND delivery IN "
          + "(SELECT id FROM delivery WHERE run = ?)", arguments: [Measure.subjects, run])
      for source in sql.sources {
        for delivery in try Int64.fetchAll(
          database, sql: "SELECT id FROM delivery WHERE run = ? AND category = ? ORDER BY id",
          arguments: [run, source.category.category.id])
        {
          let rows = Self.rowIDs(ofDelivery: delivery)
          try database.execute(
            sql: "INSERT INTO measure (delivery, name, domain, element, code, value) "
              + "SELECT ?4, ?5, k.knowledge, '', '', k.records FROM (\(sql.knowledge(source))) AS k",
            arguments: [
              publication, rows.lowerBound, rows.upperBound, delivery, Measure.subjects,
            ])
        }
      }
    }
  }
}
