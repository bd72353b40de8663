import Pipeline
import Review
import Synchronization
import Warehouse
import WarehouseSQLite

/// Everything that is defined. Everybody who is signed in may read them; what they found is
/// counted for the systems of the person alone.
extension ConsoleDesk {
  /// - Parameters:
  ///   - id: nil for the list.
  ///   - problem: Why a changed rule is not tried; nil where none was sent.
  func rulesPage(
    _ id: String?, _ request: ConsoleRequest, _ session: Session, _ problem: HTML? = nil
  ) throws -> ConsoleReply {
    let (findings, night) = try withReader { try nightFindings($0, session.account) }
    guard let id else {
      let view = RulesPage(
        book: rules, catalog: catalog, findings: findings, night: night,
        language: request.language, request: RulesRequest(request.query),
        mayOpen: session.account.role.readsRecords)
      return page(of(request, "规则与数据元", "Rules"), .rules, view.content, request, session)
    }
    guard let entry = rules.entry(id) else { return notFound(request, session) }
    let view = RulePage(
      entry: entry, book: rules, catalog: catalog, plans: records.plans(for:), findings: findings,
      night: night, language: request.language, mayOpen: session.account.role.readsRecords)
    let trial = try trialSection(id, request, session, problem)
    return page(
      view.title, .rules, view.content + trial, request, session,
      status: problem == nil ? 200 : 422)
  }

  private func nightFindings(
    _ reader: WarehouseReader, _ account: Account
  ) throws -> (NightFindings, String) {
    let night = try findings(reader, mayWait: false)
    return (
      NightFindings(index: night?.index ?? FindingIndex([]), systems: account.systems),
      night?.night ?? "–"
    )
  }

  /// Findings of the last night; nil before the first.
  func findings(
    _ reader: WarehouseReader, mayWait: Bool
  ) throws -> (night: String, index: FindingIndex)? {
    try nightFindings.value(reader, mayWait: mayWait) { last in
      (
        last.night,
        FindingIndex(
          try reader.findingSums(
            LedgerSpan(first: last.night, last: last.night, publication: last.publication)))
      )
    }
  }
}
