package import Catalog

/// Why a delivery waits for a person: a kind and what is put into its sentence.
///
/// The ledger keeps the English sentence behind its code, one reason per line; ``init(ledgerLine:)`` reads it
/// back, so that the same entry can be shown in either language.
package struct HoldReason: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case truncated
    case recordCount = "record-count"
    case empty
    case mojibake
    case foreignHeader = "foreign-header"
    case foreignDocument = "foreign-document"
    case brokenDocument = "broken-document"
    case documentCount = "document-count"
    case documentCountUnreadable = "document-count-unreadable"
    case classified
    case secrecyUnreadable = "secrecy-unreadable"
    case findings
    case returnedShare = "returned-share"
    case missingColumns = "missing-columns"
    case newColumns = "new-columns"
    case noAdapter = "no-adapter"
    case unreadable
    case replaced
    case changed
    case signUnclear = "sign-unclear"
    case wrongName = "wrong-name"
    case wrongSize = "wrong-size"
    case wrongHash = "wrong-hash"
    case promisesDiffer = "promises-differ"
    /// Whatever has no sentence of its own.
    case other
  }

  package var code: IssueCode
  package var kind: Kind
  /// In the order in which the English sentence has them.
  package var parameters: [String]

  package init(_ code: IssueCode, _ kind: Kind, _ parameters: String...) {
    self.code = code
    self.kind = kind
    self.parameters = parameters
  }

  /// Nothing of the delivery may be written anywhere (semantics.md §9).
  package var isSecret: Bool { kind == .classified || kind == .secrecyUnreadable }

  /// For logs and the ledger.
  package var message: String { kind.english.filled(parameters) }

  /// For stewards.
  package var chinese: String {
    let words = parameters.map { Self.chineseWords[$0] ?? $0 }
    return kind.chinese.filled(isList ? words.map(Self.chineseList) : words)
  }

  private var isList: Bool { kind == .missingColumns || kind == .newColumns }

  /// As the ledger keeps it.
  package var ledgerLine: String { "\(code.rawValue) \(message)" }

  /// Reads a line of a ledger entry's reason.
  ///
  /// - Returns: nil for a line that begins with no issue code: who released a delivery, what its manifest
  ///   promised.
  package init?(ledgerLine line: some StringProtocol) {
    guard let space = line.firstIndex(of: " "),
      let code = IssueCode(rawValue: String(line[..<space]))
    else { return nil }
    self.code = code
    let sentence = String(line[line.index(after: space)...])
    for kind in Kind.allCases {
      guard let found = kind.english.parameters(in: sentence) else { continue }
      self.kind = kind
      parameters = found
      return
    }
    kind = .other
    parameters = [sentence]
  }

  /// Who promised something.
  static let manifest = "the manifest"
  static let okFile = "the .ok file"

  private static let chineseWords = [manifest: "清单", okFile: "完成标志文件"]

  private static let moreNames = SentenceTemplate("{} and {n} more")

  /// Names as ``listing(_:)`` writes them.
  private static func chineseList(_ names: String) -> String {
    guard let found = moreNames.parameters(in: names) else { return names }
    return "\(found[0]) 等，另有 \(found[1]) 列"
  }

  /// A few names are enough for a person to see what happened; the ledger has them all.
  static func listing(_ names: [String]) -> String {
    let shown = names.prefix(5).joined(separator: ", ")
    return names.count > 5 ? moreNames.filled([shown, String(names.count - 5)]) : shown
  }
}

/// A sentence with gaps: `{n}` takes digits, `{who}` one of those who promise, `{}` any text. It fills them,
/// and finds again what filled them.
struct SentenceTemplate: Sendable, ExpressibleByStringLiteral {
  private enum Part {
    case text(String)
    case digits
    case promiser
    case anything
  }

  private let parts: [Part]

  init(stringLiteral text: String) { self.init(text) }

  init(_ text: String) {
    var parts: [Part] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
      switch rest[open...close] {
      case "{n}": parts.append(.digits)
      case "{who}": parts.append(.promiser)
      default: parts.append(.anything)
      }
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { parts.append(.text(String(rest))) }
    self.parts = parts
  }

  /// Gaps without a value stay empty.
  func filled(_ values: [String]) -> String {
    var next = values.makeIterator()
    return parts.map { part in
      if case .text(let text) = part { return text }
      return next.next() ?? ""
    }.joined()
  }

  /// What stands in the gaps; nil if the sentence is another one.
  func parameters(in sentence: some StringProtocol) -> [String]? {
    Self.match(parts[...], Substring(sentence))
  }

  /// A gap for any text takes as little as lets the rest fit.
  private static func match(_ parts: ArraySlice<Part>, _ text: Substring) -> [String]? {
    guard let first = parts.first else { return text.isEmpty ? [] : nil }
    let rest = parts.dropFirst()
    switch first {
    case .text(let literal):
      return text.hasPrefix(literal) ? match(rest, text.dropFirst(literal.count)) : nil
    case .digits:
      let digits = text.prefix { ("0"..."9").contains($0) }
      guard !digits.isEmpty else { return nil }
      return match(rest, text[digits.endIndex...]).map { [String(digits)] + $0 }
    case .promiser:
      for who in [HoldReason.manifest, HoldReason.okFile] where text.hasPrefix(who) {
        return match(rest, text.dropFirst(who.count)).map { [who] + $0 }
      }
      return nil
    case .anything:
      guard !rest.isEmpty else { return [String(text)] }
      var end = text.startIndex
      while true {
        if let found = match(rest, text[end...]) { return [String(text[..<end])] + found }
        guard end < text.endIndex else { return nil }
        end = text.index(after: end)
      }
    }
  }
}
