package import Access
import AccessStore
package import Catalog
import Foundation
package import Pipeline
package import Review
import Sharing
import Synchronization
import Warehouse
import WarehouseSQLite

/// What a browser asked.
struct ConsoleRequest: Sendable {
  var path: String
  /// Path and query as they came.
  var address: String
  var query: [String: String]
  /// A form that was sent, and not a question.
  var isForm = false
  var form: [String: String] = [:]
  /// Of the cookie; nil where there is none.
  var token: String?
  var language: ReportLanguage

  /// Whether a password is to be checked, which takes a core for a moment.
  var isSigningIn: Bool { isForm && path == "/sign-in" }
}

/// What it gets.
struct ConsoleReply: Sendable {
  enum Cookie: Sendable, Equatable {
    case keep
    case set(String)
    case remove
  }

  var status = 200
  var body = ""
  var type = "text/html; charset=utf-8"
  /// Where to go on instead.
  var location: String?
  var cookie = Cookie.keep
}

/// Answers the console's questions. It knows nothing of sockets; every answer is made on one thread with readers
/// of its own, so that any number may be made at once.
package final class ConsoleDesk: Sendable {
  let home: HomeFolder
  let catalog: Catalog
  let configuration: RunConfiguration
  let records: RecordDesk
  let accounts: AccountStore
  let acts: ActDesk
  let log: AccessLog
  /// Seconds since 1970-01-01T00:00:00Z.
  let clock: @Sendable () -> Int64
  private let idleReaders = Mutex<[WarehouseReader]>([])
  private let queue = Mutex<ReviewFile?>(nil)
  private let night = PerPublication<MorningReport>()
  private let closed = PerPublication<[ClosedReturn]>()
  private let assignments = Mutex<(publication: Int64, newest: Int64, rows: [String: [Int64]])?>(
    nil)
  let rules: RuleBook
  let incidents: IncidentStore
  let trials: RuleTrials
  let verification = Mutex<AuditPage.Verification?>(nil)
  let newValues = PerPublication<[UnknownValue]>()
  let nightFindings = PerPublication<(night: String, index: FindingIndex)>()

  package init(
    home: HomeFolder, _ catalog: Catalog, _ configuration: RunConfiguration, _ records: RecordDesk,
    _ accounts: AccountStore, _ acts: ActDesk, _ rules: RuleBook, _ incidents: IncidentStore,
    _ trials: RuleTrials, clock: @escaping @Sendable () -> Int64
  ) {
    self.home = home
    self.catalog = catalog
    self.configuration = configuration
    self.records = records
    self.accounts = accounts
    self.rules = rules
    self.incidents = incidents
    self.trials = trials
    self.acts = acts
    self.clock = clock
    log = AccessLog(folder: home.access)
  }

  /// Brings the report up to the publication that readers see: the first that people ask for.
  package func refreshReport() throws {
    try withReader { _ = try report($0, mayWait: true) }
  }

  /// Brings queue, incidents and what the pages count up to the publication that readers see; for the start
  /// and for between requests.
  package func refresh() throws {
    try refreshReport()
    try withReader { reader in
      _ = try findings(reader, mayWait: true)
      _ = try unknownValues(reader, mayWait: true)
      _ = try closedReturns(reader, mayWait: true)
      guard let file = try currentQueue(reader, mayWait: true) else { return }
      try incidents.follow(file, folder: home.warehouse, catalog, reader)
    }
  }

  // MARK: Requests

  func reply(to request: ConsoleRequest) -> ConsoleReply {
    do {
      return try answer(request)
    } catch {
      // What went wrong may name files; the person gets a number, the operator the sentence.
      let number = "\(clock())"
      try? FileHandle.standardError.write(
        contentsOf: Data("console: \(request.path): error \(number): \(error)\n".utf8))
      // Whoever is signed in stays among their pages, if that at least can be read.
      let session = request.token.flatMap { try? accounts.session($0, now: clock()) }
      return failure(
        500, request, session, of(request, "出了问题", "Something went wrong"),
        of(
          request, "请稍后再试；若仍不行，请把编号 \(number) 告诉值班员。",
          "Try again; if it stays so, tell the operator the number \(number)."))
    }
  }

  private func answer(_ request: ConsoleRequest) throws -> ConsoleReply {
    if request.path == "/sign-in" {
      return try request.isSigningIn ? signIn(request) : signInPage(request, nil)
    }
    guard let token = request.token, let session = try accounts.session(token, now: clock()) else {
      let target = request.path == "/" || request.isForm ? nil : request.address
      return ConsoleReply(
        status: 303, location: Address("/sign-in").with("next", target).text, cookie: .remove)
    }
    if request.isForm {
      guard isFromUs(request, session) else { return foreignForm(request, session) }
      if request.path == "/sign-out" { return try signOut(token, session) }
      return try act(request, session) ?? sectionForm(request, session)
    }
    switch request.path {
    case "/", "/night": return try nightPage(request, session)
    case "/queue": return try queuePage(request, session)
    default:
      if let row = request.path.wholeMatch(of: /\/record\/([0-9]{1,19})/).flatMap({ Int64($0.1) }) {
        return try recordPage(row, request, session)
      }
      return try actPage(request, session) ?? section(request, session)
    }
  }

  /// Parts of the console that have files of their own.
  private func section(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply {
    let steps = request.path.split(separator: "/").map(String.init)
    switch (steps.first, steps.count) {
    case ("audit", 1): return try auditPage(request, session)
    case ("approvals", ...2):
      return try approvalsPage(steps.dropFirst().first, request, session)
    case ("incidents", 1): return try incidentsPage(request, session)
    case ("incidents", 2): return try incidentPage(steps[1], request, session)
    case ("codes", ...2): return try codesPage(steps.dropFirst().first, request, session)
    case ("deliveries", 1): return try deliveriesPage(request, session)
    case ("deliveries", 2): return try deliveryPage(steps[1], request, session)
    case ("records", 1): return try recordsPage(request, session)
    case ("shadow", ...2): return try shadowPage(steps.dropFirst().first, request, session)
    case ("users", 1): return try usersPage(request, session)
    case ("rules", ...2): return try rulesPage(steps.dropFirst().first, request, session)
    default: return notFound(request, session)
    }
  }

  func of(_ request: ConsoleRequest, _ chinese: String, _ english: String) -> String {
    request.language.of(chinese, english)
  }

  func page(
    _ title: String, _ part: ConsolePage.Part?, _ content: HTML, _ request: ConsoleRequest,
    _ session: Session?, status: Int = 200, refresh: Int? = nil
  ) -> ConsoleReply {
    // After a form the address is that of the form, which cannot be asked for.
    let address = request.isForm ? "/" : request.address
    return ConsoleReply(
      status: status,
      body: ConsolePage(
        title: title, part: part, content: content, session: session, language: request.language,
        address: address, refresh: refresh, waiting: waitingCount(session)
      ).text)
  }

  func failure(
    _ status: Int, _ request: ConsoleRequest, _ session: Session?, _ title: String, _ text: String
  ) -> ConsoleReply {
    page(
      title, nil,
      "<div class=\"sheet\"><p>\(text)</p><p><a href=\"/\">\(of(request, "回到首页", "Go to the first page"))</a></p></div>",
      request, session, status: status)
  }

  func notFound(_ request: ConsoleRequest, _ session: Session) -> ConsoleReply {
    failure(
      404, request, session, of(request, "没有这一页", "There is no such page"),
      of(
        request, "地址写错了，或这条记录不属于您负责的系统。",
        "The address is wrong, or the record is not of a system that is yours."))
  }

  func forbidden(_ request: ConsoleRequest, _ session: Session) -> ConsoleReply {
    failure(
      403, request, session, of(request, "您的角色不查看记录", "Your role reads no records"),
      of(
        request, "审计员和管理员的工作不需要查看记录；需要时请管理员另设账户。",
        "Auditors and administrators do their work without records; ask for another account if you need one."
      ))
  }

  // MARK: Signing in and out

  private func signInPage(_ request: ConsoleRequest, _ problem: String?) throws -> ConsoleReply {
    let alert: HTML = problem.map { "<p class=\"alert\" role=\"alert\">\($0)</p>" } ?? ""
    let next = request.form["next"] ?? request.query["next"] ?? ""
    let content: HTML = """
      <form class="card" method="post" action="/sign-in">\(alert)
      <input type="hidden" name="next" value="\(next)"/>
      <label for="user">\(of(request, "用户名", "User name"))</label>
      <input id="user" name="user" autocomplete="username" maxlength="64" required="required" autofocus="autofocus"/>
      <label for="password">\(of(request, "口令", "Password"))</label>
      <input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" required="required"/>
      <button>\(of(request, "登录", "Sign in"))</button></form>
      <p class="note">\(of(request, "没有账户或忘记口令，请找管理员。", "No account, or the password is lost: ask the administrator."))</p>
      """
    return page(
      of(request, "登录", "Sign in"), nil, content, request, nil, status: problem == nil ? 200 : 401)
  }

  private func signIn(_ request: ConsoleRequest) throws -> ConsoleReply {
    let user = request.form["user"] ?? ""
    let now = clock()
    do {
      let (token, session) = try accounts.signIn(user, request.form["password"] ?? "", now: now)
      try log.append(event(.signIn, session.account.person, .allowed, "password", now))
      return ConsoleReply(
        status: 303, location: Self.local(request.form["next"]), cookie: .set(token))
    } catch let refusal as AccountRefusal {
      // A name that nobody has may be anything, a password typed in the wrong place too.
      let known = try accounts.accounts().first { $0.person.user.lowercased() == user.lowercased() }
      let person = try known?.person ?? Person(user: "unknown", department: "unknown")
      try log.append(event(.signIn, person, .denied, refusal.code.rawValue, now))
      return try signInPage(request, of(request, refusal.chinese, refusal.english))
    }
  }

  /// A path of ours; anything else leads to the first page.
  private static func local(_ next: String?) -> String {
    guard let next, next.hasPrefix("/"), !next.hasPrefix("//"), !next.contains("\\"),
      next.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return "/" }
    return next
  }

  private func signOut(_ token: String, _ session: Session) throws -> ConsoleReply {
    try accounts.signOut(token)
    try log.append(event(.signOut, session.account.person, .allowed, "person", clock()))
    return ConsoleReply(status: 303, location: "/sign-in", cookie: .remove)
  }

  /// Whether a form was made by a page of this session.
  private func isFromUs(_ request: ConsoleRequest, _ session: Session) -> Bool {
    request.form["form"] == session.formToken
  }

  /// Forms of the parts that have files of their own.
  private func sectionForm(
    _ request: ConsoleRequest, _ session: Session
  ) throws -> ConsoleReply {
    let steps = request.path.split(separator: "/").map(String.init)
    switch (steps.first, steps.count) {
    case ("audit", 2) where steps[1] == "verify": return try verifyForm(request, session)
    case ("incidents", 2): return try incidentForm(steps[1], request, session)
    case ("approvals", 2): return try approvalForm(steps[1], request, session)
    case ("codes", 2) where steps[1] == "new": return try confirmCode(request, session)
    case ("users", 1): return try userForm(request, session)
    case ("rules", 3) where steps[2] == "try": return try trialForm(steps[1], request, session)
    case ("shadow", 3) where steps[2] == "cancel":
      return cancelTrial(steps[1], request, session)
    default: return notFound(request, session)
    }
  }

  private func foreignForm(_ request: ConsoleRequest, _ session: Session) -> ConsoleReply {
    failure(
      403, request, session, of(request, "表单已失效", "The form is not valid any more"),
      of(
        request, "请回到页面，刷新后重新提交。什么都没有改变。",
        "Go back to the page, load it again and send it anew. Nothing was changed."))
  }

  func event(
    _ action: AccessAction, _ person: Person, _ outcome: AccessEvent.Outcome, _ rule: String,
    _ now: Int64
  ) -> AccessEvent {
    AccessEvent(time: now, person: person, action: action, outcome: outcome, rule: rule)
  }

  // MARK: Pages

  /// Seconds after which a page is loaded again that soon says something else.
  static let refreshSeconds = 5

  private func nightPage(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply {
    let title = of(request, "昨夜", "Last night")
    return try withReader { reader in
      // Whoever is told that a night is done sees that night.
      let report = try report(reader, mayWait: true)
      let head = NightHead(
        try reader.lastRun(), report, NightProgress.read(home), request.language, now: clock(),
        namesFiles: session.account.systems == nil)
      let mayOpen = session.account.role.readsRecords
      let content: HTML =
        report.map { report in
          ReportPage(
            report.seen(by: session.account), language: request.language, version: "",
            place: { mayOpen ? QueueAddress.of($0) : nil }
          ).content
        }
        ?? "<div class=\"sheet\"><p>\(of(request, "还没有发布过任何一夜。运行 qingyuan run 之后再来。", "No night has been published yet. Come again after qingyuan run."))</p></div>"
      return page(
        title, .night, "\(head.html)\(ownFiles(request, session))\(content)", request, session,
        refresh: head.isMoving ? Self.refreshSeconds : nil)
    }
  }

  /// Says that files of other systems are left out, where they are.
  private func ownFiles(_ request: ConsoleRequest, _ session: Session) -> HTML {
    guard let systems = session.account.systems else { return "" }
    let list = systems.sorted().joined(separator: of(request, "、", ", "))
    return
      "<p class=\"note\">\(of(request, "挂起、未到、列变化和重复文件只列您负责的系统（\(list)）；合计为全部系统。", "Held, missing, changed and repeated files are those of your systems (\(list)); sums are of all systems."))</p>"
  }

  /// The report of the last night; nil before the first.
  private func report(_ reader: WarehouseReader, mayWait: Bool) throws -> MorningReport? {
    try night.value(reader, mayWait: mayWait) { last in
      try MorningReport(
        reader, catalog: catalog, configuration: configuration, night: last.night)
    }
  }

  private func queuePage(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply {
    let account = session.account
    guard account.role.readsRecords else { return forbidden(request, session) }
    return try withReader { reader in
      guard let queue = try reviewQueue(reader, account) else {
        return queueIsMade(.queue, request, session)
      }
      let held = try heldDeliveries(reader).filter { account.sees($0.system) }
      let asked = QueueRequest(request.query)
      let mayAct = ActDesk.may(.correct, account.role)
      let assignments = mayAct ? try openAssignments(queue) : [:]
      let assigned = try queue.counts(asked.filter, of: assignments)
      let waived = try queue.openRows(of: try acts.store.waived(at: clock()))
      let exempt = try queue.counts(asked.filter, of: ["": waived])[""] ?? 0
      let chosen =
        try asked.assignee.map { try queue.only(assignments[$0] ?? []) }
        ?? (asked.isWaived ? try queue.only(waived) : queue)
      let (content, items) = try QueuePage(
        queue: chosen, catalog: catalog, language: request.language, request: asked, held: held,
        assigned: assigned, waived: exempt, user: account.person.user, acts: acts.store,
        mayAct: mayAct, formToken: session.formToken, now: clock()
      ).content()
      try note(queue.subjects(of: items), account)
      return page(of(request, "待办队列", "Queue"), .queue, content, request, session)
    }
  }

  /// Open records by the user to whom they are assigned. Acts stay for ever, and a step on many may be about
  /// fifty thousand records: they are read once for every publication and assignment.
  private func openAssignments(_ queue: ReviewQueue) throws -> [String: [Int64]] {
    let newest = try acts.store.newestAssignment()
    return try assignments.withLock { known in
      if let known, known.publication == queue.publication, known.newest == newest {
        return known.rows
      }
      let rows = try acts.store.assignments().mapValues(queue.openRows).filter { !$0.value.isEmpty }
      known = (queue.publication, newest, rows)
      return rows
    }
  }

  /// - Returns: nil while it is being made.
  func reviewQueue(_ reader: WarehouseReader, _ account: Account) throws -> ReviewQueue? {
    try currentQueue(reader, mayWait: false).map { file in
      ReviewQueue(
        file, catalog, account, plans: records.plans(for: account.clearance),
        recordID: configuration.recordIDElement)
    }
  }

  /// For the seconds behind a publication.
  func queueIsMade(
    _ part: ConsolePage.Part, _ request: ConsoleRequest, _ session: Session
  ) -> ConsoleReply {
    let text =
      request.isForm
      ? of(
        request, "新一夜刚刚发布，队列正在整理。什么都没有改变，请几秒后重新提交。",
        "A night was published just now; the queue is being made. Nothing was changed; try again in some seconds."
      )
      : of(
        request, "新一夜刚刚发布，队列正在整理，本页几秒后自动刷新。",
        "A night was published just now; the queue is being made. This page loads itself again in some seconds."
      )
    // What was sent is not sent again by itself.
    return page(
      of(request, "正在整理", "Being made"), part, "<div class=\"sheet\"><p>\(text)</p></div>",
      request, session, status: 503, refresh: request.isForm ? nil : Self.refreshSeconds)
  }

  private func heldDeliveries(_ reader: WarehouseReader) throws -> [DeliveryEntry] {
    guard
      let last = try reader.publications(upTo: "9999-12-31", publication: nil, limit: 1).first
    else { return [] }
    return try reader.waitingDeliveries(
      LedgerSpan(first: last.night, last: last.night, publication: last.publication)
    ).filter { $0.status == .held }
  }

  /// - Parameter problem: Why what was asked for was not done; nil where nothing was.
  func recordPage(
    _ row: Int64, _ request: ConsoleRequest, _ session: Session, _ problem: HTML? = nil
  ) throws -> ConsoleReply {
    let account = session.account
    guard account.role.readsRecords else { return forbidden(request, session) }
    let now = clock()
    let found = try withReader { try records.open(row, for: account, $0, now: now) }
    try note(found, row, account, now)
    guard let found else { return notFound(request, session) }
    let view = RecordPage(
      record: found, catalog: catalog, language: request.language, session: session, rules: rules,
      form: problem == nil ? [:] : request.form)
    let forms = found.takesActs ? try actForms(found, request, session, problem) : ""
    let similar = found.isInQuarantine ? try similarCases(found, request, session) : ""
    return page(
      view.title, found.isInQuarantine ? .queue : .night,
      "\(view.content)\(similar)\(forms)", request, session,
      status: problem == nil ? 200 : 422)
  }

  /// Other records with the same findings; their keys stand in the log like those of a list.
  private func similarCases(
    _ record: RecordCase, _ request: ConsoleRequest, _ session: Session
  ) throws -> HTML {
    let account = session.account
    return try withReader { reader in
      let queue = try reviewQueue(reader, account)
      let similar = try SimilarCases(
        of: record, queue, try closedReturns(reader, mayWait: false), acts.store, account)
      var open: HTML = ""
      if let queue, !similar.open.isEmpty {
        try note(queue.subjects(of: similar.open), account)
        open = try QueuePage(
          queue: queue, catalog: catalog, language: request.language, request: QueueRequest([:]),
          held: [], acts: acts.store, now: clock()
        ).table(similar.open)
      }
      return SimilarSection(
        similar: similar, catalog: catalog, account: account, open: open,
        language: request.language
      ).html
    }
  }

  /// The records that closed last, among which similar ones are looked for.
  private func closedReturns(_ reader: WarehouseReader, mayWait: Bool) throws -> [ClosedReturn] {
    try closed.value(reader, mayWait: mayWait) { _ in
      try reader.closedReturns(limit: SimilarCases.scanned)
    } ?? []
  }

  /// A list shows keys, which are values too.
  func note(
    _ subjects: [(category: String, keys: [SubjectKey])], _ account: Account
  ) throws {
    guard !subjects.isEmpty else { return }
    let now = clock()
    try log.withWriter(account.person, now) { writer in
      try writer.append(
        subjects.map { category, keys in
          var event = event(
            .queue, account.person, .allowed, "clearance-\(account.clearance.rawValue)", now)
          event.category = category
          event.elements = catalog.category(category)?.entityKey ?? []
          event.see(keys.map { $0.fingerprint(writer.secret) })
          return event
        })
    }
  }

  /// Acts show values that people stated, and the keys of golden records.
  func note(_ acts: [RecordAct], _ account: Account) throws {
    let clearance = account.clearance
    let keys = acts.compactMap { $0.shownSubject(catalog, clearance) }
    let subjects = Dictionary(grouping: keys, by: \.category)
      .map { (category: $0.key, keys: $0.value) }.sorted { $0.category < $1.category }
    try note(subjects, account)
    let shown = acts.filter { !$0.shownElements(catalog, clearance).isEmpty }
    try note(
      shown.flatMap { $0.shownElements(catalog, clearance) },
      of: Set(shown.map(\.id)).sorted().map { "act:\($0)" }.joined(separator: " "), account)
  }

  /// Values that stand on a page without the records that they are of.
  ///
  /// - Parameter reference: What they are shown with.
  func note(_ elements: [String], of reference: String, _ account: Account) throws {
    guard !elements.isEmpty else { return }
    var event = event(
      .values, account.person, .allowed, "clearance-\(account.clearance.rawValue)", clock())
    event.elements = Set(elements).sorted()
    event.reference = reference
    try log.append(event)
  }

  /// The entry is there before anything is shown.
  ///
  /// - Parameter elements: Those that are shown; nil for the whole page of the record.
  func note(
    _ found: RecordCase?, _ row: Int64, _ account: Account, _ now: Int64,
    showing elements: [String]? = nil
  ) throws {
    var event = event(
      .record, account.person, found == nil ? .denied : .allowed,
      found.map { $0.denial?.id ?? "clearance-\(account.clearance.rawValue)" } ?? "not-found", now)
    event.reference = "row:\(row)"
    event.category = found?.category.id ?? ""
    event.elements = elements ?? found?.shownElements ?? []
    _ = try log.withWriter(account.person, now) { writer in
      if let subject = found?.subject { event.see([subject.fingerprint(writer.secret)]) }
      return try writer.append(event)
    }
  }

  // MARK: Readers

  func withReader<Result>(_ body: (WarehouseReader) throws -> Result) throws -> Result {
    let reader =
      try idleReaders.withLock { $0.popLast() } ?? WarehouseReader(folder: home.warehouse)
    let result = try body(reader)
    // One that failed is not used again. Before the first publication the file itself is replaced.
    if try reader.publicationNumber() > 0 {
      idleReaders.withLock { if $0.count < 16 { $0.append(reader) } }
    }
    return result
  }

  /// - Returns: nil where the queue of this publication is still to be made and nobody may wait for it.
  func currentQueue(_ reader: WarehouseReader, mayWait: Bool) throws -> ReviewFile? {
    let known = queue.withLock { $0 }
    if let known, try known.isCurrent(reader) || !mayWait { return known }
    guard mayWait else { return nil }
    let file = try ReviewFile.current(folder: home.warehouse, catalog, reader)
    queue.withLock { $0 = file }
    return file
  }
}

extension AccessAction {
  package static let signIn = AccessAction(rawValue: "console-sign-in")
  package static let signOut = AccessAction(rawValue: "console-sign-out")
  package static let values = AccessAction(rawValue: "console-values")
}

/// Where in the queue the records of a number are.
enum QueueAddress {
  static func of(_ link: ReportLink) -> String? {
    let start = Address("/queue")
    switch link {
    case .open(let state, let system, let category, let night):
      let chosen =
        switch state {
        case nil: start
        case .held: start.with("held", "1")
        case .some(let state): start.with("status", state.rawValue)
        }
      return chosen.with("system", system).with("category", category).with("night", night).text
    case .cause(let code, let rule, let element, let system, let night):
      return start.choosing(.code, code).choosing(.rule, rule).choosing(.element, element)
        .with("system", system).with("night", night).text
    case .deliveries(let term, let system, let category, let first, let night):
      return DeliveriesRequest(
        [
          "from": first ?? night, "to": night, "system": system ?? "", "category": category ?? "",
          "show": term?.rawValue ?? "",
        ], night: night
      ).address.text
    case .delivery(let id): return DeliveryRequest.address(id).text
    case .conflicts(let rule, let system):
      return RecordsRequest(.conflicts(rule: rule, system: system)).address.text
    case .subjects(let knowledge, let night):
      return RecordsRequest(.subjects(knowledge, night: night)).address.text
    case .coreMistakes(let domain, let night):
      return RecordsRequest(.core(domain, night: night)).address.text
    case .notes(let night): return RecordsRequest(.notes(night: night)).address.text
    case .elements: return Address("/rules").with("kind", "element").text
    }
  }
}
