/// Which subjects of the market register the records of all systems are about.
///
/// Penalties are dealt out so that it can be computed from a subject which penalties of which systems
/// it has: every *offender* has up to two penalties in each of two systems whose penalties all came in
/// the first night, and later ones are of offenders of their own.
struct Register: Sendable {
  /// Subjects of the first night.
  let count: Int
  /// Has no divisor in common with ``count``.
  private let stride: Int
  /// ``stride`` × this is 1, modulo ``count``.
  private let inverse: Int
  private let deals: [Deal]

  /// One penalty of a system.
  struct Offence: Sendable, Equatable {
    var bureau: Bureau
    var index: Int
  }

  /// Offenders that follow each other.
  private struct Deal: Sendable {
    var bureaus: [Bureau]
    /// Of penalties, in each of the systems.
    var penalties: Range<Int>
    /// Penalties of each system that go to one offender.
    var each: Int
    /// Number of the first offender.
    var first: Int

    var count: Int { (penalties.count + each - 1) / each }
  }

  /// Systems whose offenders are the same people; the two that deliver once a week stand alone.
  private static let partners: [[Bureau]] = [
    [.sam, .nmp], [.mee, .hud], [.mot, .urb], [.mem, .nhc], [.mps, .cul], [.mnr], [.ara],
  ]

  init(_ population: Population) {
    count = population.census(.sam).count(.ent)
    var stride = max(1, 7_368_787 % count)
    while greatestCommonDivisor(stride, count) != 1 { stride += 1 }
    self.stride = stride
    inverse = Self.inverse(of: stride, modulo: count)
    var deals: [Deal] = []
    func deal(_ bureaus: [Bureau], _ penalties: Range<Int>, each: Int) {
      guard !penalties.isEmpty else { return }
      let first = deals.last.map { $0.first + $0.count } ?? 0
      deals.append(Deal(bureaus: bureaus, penalties: penalties, each: each, first: first))
    }
    for bureaus in Self.partners {
      let censuses = bureaus.map { population.census($0) }
      let shared = (censuses.map { $0.count(.pen) }.min() ?? 0) / 2 * 2
      deal(bureaus, 0..<shared, each: 2)
      for (bureau, census) in zip(bureaus, censuses) {
        deal([bureau], shared..<census.count(.pen), each: 2)
        deal([bureau], census.count(.pen)..<census.final(.pen), each: 1)
      }
    }
    self.deals = deals
  }

  /// Spreads records over the subjects so that neighbours are strangers and no subject is met twice
  /// before all were met once.
  func subject(of index: Int, salt: Int) -> Int { (index % count * stride + salt) % count }

  /// The first index whose record is about a subject.
  func place(of subject: Int, salt: Int) -> Int {
    let shifted = (subject - salt) % count
    return (shifted < 0 ? shifted + count : shifted) * inverse % count
  }

  private static let salt = 11

  /// The subject of a penalty; nil if there are more offenders than subjects.
  func offender(_ bureau: Bureau, _ index: Int) -> Int? {
    for deal in deals where deal.bureaus.contains(bureau) && deal.penalties.contains(index) {
      let offender = deal.first + (index - deal.penalties.lowerBound) / deal.each
      return offender < count ? subject(of: offender, salt: Self.salt) : nil
    }
    return nil
  }

  /// The penalties that a subject has, if it is they that fall on subjects and not on persons.
  func offences(of subject: Int) -> [Offence] {
    let offender = place(of: subject, salt: Self.salt)
    guard let deal = deals.last(where: { $0.first <= offender }),
      offender < deal.first + deal.count
    else { return [] }
    let start = deal.penalties.lowerBound + (offender - deal.first) * deal.each
    return deal.bureaus.flatMap { bureau in
      (start..<min(start + deal.each, deal.penalties.upperBound)).map {
        Offence(bureau: bureau, index: $0)
      }
    }
  }

  private static func inverse(of number: Int, modulo count: Int) -> Int {
    var (old, rest) = (number, count)
    var (oldFactor, factor) = (1, 0)
    while rest != 0 {
      let quotient = old / rest
      (old, rest) = (rest, old - quotient * rest)
      (oldFactor, factor) = (factor, oldFactor - quotient * factor)
    }
    return (oldFactor % count + count) % count
  }
}

private func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
  var (a, b) = (left, right)
  while b != 0 { (a, b) = (b, a % b) }
  return a
}
