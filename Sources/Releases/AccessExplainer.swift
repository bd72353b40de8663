package import Access
package import Catalog
import Records
import Sharing
import Standardization
import Warehouse
package import WarehouseSQLite

/// Explains what a reader sees of the records with one key, with the rights that the reader has at one moment.
///
/// The explanation asks the very plans that exports and tier files are made by, so it cannot say something
/// else than what they do.
package struct AccessExplainer {
  private let catalog: Catalog
  private let category: Category
  private let keys: RecordKeys
  private let reader: CanonicalReader
  private let secret: [UInt8]

  package init(
    _ catalog: Catalog, _ category: Category, keys: RecordKeys, secret: [UInt8]
  ) {
    self.catalog = catalog
    self.category = category
    self.keys = keys
    reader = CanonicalReader(catalog, category)
    self.secret = secret
  }

  /// - Parameters:
  ///   - person: Whose view it is.
  ///   - cases: All requests of the store.
  ///   - now: Seconds since 1970-01-01T00:00:00Z.
  package func explain(
    _ key: SubjectKey, for person: Person, _ cases: [ShareCase], _ marks: ObjectionMarks,
    in rows: PublishedRows, now: Int64
  ) throws -> AccessExplanation {
    let own = cases.filter { one in
      one.grant.map { $0.department == person.department && $0.category == category.id } ?? false
    }
    let active = own.compactMap(\.grant).filter { $0.isActive(at: now) }
    let base = catalog.approvals.baseTier(of: person.department)
    let bench = try Bench(
      plans: [ReleasePlan(.tier(base), catalog, category, secret: secret)]
        + active.map { try ReleasePlan(.grant($0), catalog, category, secret: secret) },
      hypotheses: try hypotheses(above: base), catalog: catalog,
      closed: own.compactMap { one in
        one.grant.flatMap { $0.isActive(at: now) ? nil : ($0, one.state(at: now)) }
      })
    var result = AccessExplanation(
      reader: person, baseTier: base, publication: rows.publication, category: category,
      grants: active, records: [])
    try rows.visit(PublishedSelection(category: category.id, values: keys.values(of: key))) {
      chunk in
      let canonical = reader.read(&chunk.records)
      let found = chunk.rowIDs.indices.filter { keys.key(canonical.records, $0) == key }
      guard !found.isEmpty else { return true }
      let outcomes = bench.plans.map { $0.decide(canonical, now: now) }
      let imagined = bench.hypotheses.map { $0.plan.decide(canonical, now: now) }
      for row in found {
        var view = RecordView(bench, canonical, row, outcomes, imagined)
        result.records.append(
          view.record(chunk.rowIDs[row], key: key, marks: marks.marks(of: key)))
      }
      return true
    }
    return result
  }

  /// For each tier from the reader's on, a grant of that tier over all that could be asked for in it.
  private func hypotheses(above base: SharingTier) throws -> [(
    tier: SharingTier, plan: ReleasePlan
  )] {
    guard let policy = catalog.sharing else { return [] }
    return try SharingTier.allCases.sorted().filter {
      $0 >= base && policy.tier(ofCategory: category.id) <= $0
    }.map { tier in
      let names = category.elements.map(\.element).filter {
        policy.tier(of: $0, in: category.id) <= tier
      }
      return (
        tier,
        try ReleasePlan(
          imagining: names.map(\.identifier), tier, catalog, category, secret: secret)
      )
    }
  }
}

/// What an explanation asks of every record.
private struct Bench {
  var plans: [ReleasePlan]
  var hypotheses: [(tier: SharingTier, plan: ReleasePlan)]
  var catalog: Catalog
  var closed: [(grant: Grant, state: ShareState)]
}

/// One record under all sources of rights.
private struct RecordView {
  private let bench: Bench
  private let chunk: CanonicalChunk
  private let row: Int
  private let outcomes: [ReleasePlan.Outcome]
  private let imagined: [ReleasePlan.Outcome]
  private var category: Category { bench.plans[0].category }

  init(
    _ bench: Bench, _ chunk: CanonicalChunk, _ row: Int, _ outcomes: [ReleasePlan.Outcome],
    _ imagined: [ReleasePlan.Outcome]
  ) {
    self.bench = bench
    self.chunk = chunk
    self.row = row
    self.outcomes = outcomes
    self.imagined = imagined
  }

  /// Where a value stands.
  private struct Place {
    var column: Int
    /// Index in ``CanonicalChunk/children``, row of the list, and row within the record from 1.
    var child: (list: Int, row: Int, ordinal: Int)?
  }

  mutating func record(
    _ id: Int64, key: SubjectKey, marks: [ObjectionMark]
  ) -> AccessExplanation.Record {
    let isReleased = outcomes.contains { $0.isReleased(row) }
    var cells = category.elements.indices.map { cell(Place(column: $0), isReleased) }
    for (list, rows) in chunk.children.enumerated() {
      let own = rows.owners.indices.filter { Int(rows.owners[$0]) == row }
      for (ordinal, index) in own.enumerated() {
        for column in category.children[rows.table].elements.indices {
          cells.append(
            cell(Place(column: column, child: (list, index, ordinal + 1)), isReleased))
        }
      }
    }
    let decision = outcomes[0].decisions.rows[row]
    return AccessExplanation.Record(
      row: id, key: key, isReleased: isReleased,
      rule: isReleased ? nil : rule(decision.reason, decision.isUnknown, bench.plans[0]),
      marks: marks, cells: cells)
  }

  private func rule(_ reason: Int, _ isUnknown: Bool, _ plan: ReleasePlan) -> DecidingRule {
    var grant: Grant?
    if case .grant(let found) = plan.source { grant = found }
    return DecidingRule(
      plan.plan.reasons[reason], isUnknown: isUnknown, in: category, bench.catalog, grant: grant)
  }

  private func element(_ place: Place) -> DataElement {
    guard let child = place.child else { return category.elements[place.column].element }
    let table = chunk.children[child.list].table
    return category.children[table].elements[place.column].element
  }

  private func columns(_ plan: ReleasePlan, _ place: Place) -> [Int] {
    place.child.map { plan.childColumns[chunk.children[$0.list].table] } ?? plan.columns
  }

  private func decisions(_ outcome: ReleasePlan.Outcome, _ place: Place) -> ColumnDecisions {
    guard let child = place.child else { return outcome.decisions.columns[place.column] }
    return outcome.decisions.children[chunk.children[child.list].table][place.column]
  }

  /// What a source does with a value, and why.
  private func decision(_ outcome: ReleasePlan.Outcome, _ place: Place) -> CellDecision {
    let whole = outcome.decisions.rows[row]
    guard whole.isKept else {
      return CellDecision(
        outcome: .withheld, isUnknown: whole.isUnknown, reason: whole.reason)
    }
    return decisions(outcome, place).cell(place.child?.row ?? row)
  }

  private func cell(_ place: Place, _ isReleased: Bool) -> AccessExplanation.Cell {
    let element = element(place)
    // The most open source decides; where none is open, the last one that covers the value, since a grant
    // says more of it than the tier that the reader has anyway.
    var best: (source: Int, decision: CellDecision) = (0, decision(outcomes[0], place))
    for (source, outcome) in outcomes.enumerated().dropFirst()
    where outcome.isChosen[row] && columns(bench.plans[source], place).contains(place.column) {
      let found = decision(outcome, place)
      if found.outcome < best.decision.outcome
        || (found.outcome == .withheld && best.decision.outcome == .withheld)
      {
        best = (source, found)
      }
    }
    let plan = bench.plans[best.source]
    let outcome = best.decision.outcome
    let policy = bench.catalog.sharing
    var cell = AccessExplanation.Cell(
      place: place.child.map { child in
        (category.children[chunk.children[child.list].table].name, child.ordinal)
      }, element: element,
      tier: max(
        policy?.tier(of: element, in: category.id) ?? .restricted,
        policy?.tier(ofCategory: category.id) ?? .restricted),
      outcome: outcome, isEmpty: isEmpty(place),
      value: value(place, best.decision, outcomes[best.source]),
      rule: rule(best.decision.reason, best.decision.isUnknown, plan), under: nil)
    switch plan.source {
    case .tier(let tier) where outcome != .withheld: cell.under = tier.rawValue
    case .grant(let grant) where outcome != .withheld:
      cell.under = grant.id
      // The tier of the grant shows it; without the grant the reader would not have that tier.
      if outcome == .shown { cell.rule = DecidingRule(grant) }
    default: break
    }
    guard outcome != .shown else { return cell }
    let opening = bench.hypotheses.indices.first { index in
      decision(imagined[index], place).outcome == .shown
    }
    cell.neededTier = opening.map { bench.hypotheses[$0].tier }
    cell.closedGrants = bench.closed.filter { $0.grant.elements.contains(element.identifier) }
      .map { ($0.grant.id, $0.state) }
    return cell
  }

  private func isEmpty(_ place: Place) -> Bool {
    guard let child = place.child else {
      return chunk.records.columns[place.column].states[row] == .null
    }
    return chunk.children[child.list].rows.columns[place.column].states[child.row] == .null
  }

  private func value(
    _ place: Place, _ decision: CellDecision, _ outcome: ReleasePlan.Outcome
  ) -> String? {
    let index = place.child?.row ?? row
    let source = place.child.map { chunk.children[$0.list].rows } ?? chunk.records
    guard !isEmpty(place) else { return nil }
    switch decision.outcome {
    case .withheld: return nil
    case .shown: return source.text.string(source.columns[place.column].texts[index])
    case .masked:
      let masked = decisions(outcome, place).masked(index)
      return masked.isAbsent ? nil : outcome.decisions.text.string(masked)
    }
  }
}
