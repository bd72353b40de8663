package import Access
package import AccessStore
package import Catalog
import Records

/// Requests for data, for those who decide about them (G4): the same store and the same rules as
/// `qingyuan share`.
package struct ShareApprovals: ApprovalSource {
  package let prefix = "share"
  private let store: ShareStore
  private let catalog: Catalog

  package init(_ store: ShareStore, _ catalog: Catalog) {
    self.store = store
    self.catalog = catalog
  }

  package func approvals(for person: Person, at now: Int64) throws -> [Approval] {
    try store.cases().map { approval($0, person, now) }
  }

  package func approval(_ id: String, for person: Person, at now: Int64) throws -> Approval? {
    try store.shareCase(number(id)).map { approval($0, person, now) }
  }

  package func take(
    _ act: String, _ text: String, on id: String, by person: Person, at now: Int64
  ) throws {
    guard let act = Self.act(act, text) else {
      throw Denial("act", chinese: "没有这个办理事项", english: "there is no such act")
    }
    _ = try store.take(act, on: number(id), by: person, at: now)
  }

  private func number(_ id: String) -> String { String(id.dropFirst(prefix.count + 1)) }

  private static func act(_ id: String, _ text: String) -> ShareAct? {
    switch id {
    case "approve": .approve(note: text)
    case "refuse": .refuse(reason: text)
    case "grant": .grant(terms: text)
    case "revoke": .revoke(reason: text)
    default: nil
    }
  }

  private func approval(_ found: ShareCase, _ person: Person, _ now: Int64) -> Approval {
    let request = found.request
    let state = found.state(at: now)
    let name = catalog.category(request.category)
    return Approval(
      id: "\(prefix)-\(request.id)", kind: .init("数据共享申请", "request for data"),
      title: .init(
        "\(request.id) \(name?.name ?? request.category)",
        "\(request.id) \(name?.english ?? request.category)"),
      state: .init(state.chinese, state.rawValue), asker: request.requester,
      asked: request.time, due: state == .expired ? nil : found.due,
      isOverdue: found.isOverdue(at: now), facts: facts(found),
      remarks: found.steps.flatMap(\.remarks).map {
        Approval.Remark(
          words: .init($0.chinese, $0.english), code: $0.code,
          isRefusal: $0.severity == .refusal)
      },
      steps: found.steps.map {
        Approval.Step(
          words: Self.words($0.kind), person: $0.kind == .checked ? nil : $0.person, time: $0.time,
          text: $0.text,
          isLate: $0.isLate)
      }, acts: acts(found, state, person, now))
  }

  private func facts(_ found: ShareCase) -> [Approval.Fact] {
    let request = found.request
    func same(_ text: String) -> Approval.Words { .init(text, text) }
    let elements = request.elements.map { catalog.element($0) }
    var facts: [Approval.Fact] = [
      .init(.init("用途", "purpose"), same(request.purpose)),
      .init(
        .init("数据元", "elements"),
        .init(
          zip(request.elements, elements).map { $1?.name ?? $0 }.joined(separator: "、"),
          zip(request.elements, elements).map { $1?.english ?? $0 }.joined(separator: ", "))),
      .init(
        .init("层级", "tier"), .init(request.sharingTier.chinese, request.tier)),
      .init(
        .init("使用期限", "period"),
        same("\(day(request.period.firstSecond)) – \(day(request.period.lastSecond))")),
      .init(
        .init("首次审批期限", "first approval by"), same(text(request.firstApprovalDue))),
      .init(.init("答复期限", "answer by"), same(text(request.answerDue))),
    ]
    if let condition = request.condition {
      facts.append(.init(.init("行条件", "rows"), same(condition)))
    }
    if let grant = found.grant {
      facts.append(.init(.init("授权", "grant"), same("\(grant.id) \(grant.terms)")))
    }
    return facts
  }

  private func day(_ second: Int64) -> String { text(Moment.dayNumber(second)) }

  private func text(_ day: Int) -> String { CivilDate(dayNumber: day).description }

  private static func words(_ kind: ShareStep.Kind) -> Approval.Words {
    switch kind {
    case .requested: .init("申请", "requested")
    case .checked: .init("核查", "checked")
    case .approved: .init("批准", "approved")
    case .refused: .init("拒绝", "refused")
    case .granted: .init("授权", "granted")
    case .revoked: .init("撤销", "revoked")
    }
  }

  /// What the state allows, each tried on a copy: so the page says beforehand what the store would say.
  private func acts(
    _ found: ShareCase, _ state: ShareState, _ person: Person, _ now: Int64
  ) -> [Approval.Act] {
    let acts: [(id: String, words: Approval.Words, note: Approval.Words, needsReason: Bool)]
    switch state {
    case .requested, .checked:
      acts = [
        ("approve", .init("批准", "Approve"), .init("意见（可不填）", "note (may be left out)"), false),
        ("refuse", .init("拒绝", "Refuse"), .init("理由", "reason"), true),
      ]
    case .approved where found.grant == nil:
      acts = [
        (
          "grant", .init("授权", "Give the grant"), .init("使用条件（可不填）", "terms (may be left out)"),
          false
        ),
        ("refuse", .init("拒绝", "Refuse"), .init("理由", "reason"), true),
      ]
    case .approved, .active:
      acts = [("revoke", .init("撤销授权", "Revoke the grant"), .init("理由", "reason"), true)]
    case .expired, .revoked, .refused: acts = []
    }
    return acts.map { act in
      var trial = found
      var denial: Denial?
      do throws(Denial) {
        if let step = Self.act(act.id, "–") {
          _ = try trial.take(step, by: person, at: now, catalog)
        }
      } catch {
        denial = error
      }
      return Approval.Act(
        id: act.id, words: act.words, note: act.note, needsReason: act.needsReason, denial: denial)
    }
  }
}
