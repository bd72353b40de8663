/// One of the twelve systems that deliver; the case's name is its code.
package enum Bureau: Int, CaseIterable, Sendable {
  case sam, mee, mot, urb, mem, mps, mnr, ara, cul, nhc, nmp, hud

  /// The code: `SAM`.
  package var id: String { Self.ids[rawValue] }

  private static let ids = allCases.map { "\($0)".uppercased() }

  /// - Parameter id: The code, in capitals.
  package init?(id: String) {
    guard let bureau = Self.allCases.first(where: { $0.id == id }) else { return nil }
    self = bureau
  }

  /// Code of CL03.
  var field: String { Spelling.padded(rawValue + 1, 2) }

  /// The day of the week on which the system delivers all it has, 0 for Sunday; nil for those that
  /// deliver every night what is new.
  var weekday: Int? {
    switch self {
    case .mnr: 0
    case .ara: 6
    default: nil
    }
  }

  /// Whether the system has records of a category.
  package func delivers(_ kind: Kind) -> Bool { share(kind) > 0 }

  /// Records among ten thousand of a city, our choice after what such a city reports: market
  /// supervision, police and street enforcement have many, two register offices few, monitoring
  /// stations send their readings every hour.
  func share(_ kind: Kind) -> Int { Self.shares[rawValue][kind.rawValue] }

  /// By system; columns are the categories in the order of ``Kind``.
  private static let shares: [[Int]] = [
    // ent lic vio crd fac ago rnd ins cas pen coe rec evd trf cmp opn mon rev
    [1500, 500, 100, 300, 200, 30, 150, 450, 170, 140, 30, 130, 200, 20, 250, 20, 60, 15],
    [60, 80, 24, 40, 150, 12, 40, 130, 40, 30, 8, 30, 40, 12, 40, 8, 900, 3],
    [60, 150, 60, 60, 150, 14, 30, 140, 90, 80, 20, 20, 80, 6, 40, 0, 150, 4],
    [40, 0, 90, 0, 0, 24, 30, 230, 140, 120, 20, 40, 140, 8, 300, 10, 0, 5],
    [40, 40, 13, 0, 100, 10, 30, 80, 22, 16, 4, 30, 30, 4, 20, 4, 200, 2],
    [0, 0, 60, 0, 0, 24, 0, 70, 110, 90, 16, 0, 110, 8, 0, 0, 0, 4],
    [10, 10, 6, 0, 0, 5, 6, 16, 9, 7, 3, 5, 0, 2, 0, 0, 0, 1],
    [20, 30, 7, 0, 0, 6, 10, 30, 10, 8, 2, 6, 0, 0, 10, 0, 16, 1],
    [10, 16, 5, 0, 0, 5, 8, 24, 8, 6, 2, 5, 0, 0, 10, 0, 0, 1],
    [30, 50, 13, 0, 0, 8, 24, 60, 20, 16, 4, 14, 0, 0, 16, 0, 30, 2],
    [20, 60, 8, 0, 20, 6, 16, 30, 12, 9, 3, 8, 0, 2, 16, 0, 40, 1],
    [40, 50, 16, 30, 120, 10, 20, 80, 26, 20, 4, 24, 30, 4, 30, 0, 400, 3],
  ]

  static let totalShare = shares.reduce(0) { $0 + $1.reduce(0, +) }
}
