import Access
import AccessStore
import ArgumentParser
import Catalog
import Foundation
import Pipeline
import PipelineDefinition
import Records
import Warehouse
import WarehouseSQLite

struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract:
      "Why a golden record says what it says: who won, by which rule, from which file, over whom.",
    discussion: """
      ENTITY is a category or another entity of Pipelines/authority.yaml. KEY is its match key, the \
      parts joined by |.

        qingyuan why ENT 91110105MA01ABCD2E subject_name
        qingyuan why LIC '01|JY11101050000001' --as-of 2026-03-01

      Values of restricted elements are shown: whoever may read the warehouse file may read them. It is a \
      read and stands in the access log.
      """)

  @Argument(help: "E.g. ENT, LIC, PERSON.") var entity: String
  @Argument(help: "The match key, e.g. 91110105MA01ABCD2E or '01|JY11101050000001'.") var key:
    String
  @Argument(help: "One element; all of them without it.") var element: String?

  @Option(help: "A past night, as 2026-03-01.") var asOf: String?
  @Flag(help: "As one JSON object.") var json = false

  @OptionGroup var reading: ReaderOptions
  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  func run() throws {
    try home.requireWarehouse()
    let (catalog, settings, _) = try pipeline.load()
    let entity = try entity(catalog)
    if let element, !entity.elements.contains(element) {
      throw unknown(element, among: entity.elements, "\(entity.id) has no element \(element)")
    }
    let parts = key.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == entity.matchKey.count else {
      throw CommandFailure(
        CommandFailure.usage,
        "the key of \(entity.id) has \(entity.matchKey.count) parts: "
          + entity.matchKey.joined(separator: "|"))
    }
    let reader = try WarehouseReader(folder: home.folder.warehouse)
    if let asOf { _ = try LocalClock.day(asOf, option: "as-of") }
    let explanation = try reader.why(
      entity, key: parts, catalog,
      publication: try asOf.map { try reader.publication(night: $0) })
    try log(entity, parts, explanation, catalog, settings)
    guard var explanation else {
      throw CommandFailure(
        CommandFailure.findings, "no record of \(entity.id) has the key \(key)")
    }
    if explanation.isAlone { try decide(&explanation, catalog, settings, reader) }
    if let element { explanation.cells = explanation.cells.filter { $0.element == element } }
    let rows = explanation.members.map(\.row)
    let marks = try reader.marks(of: rows)
    let subjects = try reader.subjectMatches(
      of: rows, catalog, publication: explanation.publication)
    print(
      json
        ? jsonText(WhyJSON(explanation, catalog, marks, subjects).object)
        : WhyText(explanation, catalog, marks, subjects, showsAll: element != nil).text)
  }

  /// Asks the rules about a record that speaks alone.
  private func decide(
    _ explanation: inout GoldenExplanation, _ catalog: Catalog, _ settings: RunSettings,
    _ reader: WarehouseReader
  ) throws {
    let (entity, member) = (explanation.entity, explanation.members[0])
    guard
      let night = try reader.night(of: explanation.publication).flatMap({ CivilDate($0)?.dayNumber }
      )
    else { return }
    var values: [String: String] = [:]
    for (name, value) in zip(entity.elements, member.values) { values[name] = value }
    values[catalog.authority.agencyElement] = try reader.agency(of: member, catalog)
    let speaker = LoneSpeaker(
      catalog, RunConfiguration(settings),
      mentions: try reader.agencyMentions(catalog, publication: explanation.publication))
    for decision in try speaker.decisions(
      entity, system: member.system, values: values, night: night)
    {
      for place in explanation.cells.indices
      where explanation.cells[place].value != nil
        && decision.rule.elements.contains(explanation.cells[place].element)
      {
        explanation.cells[place].decision = GoldenExplanation.Decision(
          rule: decision.rule.id, version: decision.rule.version, basis: decision.basis)
      }
    }
  }

  /// The entry is there before anything is shown. The key is that of the category's records where the entity
  /// has the same, and else that of the thing.
  private func log(
    _ entity: GoldenEntity, _ parts: [String], _ explanation: GoldenExplanation?,
    _ catalog: Catalog, _ settings: RunSettings
  ) throws {
    var event = try reading.event(.why, rule: explanation == nil ? "no-record" : "why")
    event.category = entity.category
    event.elements = element.map { [$0] } ?? entity.elements
    event.reference = entity.id
    let names = catalog.category(entity.category).map {
      SubjectKey.elements(of: $0, agency: settings.roles.agency, system: settings.roles.system)
    }
    var keys = Set([SubjectKey(category: entity.category, parts: parts)])
    if let names, let explanation {
      let places = names.compactMap { entity.elements.firstIndex(of: $0) }
      if places.count == names.count {
        keys = Set(
          explanation.members.map { member in
            SubjectKey(
              category: entity.category, parts: places.map { member.values[$0] ?? "" })
          })
      }
    }
    _ = try AccessLog(folder: home.folder.access).withWriter(event.person, event.time) { writer in
      event.see(keys.map { $0.fingerprint(writer.secret) })
      return try writer.append(event)
    }
  }

  private func entity(_ catalog: Catalog) throws -> GoldenEntity {
    let entities = catalog.authority.entities
    if let found = entities.first(where: {
      $0.id == entity.uppercased() || $0.name == entity
    }) {
      return found
    }
    throw unknown(entity, among: entities.map(\.id), "there is no entity \(entity)")
  }

  private func unknown(_ name: String, among names: [String], _ message: String)
    -> CommandFailure
  {
    let hint = suggestion(for: name, among: names).map { "; did you mean \($0)?" } ?? ""
    return CommandFailure(CommandFailure.usage, message + hint)
  }
}

/// The explanation for a person.
private struct WhyText {
  private let explanation: GoldenExplanation
  private let catalog: Catalog
  private let marks: [RowMark]
  /// Which registrations the members' subjects are, by row.
  private let subjects: [Int64: [SubjectReview.Match]]
  /// Also who agrees and what is empty.
  private let showsAll: Bool

  init(
    _ explanation: GoldenExplanation, _ catalog: Catalog, _ marks: [RowMark],
    _ subjects: [Int64: [SubjectReview.Match]], showsAll: Bool
  ) {
    self.marks = marks
    self.subjects = subjects
    self.explanation = explanation
    self.catalog = catalog
    self.showsAll = showsAll
  }

  var text: String {
    let entity = explanation.entity
    var lines = [
      Terminal.styled("\(entity.id) \(entity.name)", "1")
        + " · publication \(explanation.publication) · "
        + Self.speakers(explanation.members),
      "",
    ]
    for (index, member) in explanation.members.enumerated() {
      lines.append(
        "  [\(index + 1)] \(member.system) \(catalog.system(member.system)?.name ?? ""): "
          + "\(member.fileName) record \(member.recordNumber), line \(member.line)\(child(member)) "
          + "(night \(member.night), delivery \(member.delivery))")
    }
    for mark in marks {
      let number = (explanation.members.firstIndex { $0.row == mark.record } ?? 0) + 1
      lines.append(
        "  objection \(mark.id) to [\(number)]\(mark.element.map { " " + $0 } ?? ""): \(mark.state), "
          + "since \(mark.since)")
    }
    let printer = MatchPrinter(catalog, isEnglish: false)
    for (index, member) in explanation.members.enumerated() {
      for match in subjects[member.row] ?? [] {
        lines.append("  subject of [\(index + 1)]: \(printer.line(match))")
      }
    }
    lines.append("")
    let width = explanation.cells.map { Terminal.width(label($0)) }.max() ?? 0
    for cell in explanation.cells where showsAll || cell.value != nil {
      lines += describe(cell, width)
    }
    return lines.joined(separator: "\n")
  }

  private static func speakers(_ members: [GoldenExplanation.Member]) -> String {
    let records = members.count { $0.child == nil }
    let rows = members.count - records
    if rows == 0 {
      return records == 1 ? "one record speaks of it" : "\(records) records speak of it"
    }
    return "\(records) records and \(rows) rows inside records speak of it"
  }

  /// The row inside the record that speaks.
  private func child(_ member: GoldenExplanation.Member) -> String {
    guard let child = member.child else { return "" }
    let title = catalog.category(member.category)?.child(child.table)?.title ?? ""
    return ", \(child.table)[\(child.ordinal)] \(title)"
  }

  private func label(_ cell: GoldenExplanation.Cell) -> String {
    "\(cell.element) \(catalog.element(cell.element)?.name ?? "")"
  }

  private func describe(_ cell: GoldenExplanation.Cell, _ width: Int) -> [String] {
    var lines = [
      Terminal.padded(label(cell), width) + "  " + (cell.value ?? "–") + "  " + source(cell)
    ]
    let indent = String(repeating: " ", count: width + 2)
    if let winner = cell.winner, let original = original(cell.element, winner) {
      lines.append("\(indent)standardized from \(original)")
    }
    for loser in cell.losers {
      let place = explanation.entity.elements.firstIndex(of: cell.element) ?? 0
      let value = explanation.members[loser].values[place] ?? ""
      lines.append(
        "\(indent)not \(value)  [\(loser + 1)] \(explanation.members[loser].system)")
    }
    return lines
  }

  private func source(_ cell: GoldenExplanation.Cell) -> String {
    var words: [String] = []
    if let override = cell.override {
      return "by override \(override.id) of \(override.author), until \(override.until): "
        + override.reason
    }
    if let winner = cell.winner {
      words.append("[\(winner + 1)] \(explanation.members[winner].system)")
    } else if cell.value != nil {
      words.append("of all of them together")
    }
    if let decision = cell.decision {
      let rule = catalog.authority.rules.first { $0.id == decision.rule }
      words.append(
        "by \(decision.rule) v\(decision.version) (\(decision.basis)"
          + "\(rule.map { ", \($0.name)" } ?? ""))")
    } else if explanation.members.count > 1, cell.value != nil {
      words.append("no rule: the latest")
    }
    return words.joined(separator: ", ")
  }

  /// The value as it was received, if standardization changed it.
  private func original(_ element: String, _ member: Int) -> String? {
    WhyJSON.changes(explanation.members[member])[element].map { "\"\($0)\"" }
  }
}

/// The explanation for a program.
private struct WhyJSON {
  private let explanation: GoldenExplanation
  private let catalog: Catalog

  private let marks: [RowMark]
  private let subjects: [Int64: [SubjectReview.Match]]

  init(
    _ explanation: GoldenExplanation, _ catalog: Catalog, _ marks: [RowMark],
    _ subjects: [Int64: [SubjectReview.Match]]
  ) {
    self.marks = marks
    self.subjects = subjects
    self.explanation = explanation
    self.catalog = catalog
  }

  static func changes(_ member: GoldenExplanation.Member) -> [String: String] {
    guard let text = member.changes,
      let object = try? JSONSerialization.jsonObject(with: Data(text.utf8))
    else { return [:] }
    return object as? [String: String] ?? [:]
  }

  var object: [String: Any] {
    [
      "entity": explanation.entity.id, "publication": explanation.publication,
      "members": explanation.members.map(Self.member), "elements": explanation.cells.map(cell),
      "subjects": subjectObjects,
      "objections": marks.map { mark in
        [
          "id": mark.id, "record": mark.record, "state": mark.state, "since": mark.since,
          "element": mark.element ?? "",
        ] as [String: Any]
      },
    ]
  }

  private var subjectObjects: [[String: Any]] {
    let printer = MatchPrinter(catalog, isEnglish: false)
    return explanation.members.flatMap { member in
      (subjects[member.row] ?? []).map { match in
        printer.object(match, hasCode: false).merging(["record": member.row]) { first, _ in first }
      }
    }
  }

  private static func member(_ member: GoldenExplanation.Member) -> [String: Any] {
    var object: [String: Any] = [
      "record": member.row, "system": member.system, "category": member.category,
      "delivery": member.delivery, "file": member.fileName, "night": member.night,
      "record_number": member.recordNumber, "line": member.line, "byte_offset": member.byteOffset,
    ]
    name(member.child, in: &object)
    return object
  }

  private static func name(
    _ child: GoldenExplanation.ChildPlace?, in object: inout [String: Any]
  ) {
    guard let child else { return }
    object["child"] = child.table
    object["child_ordinal"] = child.ordinal
  }

  private func cell(_ cell: GoldenExplanation.Cell) -> [String: Any] {
    let place = explanation.entity.elements.firstIndex(of: cell.element) ?? 0
    var object: [String: Any] = [
      "element": cell.element, "value": cell.value ?? NSNull(),
      "losers": cell.losers.map { loser -> [String: Any] in
        let member = explanation.members[loser]
        var object: [String: Any] = [
          "record": member.row, "system": member.system, "value": member.values[place] ?? NSNull(),
        ]
        Self.name(member.child, in: &object)
        return object
      },
    ]
    if let winner = cell.winner {
      let member = explanation.members[winner]
      object["record"] = member.row
      object["system"] = member.system
      Self.name(member.child, in: &object)
      if let original = Self.changes(member)[cell.element] { object["received"] = original }
    }
    if let override = cell.override { object["override"] = OverridePrinter.object(override) }
    if let decision = cell.decision {
      object["rule"] = decision.rule
      object["rule_version"] = decision.version
      object["basis"] = decision.basis
      if let rule = catalog.authority.rules.first(where: { $0.id == decision.rule }) {
        object["origin"] = rule.origin
      }
    }
    return object
  }
}
