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
  /// Of each rule.
  private let conditions: [CompiledExpression?]
  /// Of the entity's records, then of each kind of rows inside records.
  private let speakerConditions: [CompiledExpression?]
  private let context: EvaluationContext
  private let systemCodes: [String]
  private let systemPlaces: [String: Int]
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
    func compiled(_ expressions: [Expression?]) throws -> [CompiledExpression?] {
      try expressions.map { try $0.map { try CompiledExpression($0, scope: scope) } }
    }
    let ofRules = composer.rules.map(\.when)
    let ofSpeakers = [entity.when] + entity.childRows.map(\.when)
    conditions = try compiled(ofRules)
    speakerConditions = try compiled(ofSpeakers)
    var names = Set(entity.elements + entity.matchKey + composer.orderElements(category))
    for expression in (ofRules + ofSpeakers).compactMap({ $0 }) {
      expression.root.visit { if case .element(let name, _, _) = $0 { names.insert(name) } }
    }
    agencyColumn = category.column(of: catalog.authority.agencyElement)
    if agencyColumn != nil { names.insert(catalog.authority.agencyElement) }
    elements = names
    context = EvaluationContext(
      today: moment.today, night: moment.night, now: moment.now, calendar: catalog.calendar)
    systemCodes = catalog.systems.sorted { $0.order < $1.order }.map(\.id)
    systemPlaces = Dictionary(
      systemCodes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    isTyped = category.elements.map { [.number, .date, .dateTime].contains($0.element.type) }
  }

  /// - Parameters:
  ///   - systems: Codes, by row of the chunk; rows behind them are no records.
  ///   - places: Who speaks, by row of the chunk.
  ///   - home: The home system of an agency.
  /// - Returns: The rows as members, and which of them speak of the entity at all.
  func members(
    _ chunk: ElementChunk, systems: [String], places: [GoldenPlace], home: (String) -> String?
  ) -> (GoldenMembers, speaks: [Bool]) {
    var scratch = ExpressionScratch()
    var truths: [Truth] = []
    func holds(_ condition: CompiledExpression?) -> [Bool] {
      guard let condition else { return Array(repeating: true, count: chunk.recordCount) }
      _ = condition.evaluate(chunk, context: context, scratch: &scratch, into: &truths)
      return truths.map { $0 == .true }
    }
    let applies = conditions.map(holds)
    var speaks = holds(speakerConditions[0])
    for (index, condition) in speakerConditions.enumerated().dropFirst()
    where places.contains(where: { $0.speaker == index }) {
      let own = holds(condition)
      for row in speaks.indices where places[row].speaker == index { speaks[row] = own[row] }
    }
    let homes = systems.indices.map { row -> Int in
      guard let agencyColumn, chunk.columns[agencyColumn].states[row] == .present else { return -1 }
      let agency = chunk.text.string(chunk.columns[agencyColumn].texts[row])
      return home(agency).flatMap { systemPlaces[$0] } ?? -1
    }
    return (
      GoldenMembers(
        chunk: chunk, isTyped: isTyped, systemCodes: systemCodes + ["?"],
        systems: systems.map { systemPlaces[$0] ?? systemCodes.count }, homes: homes,
        applies: applies, places: places), speaks
    )
  }
}
