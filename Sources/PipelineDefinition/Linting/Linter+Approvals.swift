import Catalog

extension Linter {
  /// A time limit may not end before the step that comes first.
  func checkApprovals() {
    guard places.contains(.approvals) else { return }
    let policy = catalog.approvals
    for (earlier, days, later, limit) in [
      ("first-approval", policy.firstApprovalWorkdays, "answer", policy.answerWorkdays),
      (
        "objection-verify", policy.objectionVerifyWorkdays, "objection-close",
        policy.objectionCloseWorkdays
      ),
    ] where days > limit {
      log.report(
        .deadlineOrder, at: places.place(.approvals.at("workdays", earlier)),
        "approvals: \"\(earlier)\" has \(days) working days and \"\(later)\", which comes after it, "
          + "\(limit); correct one of them")
    }
    if definitions.years.isEmpty {
      log.report(
        .calendarNeeded, at: places.place(.approvals),
        "approvals: working days are counted and there is no calendar; add catalog/calendar")
    }
  }
}
