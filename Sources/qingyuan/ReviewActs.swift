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

/// Who acts, on which installation, by which definitions.
struct DeskOptions: ParsableArguments {
  @OptionGroup var acting: PersonOptions
  @OptionGroup var home: HomeOptions
  @OptionGroup var pipeline: PipelineOptions

  var english: Bool { acting.english }

  func bench() throws -> ActBench { try ActBench(acting, home, pipeline) }
}

/// Everything that an act needs, opened once for a command.
struct ActBench {
  let desk: ActDesk
  let records: RecordDesk
  let reader: WarehouseReader
  let account: Account
  let now: Int64
  let catalog: Catalog
  private let settings: RunSettings
  private let folder: HomeFolder

  init(_ acting: PersonOptions, _ home: HomeOptions, _ pipeline: PipelineOptions) throws {
    try self.init(acting.account(home), now: acting.second, home, pipeline)
  }

  init(_ acting: ReaderOptions, _ home: HomeOptions, _ pipeline: PipelineOptions) throws {
    try self.init(acting.account(home), now: acting.second, home, pipeline)
  }

  private init(
    _ account: Account, now: Int64, _ home: HomeOptions, _ pipeline: PipelineOptions
  ) throws {
    (catalog, settings, _) = try pipeline.load()
    folder = home.folder
    self.account = account
    self.now = now
    let accounts = try AccountStore(folder: folder.access)
    reader = try WarehouseReader(folder: folder.warehouse)
    records = try ReviewCommand.desk(catalog, settings, home)
    let limits = ReadingLimits(settings)
    desk = ActDesk(
      try ActStore(folder: folder.access), accounts, records, home: folder, catalog,
      RunConfiguration(settings), reader: FileDeliveryReader(limits: limits),
      writer: FileReturnWriter(limits: limits),
      definitions: DefinitionFolder(path: pipeline.pipelines))
    try desk.settle(by: account.person, now: now)
  }

  func queue() throws -> ReviewQueue {
    ReviewQueue(
      try ReviewFile.current(folder: folder.warehouse, catalog, reader), catalog, account,
      plans: records.plans(for: account.clearance),
      recordID: settings.roles.recordIdentifier ?? "")
  }

  /// Prints what came of an act.
  func report(_ result: ActResult, json: Bool) {
    if json {
      let left = result.left.map { ["record": $0.row, "why": $0.why.rawValue] as [String: Any] }
      print(jsonText(object(result.act).merging(["left": left]) { first, _ in first }))
      return
    }
    print(line(result.act))
    for why in LeftRecord.Why.allCases {
      let count = result.left.count { $0.why == why }
      if count > 0 { Terminal.note("\(count) records are left as they are: \(why.english)") }
    }
    if !result.unchecked.isEmpty {
      Terminal.note("\(result.unchecked.count) rules need other records; the night judges them")
    }
  }

  func line(_ act: RecordAct) -> String {
    let details = act.details
    let more = [
      details.assignee.map { "to \($0)" }, details.until.map { "until \($0)" },
      details.changes.map { "sets " + $0.map(Self.name(of:)).joined(separator: ", ") },
      details.stated.map(says),
      details.code.map { change in
        "\(change.list) "
          + (change.synonymOf.map { "\(change.spelling) = \($0)" }
            ?? "new \(change.added?.code ?? "") \(change.added?.label ?? "")")
      },
      details.words.isEmpty ? nil : details.words,
    ].compactMap(\.self)
    return "\(Terminal.padded("\(act.id)", 6, right: true))  \(Moment.text(act.time).prefix(16))  "
      + "\(Terminal.padded(act.person.user, 10)) \(Terminal.padded(act.kind.rawValue, 8)) "
      + "\(Terminal.padded(act.standing(at: now).rawValue, 8)) \(act.records) "
      + "\(act.systems.joined(separator: ","))  \(more.joined(separator: " · "))"
  }

  private func says(_ stated: StatedValues) -> String {
    let key = stated.shownKey(catalog, account.clearance) ?? []
    let what = stated.keys.map { "\($0.count) golden records" } ?? key.joined(separator: "|")
    return "states " + stated.all(catalog).map(\.element).joined(separator: ", ")
      + " of \(stated.entity) \(what)"
  }

  func object(_ act: RecordAct) -> [String: Any] {
    let details = act.details
    return [
      "act": act.id, "kind": act.kind.rawValue, "user": act.person.user,
      "department": act.person.department, "time": Moment.text(act.time),
      "standing": act.standing(at: now).rawValue, "records": act.records, "systems": act.systems,
      "words": details.words, "assignee": details.assignee ?? NSNull(),
      "until": details.until ?? NSNull(),
      "changes": details.changes.map(texts) ?? NSNull(),
      "stated": details.stated.map(told) ?? NSNull(), "overrides": act.overrides,
      "code": details.code.map { change in
        [
          "list": change.list, "element": change.element, "spelling": change.spelling,
          "synonym_of": change.synonymOf as Any? ?? NSNull(),
          "new": change.added.map {
            ["code": $0.code, "label": $0.label, "english": $0.english]
          } as Any? ?? NSNull(),
        ] as [String: Any]
      } ?? NSNull(),
      "filter": details.filter.map(Self.object) ?? NSNull(),
      "recipe": details.recipe ?? NSNull(),
      "decided_by": act.decision?.person.user ?? NSNull(),
    ]
  }

  private func texts(_ changes: [FieldChange]) -> [String: Any] {
    Dictionary(
      changes.map { (Self.name(of: $0), isOpen($0.element) ? $0.text as Any : NSNull()) },
      uniquingKeysWith: { _, last in last })
  }

  /// As `--set` has it: `ELEMENT`, or `TABLE[ROW].ELEMENT`.
  private static func name(of change: FieldChange) -> String {
    (change.row.map { "\($0.table)[\($0.number)]." } ?? "") + change.element
  }

  private func told(_ stated: StatedValues) -> [String: Any] {
    [
      "entity": stated.entity, "rule": stated.rule ?? NSNull(),
      "key": stated.shownKey(catalog, account.clearance) ?? NSNull(),
      "golden_records": stated.allKeys.count,
      "values": texts(stated.all(catalog)),
    ]
  }

  private func isOpen(_ element: String) -> Bool {
    (catalog.element(element)?.tier ?? .restricted) <= account.clearance
  }

  private static func object(_ filter: QueueFilter) -> [String: String] {
    var object = Dictionary(
      filter.choices.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: { first, _ in first })
    if !filter.text.isEmpty { object["text"] = filter.text }
    return object
  }
}

/// Runs an act; what is refused ends the command with 1 and its reasons.
func reviewing<Result>(_ english: Bool, _ body: () throws -> Result) throws -> Result {
  do {
    return try acting(english, body)
  } catch let refusal as CorrectionRefusal {
    let faults = refusal.faults.prefix(20).map { fault in
      "  record \(fault.row): \(fault.code) \(fault.rule) \(english ? fault.english : fault.chinese)"
    }
    let holds = refusal.holds.map { "  \($0.code.rawValue) \(english ? $0.message : $0.chinese)" }
    throw CommandFailure(
      CommandFailure.findings,
      (["the corrected record would go back again; nothing was done"] + faults + holds)
        .joined(separator: "\n"))
  }
}

extension ReviewCommand {
  /// Which records an act is about.
  struct TargetOptions: ParsableArguments {
    @Argument(help: "Numbers of records, as list prints them.") var records: [Int64] = []
    @Flag(help: "All open records that fit the filter, in one step.") var matching = false
    @Flag(help: "With --matching: only say how many there are, and show ten.") var preview = false
    @OptionGroup var filter: FilterOptions

    func take(
      _ kind: ActKind, _ details: ActDetails, _ options: DeskOptions, json: Bool
    ) throws {
      guard matching != !records.isEmpty else {
        throw CommandFailure(
          CommandFailure.usage, "name records, or choose them with --matching and a filter")
      }
      let bench = try options.bench()
      if preview {
        guard matching else {
          throw CommandFailure(CommandFailure.usage, "--preview goes with --matching")
        }
        let queue = try bench.queue()
        let count = queue.count(filter.filter)
        let examples = try queue.page(filter.filter, order: .oldest, limit: 10).items
        let plan =
          kind != .override
          ? nil
          : try reviewing(options.english) {
            try bench.desk.plan(
              details, try queue.rows(filter.filter, limit: ActDesk.maximumStated + 1),
              by: bench.account, bench.reader, now: bench.now)
          }
        var object: [String: Any] = ["records": count, "examples": examples.map(\.row)]
        if let plan { object["golden_records"] = plan.count }
        print(
          json
            ? jsonText(object)
            : "\(count) records"
              + (plan.map {
                ", \($0.count) golden records\($0.isCore ? ", an approver has to agree" : "")"
              } ?? "")
              + examples.map { "\n  \($0.row) \($0.system) \($0.category)" }
              .joined())
        return
      }
      let result = try reviewing(options.english) {
        matching
          ? try bench.desk.takeAll(
            kind, details, filter.filter, try bench.queue(), by: bench.account, bench.reader,
            now: bench.now)
          : try bench.desk.take(
            kind, details, on: Array(Set(records)).sorted(), by: bench.account, bench.reader,
            now: bench.now)
      }
      bench.report(result, json: json)
    }
  }

  struct Assign: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say who looks after records.")

    @OptionGroup var target: TargetOptions
    @Option(help: "A user with an account who works on these systems.") var to: String
    @Option(help: "What to look at.") var words = ""
    @Flag(help: "As one JSON object.") var json = false
    @OptionGroup var options: DeskOptions

    func run() throws {
      try target.take(
        .assign, ActDetails(words: words, assignee: to), options, json: json)
    }
  }

  struct Comment: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Add a comment to records.")

    @OptionGroup var target: TargetOptions
    @Option(help: "The comment.") var words: String
    @Flag(help: "As one JSON object.") var json = false
    @OptionGroup var options: DeskOptions

    func run() throws {
      try target.take(.comment, ActDetails(words: words), options, json: json)
    }
  }

  struct Return: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give records back to their source once more, with a note.",
      discussion: """
        A file with the records in the form in which they came, the note before the hints, appears in \
        returns/SYSTEM/NIGHT; its name ends with 专员意见 and the number of the act.
        """)

    @OptionGroup var target: TargetOptions
    @Option(help: "The note.") var words: String
    @Flag(help: "As one JSON object.") var json = false
    @OptionGroup var options: DeskOptions

    func run() throws {
      try target.take(.sendBack, ActDetails(words: words), options, json: json)
    }
  }

  struct Waive: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask that nobody works on records until a day; an approver has to agree.",
      discussion: "A waived record stays returned and counts as failed in the attainment.")

    @OptionGroup var target: TargetOptions
    @Option(help: "The last day, as 2026-06-30.") var until: String
    @Option(help: "Why.") var words: String
    @Flag(help: "As one JSON object.") var json = false
    @OptionGroup var options: DeskOptions

    func run() throws {
      try target.take(
        .waive, ActDetails(words: words, until: until), options, json: json)
    }
  }

  struct Correct: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "State other values in records, which the next run takes as a delivery.",
      discussion: """
          qingyuan review correct 47244640257 --set penalty_date=2026-03-01 --words "电话核实"
          qingyuan review correct 47244640257 --set 'parties[2].person_name=王某' --words "电话核实"

        Values are written as the source would write them and are judged at once; a record that would go \
        back again is refused. Where an element is core, an approver has to agree first. The file lies in \
        inbox/SYSTEM, its name ends with 专员更正 and the number of the act; until a run takes it, undo takes \
        it back.
        """)

    @OptionGroup var target: TargetOptions
    @Option(
      help: "ELEMENT=VALUE, in a row inside TABLE[ROW].ELEMENT=VALUE; may be given several times.")
    var set: [String]
    @Option(help: "Why.") var words: String
    @Flag(help: "As one JSON object.") var json = false
    @OptionGroup var options: DeskOptions

    func run() throws {
      try target.take(
        .correct, ActDetails(words: words, changes: try set.map(ReviewCommand.change)), options,
        json: json)
    }
  }

  private static func change(_ text: String) throws -> FieldChange {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else {
      throw CommandFailure(CommandFailure.usage, "--set \(text) is not ELEMENT=VALUE")
    }
    let value = String(parts[1])
    if let place = parts[0].wholeMatch(of: /([^\[\]]+)\[([0-9]{1,6})\]\.(.+)/),
      let number = Int(place.2)
    {
      return FieldChange(
        element: String(place.3), text: value,
        row: FieldChange.Row(table: String(place.1), number: number))
    }
    return FieldChange(element: String(parts[0]), text: value)
  }

  struct Override: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "State a value of every golden record that records speak of, before all systems.",
      discussion: """
          qingyuan review override --matching --category ENT --code Q41 --of ENT \
            --set supervising_agency=清源市市场监督管理局 --until 2026-06-30 --words "机构改革通知"

        It counts from the next night on, as qingyuan override set does for a single key, and is undone as a \
        whole. Where the element is core, an approver has to agree first. At most \
        \(ActDesk.maximumStated) records at once.
        """)

    @OptionGroup var target: TargetOptions
    @Option(help: "Which golden record of those that a record names, e.g. ENT, LIC, PERSON.")
    var of: String
    @Option(help: "ELEMENT=VALUE. Nothing after = states that there is no value.") var set: String
    @Option(help: "The last night in which it counts, as 2026-12-31.") var until: String
    @Option(help: "Why.") var words: String
    @Flag(help: "As one JSON object.") var json = false
    @OptionGroup var options: DeskOptions

    func run() throws {
      var details = ActDetails(words: words, until: until)
      details.stated = StatedValues(
        entity: of.uppercased(), key: [], values: [try ReviewCommand.change(set)])
      try target.take(.override, details, options, json: json)
    }
  }

  struct Approve: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Agree to a waiver, or to core values, that somebody else asked for.",
      discussion: "Needs an account of the role approver (--user).")

    @Argument(help: "Number of the act.") var act: Int64
    @Option(help: "What to add.") var words = ""
    @Flag(help: "As one JSON object.") var json = false
    @OptionGroup var options: DeskOptions

    func run() throws {
      try ReviewCommand.decide(act, true, words, options, json: json)
    }
  }

  struct Refuse: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Refuse a waiver, or core values, that somebody else asked for.")

    @Argument(help: "Number of the act.") var act: Int64
    @Option(help: "Why.") var words: String
    @Flag(help: "As one JSON object.") var json = false
    @OptionGroup var options: DeskOptions

    func run() throws {
      try ReviewCommand.decide(act, false, words, options, json: json)
    }
  }

  private static func decide(
    _ act: Int64, _ isApproval: Bool, _ words: String, _ options: DeskOptions, json: Bool
  ) throws {
    let bench = try options.bench()
    let decided = try reviewing(options.english) {
      try bench.desk.decide(
        act, isApproval: isApproval, words: words, by: bench.account, bench.reader, now: bench.now)
    }
    bench.report(ActResult(act: decided), json: json)
  }

  struct Undo: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take back an act with all its records, as long as nothing has come of it.")

    @Argument(help: "Number of the act.") var act: Int64
    @Flag(help: "As one JSON object.") var json = false
    @OptionGroup var options: DeskOptions

    func run() throws {
      let bench = try options.bench()
      let undone = try reviewing(options.english) {
        try bench.desk.undo(act, by: bench.account, now: bench.now)
      }
      bench.report(ActResult(act: undone), json: json)
    }
  }

  struct Acts: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What people did, newest first; or all that was done about one record.")

    @Argument(help: "Number of a record.") var record: Int64?
    @Option(help: "How many.") var limit = 50
    @Flag(help: "One JSON object a line.") var json = false
    @OptionGroup var options: DeskOptions

    func run() throws {
      let bench = try options.bench()
      let acts =
        try record.map { row in
          guard let found = try bench.reader.reviewRow(row), bench.account.sees(found.system) else {
            throw CommandFailure(CommandFailure.findings, "no record \(row) is in quarantine")
          }
          return try bench.desk.store.acts(row: row, recordKey: found.record.recordKey)
        } ?? bench.desk.acts(for: bench.account, limit: limit)
      for act in acts { print(json ? jsonText(bench.object(act)) : bench.line(act)) }
    }
  }
}
