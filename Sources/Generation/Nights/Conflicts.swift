/// Who owns which facts, as the plan of the authority rules says; the generator's own model, which reads
/// nothing of what the product is told about them.
struct Ownership: Sendable {
  enum Owner: Sendable, Equatable {
    case bureau(Bureau)
    /// The system whose agency decided, handles or employs.
    case home
    /// Whoever registered it first.
    case first
  }

  var rule: String
  var kind: Kind
  var owner: Owner
  /// What tells one thing from another.
  var key: [Field]
  var fields: [Field]
  /// The owner's records that say it; others than ``kind`` where rows inside records speak.
  var ownerKind: Kind
  /// Whether the rule speaks of a record.
  var holds: @Sendable (Draft) -> Bool

  static func rules(_ kind: Kind) -> [Ownership] { byKind[kind.rawValue] }

  /// What rows inside the records of a kind say. The first row says what the record says; only
  /// those who send rows are heard.
  static func rules(ofRowsIn kind: Kind) -> [Ownership] { ofRows.filter { $0.kind == kind } }

  private static let byKind = Kind.allCases.map { kind in all.filter { $0.kind == kind } }

  private init(
    _ rule: String, _ kind: Kind, _ owner: Owner, _ key: [Field], _ fields: [Field],
    ownerKind: Kind? = nil, _ holds: @escaping @Sendable (Draft) -> Bool = { _ in true }
  ) {
    self.ownerKind = ownerKind ?? kind
    self.rule = rule
    self.kind = kind
    self.owner = owner
    self.key = key
    self.fields = fields
    self.holds = holds
  }

  private static let all =
    [
      Ownership(
        "AR01", .ent, .bureau(.sam), [.uscc],
        [
          .subjectName, .uscc, .orgCode, .registrationNo, .subjectTypeCode, .legalRepName,
          .legalRepIdTypeCode, .registeredCapital, .capitalCurrencyCode, .establishedDate,
          .approvedDate, .businessTermFrom, .businessTermTo, .registeredAddress,
          .registeredDivisionCode, .businessScope, .industryCode, .registrationAuthority,
          .registrationStatusCode, .deregisteredDate,
        ], { $0.text(.uscc)?.first == "9" }),
      Ownership(
        "AR02", .mon, .bureau(.mee), reading,
        [
          .monitorValue, .unitCode, .limitLow, .limitHigh, .exceedRatio, .monitorResultCode,
          .dataValidityCode,
        ], { $0.string(.monitorKindCode) == "1" }),
      Ownership(
        "AR03", .crd, .bureau(.sam), [.uscc],
        [
          .abnormalListFlag, .abnormalReasonCode, .listInDate, .listOutDate, .seriousIllegalFlag,
          .creditGradeCode, .creditScore,
        ]),
    ] + licences + [
      Ownership(
        "AR14", .cas, .home, [.personIdTypeCode, .personIdNo],
        [
          .personName, .personIdTypeCode, .personIdNo, .personSexCode, .personBirthDate,
          .personAddress,
        ], { $0.string(.partyTypeCode) == "4" }),
      Ownership(
        "AR15", .cas, .home, [.vehiclePlateNo], [.plateTypeCode, .uscc],
        { !$0[.vehiclePlateNo].isEmpty }),
      Ownership(
        "AR16", .fac, .bureau(.sam), [.facilityId],
        [
          .specialEquipCertNo, .specialEquipKindCode, .inServiceDate, .facilityStatusCode,
          .lastInspectionDate, .nextInspectionDate, .testConclusionCode,
        ], { $0.string(.facilityTypeCode) == "01" }),
      Ownership(
        "AR17", .fac, .bureau(.mem), [.facilityId],
        [
          .hazardLevelCode, .storageMedium, .designCapacity, .lastInspectionDate,
          .nextInspectionDate, .testConclusionCode, .drillPlannedDate, .drillDoneDate,
          .drillMissedCount, .trainedPersonCount, .trainingDate, .safetyManagerCertFlag,
        ], { ["02", "03"].contains($0.string(.facilityTypeCode) ?? "") }),
      Ownership(
        "AR18", .mon, .bureau(.sam), reading,
        [
          .monitorValue, .unitCode, .limitLow, .limitHigh, .monitorResultCode, .sampleName,
          .sampleLotNo, .productionDate, .producerName,
        ], { $0.string(.monitorKindCode) == "2" }),
      Ownership("AR19", .crd, .bureau(.mee), [.uscc], [.envCreditGradeCode]),
      Ownership(
        "AR20", .pen, .home, [.agencyUscc, .penaltyDocNo],
        [
          .penaltyDocNo, .penaltyTypeCode, .penaltyKindCode, .penaltyContent, .penaltyCause,
          .penaltyBasis, .fineAmount, .confiscatedIncome, .confiscatedGoodsValue, .decisionDate,
          .penaltyEffectiveDate, .penaltyRevokedFlag, .fulfilStatusCode,
        ]),
      Ownership(
        "AR21", .cas, .home, [.agencyUscc, .caseNo],
        [
          .caseStatusCode, .acceptTime, .filingDate, .investigateStartTime, .investigateEndTime,
          .legalReviewDate, .noticeDate, .closedDate, .archivedDate, .closeMethodCode,
          .nodeDeadline,
        ]),
      Ownership(
        "AR22", .ago, .home, [.agencyUscc, .officerCertNo],
        [
          .officerName, .officerCertNo, .officerCertTypeCode, .officerCertValidFrom,
          .officerCertValidTo, .officerCertStatusCode, .officerAreaCode, .officerKindCode,
          .agencyName, .agencyTypeCode, .agencyLevelCode,
        ]),
      Ownership(
        "AR23", .cmp, .first, [.complaintNo],
        [
          .complaintChannelCode, .complaintTypeCode, .complaintTime, .issueCategoryCode,
          .firstResponseTime, .feedbackTime, .handlingStatusCode,
        ]),
    ]

  private static let ofRows = [
    Ownership(
      "AR14", .pen, .home, [.personIdTypeCode, .personIdNo],
      [.personName, .personIdTypeCode, .personIdNo, .personBirthDate, .personAddress],
      ownerKind: .cas, { $0.string(.partyTypeCode) == "4" })
  ]

  private static let reading: [Field] = [.monitorNo, .monitorItemCode, .monitorTime]

  private static let licences: [Ownership] = {
    let common: [Field] = [
      .licenceNo, .licenceName, .licensedItem, .licenceValidFrom, .licenceValidTo,
      .licenceStatusCode,
    ]
    let rules: [(rule: String, types: [String], owner: Bureau, more: [Field])] = [
      (
        "AR04", ["01", "02"], .sam, [.licenceSiteAddress, .foodBusinessItems, .businessFormatCode]
      ),
      ("AR05", ["03", "04"], .nmp, [.licenceSiteAddress]),
      ("AR06", ["05", "06"], .mem, [.hazchemItems]),
      ("AR07", ["07"], .mee, [.licenceSiteAddress]), ("AR08", ["08"], .mot, []),
      ("AR09", ["09", "10"], .nhc, []), ("AR10", ["11"], .cul, []),
      ("AR11", ["12", "13"], .hud, []), ("AR12", ["14", "15"], .ara, []),
      ("AR13", ["16"], .mnr, []),
    ]
    return rules.map { rule in
      Ownership(
        rule.rule, .lic, .bureau(rule.owner), [.licenceTypeCode, .licenceNo], common + rule.more,
        { rule.types.contains($0.string(.licenceTypeCode) ?? "") })
    }
  }()
}

extension DeliveryHistory {
  /// Where a record that is shown differs from the owner's, as things are when a night is over.
  func conflicts(_ draft: Draft, _ index: Int, _ night: Int) -> [ExpectedFinding] {
    let ofRows = channel.hasRows("parties") ? Ownership.rules(ofRowsIn: kind) : []
    return (Ownership.rules(kind) + ofRows).flatMap { rule -> [ExpectedFinding] in
      guard rule.holds(draft),
        let place = winner(rule, draft, index, night),
        let other = all[place.bureau, rule.ownerKind]?.shown(place.index, night: night),
        rule.holds(other), rule.key.allSatisfy({ draft.string($0) == other.string($0) })
      else { return [] }
      return rule.fields.filter { draft.contradicts(other, $0) }.map {
        ExpectedFinding("Q34", rule.rule, element: $0.identifier, severity: "note")
      }
    }
  }

  /// The record of another system that decides before this one.
  private func winner(
    _ rule: Ownership, _ draft: Draft, _ index: Int, _ night: Int
  ) -> RecordPlace? {
    let origin = city.origin(ofEcho: index, kind)
    switch rule.owner {
    case .home: return origin
    case .bureau(let owner):
      guard owner != channel.bureau else { return nil }
      if let origin { return origin.bureau == owner ? origin : nil }
      switch kind {
      case .ent: return RecordPlace(bureau: owner, index: city.subject(of: index, salt: 83).index)
      case .crd: return RecordPlace(bureau: owner, index: index)
      default: return nil
      }
    case .first:
      let others = origin.map { [$0] } ?? city.echoes(of: index, kind)
      return others.first { place in
        all[place.bureau, kind]?.shown(place.index, night: night).map {
          $0.wasRegistered(place.bureau, before: draft, channel.bureau)
        } ?? false
      }
    }
  }
}

extension Draft {
  /// What a value comes to; nil if there is none.
  func string(_ field: Field) -> String? {
    switch self[field] {
    case .none: nil
    case .text(let text), .code(let text): text.isEmpty ? nil : text
    case .raw(let text): ["", "/", "未检出", "ND", "<0.05"].contains(text) ? nil : text
    case .texts(let texts), .codes(let texts): texts.isEmpty ? nil : texts.joined(separator: ";")
    case .date(let day): "\(day)"
    case .time(let seconds): "\(seconds)"
    case .number(let number, let decimals): "\(number)e-\(decimals)"
    }
  }

  func contradicts(_ other: Draft, _ field: Field) -> Bool {
    guard let own = string(field), let others = other.string(field) else { return false }
    return own != others
  }

  /// The earlier complaint counts, then the record that was changed first; of equal ones the system that
  /// comes first.
  fileprivate func wasRegistered(
    _ bureau: Bureau, before other: Draft, _ otherBureau: Bureau
  ) -> Bool {
    for field in [Field.complaintTime, .sourceUpdateTime] {
      switch (time(field), other.time(field)) {
      case (nil, nil): continue
      case (nil, _): return false
      case (_, nil): return true
      case (let own?, let others?): if own != others { return own < others }
      }
    }
    return bureau.rawValue < otherBureau.rawValue
  }
}
