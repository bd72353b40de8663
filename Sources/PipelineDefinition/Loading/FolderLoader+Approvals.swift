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
    if let map = fields.map("alerts") {
      count(map, "baseline-days", &policy.alerts.baselineDays, most: 366)
      count(map, "rows-factor", &policy.alerts.rowsFactor, most: 1000)
      count(map, "rows-minimum", &policy.alerts.rowsMinimum)
      count(map, "denied-per-day", &policy.alerts.deniedPerDay)
      map.finish()
    }
    let inherited = fields.text("origin")
    for entry in fields.maps("readers", what: "reader tier") {
      policy.readers.append(readerTier(entry, inherited))
    }
    fields.finish()
    definitions.places.record(.approvals, fields.place)
    definitions.catalog.approvals = policy
  }
  private mutating func readerTier(_ fields: Fields, _ inherited: String?) -> ReaderTier {
    let departments = fields.required("departments") == nil ? [] : fields.texts("departments")
    // A department that stands twice would have two tiers.
    for department in departments {
      _ = claim(DefinitionPath("reader", department), fields, key: "departments")
    }
    let tier = fields.required("tier").flatMap { fields.choice($0, "tier", SharingTier.self) }
    let result = ReaderTier(
      departments: departments, tier: tier ?? .public,
      origin: origin(fields, inherited: inherited))
    fields.finish()
    return result
  }
}
