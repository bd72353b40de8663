package import Catalog
package import Records

/// Chooses, among the records that speak of one thing, the value of every element.
///
/// A pure function of the records of one key and the rules: nothing depends on the order in which they
/// came, on row numbers or on batch numbers, which are given out as files arrive.
///
/// - Source: semantics.md §4, §6, §11.
package struct GoldenComposer: Sendable {
  /// A rule, with columns of the category.
  private struct OwnedGroup: Sendable {
    var rule: AuthorityRule
    var columns: [Int]
    var tieBreaks: [(column: Int, isLatest: Bool)]
  }

  private struct StrategyGroup: Sendable {
    var kind: ElementStrategy.Kind
    var columns: [Int]
  }

  package let entity: GoldenEntity
  /// Columns of the category that the golden record has, in the order of the entity.
  package let columns: [Int]
  /// The rules of the entity that hold on the day, in the order of the file.
  package var rules: [AuthorityRule] { owned.map(\.rule) }
  private let owned: [OwnedGroup]
  private let strategies: [StrategyGroup]
  private let timeColumn: Int?
  private let recordIDColumn: Int?
  /// By speaker, as in ``GoldenPlace/speaker``: category of the record, as a number.
  private let holders: [Int]
  /// Values of these columns are not to be taken if they came masked (semantics.md §4).
  private let maskable: Set<Int>

  /// - Parameters:
  ///   - day: Of the night; rules that do not hold on it are left out.
  ///   - timeElement: Identifier of the time of change.
  ///   - recordIDElement: Identifier of the source's number of the record.
  package init(
    _ entity: GoldenEntity, _ policy: AuthorityPolicy, _ category: Category, on day: CivilDate,
    timeElement: String, recordIDElement: String
  ) {
    self.entity = entity
    func places(_ names: [String]) -> [Int] { names.compactMap { category.column(of: $0) } }
    columns = places(entity.elements)
    owned = policy.rules(for: entity.id).filter { $0.holds(on: day) }.map { rule in
      OwnedGroup(
        rule: rule, columns: places(rule.elements),
        tieBreaks: rule.tieBreaks.compactMap { tie in
          category.column(of: tie.element).map { ($0, tie.isLatest) }
        })
    }
    strategies = entity.strategies.map {
      StrategyGroup(kind: $0.kind, columns: places($0.elements))
    }
    timeColumn = category.column(of: timeElement)
    recordIDColumn = category.column(of: recordIDElement)
    let categories = [entity.category] + entity.childRows.map(\.category)
    holders = categories.map { categories.firstIndex(of: $0) ?? 0 }
    maskable = Set(
      category.elements.indices.filter { column in
        if case .check = category.elements[column].element.domain { true } else { false }
      })
  }

  /// Identifiers of the category's elements that the composer looks at beyond ``columns``.
  package func orderElements(_ category: Category) -> [String] {
    ([timeColumn, recordIDColumn].compactMap { $0 } + owned.flatMap { $0.tieBreaks.map(\.column) })
      .map { category.elements[$0].element.identifier }
  }

  /// Columns of the category that a rule of ``rules`` decides.
  package func columns(ofRule index: Int) -> [Int] { owned[index].columns }

  /// Composes one golden record.
  ///
  /// - Parameter rows: Of the members, all with one key; not empty.
  package func compose(_ rows: [Int], of members: borrowing GoldenMembers) -> GoldenRecord {
    let order = rows.sorted { isBefore($0, $1, members) }
    var record = GoldenRecord(base: order[0], columnCount: members.chunk.columns.count)
    var isDecided = Set<Int>()
    for (index, group) in owned.enumerated() {
      let open = group.columns.filter { !isDecided.contains($0) }
      guard decide(group, index, open, order, members, &record) else { continue }
      isDecided.formUnion(open)
    }
    for group in strategies {
      let open = group.columns.filter { !isDecided.contains($0) }
      decide(group, open, order, members, &record)
      isDecided.formUnion(open)
    }
    for column in columns where !isDecided.contains(column) {
      record.winners[column] = order.first { hasValue($0, column, members) } ?? GoldenRecord.none
    }
    return record
  }

  // MARK: Owners

  /// - Returns: Whether the rule holds for any of the records.
  private func decide(
    _ group: OwnedGroup, _ index: Int, _ open: [Int], _ order: [Int],
    _ members: borrowing GoldenMembers, _ record: inout GoldenRecord
  ) -> Bool {
    let named = order.filter { members.applies[index][$0] }
    guard !named.isEmpty, !open.isEmpty else { return false }
    let candidates = named.filter { row in open.contains { hasValue(row, $0, members) } }
    guard !candidates.isEmpty else { return true }
    let levels = candidates.map { level(of: $0, group.rule, members) }
    // Sorting is stable on the order of `candidates`, which is total.
    let ranked = candidates.indices.sorted { left, right in
      if levels[left] != levels[right] { return levels[left] < levels[right] }
      let first = compare(candidates[left], candidates[right], group.tieBreaks, members)
      return first == 0 ? left < right : first < 0
    }
    let winner = candidates[ranked[0]]
    let basis = basis(of: levels[ranked[0]])
    for column in open {
      record.winners[column] = hasValue(winner, column, members) ? winner : GoldenRecord.none
    }
    record.decisions.append(GoldenDecision(rule: index, winner: winner, basis: basis))
    guard basis == .owner else { return true }
    // What a system said earlier is its history and no disagreement. It is heard once for each
    // category: rows inside a record mostly repeat what the record says.
    var heard: Set<Voice> = []
    for place in ranked.dropFirst() {
      let row = candidates[place]
      guard members.systems[row] != members.systems[winner],
        heard.insert(voice(of: row, members)).inserted
      else { continue }
      for column in open
      where hasValue(row, column, members) && hasValue(winner, column, members)
        && !isSame(row, winner, column, members)
      {
        record.conflicts.append(
          GoldenConflict(rule: index, column: column, row: row, winner: winner))
      }
    }
    return true
  }

  /// A system, and the category in whose records it speaks.
  private struct Voice: Hashable {
    var system: Int
    var holder: Int
  }

  private func voice(of row: Int, _ members: borrowing GoldenMembers) -> Voice {
    Voice(system: members.systems[row], holder: holders[members.places[row].speaker])
  }

  private static let unowned = Int.max

  private func basis(of level: Int) -> GoldenBasis {
    level == 0 ? .owner : level == Self.unowned ? .unowned : .fallback
  }

  private func level(
    of row: Int, _ rule: AuthorityRule, _ members: borrowing GoldenMembers
  ) -> Int {
    for (place, source) in ([rule.owner] + rule.fallback).enumerated() {
      switch source {
      case .first: return place
      case .system(let code):
        if members.systemCodes[members.systems[row]] == code { return place }
      case .homeOfAgency:
        if members.homes[row] == members.systems[row] { return place }
      }
    }
    return Self.unowned
  }

  // MARK: Strategies

  private func decide(
    _ group: StrategyGroup, _ open: [Int], _ order: [Int], _ members: borrowing GoldenMembers,
    _ record: inout GoldenRecord
  ) {
    if group.kind == .mostComplete {
      let counts = order.map { row in open.count { hasValue(row, $0, members) } }
      guard let most = counts.max(), most > 0, let place = counts.firstIndex(of: most) else {
        return
      }
      for column in open where hasValue(order[place], column, members) {
        record.winners[column] = order[place]
      }
      return
    }
    for column in open {
      let rows = order.filter { hasValue($0, column, members) }
      guard let first = rows.first else { continue }
      switch group.kind {
      case .recency, .mostComplete: record.winners[column] = first
      case .oldest: record.winners[column] = oldest(rows, members)
      case .largest, .smallest:
        let isLargest = group.kind == .largest
        record.winners[column] =
          rows.dropFirst().reduce(first) { best, row in
            let difference = difference(row, best, column, members)
            return (isLargest ? difference > 0 : difference < 0) ? row : best
          }
      case .union:
        record.winners[column] = first
        let all = union(rows, column, members)
        if all != Array(members.chunk.text[members.chunk.columns[column].texts[first].range]) {
          record.unions[column] = all
        }
      }
    }
  }

  private func oldest(_ rows: [Int], _ members: borrowing GoldenMembers) -> Int {
    guard let timeColumn else { return rows[0] }
    return rows.dropFirst().reduce(rows[0]) { best, row in
      guard hasValue(row, timeColumn, members) else { return best }
      guard hasValue(best, timeColumn, members) else { return row }
      return difference(row, best, timeColumn, members) < 0 ? row : best
    }
  }

  /// Every value once, in the order of their bytes.
  private func union(_ rows: [Int], _ column: Int, _ members: borrowing GoldenMembers) -> [UInt8] {
    var parts = Set<[UInt8]>()
    for row in rows {
      let bytes = members.chunk.text[members.chunk.columns[column].texts[row].range]
      for part in bytes.split(separator: UInt8(ascii: ";")) { parts.insert(Array(part)) }
    }
    return Array(
      parts.sorted { $0.lexicographicallyPrecedes($1) }.joined(separator: [UInt8(ascii: ";")]))
  }

  // MARK: Order

  /// The latest change first, then by system, then by the source's number, then the record before
  /// the rows inside it, then by what they say.
  private func isBefore(_ left: Int, _ right: Int, _ members: borrowing GoldenMembers) -> Bool {
    if let timeColumn {
      let first = compare(left, right, [(timeColumn, true)], members)
      if first != 0 { return first < 0 }
    }
    if members.systems[left] != members.systems[right] {
      return members.systems[left] < members.systems[right]
    }
    if let recordIDColumn {
      let difference = difference(left, right, recordIDColumn, members)
      if difference != 0 { return difference < 0 }
    }
    if members.places[left] != members.places[right] {
      return members.places[left] < members.places[right]
    }
    for column in columns {
      let difference = difference(left, right, column, members)
      if difference != 0 { return difference < 0 }
    }
    return left < right
  }

  /// Negative if `left` comes first; a record without a value comes last.
  private func compare(
    _ left: Int, _ right: Int, _ ties: [(column: Int, isLatest: Bool)],
    _ members: borrowing GoldenMembers
  ) -> Int {
    for tie in ties {
      switch (hasValue(left, tie.column, members), hasValue(right, tie.column, members)) {
      case (false, false): continue
      case (true, false): return -1
      case (false, true): return 1
      case (true, true):
        let difference = difference(left, right, tie.column, members)
        if difference != 0 { return tie.isLatest ? -difference : difference }
      }
    }
    return 0
  }

  /// -1, 0 or 1: numbers and dates by their value, texts by their bytes.
  private func difference(
    _ left: Int, _ right: Int, _ column: Int, _ members: borrowing GoldenMembers
  ) -> Int {
    let texts = members.chunk.columns[column].texts
    guard !texts[left].isAbsent, !texts[right].isAbsent else {
      return texts[left].isAbsent == texts[right].isAbsent ? 0 : texts[left].isAbsent ? 1 : -1
    }
    if members.isTyped[column] {
      let numbers = members.chunk.columns[column].numbers
      return numbers[left] == numbers[right] ? 0 : numbers[left] < numbers[right] ? -1 : 1
    }
    let (first, second) = (
      members.chunk.text[texts[left].range], members.chunk.text[texts[right].range]
    )
    if first == second { return 0 }
    return first.lexicographicallyPrecedes(second) ? -1 : 1
  }

  private func isSame(
    _ left: Int, _ right: Int, _ column: Int, _ members: borrowing GoldenMembers
  ) -> Bool {
    difference(left, right, column, members) == 0
  }

  private func hasValue(_ row: Int, _ column: Int, _ members: borrowing GoldenMembers) -> Bool {
    guard members.chunk.columns[column].states[row] == .present else { return false }
    guard maskable.contains(column) else { return true }
    let text = members.chunk.text[members.chunk.columns[column].texts[row].range]
    return !text.contains(UInt8(ascii: "*"))
  }
}
