import CXMLEvents
import Records

// Elements: which nodes of the shape they are, and what begins and ends with them.

extension XMLReader {
  /// Takes an element that holds nothing but a text, or nothing at all, at once; of most documents
  /// that is nearly everything.
  ///
  /// - Returns: false if it is anything else; then nothing has happened.
  mutating func takeLeaf(_ start: qy_xml_event) -> Bool {
    guard isCollecting, textCount == 0, elements.count <= limits.nesting,
      fieldCount < limits.fields, event + 1 < input.source.count
    else { return false }
    var end = input.source[event]
    var following = 1
    let offset = input.textOffset(start.offset)
    var range = offset..<offset
    if Int(end.kind) == QY_XML_SOURCE_TEXT {
      range = input.range(of: end)
      end = input.source[event + 1]
      following = 2
    }
    guard Int(end.kind) == QY_XML_END, input.textOffset(end.offset) <= keepOffset else {
      return false
    }
    let state = matcher.childState(of: elements[elements.count - 1].state, start.name)
    guard state >= 0 else { return false }
    if state != ShapeMatcher.unknown {
      let node = matcher.onlyNode[state]
      guard node >= 0, matcher.plans[node].isLeaf,
        let ref = UnitValues.source(
          offset: range.lowerBound - values.unitStart,
          length: input.isBlank(range) ? 0 : range.count)
      else { return false }
      count(node)
      assign(ref, toTextsOf: matcher.plans[node], offset)
    }
    fieldCount += 1
    event += following
    return true
  }

  @inline(__always)
  private mutating func count(_ node: Int) {
    serial += 1
    let place = nodes[node].count
    nodes[node] = NodeState(serial: serial, place: place, count: place + 1)
  }

  mutating func open(_ event: qy_xml_event) {
    let offset = input.textOffset(event.offset)
    if offset > keepOffset { keepRow() }
    var state = ShapeMatcher.unknown
    if elements.count > limits.nesting {
      guard unit != nil else {
        fault = DocumentFault(
          kind: .nesting, line: input.line(at: offset), byteOffset: offset,
          message: "elements are nested deeper than \(limits.nesting)")
        return
      }
      unit?.note(.nesting, found: elements.count, expected: limits.nesting, offset: offset)
    } else {
      let parent = elements[elements.count - 1].state
      state = matcher.childState(of: parent, event.name)
      if state < 0 { state = resolveChild(of: parent, event.name) }
    }
    elements.append(OpenElement(state: state, start: offset, textStart: -1))
    if state != ShapeMatcher.unknown {
      let node = matcher.onlyNode[state]
      if node >= 0 {
        open(node: node, event, offset)
      } else {
        for node in matcher.nodes[state] { open(node: node, event, offset) }
      }
    }
    if elements.count == 2 { census.documentCount = 1 }
    countField(offset)
  }

  mutating func open(node: Int, _ event: qy_xml_event, _ offset: Int) {
    count(node)
    let plan = matcher.plans[node]
    var child = Int(plan.firstChild)
    while child >= 0 {
      nodes[child].count = 0
      child = Int(matcher.plans[child].nextSibling)
    }
    if plan.isAroundUnit { openAroundUnit(node, event, offset) }
    if plan.isUnit, unit == nil { beginUnit(offset) }
    if plan.scope >= 0, unit != nil { open(scope: Int(plan.scope), of: node, offset) }
    if plan.textCount > 0 { wantText() }
  }

  mutating func openAroundUnit(_ node: Int, _ event: qy_xml_event, _ offset: Int) {
    if node == matcher.tree.nodes[matcher.tree.unit].parent { census.hasUnits = true }
    guard !isFrameKnown else { return }
    let tag = input.window[input.indices(offset..<offset + Int(event.length))]
    tags.open(String(decoding: tag, as: UTF8.self) + ">")
  }

  mutating func beginUnit(_ offset: Int) {
    census.hasUnits = true
    isFrameKnown = true
    values.removeAll()
    values.unitStart = offset
    unit = OpenUnit(start: offset, line: input.line(at: offset))
    isCollecting = true
    fieldCount = 0
    unitLevel = elements.count
    keepOffset = offset + Self.keptOfOverlong
  }

  mutating func open(scope: Int, of node: Int, _ offset: Int) {
    if isCollecting { values.openInstance(of: scope) }
    for kind in matcher.tree.nodes[node].rowKinds {
      let row = matcher.tree.rowKinds[kind]
      guard row.choices.allSatisfy({ nodes[$0.node].place == $0.item }) else { continue }
      if kind == 0 {
        let line = input.line(at: offset)
        unit?.openRecord(OpenUnit.Record(start: offset, end: offset, line: line))
      }
      let record = unit?.openRecord ?? -1
      if isCollecting, record >= 0 { values.addRow(kind, record: record) }
      if row.owner >= 0 {
        if filledRows[kind] == nodes[row.owner].serial {
          unit?.note(.duplicateName, found: 2, expected: 1, offset: offset)
        }
        filledRows[kind] = nodes[row.owner].serial
      }
    }
  }

  mutating func wantText() {
    let last = elements.count - 1
    guard elements[last].textStart < 0, isCollecting || unit == nil else { return }
    settlePending()
    elements[last].textStart = values.text.count
    textCount += 1
  }

  mutating func close(_ event: qy_xml_event) {
    let offset = input.textOffset(event.offset)
    if offset > keepOffset { keepRow() }
    let element = elements.removeLast()
    guard element.state != ShapeMatcher.unknown else { return }
    let node = matcher.onlyNode[element.state]
    if node >= 0 {
      close(node: node, element, offset)
    } else {
      for node in matcher.nodes[element.state] { close(node: node, element, offset) }
    }
    if element.textStart >= 0 {
      textCount -= 1
      if pending.element == elements.count { pending.element = -1 }
      if unit == nil, textCount == 0 { values.removeAll() }
    }
    if elements.count < unitLevel, unit != nil { endUnit(offset) }
  }

  mutating func close(node: Int, _ element: OpenElement, _ offset: Int) {
    let plan = matcher.plans[node]
    if plan.textCount > 0 {
      assign(text(of: element), toTextsOf: plan, element.start)
    }
    if plan.isRecord, let record = unit?.openRecord, record >= 0 {
      unit?.records[record].end = offset
      unit?.openRecord = -1
    }
    if plan.isAroundUnit, !isFrameKnown { tags.close() }
  }

  /// The text of the element that has just ended.
  mutating func text(of element: OpenElement) -> TextRef {
    guard element.textStart >= 0, !element.isNil else { return .absent }
    if pending.element == elements.count, unit != nil {
      let offset = pending.range.lowerBound - values.unitStart
      let length = input.isBlank(pending.range) ? 0 : pending.range.count
      if let ref = UnitValues.source(offset: offset, length: length) { return ref }
      settlePending()
    }
    let start = element.textStart
    let isBlank = XMLSpace.isAll(values.text, from: start)
    return TextRef(offset: start, length: isBlank ? 0 : values.text.count - start)
  }
}
