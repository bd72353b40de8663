/// In which nights the systems deliver. What a system brings is counted in *turns*: its first delivery
/// is turn 1, whatever night that is.
struct NightPlan: Sendable {
  /// The first night, days since 1970-01-01.
  let start: Int
  /// Whether some files come a night late, so that records wait for those they refer to.
  var hasLateFiles = false
  /// Whether some penalties come a night after another system told of them.
  var hasLateOwners = false

  /// 0 for Sunday.
  func weekday(_ night: Int) -> Int { (start + night - 1 + 4) % 7 }

  /// Nights by which the files of a category come too late.
  func lag(_ bureau: Bureau, _ kind: Kind) -> Int {
    guard hasLateFiles else { return 0 }
    return bureau == .cul && kind == .cas || bureau == .nhc && kind == .cmp ? 1 : 0
  }

  /// - Returns: nil if nothing of the category comes in the night.
  func turn(_ bureau: Bureau, _ kind: Kind, night: Int) -> Int? {
    guard let day = bureau.weekday else {
      let turn = night - lag(bureau, kind)
      return turn > 0 ? turn : nil
    }
    guard weekday(night) == day else { return nil }
    return (1...night).count { weekday($0) == day }
  }

  /// The night for which a turn was made, which is before the one in which it comes if it is late.
  func night(_ bureau: Bureau, turn: Int) -> Int {
    guard let day = bureau.weekday else { return turn }
    let first = (1...7).first { weekday($0) == day } ?? 1
    return first + (turn - 1) * 7
  }

  /// The night in which a turn comes.
  func arrival(_ bureau: Bureau, _ kind: Kind, turn: Int) -> Int {
    night(bureau, turn: turn) + lag(bureau, kind)
  }

  /// Whether the whole stock of a category is delivered.
  func isFull(_ bureau: Bureau, _ kind: Kind, turn: Int) -> Bool {
    switch bureau {
    case .mnr, .ara: true
    case .mem: weekday(turn) == 0
    case .sam: kind == .crd && turn == 3
    default: false
    }
  }

  /// Whether a file has names of members or columns of an earlier form.
  func usesOldNames(_ bureau: Bureau, _ kind: Kind, turn: Int) -> Bool {
    turn == 2 && (bureau == .sam && kind == .cmp || bureau == .cul && kind == .ent)
  }
}
