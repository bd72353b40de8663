import Access
import AccessStore
import ArgumentParser
import Catalog
import Pipeline
import PipelineDefinition
import Review
import Warehouse
import WarehouseSQLite

struct MatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "match",
    abstract: "Decide which registration a record's subject is, where no code tells.",
    discussion: """
      Records whose code is registered are linked, and so are those whose registration number and \
      normalized name are (Pipelines/matching.yaml). The others wait here with the registrations that they \
      may mean. What a person decides counts from the next night on, until it is undone or the record says \
      something else. RECORD is the number in the column record of the views.

      Exit 0 done; 1 refused: no such record or registration, another decision stands, an account whose \
      role or systems do not allow it; 2 the definitions are wrong; 3 no warehouse, or it is in use; 64 \
      wrong usage.
      """,
    subcommands: [List.self, Show.self, Confirm.self, Reject.self, Undo.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List records with candidates, or the acts of people; it is a read and logged.")

    @Option(help: "Only this category, e.g. CMP.") var category: String?
    @Option(help: "At most so many records.") var limit = 100
    @Flag(help: "What people decided, newest last.") var acts = false
    @Flag(help: "Reasons in English.") var english = false
    @Flag(help: "One JSON object per line.") var json = false
    @OptionGroup var reading: ReaderOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      try home.requireWarehouse()
      guard limit > 0 else { throw CommandFailure(CommandFailure.usage, "--limit from 1") }
      let (catalog, settings, _) = try pipeline.load()
      let printer = MatchPrinter(catalog, isEnglish: english)
      let reader = try WarehouseReader(folder: home.folder.warehouse)
      if acts {
        for act in try reader.subjectActs() {
          print(json ? jsonText(printer.object(act)) : printer.text(act))
        }
        return
      }
      let category = try category.map { try MatchPrinter.category($0, catalog) }
      let reviews = try reader.subjectReviews(catalog, category: category, limit: limit)
      try printer.log(reviews, category, reader, settings.roles, reading, home)
      for review in reviews {
        print(json ? jsonText(printer.object(review)) : printer.text(review))
      }
      if reviews.count == limit, !json { print("at most \(limit) are shown; --limit shows more") }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what is known of one record's subject, with the acts about it; it is logged.")

    @Argument(help: "Number of the record.") var record: Int64
    @Flag(help: "Reasons in English.") var english = false
    @Flag(help: "Print one JSON object.") var json = false
    @OptionGroup var reading: ReaderOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      try home.requireWarehouse()
      let (catalog, settings, _) = try pipeline.load()
      let printer = MatchPrinter(catalog, isEnglish: english)
      let reader = try WarehouseReader(folder: home.folder.warehouse)
      let review = try reader.subjectReviews(catalog, record: record, limit: 1).first
      try printer.log(
        review.map { [$0] } ?? [], review?.category, reader, settings.roles, reading, home)
      guard let review else {
        throw CommandFailure(
          CommandFailure.findings,
          "record \(record) is not shown, or its subject is told by its code; see subject_link")
      }
      let acts = try reader.subjectActs().filter {
        $0.category == review.category && $0.system == review.system
          && $0.recordID == review.recordID
      }
      if json {
        var object = printer.object(review)
        object["acts"] = acts.map { printer.object($0) }
        print(jsonText(object))
      } else {
        print(([printer.text(review)] + acts.map { printer.text($0) }).joined(separator: "\n"))
      }
    }
  }

  /// What every act has.
  struct ActOptions: ParsableArguments {
    @Option(help: "Why.") var reason: String
    @Option(help: "Who.") var by: String
    @Flag(help: "Say what would be stored, and store nothing.") var dryRun = false
    @Flag(help: "Print the act as JSON.") var json = false
    @OptionGroup var reading: ReaderOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    /// - Parameter system: Whose record it is about; nil where there is none such.
    func perform(
      _ kind: SubjectAct.Kind, of system: (WarehouseReader) throws -> String?,
      _ body: (SubjectDesk) throws -> SubjectAct
    ) throws {
      let account = try reading.account(home)
      let (catalog, _, _) = try pipeline.load()
      var event = try reading.event(kind.action, rule: "match")
      event.person = account.person
      event.purpose = LoggedText(cleaning: reason)
      let owner = try system(WarehouseReader(folder: home.folder.warehouse))
      try home.checkRight(.correct, of: owner, account, event)
      let act = try home.deciding(catalog, event, body)
      let printer = MatchPrinter(catalog, isEnglish: true)
      if json { return print(jsonText(printer.object(act))) }
      print(
        dryRun
          ? "would be stored: \(printer.says(act))"
          : "act \(act.id) counts from the next night on: \(printer.says(act))")
    }

    /// The system that delivered a record.
    static func system(of record: Int64) -> (WarehouseReader) throws -> String? {
      { try $0.delivery(record >> 32)?.system }
    }

    func statement(_ record: Int64, _ subject: String) -> SubjectDesk.Statement {
      SubjectDesk.Statement(
        row: record, subject: subject.uppercased(), author: by, reason: reason,
        time: LocalClock.text())
    }
  }

  struct Confirm: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The record's subject is this registration.")

    @Argument(help: "Number of the record.") var record: Int64
    @Argument(help: "Code of the registration.") var subject: String
    @OptionGroup var act: ActOptions

    func run() throws {
      try act.perform(.confirm, of: ActOptions.system(of: record)) {
        try $0.confirm(act.statement(record, subject), storing: !act.dryRun)
      }
    }
  }

  struct Reject: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The record's subject is not this one: its link by number and name, or a candidate."
    )

    @Argument(help: "Number of the record.") var record: Int64
    @Argument(help: "Code of the registration.") var subject: String
    @OptionGroup var act: ActOptions

    func run() throws {
      try act.perform(.reject, of: ActOptions.system(of: record)) {
        try $0.reject(act.statement(record, subject), storing: !act.dryRun)
      }
    }
  }

  struct Undo: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a confirmation or a rejection back.")

    @Argument(help: "Number of the act.") var number: Int64
    @OptionGroup var act: ActOptions

    func run() throws {
      try act.perform(
        .undo, of: { reader in try reader.subjectActs().first { $0.id == number }?.system }
      ) {
        try $0.undo(
          number, author: act.by, reason: act.reason, time: LocalClock.text(),
          storing: !act.dryRun)
      }
    }
  }
}

extension HomeOptions {
  /// Opens the warehouse for a person's act; a refusal ends the command with its code. Both stand in the log.
  fileprivate func deciding(
    _ catalog: Catalog, _ event: AccessEvent, _ body: (SubjectDesk) throws -> SubjectAct
  ) throws -> SubjectAct {
    var options = SQLiteWarehouse.Options()
    options.command = "qingyuan match"
    let engine = try SQLiteWarehouse(folder: folder.warehouse, catalog: catalog, options: options)
    let log = AccessLog(folder: folder.access)
    let desk = SubjectDesk(catalog: catalog, engine: engine) { act in
      var event = event
      event.category = act.category
      event.reference = "row:\(act.row)"
      event.elements = ["registration_no", "subject_name", "uscc"]
      try log.append(event)
    }
    do {
      let act = try body(desk)
      try engine.close()
      return act
    } catch let refusal as StewardRefusal {
      try engine.close()
      var denied = event
      denied.outcome = .denied
      denied.rule = "not-stated"
      try log.append(denied)
      throw CommandFailure(
        refusal.code == .usage ? CommandFailure.usage : CommandFailure.findings, refusal.message)
    }
  }
}
