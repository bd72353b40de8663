/// What a record says otherwise than the system that owns the fact. The record itself is in order, so that
/// nobody notices in it alone; what follows is worked out from what all systems show, see
/// ``DeliveryHistory/conflicts(_:_:_:)``.
extension Fault {
  /// What an echo may say otherwise than the record that it repeats.
  static func disagreements(_ kind: Kind, _ bureau: Bureau) -> [Fault] {
    switch kind {
    case .lic: [otherItem, otherTerm]
    case .mon: [otherValue, otherLot]
    case .fac: [otherInspection, otherCapacity]
    case .cas: bureau == .mot ? [otherPlateType, otherAcceptance] : [otherAcceptance, otherPerson]
    case .pen: [otherPerson, otherCause, otherBasis]
    case .ago: [otherCertificate, otherOfficerKind]
    case .cmp: [otherIssue, otherChannel]
    default: []
    }
  }

  /// What an echo may say otherwise only before its owner: beside it the record would be returned.
  static func rumours(_ kind: Kind) -> [Fault] { kind == .pen ? [otherFine] : [] }

  private static func disagreement(
    _ name: String, _ change: @escaping @Sendable (inout Draft) -> Bool
  ) -> Fault {
    Fault(name) { draft, _, _ in change(&draft) ? [] : nil }
  }

  private static let otherItem = disagreement("other-licensed-item") { draft in
    guard let item = draft.text(.licensedItem) else { return false }
    draft[.licensedItem] = .text(item + "(部分)")
    return true
  }

  private static let otherTerm = disagreement("other-licence-term") { draft in
    guard let end = draft.date(.licenceValidTo) else { return false }
    draft[.licenceValidTo] = .date(end + 365)
    return true
  }

  private static let otherValue = disagreement("other-reading") { draft in
    guard let value = draft.number(.monitorValue), let high = draft.number(.limitHigh) else {
      return false
    }
    let middle = ((draft.number(.limitLow) ?? 0) + high) / 2
    draft[.monitorValue] = .number(value == middle ? middle + 1 : middle, decimals: 4)
    return true
  }

  private static let otherLot = disagreement("other-lot") { draft in
    guard let lot = draft.text(.sampleLotNo), lot != "/" else { return false }
    draft[.sampleLotNo] = .text(lot + "B")
    return true
  }

  private static let otherInspection = disagreement("other-inspection") { draft in
    guard let day = draft.date(.lastInspectionDate) else { return false }
    draft[.lastInspectionDate] = .date(day - 20)
    return true
  }

  private static let otherCapacity = disagreement("other-capacity") { draft in
    guard let capacity = draft.number(.designCapacity) else { return false }
    draft[.designCapacity] = .number(capacity * 2, decimals: 3)
    return true
  }

  private static let otherAcceptance = disagreement("other-acceptance") { draft in
    guard let time = draft.time(.acceptTime) else { return false }
    draft[.acceptTime] = .time(time - 3600)
    return true
  }

  private static let otherPerson = disagreement("other-person-name") { draft in
    guard let name = draft.text(.personName) else { return false }
    draft[.personName] = .text(name.prefix(1) + (name.hasSuffix("安") ? "宁" : "安"))
    return true
  }

  private static let otherPlateType = disagreement("other-plate-type") { draft in
    guard draft.code(.plateTypeCode) == "02" else { return false }
    draft[.plateTypeCode] = .code("01")
    return true
  }

  private static let otherCause = disagreement("other-cause") { draft in
    guard let cause = draft.text(.penaltyCause) else { return false }
    draft[.penaltyCause] = .text(cause.replacing("经查", with: "据查"))
    return true
  }

  private static let otherBasis = disagreement("other-basis") { draft in
    guard let basis = draft.text(.penaltyBasis) else { return false }
    draft[.penaltyBasis] = .text(basis + "、第二款")
    return true
  }

  private static let otherFine = disagreement("other-fine-before-owner") { draft in
    guard let fine = draft.number(.fineAmount) else { return false }
    let other = fine + 10_000
    draft[.fineAmount] = .money(fen: other)
    if let content = draft.text(.penaltyContent) {
      draft[.penaltyContent] = .text(
        content.replacing("罚款\(fine / 100)元", with: "罚款\(other / 100)元"))
    }
    return true
  }

  private static let otherCertificate = disagreement("other-certificate-term") { draft in
    guard let end = draft.date(.officerCertValidTo) else { return false }
    draft[.officerCertValidTo] = .date(end + 30)
    return true
  }

  private static let otherOfficerKind = disagreement("other-officer-kind") { draft in
    guard let kind = draft.code(.officerKindCode) else { return false }
    draft[.officerKindCode] = .code(kind == "1" ? "2" : "1")
    return true
  }

  private static let otherIssue = disagreement("other-issue") { draft in
    guard let issue = draft.code(.issueCategoryCode) else { return false }
    draft[.issueCategoryCode] = .code(issue == "99" ? "04" : "99")
    return true
  }

  private static let otherChannel = disagreement("other-channel") { draft in
    guard let channel = draft.code(.complaintChannelCode) else { return false }
    draft[.complaintChannelCode] = .code(channel == "01" ? "05" : "01")
    return true
  }

  // MARK: Copies of registers

  private static func copy(
    _ name: String, _ isCopy: @escaping @Sendable (Bureau) -> Bool,
    _ change: @escaping @Sendable (inout Draft) -> Bool
  ) -> Fault {
    var fault = Fault(name) { draft, kit, _ in
      isCopy(kit.bureau) && change(&draft) ? [] : nil
    }
    fault.isOfCopy = true
    return fault
  }

  /// Construction, which alone copies the capital, begins with the last.
  static let otherRegistrations: [Fault] = [
    copy("other-representative", { $0 != .sam }) { draft in
      guard let name = draft.text(.legalRepName) else { return false }
      draft[.legalRepName] = .text(name.prefix(1) + (name.hasSuffix("安") ? "宁" : "安"))
      return true
    },
    copy("other-address", { $0 != .sam }) { draft in
      guard let address = draft.text(.registeredAddress) else { return false }
      draft[.registeredAddress] = .text(address + "一楼")
      return true
    },
    copy("other-capital", { $0 != .sam }) { draft in
      guard let capital = draft.number(.registeredCapital) else { return false }
      draft[.registeredCapital] = .number(capital + 10_000_000, decimals: 6)
      return true
    },
  ]

  static let otherCredits: [Fault] = [
    copy("other-score", { $0 != .sam }) { draft in
      guard let score = draft.number(.creditScore) else { return false }
      draft[.creditScore] = .number(score > 5000 ? score - 70 : score + 70, decimals: 1)
      return true
    },
    copy("other-environmental-grade", { $0 == .sam }) { draft in
      guard let grade = draft.code(.envCreditGradeCode) else { return false }
      draft[.envCreditGradeCode] = .code(grade == "A" ? "B" : "A")
      return true
    },
  ]
}
