/// What the receiver shows of a record, and what it keeps back, when a night is over.
struct Standing: Sendable {
  struct Version: Sendable {
    var version: RecordVersion
    /// Only one that is noted and not returned.
    var fault: FaultNumber?
  }

  /// nil if nothing is shown.
  var shown: Version?
  /// Waits for a record to which it refers.
  var waiting: Version?
}

extension Kind {
  /// Whether records wait for those to which they refer.
  var waits: Bool { self == .pen || self == .coe }
}

extension DeliveryHistory {
  func standing(_ index: Int, night: Int) -> Standing {
    guard night > 0 else { return Standing() }
    let key = StandingKey(night: night, index: index)
    if let known = standings[key] { return known }
    var standing = standing(index, night: night - 1)
    if let turn = all.plan.turn(channel.bureau, kind, night: night) {
      if let row = row(index, turn: turn) {
        take(row, night, &standing)
      } else if isRemoved(index, turn: turn) {
        standing = Standing()
      }
    }
    if let waiting = standing.waiting, lacks(draft(of: waiting, index), index, night).isEmpty {
      standing = Standing(shown: waiting)
    }
    standings[key] = standing
    return standing
  }

  private func take(_ row: DeliveryRow, _ night: Int, _ standing: inout Standing) {
    switch row.action {
    case .unchanged, .late: return
    case .deletion: standing = Standing()
    case .new, .changed, .correction:
      guard !row.isReturned else { return }
      let version = Standing.Version(version: row.version, fault: row.fault)
      if kind.waits, !lacks(draft(of: version, row.index), row.index, night).isEmpty {
        standing.waiting = version
      } else {
        standing = Standing(shown: version)
      }
    }
  }

  /// The values of a version that was not returned.
  func draft(of version: Standing.Version, _ index: Int) -> Draft {
    var draft = Draft()
    if let fault = version.fault {
      let row = DeliveryRow(index: index, action: .new, version: version.version, before: nil)
      _ = spoil(row, fault, &draft)
    } else {
      fill(&draft, index, version.version)
    }
    return draft
  }

  /// What other records see of a record when a night is over; nil if there is nothing.
  func shown(_ index: Int, night: Int) -> Draft? {
    standing(index, night: night).shown.map { draft(of: $0, index) }
  }

  // MARK: What a record lacks

  /// Findings for which a record waits.
  func lacks(_ draft: Draft, _ index: Int, _ night: Int) -> [ExpectedFinding] {
    if let origin = city.origin(ofEcho: index, kind) {
      return all[origin.bureau, kind]?.lacks(draft, origin.index, night) ?? []
    }
    var findings: [ExpectedFinding] = []
    let hasCase = finds(.cas, index, night) { other in
      other.text(.agencyUscc) == draft.text(.agencyUscc)
        && other.text(.caseNo) == draft.text(.caseNo)
    }
    switch kind {
    case .coe: if !hasCase { findings.append(.rule("Q32", "CR44")) }
    case .pen:
      if !hasCase { findings.append(.rule("Q32", "CR41")) }
      let decided = draft.date(.decisionDate) ?? 0
      let areCertified = draft.texts(.officerCertNo).allSatisfy { certificate in
        holds(certificate, on: decided, night)
      }
      if !areCertified { findings.append(.rule("Q33", "CR42")) }
    default: break
    }
    return findings
  }

  private func holds(_ certificate: String, on day: Int, _ night: Int) -> Bool {
    guard let number = Int(certificate.suffix(6)), number > 0,
      let bureau = Int(certificate.dropFirst(6).prefix(2)).flatMap({ Bureau(rawValue: $0 - 1) }),
      let officer = all[bureau, .ago]?.shown(number - 1, night: night),
      officer.texts(.officerCertNo) == [certificate],
      let from = officer.date(.officerCertValidFrom),
      let end = officer.date(.officerCertValidTo)
    else { return false }
    return from <= day && day <= end
  }

  /// Findings of rules between records about a record that is shown, as they are when a night is over.
  func links(_ draft: Draft, _ index: Int, _ night: Int) -> [ExpectedFinding] {
    references(draft, index, night) + fines(draft, index, night) + conflicts(draft, index, night)
  }

  /// A fine that is not what the system of the deciding agency says, shown before that said anything.
  private func fines(_ draft: Draft, _ index: Int, _ night: Int) -> [ExpectedFinding] {
    guard kind == .pen, let origin = city.origin(ofEcho: index, kind),
      let other = all[origin.bureau, kind]?.shown(origin.index, night: night),
      draft.text(.agencyUscc) == other.text(.agencyUscc),
      draft.text(.penaltyDocNo) == other.text(.penaltyDocNo),
      let own = draft.number(.fineAmount), let right = other.number(.fineAmount), own != right
    else { return [] }
    // Who reports officers of the agency may be its system too.
    let officers = all[channel.bureau, .ago]
    let isHome = city.echoes(.ago, turn: night).contains {
      officers?.shown($0, night: night)?.text(.agencyUscc) == draft.text(.agencyUscc)
    }
    return isHome ? [] : [.rule("Q34", "CR53")]
  }

  private func references(_ draft: Draft, _ index: Int, _ night: Int) -> [ExpectedFinding] {
    if let origin = city.origin(ofEcho: index, kind) {
      return all[origin.bureau, kind]?.references(draft, origin.index, night) ?? []
    }
    return switch kind {
    case .pen: linksOfPenalty(draft, index, night)
    case .vio: linksOfViolation(draft, index, night)
    case .lic: linksOfLicence(draft, index, night)
    case .ent: linksOfCopy(draft, index, night)
    case .evd:
      finds(.cas, city.caseOfEvidence(index), night) { $0.text(.caseNo) == draft.text(.caseNo) }
        ? [] : [.rule("Q32", "CR43", note: true)]
    case .rev:
      draft[.penaltyDocNo].isEmpty
        || finds(.pen, index, night) { $0.text(.penaltyDocNo) == draft.text(.penaltyDocNo) }
        ? [] : [.rule("Q32", "CR46", note: true)]
    case .ins:
      draft.code(.inspectionModeCode) != "1"
        || finds(.rnd, index / 3, night) { $0.text(.taskNo) == draft.text(.taskNo) }
        ? [] : [.rule("Q32", "CR47", note: true)]
    case .mon: hasDueCase(draft, index, night) ? [] : [.rule("Q36", "CR58", note: true)]
    default: []
    }
  }

  private func finds(_ kind: Kind, _ index: Int, _ night: Int, where fits: (Draft) -> Bool) -> Bool
  {
    all[channel.bureau, kind]?.shown(index, night: night).map(fits) ?? false
  }

  private func linksOfPenalty(_ draft: Draft, _ index: Int, _ night: Int) -> [ExpectedFinding] {
    guard !(draft.text(.uscc) ?? "").isEmpty,
      case .enterprise(let subject) = city.caseFacts(index).party
    else { return [] }
    var findings: [ExpectedFinding] = []
    if !isRegistered(subject.index, draft, night) {
      findings.append(.rule("Q32", "CR50", note: true))
    }
    let isRevoked = isRegistered(subject.index, draft, night) { copy in
      ["2", "3"].contains(copy.code(.registrationStatusCode) ?? "")
    }
    if draft.codes(.penaltyKindCode).contains("0603"), !isRevoked {
      findings.append(.rule("Q34", "CR55", note: true))
    }
    return findings
  }

  private func linksOfLicence(_ draft: Draft, _ index: Int, _ night: Int) -> [ExpectedFinding] {
    guard !(draft.text(.uscc) ?? "").isEmpty else { return [] }
    let subject = city.subject(of: index, salt: 3).index
    var findings: [ExpectedFinding] = []
    if !isRegistered(subject, draft, night) {
      findings.append(.rule("Q32", "CR49", note: true))
    }
    if draft.code(.licenceStatusCode) == "1", let own = registered(subject, draft, night),
      ["3", "4"].contains(own.code(.registrationStatusCode) ?? "")
    {
      findings.append(.rule("Q34", "CR54", note: true))
    }
    return findings
  }

  private func linksOfCopy(_ draft: Draft, _ index: Int, _ night: Int) -> [ExpectedFinding] {
    guard channel.bureau != .sam, draft.text(.uscc)?.first == "9",
      let own = registered(city.subject(of: index, salt: 83).index, draft, night)
    else { return [] }
    var findings: [ExpectedFinding] = []
    if own.text(.subjectName) != draft.text(.subjectName) {
      findings.append(.rule("Q34", "CR51", note: true))
    }
    if let status = draft.code(.registrationStatusCode),
      let right = own.code(.registrationStatusCode),
      status != right
    {
      findings.append(.rule("Q34", "CR52", note: true))
    }
    return findings
  }

  /// What market supervision shows under the credit code of the record.
  private func registered(_ subject: Int, _ draft: Draft, _ night: Int) -> Draft? {
    guard let own = all[.sam, .ent]?.shown(subject, night: night),
      own.text(.uscc) == draft.text(.uscc)
    else { return nil }
    return own
  }

  private func linksOfViolation(_ draft: Draft, _ index: Int, _ night: Int) -> [ExpectedFinding] {
    let hasPenalty = finds(.pen, index, night) { other in
      other.text(.penaltyDocNo) == draft.text(.violationDocNo)
    }
    var findings: [ExpectedFinding] = hasPenalty ? [] : [.rule("Q32", "CR48", note: true)]
    guard let credit = draft.text(.uscc), !credit.isEmpty, let day = draft.date(.violationDate),
      case .enterprise(let subject) = city.caseFacts(index).party
    else { return findings }
    let count = city.register.offences(of: subject.index).count { offence in
      guard let other = all[offence.bureau, .pen]?.shown(offence.index, night: night) else {
        return false
      }
      return other.text(.uscc) == credit && other.code(.penaltyRevokedFlag) == "0"
        && (other.date(.decisionDate) ?? day) < day
    }
    if draft.number(.violationCount3y) != count {
      findings.append(.rule("Q35", "CR56", note: true))
    }
    return findings
  }

  /// Whether some system shows the subject under the credit code of the record.
  private func isRegistered(
    _ subject: Int, _ draft: Draft, _ night: Int, where fits: (Draft) -> Bool = { _ in true }
  ) -> Bool {
    let credit = draft.text(.uscc)
    func isShown(_ bureau: Bureau, _ index: Int) -> Bool {
      guard let copy = all[bureau, .ent]?.shown(index, night: night) else { return false }
      return copy.text(.uscc) == credit && fits(copy)
    }
    if isShown(.sam, subject) { return true }
    let place = city.register.place(of: subject, salt: 83)
    return Bureau.allCases.contains { bureau in
      guard bureau != .sam, bureau.delivers(.ent) else { return false }
      let known = city.seen(by: bureau).census.final(.ent)
      return stride(from: place, to: known, by: city.register.count).contains {
        isShown(bureau, $0)
      }
    }
  }

  /// Whether a failed reading that is thirty days old has the case that it calls for.
  private func hasDueCase(_ draft: Draft, _ index: Int, _ night: Int) -> Bool {
    guard draft.code(.monitorResultCode) == "2", let credit = draft.text(.uscc), !credit.isEmpty,
      let time = draft.time(.monitorTime), time / 86_400 + 30 < city.start + night - 1
    else { return true }
    let offences = city.register.offences(of: city.readingSubject(index).index)
    let own = city.monitoredCase(ofGroup: index / 8).map {
      Register.Offence(bureau: channel.bureau, index: $0.index)
    }
    return (offences + (own.map { [$0] } ?? [])).contains { offence in
      guard let other = all[offence.bureau, .cas]?.shown(offence.index, night: night),
        other.text(.uscc) == credit, ["06", "07"].contains(other.code(.caseSourceCode) ?? ""),
        let filed = other.date(.filingDate)
      else { return false }
      return time / 86_400 <= filed && filed <= time / 86_400 + 30
    }
  }
}

/// A finding between records that stands when a night is over.
struct StandingFinding: Sendable {
  var recordNumber: String
  var finding: ExpectedFinding
}

extension DeliveryHistory {
  /// Findings between records of all that is shown or waits.
  func standingFindings(_ range: Range<Int>, night: Int) -> [StandingFinding] {
    range.flatMap { index -> [StandingFinding] in
      let standing = standing(index, night: night)
      var findings: [ExpectedFinding] = []
      if let shown = standing.shown { findings += links(draft(of: shown, index), index, night) }
      if let waiting = standing.waiting {
        findings += lacks(draft(of: waiting, index), index, night)
      }
      return findings.map {
        StandingFinding(recordNumber: city.recordNumber(kind, index), finding: $0)
      }
    }
  }
}
