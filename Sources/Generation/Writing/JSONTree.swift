/// Writes units as JSON objects.
struct JSONTree: Sendable {
  let form: TreeForm
  let habits: Habits

  /// - Parameter output: Text, UTF-8; nothing behind the object.
  func write(_ unit: TreeRecord, into output: inout [UInt8]) {
    var dice = unit.dice
    writeObject(form.unit, TreePlace(unit), &dice, into: &output)
  }

  private func writeObject(
    _ branch: Branch, _ place: TreePlace, _ dice: inout Dice,
    into output: inout [UInt8]
  ) {
    output.append(UInt8(ascii: "{"))
    var isFirst = true
    func name(_ member: Branch, into output: inout [UInt8]) {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      Self.append(string: member.name.utf8, into: &output)
      output.append(UInt8(ascii: ":"))
    }
    // Programs that keep members in a table give them in any order.
    let turn = habits.isLoose ? dice.roll(branch.members.count) : 0
    for number in branch.members.indices {
      let member = branch.members[(number + turn) % branch.members.count]
      if form.mayBeOmitted(member, place), dice.happens(habits.omissions) { continue }
      name(member, into: &output)
      write(member, place, &dice, into: &output)
    }
    if branch === form.unit, habits.isLoose, dice.roll(500) == 0 {
      output.append(contentsOf: #","_trace":"\#(dice.roll(90_000))""#.utf8)
    }
    output.append(UInt8(ascii: "}"))
  }

  private func write(
    _ branch: Branch, _ place: TreePlace, _ dice: inout Dice,
    into output: inout [UInt8]
  ) {
    if let level = branch.nested {
      let records = place.record.inner
      return writeArray(records.count, into: &output) { number, output in
        var dice = records[number].dice
        writeObject(branch, TreePlace(records[number], level: level), &dice, into: &output)
      }
    }
    guard branch.isRepeated else {
      return branch.members.isEmpty
        ? writeLeaf(branch, place, &dice, into: &output)
        : writeObject(branch, place, &dice, into: &output)
    }
    let count = form.count(branch, place)
    writeArray(count, into: &output) { number, output in
      var inner = place
      inner.item = number
      if let child = branch.child { inner.row = (child, number) }
      if branch.members.isEmpty {
        writeLeaf(branch, inner, &dice, into: &output)
      } else {
        writeObject(branch, inner, &dice, into: &output)
      }
    }
  }

  private func writeArray(
    _ count: Int, into output: inout [UInt8], _ item: (Int, inout [UInt8]) -> Void
  ) {
    output.append(UInt8(ascii: "["))
    for number in 0..<count {
      if number > 0 { output.append(UInt8(ascii: ",")) }
      item(number, &output)
    }
    output.append(UInt8(ascii: "]"))
  }

  // MARK: Values

  private func writeLeaf(
    _ branch: Branch, _ place: TreePlace, _ dice: inout Dice, into output: inout [UInt8]
  ) {
    guard let leaf = branch.leaf else { return output.append(contentsOf: "null".utf8) }
    let spelling = form.spelling(leaf, place)
    let value = form.value(leaf, spelling, place)
    var text: [UInt8] = []
    spelling.write(value, &dice, into: &text)
    if value.isEmpty, text.isEmpty {
      return output.append(contentsOf: (dice.happens(70) ? "null" : "\"\"").utf8)
    }
    if isBare(value, spelling, text) {
      output.append(contentsOf: text)
    } else {
      Self.append(string: text, into: &output)
    }
  }

  private func isBare(_ value: Value, _ spelling: ColumnSpelling, _ text: [UInt8]) -> Bool {
    switch value {
    case .none: spelling.field == nil && Self.isNumber(text)
    case .number: habits.hasBareNumbers && Self.isNumber(text)
    case .date, .time: habits.hasBareNumbers && text.count == 13 && Self.isNumber(text)
    case .code:
      (habits.hasBareCodes && Self.isNumber(text))
        || (habits.hasBooleans && (text == Array("true".utf8) || text == Array("false".utf8)))
    default: false
    }
  }

  /// Whether `text` is a number of JSON.
  private static func isNumber(_ text: [UInt8]) -> Bool {
    let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
    let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = parts.first,
      parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } })
    else { return false }
    return whole.count == 1 || whole.first != 0x30
  }

  static func append(string: some Collection<UInt8>, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in string {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case 0x0A: output.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
      case 0x0D: output.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
      case 0x09: output.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
      case Encoding.breakMark: output.append(byte)
      case 0..<0x20: output.append(contentsOf: "\\u00\(Spelling.hexadecimal(UInt32(byte)))".utf8)
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
