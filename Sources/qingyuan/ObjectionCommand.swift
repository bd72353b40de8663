import Access
import AccessStore
import ArgumentParser
import Catalog
import Pipeline
import PipelineDefinition
import Records
import Releases

private let exitCodes = """
  Exit 0 done, 1 denied (with the reason), 2 error in the definitions or no calendar for the time limit, \
  3 environment, 64 wrong usage. Every act is in the access log, denied ones too.
  """

struct ObjectionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "objection",
    abstract: "Objections to records: raise, verify with the source, correct or dismiss.",
    discussion: """
      A record is marked for its readers from the objection to its correction or dismissal. Views and exports \
      show it at once; public.sqlite and shared.sqlite with the next publication or qingyuan tiers.

      \(exitCodes)
      """,
    subcommands: [Raise.self, Verify.self, Correct.self, Dismiss.self, List.self])

  struct Raise: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say that a record is wrong; its readers see a mark from now on.",
      discussion: exitCodes)

    @Argument(help: "Category, as PEN.") var category: String

    @Argument(help: "Values of the entity key, in its order.") var key: [String]

    @Option(help: "The element that is wrong; the whole record if not given.") var element: String?

    @Option(help: "What is wrong.") var reason: String

    @Flag(help: "Print the objection as JSON.") var json = false

    @OptionGroup var options: PersonOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let (catalog, settings, _) = try pipeline.load()
      let subject = try SubjectKey(category, key, catalog, settings)
      let person = try options.person
      let now = try options.second
      let store = try ShareStore(folder: home.folder.access, catalog: catalog)
      let result = try acting(options.english) {
        try store.object(person, now) { id throws(Denial) in
          try Objection(
            id: id, raiser: person, category: subject.category, key: subject.parts,
            element: element, reason: reason, time: now, catalog: catalog)
        }
      }
      try home.markObjections(store, catalog, settings)
      ObjectionPrinter(now: now, english: options.english, json: json).show(result)
    }
  }

  struct StepOptions: ParsableArguments {
    @Argument(help: "Number of the objection, as O000001.") var number: String

    @Option(help: "What the source says, how it was corrected, or why it is dismissed.")
    var reason: String

    @Flag(help: "Print the objection as JSON.") var json = false

    @OptionGroup var options: PersonOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func take(_ kind: ObjectionStep.Kind) throws {
      let (catalog, settings, _) = try pipeline.load()
      let person = try options.person
      let now = try options.second
      let store = try ShareStore(folder: home.folder.access, catalog: catalog)
      let result = try acting(options.english) {
        try store.take(kind, reason, on: number, by: person, at: now)
      }
      try home.markObjections(store, catalog, settings)
      ObjectionPrinter(now: now, english: options.english, json: json).show(result)
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Record what the source says.", discussion: exitCodes)
    @OptionGroup var on: StepOptions
    func run() throws { try on.take(.verified) }
  }

  struct Correct: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Record that the source has corrected the record; the mark goes.",
      discussion: exitCodes)
    @OptionGroup var on: StepOptions
    func run() throws { try on.take(.corrected) }
  }

  struct Dismiss: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Dismiss an objection; the mark goes.", discussion: exitCodes)
    @OptionGroup var on: StepOptions
    func run() throws { try on.take(.dismissed) }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List objections with their states and time limits, oldest first.")

    @Flag(help: "Only those whose record is marked.") var marked = false

    @Flag(help: "Only those whose next step is overdue.") var overdue = false

    @Flag(help: "One JSON object per line.") var json = false

    @OptionGroup var options: PersonOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let (catalog, _, _) = try pipeline.load()
      let now = try options.second
      guard ShareStore.exists(in: home.folder.access) else { return }
      let store = try ShareStore(folder: home.folder.access, catalog: catalog)
      let printer = ObjectionPrinter(now: now, english: options.english, json: json)
      for one in try store.objections()
      where (!marked || one.isMarked) && (!overdue || one.isOverdue(at: now)) {
        printer.show(one)
      }
    }
  }
}

extension HomeOptions {
  /// Shows the marks of all objections in the views, and takes away those of closed ones.
  func markObjections(_ store: ShareStore, _ catalog: Catalog, _ settings: RunSettings) throws {
    try ObjectionSync.run(
      folder: folder.warehouse, catalog, roles: (settings.roles.agency, settings.roles.system)
    ) { ObjectionMarks(try store.objections()) }
  }
}

/// Prints objections for people and as JSON.
private struct ObjectionPrinter {
  let now: Int64
  let english: Bool
  let json: Bool

  func show(_ one: ObjectionCase) {
    let objection = one.objection
    let due = one.due.map { CivilDate(dayNumber: $0).description }
    if json {
      var object: [String: Any] = [
        "id": objection.id, "state": one.state.rawValue, "marked": one.isMarked,
        "overdue": one.isOverdue(at: now), "category": objection.category, "key": objection.key,
        "reason": objection.reason, "user": objection.raiser.user,
        "department": objection.raiser.department,
      ]
      object["element"] = objection.element
      object["due"] = due
      object["steps"] = one.steps.map { step in
        [
          "kind": step.kind.rawValue, "time": Moment.text(step.time), "user": step.person.user,
          "department": step.person.department, "text": step.text, "late": step.isLate,
        ] as [String: Any]
      }
      print(jsonText(object))
      return
    }
    let mark = one.isMarked ? english ? " marked" : " 已标注" : ""
    let late = one.isOverdue(at: now) ? english ? " overdue" : " 逾期" : ""
    var lines = [
      "\(objection.id) \(english ? one.state.rawValue : one.state.chinese)\(mark) "
        + "\(objection.category) \(objection.key.joined(separator: " ")) \(objection.element ?? "")"
    ]
    if let due { lines.append("  \(english ? "due" : "办理期限") \(due)\(late)") }
    lines += one.steps.map { step in
      "  \(Moment.text(step.time)) \(english ? step.kind.rawValue : chinese(step.kind)) "
        + "\(step.person.department) \(step.person.user): \(step.text)"
    }
    print(lines.joined(separator: "\n"))
  }

  private func chinese(_ kind: ObjectionStep.Kind) -> String {
    switch kind {
    case .raised: ObjectionState.raised.chinese
    case .verified: ObjectionState.verified.chinese
    case .corrected: ObjectionState.corrected.chinese
    case .dismissed: ObjectionState.dismissed.chinese
    }
  }
}
