package import Access
import AccessStore
import Catalog
import Foundation
import Pipeline
import Review
import WarehouseSQLite

/// Shadow runs that were kept. For people who read no records they are not there: examples lead to records.
extension ConsoleDesk {
  /// - Parameter name: nil for the list.
  func shadowPage(
    _ name: String?, _ request: ConsoleRequest, _ session: Session
  ) throws -> ConsoleReply {
    let account = session.account
    guard account.role.readsRecords else { return notFound(request, session) }
    let kept = ShadowResults(home)
    let trial = trials.current
    guard let name else {
      let view = ShadowListPage(
        results: try kept.all(), trial: trial, language: request.language)
      return page(
        ShadowListPage.title(request.language), .rules, view.content, request, session)
    }
    if let trial, trial.name == name {
      let view = TrialPage(trial: trial, session: session, language: request.language)
      return page(
        ShadowListPage.title(request.language), .rules, view.content, request, session,
        refresh: trial.failure == nil ? Self.refreshSeconds : nil)
    }
    guard let result = try kept.result(name) else { return notFound(request, session) }
    let changes = result.summary.changes.filter { account.sees($0.system) }
    let examples = changes.prefix(ShadowPage.shownChanges).flatMap(\.examples).map(\.row)
    let records = try withReader { reader in
      try Set(examples.filter { try reader.reviewRow($0) != nil })
    }
    let view = ShadowPage(
      result: result, changes: changes, isWhole: account.systems == nil, records: records,
      catalog: catalog, language: request.language)
    return page(
      ShadowListPage.title(request.language), .rules, view.content, request, session)
  }

  // MARK: Trying a rule

  /// The form on the page of a rule that can be tried; nothing elsewhere.
  func trialSection(
    _ id: String, _ request: ConsoleRequest, _ session: Session, _ problem: HTML?
  ) throws -> HTML {
    guard session.account.role.readsRecords, let rule = rule(toTry: id) else { return "" }
    return TrialForm(
      rule: rule, session: session, language: request.language, form: request.form,
      problem: problem
    ).content
  }

  private func rule(toTry id: String) -> Rule? {
    catalog.rules.first { $0.id == id && $0.kind == .inRecord }
  }

  func trialForm(
    _ id: String, _ request: ConsoleRequest, _ session: Session
  ) throws -> ConsoleReply {
    let account = session.account
    guard account.role.readsRecords, let rule = rule(toTry: id),
      let severity = Severity(rawValue: request.form["severity"] ?? "")
    else { return notFound(request, session) }
    func text(_ name: String) -> String {
      (request.form[name] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let change = RuleChange(
      rule: rule.id, when: text("when"), holds: text("holds"), severity: severity)
    do {
      let work = try trials.begin(change, by: account.person, now: clock())
      var event = event(.trial, account.person, .allowed, "role-\(account.role.rawValue)", clock())
      event.reference = work.name
      do {
        try log.append(event)
      } catch {
        trials.abandon(work)
        throw error
      }
      LowPriority.detach { [trials, clock] in trials.run(work, now: clock) }
      return ConsoleReply(status: 303, location: "/shadow/\(work.name)")
    } catch let denial as Denial {
      return try rulesPage(
        id, request, session, "<p>\(of(request, denial.chinese, denial.english))</p>")
    }
  }

  /// Who began it may end it.
  func cancelTrial(
    _ name: String, _ request: ConsoleRequest, _ session: Session
  ) -> ConsoleReply {
    guard let trial = trials.current, trial.name == name,
      trial.person.isSameUser(as: session.account.person)
    else { return notFound(request, session) }
    trials.cancel(name)
    return ConsoleReply(status: 303, location: "/shadow/\(name)")
  }
}

extension AccessAction {
  package static let trial = AccessAction(rawValue: "console-trial")
}
