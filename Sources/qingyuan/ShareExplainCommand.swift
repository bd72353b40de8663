import Access
import AccessStore
import ArgumentParser
import Catalog
import Pipeline
import PipelineDefinition
import Releases
import Sharing
import WarehouseSQLite

extension ShareCommand {
  struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What a user would see of a record, and which rule decides, cell by cell.",
      discussion: """
        KEY is the entity key, as for audit who-saw. The rights are those of this moment: what the \
        department reads without a grant (sharing/approvals.yaml) and its grants that are honoured now. \
        The explanation shows values as that user would see them; it is a read and stands in the access log.

          qingyuan share explain zhang ENT 91110105MA01ABCD2E --reader-department 公安局

        Exit 0 explained, 1 nothing of the record would be seen, or there is none; 2 error in the \
        definitions, 3 environment, 64 wrong usage.
        """)

    @Argument(help: "Whose view.") var reader: String

    @Argument(help: "Category, as PEN.") var category: String

    @Argument(help: "Values of the entity key, in its order.") var key: [String]

    @Option(
      help: """
        Department of that user; the one of the last request if not given, else your own.
        """)
    var readerDepartment: String?

    @Flag(help: "Print the explanation as JSON.") var json = false

    @OptionGroup var options: PersonOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      try home.requireWarehouse()
      let (catalog, settings, _) = try pipeline.load()
      let subject = try SubjectKey(category, key, catalog, settings)
      guard let found = catalog.category(subject.category) else { return }
      let person = try options.person
      let now = try options.second
      let folder = home.folder.access
      let store = try ShareStore(folder: folder, catalog: catalog)
      let cases = try store.cases()
      let explainer = AccessExplainer(
        catalog, found,
        keys: RecordKeys(found, agency: settings.roles.agency, system: settings.roles.system),
        secret: try MaskSecret.loadOrMake(folder: folder).bytes)
      let rows = try PublishedRows(folder: home.folder.warehouse, catalog: catalog)
      let explanation = try explainer.explain(
        subject, for: try viewer(cases, person), cases, ObjectionMarks(try store.objections()),
        in: rows, now: now)
      let isSeen = explanation.records.contains(where: \.isReleased)
      try log(explanation, subject, person, now, store)
      let printer = ExplanationPrinter(explanation, english: options.english)
      print(json ? jsonText(printer.object) : printer.text)
      if !isSeen { throw ExitCode(CommandFailure.findings) }
    }

    private func viewer(_ cases: [ShareCase], _ person: Person) throws -> Person {
      let asked = cases.last { $0.request.requester.user.lowercased() == reader.lowercased() }
      return try acting(options.english) {
        try Person(
          user: reader,
          department: readerDepartment ?? asked?.request.requester.department
            ?? person.department)
      }
    }

    /// The entry is there before anything is shown.
    private func log(
      _ explanation: AccessExplanation, _ subject: SubjectKey, _ person: Person, _ now: Int64,
      _ store: ShareStore
    ) throws {
      let seen = explanation.records.filter(\.isReleased)
      var event = AccessEvent(
        time: now, person: person, action: .explain, outcome: seen.isEmpty ? .denied : .allowed,
        rule: explanation.records.first?.rule?.id ?? (seen.isEmpty ? "no-record" : "explanation"))
      event.category = subject.category
      let open = Set(
        seen.flatMap(\.cells).filter { $0.outcome != .withheld }.map(\.element.identifier))
      let names = explanation.category.elements.map(\.element.identifier)
      event.elements = seen.isEmpty ? names : names.filter(open.contains)
      event.reference =
        LoggedText(
          cleaning: "\(explanation.reader.department) \(explanation.reader.user)"
        ).text
      _ = try store.log.withWriter(person, now) { writer in
        event.see([subject.fingerprint(writer.secret)])
        return try writer.append(event)
      }
    }
  }
}

/// Prints what a reader would see.
private struct ExplanationPrinter {
  private let explanation: AccessExplanation
  private let english: Bool

  init(_ explanation: AccessExplanation, english: Bool) {
    self.explanation = explanation
    self.english = english
  }

  private func title(_ chinese: String, _ english: String) -> String {
    self.english ? english : chinese
  }

  private func word(_ outcome: CellDecision.Outcome) -> String {
    switch outcome {
    case .shown: title("可见", "shown")
    case .masked: title("脱敏", "masked")
    case .withheld: title("不可见", "withheld")
    }
  }

  private func tier(_ tier: SharingTier) -> String { english ? tier.rawValue : tier.chinese }

  // MARK: Text

  var text: String {
    let grants = explanation.grants.map(\.id).joined(separator: ", ")
    var lines = [
      "\(explanation.reader.department) \(explanation.reader.user) · \(explanation.category.id) "
        + "\(title(explanation.category.name, explanation.category.english))",
      title("无需申请可读", "reads without a grant") + ": \(tier(explanation.baseTier)) · "
        + title("生效中的授权", "grants honoured now") + ": \(grants.isEmpty ? "–" : grants)",
    ]
    if explanation.records.isEmpty {
      lines.append(title("没有此键的已发布记录", "no published record has this key"))
    }
    for record in explanation.records { lines += self.lines(record) }
    return lines.joined(separator: "\n")
  }

  private func lines(_ record: AccessExplanation.Record) -> [String] {
    var lines = ["", title("记录", "record") + " \(record.row)"]
    for mark in record.marks {
      let day = Moment.text(mark.since).prefix(10)
      lines.append(
        "  " + title("异议", "objection") + " \(mark.id) "
          + (english ? mark.state.rawValue : mark.state.chinese) + " "
          + title("自\(day)", "since \(day)") + " \(mark.element ?? "")")
    }
    if let rule = record.rule {
      lines.append("  " + title("整条不可见", "nothing of it is seen") + ": \(describe(rule))")
    }
    let labels = record.cells.map { label($0) }
    let width = labels.map { Terminal.width($0) }.max() ?? 0
    for (label, cell) in zip(labels, record.cells) {
      let value = cell.isEmpty ? title("(空)", "(empty)") : cell.value ?? "–"
      lines.append(
        "  \(Terminal.padded(label, width)) \(Terminal.padded(word(cell.outcome), 8)) "
          + "\(value)\(reason(cell))")
    }
    return lines
  }

  private func label(_ cell: AccessExplanation.Cell) -> String {
    let place = cell.place.map { "\($0.table)[\($0.row)]." } ?? ""
    return "\(place)\(cell.element.identifier) \(english ? "" : cell.element.name)"
      + " (\(cell.tier.rawValue))"
  }

  private func describe(_ rule: DecidingRule) -> String {
    let unknown = rule.isUnknown ? title("(无法判断)", " (unknown)") : ""
    return "\(rule.id) \(english ? rule.english : rule.name)\(unknown) [\(rule.origin)]"
  }

  /// What shows a value by its own tier, which the line names, needs no other word.
  private func reason(_ cell: AccessExplanation.Cell) -> String {
    if cell.outcome == .shown, cell.rule.id == cell.element.identifier { return "" }
    return "  \(describe(cell.rule))\(needed(cell))"
  }

  private func needed(_ cell: AccessExplanation.Cell) -> String {
    guard cell.outcome != .shown else { return "" }
    let closed = cell.closedGrants.map {
      "\($0.id) \(english ? $0.state.rawValue : $0.state.chinese)"
    }
    let opening =
      cell.neededTier.map {
        title("需\(tier($0))授权", "a grant of tier \($0.rawValue) would open it")
      } ?? title("任何授权都不能开放", "no grant opens it")
    return " → " + ([opening] + closed).joined(separator: "; ")
  }

  // MARK: JSON

  var object: [String: Any] {
    [
      "user": explanation.reader.user, "department": explanation.reader.department,
      "tier": explanation.baseTier.rawValue, "publication": explanation.publication,
      "category": explanation.category.id, "grants": explanation.grants.map(\.id),
      "records": explanation.records.map { record -> [String: Any] in
        var object: [String: Any] = [
          "record": record.row, "seen": record.isReleased,
          "objections": record.marks.map { mark in
            [
              "id": mark.id, "state": mark.state.rawValue, "since": Moment.text(mark.since),
              "element": mark.element ?? "",
            ]
          }, "cells": record.cells.map(cell),
        ]
        object["rule"] = record.rule.map(rule)
        return object
      },
    ]
  }

  private func rule(_ rule: DecidingRule) -> [String: Any] {
    [
      "kind": rule.kind, "id": rule.id, "name": rule.name, "english": rule.english,
      "origin": rule.origin, "unknown": rule.isUnknown,
    ]
  }

  private func cell(_ cell: AccessExplanation.Cell) -> [String: Any] {
    var object: [String: Any] = [
      "element": cell.element.identifier, "name": cell.element.name, "tier": cell.tier.rawValue,
      "outcome": "\(cell.outcome)", "empty": cell.isEmpty, "rule": rule(cell.rule),
      "closedGrants": cell.closedGrants.map { ["id": $0.id, "state": $0.state.rawValue] },
    ]
    object["value"] = cell.value
    object["table"] = cell.place?.table
    object["row"] = cell.place?.row
    object["under"] = cell.under
    object["neededTier"] = cell.neededTier?.rawValue
    return object
  }
}
