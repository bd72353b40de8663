import Access
import AccessStore
import ArgumentParser
import Catalog
import Foundation
import Pipeline
import Records
import Review
import WarehouseSQLite

struct IncidentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incident",
    abstract: "What goes wrong, cause by cause: one open incident for each mistake of a system.",
    discussion: """
      An incident opens when records go back for a cause that has none open, and closes by itself when a \
      night shows no such record any more. People acknowledge, assign and resolve; every act is in the \
      access log, denied ones too.

      Exit 0 done, 1 denied (with the reason) or no such incident, 2 error in the definitions, \
      3 environment, 64 wrong usage.
      """,
    subcommands: [List.self, Show.self, Acknowledge.self, Assign.self, Resolve.self, Clock.self])

  /// An installation whose incidents are those of its last publication.
  struct Book {
    let catalog: Catalog
    let configuration: RunConfiguration
    let home: HomeOptions
    let file: ReviewFile
    let store: IncidentStore

    init(_ home: HomeOptions, _ pipeline: PipelineOptions) throws {
      try home.requireWarehouse()
      let (catalog, settings, _) = try pipeline.load()
      let reader = try WarehouseReader(folder: home.folder.warehouse)
      let file = try ReviewFile.current(folder: home.folder.warehouse, catalog, reader)
      let store = try IncidentStore(folder: home.folder.access)
      try store.follow(file, folder: home.folder.warehouse, catalog, reader)
      self.catalog = catalog
      configuration = RunConfiguration(settings)
      self.home = home
      self.file = file
      self.store = store
    }

    func incident(_ number: Int64) throws -> Incident {
      guard let found = try store.incident(number) else {
        throw CommandFailure(CommandFailure.findings, "there is no incident \(number)")
      }
      return found
    }
  }

  /// The number, and what everybody needs who acts on it.
  struct ActOptions: ParsableArguments {
    @Argument(help: "Number of the incident.") var number: Int64
    @Flag(help: "Print the incident as JSON.") var json = false
    @OptionGroup var options: PersonOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    /// - Parameter action: Of `act`, for the log.
    func take(
      _ action: AccessAction, _ act: (Book, Incident) throws -> IncidentAct
    ) throws {
      let account = try options.account(home)
      let now = try options.second
      let book = try Book(home, pipeline)
      let found = try book.incident(number)
      var event = AccessEvent(
        time: now, person: account.person, action: action, outcome: .allowed, rule: "incidents")
      event.reference = "incident:\(number)"
      event.category = found.cause.category
      try home.checkRight(
        .correct, of: found.cause.system, account, event, english: options.english)
      let incident = try acting(options.english) {
        try book.store.take(
          try act(book, found), on: number, by: account.person, at: now,
          AccessLog(folder: home.folder.access))
      }
      IncidentPrinter(json: json, english: options.english).show(incident)
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List incidents, those with most records first.")

    @Option(help: "open, closed or all.") var show = IncidentStore.Choice.open.rawValue
    @Option(help: "Code of a system.") var system: String?
    @Flag(help: "One JSON object per line.") var json = false
    @Flag(help: "English texts.") var english = false
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      guard let choice = IncidentStore.Choice(rawValue: show) else {
        throw CommandFailure(CommandFailure.usage, "--show is open, closed or all")
      }
      let book = try Book(home, pipeline)
      let found = try book.store.incidents(choice, systems: system.map { [$0.uppercased()] })
      IncidentPrinter(json: json, english: english).list(found)
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "One incident with its history.")

    @Argument(help: "Number of the incident.") var number: Int64
    @Flag(help: "As one JSON object.") var json = false
    @Flag(help: "English texts.") var english = false
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      IncidentPrinter(json: json, english: english).show(
        try Book(home, pipeline).incident(number))
    }
  }

  struct Acknowledge: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say that somebody has seen it.")

    @OptionGroup var on: ActOptions

    func run() throws { try on.take(.incidentAcknowledge) { _, _ in .acknowledge } }
  }

  struct Assign: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give it to a steward of the system, or to an operator.")

    @Option(help: "User name of an account.") var to: String
    @OptionGroup var on: ActOptions

    func run() throws {
      try on.take(.incidentAssign) { book, incident in
        let accounts = try AccountStore(folder: book.home.folder.access)
        return .assign(to: try accounts.user(to, workingOn: incident.cause.system))
      }
    }
  }

  struct Resolve: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say that it is settled, and why.",
      discussion: """
        Records that have the cause may stay open until they are delivered again. When others come with it, \
        a new incident opens.
        """)

    @Option(help: "Why.") var reason: String
    @OptionGroup var on: ActOptions

    func run() throws {
      try on.take(.incidentResolve) { _, _ in .resolve(reason: reason) }
    }
  }

  struct Clock: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "How long each department has had its returns, in working days.",
      discussion: """
        Open returns by system and night, with the last day for an answer (return-workdays of nightly.yaml). \
        Records that are waived are counted, but not overdue.

        Exit 0 nothing is overdue, 1 something is.
        """)

    @Flag(help: "Only what is overdue.") var overdue = false
    @Option(help: "The day to count to; today if not given.") var today: String?
    @Flag(help: "One JSON object per line.") var json = false
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let book = try Book(home, pipeline)
      let day = try LocalClock.day(today, option: "today")
      let acts = try ActStore(folder: home.folder.access)
      let clock = try ReturnClock(
        book.file, book.catalog.calendar, workdays: book.configuration.returnWorkdays,
        today: day, systems: nil, waived: try acts.waived(at: Int64(day) * 86_400))
      for entry in clock.entries where !overdue || entry.isOverdue {
        let due = entry.due.map { CivilDate(dayNumber: $0).description }
        print(
          json
            ? jsonText([
              "system": entry.system, "night": entry.night, "records": entry.records,
              "repeated": entry.repeated, "waived": entry.waived, "due": due as Any? ?? NSNull(),
              "age": entry.age,
              "overdue": entry.isOverdue,
            ])
            : "\(entry.system) \(entry.night) "
              + Terminal.padded(Terminal.grouped(entry.records), 10, right: true)
              + "  due \(due ?? "–"), \(entry.age) working days"
              + (entry.waived > 0 ? ", \(entry.waived) waived" : "")
              + (entry.isOverdue ? "  overdue" : ""))
      }
      if clock.entries.contains(where: \.isOverdue) { throw ExitCode(CommandFailure.findings) }
    }
  }
}

/// Prints incidents for people and as JSON.
struct IncidentPrinter {
  let json: Bool
  let english: Bool

  func list(_ incidents: [Incident]) {
    for incident in incidents {
      guard !json else {
        print(jsonText(object(incident)))
        continue
      }
      print(line(incident))
    }
    if !json { Terminal.note("\(Terminal.grouped(incidents.count)) incidents") }
  }

  func show(_ incident: Incident) {
    guard !json else {
      var object = object(incident)
      object["steps"] = incident.steps.map { step in
        [
          "kind": step.kind.rawValue, "night": step.night, "records": step.records,
          "time": step.time.map(Moment.text) as Any? ?? NSNull(),
          "user": step.person?.user as Any? ?? NSNull(),
          "department": step.person?.department as Any? ?? NSNull(), "text": step.text,
        ] as [String: Any]
      }
      return print(jsonText(object))
    }
    print(line(incident))
    for step in incident.steps {
      let who = step.person.map { " \($0.department) \($0.user)" } ?? ""
      print(
        "  \(step.time.map(Moment.text) ?? step.night) \(step.kind.rawValue)\(who)"
          + " (\(Terminal.grouped(step.records)) records)"
          + (step.text.isEmpty ? "" : ": \(step.text)"))
    }
  }

  private func line(_ incident: Incident) -> String {
    let cause = incident.cause
    let state = english ? incident.state.rawValue : incident.state.chinese
    return Terminal.padded("\(incident.id)", 6, right: true)
      + Terminal.padded(Terminal.grouped(incident.records), 10, right: true)
      + "  \(Terminal.padded(state, 13)) \(cause.system) \(cause.category)  "
      + "\(cause.code) \(cause.rule) \(cause.element)"
      + (incident.assignee.isEmpty ? "" : "  → \(incident.assignee)")
  }

  private func object(_ incident: Incident) -> [String: Any] {
    [
      "id": incident.id, "state": incident.state.rawValue, "system": incident.cause.system,
      "category": incident.cause.category, "code": incident.cause.code,
      "rule": incident.cause.rule, "element": incident.cause.element, "since": incident.since,
      "records": incident.records, "fresh": incident.fresh, "night": incident.night,
      "assignee": incident.assignee,
    ]
  }
}
