package import Access
package import Catalog
package import Pipeline

/// What a person does about records of the queue, or about what somebody did.
package enum ActKind: String, Sendable, Codable, CaseIterable {
  case assign
  case comment
  /// Back to the source once more, with a note.
  case sendBack = "return"
  case waive
  case correct
  /// A value that a code list does not know: what it means.
  case code
  /// A value of a golden record, before all systems.
  case override
  // Of other acts
  case approve
  case refuse
  case undo

  /// Acts on records, in the order in which they are offered.
  package static let onRecords: [ActKind] = [.assign, .comment, .sendBack, .waive, .correct]
  /// Acts on all records of a filter; the last is about the golden records that they speak of.
  package static let onMany: [ActKind] = onRecords + [.override]

  package var chinese: String {
    switch self {
    case .assign: "指派"
    case .comment: "备注"
    case .sendBack: "附言退回"
    case .waive: "豁免"
    case .correct: "更正"
    case .code: "代码确认"
    case .override: "覆盖取值"
    case .approve: "批准"
    case .refuse: "驳回"
    case .undo: "撤销"
    }
  }

  package var english: String {
    switch self {
    case .assign: "assign"
    case .comment: "comment"
    case .sendBack: "return with a note"
    case .waive: "waive"
    case .correct: "correct"
    case .code: "confirm a code"
    case .override: "override a golden value"
    case .approve: "approve"
    case .refuse: "refuse"
    case .undo: "undo"
    }
  }

  package var action: AccessAction { AccessAction(rawValue: "review-\(rawValue)") }

  /// Whether it goes on with a record that comes back once more; the others end with the attempt that they are
  /// about.
  package var followsRecord: Bool { self == .assign || self == .comment || self == .waive }
}

/// Values that a person states of a golden record, or the same of several.
package struct StatedValues: Sendable, Hashable, Codable {
  package var entity: String
  /// Of the golden record. For looking it up; ``shownKey(_:_:)`` is for showing. Empty where they are several.
  package var key: [String]
  /// Of several golden records, sorted; nil where it is one. Never for showing.
  package var keys: [[String]]?
  /// The rule whose elements are all stated, those without a value as empty; nil where there is none.
  package var rule: String?
  /// As the person wrote them; empty for no value.
  package var values: [FieldChange]

  package init(entity: String, key: [String], rule: String? = nil, values: [FieldChange]) {
    self.entity = entity
    self.key = key
    self.rule = rule
    self.values = values
  }

  /// Of one golden record or of several.
  package var allKeys: [[String]] { keys ?? [key] }

  /// All that is stated, sorted by element: those of the rule without a value too, as empty.
  package func all(_ catalog: Catalog) -> [FieldChange] {
    let rule = catalog.authority.rules(for: entity).first { $0.id == self.rule }
    let keys = catalog.authority.entity(entity)?.matchKey ?? []
    var texts = Dictionary(
      (rule?.elements ?? []).filter { !keys.contains($0) }.map { ($0, "") },
      uniquingKeysWith: { first, _ in first })
    for value in values { texts[value.element] = value.text }
    return texts.sorted { $0.key < $1.key }.map { FieldChange(element: $0.key, text: $0.value) }
  }

  /// The key of the one golden record, where the clearance covers all of its elements.
  package func shownKey(_ catalog: Catalog, _ clearance: SharingTier) -> [String]? {
    guard keys == nil, let entity = catalog.authority.entity(entity) else { return nil }
    let isOpen = entity.matchKey.allSatisfy { name in
      (catalog.element(name)?.tier ?? .restricted) <= clearance
    }
    return isOpen ? key : nil
  }
}

/// What is said with an act; what a kind does not need is nil.
package struct ActDetails: Sendable, Hashable, Codable {
  /// Comment, note, reason.
  package var words: String
  /// Of ``ActKind/assign``: a user.
  package var assignee: String?
  /// Of ``ActKind/waive`` and ``ActKind/override``: the last day, as 2026-06-30.
  package var until: String?
  /// Of ``ActKind/correct``.
  package var changes: [FieldChange]?
  /// Of ``ActKind/code``.
  package var code: CodeListChange?
  /// Of ``ActKind/override``.
  package var stated: StatedValues?
  /// Of ``ActKind/override``, and of the approval of one: the overrides that came of it.
  package var overrides: [Int64]?
  /// A second person has to agree before it counts.
  package var needsApproval: Bool?
  /// By which records were chosen; nil where they were named.
  package var filter: QueueFilter?
  /// The act whose recipe was applied.
  package var recipe: Int64?

  package init(
    words: String = "", assignee: String? = nil, until: String? = nil,
    changes: [FieldChange]? = nil
  ) {
    self.words = words
    self.assignee = assignee
    self.until = until
    self.changes = changes
  }
}

/// An act as it stands in the store.
package struct RecordAct: Sendable {
  /// What has become of it.
  package enum Standing: String, Sendable {
    case stands
    /// Waits for a second person.
    case waiting
    case refused
    case undone
    /// The last day of a waiver has passed.
    case expired
  }

  /// What a second person said.
  package struct Decision: Sendable, Hashable {
    package var isApproval: Bool
    package var person: Person
    package var time: Int64
    package var words: String
    /// ``ActDetails/overrides`` of the approval.
    package var overrides: [Int64]?
  }

  package var id: Int64
  package var kind: ActKind
  package var person: Person
  /// Seconds since 1970-01-01T00:00:00Z.
  package var time: Int64
  package var details: ActDetails
  /// Records that it is about.
  package var records: Int
  /// Codes of their systems, sorted.
  package var systems: [String]
  package var decision: Decision?
  package var isUndone: Bool

  /// The overrides that came of it; empty where none did, or where nobody noted them.
  package var overrides: [Int64] { details.overrides ?? decision?.overrides ?? [] }

  /// Whether it can be taken back as an act; overrides that nobody noted are retired one by one.
  ///
  /// - Parameter now: Seconds since 1970-01-01T00:00:00Z.
  package func isUndoable(at now: Int64) -> Bool {
    guard !isUndone else { return false }
    return kind != .override || standing(at: now) == .waiting || !overrides.isEmpty
  }

  /// Whether it is a person's business: all of its records are. One about no record, as an override of the command
  /// line, is everybody's who sees all systems, and its author's.
  package func isSeen(by account: Account) -> Bool {
    systems.isEmpty
      ? account.systems == nil || person.isSameUser(as: account.person)
      : systems.allSatisfy(account.sees)
  }

  /// - Parameter now: Seconds since 1970-01-01T00:00:00Z.
  package func standing(at now: Int64) -> Standing {
    if isUndone { return .undone }
    if details.needsApproval ?? false {
      guard let decision else { return .waiting }
      guard decision.isApproval else { return .refused }
    }
    // Days are compared as they are written.
    if let until = details.until, String(Moment.text(now).prefix(10)) > until { return .expired }
    return .stands
  }
}

extension QueueFilter: Codable {
  private enum CodingKeys: String, CodingKey {
    case facets
    case text
  }

  package init(from decoder: any Decoder) throws {
    self.init()
    let container = try decoder.container(keyedBy: CodingKeys.self)
    for (name, value) in try container.decode([String: String].self, forKey: .facets) {
      // A facet that this program does not know would choose more records than were meant.
      guard let facet = Facet(rawValue: name) else {
        throw DecodingError.dataCorruptedError(
          forKey: .facets, in: container, debugDescription: "unknown facet \(name)")
      }
      self[facet] = value
    }
    text = try container.decode(String.self, forKey: .text)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    let facets = choices.map { ($0.key.rawValue, $0.value) }
    try container.encode(
      Dictionary(facets, uniquingKeysWith: { first, _ in first }), forKey: .facets)
    try container.encode(text, forKey: .text)
  }
}
