/// What one system has from another one: both report the same licence, case or reading.
///
/// Echoes have numbers of their own behind those of all other records, so that nothing refers to them by
/// accident. Which record an echo repeats follows from its number, and the other way round.
struct EchoSource: Sendable {
  /// What a record must be to be repeated.
  enum Choice: Sendable {
    case any
    /// About a natural person: what enterprises did is counted over all systems.
    case ofPerson
    case ofVehicle
    case specialEquipment
    /// A reading within its limits: nobody asks what came of it.
    case passed
  }

  var bureau: Bureau
  var choice: Choice

  init(_ bureau: Bureau, _ choice: Choice = .any) {
    self.bureau = bureau
    self.choice = choice
  }
}

/// A record by its place.
struct RecordPlace: Sendable, Equatable {
  var bureau: Bureau
  var index: Int
}

extension City {
  /// The number of the first echo.
  static let firstEcho = 40_000_000

  static func isEcho(_ index: Int) -> Bool { index >= firstEcho && index < 2 * firstEcho }

  /// Whose records a system repeats, after the systems that the authority rules name beside the owner and
  /// that can say so: the readings of construction sites, for one, are never environmental ones.
  static func sources(_ bureau: Bureau, _ kind: Kind) -> [EchoSource] {
    switch (bureau, kind) {
    case (.sam, .lic): [.nmp, .mee, .mot, .nhc, .cul, .hud, .ara].map { EchoSource($0) }
    case (.hud, .lic): [EchoSource(.mem)]
    case (.mem, .lic): [EchoSource(.mnr)]
    case (.nhc, .lic): [EchoSource(.sam)]
    case (.sam, .mon): [EchoSource(.mee, .passed)]
    case (.nhc, .mon): [EchoSource(.sam, .passed)]
    case (.sam, .fac): [EchoSource(.mem)]
    case (.mem, .fac): [EchoSource(.sam, .specialEquipment)]
    case (.urb, .cas), (.urb, .pen): [EchoSource(.mps, .ofPerson)]
    case (.mot, .cas): [EchoSource(.mps, .ofVehicle)]
    case (.urb, .ago): [EchoSource(.sam), EchoSource(.mps)]
    case (.urb, .cmp): [EchoSource(.sam)]
    default: []
    }
  }

  /// Records of a source among which one is repeated: a few in a hundred, of small sources some.
  private func stride(_ source: EchoSource, _ kind: Kind) -> Int {
    let count = seen(by: source.bureau).census.count(kind)
    // An agency is at home where most of its officers are told of.
    if kind == .ago { return max(5, min(41, count / 2 + 1)) }
    let few = max(2, min(25, count / 4))
    return source.choice == .ofVehicle ? max(12, few * 2) : few
  }

  /// Numbers of the echoes that a system may have of a category by a turn.
  func echoes(_ kind: Kind, turn: Int) -> Range<Int> {
    let sources = hasEchoes ? Self.sources(bureau, kind) : []
    let rounds = sources.map {
      seen(by: $0.bureau).census.count(kind, night: turn) / stride($0, kind)
    }
    return Self.firstEcho..<Self.firstEcho + (rounds.max() ?? 0) * sources.count
  }

  /// How many echoes of the same source came before.
  func round(ofEcho index: Int, _ kind: Kind) -> Int {
    (index - Self.firstEcho) / max(1, Self.sources(bureau, kind).count)
  }

  /// The record that an echo repeats; nil if there is none of its kind.
  func origin(ofEcho index: Int, _ kind: Kind) -> RecordPlace? {
    guard hasEchoes, Self.isEcho(index) else { return nil }
    let sources = Self.sources(bureau, kind)
    guard !sources.isEmpty else { return nil }
    let source = sources[(index - Self.firstEcho) % sources.count]
    return repeated(source, kind, round: round(ofEcho: index, kind))
  }

  /// The turn in which an echo comes first, with the last record of its round.
  func birth(ofEcho index: Int, _ kind: Kind) -> Int {
    let sources = Self.sources(bureau, kind)
    guard hasEchoes, !sources.isEmpty else { return .max }
    let source = sources[(index - Self.firstEcho) % sources.count]
    let census = seen(by: source.bureau).census
    let last = (round(ofEcho: index, kind) + 1) * stride(source, kind) - 1
    guard last < census.final(kind), origin(ofEcho: index, kind) != nil else { return .max }
    return census.birth(kind, last)
  }

  /// The echoes of a record of this system.
  func echoes(of index: Int, _ kind: Kind) -> [RecordPlace] {
    guard hasEchoes, !Self.isEcho(index) else { return [] }
    return Bureau.allCases.compactMap { other in
      let sources = Self.sources(other, kind)
      guard let place = sources.firstIndex(where: { $0.bureau == bureau }) else { return nil }
      let round = index / stride(sources[place], kind)
      guard repeated(sources[place], kind, round: round)?.index == index else { return nil }
      return RecordPlace(
        bureau: other, index: Self.firstEcho + round * sources.count + place)
    }
  }

  /// Whether a penalty comes a night after the first system that repeats it: every second of those that say a
  /// fine, so that another one is shown before the owner's.
  func isToldEarly(_ index: Int, _ kind: Kind) -> Bool {
    guard kind == .pen, !Self.isEcho(index), census.birth(kind, index) == 1 else { return false }
    let isRepeated = echoes(of: index, kind).contains { place in
      let other = seen(by: place.bureau)
      return other.birth(ofEcho: place.index, kind) == 1
        && other.round(ofEcho: place.index, kind) % 2 == 0
    }
    return isRepeated && draft(kind, index).number(.fineAmount) != nil
  }

  private func repeated(_ source: EchoSource, _ kind: Kind, round: Int) -> RecordPlace? {
    let city = seen(by: source.bureau)
    let stride = stride(source, kind)
    return (round * stride..<(round + 1) * stride).first { city.fits(source.choice, kind, $0) }
      .map { RecordPlace(bureau: source.bureau, index: $0) }
  }

  private func fits(_ choice: EchoSource.Choice, _ kind: Kind, _ index: Int) -> Bool {
    switch choice {
    case .any: return true
    case .ofPerson, .ofVehicle:
      guard case .person = caseFacts(index).party else { return false }
      return choice == .ofPerson || vehicle(ofCase: index) != nil
    case .specialEquipment: return draft(kind, index).code(.facilityTypeCode) == "01"
    case .passed:
      let draft = draft(kind, index)
      return draft.code(.monitorResultCode) == "1" && draft.number(.monitorValue) != nil
    }
  }

  private func draft(_ kind: Kind, _ index: Int) -> Draft {
    var draft = Draft()
    fill(&draft, kind, index, firstVersion(kind, index))
    return draft
  }
}
