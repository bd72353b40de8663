import Catalog
import Reconciliation
import Records
import Standardization
import Synchronization
import Validation
import Warehouse

/// Composes the golden records of the keys that a publication touches (一数一源), after everything else
/// that opens or closes rows and before the pointer moves.
///
/// Cost follows the night: only keys of rows that came or went are read, those of agencies whose home
/// changed, and all of them only when the policy did. What a killed pass left is taken back first, so that
/// it may be repeated.
///
/// Keys are given out and records stored by one connection, one page after the other; what is said of them is
/// read and composed beside it, on all cores.
struct GoldenPass {
  let bench: ReferenceBench
  let run: RunEntry
  let configuration: RunConfiguration
  let moment: RunMoment
  let progress: any ProgressReporter

  private var engine: any WarehouseEngine { bench.engine }
  private var catalog: Catalog { bench.catalog }

  func apply() throws {
    let policy = catalog.authority
    guard !policy.entities.isEmpty else { return }
    progress.begin(.authority, run.night, total: 0)
    defer { progress.end() }
    let day = CivilDate(dayNumber: moment.night)
    let law = PolicyHash(catalog, day).hexadecimal
    let isAll = try engine.beginGolden(publication: run.publication, policy: law)
    let homes = try AgencyHomes(policy, catalog, engine, publication: run.publication)
    let changed =
      isAll
      ? []
      : homes.differing(
        from: try AgencyHomes(policy, catalog, engine, publication: run.publication - 1))
    var desk = OverrideTally(try engine.overrides(standing: true), on: day)
    let slots = (0..<OrderedWork<GoldenSlot>.coreCount + 2).map { _ in GoldenSlot() }
    for entity in policy.entities {
      guard let category = catalog.category(entity.category) else { continue }
      let asksForHomes = policy.rules(for: entity.id).contains {
        ([$0.owner] + $0.fallback).contains(.homeOfAgency)
      }
      var count = try engine.collectGoldenKeys(
        entity, publication: run.publication, run: run.id, all: isAll,
        agencyElement: policy.agencyElement,
        agencies: asksForHomes && category.column(of: policy.agencyElement) != nil ? changed : [])
      let keys = desk.keys(of: entity)
      if !keys.isEmpty {
        count = try engine.collectGoldenKeys(entity, keys: keys, alone: false)
      }
      guard count > 0 else { continue }
      let golden = try GoldenBench(bench, entity, category, homes, moment, configuration)
      try compose(golden, desk.candidates(of: entity), slots) { desk.count($0) }
    }
    try engine.settleOverrides(
      desk.counting, ended: desk.ended, publication: run.publication)
    try engine.endGolden(publication: run.publication, policy: law, run: run.id)
  }

  /// - Parameters:
  ///   - stated: What people state of the entity.
  ///   - count: Called with what of it counts.
  private func compose(
    _ golden: GoldenBench, _ stated: [StewardOverride], _ slots: [GoldenSlot],
    _ count: (StewardOverride) -> Void
  ) throws {
    let counting = Mutex<[StewardOverride]>([])
    let line = OrderedWork(
      slots: slots,
      work: { [engine, run] slot in
        let finder = try slot.finder ?? engine.rowFinders(1)[0]
        slot.finder = finder
        let page = try golden.page(slot.keys, finder, publication: run.publication)
        slot.composed = try golden.compose(page, stated, publication: run.publication)
      },
      settle: { [engine] slot in
        guard let composed = slot.composed.take() else { return }
        try engine.storeGolden(composed.update)
        counting.withLock { $0 += composed.counting }
      })
    try line.finish(after: {
      try golden.forEachKeys { keys in try line.submit { $0.keys = keys } }
    })
    counting.withLock { $0 }.forEach(count)
  }
}

/// Room for one page of keys.
private final class GoldenSlot {
  var keys = GoldenKeys(elementCount: 0)
  var composed: GoldenBench.Composed?
  var finder: (any RowFinder)?
}

/// Everything that decides between values, as one number: the rules, the order of the systems, the day on
/// which rules begin and end.
struct PolicyHash {
  let hexadecimal: String

  init(_ catalog: Catalog, _ day: CivilDate) {
    let held = catalog.authority.rules.filter { $0.holds(on: day) }.map(\.id)
    let text =
      "\(catalog.authority.hash)|\(held.joined(separator: ","))|"
      // What the losing side may be told.
      + "\(catalog.sharing?.contentHash ?? "")|"
      + catalog.systems.map { "\($0.id)=\($0.order)" }.joined(separator: ",")
    hexadecimal = Fingerprint(of: Array(text.utf8).span).hexadecimal
  }
}

/// The table of agencies behind `OWNER`: the system whose records name an agency is its home; of several
/// the one with the most, then the first in order; before all what a person decided.
struct AgencyHomes {
  private var systems: [String: String] = [:]

  init(
    _ policy: AuthorityPolicy, _ catalog: Catalog, _ engine: any WarehouseEngine,
    publication: Int64
  ) throws {
    guard publication > 0, !policy.agencyCategory.isEmpty else {
      self.init(policy, catalog, [])
      return
    }
    self.init(
      policy, catalog,
      try engine.agencyMentions(
        category: policy.agencyCategory, element: policy.agencyElement, publication: publication))
  }

  init(_ policy: AuthorityPolicy, _ catalog: Catalog, _ mentions: [AgencyMention]) {
    var best: [String: AgencyMention] = [:]
    func isBetter(_ mention: AgencyMention, than other: AgencyMention) -> Bool {
      if mention.recordCount != other.recordCount {
        return mention.recordCount > other.recordCount
      }
      return order(mention.system) < order(other.system)
    }
    func order(_ system: String) -> Int { catalog.system(system)?.order ?? .max }
    for mention in mentions
    where best[mention.agency].map({ isBetter(mention, than: $0) }) ?? true {
      best[mention.agency] = mention
    }
    systems = best.mapValues(\.system)
    for home in policy.agencyHomes { systems[home.agency] = home.system }
  }

  /// Code of the home system; nil if nobody names the agency.
  func system(of agency: String) -> String? { systems[agency] }

  /// Agencies with another home, in order.
  func differing(from other: Self) -> [String] {
    Set(systems.keys).union(other.systems.keys).filter { systems[$0] != other.systems[$0] }
      .sorted()
  }
}

/// What it takes to compose the records of one entity; compiled once for a run.
struct GoldenBench {
  let records: StoredRecords
  var composer: GoldenComposer { rules.composer }
  private let rules: GoldenRules
  private let entity: GoldenEntity
  private let category: Category
  private let bench: ReferenceBench
  private let homes: AgencyHomes
  private let disclosure: Disclosure
  /// By rule of the composer: its place in the policy.
  private let rulePlaces: [Int]

  init(
    _ bench: ReferenceBench, _ entity: GoldenEntity, _ category: Category, _ homes: AgencyHomes,
    _ moment: RunMoment, _ configuration: RunConfiguration
  ) throws {
    self.bench = bench
    self.entity = entity
    self.category = category
    self.homes = homes
    rules = try GoldenRules(bench.catalog, entity, category, moment, configuration)
    records = StoredRecords(
      bench.catalog, category,
      columns: rules.elements.compactMap { category.column(of: $0) }.sorted())
    disclosure = Disclosure(bench, moment)
    rulePlaces = rules.composer.rules.map { rule in
      bench.catalog.authority.rules.firstIndex { $0.id == rule.id } ?? 0
    }
  }

  /// Keys of one page: enough that a transaction costs nothing, few enough that memory is small.
  private static let pageSize = 512

  /// Visits the keys that the engine has collected.
  func forEachKeys(_ body: (GoldenKeys) throws -> Void) throws {
    var last: Int64 = 0
    while true {
      let keys = try bench.engine.goldenKeys(entity, after: last, limit: Self.pageSize)
      guard let end = keys.ids.last else { return }
      try body(keys)
      last = end
    }
  }

  /// Reads what is said of keys.
  func page(
    _ keys: GoldenKeys, _ finder: any RowFinder, publication: Int64
  ) throws -> GoldenPage {
    try finder.goldenPage(
      keys, of: entity, elements: records.elements, publication: publication)
  }

  /// Visits the keys that the engine has collected with what is said of them.
  func forEachPage(publication: Int64, _ body: (GoldenPage) throws -> Void) throws {
    try forEachKeys { try body(page($0, bench.engine, publication: publication)) }
  }

  /// What was composed of a page.
  struct Composed {
    let update: GoldenUpdate
    /// What people state and counts.
    let counting: [StewardOverride]
  }

  /// Composes every key of a page.
  ///
  /// - Parameter overrides: What people state of the entity.
  func compose(
    _ page: GoldenPage, _ overrides: [StewardOverride], publication: Int64
  ) throws -> Composed {
    var batch = GoldenBatch(entity, category, publication: publication, keys: page.keys)
    var counting: [StewardOverride] = []
    let stated = StatedRows(page, overrides, entity, records.elements)
    try forEachRecord(stated.page, of: page.rows.count, alone: stated.probes) {
      composed, key, memberCount, members in
      var record = composed
      let probe = page.rows.probes[record.base]
      for (override, row) in stated.rows[probe] ?? [] {
        let replaced = override.values.compactMap { value in
          category.column(of: value.element).map { ($0, value.replaced.map { Array($0.utf8) }) }
        }
        if record.overrule(override.id, row: row, replaced: replaced, of: members) {
          counting.append(override)
        }
      }
      // Of a whole category the row of a single record is the golden record itself.
      guard !isWhole || memberCount > 1 || !record.overrides.isEmpty else { return }
      try batch.append(
        record, key: key, memberCount: memberCount, of: members, stated.page.rows, composer
      ) { try finding($0, members, stated.page) }
    }
    return Composed(update: batch.update, counting: counting)
  }

  /// Conflicts of a page's keys as findings on the records that differ.
  func conflicts(_ page: GoldenPage) throws -> [ConflictFinding] {
    var found: [ConflictFinding] = []
    try forEachRecord(page, of: page.rows.count) { record, _, _, members in
      found += try record.conflicts.map { try finding($0, members, page) }
    }
    return found
  }

  /// What stands for the keys of a page, by the number of the key, in canonical text by identifier; nothing for
  /// a key of which nobody speaks.
  func values(_ page: GoldenPage) throws -> [Int64: [String: String]] {
    var values: [Int64: [String: String]] = [:]
    try forEachRecord(page, of: page.rows.count, alone: Set(page.rows.probes)) {
      record, key, _, members in
      var texts: [String: String] = [:]
      for name in entity.elements {
        texts[name] = category.column(of: name).flatMap { record.value($0, of: members) }.map {
          String(decoding: $0, as: UTF8.self)
        }
      }
      values[key] = texts
    }
    return values
  }

  private var isWhole: Bool { entity.id == category.id }

  /// - Parameters:
  ///   - count: How many of the page's rows are records.
  ///   - alone: Probes that are composed even if only one record speaks.
  ///   - body: Gets a composed record, the number of its key and how many records speak of it.
  private func forEachRecord(
    _ page: GoldenPage, of count: Int, alone: Set<Int32> = [],
    _ body: (GoldenRecord, Int64, Int, GoldenMembers) throws -> Void
  ) throws {
    let (members, speaks) = try members(of: page, count)
    var start = 0
    while start < count {
      let probe = page.rows.probes[start]
      var end = start + 1
      while end < count, page.rows.probes[end] == probe { end += 1 }
      let rows = (start..<end).filter { speaks[$0] }
      if rows.count > (isWhole && !alone.contains(probe) ? 1 : 0) {
        try body(composer.compose(rows, of: members), page.keys[Int(probe)], rows.count, members)
      }
      start = end
    }
  }

  /// - Parameter count: How many of the page's rows are records.
  private func members(
    of page: GoldenPage, _ count: Int
  ) throws -> (GoldenMembers, speaks: [Bool]) {
    rules.members(
      records.chunk(page.rows),
      systems: try page.rows.rowIDs.prefix(count).map { try bench.delivery($0 >> 32).system },
      places: page.places, home: { homes.system(of: $0) })
  }

  private func finding(
    _ conflict: GoldenConflict, _ members: GoldenMembers, _ page: GoldenPage
  ) throws -> ConflictFinding {
    let element = category.elements[conflict.column].element
    var text: TextArena = []
    let value = text.appendShown(
      members.chunk.columns[conflict.column].texts[conflict.row], in: members.chunk.text,
      tier: element.tier)
    let place = page.places[conflict.row]
    return ConflictFinding(
      row: page.rows.rowIDs[conflict.row],
      ordinal: ConflictFinding.ordinal(
        rulePlaces[conflict.rule], column: conflict.column, place),
      rule: composer.rules[conflict.rule], element: element.identifier,
      value: text.string(value),
      expected: words(of: place) + (try expected(conflict, members, page)))
  }

  /// Which row inside the record differs, in the words of findings of such rows; empty for the
  /// record itself.
  private func words(of place: GoldenPlace) -> String {
    guard place != .record else { return "" }
    let rows = entity.childRows[place.speaker - 1]
    let title = bench.catalog.category(rows.category)?.child(rows.table)?.title ?? rows.table
    return "第\(place.ordinal)个\(title):"
  }

  /// What the losing side is told: the owner's value if it may read it (semantics.md §11). What may
  /// be read of rows inside records is decided row by row and not here: their values are not told.
  private func expected(
    _ conflict: GoldenConflict, _ members: GoldenMembers, _ page: GoldenPage
  ) throws -> String {
    let code = members.systemCodes[members.systems[conflict.winner]]
    let owner = bench.catalog.system(code)?.name ?? code
    guard page.places[conflict.winner] == .record,
      try disclosure.mayTell(page.rows.rowIDs[conflict.winner], conflict.column, of: category)
    else { return "与权威来源(\(owner))不一致" }
    let text = members.chunk.text.string(
      members.chunk.columns[conflict.column].texts[conflict.winner])
    return "权威来源(\(owner))为\(text)"
  }
}
