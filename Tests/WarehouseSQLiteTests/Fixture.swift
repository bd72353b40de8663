import Catalog
import Foundation
import GRDB
import Reconciliation
import Records
import Testing
import Warehouse

@testable import WarehouseSQLite

/// Small catalogs, folders that vanish, and nights made of a few rows.
enum Fixture {
  static func element(
    _ identifier: String, _ type: ElementType = .text, decimals: Int = 0, unit: String? = nil,
    many: Bool = false
  ) -> CategoryElement {
    let representation: Representation =
      switch type {
      case .number: .decimal(digits: 16, decimals: decimals)
      case .date: .date
      case .dateTime: .dateTime
      default: .text(.any, length: 0...200)
      }
    return CategoryElement(
      element: DataElement(
        id: identifier, identifier: identifier, name: identifier, english: identifier,
        definition: "", group: "g", type: type, notation: "", representation: representation,
        domain: .freeText, isMultiValued: many, unit: unit, origin: "assumed"),
      obligation: .optional, isKey: false)
  }

  static func category(
    _ id: String, _ elements: [CategoryElement], key: [String]
  ) -> Category {
    Category(
      id: id, number: 1, name: id, english: id, group: "B", elements: elements, entityKey: key,
      isIssuerScoped: true, eventTime: "decision_date", deliveredBy: ["SAM"], origin: "assumed")
  }

  /// `PEN` with a column of every kind and two many-valued elements, and `ENT`.
  static var catalog: Catalog {
    var catalog = Catalog()
    catalog.categories = [
      category(
        "PEN",
        [
          element("source_record_id"), element("source_system_code"), element("agency_uscc"),
          element("penalty_doc_no"), element("uscc"), element("decision_date", .date),
          element("source_update_time", .dateTime),
          element("fine_amount", .number, decimals: 2, unit: "元"),
          element("capital", .number, decimals: 6, unit: "万元"), element("days", .number),
          element("penalty_type_code", many: true), element("violation_code", many: true),
        ], key: ["agency_uscc", "penalty_doc_no"]),
      category(
        "ENT",
        [element("source_record_id"), element("source_system_code"), element("uscc")],
        key: ["uscc"]),
    ]
    return catalog
  }

  static func folder() -> String {
    FileManager.default.temporaryDirectory.path + "/warehouse-\(UUID().uuidString)"
  }

  static func key(_ number: Int, stream: UInt16 = 7) -> Fingerprint {
    let mixed = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15
    return Fingerprint(high: mixed ^ mixed >> 29, low: UInt64(truncatingIfNeeded: number))
      .inStream(stream)
  }

  static func entry(
    _ run: RunEntry, category: String = "PEN", content: String = "c0ffee"
  ) -> DeliveryEntry {
    DeliveryEntry(
      id: 0, run: run.id, system: "SAM", category: category, fileName: "\(content).csv",
      content: content, length: 100, archivePath: "2026/03/01/x", isFull: false)
  }
}

/// One penalty as a test writes it.
struct Penalty {
  /// Source record id, and number of the record in its delivery.
  var id: Int
  var document: String
  var fen: Int64 = 100
  var types: [String] = ["01"]
}

extension Penalty {
  static func rowID(_ delivery: Int64, _ number: Int) -> Int64 { delivery << 32 | Int64(number) }

  /// Rows and child rows of `penalties`, numbered from `first`.
  static func batches(
    _ penalties: [Penalty], delivery: Int64, first: Int = 1
  ) -> [TableBatch] {
    var text = TextArena()
    let rows = penalties.indices.map { rowID(delivery, first + $0) }
    func texts(_ value: (Penalty) -> String) -> BatchColumn {
      .texts(penalties.map { text.appendText(value($0)) })
    }
    let columns: [BatchColumn] = [
      .integers(rows), .integers(rows.map { $0 & 0xFFFF }), .integers(rows.map { $0 & 0xFFFF }),
      .constantText(nil), texts { "R\($0.id)" }, .constantText("SAM"),
      .constantText("11510000MB"), texts { $0.document }, texts { "9151\($0.id)" },
      .dates(penalties.map { 20_000 + Int64($0.id) }),
      .dateTimes(penalties.map { 1_700_000_000 + Int64($0.id) }),
      .integers(penalties.map(\.fen)), .constantInteger(1_500_000), .constantInteger(3),
      texts { $0.types.joined(separator: ";") }, .constantText(nil),
    ]
    let parents = TableBatch(
      table: "PEN_version", rowCount: rows.count, columns: columns, text: text)
    var childText = TextArena()
    var ids: [Int64] = []
    var ordinals: [Int64] = []
    var values: [TextRef] = []
    for (row, penalty) in zip(rows, penalties) {
      for (index, type) in penalty.types.enumerated() {
        ids.append(row)
        ordinals.append(Int64(index + 1))
        values.append(childText.appendText(type))
      }
    }
    let children = TableBatch(
      table: "PEN_penalty_type_code", rowCount: ids.count,
      columns: [.integers(ids), .integers(ordinals), .texts(values)], text: childText)
    return [parents, children]
  }

  static func quarantine(
    _ ids: [Int], delivery: Int64, first: Int, status: String = "returned", attempt: Int64 = 1
  ) -> [TableBatch] {
    var text = TextArena()
    let rows = ids.indices.map { rowID(delivery, first + $0) }
    let raws = ids.map { text.appendText("R\($0),罚没") }
    let records = TableBatch(
      table: status == "pending" ? "waiting_record" : "quarantined_record", rowCount: rows.count,
      columns: [
        .integers(rows), .constantText(status == "pending" ? "2026-03-16" : status),
        .constantText("PEN"), .constantText("SAM"),
        .integers(rows.map { $0 & 0xFFFF_FFFF }), .constantInteger(2), .constantInteger(88),
        .constantInteger(attempt), .constantText("00"),
        .texts(ids.map { text.appendText("R\($0)") }),
        .constantText(nil), .texts(raws), .constantText("restricted"),
      ], text: text)
    return [records, findings(rows)]
  }

  static func findings(_ rows: [Int64]) -> TableBatch {
    TableBatch(
      table: "finding", rowCount: rows.count,
      columns: [
        .integers(rows), .constantInteger(1), .constantText("Q24"), .constantText("penalty.list"),
        .constantInteger(1), .constantText("penalty_type_code"), .constantText("return"),
        .constantText("罚没"), .constantText(nil), .integers(rows.map { $0 & 0xFFFF_FFFF }),
        .constantInteger(2), .constantInteger(88),
      ])
  }
}

/// A warehouse in a folder of its own, with the bookkeeping that the pipeline would do.
final class Nights {
  let folder = Fixture.folder()
  var warehouse: SQLiteWarehouse
  /// Current row by source record id.
  var rows: [Int: Int64] = [:]
  /// Open return by source record id.
  var returned: [Int: Int64] = [:]

  init(_ options: SQLiteWarehouse.Options = Nights.options) throws {
    warehouse = try SQLiteWarehouse(folder: folder, catalog: Fixture.catalog, options: options)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  static var options: SQLiteWarehouse.Options {
    var options = SQLiteWarehouse.Options()
    options.now = { 1_772_305_800 }
    options.busyTimeout = 2
    return options
  }

  /// Closes and opens again, as the next process would.
  func reopen(_ catalog: Catalog = Fixture.catalog) throws {
    try warehouse.close()
    warehouse = try SQLiteWarehouse(folder: folder, catalog: catalog, options: Self.options)
  }

  func begin(_ night: String) throws -> RunEntry {
    try warehouse.beginRun(night: night, ruleSetHash: "rules")
  }

  func deliver(_ run: RunEntry, content: String = "c0ffee") throws -> DeliveryEntry {
    try warehouse.enter([Fixture.entry(run, content: content)])[0]
  }

  /// One step that stores `penalties`, each closing what it replaces.
  func step(
    _ run: RunEntry, _ delivery: DeliveryEntry, block: Int, first: Int = 1,
    _ penalties: [Penalty], returned ids: [Int] = []
  ) -> LoadStep {
    var step = LoadStep(
      delivery: delivery.id, publication: run.publication, loadedBlocks: block,
      batches: Penalty.batches(penalties, delivery: delivery.id, first: first)
        + Penalty.quarantine(ids, delivery: delivery.id, first: first + penalties.count))
    for (index, penalty) in penalties.enumerated() {
      let row = Penalty.rowID(delivery.id, first + index)
      if let old = rows[penalty.id] { step.closedRows.append(old) }
      if let old = returned[penalty.id] { step.closedReturns.append(old) }
      rows[penalty.id] = row
      returned[penalty.id] = nil
      step.recordStates.append(
        RecordState(
          key: Fixture.key(penalty.id), accepted: Fixture.key(Int(penalty.fen), stream: 1),
          rowID: row, returnedRowID: nil, attempts: 0, entity: Fixture.key(penalty.id, stream: 9)))
      step.entityStates.append(
        EntityState(
          key: Fixture.key(penalty.id, stream: 9), rowID: row,
          updateTime: penalty.id.isMultiple(of: 2) ? .min : 5, record: Fixture.key(penalty.id)))
    }
    for (index, id) in ids.enumerated() {
      let row = Penalty.rowID(delivery.id, first + penalties.count + index)
      if let old = returned[id] { step.closedReturns.append(old) }
      returned[id] = row
      step.recordStates.append(
        RecordState(
          key: Fixture.key(id), accepted: nil, rowID: rows[id], returnedRowID: row, attempts: 1,
          entity: nil))
    }
    step.recordStates.sort { $0.key < $1.key }
    step.entityStates.sort { $0.key < $1.key }
    return step
  }

  /// A whole night with one delivery in one step.
  func night(_ date: String, _ penalties: [Penalty], returned: [Int] = []) throws {
    let run = try begin(date)
    let delivery = try deliver(run, content: "night-\(date)")
    try warehouse.apply(step(run, delivery, block: 1, penalties, returned: returned))
    try finish(run, delivery)
  }

  func finish(_ run: RunEntry, _ delivery: DeliveryEntry) throws {
    var entry = delivery
    entry.status = .loaded
    try warehouse.update(entry)
    try warehouse.publish(run: run.id, publication: run.publication)
  }

  /// What any reader finds.
  func read<Value: DatabaseValueConvertible>(_ sql: String, _: Value.Type) throws -> [Value?] {
    try WarehouseReader(folder: folder).read { try Optional<Value>.fetchAll($0, sql: sql) }
  }

  func texts(_ sql: String) throws -> [String?] { try read(sql, String.self) }

  func dump() throws -> String {
    let target = folder + "/dump.txt"
    try warehouse.canonicalDump(to: target)
    return try String(contentsOfFile: target, encoding: .utf8)
  }
}

/// Records an issue that names every broken promise.
func expectSound(
  _ problems: [String], _ comment: Comment? = nil, at location: SourceLocation = #_sourceLocation
) {
  #expect(problems == [], comment, sourceLocation: location)
}
