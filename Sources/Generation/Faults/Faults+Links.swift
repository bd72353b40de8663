/// Faults that nobody sees in the record alone: what it refers to is not there, or says something else.
/// What follows is worked out from what all systems show; see ``DeliveryHistory/links(_:_:_:)``.
extension Fault {
  static func ofLinks(_ kind: Kind) -> [Fault] {
    switch kind {
    case .ent: [otherName, otherStatus] + otherRegistrations
    case .crd: otherCredits
    case .lic: [unknownSubject, validOfEnded]
    case .pen: [unknownCase, unknownSubject, unknownOfficer]
    case .coe, .evd: [unknownCase]
    case .vio: [unknownDecision(.violationDocNo), wrongCount]
    case .rev: [unknownDecision(.penaltyDocNo)]
    case .ins: [unknownTask]
    case .mon: [failureWithoutCase]
    default: []
    }
  }

  private static let unknownCase = link("unknown-case") { draft in
    guard let number = draft.text(.caseNo), !number.isEmpty else { return false }
    draft[.caseNo] = .text(number + "X")
    return true
  }

  private static let unknownSubject = link("unknown-subject") { draft in
    guard let code = draft.text(.uscc), code.count == 18 else { return false }
    // No registered subject has this organisation code.
    let organisation = City.organisation("MR", 4711)
    draft[.uscc] = .text(
      City.creditCode(
        prefix: String(code.prefix(2)), division: String(code.dropFirst(2).prefix(6)),
        organisation: organisation))
    return true
  }

  private static let unknownOfficer = link("unknown-officer") { draft in
    var numbers = draft.texts(.officerCertNo)
    guard !numbers.isEmpty else { return false }
    numbers[0] = String(numbers[0].prefix(8)) + "999999"
    draft[.officerCertNo] = .texts(numbers)
    return true
  }

  private static func unknownDecision(_ field: Field) -> Fault {
    link("unknown-decision") { draft in
      guard let number = draft.text(field), number.hasSuffix("号") else { return false }
      // No other decision has a number as long.
      draft[field] = .text(number.dropLast() + "000009号")
      return true
    }
  }

  private static let unknownTask = link("unknown-task") { draft in
    guard draft.code(.inspectionModeCode) == "1", let number = draft.text(.taskNo) else {
      return false
    }
    draft[.taskNo] = .text(number + "X")
    return true
  }

  private static let wrongCount = link("wrong-count") { draft in
    guard !(draft.text(.uscc) ?? "").isEmpty, let count = draft.number(.violationCount3y) else {
      return false
    }
    draft[.violationCount3y] = .count(count + 2)
    return true
  }

  private static let otherName = Fault("other-name") { draft, kit, _ in
    guard kit.bureau != .sam, let name = draft.text(.subjectName) else { return nil }
    draft[.subjectName] = .text(name.replacing("清源", with: "清泉"))
    return []
  }

  private static let otherStatus = Fault("other-status") { draft, kit, _ in
    guard kit.bureau != .sam, draft.code(.registrationStatusCode) == "1" else { return nil }
    draft[.registrationStatusCode] = .code("7")
    return []
  }

  private static let validOfEnded = link("valid-of-ended") { draft in
    guard draft.code(.licenceStatusCode) == "4", let end = draft.date(.licenceValidTo),
      let updated = draft.time(.sourceUpdateTime), end > updated / 86_400
    else { return false }
    draft[.licenceStatusCode] = .code("1")
    if !draft[.licenceRevokedDate].isEmpty { draft[.licenceRevokedDate] = .none }
    return true
  }

  private static let failureWithoutCase = Fault("failure-without-case") { draft, kit, _ in
    guard draft.code(.monitorResultCode) == "1", let high = draft.number(.limitHigh),
      draft.number(.monitorValue) != nil, draft[.productionDate].isEmpty
    else { return nil }
    draft[.monitorResultCode] = .code("2")
    draft[.monitorValue] = .number(high * 2, decimals: 4)
    if kit.element(.exceedRatio) != nil { draft[.exceedRatio] = .number(1000, decimals: 3) }
    draft[.monitorTime] = .time(moment(kit.start - 60, 9))
    return []
  }

  private static func link(
    _ name: String, _ change: @escaping @Sendable (inout Draft) -> Bool
  ) -> Fault {
    Fault(name) { draft, _, _ in change(&draft) ? [] : nil }
  }
}
