/// A category of the market supervision system, in the order of the catalog.
package enum Kind: Int, CaseIterable, Sendable {
  case ent, lic, vio, crd, fac, ago, rnd, ins, cas, pen, coe, rec, evd, trf, cmp, opn, mon, rev

  /// The category's code: `PEN`.
  package var id: String { Self.ids[rawValue] }

  private static let ids = allCases.map { "\($0)".uppercased() }

  /// - Parameter id: The category's code, in capitals.
  package init?(id: String) {
    guard let kind = Self.allCases.first(where: { $0.id == id }) else { return nil }
    self = kind
  }

  /// Records of this category among a thousand of a city; our choice, after what a district has.
  var share: Int {
    switch self {
    case .ent: 300
    case .lic: 110
    case .vio: 25
    case .crd: 80
    case .fac: 55
    case .ago: 12
    case .rnd: 50
    case .ins: 110
    case .cas: 42
    case .pen: 34
    case .coe: 9
    case .rec: 32
    case .evd: 55
    case .trf: 6
    case .cmp: 50
    case .opn: 8
    case .mon: 18
    case .rev: 4
    }
  }

  /// The smallest number with which the references between categories still find their targets.
  var least: Int {
    switch self {
    case .ent: 12
    case .ago: 8
    case .ins: 8
    case .cas: 7
    case .pen: 6
    case .vio, .coe, .rec, .rev: 3
    default: 4
    }
  }

  /// Whether the system's form has a column for the kind of operation, so that it can ask for
  /// deletions.
  var hasOperation: Bool {
    switch self {
    case .crd, .fac, .ago, .evd, .opn, .rev: false
    default: true
    }
  }

  /// Whether no other record refers to records of this category, so that they may be deleted.
  var mayBeDeleted: Bool {
    switch self {
    case .lic, .vio, .coe, .cmp, .mon: true
    default: false
    }
  }
}

/// How many records of each category the city has by each night.
struct Census: Sendable {
  private let base: [Int]
  private let growth: [Int]
  private let nights: Int

  /// - Parameters:
  ///   - records: Of the first night, all categories together.
  ///   - only: The one category that is delivered; the others are there to be referred to.
  init(records: Int, nights: Int, only: Kind? = nil) {
    let thousand = Kind.allCases.reduce(0) { $0 + $1.share }
    let whole = only.map { records * thousand / $0.share } ?? records
    base = Kind.allCases.map { kind in
      kind == only ? max(1, records) : max(kind.least, whole * kind.share / thousand)
    }
    growth = base.map { max(1, $0 / 12) }
    self.nights = nights
  }

  /// Records that exist in a night, from 1.
  func count(_ kind: Kind, night: Int) -> Int {
    base[kind.rawValue] + (night - 1) * growth[kind.rawValue]
  }

  /// Records of the first night, to which records of any night may refer.
  func count(_ kind: Kind) -> Int { base[kind.rawValue] }

  /// Records of the last night.
  func final(_ kind: Kind) -> Int { count(kind, night: nights) }

  /// The night in which a record appears first.
  func birth(_ kind: Kind, _ index: Int) -> Int {
    guard index >= base[kind.rawValue] else { return 1 }
    return 2 + (index - base[kind.rawValue]) / growth[kind.rawValue]
  }
}
