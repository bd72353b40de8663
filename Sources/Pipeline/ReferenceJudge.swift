import Catalog
import Reconciliation
import Records
import Validation
import Warehouse

/// The last judgement of a delivery's records: a record whose reference finds nothing is pending.
///
/// Deliveries of the categories that a reference looks at are in the warehouse by then
/// (``LoadOrder``).
struct ReferenceJudge {
  let engine: any WarehouseEngine
  let catalog: Catalog
  let publication: Int64
  /// The last day on which a record of tonight waits, as `2026-03-01`; nil beyond the calendar.
  let due: String?
  /// Records of the category may wait for others of the same category.
  let looksIntoOwnCategory: Bool

  /// - Parameter due: Days since 1970-01-01; nil beyond the calendar.
  /// - Returns: nil if no record of the category ever waits.
  init?(
    _ engine: any WarehouseEngine, _ catalog: Catalog, _ validator: CategoryValidator,
    publication: Int64, due: Int?
  ) throws {
    let rules = validator.referenceRules.filter(\.waits)
    guard !rules.isEmpty else { return nil }
    self.engine = engine
    self.catalog = catalog
    self.publication = publication
    self.due = due.map { CivilDate(dayNumber: $0).description }
    looksIntoOwnCategory = rules.flatMap(\.allReferences).contains {
      $0.category == validator.category.id
    }
    try engine.prepareLookups(rules.flatMap(\.allReferences).map(\.lookupKey))
  }

  /// - Returns: Whether a verdict changed.
  func judge(
    _ judged: inout JudgedChunk, _ validator: CategoryValidator, _ context: ValidationContext
  ) throws -> Bool {
    let isSkipped = judged.verdicts.map { $0 != .accepted }
    guard isSkipped.contains(false) else { return false }
    let lookup = EngineLookup(
      finder: engine, catalog: catalog, publication: publication,
      category: validator.category.id, ownRows: Array(repeating: 0, count: judged.count))
    let findings = try validator.referenceFindings(
      judged.elements, skipping: isSkipped, context: context, lookup: lookup, where: \.waits)
    guard findings.isEmpty || due != nil else {
      throw PipelineError(
        .configuration,
        "the calendar ends before a record of tonight would be due; add the file of the next year to "
          + "catalog/calendar")
    }
    let words = TargetWords(catalog)
    for found in findings {
      judged.verdicts[Int(found.finding.row)] = .pending
      var label = found.finding
      label.expected = words.append(found.targets, to: &judged.elements.text)
      judged.labels.append(label)
      judged.wanted.append(
        found.wanted.map { WantedKeys.fingerprint($0.category, $0.elements, $0.values) })
    }
    return !findings.isEmpty
  }
}

/// Says which records were looked for: `案件办理信息(CAS):案件编号=QY-1`.
struct TargetWords {
  private let catalog: Catalog

  /// Targets that are named; a decision may name dozens of officers.
  private static let shown = 5

  init(_ catalog: Catalog) { self.catalog = catalog }

  /// - Returns: Absent if nothing was looked for.
  func append(_ targets: [MissingTarget], to text: inout TextArena) -> TextRef {
    guard !targets.isEmpty else { return .absent }
    var words = targets.prefix(Self.shown).map(words).joined(separator: ";")
    if targets.count > Self.shown { words += ";等\(targets.count)项" }
    return text.appendText(words)
  }

  private func words(_ target: MissingTarget) -> String {
    let category = catalog.category(target.category)
    let parts = zip(target.elements, target.values).map { name, value in
      let element = category?.column(of: name).flatMap { category?.elements[$0].element }
      let isShown = (element?.tier ?? .restricted) < .restricted
      let characters = value.count { $0 & 0xC0 != 0x80 }
      let shown = isShown ? String(decoding: value, as: UTF8.self) : "受限内容,\(characters)个字符"
      return "\(element?.name ?? name)=\(shown)"
    }
    return "\(category?.name ?? "")(\(target.category)):\(parts.joined(separator: "、"))"
  }
}
