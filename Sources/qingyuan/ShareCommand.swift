import Access
import AccessStore
import ArgumentParser
import Catalog
import Pipeline
import Records

/// Texts of the exit codes of commands that act on requests.
private let exitCodes = """
  Exit 0 done, 1 denied or refused (with the reason), 2 error in the definitions or no calendar for the \
  time limit, 3 environment, 64 wrong usage. Every act is in the access log, denied ones too.
  """

struct ShareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "share",
    abstract: "Requests for data, their approval, grants, and what is handed out under them.",
    discussion: """
      A request is checked against tiers and negative list first; then two people approve it, neither of them the requester; \
      then somebody gives the grant. Time limits in working days stand in sharing/approvals.yaml.

      \(exitCodes)
      """,
    subcommands: [
      Request.self, Approve.self, Refuse.self, Give.self, Revoke.self, List.self, Show.self,
      Explain.self, Export.self, Trace.self,
    ])

  struct Request: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask for elements of a category, for a purpose and a period.",
      discussion: exitCodes)

    @Option(help: "Category, as PEN.") var category: String

    @Option(help: "Identifiers of elements, separated by commas.") var elements: String

    @Option(help: "What the data is for.") var purpose: String

    @Option(help: "First day, or moment, of the period; now if not given.") var from: String?

    @Option(help: "Last day, or second, of the period.") var until: String

    @Option(help: "Highest tier asked for: public, shared, restricted.")
    var tier = SharingTier.shared.rawValue

    @Option(name: .customLong("where"), help: "Row condition in the expression language.")
    var condition: String?

    @Flag(help: "Print the request as JSON.") var json = false

    @OptionGroup var options: PersonOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      guard let tier = SharingTier(rawValue: tier) else {
        let names = SharingTier.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandFailure(CommandFailure.usage, "\(tier) is no tier; there are \(names)")
      }
      let (catalog, _, _) = try pipeline.load()
      let person = try options.person
      let now = try options.second
      let period = AccessPeriod(
        firstSecond: try from.map {
          try PersonOptions.bound($0, option: "from", isEnd: false)
        } ?? now, lastSecond: try PersonOptions.bound(until, option: "until", isEnd: true))
      let store = try ShareStore(folder: home.folder.access, catalog: catalog)
      let names = elements.split(separator: ",").map { String($0.trimmingBlanks) }
      let result = try acting(options.english) {
        try store.submit(person, now, checks: [ElementTierCheck(), NegativeListCheck()]) {
          id throws(Denial) in
          try ShareRequest(
            id: id, requester: person, purpose: purpose, category: category.uppercased(),
            elements: names, tier: tier, condition: condition, period: period, time: now,
            catalog: catalog)
        }
      }
      CasePrinter(now: now, english: options.english, json: json).show(result)
      if result.state(at: now) == .refused { throw ExitCode(CommandFailure.findings) }
    }
  }

  /// The number, and what everybody needs who acts on it.
  struct CaseOptions: ParsableArguments {
    @Argument(help: "Number of the request or grant, as R000001.") var number: String

    @Flag(help: "Print the request as JSON.") var json = false

    @OptionGroup var options: PersonOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func take(_ act: ShareAct) throws {
      let (catalog, _, _) = try pipeline.load()
      let person = try options.person
      let now = try options.second
      let store = try ShareStore(folder: home.folder.access, catalog: catalog)
      let result = try acting(options.english) {
        try store.take(act, on: number, by: person, at: now)
      }
      CasePrinter(now: now, english: options.english, json: json).show(result)
    }
  }

  struct Approve: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give the first or the second approval.", discussion: exitCodes)

    @Option(help: "A note for the record.") var note = ""
    @OptionGroup var on: CaseOptions

    func run() throws { try on.take(.approve(note: note)) }
  }

  struct Refuse: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Refuse a request.", discussion: exitCodes)

    @Option(help: "Why; the requester reads it.") var reason: String
    @OptionGroup var on: CaseOptions

    func run() throws { try on.take(.refuse(reason: reason)) }
  }

  struct Give: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "grant", abstract: "Give the grant for an approved request.",
      discussion: exitCodes)

    @Option(help: "Terms of use.") var terms = ""
    @OptionGroup var on: CaseOptions

    func run() throws { try on.take(.grant(terms: terms)) }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Revoke a grant; it is not honoured any more from now on.", discussion: exitCodes)

    @Option(help: "Why.") var reason: String
    @OptionGroup var on: CaseOptions

    func run() throws { try on.take(.revoke(reason: reason)) }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List requests with their states and time limits, oldest first.")

    @Option(
      help: "Only this state: requested, checked, approved, active, expired, revoked, refused.")
    var state: String?

    @Flag(help: "Only those whose next step is overdue.") var overdue = false

    @Flag(help: "One JSON object per line.") var json = false

    @OptionGroup var options: PersonOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      if let state, ShareState(rawValue: state) == nil {
        let names = ShareState.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandFailure(CommandFailure.usage, "\(state) is no state; there are \(names)")
      }
      let (catalog, _, _) = try pipeline.load()
      let now = try options.second
      guard ShareStore.exists(in: home.folder.access) else { return }
      let store = try ShareStore(folder: home.folder.access, catalog: catalog)
      let chosen = try store.cases().filter { found in
        (state == nil || found.state(at: now).rawValue == state)
          && (!overdue || found.isOverdue(at: now))
      }
      CasePrinter(now: now, english: options.english, json: json).list(chosen)
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a request with all its steps, remarks and time limits.")

    @OptionGroup var on: CaseOptions

    func run() throws {
      let (catalog, _, _) = try on.pipeline.load()
      let now = try on.options.second
      let folder = on.home.folder.access
      let store =
        ShareStore.exists(in: folder) ? try ShareStore(folder: folder, catalog: catalog) : nil
      guard let found = try store?.shareCase(on.number) else {
        throw CommandFailure(CommandFailure.usage, "there is no request \(on.number)")
      }
      CasePrinter(now: now, english: on.options.english, json: on.json).show(found)
    }
  }
}

extension StringProtocol {
  var trimmingBlanks: SubSequence {
    let start = drop { $0.isWhitespace }
    return start[
      ..<(start.lastIndex { !$0.isWhitespace }.map { index(after: $0) } ?? start.startIndex)]
  }
}

/// Prints requests for people and as JSON.
struct CasePrinter {
  let now: Int64
  let english: Bool
  let json: Bool

  private func word(_ state: ShareState) -> String { english ? state.rawValue : state.chinese }

  private func day(_ number: Int) -> String { CivilDate(dayNumber: number).description }

  private func title(_ chinese: String, _ english: String) -> String {
    self.english ? english : chinese
  }

  func list(_ cases: [ShareCase]) {
    if json {
      for one in cases { print(jsonText(object(one))) }
      return
    }
    let columns = [
      (title("编号", "number"), 8), (title("状态", "state"), 10), (title("类别", "category"), 9),
      (title("部门", "department"), 20), (title("申请人", "requester"), 12),
    ]
    print(
      columns.map { Terminal.padded($0.0, $0.1) }.joined(separator: " ") + " "
        + title("办理期限", "due"))
    for one in cases {
      let request = one.request
      let cells = [
        request.id, word(one.state(at: now)), request.category, request.requester.department,
        request.requester.user,
      ]
      let late = one.isOverdue(at: now) ? " " + title("逾期", "overdue") : ""
      let due = one.state(at: now) == .expired ? nil : one.due
      print(
        zip(cells, columns).map { Terminal.padded($0, $1.1) }.joined(separator: " ") + " "
          + (due.map { day($0) + late } ?? "–"))
    }
  }

  func show(_ one: ShareCase) {
    if json {
      print(jsonText(object(one)))
      return
    }
    let request = one.request
    let late = one.isOverdue(at: now) ? " " + title("逾期", "overdue") : ""
    var lines = [
      "\(request.id) \(word(one.state(at: now)))",
      "\(title("申请", "request")): \(request.requester.department) \(request.requester.user)",
      "\(title("用途", "purpose")): \(request.purpose)",
      "\(title("数据", "data")): \(request.category) \(request.elements.joined(separator: ", "))",
      "\(title("层级", "tier")): \(english ? request.tier : request.sharingTier.chinese)",
    ]
    if let condition = request.condition {
      lines.append("\(title("行条件", "rows")): \(condition)")
    }
    let period = one.grant?.period ?? request.period
    lines.append(
      "\(title("期限", "period")): \(Moment.text(period.firstSecond)) – \(Moment.text(period.lastSecond))"
    )
    if let grant = one.grant { lines.append("\(title("授权", "grant")): \(grant.id) \(grant.terms)") }
    if let due = one.due { lines.append("\(title("办理期限", "due")): \(day(due))\(late)") }
    for step in one.steps { lines += text(step) }
    print(lines.joined(separator: "\n"))
  }

  private func text(_ step: ShareStep) -> [String] {
    let word =
      switch step.kind {
      case .requested: title("申请", "requested")
      case .checked: title("核查", "checked")
      case .approved: title("批准", "approved")
      case .refused: title("拒绝", "refused")
      case .granted: title("授权", "granted")
      case .revoked: title("撤销", "revoked")
      }
    let late = step.isLate ? " " + title("逾期", "late") : ""
    let who = step.remarks.isEmpty ? " \(step.person.department) \(step.person.user)" : ""
    return [
      "  \(Moment.text(step.time)) \(word)\(late)\(who)\(step.text.isEmpty ? "" : ": \(step.text)")"
    ]
      + step.remarks.map { remark in
        "    \(remark.severity == .refusal ? "✗" : "!") \(english ? remark.english : remark.chinese)"
          + " (\(remark.code))"
      }
  }

  private func object(_ one: ShareCase) -> [String: Any] {
    let request = one.request
    var object: [String: Any] = [
      "id": request.id, "state": one.state(at: now).rawValue, "overdue": one.isOverdue(at: now),
      "user": request.requester.user, "department": request.requester.department,
      "purpose": request.purpose, "category": request.category, "elements": request.elements,
      "tier": request.tier, "from": Moment.text(request.period.firstSecond),
      "until": Moment.text(request.period.lastSecond),
    ]
    object["condition"] = request.condition
    object["due"] = one.due.map(day)
    object["grant"] = one.grant?.id
    object["terms"] = one.grant?.terms
    object["steps"] = one.steps.map { step in
      var entry: [String: Any] = [
        "kind": step.kind.rawValue, "time": Moment.text(step.time), "user": step.person.user,
        "department": step.person.department, "late": step.isLate,
      ]
      if !step.text.isEmpty { entry["text"] = step.text }
      if !step.remarks.isEmpty {
        entry["remarks"] = step.remarks.map {
          [
            "severity": $0.severity.rawValue, "code": $0.code, "subject": $0.subject,
            "chinese": $0.chinese, "english": $0.english,
          ]
        }
      }
      return entry
    }
    return object
  }
}
