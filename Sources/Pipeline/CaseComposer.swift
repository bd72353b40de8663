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

/// What one system says in a worked case, as text by element.
package struct CaseSaying: Sendable {
  package var system: String
  /// Of the record.
  package var category: String
  /// Of the record.
  package var values: [String: String]
  /// The row inside the record that speaks in its place.
  package var row: (table: String, values: [String: String])?

  package init(
    system: String, category: String, values: [String: String],
    row: (table: String, values: [String: String])? = nil
  ) {
    self.system = system
    self.category = category
    self.values = values
    self.row = row
  }
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
  ///   - records: What the systems say; not empty.
  ///   - homes: Home system by agency.
  ///   - today: Days since 1970-01-01.
  /// - Throws: What the linter would have reported.
  package func compose(
    _ records: [CaseSaying], entity name: String,
    homes: [String: String], today: Int
  ) throws -> ComposedCase {
    guard let entity = catalog.authority.entity(name),
      let category = catalog.category(entity.category), !records.isEmpty
    else { throw PipelineError(.configuration, "entity \(name) is not defined") }
    let rules = try GoldenRules(
      catalog, entity, category,
      RunMoment(night: today, today: today, now: Int64(today) * 86_400 + 7200), configuration)
    let chunk = judge.standardized(try records.map { try values($0, entity) }, category, "")
    let places = try records.map { try place(of: $0, entity) }
    let (members, speaks) = rules.members(
      chunk, systems: records.map(\.system), places: places, home: { homes[$0] })
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

  private func place(of saying: CaseSaying, _ entity: GoldenEntity) throws -> GoldenPlace {
    guard let row = saying.row else { return .record }
    guard
      let index = entity.childRows.firstIndex(where: {
        $0.category == saying.category && $0.table == row.table
      })
    else {
      throw PipelineError(
        .configuration, "rows of \(saying.category) \(row.table) do not speak of \(entity.id)")
    }
    return GoldenPlace(speaker: index + 1, ordinal: 1)
  }

  /// What is said, by element of the entity's category.
  private func values(_ saying: CaseSaying, _ entity: GoldenEntity) throws -> [String: String] {
    let place = try place(of: saying, entity)
    guard let row = saying.row, place != .record,
      let holder = catalog.category(saying.category),
      let category = catalog.category(entity.category)
    else { return saying.values }
    var values: [String: String] = [:]
    for element in category.elements.map(\.element.identifier) {
      switch entity.childRows[place.speaker - 1].source(of: element, in: entity, holder) {
      case .row(let name): values[element] = row.values[name]
      case .record: values[element] = saying.values[element]
      case nil: break
      }
    }
    return values
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
