package import Catalog
package import Records
import Standardization
import Validation
package import Warehouse

/// Why a person cannot state what they want to state.
package struct StewardRefusal: Error, CustomStringConvertible {
  package enum Code: Sendable {
    /// What was asked makes no sense, whatever the data are.
    case usage
    /// The data, or what was stated before, are against it.
    case refused
  }

  package let code: Code
  package let message: String
  /// For people at the console; empty where they cannot come to it.
  package let chinese: String

  init(code: Code, message: String, chinese: String = "") {
    self.code = code
    self.message = message
    self.chinese = chinese
  }

  package var description: String { message }
}

/// Takes what people state of golden records (S8). What is accepted counts from the next night on.
package struct StewardDesk {
  /// One of several keys, with what would be stored of it, or why nothing.
  package typealias Judged = (key: [String], result: Result<StewardOverride, StewardRefusal>)

  /// What a person states of one key.
  package struct Statement: Sendable {
    package var entity: String
    /// One text for each element of the match key.
    package var key: [String]
    /// The rule whose elements are all stated, those without a value as empty.
    package var rule: String?
    /// Values as the person writes them, by element; empty for no value.
    package var values: [(element: String, text: String)]
    package var author: String
    package var reason: String
    /// Last night in which it counts.
    package var until: CivilDate
    /// Local time, as `2026-03-01T09:00:00`.
    package var time: String

    package init(
      entity: String, key: [String], rule: String?, values: [(element: String, text: String)],
      author: String, reason: String, until: CivilDate, time: String
    ) {
      self.entity = entity
      self.key = key
      self.rule = rule
      self.values = values
      self.author = author
      self.reason = reason
      self.until = until
      self.time = time
    }
  }

  private let catalog: Catalog
  private let configuration: RunConfiguration
  private let engine: any WarehouseEngine

  package init(
    catalog: Catalog, configuration: RunConfiguration, engine: any WarehouseEngine
  ) {
    self.catalog = catalog
    self.configuration = configuration
    self.engine = engine
  }

  /// Stores a statement, if it can be taken.
  ///
  /// - Parameter recording: Called when it is judged and before anything is stored.
  /// - Throws: ``StewardRefusal``; what the warehouse throws.
  package func state(
    _ statement: Statement, recording: () throws -> Void = {}
  ) throws -> StewardOverride {
    let override = try judged(statement)
    try recording()
    return try engine.add([override])[0]
  }

  /// Stores the same statement of several keys, all that can be taken or none.
  ///
  /// - Parameters:
  ///   - statement: Its key is not looked at.
  ///   - keys: Each once.
  ///   - recording: Called with what can be taken, before anything is stored; not called where nothing can.
  /// - Returns: What is stored, with its numbers.
  /// - Throws: ``StewardRefusal`` for what holds for every key; what the warehouse throws.
  package func state(
    _ statement: Statement, keys: [[String]], recording: ([StewardOverride]) throws -> Void
  ) throws -> [StewardOverride] {
    let taken = try judged(statement, keys: keys).compactMap { try? $0.result.get() }
    guard !taken.isEmpty else { return [] }
    try recording(taken)
    return try engine.add(taken)
  }

  /// What would be stored.
  ///
  /// - Throws: ``StewardRefusal``; what the warehouse throws.
  package func judged(_ statement: Statement) throws -> StewardOverride {
    try judged(statement, keys: [statement.key])[0].result.get()
  }

  /// The same of several keys, in their order.
  ///
  /// - Parameter keys: Each once.
  /// - Throws: ``StewardRefusal`` for what holds for every key; what the warehouse throws.
  package func judged(_ statement: Statement, keys: [[String]]) throws -> [Judged] {
    let (entity, category) = try known(statement, keys)
    let elements = try elements(of: statement, entity)
    for (what, text) in [("reason", statement.reason), ("author", statement.author)]
    where text.allSatisfy(\.isWhitespace) {
      throw StewardRefusal(code: .usage, message: "an override needs a \(what)")
    }
    guard
      let last = try engine.publications(upTo: "9999-12-31", publication: nil, limit: 1).first,
      let night = CivilDate(last.night)
    else {
      throw StewardRefusal(
        code: .refused, message: "nothing has been published yet", chinese: "还没有发布过任何一夜")
    }
    guard statement.until > night else {
      throw StewardRefusal(
        code: .usage,
        message: "the override would end on \(statement.until), before the next night; "
          + "\(night) is published",
        chinese: "到期日须在下一夜或以后；\(night) 已经发布")
    }
    let moment = RunMoment(
      night: night.dayNumber, today: night.dayNumber, now: Int64(night.dayNumber) * 86_400)
    let current = try current(keys, entity, category, last.publication, moment)
    let others = Dictionary(
      grouping: try engine.overrides(standing: true).filter {
        $0.entity == entity.id && $0.retirement == nil
      }, by: \.key)
    let judge = try StatementJudge(catalog, category, moment)
    return try zip(keys, current).map { key, current in
      do {
        guard let current else { throw Self.noRecord(entity, key) }
        try Self.check(others[key] ?? [], elements)
        let values = try canonical(statement, elements, current, category, judge)
        guard values.contains(where: { $0.value != $0.replaced }) else {
          throw StewardRefusal(
            code: .refused, message: "the golden record says so already", chinese: "综合记录已经是这个值")
        }
        let override = StewardOverride(
          entity: entity.id, key: key, rule: statement.rule, values: values,
          author: statement.author, reason: statement.reason, time: statement.time,
          until: statement.until.description)
        return (key, .success(override))
      } catch let refusal as StewardRefusal {
        return (key, .failure(refusal))
      }
    }
  }

  private static func noRecord(_ entity: GoldenEntity, _ key: [String]) -> StewardRefusal {
    StewardRefusal(
      code: .refused,
      message: "no record of \(entity.id) has the key \(key.joined(separator: "|"))",
      chinese: "已没有这一条综合记录")
  }

  /// - Parameter recording: Called when it is judged and before anything is stored.
  /// - Throws: ``StewardRefusal`` where it does not stand; what the warehouse throws.
  package func retire(
    _ id: Int64, _ retirement: StewardOverride.Retirement, recording: () throws -> Void = {}
  ) throws {
    guard let override = try engine.overrides(standing: false).first(where: { $0.id == id }) else {
      throw StewardRefusal(code: .usage, message: "there is no override \(id)")
    }
    guard override.closedBy == nil, override.retirement == nil else {
      throw StewardRefusal(
        code: .refused,
        message: "override \(id) stands no more (\(override.outcome?.rawValue ?? "retired"))",
        chinese: "覆盖 \(id) 已不再有效")
    }
    try recording()
    try engine.retireOverrides([id], retirement)
  }

  /// Takes back those of several overrides that still stand.
  ///
  /// - Parameter recording: Called before anything is stored, and not where none stands.
  /// - Returns: Their numbers.
  package func retire(
    _ ids: [Int64], _ retirement: StewardOverride.Retirement, recording: () throws -> Void
  ) throws -> [Int64] {
    let asked = Set(ids)
    let standing = try engine.overrides(standing: true).filter {
      asked.contains($0.id) && $0.retirement == nil
    }.map(\.id)
    guard !standing.isEmpty else { return [] }
    try recording()
    try engine.retireOverrides(standing, retirement)
    return standing
  }

  // MARK: What it is about

  private func known(
    _ statement: Statement, _ keys: [[String]]
  ) throws -> (GoldenEntity, Category) {
    guard let entity = catalog.authority.entity(statement.entity),
      let category = catalog.category(entity.category)
    else {
      throw StewardRefusal(code: .usage, message: "there is no entity \(statement.entity)")
    }
    guard keys.allSatisfy({ $0.count == entity.matchKey.count }) else {
      throw StewardRefusal(
        code: .usage,
        message: "the key of \(entity.id) has \(entity.matchKey.count) parts: "
          + entity.matchKey.joined(separator: "|"))
    }
    return (entity, category)
  }

  /// Identifiers of what is stated, in the order of the entity.
  private func elements(of statement: Statement, _ entity: GoldenEntity) throws -> [String] {
    var named = Set<String>()
    for (element, _) in statement.values {
      guard entity.elements.contains(element) else {
        throw StewardRefusal(
          code: .usage, message: "\(entity.id) has no element \(element)")
      }
      guard !entity.matchKey.contains(element) else {
        throw StewardRefusal(
          code: .usage,
          message: "\(element) is part of the key of \(entity.id); another key is another thing")
      }
      guard named.insert(element).inserted else {
        throw StewardRefusal(code: .usage, message: "\(element) is stated twice")
      }
    }
    if let id = statement.rule {
      guard let rule = catalog.authority.rules(for: entity.id).first(where: { $0.id == id }) else {
        throw StewardRefusal(code: .usage, message: "\(entity.id) has no rule \(id)")
      }
      for element in named.sorted() where !rule.elements.contains(element) {
        throw StewardRefusal(
          code: .usage, message: "rule \(id) does not decide \(element); state it by itself")
      }
      named.formUnion(rule.elements.filter { !entity.matchKey.contains($0) })
    }
    guard !named.isEmpty else {
      throw StewardRefusal(code: .usage, message: "nothing is stated; give a value")
    }
    return entity.elements.filter(named.contains)
  }

  /// - Parameter others: What people state of the key already.
  private static func check(_ others: [StewardOverride], _ elements: [String]) throws {
    for other in others {
      guard let element = other.values.map(\.element).first(where: elements.contains) else {
        continue
      }
      throw StewardRefusal(
        code: .refused, message: "override \(other.id) states \(element) already; retire it first",
        chinese: "覆盖 \(other.id) 已经规定了这个数据元，请先收回它")
    }
  }

  // MARK: Values

  /// What stands of each key without overrides, by element; nil if nobody speaks of the key.
  private func current(
    _ keys: [[String]], _ entity: GoldenEntity, _ category: Category, _ publication: Int64,
    _ moment: RunMoment
  ) throws -> [[String: String]?] {
    let bench = ReferenceBench(
      catalog, configuration, engine, moment, publication: publication)
    let homes = try AgencyHomes(
      catalog.authority, catalog, engine, publication: publication)
    let golden = try GoldenBench(bench, entity, category, homes, moment, configuration)
    _ = try engine.collectGoldenKeys(entity, keys: keys, alone: true)
    var values = [[String: String]?](repeating: nil, count: keys.count)
    try golden.forEachPage(publication: publication) { page in
      // Numbers are given in the order of the keys, from 1.
      for (number, found) in try golden.values(page) { values[Int(number) - 1] = found }
    }
    return values
  }

  /// Judges the golden record with the stated values in it, as if a source had sent it; its own values
  /// were judged before and are not looked at.
  private func canonical(
    _ statement: Statement, _ elements: [String], _ current: [String: String],
    _ category: Category, _ judge: StatementJudge
  ) throws -> [StewardOverride.Value] {
    let texts = Dictionary(
      statement.values.map { ($0.element, $0.text) }, uniquingKeysWith: { first, _ in first })
    let chunk = judge.judge(
      current.merging(elements.map { ($0, texts[$0] ?? "") }) { _, new in new })
    if let problem = judge.problem(chunk, elements) { throw problem }
    return elements.map { name in
      let value = category.column(of: name).flatMap { column in
        chunk.columns[column].states[0] == .present
          ? chunk.text.string(chunk.columns[column].texts[0]) : nil
      }
      return StewardOverride.Value(element: name, value: value, replaced: current[name])
    }
  }
}

/// Judges one record of values as a person writes them, element by element.
private struct StatementJudge {
  private let standardizer: Standardizer
  private let validator: CategoryValidator
  private let context: ValidationContext
  private let names: [String]

  init(_ catalog: Catalog, _ category: Category, _ moment: RunMoment) throws {
    // Whether the record is complete, and what it means beside others, is not the person's matter.
    var reduced = category
    reduced.elements = category.elements.map {
      CategoryElement(element: $0.element, obligation: .optional, isKey: false)
    }
    reduced.moves = []
    reduced.children = []
    var alone = catalog
    alone.rules = []
    alone.categories = catalog.categories.map { $0.id == category.id ? reduced : $0 }
    names = reduced.elements.map(\.element.identifier)
    let mapping = CategoryMapping(
      category: category.id, files: [],
      columns: names.map { ColumnMapping(column: $0, element: $0) })
    let adapter = SourceAdapter(
      system: "", version: 0, format: .csv, encoding: "utf-8", categories: [mapping],
      origin: "a person")
    standardizer = Standardizer(
      catalog: alone, category: reduced, adapter: adapter, mapping: mapping,
      columns: Array(names.indices), values: [:])
    validator = try CategoryValidator(catalog: alone, category: reduced, system: "")
    context = validator.context(
      ValidationDates(today: moment.today, night: moment.night, now: moment.now))
  }

  func judge(_ values: [String: String]) -> ElementChunk {
    var source = RecordChunk(columnCount: names.count, stride: 1)
    let row = source.appendRecord(
      position: SourcePosition(recordNumber: 1, line: 1, byteOffset: 0), raw: .absent)
    for (column, name) in names.enumerated() {
      source.setField(row, column, source.text.appendText(values[name] ?? ""))
    }
    var result = ElementChunk(recordCount: 1, columnCount: names.count, text: [])
    standardizer.standardize(&source, into: &result)
    return result
  }

  /// What is wrong with the named elements; nil if nothing is.
  func problem(_ chunk: ElementChunk, _ elements: [String]) -> StewardRefusal? {
    var findings: [Finding] = []
    validator.validate(chunk, skipping: [false], context: context, into: &findings)
    for finding in findings {
      let check = validator.descriptions[Int(finding.check)]
      guard check.severity != .note, let element = check.element, elements.contains(element) else {
        continue
      }
      return StewardRefusal(
        code: .refused,
        message:
          "\(element): expected \(check.expectedEnglish) (\(check.issue.rawValue), \(check.rule))",
        chinese: "应为\(check.expectedChinese)（\(check.issue.rawValue)）")
    }
    return nil
  }
}
