import Catalog
import Pipeline
import Review
import Warehouse
import WarehouseSQLite

/// Deliveries and the records behind the numbers of a night.
extension ConsoleDesk {
  func deliveriesPage(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply {
    let account = session.account
    guard account.role.readsRecords else { return forbidden(request, session) }
    return try withReader { reader in
      let last = try reader.publications(upTo: "9999-12-31", publication: nil, limit: 1).first
      let asked = DeliveriesRequest(request.query, night: last?.night ?? "")
      let systems: Set<String>? =
        asked.system.map { account.sees($0) ? [$0] : [] } ?? account.systems
      let (found, count) = try reader.deliveries(
        DeliverySelection(
          span: LedgerSpan(
            first: asked.first, last: asked.last, publication: last?.publication ?? 0),
          systems: systems, category: asked.category, column: asked.term?.rawValue),
        skipping: asked.skipped, limit: DeliveriesPage.perPage)
      if asked.term != nil, count == 1, let only = found.first {
        return seeOther(DeliveryRequest.address(only.id, asked.term).text)
      }
      let view = DeliveriesPage(
        deliveries: found, count: count, catalog: catalog, language: request.language,
        request: asked)
      return page(
        of(request, "批次", "Deliveries"), .night, view.content, request, session)
    }
  }

  func deliveryPage(
    _ id: String, _ request: ConsoleRequest, _ session: Session
  ) throws -> ConsoleReply {
    let account = session.account
    guard account.role.readsRecords else { return forbidden(request, session) }
    return try withReader { reader in
      guard let number = Int64(id), number > 0, let entry = try reader.publishedDelivery(number),
        account.sees(entry.system)
      else { return notFound(request, session) }
      let asked = DeliveryRequest(entry, request.query)
      let list = try list(asked, of: entry, account, reader)
      if let list { try note(list.subjects, account) }
      let view = DeliveryPage(
        delivery: entry, catalog: catalog, language: request.language, request: asked, list: list,
        formToken: ActDesk.may(.correct, account.role) ? session.formToken : nil)
      return page(view.title, .night, view.content, request, session)
    }
  }

  private func list(
    _ asked: DeliveryRequest, of entry: DeliveryEntry, _ account: Account,
    _ reader: WarehouseReader
  ) throws -> RecordList? {
    let selection: RecordSelection
    switch asked.term {
    case .accepted: selection = .outcome(.accepted, delivery: entry.id)
    case .returned: selection = .outcome(.returned, delivery: entry.id)
    case .pending: selection = .outcome(.pending, delivery: entry.id)
    case .read, .unchanged, .duplicate, .deleted, .held:
      guard asked.term.count(entry.balance) > 0,
        let kind = DeliveryContents.Kind(rawValue: asked.term.rawValue)
      else { return .empty }
      return try records.list(kind, of: entry, for: account, reader, after: asked.after)
    }
    return try records.list(selection, for: account, reader, after: asked.after)
  }

  func recordsPage(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply {
    let account = session.account
    guard account.role.readsRecords else { return forbidden(request, session) }
    guard let asked = RecordsRequest(request.query) else { return notFound(request, session) }
    let selection: RecordSelection =
      switch asked.what {
      case .conflicts(let rule, let system): .conflicts(rule: rule, system: system)
      case .subjects(let knowledge, let night): .subjects(knowledge, night: night)
      case .notes(let night): .notes(night: night)
      case .core(let domain, let night):
        .mistakes(
          elements: catalog.elements.filter { $0.core.contains(domain) }.map(\.identifier),
          categories: catalog.coreDomains.first { $0.domain == domain }?.records.keys.sorted()
            ?? [], night: night)
      }
    let list = try withReader {
      try records.list(selection, for: account, $0, after: asked.after)
    }
    try note(list.subjects, account)
    let view = RecordsPage(
      list: list, catalog: catalog, language: request.language, request: asked)
    return page(view.title, .night, view.content, request, session)
  }
}
