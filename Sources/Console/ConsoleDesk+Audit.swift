package import Access
import AccessStore
import Catalog
import Pipeline
import Records
import Review
import Synchronization

/// The auditor's view. For everybody else it is not there.
extension ConsoleDesk {
  /// Bytes of a log that is verified with every page.
  private static let verifiedAtOnce = 4 << 20

  func auditPage(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply {
    let account = session.account
    let now = clock()
    guard account.role == .auditor else {
      try log.append(event(.audit, account.person, .denied, "role", now))
      return notFound(request, session)
    }
    let asked = AuditRequest(request.query)
    var event = event(.audit, account.person, .allowed, "auditor", now)
    // What was looked for may be a key and does not belong in the log.
    event.category = catalog.category(asked.category)?.id ?? ""
    do {
      try log.append(event)
    } catch let error as AccessLogError where error.code == .tampered {
      // It takes no more entries; that is what the auditor must see.
    }
    let size = (try? log.anchor())??.byteCount ?? 0
    if size <= Self.verifiedAtOnce { try verifyLog() }
    let search = LogSearch(asked, catalog, configuration)
    let view = AuditPage(
      log: try search.page(log), verification: verification.withLock { $0 }, catalog: catalog,
      language: request.language, request: asked, session: session,
      problem: search.problem.map { of(request, $0.0, $0.1) })
    return page(of(request, "访问日志", "Access log"), .audit, view.content, request, session)
  }

  func verifyForm(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply {
    guard session.account.role == .auditor else { return notFound(request, session) }
    try verifyLog()
    return ConsoleReply(status: 303, location: "/audit")
  }

  private func verifyLog() throws {
    let now = clock()
    var grants: [Grant] = []
    if ShareStore.exists(in: home.access) {
      grants = try ShareStore(folder: home.access, catalog: catalog).cases().compactMap(\.grant)
    }
    var scan = OverreachScan(catalog, grants: grants)
    let report = try log.verifyWithStores { scan.add($0) }
    let today = Moment.dayNumber(now)
    let alerts = scan.alerts((today - AuditPage.alertDays + 1)...today)
    verification.withLock {
      $0 = AuditPage.Verification(report: report, alerts: alerts, time: now)
    }
  }
}

extension AccessAction {
  package static let audit = AccessAction(rawValue: "console-audit")
}

/// Finds entries by what is asked for.
struct LogSearch {
  private let request: AuditRequest
  private let first: Int64
  private let last: Int64
  private let subject: SubjectKey?
  /// Chinese and English.
  private(set) var problem: (String, String)?

  init(_ request: AuditRequest, _ catalog: Catalog, _ configuration: RunConfiguration) {
    self.request = request
    func day(_ text: String) -> Int? { CivilDate(text)?.dayNumber }
    first = day(request.from).map(Moment.start(ofDay:)) ?? .min
    last = day(request.to).map(Moment.end(ofDay:)) ?? .max
    var subject: SubjectKey?
    if !request.key.isEmpty {
      if let category = catalog.category(request.category) {
        let names = SubjectKey.elements(
          of: category, agency: configuration.agencyElement, system: configuration.systemElement)
        let parts = request.key.split(separator: "|", omittingEmptySubsequences: false)
          .map { $0.filter { !$0.isWhitespace } }
        if parts.count == names.count {
          subject = SubjectKey(category: category.id, parts: parts)
        } else {
          let titles = names.map { name in catalog.element(name) }
          problem = (
            "\(category.name)的业务键有 \(names.count) 部分："
              + titles.map { $0?.name ?? "" }.joined(separator: " | "),
            "the key of \(category.id) has \(names.count) parts: " + names.joined(separator: " | ")
          )
        }
      } else {
        problem = ("按业务键查找须选定类别", "choose a category to look for a key")
      }
    }
    self.subject = subject
  }

  func page(_ log: AccessLog) throws -> EntryPage {
    guard problem == nil else { return EntryPage() }
    let fingerprint = try subject.flatMap { subject in
      try log.secret().map { subject.fingerprint($0) }
    }
    let user = request.user.lowercased()
    return try log.page(
      before: request.before, limit: AuditRequest.perPage, scanning: AuditRequest.scanned
    ) { entry in
      if entry.time < first { return .stop }
      guard entry.time <= last, user.isEmpty || entry.user.lowercased() == user,
        request.outcome.isEmpty || entry.outcome.rawValue == request.outcome,
        request.category.isEmpty || entry.category == request.category,
        request.reference.isEmpty
          || entry.reference.split(separator: " ").contains(Substring(request.reference))
      else { return .leave }
      if let fingerprint, try !log.entry(entry, concerns: fingerprint) { return .leave }
      return .take
    }
  }
}
