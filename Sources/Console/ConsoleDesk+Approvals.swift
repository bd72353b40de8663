import Access
import AccessStore
import Pipeline
import Review

/// What approvers decide about. For everybody else it is not there.
extension ConsoleDesk {
  /// One entry for each kind of thing that is decided about.
  private func approvalSources() throws -> [any ApprovalSource] {
    [ShareApprovals(try ShareStore(folder: home.access, catalog: catalog), catalog)]
  }

  /// How many decisions wait for the person; nil for who is no approver, and where nobody can say.
  func waitingCount(_ session: Session?) -> Int? {
    guard let session, session.account.role == .approver else { return nil }
    let (person, now) = (session.account.person, clock())
    let mine = try? acts.waiting(for: session.account).count { act in
      act.standing(at: now) == .waiting && !act.person.isSameUser(as: person)
    }
    guard let mine else { return nil }
    // Who only looks makes no store.
    guard ShareStore.exists(in: home.access) else { return mine }
    let shares = try? approvalSources().flatMap { try $0.approvals(for: person, at: now) }
    return shares.map { mine + $0.count { $0.due != nil && $0.isOpen } }
  }

  /// - Parameter id: nil for the list.
  func approvalsPage(
    _ id: String?, _ request: ConsoleRequest, _ session: Session, _ problem: Denial? = nil
  ) throws -> ConsoleReply {
    let person = session.account.person
    guard session.account.role == .approver else { return notFound(request, session) }
    let now = clock()
    let sources = try approvalSources()
    guard let id else {
      let waiting = ActListPage(
        acts: [], open: try acts.waiting(for: session.account), session: session, catalog: catalog,
        language: request.language, now: now)
      try note(waiting.mine, session.account)
      let view = ApprovalsPage(
        approvals: try sources.flatMap { try $0.approvals(for: person, at: now) },
        language: request.language, acts: waiting.waiting, actCount: waiting.mine.count)
      return page(
        of(request, "审批", "Approvals"), .approvals, view.content, request, session)
    }
    guard let source = sources.first(where: { id.hasPrefix($0.prefix + "-") }),
      let approval = try source.approval(id, for: person, at: now)
    else { return notFound(request, session) }
    let view = ApprovalPage(
      approval: approval, language: request.language, session: session, problem: problem)
    return page(
      view.title, .approvals, view.content, request, session, status: problem == nil ? 200 : 409)
  }

  func approvalForm(
    _ id: String, _ request: ConsoleRequest, _ session: Session
  ) throws -> ConsoleReply {
    guard session.account.role == .approver else { return notFound(request, session) }
    let person = session.account.person
    guard let source = try approvalSources().first(where: { id.hasPrefix($0.prefix + "-") }),
      try source.approval(id, for: person, at: clock()) != nil
    else { return notFound(request, session) }
    do {
      try source.take(
        request.form["act"] ?? "", String((request.form["text"] ?? "").prefix(500)), on: id,
        by: person, at: clock())
    } catch let denial as Denial {
      return try approvalsPage(id, request, session, denial)
    }
    return ConsoleReply(status: 303, location: Address("/approvals/\(id)").text)
  }
}
