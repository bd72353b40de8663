/// A category of records, in the order of the catalog.
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

  /// The smallest number with which the references between categories still find their targets.
  var least: Int {
    switch self {
    case .ent: 40
    case .ago: 8
    case .ins: 8
    case .cas: 7
    case .pen: 6
    case .vio, .coe, .rec, .rev: 3
    default: 4
    }
  }

  /// Records that are about one place and follow each other.
  var groupSize: Int {
    switch self {
    case .mon: 8
    case .fac: 3
    default: 1
    }
  }

  /// Whether rules between records judge its records.
  var isLinked: Bool {
    switch self {
    case .ent, .pen, .coe, .vio, .lic, .evd, .rev, .ins, .mon, .crd, .cmp: true
    default: false
    }
  }

  /// Records that lie in one record of another category, in systems that deliver them so.
  var perLeader: Int { self == .mon ? 4 : 2 }

  /// Whether no other record refers to records of this category, so that they may be deleted.
  var mayBeDeleted: Bool {
    switch self {
    case .lic, .vio, .coe, .cmp, .mon: true
    default: false
    }
  }
}

/// How many records of each category one system has by each night, or by each of its deliveries
/// where it delivers once a week.
struct Census: Sendable {
  private let base: [Int]
  private let growth: [Int]
  private let nights: Int

  /// - Parameter base: Records of the first night by category, 0 for what is not delivered.
  init(base: [Int], nights: Int) {
    self.base = base
    growth = base.map { $0 == 0 ? 0 : max(1, $0 / 12) }
    self.nights = nights
  }

  /// Whether the nights end before a failed reading of the first one is thirty days old.
  var isShort: Bool { nights <= 8 }

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

/// How many records all systems have.
struct Population: Sendable {
  private let censuses: [Census]

  /// - Parameters:
  ///   - records: Of the first night, all systems and categories together.
  ///   - only: The one category of a system that has `records`; the others are there to be referred
  ///     to.
  init(records: Int, nights: Int, only: (bureau: Bureau, kind: Kind)? = nil) {
    let whole = only.map { records * Bureau.totalShare / $0.bureau.share($0.kind) } ?? records
    censuses = Bureau.allCases.map { bureau in
      let base = Kind.allCases.map { kind in
        guard bureau.delivers(kind) else { return 0 }
        if let only, only.bureau == bureau, only.kind == kind { return max(1, records) }
        return max(kind.least, whole * bureau.share(kind) / Bureau.totalShare)
      }
      return Census(base: base, nights: nights)
    }
  }

  func census(_ bureau: Bureau) -> Census { censuses[bureau.rawValue] }
}
