import Access
import AccessStore
import Pipeline
import Review
import Warehouse
import WarehouseSQLite

/// What people decide about deliveries that wait, about one or about many in one step.
extension ConsoleDesk {
  /// Most deliveries in one step: as many as a person looks through.
  private static let mostDecided = 200

  /// - Returns: nil for another path.
  func decision(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply? {
    if request.path == HeldDeliveries.path { return try decideMany(request, session) }
    guard
      let match = request.path.wholeMatch(
        of: /\/delivery\/([0-9]{1,19})\/(release|reject|hold)/),
      let id = Int64(match.1), let decision = HoldDesk.Decision(rawValue: String(match.2))
    else { return nil }
    guard let entry = try withReader({ try $0.delivery(id) }), session.account.sees(entry.system)
    else { return notFound(request, session) }
    return try take(decision, [id], request, session) { _ in
      seeOther(decision == .hold ? DeliveryRequest.address(id).text : "/queue?held=1")
    }
  }

  /// Shows what is about to be done; does it where that was confirmed.
  private func decideMany(_ request: ConsoleRequest, _ session: Session) throws -> ConsoleReply {
    let ids = Self.chosen(request.form)
    guard let decision = HoldDesk.Decision(rawValue: request.form["decision"] ?? "") else {
      return notFound(request, session)
    }
    guard (1...Self.mostDecided).contains(ids.count) else {
      return refused(
        422, request, session, "请勾选 1 至 \(Self.mostDecided) 个批次。什么都没有改变。",
        "Mark 1 to \(Self.mostDecided) deliveries. Nothing was changed.")
    }
    let entries = try withReader { reader in try ids.compactMap { try reader.delivery($0) } }
    guard entries.count == ids.count, entries.allSatisfy({ session.account.sees($0.system) }) else {
      return notFound(request, session)
    }
    func shown(_ deliveries: [DeliveryEntry], isDone: Bool) -> ConsoleReply {
      let view = HoldPage(
        decision: decision, deliveries: deliveries, isDone: isDone, catalog: catalog,
        language: request.language, formToken: session.formToken,
        words: request.form["words"] ?? "")
      return page(view.title, .queue, view.content, request, session)
    }
    guard request.form["confirmed"] == "1" else {
      guard ActDesk.may(.correct, session.account.role) else {
        return try denied(decision, ids, request, session)
      }
      let others = entries.filter { !HoldDesk.takes(decision, $0) }
      return others.isEmpty
        ? shown(entries, isDone: false) : changed(others.map(\.id), request, session)
    }
    guard request.form["expected"] == "\(ids.count)" else {
      return refused(
        409, request, session, "批次的数目与预览时不同，请重新勾选。什么都没有改变。",
        "There are other deliveries than in the preview; mark them again. Nothing was changed.")
    }
    return try take(decision, ids, request, session) { shown($0, isDone: true) }
  }

  /// Numbers of the deliveries that were marked, each once.
  private static func chosen(_ form: [String: String]) -> [Int64] {
    let prefix = HeldDeliveries.prefix
    let numbers = form.keys.compactMap { name in
      name.hasPrefix(prefix) ? Int64(name.dropFirst(prefix.count)) : nil
    }
    return Set(numbers).sorted()
  }

  /// Decides about all of them or about none; each stands in the access log.
  private func take(
    _ decision: HoldDesk.Decision, _ ids: [Int64], _ request: ConsoleRequest, _ session: Session,
    _ answer: ([DeliveryEntry]) -> ConsoleReply
  ) throws -> ConsoleReply {
    let account = session.account
    let reason = request.form["words"] ?? ""
    guard ActDesk.may(.correct, account.role), reason.contains(where: { !$0.isWhitespace }),
      reason.count <= 500
    else { return try denied(decision, ids, request, session) }
    do {
      var options = SQLiteWarehouse.Options()
      options.command = "qingyuan serve"
      let engine = try SQLiteWarehouse(folder: home.warehouse, catalog: catalog, options: options)
      let entries = try HoldDesk(engine).decide(
        decision, deliveries: ids, by: account.person.user, reason: reason
      ) { ids in
        let events = ids.map { draft(decision, $0, request, account) }
        try log.withWriter(account.person, clock()) { try $0.append(events) }
      }
      try engine.close()
      return answer(entries)
    } catch is StewardRefusal {
      try deny(decision, ids, decision == .hold ? "state" : "not-held", request, account)
      let others = try withReader { reader in
        try ids.filter { id in
          try reader.delivery(id).map { !HoldDesk.takes(decision, $0) } ?? true
        }
      }
      return changed(others, request, session)
    } catch let error as WarehouseError where error.code == .inUse {
      return failure(
        409, request, session, of(request, "正在运行", "A night is running"),
        of(
          request, "本夜的处理正在进行，完成之后再决定。什么都没有改变。",
          "Decide on the delivery when the night is over. Nothing was changed."))
    }
  }

  private func draft(
    _ decision: HoldDesk.Decision, _ id: Int64, _ request: ConsoleRequest, _ account: Account
  ) -> AccessEvent {
    var event = event(
      decision.action, account.person, .allowed, "role-\(account.role.rawValue)", clock())
    event.reference = "delivery:\(id)"
    event.purpose = LoggedText(cleaning: request.form["words"] ?? "")
    return event
  }

  private func deny(
    _ decision: HoldDesk.Decision, _ ids: [Int64], _ rule: String, _ request: ConsoleRequest,
    _ account: Account
  ) throws {
    let events = ids.map { id in
      var event = draft(decision, id, request, account)
      event.outcome = .denied
      event.rule = rule
      return event
    }
    try log.withWriter(account.person, clock()) { try $0.append(events) }
  }

  // MARK: Why nothing was done

  private func denied(
    _ decision: HoldDesk.Decision, _ ids: [Int64], _ request: ConsoleRequest, _ session: Session
  ) throws -> ConsoleReply {
    try deny(decision, ids, "role-or-words", request, session.account)
    return refused(
      422, request, session, "值班员和专员可以决定批次的放行、拒收和恢复挂起，并须写明理由。",
      "Operators and stewards decide, and say why.")
  }

  /// - Parameter ids: Those that stand against it; none where a night that is not finished has one of them.
  private func changed(
    _ ids: [Int64], _ request: ConsoleRequest, _ session: Session
  ) -> ConsoleReply {
    let list = ids.map { "\($0)" }.joined(separator: of(request, "、", ", "))
    guard !ids.isEmpty else {
      return refused(
        422, request, session, "未完成的一夜已取走这一批次。什么都没有改变。",
        "A night that is not finished has taken it. Nothing was changed.")
    }
    return refused(
      422, request, session, "批次 \(list) 的状态已变，不能这样决定。什么都没有改变。",
      "Deliveries \(list) are in another state by now. Nothing was changed.")
  }

  private func refused(
    _ status: Int, _ request: ConsoleRequest, _ session: Session, _ chinese: String,
    _ english: String
  ) -> ConsoleReply {
    failure(
      status, request, session, of(request, "没有执行", "Nothing was done"),
      of(request, chinese, english))
  }
}
