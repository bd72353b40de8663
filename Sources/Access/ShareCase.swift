package import Catalog

/// Where a request stands.
package enum ShareState: String, Sendable, CaseIterable {
  case requested
  /// The checks have nothing against it; people answer.
  case checked
  /// Both approvals are there, or the grant's period has not begun.
  case approved
  case active
  case expired
  case revoked
  case refused

  package var chinese: String {
    switch self {
    case .requested: "已申请"
    case .checked: "已核查"
    case .approved: "已批准"
    case .active: "生效中"
    case .expired: "已到期"
    case .revoked: "已撤销"
    case .refused: "已拒绝"
    }
  }
}

/// One step in the history of a request. Steps are added and never changed.
package struct ShareStep: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Codable {
    case requested, checked, approved, refused, granted, revoked
  }

  package var kind: Kind
  package var person: Person
  /// Seconds since 1970-01-01T00:00:00Z.
  package var time: Int64
  /// Reason of a refusal or revocation, note of an approval, terms of a grant.
  package var text = ""
  package var remarks: [ComplianceRemark] = []
  /// Last day of the next step's time limit, where this step opens one.
  package var due: Int?
  /// The step came after its time limit.
  package var isLate = false
}

/// What a person wants to do with a request.
package enum ShareAct: Sendable, Hashable {
  case approve(note: String)
  case refuse(reason: String)
  case grant(terms: String)
  case revoke(reason: String)

  package var action: AccessAction {
    switch self {
    case .approve: .shareApprove
    case .refuse: .shareRefuse
    case .grant: .shareGrant
    case .revoke: .shareRevoke
    }
  }

  package var text: String {
    switch self {
    case .approve(let text), .refuse(let text), .grant(let text), .revoke(let text): text
    }
  }
}

/// A request and all that happened to it; decides what may happen next.
package struct ShareCase: Sendable, Hashable {
  package let request: ShareRequest
  package private(set) var steps: [ShareStep]

  package init(request: ShareRequest, steps: [ShareStep]) {
    self.request = request
    self.steps = steps
  }

  /// Opens a request: its own step and that of the checks, in the same second.
  package init(
    opening request: ShareRequest, _ checks: [any ComplianceCheck], _ catalog: Catalog
  ) {
    self.request = request
    let remarks = checks.flatMap { $0.remarks(on: request, catalog) }
    let isRefused = remarks.contains { $0.severity == .refusal }
    steps = [
      ShareStep(kind: .requested, person: request.requester, time: request.time),
      ShareStep(
        kind: isRefused ? .refused : .checked, person: request.requester, time: request.time,
        remarks: remarks),
    ]
  }

  private func step(_ kind: ShareStep.Kind) -> ShareStep? { steps.last { $0.kind == kind } }

  private var approvals: [ShareStep] { steps.filter { $0.kind == .approved } }

  /// Where the request stands at `now`; a period that is over has ended every state but the final ones.
  package func state(at now: Int64) -> ShareState {
    if step(.refused) != nil { return .refused }
    if step(.revoked) != nil { return .revoked }
    if now > request.period.lastSecond { return .expired }
    if let grant { return grant.isActive(at: now) ? .active : .approved }
    if approvals.count == 2 { return .approved }
    return step(.checked) == nil ? .requested : .checked
  }

  /// The grant, once it has been given, active or not.
  package var grant: Grant? {
    guard let given = step(.granted) else { return nil }
    return Grant(
      id: "G" + request.id.dropFirst(), request: request, terms: given.text, granted: given.time,
      revoked: step(.revoked)?.time)
  }

  /// The last day (since 1970-01-01) of the step that people owe; nil where they owe none.
  package var due: Int? {
    if step(.refused) != nil || step(.revoked) != nil || step(.granted) != nil { return nil }
    switch approvals.count {
    case 0: return request.firstApprovalDue
    case 1: return request.answerDue
    default: return approvals.last?.due
    }
  }

  /// Whether somebody should have acted before the day of `now`.
  package func isOverdue(at now: Int64) -> Bool {
    guard state(at: now) != .expired, let due else { return false }
    return Moment.dayNumber(now) > due
  }

  /// Takes a step, if it is allowed.
  ///
  /// - Throws: ``Denial`` with the rule that forbids it.
  package mutating func take(
    _ act: ShareAct, by person: Person, at now: Int64, _ catalog: Catalog
  ) throws(Denial) -> ShareStep {
    if let last = steps.last, now < last.time {
      throw Denial(
        "clock", chinese: "时间早于上一步(\(Moment.text(last.time)))",
        english: "the time lies before the last step, \(Moment.text(last.time))")
    }
    var step = ShareStep(kind: .approved, person: person, time: now, text: act.text)
    step.isLate = isOverdue(at: now)
    switch act {
    case .approve: try approve(&step, catalog)
    case .refuse(let reason):
      step.kind = .refused
      try needReason(reason)
      try need(now, [.checked, .approved])
      guard grant == nil else { throw Self.wrongState(state(at: now)) }
      try needOther(than: request.requester, person)
    case .grant:
      step.kind = .granted
      try need(now, [.approved])
      guard grant == nil else { throw Self.wrongState(state(at: now)) }
      try needOther(than: request.requester, person)
    case .revoke(let reason):
      step.kind = .revoked
      try needReason(reason)
      guard grant != nil else { throw Self.wrongState(state(at: now)) }
      try need(now, [.approved, .active])
    }
    steps.append(step)
    return step
  }

  private func approve(_ step: inout ShareStep, _ catalog: Catalog) throws(Denial) {
    try need(step.time, [.checked])
    try needOther(than: request.requester, step.person)
    let isSecond = approvals.count == 1
    if let first = approvals.first, first.person.isSameUser(as: step.person) {
      throw Denial(
        "four-eyes", chinese: "两级审批须由不同的人作出",
        english: "the second approval is another person's than the first")
    }
    let policy = catalog.approvals
    let departments = isSecond ? policy.secondApprovers : policy.firstApprovers
    guard departments.isEmpty || departments.contains(step.person.department) else {
      throw Denial(
        "department", chinese: "本级审批由以下部门作出:\(departments.joined(separator: "、"))",
        english: "this approval is given by \(departments.joined(separator: ", "))")
    }
    if isSecond {
      step.due = try catalog.calendar.deadline(
        policy.grantWorkdays, after: Moment.dayNumber(step.time))
    }
  }

  private func need(_ now: Int64, _ states: Set<ShareState>) throws(Denial) {
    let state = state(at: now)
    guard states.contains(state) else { throw Self.wrongState(state) }
  }

  private static func wrongState(_ state: ShareState) -> Denial {
    Denial(
      "state", chinese: "当前状态为“\(state.chinese)”,不能办理此事项",
      english: "the request is \(state.rawValue); this step is not possible now")
  }

  private func needOther(than other: Person, _ person: Person) throws(Denial) {
    guard person.isSameUser(as: other) else { return }
    throw Denial(
      "four-eyes", chinese: "申请人不得办理本人的申请",
      english: "the requester may not decide on the own request")
  }

  private func needReason(_ reason: String) throws(Denial) {
    guard reason.contains(where: { !$0.isWhitespace }) else {
      throw Denial("reason", chinese: "须说明理由", english: "give the reason")
    }
  }
}
