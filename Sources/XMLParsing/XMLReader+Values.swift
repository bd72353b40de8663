import CXMLEvents
import Records

// Values: texts and attributes on their way to the fields that want them.

extension XMLReader {
  mutating func take(attribute event: qy_xml_event) {
    let last = elements.count - 1
    let state = elements[last].state
    countField(elements[last].start)
    guard state != ShapeMatcher.unknown else { return }
    var action = matcher.attributeAction(of: state, event.name)
    if action < 0 { action = resolveAttribute(of: state, event.name) }
    if action > 0 {
      let ref = value(of: event)
      for target in matcher.attributeTargets[action] {
        assign(ref, to: matcher.targets[target], elements[last].start)
      }
      if !isCollecting { values.dropAttributes() }
    }
    if Int(event.name) == nilName {
      var text: [UInt8] = []
      input.appendText(of: event, to: &text)
      let word = XMLSpace.trimmed(text[...])
      elements[last].isNil = ["true", "1"].contains { $0.utf8.elementsEqual(word) }
    }
  }

  mutating func value(of attribute: qy_xml_event) -> TextRef {
    if XMLEventSource.isInDocument(attribute), unit != nil {
      let range = input.range(of: attribute)
      let offset = range.lowerBound - values.unitStart
      if let ref = UnitValues.source(offset: offset, length: range.count) { return ref }
    }
    return values.appendAttribute { text in input.appendText(of: attribute, to: &text) }
  }

  mutating func take(text event: qy_xml_event) {
    guard textCount > 0 else { return }
    guard unit != nil || values.text.count < Self.maximumTotalBytes else { return }
    let last = elements.count - 1
    if unit != nil, textCount == 1, elements[last].textStart == values.text.count,
      pending.element < 0, XMLEventSource.isInDocument(event)
    {
      pending = PendingText(element: last, range: input.range(of: event))
      return
    }
    settlePending()
    input.appendText(of: event, to: &values.text)
  }

  /// Makes a part of ``UnitValues/text`` of the text that was not copied.
  mutating func settlePending() {
    guard pending.element >= 0 else { return }
    input.append(pending.range, to: &values.text)
    pending.element = -1
  }

  @inline(__always)
  mutating func assign(_ ref: TextRef, toTextsOf plan: ShapeMatcher.NodePlan, _ offset: Int) {
    for target in Int(plan.firstText)..<Int(plan.firstText + plan.textCount) {
      assign(ref, to: matcher.targets[target], offset)
    }
  }

  /// Gives a value to a field; an absent one is only noted. `offset` is that of its element.
  mutating func assign(_ ref: TextRef, to target: ShapeMatcher.TargetPlan, _ offset: Int) {
    let number = Int(target.number)
    if target.hasChoices {
      for choice in matcher.tree.targets[number].choices
      where nodes[choice.node].place != choice.item {
        return
      }
    }
    guard !target.isTotal else {
      addTotal(ref)
      return
    }
    guard unit != nil else { return }
    if target.column >= 0, !census.hasColumn[Int(target.column)] {
      census.hasColumn[Int(target.column)] = true
    }
    if target.owner >= 0 {
      let owner = nodes[Int(target.owner)].serial
      guard filled[number] != owner else {
        unit?.note(.duplicateName, found: 2, expected: 1, offset: offset)
        return
      }
      filled[number] = owner
    }
    guard !ref.isAbsent, isCollecting else { return }
    values.set(Int(target.scope), Int(target.slot), ref)
  }

  mutating func addTotal(_ ref: TextRef) {
    guard !ref.isAbsent else { return }
    var text = Substring(values.string(ref, input))
    while let first = text.utf8.first, XMLSpace.contains(first) { text = text.dropFirst() }
    while let last = text.utf8.last, XMLSpace.contains(last) { text = text.dropLast() }
    let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let sum = Int(text).map { (census.total ?? 0).addingReportingOverflow($0) }
    if isNumber, let sum, !sum.overflow {
      census.total = sum.partialValue
    } else {
      census.unreadableTotal = String(text)
    }
  }

  // MARK: - Names

  mutating func resolveChild(of state: Int, _ name: UInt32) -> Int {
    learnNames()
    let found = matcher.resolveChild(of: state, name, names[Int(name)])
    note(unknown: found.unknown)
    return found.state
  }

  mutating func resolveAttribute(of state: Int, _ name: UInt32) -> Int {
    learnNames()
    let found = matcher.resolveAttribute(of: state, name, names[Int(name)])
    note(unknown: found.unknown)
    return found.action
  }

  mutating func learnNames() {
    while names.count < input.source.nameCount {
      names.append(input.source.name(names.count))
      if names[names.count - 1].isNil { nilName = names.count - 1 }
    }
  }

  mutating func note(unknown path: String?) {
    guard let path, !ignored.contains(path), census.unknown.count < ShapeCensus.maximumUnknown
    else {
      return
    }
    census.unknown.insert(path)
  }
}
