/// Why a record stands in a night's delivery.
enum DeliveryAction: Sendable, Equatable {
  case new
  case changed
  /// The same bytes as before.
  case unchanged
  case deletion
  /// Sent again, corrected, after it was returned.
  case correction
  /// A version that is older than the one delivered before.
  case late
}

/// What the receiver knows of a record after a night.
struct DeliveryState: Sendable, Equatable {
  /// The latest version that was sent and is right.
  var version: RecordVersion
  var isAccepted = false
  var isReturned = false
  var isDeleted = false
  /// Returns since the last acceptance, as far as the record's number could be read.
  var attempts = 0
  /// The accepted version carried a fault that is only noted, so its bytes are not sent again.
  var isNoted = false
  /// The header under which the accepted version was sent.
  var usedOldNames = false
}

/// The place of a fault among those of its category.
struct FaultNumber: Sendable, Equatable {
  var group: Int
  var place: Int
}

/// A row of a night's file, with its planted fault.
struct DeliveryRow: Sendable {
  var index: Int
  var action: DeliveryAction
  var version: RecordVersion
  /// Of the receiver, before this row.
  var before: DeliveryState?
  var fault: FaultNumber?
  var findings: [ExpectedFinding] = []

  var isReturned: Bool { findings.contains { $0.severity == "return" } }
}

/// Decides which records of one category every night brings, and what is wrong with them.
///
/// Everything follows from the seed and the record's index, so that no night needs memory of the
/// ones before: what happened to a record is worked out again, a block of records at a time.
struct DeliveryHistory {
  let city: City
  let kind: Kind
  /// By group.
  let faults: [[Fault]]
  let kit: FaultKit
  /// Records that share one fault; 0 for none.
  private let faultBlock: Int
  /// Planted faults by night and block, kept as long as this value lives.
  private var planted: [Key: Planted?] = [:]
  private var draft = Draft()

  private struct Key: Hashable {
    var night: Int
    var block: Int
  }

  private struct Planted {
    var index: Int
    var fault: FaultNumber
    var findings: [ExpectedFinding]
    /// The record's own number was spoiled.
    var hidesNumber: Bool
  }

  init(_ city: City, _ kind: Kind, faults: [[Fault]], kit: FaultKit, rate: Double) {
    self.city = city
    self.kind = kind
    self.faults = faults
    self.kit = kit
    faultBlock = rate > 0 && !faults.isEmpty ? max(2, Int((1 / rate).rounded())) : 0
  }

  /// Whether the whole stock of the category is delivered in a night.
  static func isFull(_ kind: Kind, _ night: Int) -> Bool { kind == .crd && night == 3 }

  /// Whether a night's file has headers of an earlier form.
  static func usesOldNames(_ kind: Kind, _ night: Int) -> Bool { kind == .cmp && night == 2 }

  // MARK: Rows

  /// The row of a record in a night; nil if it is not delivered.
  mutating func row(_ index: Int, night: Int) -> DeliveryRow? {
    let before = state(index, after: night - 1)
    guard var row = plainRow(index, night, before) else { return nil }
    if let planted = fault(of: row, night), planted.index == index {
      row.fault = planted.fault
      row.findings = planted.findings
    }
    return row
  }

  /// Whether a full delivery leaves out a record that the receiver has.
  mutating func isRemoved(_ index: Int, night: Int) -> Bool {
    guard Self.isFull(kind, night), let before = state(index, after: night - 1),
      before.isAccepted, !before.isDeleted
    else { return false }
    return plainRow(index, night, before) == nil
  }

  private mutating func state(_ index: Int, after night: Int) -> DeliveryState? {
    let birth = city.census.birth(kind, index)
    guard night >= birth else { return nil }
    var state: DeliveryState?
    for past in birth...night {
      if let row = plainRow(index, past, state) {
        state = self.state(after: row, past)
      } else if Self.isFull(kind, past) {
        state?.isDeleted = true
      }
    }
    return state
  }

  private mutating func state(after row: DeliveryRow, _ night: Int) -> DeliveryState {
    var state = row.before ?? DeliveryState(version: row.version)
    let planted = fault(of: row, night)
    let findings = planted?.index == row.index ? planted?.findings ?? [] : []
    if findings.contains(where: { $0.severity == "return" }) {
      state.version = row.version
      state.isReturned = true
      if planted?.hidesNumber != true { state.attempts += 1 }
      return state
    }
    if row.action == .late { return state }
    state.version = row.version
    state.isReturned = false
    state.attempts = 0
    state.isAccepted = row.action != .deletion
    state.isDeleted = row.action == .deletion
    state.isNoted = !findings.isEmpty
    state.usedOldNames = Self.usesOldNames(kind, night)
    return state
  }

  /// The row without its fault.
  private func plainRow(_ index: Int, _ night: Int, _ before: DeliveryState?) -> DeliveryRow? {
    guard let before else {
      guard city.census.birth(kind, index) == night else { return nil }
      var version = city.firstVersion(kind, index)
      if night > 1 { version.updated = updateTime(index, night) }
      return DeliveryRow(index: index, action: .new, version: version, before: nil)
    }
    guard !before.isDeleted, let action = action(index, night, before) else { return nil }
    var version = before.version
    switch action {
    case .unchanged, .new: break
    case .late:
      version.number += 32
      version.updated -= 3600
    case .changed, .correction, .deletion:
      version.number += 1
      version.updated = updateTime(index, night)
      if before.isAccepted { version.operation = "2" }
      if action == .deletion { version.operation = "3" }
    }
    return DeliveryRow(index: index, action: action, version: version, before: before)
  }

  private func action(
    _ index: Int, _ night: Int, _ before: DeliveryState
  ) -> DeliveryAction? {
    if before.isReturned { return .correction }
    var dice = Dice(
      seed: city.seed, purpose: UInt64(2000 + kind.rawValue + night * 32), index: index)
    let sort = dice.roll(1000)
    switch sort {
    case 0..<90: return .changed
    case 90..<102 where kind.mayBeDeleted: return .deletion
    case 102..<320: return before.isNoted ? nil : .unchanged
    case 320..<600 where kind == .ins && night % 3 == 0 && before.version.number > 0: return .late
    default:
      guard Self.isFull(kind, night), sort < 985 else { return nil }
      return before.isNoted ? .changed : .unchanged
    }
  }

  private func dice(_ purpose: Int, _ turn: Int, _ index: Int) -> Dice {
    Dice(seed: city.seed, purpose: UInt64(purpose + kind.rawValue + turn * 32), index: index)
  }

  /// A time of the day before a night.
  private func updateTime(_ index: Int, _ night: Int) -> Int {
    var dice = Dice(
      seed: city.seed, purpose: UInt64(4000 + kind.rawValue + night * 32), index: index)
    return moment(city.start + night - 2, dice.roll(8...21), dice.roll(60)) + dice.roll(60)
  }

  // MARK: Faults

  /// The fault planted in the block of a row, if there is one.
  private mutating func fault(of row: DeliveryRow, _ night: Int) -> Planted? {
    guard faultBlock > 0, mayBeSpoiled(row) else { return nil }
    // In later nights about one record in six is new or changed.
    let size = night == 1 ? faultBlock : faultBlock * 6
    let key = Key(night: night, block: row.index / size)
    if let known = planted[key] { return known }
    let made = plant(key, size)
    planted[key] = .some(made)
    return made
  }

  private func mayBeSpoiled(_ row: DeliveryRow) -> Bool {
    row.action == .new || row.action == .changed
  }

  private mutating func plant(_ key: Key, _ size: Int) -> Planted? {
    let first = key.block * size
    let end = min(first + size, city.census.count(kind, night: key.night) - 2)
    var dice = dice(6000, key.night, key.block)
    let turn = dice.roll(size)
    guard first < end, turn < end - first || end - first == size else { return nil }
    // Elements, rules and whole records take turns, and each group goes through its faults, so that
    // small sets meet many of them.
    var start = self.dice(5000, key.night, 0)
    let turns = key.block + start.roll(faults.count)
    let offset = start.roll(1000)
    for step in 0..<4 {
      let group = (turns + step / 2) % faults.count
      let number = FaultNumber(
        group: group, place: (turns / faults.count + offset + step * 17) % faults[group].count)
      for place in 0..<(end - first) {
        let index = first + (place + turn) % (end - first)
        // Two damaged records side by side would be taken for one.
        let margin = min(index - first, end - 1 - index)
        if fault(number).isStructural, margin < max(2, size / 8) { continue }
        if let planted = plant(number, index, key.night) { return planted }
      }
    }
    return nil
  }

  private mutating func plant(_ number: FaultNumber, _ index: Int, _ night: Int) -> Planted? {
    let before = state(index, after: night - 1)
    guard let row = plainRow(index, night, before), mayBeSpoiled(row),
      let findings = spoil(row, number, &draft)
    else { return nil }
    let hidesNumber = draft.text(.sourceRecordId) != city.recordNumber(kind, index)
    // A full delivery in which a record cannot be told removes nothing; ours are to remove.
    if Self.isFull(kind, night), hidesNumber || fault(number).hidesRecord { return nil }
    return Planted(index: index, fault: number, findings: findings, hidesNumber: hidesNumber)
  }

  func fault(_ number: FaultNumber) -> Fault { faults[number.group][number.place] }

  /// Fills `draft` with the record of a row and spoils it.
  ///
  /// - Returns: The findings; nil if the record cannot be spoiled so.
  func spoil(_ row: DeliveryRow, _ number: FaultNumber, _ draft: inout Draft) -> [ExpectedFinding]?
  {
    draft.removeAll()
    city.fill(&draft, kind, row.index, row.version)
    var dice = dice(8000, row.version.number, row.index)
    return fault(number).plant(&draft, kit, &dice)
  }
}
