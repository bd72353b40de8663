/// Faults of cases, complaints and food samples.
extension Fault {
  static let ofCases: [Fault] = [
    .rule("closed-before-review", [.rule("Q22", "CR18")]) { draft, _ in
      guard !draft[.closedDate].isEmpty, let day = draft.date(.legalReviewDate) else {
        return false
      }
      draft[.closedDate] = .date(day - 2)
      return true
    },
    .rule("major-without-review", [.rule("Q31", "CR19")]) { draft, _ in
      guard !draft[.closedDate].isEmpty, let day = draft.date(.closedDate) else { return false }
      draft[.majorDecisionFlag] = .flag(true)
      draft[.collectiveDiscussDate] = .date(day - 15)
      draft[.legalReviewFlag] = .flag(false)
      draft[.legalReviewDate] = .none
      draft[.legalReviewOpinion] = .none
      return true
    },
    .rule("too-long-case", [.rule("Q25", "CR20", note: true)]) { draft, _ in
      guard !draft[.closedDate].isEmpty, let filed = draft.date(.filingDate) else { return false }
      draft[.extensionDays] = .none
      draft[.closedDate] = .date(filed + 200)
      if !draft[.archivedDate].isEmpty { draft[.archivedDate] = .date(filed + 205) }
      return true
    },
    .rule("exempt-but-fulfilled", [.rule("Q31", "CR21", note: true)]) { draft, _ in
      guard draft.code(.closeMethodCode) == "1" else { return false }
      draft[.firstExemptFlag] = .flag(true)
      return true
    },
    .rule("one-officer", [.rule("Q13", "CR62", note: true)]) { draft, _ in
      guard draft.code(.caseTypeCode) != "1" else { return false }
      onlyOneOfficer(&draft)
      return true
    },
    .order("date-order", "Q22", .filingDate, [.rule("Q22", "CR18")]) { draft, _ in
      guard !draft[.filingDate].isEmpty, let accepted = draft.time(.acceptTime) else {
        return false
      }
      draft[.filingDate] = .date(accepted / 86_400 - 3)
      return true
    },
    .order("date-order", "Q22", .investigateEndTime, [.rule("Q22", "CR18")]) { draft, _ in
      guard !draft[.investigateEndTime].isEmpty, let begun = draft.time(.investigateStartTime)
      else { return false }
      draft[.investigateEndTime] = .time(begun - 3600)
      return true
    },
    .order("date-order", "Q22", .archivedDate, [.rule("Q22", "CR18")]) { draft, _ in
      guard !draft[.archivedDate].isEmpty, let closed = draft.date(.closedDate) else {
        return false
      }
      draft[.archivedDate] = .date(closed - 1)
      return true
    },
    .order("date-order", "Q22", .noticeDate) { draft, _ in
      guard !draft[.noticeDate].isEmpty, let filed = draft.date(.filingDate) else { return false }
      draft[.noticeDate] = .date(filed - 1)
      return true
    },
    .order("future-date", "Q29", .violationDate) { draft, kit in
      draft[.violationDate] = .date(kit.future)
      return true
    },
    .order("future-date", "Q29", .personBirthDate) { draft, kit in
      guard !draft[.personBirthDate].isEmpty else { return false }
      draft[.personBirthDate] = .date(kit.future)
      return true
    },
    .range(.extensionDays) { draft in
      draft[.extensionDays] = .count(200)
      return true
    },
  ]

  static let ofComplaints: [Fault] = [
    .rule("late-response", [.rule("Q25", "CR33", note: true)]) { draft, _ in
      guard !draft[.firstResponseTime].isEmpty, let made = draft.time(.complaintTime) else {
        return false
      }
      draft[.firstResponseTime] = .time(made + 30 * 3600)
      return true
    },
    .rule("late-feedback", [.rule("Q25", "CR33", note: true)]) { draft, kit in
      guard !draft[.feedbackTime].isEmpty, let made = draft.time(.complaintTime),
        made / 86_400 + 40 < kit.start
      else { return false }
      draft[.feedbackTime] = .time(made + 40 * 86_400)
      return true
    },
    .order("date-order", "Q22", .firstResponseTime) { draft, _ in
      guard !draft[.firstResponseTime].isEmpty, let made = draft.time(.complaintTime) else {
        return false
      }
      draft[.firstResponseTime] = .time(made - 3600)
      return true
    },
    .order("future-date", "Q29", .complaintTime) { draft, kit in
      draft[.firstResponseTime] = .none
      draft[.feedbackTime] = .none
      draft[.complaintTime] = .time(moment(kit.future, 10))
      return true
    },
    .range(.satisfactionScore) { draft in
      guard !draft[.satisfactionScore].isEmpty else { return false }
      draft[.satisfactionScore] = .number(10_100, decimals: 2)
      return true
    },
    .range(.rewardAmount) { draft in
      draft[.rewardAmount] = .money(fen: -100)
      return true
    },
  ]

  static let ofSamples: [Fault] = [
    .rule("passed-over-limit", [.rule("Q31", "CR34")]) { draft, _ in
      // Bacteria counts are judged by several samples, and so is not what they say of one.
      guard draft.code(.monitorResultCode) == "1", let limit = draft.number(.limitHigh),
        !["F001", "F002"].contains(draft.code(.monitorItemCode) ?? "")
      else { return false }
      draft[.monitorValue] = .number(limit * 2, decimals: 4)
      return true
    },
    .rule("excess-does-not-fit", [.rule("Q26", "CR35", note: true)]) { draft, _ in
      guard let excess = draft.number(.exceedRatio) else { return false }
      draft[.exceedRatio] = .number(excess + 1000, decimals: 3)
      return true
    },
    .rule("sampled-after-shelf-life", [.rule("Q22", "CR36", note: true)]) { draft, kit in
      guard kit.bureau.samplesFood, let time = draft.time(.monitorTime) else { return false }
      draft[.productionDate] = .date(time / 86_400 - 400)
      draft[.shelfLifeDays] = .count(30)
      return true
    },
    .order("date-order", "Q22", .productionDate) { draft, _ in
      guard let time = draft.time(.monitorTime) else { return false }
      draft[.productionDate] = .date(time / 86_400 + 2)
      return true
    },
    .order("future-date", "Q29", .monitorTime) { draft, kit in
      draft[.shelfLifeDays] = .none
      draft[.monitorTime] = .time(moment(kit.future, 10))
      return true
    },
    Fault("out-of-range") { draft, kit, _ in
      draft[.shelfLifeDays] = .count(0)
      return [kit.finding("Q23", .shelfLifeDays, "range")]
        + (kit.bureau.samplesFood ? [.rule("Q22", "CR36", note: true)] : [])
    },
    Fault("limits-crossed") { draft, kit, _ in
      guard draft.code(.monitorResultCode) == "2", let limit = draft.number(.limitHigh) else {
        return nil
      }
      draft[.limitLow] = .number(limit * 2, decimals: 4)
      return [
        kit.finding("Q23", .limitLow, "range"), kit.finding("Q23", .limitHigh, "range"),
      ]
    },
  ]
}

extension Bureau {
  /// Whether its readings are samples of food and the like, which have a shelf life.
  var samplesFood: Bool { self == .sam || self == .ara || self == .nhc }
}
