package import Records

/// Lists the values of JSON documents of any shape, for people who look into a file.
///
/// Strict and in constant memory: a file that is not well-formed, has an object with two members of one
/// name, or asks for more than the limits allow ends with a ``fault``. `recordBytes` limits one string
/// or number, and the names of one object taken together.
package struct JSONOutline: ~Copyable {
  /// Once set nothing more is reported; the rest of the input is ignored.
  package private(set) var fault: DocumentFault?

  private let isLines: Bool
  private var grammar: JSONGrammar
  private var window: [UInt8] = []
  private var cursor = 0
  private var windowOffset = 0
  private var wantedBytes = 0
  private var isBegun = false
  /// The path of the place, UTF-8, and by frame its length there.
  private var path: [UInt8] = []
  private var pathLengths: [Int] = []
  /// By frame: nothing has been reported from it.
  private var isEmpty: [Bool] = []

  /// - Parameter isLines: Every line that is not blank is one document, and there may be none.
  package init(limits: DocumentLimits, isLines: Bool) {
    self.isLines = isLines
    grammar = JSONGrammar(limits, isLines: isLines)
  }

  /// Takes in the next piece of the stream.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, any number of bytes; copied.
  ///   - isLast: Nothing follows. Called once with true, as the last call.
  ///   - onValue: Gets every scalar, empty object and empty array in the order of the text: its path,
  ///     like `/data/list[3]/name` with items counted from 1, the document's own value being `/`, in
  ///     documents after the first behind `#2`; what it is; its text, strings unescaped.
  package mutating func feed<E: Error>(
    _ bytes: Span<UInt8>, isLast: Bool,
    onValue: (_ path: String, _ kind: JSONValueKind, _ text: String) throws(E) -> Void
  ) throws(E) {
    var taken = 0
    repeat {
      guard fault == nil else { return }
      let size = min(bytes.count - taken, JSONReader.pieceBytes)
      window.removeFirst(cursor)
      windowOffset += cursor
      cursor = 0
      window.appendBytes(bytes, taken..<taken + size)
      taken += size
      try drain(isLast: isLast && taken == bytes.count, onValue)
    } while taken < bytes.count
  }

  private mutating func drain<E: Error>(
    isLast: Bool,
    _ onValue: (_ path: String, _ kind: JSONValueKind, _ text: String) throws(E) -> Void
  ) throws(E) {
    guard isLast || window.count - cursor >= wantedBytes else { return }
    wantedBytes = 0
    guard skipMark(isLast: isLast) else { return }
    // A local reference, so that the grammar may change while it looks at the bytes.
    let bytes = window
    while fault == nil {
      switch grammar.next(bytes.span, &cursor, isLast: isLast) {
      case .needsBytes: return endPiece(isLast: isLast)
      case .fault(let breach): end(breach)
      case .name(let range, let isEscaped):
        path.removeLast(path.count - (pathLengths.last ?? 0))
        path.append(UInt8(ascii: "/"))
        path += JSONGrammar.text(bytes.span, range, isEscaped: isEscaped)
      case .closed:
        pathLengths.removeLast()
        if isEmpty.removeLast() {
          // The bracket just taken tells the kind.
          let isObject = bytes[cursor - 1] == Byte.closeObject
          try onValue(placeText, isObject ? .object : .array, isObject ? "{}" : "[]")
        }
      case .value: try takeValue(bytes, isLast: isLast, onValue)
      }
      if wantedBytes > 0 { return }
    }
  }

  private mutating func takeValue<E: Error>(
    _ bytes: [UInt8], isLast: Bool,
    _ onValue: (_ path: String, _ kind: JSONValueKind, _ text: String) throws(E) -> Void
  ) throws(E) {
    placeItem()
    if bytes[cursor] == Byte.openObject || bytes[cursor] == Byte.openArray {
      if let breach = grammar.enter(bytes.span, &cursor) { return end(breach) }
      if !isEmpty.isEmpty { isEmpty[isEmpty.count - 1] = false }
      pathLengths.append(path.count)
      isEmpty.append(true)
      return
    }
    switch grammar.takeScalar(bytes.span, &cursor, isLast: isLast) {
    case .needsBytes: endPiece(isLast: isLast)
    case .fault(let breach): end(breach)
    case .text(let range, let kind, let isEscaped):
      if !isEmpty.isEmpty { isEmpty[isEmpty.count - 1] = false }
      let text = JSONGrammar.text(bytes.span, range, isEscaped: isEscaped)
      try onValue(placeText, kind, String(decoding: text, as: UTF8.self))
    }
  }

  /// Writes the path of an item, or of a document.
  private mutating func placeItem() {
    guard let frame = grammar.frames.last else {
      path = grammar.documentCount > 1 ? Array("#\(grammar.documentCount)".utf8) : []
      return
    }
    guard !frame.isObject else { return }
    path.removeLast(path.count - (pathLengths.last ?? 0))
    if grammar.frames.count == 1 { path.append(UInt8(ascii: "/")) }
    path += Array("[\(frame.count)]".utf8)
  }

  private var placeText: String {
    path.contains(UInt8(ascii: "/"))
      ? String(decoding: path, as: UTF8.self) : String(decoding: path, as: UTF8.self) + "/"
  }

  /// - Returns: false if more bytes are needed.
  private mutating func skipMark(isLast: Bool) -> Bool {
    guard !isBegun else { return true }
    if window.count < 3, !isLast, Byte.mark.starts(with: window) { return window.isEmpty }
    isBegun = true
    if window.starts(with: Byte.mark) { cursor = 3 }
    return true
  }

  private mutating func endPiece(isLast: Bool) {
    wantedBytes = max(1, 2 * (window.count - cursor))
    guard isLast else { return }
    if let breach = grammar.missing(window.count) {
      end(breach)
    } else if grammar.documentCount == 0, !isLines {
      end(JSONGrammar.Breach(kind: .truncated, at: window.count, message: "there is no document"))
    }
  }

  private mutating func end(_ breach: JSONGrammar.Breach) {
    fault = DocumentFault(
      kind: breach.kind, line: grammar.line, byteOffset: windowOffset + breach.at,
      message: breach.message)
    window = []
    cursor = 0
  }
}
