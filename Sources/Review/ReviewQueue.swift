package import Access
package import Catalog
import GRDB
package import Sharing
import Synchronization

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
    /// Of all its attempts, never shown; empty where it has none.
    package var recordKey: String
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
  private let systems: Set<String>?
  /// Categories whose record numbers, or business keys, are shown to the person as they are, whatever a record
  /// says. The list reads no records, so it cannot ask about one.
  private let openNumbers: Set<String>
  private let openKeys: Set<String>
  private let fewRecords: Int
  private var last = LastSelection()

  /// - Parameters:
  ///   - plans: By category, for the clearance of the person; what has none shows no key.
  ///   - recordID: The element that identifies records, of `nightly.yaml`.
  ///   - fewRecords: Up to so many a page is found by sorting what the causes have, beyond by walking the
  ///     queue: then one in so many fits, and a page is soon full.
  package init(
    _ file: ReviewFile, _ catalog: Catalog, _ account: Account, plans: [String: SharingPlan],
    recordID: String, fewRecords: Int = 20_000
  ) {
    self.file = QueueSlice(file)
    systems = account.role.readsRecords ? account.systems : []
    func open(_ elements: (Category) -> [String]) -> Set<String> {
      Set(
        catalog.categories.filter { category in
          plans[category.id]?.isAlwaysOpen(elements(category)) ?? false
        }.map(\.id))
    }
    openNumbers = open { _ in [recordID] }
    openKeys = open(\.entityKey)
    self.fewRecords = fewRecords
  }

  package var publication: Int64 { file.publication }
  package var night: String { file.night }

  /// The queue of some records alone.
  package func only(_ rows: [Int64]) throws -> ReviewQueue {
    var queue = self
    queue.file = try QueueSlice(file, only: rows)
    queue.last = LastSelection()
    return queue
  }

  /// The queue of the records alone that acts are about.
  package func only(_ targets: [ActStore.Target]) throws -> ReviewQueue {
    try only(try openRows(of: targets))
  }

  /// As ``ReviewFile/openRows(of:)``.
  package func openRows(of targets: [ActStore.Target]) throws -> [Int64] {
    try file.openRows(of: targets)
  }

  // MARK: Counts

  /// A page asks for facets, count and records of one filter.
  private final class LastSelection: Sendable {
    let known = Mutex<(filter: QueueFilter, selection: CauseTable.Selection)?>(nil)
  }

  private func selection(_ filter: QueueFilter) -> CauseTable.Selection {
    if let known = last.known.withLock({ $0 }), known.filter == filter { return known.selection }
    let selection = file.causes.selection(
      filter, systems: systems, words: file.names.tests(filter.text))
    last.known.withLock { $0 = (filter, selection) }
    return selection
  }

  /// Records by value of every facet, each under the rest of the filter.
  package func facets(_ filter: QueueFilter) -> [QueueFilter.Facet: [String: Int]] {
    selection(filter).facets
  }

  /// Records that the filter leaves.
  package func count(_ filter: QueueFilter) -> Int { selection(filter).records }

  /// Of open records in groups, how many the filter leaves in each; groups without any are left out.
  ///
  /// One look-up for all groups: to cut the queue to each of them would code all causes again for each.
  package func counts(
    _ filter: QueueFilter, of groups: [String: [Int64]]
  ) throws -> [String: Int] {
    struct Key: Hashable {
      var cause: Int64
      var publication: Int64
      var attempt: Int
    }
    guard !groups.isEmpty else { return [:] }
    var keys: [Int64: Key] = [:]
    for row in try rows(
      """
      SELECT i.row_id, i.cause, i.publication, i.attempt FROM item AS i
      WHERE i.row_id IN (SELECT value FROM json_each(?))
      """, [Self.list(groups.values.joined())])
    {
      keys[row["row_id"]] = Key(
        cause: row["cause"], publication: row["publication"], attempt: row["attempt"])
    }
    let wanted = Set(keys.values)
    let table = file.causes
    let left = Set(
      selection(filter).counts.lazy.map { place in
        let count = table.counts[place]
        return Key(
          cause: table.causes[count.cause].id, publication: count.publication,
          attempt: count.attempt)
      }.filter(wanted.contains))
    return groups.compactMapValues { rows in
      let count = rows.count { keys[$0].map(left.contains) ?? false }
      return count > 0 ? count : nil
    }
  }

  /// Lines of the queue, all of them: there are as many as kinds of mistakes. Each is put into words when it is
  /// looked at, since a page shows few.
  package func lines(
    _ filter: QueueFilter, order: LineOrder = .most
  ) -> some RandomAccessCollection<Line> {
    let table = file.causes
    let lines = table.lines(selection(filter)).sorted { left, right in
      switch order {
      case .most: break
      case .oldest: if left.oldest != right.oldest { return left.oldest < right.oldest }
      case .newest: if left.newest != right.newest { return left.newest > right.newest }
      }
      if left.records != right.records { return left.records > right.records }
      return Self.name(left).lexicographicallyPrecedes(Self.name(right))
    }
    return lines.lazy.map { line in
      Line(
        status: table.text(.status, line.whole.status),
        system: table.text(.system, line.whole.system),
        category: table.text(.category, line.whole.category),
        code: table.text(.code, line.finding.code), rule: table.text(.rule, line.finding.rule),
        element: table.text(.element, line.finding.element),
        severity: table.text(.severity, line.finding.severity), records: line.records,
        repeated: line.repeated, oldest: table.night(line.oldest), newest: table.night(line.newest))
    }
  }

  /// Places follow the order of texts.
  private static func name(_ line: CauseTable.Line) -> [Int32] {
    [
      line.whole.system, line.whole.category, line.finding.code, line.finding.rule,
      line.finding.element, line.whole.status,
    ]
  }

  // MARK: Records

  /// One page of records.
  ///
  /// - Parameter after: ``Page/next`` of the page before.
  package func page(
    _ filter: QueueFilter, order: ItemOrder = .newest, after: Int64? = nil, limit: Int = 50
  ) throws -> Page {
    let selection = selection(filter)
    guard selection.records > 0 else { return Page(items: [], next: nil) }
    let rows =
      try selection.records <= fewRecords
      ? sorted(selection, filter, order, after: after, limit: limit + 1)
      : walked(selection, filter, order, after: after, limit: limit + 1)
    return page(rows, limit: limit)
  }

  /// Sorts the rows of all causes, of which only the index is read.
  private func sorted(
    _ selection: CauseTable.Selection, _ filter: QueueFilter, _ order: ItemOrder, after: Int64?,
    limit: Int
  ) throws -> [Row] {
    let isNewest = order == .newest
    let ids = selection.causes.map { file.causes.causes[$0.index].id }
    var conditions = ["i.cause IN (SELECT value FROM json_each(?))"]
    var arguments: [any DatabaseValueConvertible] = [Self.list(ids)]
    if let after {
      conditions.append("+i.row_id \(isNewest ? "<" : ">") ?")
      arguments.append(after)
    }
    narrow(filter, selection, &conditions, &arguments)
    let direction = isNewest ? "DESC" : "ASC"
    return try rows(
      """
      SELECT * FROM item WHERE row_id IN (
        SELECT i.row_id FROM item AS i WHERE \(conditions.joined(separator: " AND "))
        ORDER BY i.row_id \(direction) LIMIT \(limit))
      ORDER BY row_id \(direction)
      """, arguments)
  }

  /// Walks the stretches of the queue in which the causes have rows until a page is full.
  private func walked(
    _ selection: CauseTable.Selection, _ filter: QueueFilter, _ order: ItemOrder, after: Int64?,
    limit: Int
  ) throws -> [Row] {
    let isNewest = order == .newest
    let isEverything = selection.causes.count == file.causes.causes.count
    var found: [Row] = []
    for stretch in file.causes.stretches(selection, isDescending: isNewest) {
      var (first, last) = (stretch.rows.lowerBound, stretch.rows.upperBound)
      // `after` is what somebody typed: any number there is.
      if let after {
        guard isNewest ? after > first : after < last else { continue }
        if isNewest { last = min(last, after - 1) } else { first = max(first, after + 1) }
      }
      var conditions = ["i.row_id BETWEEN ? AND ?"]
      var arguments: [any DatabaseValueConvertible] = [first, last]
      // With every cause wanted there is nothing to ask.
      if !isEverything {
        conditions.append("+i.cause IN (SELECT value FROM json_each(?))")
        arguments.append(Self.list(stretch.causes.map { file.causes.causes[$0].id }))
      }
      narrow(filter, selection, &conditions, &arguments)
      found += try rows(
        """
        SELECT i.* FROM item AS i WHERE \(conditions.joined(separator: " AND "))
        ORDER BY i.row_id \(isNewest ? "DESC" : "ASC") LIMIT \(limit - found.count)
        """, arguments)
      if found.count == limit { break }
    }
    return found
  }

  private static func list(_ numbers: some Sequence<Int64>) -> String {
    "[" + numbers.map(String.init).joined(separator: ",") + "]"
  }

  /// Age, night and attempts belong to records, not to causes.
  private func narrow(
    _ filter: QueueFilter, _ selection: CauseTable.Selection, _ conditions: inout [String],
    _ arguments: inout [any DatabaseValueConvertible]
  ) {
    if let rows = file.rows {
      conditions.append("i.row_id IN (SELECT value FROM json_each(?))")
      arguments.append(rows)
    }
    if filter[.age] != nil || filter[.night] != nil {
      let publications = Set(selection.counts.map { file.causes.counts[$0].publication })
      conditions.append("i.publication IN (SELECT value FROM json_each(?))")
      arguments.append(Self.list(publications.sorted()))
    }
    if let attempt = filter[.attempt] {
      let isLast = attempt == CauseTable.attempt(QueueFilter.lastAttempt)
      conditions.append(isLast ? "i.attempt >= ?" : "i.attempt = ?")
      arguments.append(isLast ? QueueFilter.lastAttempt : Int(attempt) ?? 0)
    }
  }

  private func rows(
    _ sql: String, _ arguments: [any DatabaseValueConvertible]
  ) throws -> [Row] {
    try file.read { database in
      try Row.fetchAll(database, sql: sql, arguments: StatementArguments(arguments))
    }
  }

  private func page(_ rows: [Row], limit: Int) -> Page {
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
      recordID: openNumbers.contains(cause.category) ? Self.key(row["record_id"]) : nil,
      entityKey: openKeys.contains(cause.category) ? Self.key(row["entity_key"]) : nil,
      recordKey: row["record_key"] ?? "",
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
    let selection = selection(rest)
    let causes = selection.causes.map { file.causes.causes[$0.index] }
    func ids(_ isMeant: (CauseTable.Cause) -> Bool) -> String {
      Self.list(causes.filter(isMeant).map(\.id))
    }
    let byRecord = ids { openNumbers.contains($0.category) }
    let byKey = ids { openKeys.contains($0.category) }
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
    return page(
      try rows(
        "SELECT * FROM (\(half("record_id")) UNION \(half("entity_key"))) ORDER BY row_id DESC "
          + "LIMIT \(limit)", first + more + second + more), limit: limit
    ).items
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
      page(
        try rows(
          "SELECT i.* FROM item AS i WHERE i.cause = ? ORDER BY i.row_id DESC LIMIT \(limit + 2)",
          [file.causes.causes[place].id]), limit: limit + 1
      ).items
    }
    let causes = Set(places.map { file.causes.causes[$0].id })
    let isOpen =
      try rows("SELECT i.cause FROM item AS i WHERE i.row_id = ?", [row]).contains {
        causes.contains($0["cause"])
      }
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
  /// In lower case, by identifier.
  private let names: [String: [UInt8]]

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
    self.names = names.mapValues { Array($0.lowercased().utf8) }
  }

  /// For each word of a text, whether a value of a cause has it in its identifier or its names.
  func tests(_ text: String) -> [(String) -> Bool] {
    text.lowercased().split(whereSeparator: \.isWhitespace).map { word in
      let word = Array(word.utf8)
      // Each name is looked at once, not once for every cause that has it.
      let found = Set(names.filter { $0.value.contains(word) }.keys)
      return { found.contains($0) || Array($0.lowercased().utf8).contains(word) }
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
