/// Takes the records of one block and gives their text.
struct RecordSink {
  private let form: FileForm
  private let kind: Kind
  private let seed: UInt64
  /// Text so far, UTF-8.
  private(set) var text: [UInt8] = []
  /// Units so far, as their sender counts them.
  private(set) var units = 0
  private var scratch: [UInt8] = []
  /// Records that share a unit that is not written yet.
  private var gathered: [TreeRecord] = []

  init(_ form: FileForm, _ kind: Kind, seed: UInt64) {
    self.form = form
    self.kind = kind
    self.seed = seed
  }

  /// The dice that decide how the values of a record are spelled.
  func dice(_ kind: Kind, _ index: Int, _ version: RecordVersion) -> Dice {
    Dice(seed: seed, purpose: UInt64(1000 + kind.rawValue + version.number * 64), index: index)
  }

  /// - Parameter nested: Records of another category that lie in this one.
  mutating func append(
    _ draft: Draft, _ index: Int, _ version: RecordVersion, damage: RecordDamage = .none,
    nested: [TreeRecord] = []
  ) {
    var dice = dice(kind, index, version)
    switch form.body {
    case .table(let writer):
      if damage.isStructural {
        writer.write(draft, &dice, damage: damage, into: &text)
      } else {
        writer.write(draft, &dice, &scratch, into: &text)
      }
      units += 1
    case .lines(let tree), .array(let tree):
      let record = TreeRecord(draft: draft, dice: dice, inner: nested)
      guard !tree.form.isGathered else { return gather(record, tree.form) }
      scratch.removeAll(keepingCapacity: true)
      tree.write(record, into: &scratch)
      damage.spoil(json: &scratch)
      endUnit()
    case .elements(let tree):
      let record = TreeRecord(draft: draft, dice: dice, inner: nested)
      guard !tree.form.isGathered else { return gather(record, tree.form) }
      tree.write(record, into: &text)
      units += 1
    }
  }

  /// Writes what is still waiting for more.
  mutating func finish() { writeGathered() }

  // MARK: Units of several records

  private mutating func gather(_ record: TreeRecord, _ form: TreeForm) {
    if let last = gathered.last, !shareUnit(last.draft, record.draft, form) { writeGathered() }
    gathered.append(record)
  }

  private func shareUnit(_ left: Draft, _ right: Draft, _ form: TreeForm) -> Bool {
    form.shared.allSatisfy { column in
      form.levels[1][column].field.map { left[$0] == right[$0] } ?? true
    }
  }

  private mutating func writeGathered() {
    guard let first = gathered.first?.draft else { return }
    // What surrounds a record is spelled alike every night, whoever stands beside it.
    let dice = Dice(seed: seed, purpose: UInt64(1900 + kind.rawValue), index: 0)
    let unit = TreeRecord(draft: first, dice: dice, inner: gathered)
    switch form.body {
    case .table: break
    case .lines(let tree), .array(let tree):
      scratch.removeAll(keepingCapacity: true)
      tree.write(unit, into: &scratch)
      endUnit()
    case .elements(let tree):
      tree.write(unit, into: &text)
      units += 1
    }
    gathered.removeAll(keepingCapacity: true)
  }

  private mutating func endUnit() {
    if case .array = form.body, units > 0 { text.append(contentsOf: form.separator) }
    text.append(contentsOf: scratch)
    if case .lines = form.body { text.append(0x0A) }
    units += 1
  }
}

extension RecordDamage {
  /// Spoils the text of one object.
  fileprivate func spoil(json text: inout [UInt8]) {
    switch self {
    case .badEscape:
      // Behind the opening quote of the first value that is a text.
      let mark = Array(#"":""#.utf8)
      guard let place = text.indices.first(where: { text[$0...].starts(with: mark) }) else {
        return
      }
      text.insert(contentsOf: Array(#"\q"#.utf8), at: place + mark.count)
    case .repeatedName:
      guard let end = text.firstIndex(of: UInt8(ascii: ":")), end > 1 else { return }
      let name = Array(text[1..<end])
      text.insert(contentsOf: name + Array(#":"重复","#.utf8), at: 1)
    default: break
    }
  }
}
