import Access
import AccessStore
import Pipeline
import Review

/// Accounts, what the access log says of their signing in, and what can be done about them.
struct UsersPage: ConsoleView {
  let accounts: [Account]
  let signIns: SignIns
  let policy: AccountStore.Policy
  let session: Session
  let language: ReportLanguage
  /// Seconds since 1970-01-01T00:00:00Z.
  let now: Int64

  var content: HTML {
    let rows: [HTML] = accounts.map { account in
      let tally = signIns[account.person]
      let failures = tally.failures == 0 ? "·" : language.number(tally.failures)
      let systems = account.systems?.sorted().joined(separator: " ") ?? of("全部", "all")
      return """
        <tr><th scope="row"><bdi>\(account.person.user)</bdi><span class="what">\(account.person.department)</span></th>
        <td class="short">\(of(account.role.chinese, account.role.rawValue))</td><td>\(systems)</td>
        <td class="short">\(ConsoleWords(language).clearance(account.clearance))</td>
        <td class="short">\(state(account, tally))</td>
        <td class="short">\(tally.last.map(time) ?? "–")</td>
        <td class="n">\(failures)<span class="what">\(tally.lastFailure.map(time) ?? "")</span></td>
        <td>\(form(account))</td></tr>

        """
    }
    let title = of("账户（\(accounts.count)）", "Accounts (\(accounts.count))")
    return section(
      "accounts", title,
      table(
        title,
        [
          (of("用户 · 部门", "user · department"), false), (of("角色", "role"), false),
          (of("系统", "systems"), false), (of("查看级别", "clearance"), false),
          (of("状态", "state"), false), (of("最近登录", "last sign-in"), false),
          (of("此后失败", "failed since"), true), (of("处理", "what to do"), false),
        ], rows) + note)
  }

  private var note: HTML {
    """
    <p class="note">\(of(
      "登录情况取自访问日志最近的 \(language.number(SignIns.scanned)) 条。新增账户、变更权限和更改口令用 qingyuan user。",
      "What is said of signing in is of the last \(language.number(SignIns.scanned)) entries of the access log. Accounts, rights and passwords are given with qingyuan user."))</p>
    """
  }

  private func time(_ second: Int64) -> String {
    String(Moment.text(second).replacing("T", with: " ").prefix(16))
  }

  private func state(_ account: Account, _ tally: SignIns.Tally) -> HTML {
    if !account.isEnabled {
      return "<span class=\"tag bad\">\(of("已停用", "disabled"))</span>"
    }
    if tally.isLocked(policy, at: now) {
      return "<span class=\"tag near\">\(of("暂时锁定", "locked for a time"))</span>"
    }
    return "<span class=\"tag good\">\(of("有效", "enabled"))</span>"
  }

  /// Nobody does anything about the own account.
  private func form(_ account: Account) -> HTML {
    guard !account.person.isSameUser(as: session.account.person) else { return "" }
    let buttons: [HTML] = UserAct.allCases.filter { $0.isFor(account) }.map { act in
      "<button name=\"act\" value=\"\(act.rawValue)\">\(of(act.chinese, act.english))</button> "
    }
    return """
      <form class="decision" method="post" action="/users"><input type="hidden" name="form" value="\(session.formToken)"/>
      <input type="hidden" name="user" value="\(account.person.user)"/>\(buttons)</form>
      """
  }
}

/// What an administrator does about an account.
enum UserAct: String, CaseIterable {
  case disable
  case enable
  /// Forgets failed sign-ins and ends all sessions.
  case unlock

  var chinese: String {
    switch self {
    case .disable: "停用"
    case .enable: "启用"
    case .unlock: "解除锁定并结束会话"
    }
  }

  var english: String {
    switch self {
    case .disable: "Disable"
    case .enable: "Enable"
    case .unlock: "Unlock and end sessions"
    }
  }

  var action: AccessAction {
    switch self {
    case .disable: .accountDisable
    case .enable: .accountEnable
    case .unlock: .accountUnlock
    }
  }

  func isFor(_ account: Account) -> Bool { account.isEnabled == (self != .enable) }
}

/// What the access log says of people's signing in.
struct SignIns {
  /// Of one account.
  struct Tally {
    /// Seconds since 1970-01-01T00:00:00Z; nil where none is found.
    var last: Int64?
    /// Since the last sign-in, or since the account was changed.
    var failures = 0
    var lastFailure: Int64?

    /// As ``AccountStore`` counts: a lock begins with every so many failures, and what is tried meanwhile is
    /// none.
    func isLocked(_ policy: AccountStore.Policy, at now: Int64) -> Bool {
      guard let lastFailure, failures % policy.failuresBeforeLock == 0 else { return false }
      return lastFailure + policy.lockSeconds > now
    }
  }

  /// Entries looked at, a second of work at most.
  static let scanned = 100_000
  /// What makes an account forget failures; the entry names it as its reference.
  private static let resets: Set<AccessAction> = [
    .accountDisable, .accountEnable, .accountUnlock, .accountPassword,
  ]

  private var tallies: [String: Tally] = [:]

  subscript(person: Person) -> Tally { tallies[person.user.lowercased()] ?? Tally() }

  init(_ log: AccessLog, _ accounts: [Account]) throws {
    var found: [String: Tally] = [:]
    var unsettled = Set(accounts.map { $0.person.user.lowercased() })
    var unseen = unsettled
    _ = try log.page(before: nil, limit: 1, scanning: Self.scanned) { entry in
      let user = entry.user.lowercased()
      if Self.resets.contains(entry.action), entry.outcome == .allowed {
        unsettled.remove(entry.reference.lowercased())
      } else if entry.action == .signIn, entry.outcome == .allowed, unseen.contains(user) {
        unseen.remove(user)
        unsettled.remove(user)
        found[user, default: Tally()].last = entry.time
      } else if entry.action == .signIn, entry.rule == "credentials", unsettled.contains(user) {
        var tally = found[user] ?? Tally()
        tally.failures += 1
        tally.lastFailure = tally.lastFailure ?? entry.time
        found[user] = tally
      }
      return unseen.isEmpty ? .stop : .leave
    }
    tallies = found
  }
}

/// As `qingyuan user` writes them.
extension AccessAction {
  static let accountDisable = AccessAction(rawValue: "account-disable")
  static let accountEnable = AccessAction(rawValue: "account-enable")
  static let accountPassword = AccessAction(rawValue: "account-password")
}
