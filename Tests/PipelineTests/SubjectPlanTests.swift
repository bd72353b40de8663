import GRDB
import Pipeline
import TestSupport
import Testing

@testable import WarehouseSQLite

/// The cost of a night follows the night: nothing of it reads a table from end to end.
@Suite("Plans of the matching of subjects")
struct SubjectPlanTests {
  @Test func `no statement of an ordinary night scans records, mentions or registrations`() throws {
    let home = try TestHome(Enterprises.pipeline)
    try home.deliver("SAM", 1, enterprises: [Subjects.enterprise(1, "清源福来食品有限公司")])
    try home.deliver(1, complaints: [Subjects.complaint(1, "清源福来食品有限公司")])
    try home.run("2026-06-02")
    let model = try WarehouseModel(home.pipeline.catalog)
    let sql = try SubjectSQL(model)
    let engine = try home.open()
    try engine.prepareLookups(sql.lookups)
    try engine.close()
    let path = home.home.warehouse + "/warehouse.sqlite"
    // Of tables with one row SQLite says rightly that reading them is cheapest.
    try DatabaseQueue(path: path).inDatabase { try $0.execute(sql: "DELETE FROM sqlite_stat1") }
    let queue = try DatabaseQueue(path: path)
    var statements = [
      sql.collectOpenedSubjects, sql.collectClosedSubjects, sql.statements,
    ]
    for source in sql.sources {
      statements += [sql.collectOpened(source), sql.collectShown(source)]
      statements += sql.collectLost(source).map { [$0] } ?? []
    }
    statements += SubjectSQL.collectTouched
    #expect(statements.count > 40)
    try queue.inDatabase { database in
      for statement in SubjectSQL.temporaryTables { try database.execute(sql: statement) }
      func scans(_ statement: String) throws -> [String] {
        // Numbers stand for parameters, so that nothing has to be bound.
        let bound = statement.replacing(/\?[0-9]?/, with: "1")
        return try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + bound)
          .map { $0["detail"] as String }
          .filter { detail in
            ["t", "m", "n", "c"].contains { (detail + " ").hasPrefix("SCAN \($0) ") }
          }
      }
      for statement in statements {
        let found = try scans(statement)
        #expect(found == [], "\(statement)")
      }
      // What a first load does is seen, so that the words are the right ones.
      #expect(try !scans(sql.collectAllSubjects).isEmpty)
    }
  }
}
