import CXMLEvents
package import Records

/// What a value of an ``XMLOutline`` is.
package enum XMLValueKind: Sendable, Hashable {
  /// The text of an element itself, without that of the elements inside.
  case text
  case attribute
  /// An element without text and elements.
  case empty
}

/// Lists the values of any XML document with their paths, without knowing its shape.
///
/// ```
/// /Export/@date        attribute   2026-03-01
/// /Export/Case/No      text        京市监罚〔2026〕1号
/// /Export/Case[2]/No   text        京市监罚〔2026〕2号
/// /Export/Case[2]/End  empty
/// ```
///
/// Names are local ones, as a shape without prefixes has them; an element has a number from the
/// second of its name on. The pieces of a text with elements in between come as one, at the end of
/// its element; white space alone is no text. Comments and processing instructions are left out.
///
/// Limits, faults and memory are those of ``XMLReader``; of a text, no more than `recordBytes` are
/// kept.
package struct XMLOutline: ~Copyable {
  /// Once set, the rest of the input is ignored.
  package private(set) var fault: DocumentFault?

  private struct OpenElement {
    /// Where its own path ends in ``path``.
    var pathEnd: Int
    var text: [UInt8] = []
    var hasElements = false
    /// Elements inside, by number of their name.
    var counts: [UInt32: Int] = [:]
  }

  private let limits: DocumentLimits
  private var input: XMLInput
  private var names: [XMLName] = []
  /// Path of the innermost open element, UTF-8.
  private var path: [UInt8] = []
  private var elements: [OpenElement] = [OpenElement(pathEnd: 0)]

  /// An outline at the first byte of a document.
  package init(limits: DocumentLimits) {
    self.init(limits: limits, pieceBytes: XMLReader.pieceBytes)
  }

  /// - Parameter pieceBytes: Bytes that the parser gets at a time.
  init(limits: DocumentLimits, pieceBytes: Int) {
    self.limits = limits
    input = XMLInput(limits, pieceBytes: pieceBytes)
  }

  /// Takes in the next piece of the document.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, any number of bytes, none included.
  ///   - isLast: Nothing follows. Called once with true, as the last call.
  ///   - onValue: Gets path, kind and text of every value, in the order in which elements end and
  ///     attributes begin. If it throws, the outline must not be used any further.
  package mutating func feed<E: Error>(
    _ bytes: Span<UInt8>, isLast: Bool,
    onValue: (_ path: String, _ kind: XMLValueKind, _ text: String) throws(E) -> Void
  ) throws(E) {
    var taken = 0
    repeat {
      guard fault == nil else { return }
      taken = input.take(bytes, from: taken)
      let isEnd = isLast && taken == bytes.count
      guard input.hasPiece || isEnd else { return }
      input.parse(isLast: isEnd)
      for index in 0..<input.source.count where fault == nil {
        try consume(input.source[index], onValue)
      }
      if fault == nil { fault = input.takeFault() }
      input.drop(before: .max)
    } while taken < bytes.count
  }

  private mutating func consume<E: Error>(
    _ event: qy_xml_event, _ onValue: (String, XMLValueKind, String) throws(E) -> Void
  ) throws(E) {
    switch Int(event.kind) {
    case QY_XML_START:
      open(event)
    case QY_XML_ATTRIBUTE, QY_XML_SOURCE_ATTRIBUTE:
      var text: [UInt8] = []
      input.appendText(of: event, to: &text)
      let path = String(decoding: path, as: UTF8.self) + "/@" + name(event.name).local
      try onValue(path, .attribute, String(decoding: text, as: UTF8.self))
    case QY_XML_TEXT, QY_XML_SOURCE_TEXT:
      guard elements[elements.count - 1].text.count < limits.recordBytes else { return }
      input.appendText(of: event, to: &elements[elements.count - 1].text)
    default:
      let element = elements.removeLast()
      try report(element, onValue)
      path.removeLast(element.pathEnd - elements[elements.count - 1].pathEnd)
    }
  }

  private mutating func open(_ event: qy_xml_event) {
    guard elements.count <= limits.nesting else {
      let offset = input.textOffset(event.offset)
      fault = DocumentFault(
        kind: .nesting, line: input.line(at: offset), byteOffset: offset,
        message: "elements are nested deeper than \(limits.nesting)")
      return
    }
    let last = elements.count - 1
    elements[last].hasElements = true
    let count = elements[last].counts[event.name, default: 0] + 1
    elements[last].counts[event.name] = count
    path.append(UInt8(ascii: "/"))
    path += Array(name(event.name).local.utf8)
    if count > 1 { path += Array("[\(count)]".utf8) }
    elements.append(OpenElement(pathEnd: path.count))
  }

  private func report<E: Error>(
    _ element: OpenElement, _ onValue: (String, XMLValueKind, String) throws(E) -> Void
  ) throws(E) {
    if !XMLSpace.isAll(element.text, from: 0) {
      let text = String(decoding: element.text.prefix(limits.recordBytes), as: UTF8.self)
      try onValue(String(decoding: path, as: UTF8.self), .text, text)
    } else if !element.hasElements {
      try onValue(String(decoding: path, as: UTF8.self), .empty, "")
    }
  }

  private mutating func name(_ number: UInt32) -> XMLName {
    while names.count < input.source.nameCount { names.append(input.source.name(names.count)) }
    return names[Int(number)]
  }
}
