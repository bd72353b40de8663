import Catalog
import Pipeline
import PipelineDefinition
import Records

/// Compares what a worked case expects to be composed with what the product composes.
struct AuthorityCaseRunner {
  private let composer: CaseComposer
  private let configuration: RunConfiguration
  private let categories: [String: String]

  init(_ catalog: Catalog, _ configuration: RunConfiguration) {
    composer = CaseComposer(catalog, configuration)
    self.configuration = configuration
    categories = Dictionary(
      catalog.authority.entities.map { ($0.id, $0.category) },
      uniquingKeysWith: { first, _ in first })
  }

  /// - Returns: A sentence per difference; empty if the case passes.
  func differences(_ test: AuthorityCase, in file: WorkedCaseFile) throws -> [String] {
    let records = test.records.map { saying in
      let category = saying.category ?? categories[test.entity] ?? ""
      var record = file.record(saying.given, category: category)
      // The base record is one system's; the others' name themselves.
      if saying.given[configuration.systemElement] == nil {
        record[configuration.systemElement] = saying.system
      }
      return CaseSaying(
        system: saying.system, category: category, values: record,
        row: saying.row.map { row in (row.table, row.values.compactMapValues { $0 }) })
    }
    let today = (test.today ?? file.today)?.dayNumber ?? 0
    let found = try composer.compose(
      records, entity: test.entity, homes: test.homes, today: today)
    var lines = found.strangers.map {
      "record \($0 + 1) does not speak of the same \(test.entity) as record 1"
    }
    lines += differences(
      "decision", Set(test.decisions.map { "\($0.rule) \($0.basis.rawValue) record \($0.winner)" }),
      Set(found.decisions.map { "\($0.rule) \($0.basis) record \($0.winner + 1)" }))
    lines += differences(
      "conflict", Set(test.conflicts.map { "\($0.rule) record \($0.record) \($0.element)" }),
      Set(found.conflicts.map { "\($0.rule) record \($0.record + 1) \($0.element)" }))
    for (element, expected) in test.values.sorted(by: { $0.key < $1.key }) {
      let value = found.values[element]
      guard value != expected else { continue }
      lines.append(
        "\(element): composed \(value.map { "\"\($0)\"" } ?? "nothing"), expected "
          + (expected.map { "\"\($0)\"" } ?? "nothing"))
    }
    return lines
  }

  private func differences(
    _ what: String, _ expected: Set<String>, _ found: Set<String>
  ) -> [String] {
    expected.subtracting(found).sorted().map { "missing \(what): \($0)" }
      + found.subtracting(expected).sorted().map { "not expected: \(what) \($0)" }
  }
}
