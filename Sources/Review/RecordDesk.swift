import Access
package import Catalog
package import Pipeline
import Records
import Releases
package import Sharing
import Standardization
import Warehouse
package import WarehouseSQLite

/// Opens records for people (issue texts, neighbours, history) with the very code that judges, explains and
/// shares them elsewhere. Immutable; readers of the warehouse come from the caller.
package struct RecordDesk: Sendable {
  let catalog: Catalog
  let configuration: RunConfiguration
  let archive: String
  let files: any DeliveryReader
  private let texts: FindingTexts
  private let model: WarehouseModel
  /// By tier, then category.
  private let plans: [SharingTier: [String: SharingPlan]]
  private let keys: [String: Releases.RecordKeys]

  /// - Parameters:
  ///   - archive: ``HomeFolder/archive``.
  ///   - secret: Of ``SharingPlan``.
  /// - Throws: `SharingError` where the definitions do not say who may see what; `WarehouseError` where they
  ///   give a name twice.
  package init(
    _ catalog: Catalog, _ configuration: RunConfiguration, archive: String,
    files: any DeliveryReader, secret: [UInt8]
  ) throws {
    self.catalog = catalog
    self.configuration = configuration
    self.archive = archive
    self.files = files
    texts = FindingTexts(catalog)
    model = try WarehouseModel(catalog)
    let kit = try SharingKit(catalog: catalog, secret: secret)
    var plans: [SharingTier: [String: SharingPlan]] = [:]
    for tier in SharingTier.allCases {
      for category in catalog.categories {
        plans[tier, default: [:]][category.id] = try SharingPlan(
          kit, category, Audience(tier: tier))
      }
    }
    self.plans = plans
    func name(_ element: String) -> String? { element.isEmpty ? nil : element }
    keys = Dictionary(
      catalog.categories.map { category in
        (
          category.id,
          Releases.RecordKeys(
            category, agency: name(configuration.agencyElement),
            system: name(configuration.systemElement))
        )
      }, uniquingKeysWith: { first, _ in first })
  }

  /// What people of a tier may see, by category.
  package func plans(for tier: SharingTier) -> [String: SharingPlan] { plans[tier] ?? [:] }

  /// - Parameters:
  ///   - row: Of a record in quarantine, or of a version that readers see, saw or were kept from.
  ///   - now: Seconds since 1970-01-01T00:00:00Z.
  /// - Returns: nil where there is no such record or it is not the person's business, which look the same.
  package func open(
    _ row: Int64, for account: Account, _ reader: WarehouseReader, now: Int64
  ) throws -> RecordCase? {
    guard row > 0, let delivery = try reader.delivery(row >> 32),
      account.sees(delivery.system), let system = catalog.system(delivery.system),
      let category = catalog.category(delivery.category),
      let found = try reader.reviewRow(row) ?? reader.withheldRow(row, category)
        ?? reader.acceptedRow(row, category),
      let plan = plans[account.clearance]?[category.id]
    else { return nil }
    let view = try RecordView(
      received(found, delivery), plan, catalog, now: now)
    var result = RecordCase(
      row: row, status: found.status, system: system, category: category, delivery: delivery,
      recordNumber: found.record.recordNumber, line: found.record.line,
      byteOffset: found.record.byteOffset, attempt: found.record.attempt, night: found.night,
      closedNight: found.closedNight, due: found.due, reasons: reasons(found, view), fields: [],
      rows: [], raw: .withheld, denial: view.denial, neighbours: [], attempts: [], versions: [],
      subject: view.subject(keys[category.id]), shownElements: [])
    result.fields = view.fields(result.reasons)
    result.rows = view.rows(result.reasons)
    result.raw = view.raw(found.record.raw, result.reasons)
    result.neighbours = try neighbours(of: view, account, reader, now: now)
    result.attempts = try reader.attempts(of: found.record.recordKey).map(Self.attempt)
    result.versions = try versions(of: view, category, account, reader)
    result.shownElements = Self.shownElements(result)
    return result
  }

  /// Keys of the golden records of an entity that records speak of, by record; none for a record that does not name
  /// one wholly, or whose original is gone. For looking things up, never for showing.
  func goldenKeys(
    _ entity: GoldenEntity, of found: [ReviewRow], _ reader: WarehouseReader, now: Int64
  ) throws -> [Int64: [String]] {
    var keys: [Int64: [String]] = [:]
    var deliveries: [Int64: DeliveryEntry] = [:]
    for row in found {
      let id = row.record.rowID
      if deliveries[id >> 32] == nil { deliveries[id >> 32] = try reader.delivery(id >> 32) }
      guard let delivery = deliveries[id >> 32],
        let plan = plans[.restricted]?[delivery.category]
      else { continue }
      keys[id] = RecordView(try received(row, delivery), plan, catalog, now: now)
        .texts(entity.matchKey)
    }
    return keys
  }

  private func received(
    _ found: ReviewRow, _ delivery: DeliveryEntry
  ) throws -> ReceivedRecord? {
    guard
      let plan = DeliveryPlan(
        catalog: catalog, system: found.system, category: found.category,
        configuration: configuration)
    else { return nil }
    return try ReceivedRecord.read(found.record, of: delivery, archive: archive, plan, files)
  }

  private func reasons(_ found: ReviewRow, _ view: RecordView) -> [RecordCase.Reason] {
    found.record.findings.map { finding in
      let seen = view.mayTell(of: finding.element) ? finding : FindingTexts.masked(finding)
      let isWithheld = finding.rule == ReviewSource.recheckRule
      return RecordCase.Reason(
        finding: seen,
        chinese: isWithheld
          ? "入库后复核：核心数据有误，这条记录没有发布" : texts.chinese(seen, found.record),
        english: isWithheld
          ? "Checked again after loading: a core value is wrong, and the record is not published"
          : texts.english(seen, found.record),
        fixChinese: texts.fixChinese(finding), fixEnglish: texts.fixEnglish(finding),
        rule: words(finding.rule), element: catalog.element(finding.element),
        issue: catalog.issueTypes.first { $0.code.rawValue == finding.code })
    }
  }

  private func words(_ id: String) -> RecordCase.RuleWords? {
    if let rule = catalog.rules.first(where: { $0.id == id }) {
      let when = rule.when.map { "\($0.root.canonicalText) => " } ?? ""
      return RecordCase.RuleWords(
        id: rule.id, name: rule.name, english: rule.english,
        condition: when + rule.holds.root.canonicalText, origin: rule.origin)
    }
    return catalog.authority.rules.first { $0.id == id }.map { rule in
      RecordCase.RuleWords(
        id: rule.id, name: rule.name, english: rule.english, condition: "", origin: rule.origin)
    }
  }

  private static func attempt(_ row: ReviewRow) -> RecordCase.Attempt {
    RecordCase.Attempt(
      row: row.record.rowID, number: row.record.attempt, status: row.status, night: row.night,
      closedNight: row.closedNight,
      codes: Array(Set(row.record.findings.map(\.code))).sorted())
  }

  private static func shownElements(_ record: RecordCase) -> [String] {
    var names: Set<String> = []
    for field in record.fields where field.standardized.text != nil || field.received.text != nil {
      if let element = field.element { names.insert(element.identifier) }
    }
    for list in record.rows {
      for (place, element) in list.elements.enumerated()
      where list.values.contains(where: { $0[place].text != nil }) {
        names.insert(element.identifier)
      }
      for field in list.fields.joined() where !field.text.isEmpty {
        names.insert(field.element.identifier)
      }
    }
    for line in record.neighbours.flatMap(\.lines)
    where ([line.golden] + line.values).contains(where: { $0.text != nil }) {
      names.insert(line.element.identifier)
    }
    return names.sorted()
  }

  // MARK: The neighbourhood

  /// Versions of the record's key that its own system delivered.
  private func versions(
    of view: RecordView, _ category: Category, _ account: Account, _ reader: WarehouseReader
  ) throws -> [AcceptedVersion] {
    guard let key = view.texts(category.entityKey) else { return [] }
    return try reader.versions(of: category, key: key).filter { account.sees($0.system) }
  }

  /// Golden records of everything that the record names by a whole key, the thing that it is first.
  private func neighbours(
    of view: RecordView, _ account: Account, _ reader: WarehouseReader, now: Int64
  ) throws -> [RecordCase.Neighbours] {
    let entities = catalog.authority.entities
    let own = entities.filter { $0.category == view.category.id }
    let others = entities.filter { $0.category != view.category.id }
    return try (own + others).compactMap { entity in
      guard let key = view.texts(entity.matchKey),
        let plan = plans[account.clearance]?[entity.category],
        let found = try explanation(entity, key, reader)
      else { return nil }
      return try neighbours(
        found, key, plan, try overrides(entity, key, reader), now: now)
    }
  }

  /// Overrides of a golden record that no publication has ended.
  private func overrides(
    _ entity: GoldenEntity, _ key: [String], _ reader: WarehouseReader
  ) throws -> [StewardOverride] {
    try reader.overrides().filter { override in
      override.closedBy == nil && override.entity == entity.id && override.key == key
    }
  }

  /// - Returns: nil too where the warehouse was made before the definitions had the entity.
  private func explanation(
    _ entity: GoldenEntity, _ key: [String], _ reader: WarehouseReader
  ) throws -> GoldenExplanation? {
    do {
      return try reader.why(entity, key: key, model, publication: nil)
    } catch let error as WarehouseError where error.code == .notFound {
      return nil
    }
  }

  private func neighbours(
    _ found: GoldenExplanation, _ key: [String], _ plan: SharingPlan,
    _ overrides: [StewardOverride], now: Int64
  ) throws -> RecordCase.Neighbours {
    let names = found.entity.elements
    let golden = names.map { name in found.cells.first { $0.element == name }?.value }
    let values = MaskedRows(
      [golden] + found.members.map(\.values), names, plan, catalog, now: now)
    var lines: [RecordCase.Neighbours.Line] = []
    for (place, name) in names.enumerated() {
      guard let element = catalog.element(name),
        let cell = found.cells.first(where: { $0.element == name })
      else { continue }
      let said = found.members.map { $0.values[place] }
      guard cell.value != nil || said.contains(where: { $0 != nil }) else { continue }
      lines.append(
        RecordCase.Neighbours.Line(
          element: element, golden: values.value(0, place), winner: cell.winner,
          rule: cell.decision?.rule ?? "",
          values: found.members.indices.map { values.value($0 + 1, place) },
          isDisputed: !cell.losers.isEmpty && !configuration.deliveryElements.contains(name),
          isKey: found.entity.matchKey.contains(name)))
    }
    func stated(_ value: StewardOverride.Value) -> (element: DataElement, value: RecordCase.Value)?
    {
      guard let element = catalog.element(value.element) else { return nil }
      let line = lines.first { $0.element.identifier == value.element }
      let isOpen = line?.mayBeStated(plan.audience.tier) ?? false
      return (element, isOpen ? value.value.map { .shown($0) } ?? .empty : .withheld)
    }
    return RecordCase.Neighbours(
      entity: found.entity, key: key,
      speakers: found.members.map { member in
        RecordCase.Neighbours.Speaker(
          row: member.row, system: member.system, fileName: member.fileName,
          recordNumber: member.recordNumber, line: member.line, night: member.night)
      }, lines: lines,
      overrides: overrides.map { override in
        RecordCase.Neighbours.Override(
          id: override.id, author: override.author, reason: override.reason,
          until: override.until, values: override.values.compactMap(stated),
          isWaiting: override.openedBy == nil, isRetired: override.retirement != nil)
      })
  }
}
