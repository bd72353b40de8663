import Access
import AccessStore
import ArgumentParser
import Catalog
import Foundation
import Pipeline
import PipelineDefinition
import Review
import SourceFiles
import Warehouse
import WarehouseSQLite

struct ReviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "The review queue on the command line: the same records that the console shows.",
    discussion: """
      release and reject decide about held deliveries, as qingyuan deliveries release and reject do.
      What was done to all records of a filter is done again by qingyuan recipe apply.
      """,
    subcommands: [
      List.self, Show.self, Assign.self, Comment.self, Return.self, Waive.self, Correct.self,
      Override.self, DeliveriesCommand.Release.self, DeliveriesCommand.Reject.self, Code.self,
      Approve.self,
      Refuse.self, Undo.self, Acts.self,
    ])

  /// Which records are meant, as in the console's facets.
  struct FilterOptions: ParsableArguments {
    @Option(help: "returned, pending or withheld.") var status: String?
    @Option(help: "Code of a system.") var system: String?
    @Option(help: "Category, as PEN.") var category: String?
    @Option(help: "Issue type, as Q24.") var code: String?
    @Option(help: "Rule, as CR07 or ZF04024.order.") var rule: String?
    @Option(help: "Element, as uscc.") var element: String?
    @Option(help: "return or hold.") var severity: String?
    @Option(help: "Working days here: 0, 1-5, 6-10 or 11+.") var age: String?
    @Option(help: "Night in which it came, as 2026-03-01.") var night: String?
    @Option(help: "How often it came back: 1, 2 or 3+.") var attempt: String?
    @Option(help: "Words in the names of issue, rule, element, category, system.") var text: String?

    var filter: QueueFilter {
      var filter = QueueFilter()
      let values = [
        QueueFilter.Facet.status: status, .system: system?.uppercased(),
        .category: category?.uppercased(), .code: code?.uppercased(), .rule: rule,
        .element: element, .severity: severity, .age: age, .night: night,
        .attempt: attempt,
      ]
      for (facet, value) in values { filter[facet] = value }
      filter.text = text ?? ""
      return filter
    }
  }

  /// Who reads, by the rights of the account. Whoever has none and may read the warehouse file may read all of
  /// it, as with `why`.
  ///
  /// - Returns: The account, and the event of what it reads.
  fileprivate static func reader(
    _ options: ReaderOptions, _ home: HomeOptions
  ) throws -> (account: Account, event: AccessEvent) {
    let account = try options.account(home)
    var event = try options.event(.read, rule: "review")
    event.person = account.person
    // Whoever reads records may comment on them.
    try home.checkRight(.comment, of: nil, account, event)
    return (account, event)
  }

  static func desk(
    _ catalog: Catalog, _ settings: RunSettings, _ home: HomeOptions
  ) throws -> RecordDesk {
    try RecordDesk(
      catalog, RunConfiguration(settings), archive: home.folder.archive,
      files: FileDeliveryReader(limits: ReadingLimits(settings)),
      secret: try MaskSecret.loadOrMake(folder: home.folder.access).bytes)
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What waits for somebody: by cause, or record by record.",
      discussion: """
          qingyuan review list --system SAM --code Q24
          qingyuan review list --records --limit 20 --json

        With --records a page ends with where the next begins (--after). Keys are shown; it is a read and \
        stands in the access log.
        """)

    @Flag(help: "Single records and not causes.") var records = false
    @Option(help: "How many lines or records.") var limit = 50
    @Option(help: "Begin behind this record, as the page before says.") var after: Int64?
    @Option(help: "Records whose own number or business key begins so.") var key: String?
    @Flag(help: "One JSON object a line.") var json = false
    @OptionGroup var options: FilterOptions
    @OptionGroup var reading: ReaderOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      try home.requireWarehouse()
      guard (1...100_000).contains(limit) else {
        throw CommandFailure(CommandFailure.usage, "--limit is from 1 to 100000")
      }
      let (catalog, settings, _) = try pipeline.load()
      let reader = try WarehouseReader(folder: home.folder.warehouse)
      let (account, event) = try ReviewCommand.reader(reading, home)
      let desk = try ReviewCommand.desk(catalog, settings, home)
      let queue = ReviewQueue(
        try ReviewFile.current(folder: home.folder.warehouse, catalog, reader), catalog, account,
        plans: desk.plans(for: account.clearance), recordID: settings.roles.recordIdentifier ?? "")
      if let key {
        let items = try queue.find(key, options.filter, limit: limit)
        try log(queue.subjects(of: items), event, catalog)
        print(items: items, next: nil)
      } else if records {
        let page = try queue.page(options.filter, after: after, limit: limit)
        try log(queue.subjects(of: page.items), event, catalog)
        print(items: page.items, next: page.next)
      } else {
        print(lines: Array(queue.lines(options.filter)), count: queue.count(options.filter))
      }
    }

    /// The entries are there before anything is shown.
    private func log(
      _ subjects: [(category: String, keys: [SubjectKey])], _ base: AccessEvent,
      _ catalog: Catalog
    ) throws {
      _ = try AccessLog(folder: home.folder.access).withWriter(base.person, base.time) { writer in
        for (category, keys) in subjects {
          var event = base
          event.category = category
          event.elements = catalog.category(category)?.entityKey ?? []
          event.see(keys.map { $0.fingerprint(writer.secret) })
          _ = try writer.append(event)
        }
      }
    }

    private func print(lines: [ReviewQueue.Line], count: Int) {
      for line in lines.prefix(limit) {
        Swift.print(
          json
            ? jsonText([
              "status": line.status, "system": line.system, "category": line.category,
              "code": line.code, "rule": line.rule, "element": line.element,
              "severity": line.severity, "records": line.records, "repeated": line.repeated,
              "oldest": line.oldest, "newest": line.newest,
            ])
            : Terminal.padded(Terminal.grouped(line.records), 10, right: true)
              + "  \(Terminal.padded(line.status, 9)) \(line.system) \(line.category)  "
              + "\(line.code) \(line.rule) \(line.element)")
      }
      Terminal.note(
        "\(Terminal.grouped(count)) records, \(Terminal.grouped(lines.count)) causes"
          + (lines.count > limit ? ", \(limit) shown" : ""))
    }

    private func print(items: [ReviewQueue.Item], next: Int64?) {
      for item in items {
        let codes = item.findings.map(\.code).joined(separator: ",")
        Swift.print(
          json
            ? jsonText([
              "record": item.row, "status": item.status, "system": item.system,
              "category": item.category, "night": item.night, "attempt": item.attempt,
              "record_id": item.recordID ?? NSNull(), "entity_key": item.entityKey ?? NSNull(),
              "findings": item.findings.map {
                ["code": $0.code, "rule": $0.rule, "element": $0.element, "severity": $0.severity]
              },
            ])
            : "\(Terminal.padded("\(item.row)", 16)) \(Terminal.padded(item.status, 9)) \(item.night) "
              + "\(item.system) \(item.category)  \(item.entityKey ?? item.recordID ?? "–")  \(codes)"
        )
      }
      if let next { Terminal.note("more: --after \(next)") }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One record: why it is here, what was received, what others say, what was before.",
      discussion: """
        RECORD is the number that list prints, as in the view returned_record. Below its fields stand the \
        golden records of what it names: whose value counts, by which rule, and what others say instead. \
        Restricted values are shown, but to an account what its role, systems and clearance allow; it is a \
        read and stands in the access log.

        Exit 0 shown, 1 there is no such record in quarantine.
        """)

    @Argument(help: "Number of the record.") var record: Int64
    @Flag(help: "As one JSON object.") var json = false
    @OptionGroup var reading: ReaderOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      try home.requireWarehouse()
      let (catalog, settings, _) = try pipeline.load()
      let reader = try WarehouseReader(folder: home.folder.warehouse)
      let desk = try ReviewCommand.desk(catalog, settings, home)
      let (account, read) = try ReviewCommand.reader(reading, home)
      let found = try desk.open(record, for: account, reader, now: read.time)
      var event = read
      if found == nil { event.rule = "no-record" }
      event.reference = "row:\(record)"
      event.category = found?.category.id ?? ""
      event.elements = found?.shownElements ?? []
      _ = try AccessLog(folder: home.folder.access).withWriter(event.person, event.time) {
        writer in
        if let subject = found?.subject { event.see([subject.fingerprint(writer.secret)]) }
        return try writer.append(event)
      }
      guard let found else {
        throw CommandFailure(CommandFailure.findings, "no record \(record) is in quarantine")
      }
      print(json ? jsonText(object(found)) : text(found))
    }

    private func text(_ record: RecordCase) -> String {
      var lines = [
        "\(record.system.id) \(record.category.id) \(record.category.name) · \(record.status) · "
          + "\(record.night) · \(record.delivery.fileName) record \(record.recordNumber), line \(record.line)",
        "",
      ]
      for reason in record.reasons {
        lines.append("  \(reason.finding.code) \(reason.chinese)")
        if !reason.fixChinese.isEmpty { lines.append("      \(reason.fixChinese)") }
      }
      lines.append("")
      for field in record.fields where field.received != .empty || !field.reasons.isEmpty {
        let name = field.element?.identifier ?? field.name
        let mark = field.reasons.isEmpty ? "  " : "! "
        lines.append(
          "\(mark)\(Terminal.padded(name, 26)) \(field.received.text ?? "–")"
            + (field.standardized == field.received
              ? "" : "  →  \(field.standardized.text ?? "–")"))
      }
      for list in record.rows {
        lines += ["", "\(list.table.name): \(list.values.count) rows"]
        for (number, values) in list.values.enumerated() {
          let texts = zip(list.elements, values).compactMap { element, value in
            value.text.map { "\(element.identifier)=\($0)" }
          }
          lines.append("  \(number + 1)  \(texts.joined(separator: "  "))")
        }
      }
      for found in record.neighbours { lines += [""] + voices(found) }
      return (lines + history(record)).joined(separator: "\n")
    }

    /// A golden record: who speaks of it, its values with their owners, and what others say instead.
    private func voices(_ found: RecordCase.Neighbours) -> [String] {
      var lines = ["\(found.entity.id) \(found.entity.name): what all systems say"]
      for (number, speaker) in found.speakers.enumerated() {
        lines.append(
          "  [\(number + 1)] \(speaker.system) \(speaker.night) · \(speaker.fileName) "
            + "record \(speaker.recordNumber), line \(speaker.line)")
      }
      for line in found.lines {
        let mark = line.isDisputed ? "! " : "  "
        let winner = line.winner.map { " [\($0 + 1)]" } ?? ""
        let rule = line.rule.isEmpty ? "" : " \(line.rule)"
        let others = line.values.enumerated().filter {
          $0.element != .empty && $0.element != line.golden
        }.map { "[\($0.offset + 1)] \($0.element.text ?? "–")" }
        lines.append(
          "\(mark)\(Terminal.padded(line.element.identifier, 26)) \(line.golden.text ?? "–")"
            + "\(winner)\(rule)"
            + (others.isEmpty ? "" : "  not \(others.joined(separator: ", "))"))
      }
      for override in found.overrides {
        let values = override.values.map { "\($0.element.identifier)=\($0.value.text ?? "–")" }
        lines.append(
          "  override \(override.id) by \(override.author), until \(override.until): "
            + "\(values.joined(separator: "  ")) (\(override.reason))")
      }
      return lines
    }

    /// Earlier and present attempts, and the versions that were accepted.
    private func history(_ record: RecordCase) -> [String] {
      let attempts = record.attempts.map { attempt -> String in
        "  \(attempt.row) attempt \(attempt.number): \(attempt.status) \(attempt.night)"
          + (attempt.closedNight.map { ", closed \($0)" } ?? "")
          + "  \(attempt.codes.joined(separator: ","))"
      }
      let versions = record.versions.map { version -> String in
        "  \(version.row) accepted \(version.night)"
          + (version.closedNight.map { ", replaced \($0)" } ?? "")
      }
      return attempts.isEmpty && versions.isEmpty
        ? [] : ["", "what was before:"] + attempts + versions
    }

    private func object(_ record: RecordCase) -> [String: Any] {
      [
        "record": record.row, "status": record.status, "system": record.system.id,
        "category": record.category.id, "night": record.night, "attempt": record.attempt,
        "delivery": record.delivery.id, "file": record.delivery.fileName,
        "record_number": record.recordNumber, "line": record.line,
        "byte_offset": record.byteOffset,
        "reasons": record.reasons.map { reason in
          [
            "code": reason.finding.code, "rule": reason.finding.rule,
            "element": reason.finding.element, "severity": reason.finding.severity,
            "chinese": reason.chinese, "english": reason.english, "fix": reason.fixChinese,
            "fix_english": reason.fixEnglish,
          ]
        },
        "fields": record.fields.map { field in
          [
            "column": field.name, "element": field.element?.identifier ?? NSNull(),
            "received": field.received.text ?? NSNull(),
            "standardized": field.standardized.text ?? NSNull(),
          ] as [String: Any]
        },
        "rows": Dictionary(
          record.rows.map { list in
            (
              list.table.name,
              list.values.map { values in
                Dictionary(
                  zip(list.elements.map(\.identifier), values.map { $0.text as Any? ?? NSNull() }),
                  uniquingKeysWith: { first, _ in first })
              }
            )
          }, uniquingKeysWith: { first, _ in first }),
        "attempts": record.attempts.map { attempt in
          [
            "record": attempt.row, "night": attempt.night, "status": attempt.status,
            "closed": attempt.closedNight ?? NSNull(), "codes": attempt.codes,
          ] as [String: Any]
        },
        "versions": record.versions.map(version),
        "neighbours": record.neighbours.map(neighbours),
      ]
    }

    private func version(_ version: AcceptedVersion) -> [String: Any] {
      [
        "record": version.row, "night": version.night, "closed": version.closedNight ?? NSNull(),
      ]
    }

    /// Speakers are named by their records; values stand in the order of speakers.
    private func neighbours(_ found: RecordCase.Neighbours) -> [String: Any] {
      let speakers = found.speakers.map { speaker -> [String: Any] in
        [
          "record": speaker.row, "system": speaker.system, "file": speaker.fileName,
          "record_number": speaker.recordNumber, "line": speaker.line, "night": speaker.night,
        ]
      }
      let elements = found.lines.map { line -> [String: Any] in
        let winner = line.winner.map { found.speakers[$0].row }
        return [
          "element": line.element.identifier, "golden": line.golden.text ?? NSNull(),
          "winner": winner ?? NSNull(), "rule": line.rule,
          "values": line.values.map { $0.text as Any? ?? NSNull() },
          "disputed": line.isDisputed,
        ]
      }
      let overrides = found.overrides.map { override -> [String: Any] in
        let values = override.values.map { value -> (String, Any) in
          (value.element.identifier, value.value.text ?? NSNull())
        }
        return [
          "override": override.id, "author": override.author, "reason": override.reason,
          "until": override.until,
          "values": Dictionary(values, uniquingKeysWith: { first, _ in first }),
        ]
      }
      return [
        "entity": found.entity.id, "speakers": speakers, "elements": elements,
        "overrides": overrides,
      ]
    }
  }
}
