/// Faults that break the rules of a category, and the orders and ranges of its elements.
extension Fault {
  static func ofRules(_ kind: Kind) -> [Fault] {
    let own =
      switch kind {
      case .ent: ofEnterprises
      case .lic: ofLicences
      case .vio: ofViolations
      case .crd: ofCredits
      case .fac: ofFacilities
      case .ago: ofOfficers
      case .rnd: ofRandomTasks
      case .ins: ofInspections
      case .cas: ofCases
      case .pen: ofPenalties + ofPenaltyAmounts
      case .coe: ofCoercions
      case .rec: ofRectifications
      case .evd: ofEvidence
      case .trf: ofTransfers
      case .cmp: ofComplaints
      case .opn: ofOpinions
      case .mon: ofSamples
      case .rev: ofReviews
      }
    return own + [futureUpdate] + ofLinks(kind)
  }

  /// A fault of one element against the order of dates or the clock.
  static func order(
    _ name: String, _ code: String, _ field: Field, _ others: [ExpectedFinding] = [],
    _ change: @escaping @Sendable (inout Draft, FaultKit) -> Bool
  ) -> Fault {
    Fault(name) { draft, kit, _ in
      change(&draft, kit) ? [kit.finding(code, field, "order")] + others : nil
    }
  }

  /// A number out of the range of its element.
  static func range(
    _ field: Field, _ others: [ExpectedFinding] = [],
    _ change: @escaping @Sendable (inout Draft) -> Bool
  ) -> Fault {
    Fault("out-of-range") { draft, kit, _ in
      change(&draft) ? [kit.finding("Q23", field, "range")] + others : nil
    }
  }

  private static let futureUpdate = Fault("future-date") { draft, kit, _ in
    draft[.sourceUpdateTime] = .time(moment(kit.future, 9))
    var findings = [kit.finding("Q29", .sourceUpdateTime, "order")]
    if kit.kind == .lic, draft.code(.licenceStatusCode) == "1",
      let end = draft.date(.licenceValidTo), end < kit.future
    {
      findings.append(.rule("Q31", "CR04", note: true))
    }
    return findings
  }

  static let onlyOneOfficer: @Sendable (inout Draft) -> Void = { draft in
    if case .texts(let numbers) = draft[.officerCertNo] {
      draft[.officerCertNo] = .texts(Array(numbers.prefix(1)))
    }
  }

  // MARK: Enterprises

  private static let ofEnterprises: [Fault] = [
    .rule("approved-before-established", [.rule("Q22", "CR06")]) { draft, _ in
      guard let day = draft.date(.establishedDate) else { return false }
      draft[.approvedDate] = .date(day - 30)
      return true
    },
    Fault("ended-without-date") { draft, kit, _ in
      draft[.registrationStatusCode] = .code("2")
      draft[.deregisteredDate] = .none
      return [kit.missing("Q12", .deregisteredDate, "conditional"), .rule("Q12", "CR07")]
    },
    .rule("other-province", [.rule("Q31", "CR08", note: true)]) { draft, _ in
      draft[.registeredDivisionCode] = .text("330106")
      return true
    },
    .rule("other-organisation-code", [.rule("Q31", "CR05")]) { draft, _ in
      draft[.orgCode] = .text(City.organisation("MA", 77))
      return true
    },
    .order("date-order", "Q22", .deregisteredDate) { draft, _ in
      guard !draft[.deregisteredDate].isEmpty, let day = draft.date(.establishedDate) else {
        return false
      }
      draft[.deregisteredDate] = .date(day - 3)
      return true
    },
    .order("date-order", "Q22", .businessTermTo) { draft, _ in
      guard let day = draft.date(.businessTermFrom) else { return false }
      draft[.businessTermTo] = .date(day)
      return true
    },
    .order("future-date", "Q29", .establishedDate, [.rule("Q22", "CR06")]) { draft, kit in
      guard draft[.deregisteredDate].isEmpty, !draft[.approvedDate].isEmpty else { return false }
      draft[.establishedDate] = .date(kit.future)
      return true
    },
    .range(.employeeCount) { draft in
      draft[.employeeCount] = .count(2_000_000)
      return true
    },
    .range(.registeredCapital) { draft in
      draft[.registeredCapital] = .number(-5_000_000, decimals: 6)
      return true
    },
  ]

  private static let ofViolations: [Fault] = [
    .order("future-date", "Q29", .violationDate) { draft, kit in
      draft[.violationDate] = .date(kit.future)
      return true
    },
    .range(.violationCount3y) { draft in
      draft[.violationCount3y] = .count(-1)
      return true
    },
  ]

  private static let ofOfficers: [Fault] = [
    .order("date-order", "Q22", .officerCertValidTo) { draft, _ in
      draft[.officerCertValidTo] = draft[.officerCertValidFrom]
      return true
    },
    .order("date-order", "Q22", .officerExamPassDate) { draft, _ in
      guard let day = draft.date(.officerCertValidFrom) else { return false }
      draft[.officerExamPassDate] = .date(day + 10)
      return true
    },
  ]

  private static let ofOpinions: [Fault] = [
    .order("future-date", "Q29", .opinionTime) { draft, kit in
      draft[.opinionTime] = .time(moment(kit.future, 10))
      return true
    },
    .range(.opinionSpreadCount) { draft in
      draft[.opinionSpreadCount] = .count(-3)
      return true
    },
  ]

  private static let ofReviews: [Fault] = [
    .order("date-order", "Q22", .reviewCloseDate) { draft, _ in
      guard !draft[.reviewCloseDate].isEmpty, let day = draft.date(.reviewApplyDate) else {
        return false
      }
      draft[.reviewCloseDate] = .date(day - 1)
      return true
    },
    .order("future-date", "Q29", .reviewApplyDate) { draft, kit in
      for field in [
        Field.reviewCloseDate, .reviewResultCode, .evidenceCauseFlag, .correctionCauseCode,
      ] { draft[field] = .none }
      draft[.reviewApplyDate] = .date(kit.future)
      return true
    },
  ]
}
