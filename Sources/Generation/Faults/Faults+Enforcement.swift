/// Faults of inspections, rectification, evidence, transfers and coercive measures.
extension Fault {
  static let ofInspections: [Fault] = [
    .order("date-order", "Q22", .inspectionEndTime, [.rule("Q22", "CR24")]) { draft, _ in
      guard let begun = draft.time(.inspectionStartTime) else { return false }
      draft[.inspectionEndTime] = .time(begun - 600)
      return true
    },
    .rule("begun-on-another-day", [.rule("Q22", "CR24")]) { draft, _ in
      guard let day = draft.date(.inspectionDate) else { return false }
      draft[.inspectionDate] = .date(day - 1)
      return true
    },
    .rule("problems-without-problem", [.rule("Q31", "CR25")]) { draft, _ in
      draft[.inspectionResultCode] = .code("1")
      draft[.problemCount] = .count(2)
      draft[.problemDesc] = .text("台账不全")
      draft[.inspectionActionCode] = .code("1")
      return true
    },
    .rule("problem-without-problems", [.rule("Q31", "CR25")]) { draft, _ in
      draft[.inspectionResultCode] = .code("2")
      draft[.problemCount] = .count(0)
      return true
    },
    .range(.checkPointsDone, [.rule("Q26", "CR26")]) { draft in
      guard let due = draft.number(.checkPointsDue) else { return false }
      draft[.checkPointsDone] = .count(due + 3)
      return true
    },
    .range(.checkPointsDue) { draft in
      draft[.checkPointsDue] = .count(300)
      return true
    },
    .rule("one-officer", [.rule("Q13", "CR61", note: true)]) { draft, _ in
      onlyOneOfficer(&draft)
      return true
    },
    .order("future-date", "Q29", .inspectionDate, [.rule("Q22", "CR24")]) { draft, kit in
      draft[.inspectionDate] = .date(kit.future)
      return true
    },
    .order("future-date", "Q29", .publicityDate) { draft, kit in
      draft[.publicityDate] = .date(kit.future)
      return true
    },
  ]

  static let ofRectifications: [Fault] = [
    .rule("done-before-ordered", [.rule("Q22", "CR27")]) { draft, _ in
      guard !draft[.rectifyDoneDate].isEmpty, let day = draft.date(.rectifyOrderDate) else {
        return false
      }
      draft[.rectifyDoneDate] = .date(day - 1)
      return true
    },
    .rule("overdue-before-due", [.rule("Q31", "CR28", note: true)]) { draft, _ in
      guard let time = draft.time(.sourceUpdateTime) else { return false }
      draft[.rectifyResultCode] = .code("3")
      draft[.rectifyDueDate] = .date(time / 86_400 + 20)
      return true
    },
    .order("date-order", "Q22", .rectifyDueDate) { draft, _ in
      guard let day = draft.date(.rectifyOrderDate) else { return false }
      draft[.rectifyDueDate] = .date(day - 4)
      return true
    },
    .order("date-order", "Q22", .recheckDate) { draft, _ in
      guard !draft[.recheckDate].isEmpty, let day = draft.date(.rectifyOrderDate) else {
        return false
      }
      draft[.recheckDate] = .date(day - 4)
      return true
    },
    .order("future-date", "Q29", .rectifyOrderDate) { draft, kit in
      for field in [Field.recheckDate, .rectifyOnceFlag, .rectifyDoneDate] { draft[field] = .none }
      draft[.rectifyResultCode] = .code("4")
      draft[.rectifyOrderDate] = .date(kit.future)
      draft[.rectifyDueDate] = .date(kit.future + 10)
      return true
    },
  ]

  static let ofEvidence: [Fault] = [
    .order("date-order", "Q22", .chainTime, [.rule("Q31", "CR29")]) { draft, _ in
      guard !draft[.chainTime].isEmpty, let taken = draft.time(.evidenceTime) else { return false }
      draft[.chainTime] = .time(taken - 3600)
      return true
    },
    .order("future-date", "Q29", .evidenceTime) { draft, kit in
      draft[.chainTxId] = .none
      draft[.chainTime] = .none
      draft[.evidenceTime] = .time(moment(kit.future, 10))
      return true
    },
    .range(.violationStartOffset) { draft in
      draft[.violationStartOffset] = .number(-1500, decimals: 3)
      return true
    },
  ]

  static let ofTransfers: [Fault] = [
    .rule("late-transfer", [.rule("Q25", "CR31", note: true)]) { draft, _ in
      guard let found = draft.time(.clueFoundTime) else { return false }
      draft[.majorEnvClueFlag] = .flag(true)
      let moved = found + 60 * 3600
      draft[.transferTime] = .time(moved)
      if !draft[.receivedTime].isEmpty { draft[.receivedTime] = .time(moved + 3600) }
      if !draft[.respondedTime].isEmpty { draft[.respondedTime] = .time(moved + 7200) }
      return true
    },
    .rule("late-response", [.rule("Q25", "CR32", note: true)]) { draft, _ in
      guard !draft[.respondedTime].isEmpty, let moved = draft.time(.transferTime) else {
        return false
      }
      draft[.transferTypeCode] = .code("1")
      draft[.respondedTime] = .time(moved + 21 * 86_400)
      return true
    },
    .order("date-order", "Q22", .clueFoundTime) { draft, _ in
      guard let moved = draft.time(.transferTime) else { return false }
      draft[.clueFoundTime] = .time(moved + 3600)
      return true
    },
    .order("date-order", "Q22", .receivedTime) { draft, _ in
      guard !draft[.receivedTime].isEmpty, let moved = draft.time(.transferTime) else {
        return false
      }
      draft[.receivedTime] = .time(moved - 3600)
      return true
    },
    .order("date-order", "Q22", .respondedTime) { draft, _ in
      guard !draft[.respondedTime].isEmpty, let moved = draft.time(.transferTime) else {
        return false
      }
      draft[.transferTypeCode] = .code("3")
      draft[.respondedTime] = .time(moved - 3600)
      return true
    },
    .order("future-date", "Q29", .transferTime) { draft, kit in
      for field in [
        Field.receivedTime, .transferQualifiedFlag, .respondedTime, .receiveResultCode,
      ] { draft[field] = .none }
      draft[.majorEnvClueFlag] = .flag(false)
      draft[.transferTime] = .time(moment(kit.future, 10))
      return true
    },
  ]

  static let ofCoercions: [Fault] = [
    .rule("too-long-seizure", [.rule("Q25", "CR30", note: true)]) { draft, _ in
      guard let from = draft.date(.coerciveFrom) else { return false }
      draft[.coerciveTo] = .date(from + 90)
      return true
    },
    .order("date-order", "Q22", .coerciveTo) { draft, _ in
      guard let from = draft.date(.coerciveFrom) else { return false }
      draft[.coerciveTo] = .date(from - 1)
      return true
    },
    .order("date-order", "Q22", .coerciveReleasedDate) { draft, _ in
      guard !draft[.coerciveReleasedDate].isEmpty, let from = draft.date(.coerciveFrom) else {
        return false
      }
      draft[.coerciveReleasedDate] = .date(from - 1)
      return true
    },
    .order("date-order", "Q22", .coerciveFrom) { draft, _ in
      guard let decided = draft.date(.coerciveDecisionDate) else { return false }
      draft[.onTheSpotFlag] = .flag(false)
      draft[.coerciveFrom] = .date(decided - 1)
      return true
    },
    Fault("future-date") { draft, kit, _ in
      draft[.coerciveDecisionDate] = .date(kit.future)
      draft[.onTheSpotFlag] = .flag(false)
      return [
        kit.finding("Q29", .coerciveDecisionDate, "order"),
        kit.finding("Q22", .coerciveFrom, "order"),
      ]
    },
    .range(.seizedGoodsValue) { draft in
      draft[.seizedGoodsValue] = .money(fen: -100_00)
      return true
    },
  ]
}
