import Access
import Catalog
import Records
import Sharing
import Standardization
import Warehouse
import WarehouseSQLite

/// One export while it is written.
struct ExportWork {
  let catalog: Catalog
  let plan: ReleasePlan
  let tables: [ExportTable]
  let mark: ExportMark
  let keys: RecordKeys
  let objections: ObjectionMarks
  let now: Int64

  /// Writes data, schema, manifest and sums into a folder.
  ///
  /// - Returns: Whose records they are.
  func write(
    _ rows: PublishedRows, to folder: String, _ format: ExportFormat, _ grant: Grant,
    _ result: inout GrantExport.Result
  ) throws -> Set<SubjectKey> {
    let staging = try ExportStaging(folder + "/staging", tables)
    let subjects = try stage(rows, staging, &result)
    let writer: any ExportWriter =
      switch format {
      case .csv: try CSVExportWriter(folder, tables)
      case .ndjson: try NDJSONExportWriter(folder, tables)
      case .sqlite: try SQLiteExportWriter(folder, tables)
      }
    let counts = try copy(staging, writer)
    try staging.close()
    let paper = ExportPaper(
      catalog: catalog, category: plan.category, grant: grant, export: mark.export,
      format: format, tables: tables, rows: counts, publication: rows.publication,
      night: rows.night,
      time: now)
    try ExportPaper.write(paper.schema(), folder + "/" + ExportPaper.schemaName)
    var files: [(name: String, bytes: Int, sha256: String)] = []
    for name in writer.files + [ExportPaper.schemaName] {
      let sum = try ExportPaper.sum(folder + "/" + name)
      files.append((name, sum.bytes, sum.sha256))
    }
    try ExportPaper.write(paper.manifest(files), folder + "/" + ExportPaper.manifestName)
    let manifest = try ExportPaper.sum(folder + "/" + ExportPaper.manifestName)
    files.append((ExportPaper.manifestName, manifest.bytes, manifest.sha256))
    // In the form that `sha256sum -c` checks.
    let lines = files.sorted { $0.name < $1.name }.map { "\($0.sha256)  \($0.name)\n" }
    try ExportPaper.write(lines.joined(), folder + "/" + ExportPaper.sumsName)
    return subjects
  }

  // MARK: Reading

  private func stage(
    _ rows: PublishedRows, _ staging: ExportStaging, _ result: inout GrantExport.Result
  ) throws -> Set<SubjectKey> {
    let reader = CanonicalReader(catalog, plan.category)
    let order = tables[0].orderElements(plan.category).compactMap { name in
      tables[0].elements.firstIndex { $0.identifier == name }
    }
    var subjects: Set<SubjectKey> = []
    var denied: [String: Int] = [:]
    var count = (read: 0, chosen: 0, released: 0, marked: 0)
    try rows.visit(PublishedSelection(category: plan.category.id)) { chunk in
      let canonical = reader.read(&chunk.records)
      let outcome = plan.decide(canonical, now: now)
      var records: [ExportStaging.Record] = []
      for row in 0..<canonical.records.recordCount {
        count.read += 1
        guard outcome.isChosen[row] else { continue }
        count.chosen += 1
        let decision = outcome.decisions.rows[row]
        guard decision.isKept else {
          denied[plan.plan.reasons[decision.reason].id, default: 0] += 1
          continue
        }
        count.released += 1
        let key = keys.key(canonical.records, row)
        subjects.insert(key)
        let marks = objections.marks(of: key)
        if !marks.isEmpty { count.marked += 1 }
        let view = ReleasedRow(plan, canonical, outcome, row)
        let cells = view.cells
        records.append(
          ExportStaging.Record(
            rank: mark.rank(order.map { cells[$0] ?? "" }), cells: cells + Self.cells(marks),
            rows: view.rows(tables)))
      }
      try staging.add(records)
      return true
    }
    (result.read, result.chosen, result.released, result.marked) = count
    result.denied = denied.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return subjects
  }

  /// State and first day of the objections to a record.
  private static func cells(_ marks: [ObjectionMark]) -> [String?] {
    guard let first = marks.first else { return [nil, nil] }
    // One that waits for its source is the stronger reason for care.
    let state = marks.contains { $0.state == .raised } ? ObjectionState.raised : first.state
    let day = CivilDate(dayNumber: Moment.dayNumber(marks.map(\.since).min() ?? first.since))
    return [state.rawValue, day.description]
  }

  // MARK: Writing

  /// - Returns: Rows by table.
  private func copy(_ staging: ExportStaging, _ writer: any ExportWriter) throws -> [Int] {
    var counts = tables.map { _ in 0 }
    try staging.visit { table, position, ordinal, cells in
      counts[table] += 1
      let elements = cells.prefix(tables[table].elements.count).map { $0 ?? "" }
      let tag = mark.tag(tables[table].name, elements)
      let numbers = tables[table].isChild ? ["\(position)", "\(ordinal)"] : ["\(position)"]
      try writer.write(table, numbers + cells + [tag])
    }
    try writer.finish()
    return counts
  }
}

/// One record as it leaves.
private struct ReleasedRow {
  private let plan: ReleasePlan
  private let chunk: CanonicalChunk
  private let outcome: ReleasePlan.Outcome
  private let row: Int

  init(_ plan: ReleasePlan, _ chunk: CanonicalChunk, _ outcome: ReleasePlan.Outcome, _ row: Int) {
    self.plan = plan
    self.chunk = chunk
    self.outcome = outcome
    self.row = row
  }

  var cells: [String?] {
    plan.columns.map { column in
      text(chunk.records, outcome.decisions.columns[column], column, row)
    }
  }

  /// Rows of the child tables that are exported.
  func rows(_ tables: [ExportTable]) -> [(table: Int, cells: [String?])] {
    var exported: [Int: Int] = [:]
    var next = 1
    for table in plan.childColumns.indices where !plan.childColumns[table].isEmpty {
      exported[table] = next
      next += 1
    }
    return chunk.children.flatMap { list -> [(table: Int, cells: [String?])] in
      guard let place = exported[list.table], place < tables.count else { return [] }
      return list.owners.indices.filter { Int(list.owners[$0]) == row }.map { index in
        (
          place,
          plan.childColumns[list.table].map { column in
            text(list.rows, outcome.decisions.children[list.table][column], column, index)
          }
        )
      }
    }
  }

  private func text(
    _ source: ElementChunk, _ decisions: ColumnDecisions, _ column: Int, _ row: Int
  ) -> String? {
    guard source.columns[column].states[row] != .null else { return nil }
    switch decisions.cell(row).outcome {
    case .withheld: return nil
    case .shown: return source.text.string(source.columns[column].texts[row])
    case .masked:
      let masked = decisions.masked(row)
      return masked.isAbsent ? nil : outcome.decisions.text.string(masked)
    }
  }
}
