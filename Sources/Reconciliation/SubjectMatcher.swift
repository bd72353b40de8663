package import Catalog

/// What a record says of the subject that it names.
package struct SubjectMention: Sendable, Hashable {
  package var code: String?
  package var number: String?
  package var name: SubjectName?

  package init(code: String?, number: String?, name: SubjectName?) {
    self.code = code
    self.number = number
    self.name = name
  }

  /// The same as long as the record says the same of its subject.
  package var evidence: String {
    [code, number, name?.normalized].map { $0 ?? "" }.joined(separator: "\u{1F}")
  }
}

/// A registered subject: what its registration says and what copies of it say beside.
package struct RegisteredSubject: Sendable, Hashable {
  package struct Statement: Sendable, Hashable {
    package var number: String?
    package var name: SubjectName
    /// Of the golden record; only that can link.
    package var isGolden: Bool

    package init(number: String?, name: SubjectName, isGolden: Bool) {
      self.number = number
      self.name = name
      self.isGolden = isGolden
    }
  }

  package var code: String
  package var statements: [Statement]

  package init(code: String, statements: [Statement]) {
    self.code = code
    self.statements = statements
  }

  /// The same as long as the registration says the same.
  package var evidence: String {
    statements.filter(\.isGolden).map { "\($0.number ?? "")\u{1F}\($0.name.normalized)" }
      .sorted().joined(separator: "\u{1E}")
  }
}

/// A person's word about a record and a subject.
package struct SubjectDecision: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    case confirm
    case reject
  }

  package var act: Int64
  package var kind: Kind
  package var subject: String
  /// What the record, and of a refusal also the registration, said when the person decided.
  package var mention: String
  package var registration: String

  package init(
    act: Int64, kind: Kind, subject: String, mention: String, registration: String
  ) {
    self.act = act
    self.kind = kind
    self.subject = subject
    self.mention = mention
    self.registration = registration
  }
}

/// A subject that a record may mean.
package struct SubjectCandidate: Sendable, Hashable {
  package var subject: String
  /// ``SubjectMatching/CandidateRule/id``.
  package var rule: String
  /// 1…100.
  package var score: Int
  /// Whether the record has a code that is in no registration.
  package var hasUnknownCode: Bool
}

/// What a record's subject turned out to be.
package struct SubjectOutcome: Sendable, Hashable {
  package struct Link: Sendable, Hashable {
    package var subject: String
    /// ``SubjectMatching/LinkRule/id``; nil where a person confirmed it.
    package var rule: String?
    /// The person's act.
    package var act: Int64?
  }

  package var link: Link?
  /// Best first; none beside a link.
  package var candidates: [SubjectCandidate] = []
}

/// Finds the registration of a subject that a record names.
///
/// A pure function of what the record says, what registrations say and what persons decided: the order of
/// neither decides anything. Two registrations that fit equally well are no link.
package struct SubjectMatcher: Sendable {
  private let matching: SubjectMatching

  package init(_ matching: SubjectMatching) { self.matching = matching }

  /// - Parameters:
  ///   - subjects: Every registration that shares code, number, name, core or half a name with the
  ///     mention, at most once each.
  ///   - decisions: About this record, those that nobody took back.
  package func match(
    _ mention: SubjectMention, among subjects: [RegisteredSubject],
    _ decisions: [SubjectDecision] = []
  ) -> SubjectOutcome {
    var outcome = SubjectOutcome()
    if let rule = matching.link(.code), let code = mention.code,
      subjects.contains(where: { $0.code == code })
    {
      outcome.link = SubjectOutcome.Link(subject: code, rule: rule.id, act: nil)
      return outcome
    }
    let evidence = mention.evidence
    if let confirmed = confirmed(decisions, evidence, subjects) {
      outcome.link = SubjectOutcome.Link(
        subject: confirmed.subject, rule: nil, act: confirmed.act)
      return outcome
    }
    let refused = Set(
      decisions.filter { $0.kind == .reject && $0.mention == evidence }
        .map { $0.subject + "\u{1D}" + $0.registration })
    let open = subjects.filter { !refused.contains($0.code + "\u{1D}" + $0.evidence) }
    if let link = linkByNumberAndName(mention, open) {
      outcome.link = link
      return outcome
    }
    let candidates = open.compactMap { candidate(mention, $0) }.sorted {
      $0.score != $1.score ? $0.score > $1.score : $0.subject < $1.subject
    }
    let least = (candidates.first?.score ?? 0) - matching.margin
    outcome.candidates = Array(
      candidates.prefix { $0.score >= least }.prefix(matching.limit))
    return outcome
  }

  /// Two confirmations of one record contradict each other and count for nothing.
  private func confirmed(
    _ decisions: [SubjectDecision], _ evidence: String, _ subjects: [RegisteredSubject]
  ) -> SubjectDecision? {
    let standing = decisions.filter { decision in
      decision.kind == .confirm && decision.mention == evidence
        && subjects.contains { $0.code == decision.subject }
    }
    guard Set(standing.map(\.subject)).count == 1 else { return nil }
    return standing.min { $0.act < $1.act }
  }

  private func linkByNumberAndName(
    _ mention: SubjectMention, _ subjects: [RegisteredSubject]
  ) -> SubjectOutcome.Link? {
    guard let rule = matching.link(.numberAndName), let number = mention.number,
      let name = mention.name, mention.code == nil || rule.unknownCode == .link
    else { return nil }
    let fitting = subjects.filter { subject in
      subject.statements.contains {
        $0.isGolden && $0.number == number && $0.name.normalized == name.normalized
      }
    }
    guard fitting.count == 1 else { return nil }
    return SubjectOutcome.Link(subject: fitting[0].code, rule: rule.id, act: nil)
  }

  // MARK: Candidates

  private func candidate(
    _ mention: SubjectMention, _ subject: RegisteredSubject
  ) -> SubjectCandidate? {
    let number = numberEvidence(mention, subject)
    let name = nameEvidence(mention, subject)
    guard
      let rule = matching.candidates.first(where: {
        $0.number == number && $0.subjectName == name
      })
    else { return nil }
    let hasUnknownCode = mention.code != nil
    let score = rule.score - (hasUnknownCode ? matching.unknownCodeDeduction : 0)
    guard score > 0 else { return nil }
    return SubjectCandidate(
      subject: subject.code, rule: rule.id, score: score, hasUnknownCode: hasUnknownCode)
  }

  private func numberEvidence(
    _ mention: SubjectMention, _ subject: RegisteredSubject
  ) -> SubjectMatching.NumberEvidence {
    let known = subject.statements.compactMap(\.number)
    guard let number = mention.number, !known.isEmpty else { return .unknown }
    return known.contains(number) ? .same : .different
  }

  private func nameEvidence(
    _ mention: SubjectMention, _ subject: RegisteredSubject
  ) -> SubjectMatching.NameEvidence {
    guard let name = mention.name else { return .other }
    let names = subject.statements.map(\.name)
    if names.contains(where: { $0.normalized == name.normalized }) { return .same }
    let related = names.filter { $0.core == name.core }
    if related.contains(where: { $0.isBranch == name.isBranch }) { return .core }
    if !related.isEmpty { return .branch }
    return names.contains { $0.isNear(name) } ? .near : .other
  }
}
