import Access
import Catalog
import Pipeline
import Review
import Warehouse
import WarehouseSQLite

/// What people do: every form of the console but those of signing in and out.
extension ConsoleDesk {
  /// - Returns: nil for a path that takes no form.
  func act(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply? {
    guard session.account.role.readsRecords else { return nil }
    if request.path == "/queue/act" { return try actOnMany(request, session) }
    if let row = Self.number(request.path.wholeMatch(of: /\/record\/([0-9]{1,19})\/act/)?.1) {
      return try actOnRecord(row, request, session)
    }
    if let row = Self.number(request.path.wholeMatch(of: /\/record\/([0-9]{1,19})\/override/)?.1) {
      return try overrideOnRecord(row, request, session)
    }
    if let match = request.path.wholeMatch(of: /\/act\/([0-9]{1,19})\/(approve|refuse|undo)/),
      let id = Self.number(match.1), let kind = ActKind(rawValue: String(match.2))
    {
      return try actOnAct(id, kind, request, session)
    }
    return try decision(request, session)
  }

  /// - Returns: nil for another path.
  func actPage(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply? {
    guard session.account.role.readsRecords else { return nil }
    switch request.path {
    case "/queue/act":
      return try bulkPage(QueueRequest(request.query), request, session, nil)
    case "/acts":
      let view = ActListPage(
        acts: try acts.acts(for: session.account), open: try acts.waiting(for: session.account),
        session: session, catalog: catalog,
        language: request.language, now: clock())
      try note(view.acts + view.mine, session.account)
      return page(of(request, "处理记录", "Acts"), .acts, view.content, request, session)
    default:
      guard let id = Self.number(request.path.wholeMatch(of: /\/act\/([0-9]{1,19})/)?.1),
        let act = try acts.act(id, for: session.account)
      else { return nil }
      return try actPage(act, request, session, nil)
    }
  }

  private static func number(_ text: Substring?) -> Int64? { text.flatMap { Int64($0) } }

  func seeOther(_ location: String) -> ConsoleReply {
    ConsoleReply(status: 303, location: location)
  }

  // MARK: One record

  /// What can be done about a record, below what is known of it.
  func actForms(
    _ record: RecordCase, _ request: ConsoleRequest, _ session: Session, _ problem: HTML?
  ) throws -> HTML {
    let key = try withReader { try $0.reviewRow(record.row)?.record.recordKey } ?? ""
    let done = try acts.store.acts(row: record.row, recordKey: key)
    try note(done, session.account)
    return ActForms(
      record: record, acts: done, session: session, language: request.language,
      catalog: catalog, now: clock(), form: problem == nil ? [:] : request.form, problem: problem,
      people: try acts.people(for: [record.system.id])
    ).html
  }

  private func actOnRecord(
    _ row: Int64, _ request: ConsoleRequest, _ session: Session
  ) throws -> ConsoleReply {
    guard let kind = ActKind(rawValue: request.form["kind"] ?? ""),
      ActKind.onRecords.contains(kind)
    else { return notFound(request, session) }
    let account = session.account
    return try acting(on: row, request, session) {
      let details = try self.details(kind, row, request, account)
      _ = try withReader { reader in
        try acts.take(kind, details, on: [row], by: account, reader, now: clock())
      }
    }
  }

  private func overrideOnRecord(
    _ row: Int64, _ request: ConsoleRequest, _ session: Session
  ) throws -> ConsoleReply {
    let (form, account, now) = (request.form, session.account, clock())
    return try acting(on: row, request, session) {
      try withReader { reader in
        if let id = form["retire"].flatMap({ Int64($0) }) {
          try acts.retire(
            id, words: form["words"] ?? "", row: row, by: account, reader, now: now)
        } else {
          let details = ActDetails(words: form["words"] ?? "", until: form["until"] ?? "")
          _ = try acts.override(
            form["entity"] ?? "", form["element"] ?? "", form["value"] ?? "", details, row: row,
            by: account, reader, now: now)
        }
      }
    }
  }

  /// Goes back to the record's acts when `act` is done, or shows the record with what stands against it.
  private func acting(
    on row: Int64, _ request: ConsoleRequest, _ session: Session, _ act: () throws -> Void
  ) throws -> ConsoleReply {
    do {
      try act()
      return seeOther("/record/\(row)#acts")
    } catch let denial as Denial where denial.code == "unknown-record" {
      return notFound(request, session)
    } catch {
      guard let problem = self.problem(error, request) else { throw error }
      return try recordPage(row, request, session, problem)
    }
  }

  private func details(
    _ kind: ActKind, _ row: Int64, _ request: ConsoleRequest, _ account: Account
  ) throws -> ActDetails {
    var details = plainDetails(kind, request)
    guard kind == .correct else { return details }
    let now = clock()
    let record = try withReader { try records.open(row, for: account, $0, now: now) }
    let received = Dictionary(
      (record?.fields ?? []).compactMap { field in
        field.element.map { ($0.identifier, field.isEditable ? field.received.text ?? "" : "") }
      }, uniquingKeysWith: { first, _ in first })
    // A field that came back as it was shown was not meant.
    details.changes = request.form.compactMap { name, text -> FieldChange? in
      guard name.hasPrefix(ActForms.valuePrefix) else { return nil }
      let (element, place) = ActForms.place(name)
      let before = place.map { record?.text(of: element, in: $0) ?? "" } ?? received[element] ?? ""
      // A field of one line drops the line breaks of what nobody touched.
      guard Self.asShown(text) != Self.asShown(before),
        text.filter({ !$0.isNewline }) != before.filter({ !$0.isNewline })
      else { return nil }
      return FieldChange(
        element: element, text: text.replacing("\r\n", with: "\n"), row: place)
    }.sorted { ActForms.name(of: $0) < ActForms.name(of: $1) }
    return details
  }

  private func plainDetails(_ kind: ActKind, _ request: ConsoleRequest) -> ActDetails {
    ActDetails(
      words: request.form["words"] ?? "",
      assignee: kind == .assign ? request.form["assignee"] ?? "" : nil,
      until: kind == .waive || kind == .override ? request.form["until"] ?? "" : nil)
  }

  /// What a form for many records says of golden records; nil where it names none.
  private func stated(_ request: ConsoleRequest) -> StatedValues? {
    let parts = (request.form[OverrideField.name] ?? "").split(separator: ".", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    return StatedValues(
      entity: String(parts[0]), key: [],
      values: [FieldChange(element: String(parts[1]), text: request.form["value"] ?? "")])
  }

  /// A value as a field of a form shows it: in one line.
  private static func asShown(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  // MARK: Acts

  private func actPage(
    _ act: RecordAct, _ request: ConsoleRequest, _ session: Session, _ problem: HTML?,
    left: HTML = ""
  ) throws -> ConsoleReply {
    try note([act], session.account)
    let view = ActPage(
      act: act, targets: try acts.store.targets(of: act.id), session: session, catalog: catalog,
      language: request.language, now: clock(), problem: problem, patch: try patch(act, session),
      left: left)
    return page(
      view.title, .acts, view.content, request, session, status: problem == nil ? 200 : 422)
  }

  private func patch(
    _ act: RecordAct, _ session: Session
  ) throws -> (name: String, text: String)? {
    guard act.kind == .code,
      let name = try acts.patches(for: session.account).first(where: { $0.act.id == act.id })?.name,
      let text = try acts.patch(name, for: session.account)
    else { return nil }
    return (name, text)
  }

  private func actOnAct(
    _ id: Int64, _ kind: ActKind, _ request: ConsoleRequest, _ session: Session
  ) throws -> ConsoleReply {
    let account = session.account
    let now = clock()
    guard let act = try acts.act(id, for: account) else { return notFound(request, session) }
    do {
      if kind == .undo {
        _ = try acts.undo(id, by: account, now: now)
      } else {
        _ = try withReader { reader in
          try acts.decide(
            id, isApproval: kind == .approve, words: request.form["words"] ?? "", by: account,
            reader, now: now)
        }
      }
      return seeOther("/act/\(id)")
    } catch {
      guard let problem = self.problem(error, request) else { throw error }
      return try actPage(act, request, session, problem)
    }
  }

  // MARK: Many records

  private func bulkPage(
    _ asked: QueueRequest, _ request: ConsoleRequest, _ session: Session, _ problem: HTML?
  ) throws -> ConsoleReply {
    try withReader { reader in
      guard let queue = try reviewQueue(reader, session.account) else {
        return queueIsMade(.queue, request, session)
      }
      let examples = try queue.page(
        asked.filter, order: .oldest, limit: BulkPage.shownExamples
      ).items
      try note(queue.subjects(of: examples), session.account)
      let view = QueuePage(
        queue: queue, catalog: catalog, language: request.language, request: asked, held: [],
        acts: acts.store, now: clock())
      let systems = asked.filter[.system].map { [$0] } ?? []
      let changes = try previewed(asked, examples, queue, request, session.account, reader)
      let content = BulkPage(
        count: queue.count(asked.filter), examples: try changes ?? view.table(examples),
        request: asked, session: session, catalog: catalog, language: request.language,
        form: request.form,
        problem: problem, people: try acts.people(for: systems)
      ).content
      return page(
        of(request, "批量处理", "Many records"), .queue, content, request, session,
        status: problem == nil ? 200 : 422)
    }
  }

  /// What would come of a form: the first records with the old value and the new one.
  ///
  /// - Returns: nil where nobody asked for it.
  private func previewed(
    _ asked: QueueRequest, _ items: [ReviewQueue.Item], _ queue: ReviewQueue,
    _ request: ConsoleRequest, _ account: Account, _ reader: WarehouseReader
  ) throws -> HTML? {
    guard request.form["preview"] == "1" else { return nil }
    guard request.form["kind"] == ActKind.override.rawValue else {
      return try changes(items, request, account, reader)
    }
    guard let stated = stated(request), let element = catalog.element(stated.values[0].element),
      let entity = catalog.authority.entity(stated.entity)
    else { return nil }
    let now = clock()
    var details = plainDetails(.override, request)
    details.until = details.until.flatMap { $0.isEmpty ? nil : $0 }
    details.stated = stated
    let plan = try acts.plan(
      details, try queue.rows(asked.filter, limit: ActDesk.maximumStated + 1), by: account, reader,
      now: now)
    let examples = try items.map { item in
      let found = try records.open(item.row, for: account, reader, now: now)
      let line = found?.neighbours.first { $0.entity.id == entity.id }?.lines
        .first { $0.element.identifier == element.identifier }
      let value = line?.golden ?? .empty
      try note(
        found, item.row, account, now, showing: value.text == nil ? [] : [element.identifier])
      return ChangePreview.Example(item: item, value: value)
    }
    let language = request.language
    let left: [HTML] = leftReasons(plan.left, language)
    let count = language.number(plan.count)
    return """
      <p><b>\(language.of("将覆盖 \(count) 条综合记录的取值", "The value of \(count) golden records would be overridden"))</b>\(
        plan.isCore ? language.of("（核心，须审批）", " (core, needs approval)") : "")</p><ul>\(left)</ul>
      \(ChangePreview(
        element: element, text: stated.values[0].text, entity: entity, examples: examples,
        catalog: catalog, language: language).html)
      """
  }

  /// Why records are left, with their numbers.
  private func leftReasons(_ left: [LeftRecord], _ language: ReportLanguage) -> [HTML] {
    LeftRecord.Why.allCases.compactMap { why in
      let count = left.count { $0.why == why }
      guard count > 0 else { return nil }
      let records = language.of(
        "\(language.number(count)) 条：\(why.chinese)", "\(language.number(count)): \(why.english)")
      return "<li>\(records)</li>"
    }
  }

  /// The first records of a filter with the value that they have and the one that is meant for them.
  ///
  /// - Returns: nil where nobody asked for it.
  private func changes(
    _ items: [ReviewQueue.Item], _ request: ConsoleRequest, _ account: Account,
    _ reader: WarehouseReader
  ) throws -> HTML? {
    guard ActDesk.may(.correct, account.role),
      let element = catalog.element(request.form["element"] ?? "")
    else { return nil }
    let now = clock()
    let examples = try items.map { item in
      let found = try records.open(item.row, for: account, reader, now: now)
      let field = found?.fields.first { $0.element?.identifier == element.identifier }
      let value = field?.received ?? .empty
      try note(
        found, item.row, account, now, showing: value.text == nil ? [] : [element.identifier])
      return ChangePreview.Example(item: item, value: value)
    }
    return ChangePreview(
      element: element, text: request.form["value"] ?? "", examples: examples, catalog: catalog,
      language: request.language
    ).html
  }

  private func actOnMany(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply {
    guard let kind = ActKind(rawValue: request.form["kind"] ?? ""),
      ActKind.onMany.contains(kind)
    else { return notFound(request, session) }
    let prefix = "filter."
    let asked = QueueRequest(
      Dictionary(
        request.form.filter { $0.key.hasPrefix(prefix) }.map {
          (String($0.key.dropFirst(prefix.count)), $0.value)
        }, uniquingKeysWith: { first, _ in first }))
    if kind == .correct || kind == .override, request.form["preview"] == "1" {
      do {
        return try bulkPage(asked, request, session, nil)
      } catch {
        guard let problem = self.problem(error, request) else { throw error }
        var again = request
        again.form["preview"] = nil
        return try bulkPage(asked, again, session, problem)
      }
    }
    var details = plainDetails(kind, request)
    if kind == .correct {
      details.changes = [
        FieldChange(element: request.form["element"] ?? "", text: request.form["value"] ?? "")
      ]
    }
    if kind == .override { details.stated = stated(request) }
    do {
      let done = try withReader { reader -> (result: ActResult, queue: ReviewQueue)? in
        guard let queue = try reviewQueue(reader, session.account) else { return nil }
        let result = try acts.takeAll(
          kind, details, asked.filter, queue, by: session.account, reader,
          expected: request.form["expected"].flatMap { Int($0) } ?? -1, now: clock())
        return (result, queue)
      }
      guard let done else { return queueIsMade(.queue, request, session) }
      let act = done.result.act
      guard !done.result.left.isEmpty else { return seeOther("/act/\(act.id)") }
      // Nobody keeps which records were left, so that this answer says it.
      return try actPage(
        act, request, session, nil,
        left: try leftOut(done.result.left, done.queue, request, session.account))
    } catch {
      guard let problem = self.problem(error, request) else { throw error }
      return try bulkPage(asked, request, session, problem)
    }
  }

  /// Records that an act on many was meant for and that it left as they are, with what stands against them.
  private func leftOut(
    _ left: [LeftRecord], _ queue: ReviewQueue, _ request: ConsoleRequest, _ account: Account
  ) throws -> HTML {
    let language = request.language
    let shown = try queue.only(left.map(\.row)).page(
      QueueFilter(), order: .oldest, limit: ActPage.shownLeft)
    try note(queue.subjects(of: shown.items), account)
    let view = QueuePage(
      queue: queue, catalog: catalog, language: language, request: QueueRequest([:]), held: [],
      acts: acts.store, now: clock())
    let number = language.number(left.count)
    let rest = left.count - shown.items.count
    let reasons = leftReasons(left, language)
    let more: HTML =
      rest > 0
      ? "<p>\(language.of("另 \(language.number(rest)) 条未列出。", "\(language.number(rest)) more are not listed."))</p>"
      : ""
    return """
      <section class="sheet" aria-labelledby="left"><h2 id="left">\(language.of("\(number) 条没有处理", "\(number) records were left as they are"))</h2>
      <ul>\(reasons)</ul>
      <p>\(language.of("这些记录没有改动；所列为其现有问题，请逐条打开处理。", "They were not changed. What stands against each is listed; open it to deal with it by itself."))</p>
      \(try view.table(shown.items))\(more)</section>
      """
  }

  // MARK: Problems

  /// What a person is told; nil for what is no answer to them.
  private func problem(_ error: any Error, _ request: ConsoleRequest) -> HTML? {
    switch error {
    case let denial as Denial:
      return "<p>\(of(request, denial.chinese, denial.english))</p>"
    case let error as WarehouseError where error.code == .inUse:
      return
        "<p>\(of(request, "本夜的处理正在进行，完成之后再试。什么都没有改变。", "A night is running; try again when it is over. Nothing was changed."))</p>"
    case let refusal as CorrectionRefusal:
      let names = CatalogNames(catalog, request.language)
      let faults: [HTML] = refusal.faults.prefix(20).map { fault in
        "<li><span class=\"tag\">\(fault.code)</span> \(names.rule(fault.rule)) \(of(request, fault.chinese, fault.english))</li>"
      }
      let holds: [HTML] = refusal.holds.map { "<li>\(of(request, $0.chinese, $0.message))</li>" }
      return """
        <p>\(of(request, "更正后仍不能通过校验，什么都没有改变：", "It would go back again; nothing was changed:"))</p><ul>\(faults)\(holds)</ul>
        """
    default: return nil
    }
  }
}
