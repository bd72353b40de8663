import Catalog
import Reconciliation
import Records
import Standardization
import Warehouse

/// The first reading of a delivery's records: keys, duplicates, what is unchanged, and whether the
/// delivery may enter at all. Nothing is written but nameless temporary files.
final class DeliverySurvey {
  let plan: DeliveryPlan
  let inspection: FileInspection
  /// Header rows as written, and how they meet the adapter.
  private(set) var header: [String] = []
  private(set) var match: HeaderMatch
  private(set) var summary = ReadSummary()
  private(set) var faultCount = 0
  private(set) var secrecy = SecrecyCount()

  /// One per record, in the order of the delivery.
  let entries: MappedArray<SurveyEntry>
  private(set) var dispositions: MappedArray<Disposition>
  private(set) var attempts: MappedArray<UInt8>
  private(set) var byRecord: MappedArray<KeyOrderEntry>
  private(set) var byEntity: MappedArray<KeyOrderEntry>

  private let folder: String

  /// - Parameter folder: For temporary files.
  init(plan: DeliveryPlan, inspection: FileInspection, folder: String) throws {
    self.plan = plan
    self.inspection = inspection
    self.folder = folder
    match = HeaderMatch(header: [], mappings: plan.mapping.columns)
    entries = try MappedArray(folder: folder)
    dispositions = try MappedArray(folder: folder)
    attempts = try MappedArray(folder: folder)
    byRecord = try MappedArray(folder: folder)
    byEntity = try MappedArray(folder: folder)
  }

  /// Reads the file once and compares its records with each other.
  func read(_ path: String, _ reader: any DeliveryReader) throws {
    var line: OrderedWork<SurveySlot>?
    do {
      summary = try reader.read(
        path, inspection, plan.adapter, plan.mapping, exactPositions: false
      ) { rows in
        header = rows.first ?? []
        match = HeaderMatch(
          header: header, mappings: plan.mapping.columns,
          known: plan.mapping.children.flatMap(\.columns))
        line = makeLine()
      } onChunk: { chunk in
        faultCount += chunk.faults.count
        try line?.submit { $0.chunk.exchange(with: &chunk) }
      }
    } catch {
      // Nothing may still be at work when the caller tidies up.
      try? line?.finish()
      throw error
    }
    try line?.finish()
    try order()
    if let census = summary.census {
      var census = census
      census.unknown = census.unknown.filter { !plan.isKnown($0) }
      match.settle(census, plan.mapping.columns, recordCount: entries.count) { element in
        guard let column = plan.category.column(of: element),
          case .required = plan.category.elements[column].obligation
        else { return false }
        return true
      }
    }
  }

  private func makeLine() -> OrderedWork<SurveySlot> {
    let standardizer = plan.standardizer(match, batchNumber: "", only: plan.surveyElements)
    let secrecyTest = SecrecyTest(plan)
    let keys = RecordKeys(plan, header: header)
    // Readers of documents have it behind the mapping's columns.
    let returnNumbers =
      plan.adapter.format.isTree
      ? plan.mapping.columns.count + plan.mapping.columns.reduce(0) { $0 + $1.also.count }
      : header.firstIndex(of: returnNumberColumn)
    return OrderedWork(
      slots: (0..<OrderedWork<SurveySlot>.coreCount + 2).map { _ in
        SurveySlot(elements: standardizer.makeResult(), keys: keys)
      },
      work: { [plan] slot in
        slot.examine(standardizer, secrecyTest)
        if let returnNumbers { slot.findAnswers(column: returnNumbers, stream: plan.stream) }
      },
      settle: { [self] slot in
        for entry in slot.entries { try entries.append(entry) }
        secrecy.add(slot.secrecy)
        slot.chunk.removeAll()
      })
  }

  /// Compares the records with each other.
  private func order() throws {
    let count = entries.count
    let empty = KeyOrderEntry(key: 0, index: 0)
    dispositions = try MappedArray(folder: folder, repeating: .judge, count: count)
    attempts = try MappedArray(folder: folder, repeating: 0, count: count)
    byRecord = try MappedArray(folder: folder, repeating: empty, count: count)
    byEntity = try MappedArray(folder: folder, repeating: empty, count: count)
    let scratch = try MappedArray(folder: folder, repeating: empty, count: count)
    entries.withSpan { entries in
      scratch.withMutableSpan { scratch in
        byRecord.withMutableSpan { sortByKey(entries, \.record, into: &$0, scratch: &scratch) }
        byEntity.withMutableSpan { sortByKey(entries, \.entity, into: &$0, scratch: &scratch) }
      }
      dispositions.withMutableSpan { dispositions in
        byEntity.withSpan {
          Resolution.markWithinDelivery(
            entries, order: $0, key: \.entity, dispositions: &dispositions)
        }
        byRecord.withSpan {
          Resolution.markWithinDelivery(
            entries, order: $0, key: \.record, dispositions: &dispositions)
        }
      }
    }
  }

  /// Compares the records with the warehouse.
  ///
  /// - Parameter engine: nil where there is no warehouse to compare with.
  func resolve(_ engine: (any WarehouseEngine)?) throws {
    if let engine, try engine.hasState(stream: plan.stream) { try compare(with: engine) }
  }

  /// Another record of the delivery with the same key and update time and other content.
  ///
  /// - Returns: Its index; nil if the rival is not in the delivery, or among very many of one key.
  func rival(of index: Int) -> Int? {
    rival(of: index, \.entity, byEntity) ?? rival(of: index, \.record, byRecord)
  }

  /// Whether every record of the file is known by its id, so that what a full delivery lacks is gone.
  var isComplete: Bool {
    entries.count > 0 && faultCount == 0 && !summary.isTruncated
      && !(0..<entries.count).contains { entries[$0].isAnonymous }
  }

  /// Whether there is any record to judge.
  var hasWork: Bool { (0..<entries.count).contains { dispositions[$0].isJudged } }

  private func rival(
    of index: Int, _ key: (borrowing SurveyEntry) -> Fingerprint,
    _ order: MappedArray<KeyOrderEntry>
  ) -> Int? {
    let entry = entries[index]
    let wanted = key(entry)
    guard wanted != SurveyEntry.noEntity else { return nil }
    var low = 0
    var high = order.count
    while low < high {
      let middle = (low + high) / 2
      if key(entries[Int(order[middle].index)]) < wanted { low = middle + 1 } else { high = middle }
    }
    let end = min(order.count, low + Self.groupBatch)
    while low < end {
      let other = entries[Int(order[low].index)]
      guard key(other) == wanted else { return nil }
      if other.updateTime == entry.updateTime, other.content != entry.content {
        return Int(order[low].index)
      }
      low += 1
    }
    return nil
  }

  private func compare(with engine: any WarehouseEngine) throws {
    // Rows that the delivery's records show now, to tell a record's own row from another's.
    let ownRows = try MappedArray<Int64>(
      folder: folder, repeating: Self.noRow, count: entries.count)
    try forEachGroup(\.record, byRecord, engine.recordStateSource(), isRelevant: { _ in true }) {
      members, state in
      guard let state else { return }
      for place in members.indices {
        let index = Int(members[place].index)
        // What waits unchanged goes on waiting, whether its key is free or not.
        let waiting = state.waiting.flatMap {
          $0.content == entries[index].content ? $0.rowID : nil
        }
        ownRows[index] = waiting ?? state.rowID ?? Self.noRow
      }
      entries.withSpan { entries in
        dispositions.withMutableSpan { dispositions in
          attempts.withMutableSpan { attempts in
            Resolution.apply(
              state, to: members, entries, dispositions: &dispositions, attempts: &attempts)
          }
        }
      }
    }
    try forEachAnswer(engine, isRelevant: { dispositions[$0].isJudged }) { index, state in
      attempts[index] = max(
        attempts[index], UInt8(min(Resolution.Limits.attempts, state.attempts)))
    }
    try forEachGroup(
      \.entity, byEntity, engine.entityStateSource(),
      isRelevant: {
        dispositions[$0] == .judge || (dispositions[$0] == .unchanged && ownRows[$0] == Self.noRow)
      }
    ) { members, state in
      entries.withSpan { entries in
        dispositions.withMutableSpan { dispositions in
          for place in members.indices {
            let index = Int(members[place].index)
            let row = ownRows[index]
            Resolution.apply(
              state, toRecord: index, ownRow: row == Self.noRow ? nil : row, entries,
              dispositions: &dispositions)
          }
        }
      }
    }
  }

  private static let noRow: Int64 = -1

  /// Visits the records that answer the open return of another key, with that key's state.
  func forEachAnswer(
    _ engine: any WarehouseEngine, isRelevant: (Int) -> Bool,
    _ body: (Int, RecordState) throws -> Void
  ) throws {
    guard match.isCorrection else { return }
    var part: [(key: Fingerprint, index: Int)] = []
    func visit() throws {
      part.sort { $0.key == $1.key ? $0.index < $1.index : $0.key < $1.key }
      var keys: [Fingerprint] = []
      for one in part where keys.last != one.key { keys.append(one.key) }
      let states = try engine.recordStates(keys)
      var next = 0
      for one in part {
        while next < states.count, states[next].key < one.key { next += 1 }
        guard next < states.count, states[next].key == one.key,
          states[next].returnedRowID != nil
        else { continue }
        try body(one.index, states[next])
      }
      part.removeAll(keepingCapacity: true)
    }
    for index in 0..<entries.count {
      let key = entries[index].answers
      guard key != SurveyEntry.noEntity, isRelevant(index), !holdsRecord(key) else { continue }
      part.append((key, index))
      if part.count >= Self.groupBatch { try visit() }
    }
    try visit()
  }

  /// Whether a record of the delivery has this key itself.
  private func holdsRecord(_ key: Fingerprint) -> Bool {
    var low = 0
    var high = byRecord.count
    while low < high {
      let middle = (low + high) / 2
      let found = entries[Int(byRecord[middle].index)].record
      if found < key { low = middle + 1 } else { high = middle }
    }
    return low < byRecord.count && entries[Int(byRecord[low].index)].record == key
  }

  /// Walks the groups of equal keys in ascending order, each with its prior state; records without an
  /// entity key have none.
  ///
  /// - Parameter isRelevant: A group in which no record is relevant is passed over, so that records
  ///   that did not change cost no look-up.
  func forEachGroup<State>(
    _ key: (borrowing SurveyEntry) -> Fingerprint, _ order: MappedArray<KeyOrderEntry>,
    _ source: StateSource<State>, isRelevant: (Int) -> Bool,
    _ body: (Span<KeyOrderEntry>, State?) throws -> Void
  ) throws {
    var part: [KeyOrderEntry] = []
    var start = 0
    while start < order.count {
      // No key stands above this one.
      if order[start].key == .max,
        key(entries[Int(order[start].index)]) == SurveyEntry.noEntity
      {
        break
      }
      let end = groupEnd(order, start, order.count, key)
      if (start..<end).contains(where: { isRelevant(Int(order[$0].index)) }) {
        for place in start..<end { part.append(order[place]) }
      }
      start = end
      if part.count >= Self.groupBatch {
        try walk(part, key, source, body)
        part.removeAll(keepingCapacity: true)
      }
    }
    try walk(part, key, source, body)
  }

  /// Keys looked up at a time.
  private static let groupBatch = 4096

  /// End of the group of equal keys that begins at `start`. Nearly every key differs in its first bits,
  /// which stand in the order itself; entries lie anywhere in memory.
  private func groupEnd(
    _ order: borrowing MappedArray<KeyOrderEntry>, _ start: Int, _ limit: Int,
    _ key: (borrowing SurveyEntry) -> Fingerprint
  ) -> Int {
    var end = start + 1
    while end < limit, order[end].key == order[start].key,
      key(entries[Int(order[end].index)]) == key(entries[Int(order[start].index)])
    {
      end += 1
    }
    return end
  }

  private func walk<State>(
    _ part: [KeyOrderEntry], _ key: (borrowing SurveyEntry) -> Fingerprint,
    _ source: StateSource<State>, _ body: (Span<KeyOrderEntry>, State?) throws -> Void
  ) throws {
    guard !part.isEmpty else { return }
    var keys: [Fingerprint] = []
    // Where each group ends; one for each key.
    var ends: [Int] = []
    var start = 0
    while start < part.count {
      let fingerprint = key(entries[Int(part[start].index)])
      var end = start + 1
      while end < part.count, part[end].key == part[start].key,
        key(entries[Int(part[end].index)]) == fingerprint
      {
        end += 1
      }
      keys.append(fingerprint)
      ends.append(end)
      start = end
    }
    let states = try source.fetch(keys)
    var next = 0
    start = 0
    for (fingerprint, end) in zip(keys, ends) {
      while next < states.count, source.key(states[next]) < fingerprint { next += 1 }
      let isKnown = next < states.count && source.key(states[next]) == fingerprint
      try body(part.span.extracting(start..<end), isKnown ? states[next] : nil)
      start = end
    }
  }
}

/// Room for one chunk while it is surveyed.
private final class SurveySlot {
  var chunk = RecordChunk(columnCount: 0, stride: 0)
  private var elements: ElementChunk
  private var keys: RecordKeys
  private(set) var entries: [SurveyEntry] = []
  private(set) var secrecy = SecrecyCount()

  init(elements: ElementChunk, keys: RecordKeys) {
    self.elements = elements
    self.keys = keys
  }

  func examine(_ standardizer: Standardizer, _ secrecyTest: SecrecyTest?) {
    entries.removeAll(keepingCapacity: true)
    secrecy = SecrecyCount()
    standardizer.standardize(&chunk, into: &elements)
    for row in 0..<elements.recordCount {
      entries.append(keys.entry(elements, row, raw: chunk.raws[row]))
    }
    secrecyTest?.count(elements, chunk, into: &secrecy)
  }

  /// Reads which returns the records answer.
  func findAnswers(column: Int, stream: UInt16) {
    for row in entries.indices {
      let field = chunk.field(row, column)
      guard !field.isAbsent,
        let key = Fingerprint(hexadecimal: elements.text.string(field)), key.isInStream(stream),
        key != entries[row].record
      else { continue }
      entries[row].answers = key
    }
  }
}

/// Prior states by ascending keys.
struct StateSource<State> {
  var fetch: ([Fingerprint]) throws -> [State]
  var key: (State) -> Fingerprint
}

extension WarehouseEngine {
  func recordStateSource() -> StateSource<RecordState> {
    StateSource(fetch: { try self.recordStates($0) }, key: \.key)
  }

  func entityStateSource() -> StateSource<EntityState> {
    StateSource(fetch: { try self.entityStates($0) }, key: \.key)
  }
}

/// Records of a delivery that must not enter because of their secrecy level.
struct SecrecyCount: Equatable {
  /// Their level is one of those that must not enter.
  var classified = 0
  /// Nobody can read their level, so that it may be any (design.md D7, fail closed).
  var unreadable = 0

  mutating func add(_ other: Self) {
    classified += other.classified
    unreadable += other.unreadable
  }
}

/// Whether a record is too secret to enter; compiled from the code list of the secrecy element.
struct SecrecyTest {
  private let column: Int
  private let codes: Set<Int>
  private let matcher: LabelMatcher
  /// Bytes that may stand between two cells of a record that could not be taken apart.
  private let cellEnds: Set<UInt8>

  /// - Returns: nil if the category carries no secrecy level.
  init?(_ plan: DeliveryPlan) {
    let element = plan.configuration.secrecyElement
    guard let column = plan.column(element),
      let list = plan.category.elements[column].element.codeList.flatMap(plan.catalog.codeList)
    else { return nil }
    self.column = column
    codes = Set(plan.configuration.secrecyCodes.compactMap { list.index(of: $0) })
    matcher = LabelMatcher(
      list,
      adapterCodes: plan.mapping.columns.filter { $0.element == element }.map(\.codes))
    cellEnds = Set(",;|<>\t\"\r\n".utf8).union([plan.adapter.delimiter])
  }

  /// Adds the records of a chunk.
  ///
  /// A record whose columns may have shifted is not asked for its level, which may be any other cell;
  /// only a label that fills a cell of its own says there that it is classified.
  ///
  /// - Parameters:
  ///   - elements: The records, standardized; their text holds what `chunk` refers to.
  ///   - chunk: The same records as read.
  func count(
    _ elements: borrowing ElementChunk, _ chunk: borrowing RecordChunk,
    into count: inout SecrecyCount
  ) {
    var next = 0
    for row in 0..<elements.recordCount {
      var isFaulty = false
      var standsInPlace = true
      while next < chunk.faults.count, chunk.faults[next].row == row {
        isFaulty = true
        standsInPlace = standsInPlace && chunk.faults[next].leavesColumnsInPlace
        next += 1
      }
      if standsInPlace, isCounted(elements, row, &count) { continue }
      if isFaulty, holdsLabel(elements.text.span.extracting(chunk.raws[row].range)) {
        count.classified += 1
      }
    }
  }

  private func isCounted(
    _ chunk: borrowing ElementChunk, _ row: Int, _ count: inout SecrecyCount
  ) -> Bool {
    let number = chunk.columns[column].numbers[row]
    switch chunk.columns[column].states[row] {
    case .null: return false
    case .present where codes.contains(Int(number)): count.classified += 1
    // A value that the list does not know yet.
    case .present where number < 0: count.unreadable += 1
    case .present: return false
    case .unreadable:
      let text = chunk.text.span.extracting(chunk.columns[column].texts[row].range)
      if isLabel(text) { count.classified += 1 } else { count.unreadable += 1 }
    }
    return true
  }

  private func holdsLabel(_ raw: Span<UInt8>) -> Bool {
    var start = 0
    for index in raw.indices where cellEnds.contains(raw[index]) {
      if isLabel(raw.extracting(start..<index)) { return true }
      start = index + 1
    }
    return isLabel(raw.extracting(start..<raw.count))
  }

  /// Whether a cell is a label of a level that must not enter, alone (秘密), with its code (2-秘密) or
  /// with the term of an official marking (秘密★10年). A code alone may be anything.
  private func isLabel(_ cell: Span<UInt8>) -> Bool {
    guard cell.indices.contains(where: { isLetter(cell[$0]) }) else { return false }
    var end = 0
    while end < cell.count, !isStar(cell, at: end) { end += 1 }
    switch matcher.match(cell.extracting(0..<end)) {
    case .code(let index, let isCode): return !isCode && codes.contains(index)
    case .many(let indices): return indices.contains { codes.contains($0) }
    case .contradiction(let code, let label):
      return codes.contains(code) || codes.contains(label)
    case .undecidable, .unknown: return false
    }
  }

  /// Whether a byte begins a letter or an ideograph, and no digit or sign of half or full width.
  private func isLetter(_ byte: UInt8) -> Bool {
    byte < 0x80 ? (byte | 0x20) &- 0x61 <= 25 : byte >= 0xC2 && byte != 0xEF
  }

  private func isStar(_ cell: Span<UInt8>, at index: Int) -> Bool {
    cell[index] == 0xE2 && index + 2 < cell.count && cell[index + 1] == 0x98
      && cell[index + 2] == 0x85
  }
}

extension RecordFault {
  /// Whether the fields of the record are still those of their columns.
  fileprivate var leavesColumnsInPlace: Bool {
    switch kind {
    case .undecodableBytes, .controlCharacter, .gatheredLines: true
    case .strayQuote: found == expected
    case .fieldCount, .unclosedQuote, .recordSize, .fieldLimit, .malformed, .duplicateName,
      .nesting:
      false
    }
  }
}
