/// Faults of penalties.
extension Fault {
  static let ofPenalties: [Fault] = [
    .rule("late-publicity", [.rule("Q25", "CR09", note: true)]) { draft, kit in
      guard !draft[.publicityDate].isEmpty, let decided = draft.date(.decisionDate),
        decided + 60 < kit.start
      else { return false }
      draft[.publicityDate] = .date(decided + 60)
      return true
    },
    .rule("publicity-before-decision", [.rule("Q25", "CR09", note: true)]) { draft, _ in
      guard !draft[.publicityDate].isEmpty, let decided = draft.date(.decisionDate) else {
        return false
      }
      draft[.publicityDate] = .date(decided - 1)
      return true
    },
    .rule("late-service", [.rule("Q25", "CR10", note: true)]) { draft, _ in
      guard let decided = draft.date(.decisionDate) else { return false }
      draft[.servedDate] = .date(decided + 20)
      return true
    },
    .order("date-order", "Q22", .servedDate, [.rule("Q25", "CR10", note: true)]) { draft, _ in
      guard let decided = draft.date(.decisionDate) else { return false }
      draft[.servedDate] = .date(decided - 1)
      return true
    },
    .order("date-order", "Q22", .penaltyEffectiveDate) { draft, _ in
      guard let decided = draft.date(.decisionDate) else { return false }
      draft[.penaltyEffectiveDate] = .date(decided - 1)
      return true
    },
    .order("date-order", "Q22", .penaltyValidTo) { draft, _ in
      guard let decided = draft.date(.decisionDate) else { return false }
      draft[.penaltyValidTo] = .date(decided - 1)
      return true
    },
    .order("date-order", "Q22", .paidDate) { draft, _ in
      guard !draft[.paidDate].isEmpty, let decided = draft.date(.decisionDate) else {
        return false
      }
      draft[.paidDate] = .date(decided - 1)
      return true
    },
    .order("date-order", "Q22", .publicityEndDate) { draft, _ in
      guard let day = draft.date(.publicityDate) else { return false }
      draft[.publicityEndDate] = .date(day - 1)
      return true
    },
    .order("date-order", "Q22", .suspensionFrom) { draft, _ in
      guard !draft[.suspensionFrom].isEmpty, let decided = draft.date(.decisionDate) else {
        return false
      }
      draft[.suspensionFrom] = .date(decided - 1)
      return true
    },
    .rule("suspension-order", [.rule("Q22", "CR17")]) { draft, _ in
      guard !draft[.suspensionFrom].isEmpty else { return false }
      draft[.suspensionTo] = draft[.suspensionFrom]
      return true
    },
    .rule("foreign-division", [.rule("Q31", "CR60", note: true)]) { draft, _ in
      draft[.divisionCode] = .text("330106")
      return true
    },
    futureDecision,
  ]

  private static let futureDecision = Fault("future-date") { draft, kit, _ in
    draft.clearPayment()
    guard draft[.suspensionFrom].isEmpty else { return nil }
    draft[.penaltyValidTo] = .none
    draft[.decisionDate] = .date(kit.future)
    var findings = [
      kit.finding("Q29", .decisionDate, "order"), kit.finding("Q22", .servedDate, "order"),
      kit.finding("Q22", .penaltyEffectiveDate, "order"), .rule("Q25", "CR10", note: true),
    ]
    if !draft[.publicityDate].isEmpty { findings.append(.rule("Q25", "CR09", note: true)) }
    return findings
  }

  static let ofPenaltyAmounts: [Fault] = [
    .rule("fine-without-amount", [.rule("Q31", "CR11")]) { draft, _ in
      guard !draft[.fineAmount].isEmpty else { return false }
      draft.clearPayment()
      draft[.fineAmount] = .money(fen: 0)
      return true
    },
    .rule("amount-without-fine", [.rule("Q31", "CR11")]) { draft, _ in
      draft.clearPayment()
      draft.setSanction("01", "0101")
      draft[.fineAmount] = .money(fen: 500_000)
      return true
    },
    .rule("confiscation-without-amount", [.rule("Q31", "CR12")]) { draft, _ in
      guard !draft[.confiscatedIncome].isEmpty else { return false }
      draft.clearPayment()
      draft[.confiscatedIncome] = .money(fen: 0)
      return true
    },
    .rule("detained-company", [.rule("Q31", "CR13")]) { draft, _ in
      guard draft.code(.partyTypeCode) != "4" else { return false }
      draft.clearPayment()
      draft.setSanction("08", "0801")
      draft[.detentionDays] = .count(5)
      return true
    },
    .range(.detentionDays) { draft in
      guard draft.code(.partyTypeCode) == "4" else { return false }
      draft.clearPayment()
      draft.setSanction("08", "0801")
      draft[.detentionDays] = .count(25)
      return true
    },
    .rule("kind-outside-type", [.rule("Q31", "CR14")]) { draft, _ in
      guard !draft.codes(.penaltyTypeCode).contains("02") else { return false }
      draft[.penaltyKindCode] = .codes(["0201"])
      return true
    },
    .rule("outside-benchmark", [.rule("Q26", "CR15", note: true)]) { draft, _ in
      guard let fine = draft.number(.fineAmount) else { return false }
      draft[.benchmarkFineMin] = .money(fen: fine + 100_000)
      draft[.benchmarkFineMax] = .money(fen: fine + 900_000)
      return true
    },
    .range(.benchmarkFineMax, [.rule("Q26", "CR15", note: true)]) { draft in
      guard let fine = draft.number(.fineAmount) else { return false }
      draft[.benchmarkFineMin] = .money(fen: fine + 100_000)
      draft[.benchmarkFineMax] = .money(fen: fine)
      return true
    },
    .rule("paid-too-much", [.rule("Q26", "CR16", note: true)]) { draft, _ in
      guard let fine = draft.number(.fineAmount) else { return false }
      let income = draft.number(.confiscatedIncome) ?? 0
      draft[.paidAmount] = .money(fen: fine * 3 + income)
      return true
    },
    .range(.fineAmount, [.rule("Q31", "CR11")]) { draft in
      guard !draft[.fineAmount].isEmpty else { return false }
      draft.clearPayment()
      draft[.fineAmount] = .money(fen: -500_000)
      return true
    },
  ]
}

extension Draft {
  /// Leaves one kind of penalty and no amounts.
  mutating func setSanction(_ type: String, _ kind: String) {
    self[.penaltyTypeCode] = .codes([type])
    self[.penaltyKindCode] = .codes([kind])
    for field in [
      Field.fineAmount, .confiscatedIncome, .confiscatedGoodsValue, .suspensionFrom, .suspensionTo,
    ] { self[field] = .none }
  }
}
