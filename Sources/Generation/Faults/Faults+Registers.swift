/// Faults of licences, credit evaluations, facilities and random draws.
extension Fault {
  static let ofLicences: [Fault] = [
    Fault("validity-order") { draft, _, _ in
      draft[.licenceValidTo] = draft[.licenceValidFrom]
      let isCurrent = draft.code(.licenceStatusCode) == "1"
      return [.rule("Q22", "CR01")] + (isCurrent ? [.rule("Q31", "CR04", note: true)] : [])
    },
    Fault("revoked-without-date") { draft, kit, _ in
      draft[.licenceStatusCode] = .code("3")
      draft[.licenceRevokedDate] = .none
      return [kit.missing("Q12", .licenceRevokedDate, "conditional"), .rule("Q12", "CR03")]
    },
    .rule("valid-before-decision", [.rule("Q22", "CR02", note: true)]) { draft, _ in
      guard draft.code(.operationTypeCode) == "1", let day = draft.date(.licenceDecisionDate) else {
        return false
      }
      draft[.licenceValidFrom] = .date(day - 5)
      return true
    },
    .rule("expired-but-valid", [.rule("Q31", "CR04", note: true)]) { draft, _ in
      guard draft.code(.licenceStatusCode) == "1", let time = draft.time(.sourceUpdateTime) else {
        return false
      }
      let end = time / 86_400 - 40
      draft[.licenceDecisionDate] = .date(end - 1830)
      draft[.licenceValidFrom] = .date(end - 1825)
      draft[.licenceValidTo] = .date(end)
      return true
    },
    .order("date-order", "Q22", .licenceRevokedDate) { draft, _ in
      guard !draft[.licenceRevokedDate].isEmpty, let day = draft.date(.licenceValidFrom) else {
        return false
      }
      draft[.licenceRevokedDate] = .date(day - 2)
      return true
    },
    Fault("future-date") { draft, kit, _ in
      draft[.licenceDecisionDate] = .date(kit.future)
      let isNew = draft.code(.operationTypeCode) == "1"
      return [kit.finding("Q29", .licenceDecisionDate, "order")]
        + (isNew ? [.rule("Q22", "CR02", note: true)] : [])
    },
    .order("future-date", "Q29", .publicityDate) { draft, kit in
      guard !draft[.publicityDate].isEmpty else { return false }
      draft[.publicityDate] = .date(kit.future)
      return true
    },
  ]

  static let ofCredits: [Fault] = [
    .rule("grade-and-score", [.rule("Q31", "CR39", note: true)]) { draft, _ in
      draft[.creditGradeCode] = .code("A")
      draft[.creditScore] = .number(600, decimals: 1)
      return true
    },
    .rule("removed-before-listed", [.rule("Q22", "CR40")]) { draft, _ in
      guard let day = draft.date(.listInDate) else { return false }
      draft[.listOutDate] = .date(day - 10)
      return true
    },
    .order("date-order", "Q22", .creditRepairDate) { draft, _ in
      guard let day = draft.date(.listInDate) else { return false }
      draft[.creditRepairDate] = .date(day - 10)
      return true
    },
    .range(.creditScore) { draft in
      draft[.creditGradeCode] = .code("A")
      draft[.creditScore] = .number(12_000, decimals: 1)
      return true
    },
    .range(.industryRiskCoef) { draft in
      draft[.industryRiskCoef] = .number(1500, decimals: 2)
      return true
    },
    .order("future-date", "Q29", .creditEvalDate) { draft, kit in
      draft[.creditEvalDate] = .date(kit.future)
      return true
    },
    .order("future-date", "Q29", .listInDate) { draft, kit in
      guard !draft[.listInDate].isEmpty else { return false }
      draft[.listInDate] = .date(kit.future)
      draft[.listOutDate] = .none
      draft[.creditRepairDate] = .none
      return true
    },
  ]

  static let ofFacilities: [Fault] =
    [
      .rule("inspection-order", [.rule("Q22", "CR37")]) { draft, _ in
        guard !draft[.lastInspectionDate].isEmpty else { return false }
        draft[.nextInspectionDate] = draft[.lastInspectionDate]
        return true
      },
      .rule("drilled-and-missed", [.rule("Q31", "CR38", note: true)]) { draft, _ in
        guard !draft[.drillDoneDate].isEmpty else { return false }
        draft[.drillMissedCount] = .count(2)
        return true
      },
      .order("future-date", "Q29", .inServiceDate) { draft, kit in
        draft[.inServiceDate] = .date(kit.future)
        return true
      },
      .order("future-date", "Q29", .lastInspectionDate, [.rule("Q22", "CR37")]) { draft, kit in
        guard !draft[.lastInspectionDate].isEmpty else { return false }
        draft[.lastInspectionDate] = .date(kit.future)
        return true
      },
      .order("future-date", "Q29", .drillDoneDate) { draft, kit in
        guard !draft[.drillDoneDate].isEmpty else { return false }
        draft[.drillDoneDate] = .date(kit.future)
        return true
      },
      .order("future-date", "Q29", .trainingDate) { draft, kit in
        draft[.trainingDate] = .date(kit.future)
        return true
      },
      Fault("code-not-in-force") { draft, kit, _ in
        guard !draft[.plateTypeCode].isEmpty else { return nil }
        draft[.plateTypeCode] = .code("51")
        draft[.sourceUpdateTime] = .time(moment(kit.start - 4000, 9))
        return [kit.finding("Q24", .plateTypeCode, "in-force")]
      },
    ] + ofFacilityNumbers

  private static let ofFacilityNumbers: [Fault] = [
    .range(.facilityLongitude) { draft in
      draft[.facilityLongitude] = .number(200_000_000, decimals: 6)
      return true
    },
    .range(.facilityLatitude) { draft in
      draft[.facilityLatitude] = .number(60_000_000, decimals: 6)
      return true
    },
    .range(.designCapacity) { draft in
      guard !draft[.designCapacity].isEmpty else { return false }
      draft[.designCapacity] = .number(0, decimals: 3)
      return true
    },
    .range(.drillMissedCount) { draft in
      guard draft[.drillDoneDate].isEmpty, !draft[.drillMissedCount].isEmpty else { return false }
      draft[.drillMissedCount] = .count(120)
      return true
    },
    .range(.trainedPersonCount) { draft in
      guard let employees = draft.number(.employeeCount) else { return false }
      draft[.trainedPersonCount] = .count(employees + 1)
      return true
    },
  ]

  static let ofRandomTasks: [Fault] = [
    .rule("sample-size", [.rule("Q26", "CR22", note: true)]) { draft, _ in
      guard let count = draft.number(.sampleCount), let base = draft.number(.sampleBaseCount),
        count + 5 <= base
      else { return false }
      draft[.sampleCount] = .count(count + 5)
      return true
    },
    .rule("one-officer", [.rule("Q13", "CR23")]) { draft, _ in
      guard !draft[.officerCertNo].isEmpty else { return false }
      onlyOneOfficer(&draft)
      return true
    },
    .range(.sampleCount, [.rule("Q26", "CR22", note: true)]) { draft in
      guard let base = draft.number(.sampleBaseCount) else { return false }
      draft[.sampleCount] = .count(base + 7)
      return true
    },
    .range(.sampleRatio, [.rule("Q26", "CR22", note: true)]) { draft in
      draft[.sampleRatio] = .number(12_000, decimals: 2)
      return true
    },
    .range(.sampleBaseCount) { draft in
      draft[.sampleBaseCount] = .count(0)
      draft[.sampleCount] = .count(0)
      return true
    },
    .range(.prescreenScore) { draft in
      draft[.prescreenScore] = .number(13_000, decimals: 2)
      return true
    },
    .order("future-date", "Q29", .publicityDate) { draft, kit in
      guard !draft[.publicityDate].isEmpty else { return false }
      draft[.publicityDate] = .date(kit.future)
      return true
    },
  ]
}
