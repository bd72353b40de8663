package import Access
package import Catalog
import GRDB
package import Sharing

/// What one person may look through: the queue of a publication, cut to their systems.
package struct ReviewQueue: Sendable {
  /// Records with one cause: a line of the queue.
  package struct Line: Sendable, Hashable {
    package var status: String
    package var system: String
    package var category: String
    /// Of the finding that fits the filter; empty texts for a record without one.
    package var code: String
    package var rule: String
    package var element: String
    package var severity: String
    package var records: Int
    /// Of the records, came back before.
    package var repeated: Int
    /// Nights of the first and of the last.
    package var oldest: String
    package var newest: String
  }

  /// A record of the queue.
  package struct Item: Sendable, Hashable {
    package var row: Int64
    package var status: String
    package var system: String
    package var category: String
    package var night: String
    package var attempt: Int
    /// nil where the record says none, or the person may not see it.
    package var recordID: String?
    package var entityKey: String?
    /// Code, rule, element and severity of each finding but notes.
    package var findings: [(code: String, rule: String, element: String, severity: String)]

    package static func == (left: Self, right: Self) -> Bool { left.row == right.row }

    package func hash(into hasher: inout Hasher) { hasher.combine(row) }
  }

  package struct Page: Sendable {
    package var items: [Item]
    /// Where the next page begins; nil on the last one.
    package var next: Int64?
  }

  package enum LineOrder: String, Sendable, CaseIterable {
    case most
    case oldest
    case newest
  }

  package enum ItemOrder: String, Sendable, CaseIterable {
    case newest
    case oldest
  }

  private var file: QueueSlice
  private let catalog: Catalog
  private let systems: Set<String>?
  /// By category, what the person may see.
  private let plans: [String: SharingPlan]
  private let recordID: String
  private let names: CauseNames

  /// - Parameters:
  ///   - plans: By category, for the clearance of the person; what has none shows no key.
  ///   - recordID: The element that identifies records, of `nightly.yaml`.
  package init(
    _ file: ReviewFile, _ catalog: Catalog, _ account: Account, plans: [String: SharingPlan],
    recordID: String
  ) {
    self.file = QueueSlice(file)
    self.catalog = catalog
    systems = account.role.readsRecords ? account.systems : []
    self.plans = plans
    self.recordID = recordID
    names = CauseNames(catalog)
  }

  package var publication: Int64 { file.publication }
  package var night: String { file.night }

  /// The queue of some records alone.
  package func only(_ rows: [Int64]) throws -> ReviewQueue {
    var queue = self
    queue.file = try QueueSlice(file, only: rows)
    return queue
  }

  // MARK: Counts

  /// Records by value of every facet, each under the rest of the filter.
  package func facets(_ filter: QueueFilter) -> [QueueFilter.Facet: [String: Int]] {
    let isNamed = names.test(filter.text)
    return Dictionary(
      uniqueKeysWithValues: QueueFilter.Facet.allCases.map { facet in
        (facet, file.causes.facet(facet, filter, systems: systems, isNamed: isNamed))
      })
  }

  /// Records that the filter leaves.
  package func count(_ filter: QueueFilter) -> Int {
    let selection = file.causes.selection(
      filter, systems: systems, isNamed: names.test(filter.text))
    return selection.counts.reduce(0) { $0 + file.causes.counts[$1].records }
  }

  /// Lines of the queue, all of them: there are as many as kinds of mistakes.
  package func lines(_ filter: QueueFilter, order: LineOrder = .most) -> [Line] {
    let table = file.causes
    let selection = table.selection(filter, systems: systems, isNamed: names.test(filter.text))
    var lines: [LineKey: Line] = [:]
    for index in selection.counts {
      let count = table.counts[index]
      let cause = table.causes[count.cause]
      guard let lead = selection.leads[count.cause] else { continue }
      let night = table.nights[count.publication] ?? ""
      let key = LineKey(
        status: cause.status, system: cause.system, category: cause.category, finding: lead)
      var line =
        lines[key]
        ?? Line(
          status: cause.status, system: cause.system, category: cause.category, code: lead.code,
          rule: lead.rule, element: lead.element, severity: lead.severity, records: 0,
          repeated: 0, oldest: night, newest: night)
      line.records += count.records
      if count.attempt > 1 { line.repeated += count.records }
      line.oldest = min(line.oldest, night)
      line.newest = max(line.newest, night)
      lines[key] = line
    }
    return lines.values.sorted { left, right in
      func name(_ line: Line) -> [String] {
        [line.system, line.category, line.code, line.rule, line.element, line.status]
      }
      func rank(_ line: Line) -> (String, Int) {
        switch order {
        case .most: ("", -line.records)
        case .oldest: (line.oldest, -line.records)
        case .newest: (line.newest, line.records)
        }
      }
      let (one, other) = (rank(left), rank(right))
      if one != other { return order == .newest ? one > other : one < other }
      return name(left).lexicographicallyPrecedes(name(right))
    }
  }

  private struct LineKey: Hashable {
    var status: String
    var system: String
    var category: String
    var finding: CauseTable.Finding
  }

  // MARK: Records

  /// Below this many a page is found by sorting what the causes have, above it by walking the queue: then
  /// one in so many fits, and a page is soon full.
  private static let fewRecords = 20_000

  /// One page of records.
  ///
  /// - Parameter after: ``Page/next`` of the page before.
  package func page(
    _ filter: QueueFilter, order: ItemOrder = .newest, after: Int64? = nil, limit: Int = 50
  ) throws -> Page {
    let selection = file.causes.selection(
      filter, systems: systems, isNamed: names.test(filter.text))
    let places = Set(selection.counts.map { file.causes.counts[$0].cause })
    guard !places.isEmpty else { return Page(items: [], next: nil) }
    let records = selection.counts.reduce(0) { $0 + file.causes.counts[$1].records }
    let isNewest = order == .newest
    var conditions: [String] = []
    var arguments: [any DatabaseValueConvertible] = []
    if let after {
      conditions.append(
        "\(records > Self.fewRecords ? "i" : "+i").row_id \(isNewest ? "<" : ">") ?")
      arguments.append(after)
    }
    let cause = records > Self.fewRecords ? "+i.cause" : "i.cause"
    // With every cause wanted there is nothing to ask.
    if places.count < file.causes.causes.count {
      conditions.append("\(cause) IN (SELECT value FROM json_each(?))")
      let ids = places.map { file.causes.causes[$0].id }.sorted()
      arguments.append("[" + ids.map(String.init).joined(separator: ",") + "]")
    }
    narrow(filter, selection, &conditions, &arguments)
    let sql = """
      SELECT i.* FROM item AS i
      \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
      ORDER BY i.row_id \(isNewest ? "DESC" : "ASC") LIMIT \(limit + 1)
      """
    return try page(sql, arguments, limit: limit)
  }

  /// Age and attempts belong to records, not to causes.
  private func narrow(
    _ filter: QueueFilter, _ selection: CauseTable.Selection, _ conditions: inout [String],
    _ arguments: inout [any DatabaseValueConvertible]
  ) {
    if let rows = file.rows {
      conditions.append("i.row_id IN (SELECT value FROM json_each(?))")
      arguments.append(rows)
    }
    if filter[.age] != nil {
      let publications = Set(selection.counts.map { file.causes.counts[$0].publication })
      conditions.append("i.publication IN (SELECT value FROM json_each(?))")
      arguments.append(
        "[" + publications.sorted().map(String.init).joined(separator: ",") + "]")
    }
    if let attempt = filter[.attempt] {
      let isLast = attempt == CauseTable.attempt(QueueFilter.lastAttempt)
      conditions.append(isLast ? "i.attempt >= ?" : "i.attempt = ?")
      arguments.append(isLast ? QueueFilter.lastAttempt : Int(attempt) ?? 0)
    }
  }

  private func page(
    _ sql: String, _ arguments: [any DatabaseValueConvertible], limit: Int
  ) throws -> Page {
    let rows = try file.read { database in
      try Row.fetchAll(database, sql: sql, arguments: StatementArguments(arguments))
    }
    let items = rows.prefix(limit).compactMap(item)
    return Page(items: items, next: rows.count > limit ? rows[limit - 1]["row_id"] : nil)
  }

  private func item(_ row: Row) -> Item? {
    let id: Int64 = row["cause"]
    // Identifiers follow the order of the table.
    guard let cause = file.causes.cause(id) else { return nil }
    return Item(
      row: row["row_id"], status: cause.status, system: cause.system, category: cause.category,
      night: file.causes.nights[row["publication"]] ?? "", attempt: row["attempt"],
      recordID: isOpen([recordID], cause.category) ? Self.key(row["record_id"]) : nil,
      entityKey: catalog.category(cause.category).flatMap { category in
        isOpen(category.entityKey, cause.category) ? Self.key(row["entity_key"]) : nil
      },
      findings: cause.findings.map { ($0.code, $0.rule, $0.element, $0.severity) })
  }

  /// A key of which every part is empty says nothing.
  private static func key(_ text: String?) -> String? {
    text.flatMap { key in key.contains { $0 != "|" } ? key : nil }
  }

  /// Whose keys a list of records shows, by category, for the access log.
  package func subjects(of items: [Item]) -> [(category: String, keys: [SubjectKey])] {
    var keys: [String: [SubjectKey]] = [:]
    for item in items {
      guard let key = item.entityKey else { continue }
      let parts = key.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      keys[item.category, default: []].append(SubjectKey(category: item.category, parts: parts))
    }
    return keys.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  // MARK: Keys

  /// Records whose own number or business key begins with a text, among what the filter leaves.
  ///
  /// Keys that the person may not see are not looked through: what is found would tell them.
  package func find(_ prefix: String, _ filter: QueueFilter, limit: Int = 50) throws -> [Item] {
    let key = prefix.trimmingBlanks
    guard !key.isEmpty else { return [] }
    var rest = filter
    rest.text = ""
    let selection = file.causes.selection(rest, systems: systems, isNamed: { _ in true })
    let causes = selection.leads.keys.map { file.causes.causes[$0] }
    func ids(_ isMeant: (CauseTable.Cause) -> Bool) -> String {
      "[" + causes.filter(isMeant).map(\.id).sorted().map(String.init).joined(separator: ",") + "]"
    }
    let byRecord = ids { isOpen([recordID], $0.category) }
    let byKey = ids { cause in
      catalog.category(cause.category).map { isOpen($0.entityKey, cause.category) } ?? false
    }
    var conditions: [String] = []
    var more: [any DatabaseValueConvertible] = []
    narrow(rest, selection, &conditions, &more)
    let narrowed = conditions.map { " AND " + $0 }.joined()
    func half(_ column: String) -> String {
      """
      SELECT * FROM (SELECT i.* FROM item AS i WHERE i.\(column) >= ? AND i.\(column) < ?
        AND +i.cause IN (SELECT value FROM json_each(?))\(narrowed)
        ORDER BY i.\(column) LIMIT \(limit))
      """
    }
    let end = key + "\u{10FFFF}"
    let first: [any DatabaseValueConvertible] = [key, end, byRecord]
    let second: [any DatabaseValueConvertible] = [key, end, byKey]
    return try page(
      "SELECT * FROM (\(half("record_id")) UNION \(half("entity_key"))) ORDER BY row_id DESC "
        + "LIMIT \(limit)", first + more + second + more, limit: limit
    ).items
  }

  /// Whether values of elements are shown to the person as they are, whatever the record says. The list reads
  /// no records, so it cannot ask about one.
  private func isOpen(_ elements: [String], _ category: String) -> Bool {
    plans[category]?.isAlwaysOpen(elements) ?? false
  }

  // MARK: The same cause

  /// Open records in which the same was found as in another one, the newest first.
  ///
  /// - Parameter findings: Code, rule and element of each finding but notes.
  /// - Returns: How many there are, and some of them.
  package func alike(
    _ findings: Set<[String]>, category: String, except row: Int64, limit: Int
  ) throws -> (count: Int, items: [Item]) {
    let places = file.causes.causes.indices.filter { place in
      let cause = file.causes.causes[place]
      return cause.category == category && systems?.contains(cause.system) ?? true
        && Set(cause.findings.map { [$0.code, $0.rule, $0.element] }) == findings
    }
    let wanted = Set(places)
    let count = file.causes.counts.reduce(0) { $0 + (wanted.contains($1.cause) ? $1.records : 0) }
    // The newest of each cause, by the index on it; a set of findings has few causes.
    let items = try places.flatMap { place in
      try page(
        "SELECT i.* FROM item AS i WHERE i.cause = ? ORDER BY i.row_id DESC LIMIT \(limit + 2)",
        [file.causes.causes[place].id], limit: limit + 1
      ).items
    }
    let isOpen = items.contains { $0.row == row }
    return (
      count - (isOpen ? 1 : 0),
      Array(items.filter { $0.row != row }.sorted { $0.row > $1.row }.prefix(limit))
    )
  }

  // MARK: All at once

  /// Numbers of the records that a filter leaves, in the order of loading.
  package func rows(_ filter: QueueFilter, limit: Int) throws -> [Int64] {
    var rows: [Int64] = []
    var after: Int64?
    repeat {
      let page = try page(
        filter, order: .oldest, after: after, limit: min(5000, limit - rows.count))
      rows += page.items.map(\.row)
      after = page.next
    } while after != nil && rows.count < limit
    return rows
  }
}

extension SharingPlan {
  /// Whether values of elements are shown as they are, whatever a record says.
  func isAlwaysOpen(_ elements: [String]) -> Bool {
    (audience.tier == .restricted || keepsEveryRecord)
      && elements.allSatisfy { name in
        category.column(of: name).map(settledColumns.contains) ?? false
      }
  }
}

/// Finds causes by what they are called, in both languages.
struct CauseNames: Sendable {
  private let names: [String: String]

  init(_ catalog: Catalog) {
    var names: [String: String] = [:]
    for type in catalog.issueTypes {
      names[type.code.rawValue] = "\(type.name) \(type.english)"
    }
    for rule in catalog.rules { names[rule.id] = "\(rule.name) \(rule.english)" }
    for rule in catalog.authority.rules { names[rule.id] = "\(rule.name) \(rule.english)" }
    for element in catalog.elements {
      names[element.identifier] = "\(element.id) \(element.name) \(element.english)"
    }
    for system in catalog.systems { names[system.id] = "\(system.name) \(system.english)" }
    for category in catalog.categories {
      names[category.id] = "\(category.name) \(category.english)"
    }
    self.names = names.mapValues { $0.lowercased() }
  }

  /// Whether every word of a text is found in the names of a cause.
  func test(_ text: String) -> (CauseTable.Cause) -> Bool {
    let words = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
    guard !words.isEmpty else { return { _ in true } }
    // Each name is looked at once, not once for every cause that has it.
    let found = words.map { word in
      Set(names.filter { $0.key.lowercased().contains(word) || $0.value.contains(word) }.keys)
    }
    return { cause in
      zip(words, found).allSatisfy { word, found in
        found.contains(cause.system) || found.contains(cause.category)
          || cause.findings.contains { finding in
            found.contains(finding.code) || found.contains(finding.rule)
              || found.contains(finding.element) || finding.rule.lowercased().contains(word)
          }
      }
    }
  }
}

extension String {
  /// Without blanks at its ends.
  var trimmingBlanks: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
