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
    guard let name else {
      let view = ShadowListPage(results: try kept.all(), language: request.language)
      return page(
        ShadowListPage.title(request.language), .rules, view.content, request, session)
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
}
