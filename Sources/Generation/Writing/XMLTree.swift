/// Writes units as XML elements.
struct XMLTree: Sendable {
  let form: TreeForm
  let habits: Habits
  /// Name of the element that a unit is.
  let unitName: String

  /// - Parameter output: Text, UTF-8, with a line break behind the element.
  func write(_ unit: TreeRecord, into output: inout [UInt8]) {
    var dice = unit.dice
    write(form.unit, unitName, TreePlace(unit), &dice, into: &output)
    output.append(0x0A)
  }

  private func write(
    _ branch: Branch, _ name: String, _ place: TreePlace,
    _ dice: inout Dice, into output: inout [UInt8]
  ) {
    output.append(UInt8(ascii: "<"))
    output.append(contentsOf: name.utf8)
    var labels: [String] = []
    for attribute in branch.attributes {
      writeAttribute(attribute, place, &dice, &labels, into: &output)
    }
    var content: [UInt8] = []
    for element in branch.elements {
      writeElements(element, place, &dice, into: &content)
    }
    if let leaf = branch.leaf {
      writeText(leaf, place, &dice, into: &content)
    } else if branch.elements.isEmpty, let label = labels.first {
      // People read the label beside the code.
      Self.append(escaped: label.utf8, into: &content)
    }
    guard !content.isEmpty else { return output.append(contentsOf: "/>".utf8) }
    output.append(UInt8(ascii: ">"))
    output.append(contentsOf: content)
    output.append(contentsOf: "</\(name)>".utf8)
  }

  private func writeAttribute(
    _ branch: Branch, _ place: TreePlace, _ dice: inout Dice,
    _ labels: inout [String], into output: inout [UInt8]
  ) {
    guard let leaf = branch.leaf else { return }
    let spelling = form.spelling(leaf, place)
    let value = form.value(leaf, spelling, place)
    if form.mayBeOmitted(branch, place), dice.happens(habits.omissions) { return }
    output.append(contentsOf: " \(branch.name)=\"".utf8)
    var text: [UInt8] = []
    spelling.write(value, &dice, into: &text)
    Self.append(escaped: text, into: &output)
    output.append(UInt8(ascii: "\""))
    if case .code(let codes) = spelling.form, case .code(let code) = value,
      let label = codes.label(code)
    {
      labels.append(label)
    }
  }

  private func writeElements(
    _ branch: Branch, _ place: TreePlace, _ dice: inout Dice,
    into output: inout [UInt8]
  ) {
    if let level = branch.nested {
      for record in place.record.inner {
        var dice = record.dice
        write(branch, branch.name, TreePlace(record, level: level), &dice, into: &output)
      }
      return
    }
    guard branch.isRepeated else {
      if form.mayBeOmitted(branch, place), dice.happens(habits.omissions) { return }
      return write(branch, branch.name, place, &dice, into: &output)
    }
    for number in 0..<form.count(branch, place) {
      var inner = place
      inner.item = number
      if let child = branch.child { inner.row = (child, number) }
      // Rows inside of rows are those of the first.
      if branch.child != nil, let row = place.row, row.number > 0 { return }
      write(branch, branch.name, inner, &dice, into: &output)
    }
  }

  private func writeText(
    _ leaf: Branch.Leaf, _ place: TreePlace, _ dice: inout Dice, into output: inout [UInt8]
  ) {
    let spelling = form.spelling(leaf, place)
    var text: [UInt8] = []
    spelling.write(form.value(leaf, spelling, place), &dice, into: &text)
    let isLong = text.count > 60 || text.contains(UInt8(ascii: "<"))
    if habits.hasBlocks, isLong, !text.contains(UInt8(ascii: "]")) {
      output.append(contentsOf: "<![CDATA[".utf8)
      output.append(contentsOf: text)
      output.append(contentsOf: "]]>".utf8)
    } else {
      Self.append(escaped: text, into: &output)
    }
  }

  static func append(escaped text: some Collection<UInt8>, into output: inout [UInt8]) {
    for byte in text {
      switch byte {
      case UInt8(ascii: "&"): output.append(contentsOf: "&amp;".utf8)
      case UInt8(ascii: "<"): output.append(contentsOf: "&lt;".utf8)
      case UInt8(ascii: ">"): output.append(contentsOf: "&gt;".utf8)
      case UInt8(ascii: "\""): output.append(contentsOf: "&quot;".utf8)
      case 0x09, 0x0A, 0x0D: output.append(contentsOf: "&#\(byte);".utf8)
      default: output.append(byte)
      }
    }
  }
}
