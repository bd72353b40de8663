import Access
import Catalog
import Pipeline
import Review
import WarehouseSQLite

/// Incidents, for people who read records, of their systems.
extension ConsoleDesk {
  private func mayAct(_ account: Account) -> Bool {
    account.role == .steward || account.role == .operator
  }

  func incidentsPage(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply {
    let account = session.account
    guard account.role.readsRecords else { return notFound(request, session) }
    let asked = IncidentsRequest(request.query)
    return try withReader { reader in
      guard let file = try currentQueue(reader, mayWait: false) else {
        return queueIsMade(.incidents, request, session)
      }
      let clock = try ReturnClock(
        file, catalog.calendar, workdays: configuration.returnWorkdays,
        today: Moment.dayNumber(self.clock()), systems: account.systems,
        waived: try acts.store.waived(at: self.clock()))
      let view = IncidentsPage(
        incidents: try incidents.incidents(asked.choice, systems: account.systems), clock: clock,
        workdays: configuration.returnWorkdays, catalog: catalog, language: request.language,
        request: asked)
      return page(
        of(request, "问题事件", "Incidents"), .incidents, view.content, request, session)
    }
  }

  func incidentPage(
    _ id: String, _ request: ConsoleRequest, _ session: Session, _ problem: Denial? = nil
  ) throws -> ConsoleReply {
    let account = session.account
    guard account.role.readsRecords, let number = Int64(id),
      let incident = try incidents.incident(number), account.sees(incident.cause.system)
    else { return notFound(request, session) }
    let mayAct = mayAct(account)
    let assignees =
      mayAct ? try accounts.accounts(workingOn: incident.cause.system).map(\.person.user) : []
    let view = IncidentPage(
      incident: incident, catalog: catalog, rules: rules, language: request.language,
      session: session,
      assignees: assignees, mayAct: mayAct, problem: problem)
    return page(
      view.title, .incidents, view.content, request, session, status: problem == nil ? 200 : 409)
  }

  func incidentForm(
    _ id: String, _ request: ConsoleRequest, _ session: Session
  ) throws -> ConsoleReply {
    let account = session.account
    guard mayAct(account), let number = Int64(id),
      let incident = try incidents.incident(number), account.sees(incident.cause.system)
    else { return notFound(request, session) }
    do {
      let act: IncidentAct
      switch request.form["act"] {
      case "acknowledge": act = .acknowledge
      case "assign":
        act = .assign(
          to: try accounts.user(request.form["to"] ?? "", workingOn: incident.cause.system))
      case "resolve": act = .resolve(reason: String((request.form["text"] ?? "").prefix(500)))
      default: throw Denial("act", chinese: "没有这个办理事项", english: "there is no such act")
      }
      _ = try incidents.take(act, on: number, by: account.person, at: clock(), log)
    } catch let denial as Denial {
      return try incidentPage(id, request, session, denial)
    }
    return ConsoleReply(status: 303, location: "/incidents/\(number)")
  }
}
