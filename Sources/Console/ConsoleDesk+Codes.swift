package import Access
import AccessStore
import Catalog
import Pipeline
import Review
import Synchronization
import Warehouse
import WarehouseSQLite

/// New codes and synonyms. For people who read no records it is not there.
extension ConsoleDesk {
  /// - Parameter name: nil for the list; `new` for the form; else a patch.
  func codesPage(
    _ name: String?, _ request: ConsoleRequest, _ session: Session
  ) throws -> ConsoleReply {
    let account = session.account
    guard account.role.readsRecords else { return notFound(request, session) }
    switch name {
    case nil:
      let values = try withReader { try unknownValues($0, mayWait: false) }
      let unknown = CodeWatch.unknown(values, catalog, for: account)
      let patches = try acts.patches(for: account)
      try note(unknown.map(\.element.identifier), of: "codes", account)
      try note(patches.map(\.act), account)
      let view = CodesPage(
        unknown: unknown, patches: patches, catalog: catalog, language: request.language,
        mayAct: ActDesk.may(.code, account.role), now: clock())
      return page(of(request, "新代码", "New codes"), .codes, view.content, request, session)
    case "new": return codeForm(request.query, request, session, nil)
    case let name?:
      guard let patch = try acts.patch(name, for: account) else {
        return notFound(request, session)
      }
      var event = event(.patch, account.person, .allowed, "role-\(account.role.rawValue)", clock())
      event.reference = name
      try log.append(event)
      return ConsoleReply(body: patch, type: "text/x-diff; charset=utf-8")
    }
  }

  /// It looks through the findings of many nights.
  func unknownValues(_ reader: WarehouseReader, mayWait: Bool) throws -> [UnknownValue] {
    try newValues.value(reader, mayWait: mayWait) { _ in try CodeWatch.values(reader) } ?? []
  }

  private func codeForm(
    _ values: [String: String], _ request: ConsoleRequest, _ session: Session, _ problem: HTML?
  ) -> ConsoleReply {
    let account = session.account
    guard ActDesk.may(.code, account.role), let element = catalog.element(values["element"] ?? ""),
      element.tier <= account.clearance, let list = element.codeList.flatMap(catalog.codeList)
    else { return notFound(request, session) }
    let view = CodeForm(
      element: element, list: list,
      spelling: String((values["value"] ?? values["spelling"] ?? "").prefix(80)),
      row: values["row"].flatMap { Int64($0) }, session: session, language: request.language,
      form: request.form, problem: problem)
    return page(
      of(request, "确认新代码或写法", "Confirm a new code or spelling"), .codes, view.content, request,
      session, status: problem == nil ? 200 : 422)
  }

  func confirmCode(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply {
    let form = request.form
    let account = session.account
    guard account.role.readsRecords, let element = catalog.element(form["element"] ?? ""),
      let list = element.codeList, let meaning = form["meaning"].flatMap(CodeForm.Meaning.init)
    else { return notFound(request, session) }
    func text(_ name: String) -> String {
      (form[name] ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    let change =
      switch meaning {
      case .synonym:
        CodeListChange(
          list: list, element: element.identifier, spelling: text("spelling"),
          synonymOf: text("of"))
      case .new:
        CodeListChange(
          list: list, element: element.identifier, spelling: text("spelling"),
          added: CodeListChange.NewCode(
            code: text("code"), label: text("label"), english: text("english")))
      }
    do {
      let result = try withReader { reader in
        try acts.confirm(
          change, row: form["row"].flatMap { Int64($0) }, words: form["words"] ?? "", by: account,
          reader, now: clock())
      }
      return ConsoleReply(status: 303, location: "/act/\(result.act.id)")
    } catch let denial as Denial where denial.code == "unknown-record" {
      return notFound(request, session)
    } catch let denial as Denial {
      return codeForm(
        form, request, session, "<p>\(of(request, denial.chinese, denial.english))</p>")
    }
  }
}

extension AccessAction {
  package static let patch = AccessAction(rawValue: "console-patch")
}
