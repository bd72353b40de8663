import Catalog

/// A finding that a planted fault must cause.
struct ExpectedFinding: Sendable, Hashable {
  var code: String
  var rule: String
  /// Identifier of the element; nil for rules between elements and for whole records.
  var element: String?
  var severity: String

  init(_ code: String, _ rule: String, element: String? = nil, severity: String) {
    self.code = code
    self.rule = rule
    self.element = element
    self.severity = severity
  }

  /// The finding of a rule of the catalog.
  static func rule(_ code: String, _ rule: String, note: Bool = false) -> ExpectedFinding {
    ExpectedFinding(code, rule, severity: note ? "note" : "return")
  }
}

/// What is done to a whole record rather than to one of its values.
enum RecordDamage: Sendable {
  case none
  case tooFewFields
  case tooManyFields
  case strayQuote
  case unclosedQuote
  case brokenByte
  case controlCharacter
  /// JSON: a sign behind a backslash that means nothing; a member that is there twice.
  case badEscape
  case repeatedName
  /// The record stands twice in the file.
  case duplicate
  /// The record stands twice with one key and update time, and differs.
  case conflict

  var isTooShort: Bool { self == .tooFewFields }
  var isTooLong: Bool { self == .tooManyFields }
  var hasStrayQuote: Bool { self == .strayQuote }
  var opensQuote: Bool { self == .unclosedQuote }

  /// Whether the record's borders suffer, so that its neighbours must be whole.
  var isStructural: Bool {
    switch self {
    case .tooFewFields, .tooManyFields, .strayQuote, .unclosedQuote: true
    default: false
    }
  }

  /// Whether the record cannot be taken apart or decoded, so that it may be any record.
  var hidesRecord: Bool {
    switch self {
    case .none, .duplicate, .conflict: false
    default: true
    }
  }
}

/// A way to spoil a record whose consequences are known.
struct Fault: Sendable {
  /// Spoils the record.
  ///
  /// - Returns: All findings that follow; nil, and then the record is not used, if this record
  ///   cannot be spoiled so.
  typealias Planting = @Sendable (inout Draft, FaultKit, inout Dice) -> [ExpectedFinding]?

  var name: String
  var damage: RecordDamage
  /// Whether it contradicts the register of which the record is a copy.
  var isOfCopy = false
  var plant: Planting

  init(_ name: String, damage: RecordDamage = .none, _ plant: @escaping Planting) {
    self.name = name
    self.damage = damage
    self.plant = plant
  }

  var isStructural: Bool { damage.isStructural }
  var hidesRecord: Bool { damage.hidesRecord }

  /// A fault that changes values and breaks one rule, or several.
  static func rule(
    _ name: String, _ findings: [ExpectedFinding],
    _ change: @escaping @Sendable (inout Draft, FaultKit) -> Bool
  ) -> Fault {
    Fault(name) { draft, kit, _ in change(&draft, kit) ? findings : nil }
  }
}

/// What faults need to know about the catalog and the night.
struct FaultKit: Sendable {
  let bureau: Bureau
  let kind: Kind
  /// Elements that the form has a column for, by field.
  private let elements: [DataElement?]
  /// All elements, by field.
  private let known: [DataElement?]
  /// Columns whose value also stands in a row of a child table, or in records that lie in this one.
  private var isEntangled: [Bool]
  private let advisoryChecks: Set<String>
  /// Day number of the first night.
  let start: Int

  /// A day that lies after every night and before the calendar's end is missed.
  var future: Int { start + 430 }

  init(
    _ bureau: Bureau, _ kind: Kind, _ mapping: CategoryMapping, _ catalog: Catalog, start: Int
  ) {
    self.bureau = bureau
    self.kind = kind
    self.start = start
    let byName = Dictionary(
      catalog.elements.map { ($0.identifier, $0) }, uniquingKeysWith: { first, _ in first })
    var elements = [DataElement?](repeating: nil, count: Field.allCases.count)
    for column in mapping.columns {
      guard let name = column.element, let field = Field(identifier: name) else { continue }
      elements[field.rawValue] = byName[name]
    }
    self.elements = elements
    known = Field.allCases.map { byName[$0.identifier] }
    var isEntangled = [Bool](repeating: false, count: Field.allCases.count)
    for column in mapping.children.flatMap(\.columns) {
      if let field = column.element.flatMap({ Field(identifier: $0) }) {
        isEntangled[field.rawValue] = true
      }
    }
    self.isEntangled = isEntangled
    advisoryChecks = Set(catalog.identifiers.filter(\.isAdvisory).map(\.kind))
  }

  func element(_ field: Field) -> DataElement? { elements[field.rawValue] }

  /// Leaves alone what also stands elsewhere.
  mutating func entangle(_ fields: some Sequence<Field>) {
    for field in fields { isEntangled[field.rawValue] = true }
  }

  /// Whether the file shows these changes, and only in this record.
  func canShow(_ changes: [Field]) -> Bool {
    changes.allSatisfy { elements[$0.rawValue] != nil && !isEntangled[$0.rawValue] }
  }

  /// Whether the file shows these changes, here or in what belongs to the record.
  func delivers(_ changes: [Field]) -> Bool {
    changes.allSatisfy { elements[$0.rawValue] != nil }
  }

  /// The finding of an element's own check: `ZF12014.order`.
  func finding(
    _ code: String, _ field: Field, _ check: String, note: Bool = false
  ) -> ExpectedFinding {
    let element = known[field.rawValue]
    let isNote = note || element?.isAdvisory == true
    return ExpectedFinding(
      code, "\(element?.id ?? "").\(check)", element: element?.identifier ?? field.identifier,
      severity: isNote ? "note" : "return")
  }

  /// Completeness does not ask whether an element is advisory.
  func missing(_ code: String, _ field: Field, _ check: String) -> ExpectedFinding {
    let element = known[field.rawValue]
    return ExpectedFinding(
      code, "\(element?.id ?? "").\(check)", element: element?.identifier ?? field.identifier,
      severity: "return")
  }

  /// The finding of an identifier check.
  func identifier(_ code: String, _ field: Field, note: Bool = false) -> ExpectedFinding {
    guard case .check(let name) = known[field.rawValue]?.domain else {
      return finding(code, field, "check")
    }
    let isAdvisory = advisoryChecks.contains(name) && code != "Q28"
    return finding(
      code, field, note ? "check.\(name).note" : "check.\(name)", note: note || isAdvisory)
  }

  /// The element in which the text of `field` is judged: names of natural persons move.
  func landing(_ field: Field, _ draft: Draft) -> Field {
    let moves: Set<Kind> = [.lic, .vio, .ins, .cas, .pen, .coe, .rec, .trf, .rev]
    return field == .subjectName && moves.contains(kind) && draft.code(.partyTypeCode) == "4"
      ? .personName : field
  }

  /// Findings of the rules that compare parts of texts, which any change of these texts may break.
  func textRules(_ draft: Draft) -> [ExpectedFinding] {
    switch kind {
    case .ent:
      var findings: [ExpectedFinding] = []
      if let code = text(draft, .uscc), let organisation = text(draft, .orgCode),
        part(code, 9, 9) != organisation
      {
        findings.append(.rule("Q31", "CR05"))
      }
      if let own = text(draft, .registeredDivisionCode), let division = text(draft, .divisionCode),
        part(own, 1, 2) != part(division, 1, 2)
      {
        findings.append(.rule("Q31", "CR08", note: true))
      }
      return findings
    case .pen:
      guard let agency = text(draft, .agencyUscc), let division = text(draft, .divisionCode) else {
        return []
      }
      let isSameProvince = part(agency, 3, 2) == part(division, 1, 2)
      let (city, other) = (part(agency, 5, 2), part(division, 3, 2))
      let isSameCity = city == "00" || other == "00" || city == other
      return isSameProvince && isSameCity ? [] : [.rule("Q31", "CR60", note: true)]
    default: return []
    }
  }

  private func text(_ draft: Draft, _ field: Field) -> String? { draft.text(field) }

  private func part(_ text: String, _ start: Int, _ length: Int) -> Substring {
    text.dropFirst(start - 1).prefix(length)
  }
}
