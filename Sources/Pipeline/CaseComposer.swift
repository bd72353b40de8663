package import Catalog
import Reconciliation
import Records

/// What is composed of the records of a worked case, in words of the catalog.
package struct ComposedCase: Sendable {
  package struct Decision: Sendable, Hashable {
    package var rule: String
    /// Place of the record, from 0.
    package var winner: Int
    /// `owner`, `fallback`, `unowned`
    package var basis: String
  }

  package struct Conflict: Sendable, Hashable {
    package var rule: String
    /// Place of the record, from 0.
    package var record: Int
    package var element: String
    package var value: String
  }

  package var decisions: [Decision] = []
  package var conflicts: [Conflict] = []
  /// The golden values by element.
  package var values: [String: String] = [:]
  /// Records that do not speak of the thing that the first one speaks of, from 0.
  package var strangers: [Int] = []
}

/// Composes records given by element, with the same standardizer, conditions and composer as a run.
package struct CaseComposer {
  private let catalog: Catalog
  private let configuration: RunConfiguration
  private let judge: CaseJudge

  package init(_ catalog: Catalog, _ configuration: RunConfiguration) {
    self.catalog = catalog
    self.configuration = configuration
    judge = CaseJudge(catalog, configuration)
  }

  /// - Parameters:
  ///   - records: Text by element, and the system that says so; not empty.
  ///   - homes: Home system by agency.
  ///   - today: Days since 1970-01-01.
  /// - Throws: What the linter would have reported.
  package func compose(
    _ records: [(system: String, values: [String: String])], entity name: String,
    homes: [String: String], today: Int
  ) throws -> ComposedCase {
    guard let entity = catalog.authority.entity(name),
      let category = catalog.category(entity.category), !records.isEmpty
    else { throw PipelineError(.configuration, "entity \(name) is not defined") }
    let rules = try GoldenRules(
      catalog, entity, category,
      RunMoment(night: today, today: today, now: Int64(today) * 86_400 + 7200), configuration)
    let chunk = judge.standardized(records.map(\.values), category, "")
    let (members, speaks) = rules.members(
      chunk, systems: records.map(\.system), home: { homes[$0] })
    let keys = entity.matchKey.compactMap { category.column(of: $0) }
    func key(_ row: Int) -> [String]? {
      guard speaks[row], keys.allSatisfy({ chunk.columns[$0].states[row] == .present }) else {
        return nil
      }
      return keys.map { chunk.text.string(chunk.columns[$0].texts[row]) }
    }
    let first = key(0)
    let rows = records.indices.filter { key($0) == first && first != nil }
    var result = ComposedCase()
    result.strangers = records.indices.filter { !rows.contains($0) }
    guard !rows.isEmpty else { return result }
    let golden = rules.composer.compose(rows, of: members)
    fill(&result, with: golden, chunk, category, rules.composer)
    return result
  }

  private func fill(
    _ result: inout ComposedCase, with golden: GoldenRecord, _ chunk: ElementChunk,
    _ category: Category, _ composer: GoldenComposer
  ) {
    func text(_ row: Int, _ column: Int) -> String {
      chunk.text.string(chunk.columns[column].texts[row])
    }
    result.decisions = golden.decisions.map {
      ComposedCase.Decision(
        rule: composer.rules[$0.rule].id, winner: $0.winner, basis: $0.basis.rawValue)
    }
    result.conflicts = golden.conflicts.map {
      ComposedCase.Conflict(
        rule: composer.rules[$0.rule].id, record: $0.row,
        element: category.elements[$0.column].element.identifier, value: text($0.row, $0.column))
    }
    for column in composer.columns {
      let name = category.elements[column].element.identifier
      if let union = golden.unions[column] {
        result.values[name] = String(decoding: union, as: UTF8.self)
      } else if golden.winners[column] != GoldenRecord.none {
        result.values[name] = text(golden.winners[column], column)
      }
    }
  }
}
