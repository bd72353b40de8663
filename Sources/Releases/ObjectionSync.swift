package import Access
package import Catalog
import Records
import Standardization
import WarehouseSQLite

/// Brings the marks of objections to the rows of a warehouse, so that its views show them.
package enum ObjectionSync {
  /// - Parameters:
  ///   - folder: Of the warehouse; nothing happens where there is none.
  ///   - roles: The elements that name issuer and source system, of `nightly.yaml`.
  ///   - marks: Reads the marks of all objections as they are now.
  package static func run(
    folder: String, _ catalog: Catalog, roles: (agency: String?, system: String?),
    _ marks: () throws -> ObjectionMarks
  ) throws {
    guard PublishedRows.exists(folder: folder) else { return }
    var known = try marks()
    // Somebody else may have read later and written earlier: whoever writes last looks once more.
    while true {
      try set(known, folder: folder, catalog, roles)
      let now = try marks()
      if now == known { return }
      known = now
    }
  }

  private static func set(
    _ marks: ObjectionMarks, folder: String, _ catalog: Catalog,
    _ roles: (agency: String?, system: String?)
  ) throws {
    var result: [RowMark] = []
    if !marks.isEmpty {
      let rows = try PublishedRows(folder: folder, catalog: catalog)
      for (key, own) in marks.byKey {
        guard let category = catalog.category(key.category) else { continue }
        let keys = RecordKeys(category, agency: roles.agency, system: roles.system)
        for record in try keys.rows(with: key, catalog, in: rows) {
          result += own.map { RowMark($0, record: record) }
        }
      }
    }
    try ObjectionMarkTable.replace(
      folder: folder, with: result.sorted { ($0.record, $0.id) < ($1.record, $1.id) })
  }
}

extension RecordKeys {
  /// Rows with a key that a publication shows.
  func rows(
    with key: SubjectKey, _ catalog: Catalog, in rows: PublishedRows
  ) throws -> [Int64] {
    let reader = CanonicalReader(catalog, category)
    var selection = PublishedSelection(category: category.id, values: values(of: key))
    selection.hasChildren = false
    var found: [Int64] = []
    try rows.visit(selection) { chunk in
      let canonical = reader.read(&chunk.records)
      for row in chunk.rowIDs.indices where self.key(canonical.records, row) == key {
        found.append(chunk.rowIDs[row])
      }
      return true
    }
    return found
  }
}

extension RowMark {
  init(_ mark: ObjectionMark, record: Int64) {
    self.init(
      record: record, id: mark.id, state: mark.state.rawValue,
      since: CivilDate(dayNumber: Moment.dayNumber(mark.since)).description, element: mark.element)
  }
}
