import Catalog

extension FolderLoader {
  mutating func loadApprovals(_ file: LoadedFile) {
    let fields = file.fields
    _ = (fields.requiredText("name"), fields.requiredText("english"), origin(fields))
    var policy = ApprovalPolicy()
    if let map = fields.map("workdays") {
      count(map, "first-approval", &policy.firstApprovalWorkdays, most: 250)
      count(map, "answer", &policy.answerWorkdays, most: 250)
      count(map, "grant", &policy.grantWorkdays, most: 250)
      count(map, "objection-verify", &policy.objectionVerifyWorkdays, most: 250)
      count(map, "objection-close", &policy.objectionCloseWorkdays, most: 250)
      for key in map.keys {
        definitions.places.record(.approvals.at("workdays", key), map.place(key))
      }
      map.finish()
    }
    count(fields, "longest-period-days", &policy.longestPeriodDays, most: 3660)
    if let map = fields.map("approvers") {
      policy.firstApprovers = map.texts("first")
      policy.secondApprovers = map.texts("second")
      map.finish()
    }
    fields.finish()
    definitions.places.record(.approvals, fields.place)
    definitions.catalog.approvals = policy
  }
}
