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
  /// The accepted version carried a fault or waits, so its bytes are not sent again.
  var isNoted = false
  /// The header under which the accepted version was sent.
  var usedOldNames = false
}

/// The place of a fault among those of its category.
struct FaultNumber: Sendable, Equatable {
  /// The group of what echoes say otherwise.
  static let disagreements = -1
  /// The group of what echoes say otherwise before the record that they repeat is there.
  static let rumours = -2

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
  /// The record cannot be told by its number.
  var hidesNumber = false

  var isReturned: Bool { findings.contains { $0.severity == "return" } }
}

/// Decides which records of one category of a system every delivery brings, and what is wrong with
/// them.
///
/// Everything follows from the seed and the record's index, so that no night needs memory of the
/// ones before: what happened to a record is worked out again, a block of records at a time.
final class DeliveryHistory {
  /// All of them, of which this is one.
  unowned let all: Histories
  let city: City
  let channel: Channel
  var kind: Kind { channel.kind }
  private var plan: NightPlan { all.plan }
  /// Records that share one fault; 0 for none.
  private let faultBlock: Int
  /// Planted faults by turn and block, kept as long as this value lives.
  private var planted: [Key: Planted?] = [:]
  /// States of records that depend on records of another category, by record and turn.
  private var states: [Key: DeliveryState?] = [:]
  /// What is shown of records, kept as long as this value lives.
  var standings: [StandingKey: Standing] = [:]
  /// Whether records come after those that repeat them, kept as long as this value lives.
  private var lateness: [Int: Bool] = [:]
  private var draft = Draft()

  struct StandingKey: Hashable {
    var night: Int
    var index: Int
  }

  private struct Key: Hashable {
    var turn: Int
    var number: Int
  }

  private struct Planted {
    var index: Int
    var fault: FaultNumber
    var findings: [ExpectedFinding]
    /// The record's own number was spoiled.
    var hidesNumber: Bool
  }

  init(_ all: Histories, _ channel: Channel, rate: Double) {
    self.all = all
    self.channel = channel
    city = all.city.seen(by: channel.bureau)
    faultBlock = rate > 0 && !channel.faults.isEmpty ? max(2, Int((1 / rate).rounded())) : 0
  }

  func isFull(_ turn: Int) -> Bool { channel.isFull(turn, plan) }

  func usesOldNames(_ turn: Int) -> Bool { plan.usesOldNames(channel.bureau, kind, turn: turn) }

  // MARK: Rows

  /// The row of a record in a turn; nil if it is not delivered.
  func row(_ index: Int, turn: Int) -> DeliveryRow? {
    let before = state(index, after: turn - 1)
    guard var row = plainRow(index, turn, before) else { return nil }
    if let planted = fault(of: row, turn), planted.index == index {
      row.fault = planted.fault
      row.hidesNumber = planted.hidesNumber
      row.findings = planted.findings
    }
    return row
  }

  /// Whether a full delivery leaves out a record that the receiver has.
  func isRemoved(_ index: Int, turn: Int) -> Bool {
    guard isFull(turn), channel.hasRemovals, let before = state(index, after: turn - 1),
      before.isAccepted, !before.isDeleted
    else { return false }
    return plainRow(index, turn, before) == nil
  }

  /// The turn in which a record appears first.
  func birth(_ index: Int) -> Int {
    if City.isEcho(index) { return city.birth(ofEcho: index, kind) }
    if let leader = channel.leader {
      return city.census.birth(leader, index / kind.perLeader)
    }
    return city.census.birth(kind, index) + (comesLate(index) ? 1 : 0)
  }

  /// Whether a record comes a turn after the one that repeats it.
  func comesLate(_ index: Int) -> Bool {
    guard plan.hasLateOwners, kind == .pen, channel.leader == nil else { return false }
    if let known = lateness[index] { return known }
    let isLate = city.isToldEarly(index, kind)
    lateness[index] = isLate
    return isLate
  }

  func state(_ index: Int, after turn: Int) -> DeliveryState? {
    let birth = birth(index)
    guard turn >= birth else { return nil }
    let isCoupled = channel.leader != nil || channel.follower != nil
    let key = Key(turn: turn, number: index)
    if isCoupled, let known = states[key] { return known }
    var state: DeliveryState?
    var first = birth
    if isCoupled {
      state = self.state(index, after: turn - 1)
      first = turn
    }
    for past in first...turn {
      if let row = plainRow(index, past, state) {
        state = self.state(after: row, past)
      } else if isFull(past), channel.hasRemovals {
        state?.isDeleted = true
      }
    }
    if isCoupled { states[key] = .some(state) }
    return state
  }

  private func state(after row: DeliveryRow, _ turn: Int) -> DeliveryState {
    var state = row.before ?? DeliveryState(version: row.version)
    let planted = fault(of: row, turn)
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
    state.isNoted = planted?.index == row.index || isWaiting(row, turn)
    state.usedOldNames = usesOldNames(turn)
    return state
  }

  /// Whether an accepted row waits for a record to which it refers.
  func isWaiting(_ row: DeliveryRow, _ turn: Int) -> Bool {
    guard kind.waits, all.hasFaults, row.action != .deletion else { return false }
    let planted = fault(of: row, turn)
    let version = Standing.Version(
      version: row.version, fault: planted?.index == row.index ? planted?.fault : nil)
    let night = plan.arrival(channel.bureau, kind, turn: turn)
    return !lacks(draft(of: version, row.index), row.index, night).isEmpty
  }

  /// The row without its fault.
  private func plainRow(_ index: Int, _ turn: Int, _ before: DeliveryState?) -> DeliveryRow? {
    if let leader = channel.leader { return follow(leader, index, turn, before) }
    guard let before else {
      guard birth(index) == turn else { return nil }
      var version = city.firstVersion(kind, index)
      if turn > 1 { version.updated = updateTime(index, turn) }
      return DeliveryRow(index: index, action: .new, version: version, before: nil)
    }
    guard !before.isDeleted, let action = action(index, turn, before) else { return nil }
    var version = before.version
    switch action {
    case .unchanged, .new: break
    case .late:
      version.number += 32
      version.updated -= 3600
    case .changed, .correction, .deletion:
      version.number += 1
      version.updated = updateTime(index, turn)
      if before.isAccepted { version.operation = "2" }
      if action == .deletion { version.operation = "3" }
    }
    return DeliveryRow(index: index, action: action, version: version, before: before)
  }

  /// Records that lie in others come when those come.
  private func follow(_ leader: Kind, _ index: Int, _ turn: Int, _ before: DeliveryState?)
    -> DeliveryRow?
  {
    let leaders = all[channel.bureau, leader]
    let number = index / kind.perLeader
    guard let row = leaders?.plainRow(number, turn, leaders?.state(number, after: turn - 1))
    else { return nil }
    let action: DeliveryAction =
      before == nil ? .new : row.action == .unchanged ? .unchanged : .changed
    return DeliveryRow(index: index, action: action, version: row.version, before: before)
  }

  /// The records of another category that lie in a record.
  func followers(of index: Int) -> Range<Int> {
    guard let kind = channel.follower else { return 0..<0 }
    let first = index * kind.perLeader
    return first..<max(first, min(first + kind.perLeader, city.census.final(kind)))
  }

  private func hasReturnedFollower(_ index: Int, after turn: Int) -> Bool {
    guard let kind = channel.follower, let history = all[channel.bureau, kind] else {
      return false
    }
    return followers(of: index).contains { history.state($0, after: turn)?.isReturned == true }
  }

  private func action(
    _ index: Int, _ turn: Int, _ before: DeliveryState
  ) -> DeliveryAction? {
    if before.isReturned || hasReturnedFollower(index, after: turn - 1) { return .correction }
    let isFull = isFull(turn)
    var dice = dice(2000, turn, index)
    let sort = dice.roll(1000)
    switch sort {
    case 0..<90: return .changed
    case 90..<102 where channel.hasDeletions: return .deletion
    case 102..<320:
      // A device alone is not what it was among the others of its site.
      guard isFull || kind != .fac || channel.follower == nil else { return nil }
      return before.isNoted ? (isFull ? .changed : nil) : .unchanged
    case 320..<600 where kind == .ins && turn % 3 == 0 && before.version.number > 0 && !isFull:
      return .late
    default:
      guard isFull, sort < 985 || !channel.hasRemovals else { return nil }
      return before.isNoted ? .changed : .unchanged
    }
  }

  private func dice(_ purpose: Int, _ turn: Int, _ index: Int) -> Dice {
    Dice(seed: city.ownSeed, purpose: UInt64(purpose + kind.rawValue + turn * 32), index: index)
  }

  /// A time of the day before a delivery; records of one place have one.
  private func updateTime(_ index: Int, _ turn: Int) -> Int {
    var dice = dice(4000, turn, index / kind.groupSize)
    let night = plan.night(channel.bureau, turn: turn)
    return moment(city.start + night - 2, dice.roll(8...21), dice.roll(60)) + dice.roll(60)
  }

  // MARK: Faults

  /// The fault planted in the block of a row, if there is one.
  private func fault(of row: DeliveryRow, _ turn: Int) -> Planted? {
    guard faultBlock > 0, mayBeSpoiled(row) else { return nil }
    if City.isEcho(row.index) { return disagreement(of: row, turn) }
    // In later nights about one record in six is new or changed.
    let size = turn == 1 ? faultBlock : faultBlock * 6
    let key = Key(turn: turn, number: row.index / size)
    if let known = planted[key] { return known }
    let made = plant(key, size)
    planted[key] = .some(made)
    return made
  }

  private func mayBeSpoiled(_ row: DeliveryRow) -> Bool {
    row.action == .new || row.action == .changed
  }

  private func plant(_ key: Key, _ size: Int) -> Planted? {
    let first = key.number * size
    let end = min(first + size, city.census.count(kind, night: key.turn) - 2)
    var dice = dice(6000, key.turn, key.number)
    let turn = dice.roll(size)
    guard first < end, turn < end - first || end - first == size else { return nil }
    if key.number == 0, let planted = plantOfCopies(first..<end, key.turn) {
      return planted
    }
    // Elements, rules and whole records take turns, and each group goes through its faults, so that
    // small sets meet many of them.
    var start = self.dice(5000, key.turn, 0)
    let faults = channel.faults
    let turns = key.number + start.roll(faults.count)
    let offset = start.roll(1000)
    for step in 0..<6 {
      let group = (turns + step / 2) % faults.count
      let number = FaultNumber(
        group: group, place: (turns / faults.count + offset + step * 17) % faults[group].count)
      for place in 0..<(end - first) {
        let index = first + (place + turn) % (end - first)
        // Two damaged records side by side would be taken for one.
        let margin = min(index - first, end - 1 - index)
        if fault(number).isStructural, margin < max(2, size / 8) { continue }
        if let planted = plant(number, index, key.turn) { return planted }
      }
    }
    return nil
  }

  /// Among the first copies of the registers of others one contradicts them, in small sets too; each
  /// system's is about another subject.
  private func plantOfCopies(_ range: Range<Int>, _ turn: Int) -> Planted? {
    guard kind == .ent || kind == .crd else { return nil }
    let start = channel.bureau.rawValue * 3
    for (group, faults) in channel.faults.enumerated() {
      let places = faults.indices.filter { faults[$0].isOfCopy }
      for step in places.indices {
        let number = FaultNumber(
          group: group, place: places[(step + channel.bureau.rawValue) % places.count])
        for place in range.indices {
          let index = range.lowerBound + (place - range.lowerBound + start) % range.count
          if let planted = plant(number, index, turn) { return planted }
        }
      }
    }
    return nil
  }

  private func plant(_ number: FaultNumber, _ index: Int, _ turn: Int) -> Planted? {
    let before = state(index, after: turn - 1)
    guard let row = plainRow(index, turn, before), mayBeSpoiled(row),
      // What others repeat is right, so that it is clear who differs.
      city.echoes(of: index, kind).isEmpty, city.weakMention(kind, index) == nil,
      let findings = spoil(row, number, &draft)
    else { return nil }
    let damage = fault(number).damage
    let hidesNumber =
      damage == .badEscape || damage == .repeatedName
      || draft.text(.sourceRecordId) != city.recordNumber(kind, index)
    // A full delivery in which a record cannot be told removes nothing; ours are to remove.
    if isFull(turn), turn > 1, hidesNumber || fault(number).hidesRecord { return nil }
    return Planted(index: index, fault: number, findings: findings, hidesNumber: hidesNumber)
  }

  /// What an echo says otherwise than the record that it repeats: of each source the first ones, in small
  /// sets too, of the others as many as are spoiled elsewhere.
  private func disagreement(of row: DeliveryRow, _ turn: Int) -> Planted? {
    let key = Key(turn: turn, number: -row.index)
    if let known = planted[key] { return known }
    var dice = dice(6000, turn, row.index)
    let round = city.round(ofEcho: row.index, kind)
    // Some are told and do not listen; the others correct themselves when they change.
    let isFirst = round == 0 || row.action == .new && round == 1
    var made = rumour(row, turn)
    if made == nil, isFirst || dice.roll(faultBlock) == 0 {
      let faults = Fault.disagreements(kind, channel.bureau)
      for step in faults.indices where made == nil {
        let number = FaultNumber(
          group: FaultNumber.disagreements, place: (round + step) % faults.count)
        guard let findings = spoil(row, number, &draft) else { continue }
        made = Planted(index: row.index, fault: number, findings: findings, hidesNumber: false)
      }
    }
    planted[key] = .some(made)
    return made
  }

  /// What an echo says otherwise that is there before its owner: nobody can contradict it in this night, and
  /// in the next one it differs.
  private func rumour(_ row: DeliveryRow, _ turn: Int) -> Planted? {
    guard row.action == .new, let origin = city.origin(ofEcho: row.index, kind),
      all[origin.bureau, kind]?.comesLate(origin.index) == true
    else { return nil }
    let night = plan.arrival(channel.bureau, kind, turn: turn)
    let number = FaultNumber(group: FaultNumber.rumours, place: 0)
    // What waits is shown for the first time beside its owner, and goes back.
    guard !Fault.rumours(kind).isEmpty, let findings = spoil(row, number, &draft),
      lacks(draft, row.index, night).isEmpty
    else { return nil }
    return Planted(index: row.index, fault: number, findings: findings, hidesNumber: false)
  }

  func fault(_ number: FaultNumber) -> Fault {
    switch number.group {
    case FaultNumber.disagreements: Fault.disagreements(kind, channel.bureau)[number.place]
    case FaultNumber.rumours: Fault.rumours(kind)[number.place]
    default: channel.faults[number.group][number.place]
    }
  }

  /// Fills `draft` with the record of a row.
  func fill(_ draft: inout Draft, _ index: Int, _ version: RecordVersion) {
    draft.removeAll()
    city.fill(&draft, kind, index, version)
    channel.fields.restrict(&draft)
  }

  /// Fills `draft` with the record of a row and spoils it.
  ///
  /// - Returns: The findings; nil if the record cannot be spoiled so.
  func spoil(_ row: DeliveryRow, _ number: FaultNumber, _ draft: inout Draft) -> [ExpectedFinding]?
  {
    fill(&draft, row.index, row.version)
    let clean = draft
    var dice = dice(8000, row.version.number, row.index)
    guard let findings = fault(number).plant(&draft, channel.kit, &dice),
      number.group < 0
        ? channel.kit.delivers(draft.changes(from: clean))
        : channel.kit.canShow(draft.changes(from: clean))
    else { return nil }
    return findings
  }
}

/// The histories of all categories of all systems, made as they are asked for.
final class Histories {
  let city: City
  let plan: NightPlan
  private let channels: [Channel?]
  private let rate: Double
  var hasFaults: Bool { rate > 0 }
  private var made: [DeliveryHistory?]

  /// - Parameter channels: By place; see ``place(_:_:)``.
  init(_ city: City, _ plan: NightPlan, _ channels: [Channel?], rate: Double) {
    self.city = city
    self.plan = plan
    self.channels = channels
    self.rate = rate
    made = Array(repeating: nil, count: channels.count)
  }

  static func place(_ bureau: Bureau, _ kind: Kind) -> Int {
    bureau.rawValue * Kind.allCases.count + kind.rawValue
  }

  /// nil if the system does not deliver the category.
  subscript(bureau: Bureau, kind: Kind) -> DeliveryHistory? {
    let place = Self.place(bureau, kind)
    if let known = made[place] { return known }
    guard let channel = channels[place] else { return nil }
    let history = DeliveryHistory(self, channel, rate: rate)
    made[place] = history
    return history
  }
}
