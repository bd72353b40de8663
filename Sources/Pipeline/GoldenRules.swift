import Catalog
import Reconciliation
import Records
import Standardization
import Validation

/// The composer of one entity, and the conditions under which records and rules count; compiled once.
struct GoldenRules {
  let composer: GoldenComposer
  /// Identifiers of the elements that composing looks at.
  let elements: Set<String>
  /// Condition of the entity, then of each rule.
  private let conditions: [CompiledExpression?]
  private let context: EvaluationContext
  private let systemCodes: [String]
  private let places: [String: Int]
  private let isTyped: [Bool]
  private let agencyColumn: Int?

  init(
    _ catalog: Catalog, _ entity: GoldenEntity, _ category: Category, _ moment: RunMoment,
    _ configuration: RunConfiguration
  ) throws {
    composer = GoldenComposer(
      entity, catalog.authority, category, on: CivilDate(dayNumber: moment.night),
      timeElement: configuration.updateTimeElement,
      recordIDElement: configuration.recordIDElement)
    let scope = ExpressionScope(catalog: catalog, category: category)
    let expressions = [entity.when] + composer.rules.map(\.when)
    conditions = try expressions.map { try $0.map { try CompiledExpression($0, scope: scope) } }
    var names = Set(entity.elements + entity.matchKey + composer.orderElements(category))
    for expression in expressions.compactMap({ $0 }) {
      expression.root.visit { if case .element(let name, _, _) = $0 { names.insert(name) } }
    }
    agencyColumn = category.column(of: catalog.authority.agencyElement)
    if agencyColumn != nil { names.insert(catalog.authority.agencyElement) }
    elements = names
    context = EvaluationContext(
      today: moment.today, night: moment.night, now: moment.now, calendar: catalog.calendar)
    systemCodes = catalog.systems.sorted { $0.order < $1.order }.map(\.id)
    places = Dictionary(
      systemCodes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    isTyped = category.elements.map { [.number, .date, .dateTime].contains($0.element.type) }
  }

  /// - Parameters:
  ///   - systems: Codes, by row of the chunk; rows behind them are no records.
  ///   - home: The home system of an agency.
  /// - Returns: The rows as members, and which of them speak of the entity at all.
  func members(
    _ chunk: ElementChunk, systems: [String], home: (String) -> String?
  ) -> (GoldenMembers, speaks: [Bool]) {
    var scratch = ExpressionScratch()
    var truths: [Truth] = []
    let applies = conditions.map { condition -> [Bool] in
      guard let condition else { return Array(repeating: true, count: chunk.recordCount) }
      _ = condition.evaluate(chunk, context: context, scratch: &scratch, into: &truths)
      return truths.map { $0 == .true }
    }
    let homes = systems.indices.map { row -> Int in
      guard let agencyColumn, chunk.columns[agencyColumn].states[row] == .present else { return -1 }
      let agency = chunk.text.string(chunk.columns[agencyColumn].texts[row])
      return home(agency).flatMap { places[$0] } ?? -1
    }
    return (
      GoldenMembers(
        chunk: chunk, isTyped: isTyped, systemCodes: systemCodes + ["?"],
        systems: systems.map { places[$0] ?? systemCodes.count }, homes: homes,
        applies: Array(applies.dropFirst())), applies[0]
    )
  }
}
