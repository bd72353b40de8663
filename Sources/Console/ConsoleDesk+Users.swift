package import Access
import AccessStore
import Review

/// Accounts, for administrators. For everybody else they are not there.
extension ConsoleDesk {
  func usersPage(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply {
    let account = session.account
    guard account.role == .administrator else { return try noAdministrator(request, session) }
    let now = clock()
    try log.append(event(.users, account.person, .allowed, "account", now))
    let all = try accounts.accounts()
    let view = UsersPage(
      accounts: all, signIns: try SignIns(log, all), policy: accounts.policy, session: session,
      language: request.language, now: now)
    return page(of(request, "用户", "Users"), .users, view.content, request, session)
  }

  func userForm(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply {
    let person = session.account.person
    guard session.account.role == .administrator else {
      return try noAdministrator(request, session)
    }
    guard let act = UserAct(rawValue: request.form["act"] ?? ""),
      let account = try accounts.accounts().first(where: {
        $0.person.user == request.form["user"]
      })
    else { return notFound(request, session) }
    let isOwn = account.person.isSameUser(as: person)
    var event = event(act.action, person, .allowed, "account", clock())
    event.reference = LoggedText(cleaning: account.person.user).text
    if isOwn || !act.isFor(account) {
      event.outcome = .denied
      event.rule = isOwn ? "own" : "state"
    }
    try log.append(event)
    guard event.outcome == .allowed else {
      return failure(
        422, request, session, of(request, "没有执行", "Nothing was done"),
        isOwn
          ? of(request, "本人的账户须由另一位管理员处理。", "Another administrator deals with your account.")
          : of(request, "账户的状态已变，请回到用户页。", "The account is in another state by now."))
    }
    // Enabling an account that is enabled forgets its failures and ends its sessions.
    try accounts.setEnabled(act != .disable, user: account.person.user)
    return seeOther("/users")
  }

  private func noAdministrator(
    _ request: ConsoleRequest, _ session: Session
  ) throws -> ConsoleReply {
    try log.append(event(.users, session.account.person, .denied, "role", clock()))
    return notFound(request, session)
  }
}

extension AccessAction {
  package static let users = AccessAction(rawValue: "console-users")
  package static let accountUnlock = AccessAction(rawValue: "account-unlock")
}
