import Yams

/// Reads the text of one YAML file into a ``DocumentNode``; the only user of the YAML library.
struct DocumentReader {
  /// Most values in one document. The library needs some hundred bytes for each.
  static let maximumValues = 250_000

  private let file: String
  private let log: ProblemLog

  /// The document, or nil after a reported problem.
  static func read(_ text: String, file: String, log: ProblemLog) -> DocumentNode? {
    DocumentReader(file: file, log: log).read(text)
  }

  private func read(_ text: String) -> DocumentNode? {
    guard Self.separators(in: text) < Self.maximumValues else {
      log.report(
        .fileTooLarge, at: Place(file: file),
        "the file has more than \(Self.maximumValues) values; split it")
      return nil
    }
    if let line = AliasScan.firstAlias(in: text) {
      log.report(
        .aliasNotAllowed, at: Place(file: file, line: line),
        "the file uses an anchor (&name) and an alias (*name); neither is allowed here: "
          + "write the value out, or put a space after & and * inside a text")
      return nil
    }
    do {
      // What a plain word means is decided where it is read; the library would try it against its patterns.
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      guard let root = try parser.singleRoot() else {
        log.report(
          .emptyFile, at: Place(file: file),
          "the file has no content; fill it or remove it")
        return nil
      }
      return converted(root)
    } catch {
      report(error, text)
      return nil
    }
  }

  /// Characters without which no further value can begin.
  private static func separators(in text: String) -> Int {
    text.utf8.count { byte in
      switch byte {
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: ","), UInt8(ascii: ":"),
        UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "-"), UInt8(ascii: "?"):
        true
      default: false
      }
    }
  }

  // MARK: Values

  private func converted(_ node: Node) -> DocumentNode? {
    let place = place(node.mark)
    switch node {
    case .scalar(let scalar):
      return DocumentNode(content: .scalar(scalar.string, Self.style(scalar)), place: place)
    case .sequence(let sequence):
      var items: [DocumentNode] = []
      for item in sequence {
        guard let item = converted(item) else { return nil }
        items.append(item)
      }
      return DocumentNode(content: .list(items), place: place)
    case .mapping(let mapping):
      return map(mapping, place)
    case .alias:
      log.report(.aliasNotAllowed, at: place, "an alias (*name) is not allowed; write it out")
      return nil
    }
  }

  private func map(_ mapping: Node.Mapping, _ place: Place) -> DocumentNode? {
    var entries: [DocumentNode.Entry] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string else {
        log.report(
          .yamlSyntax, at: self.place(key.mark),
          "found a list or a mapping as a key, expected a word")
        return nil
      }
      guard let value = converted(value) else { return nil }
      entries.append(.init(key: name, keyPlace: self.place(key.mark), value: value))
    }
    return DocumentNode(content: .map(entries), place: place)
  }

  private static func style(_ scalar: Node.Scalar) -> DocumentNode.Style {
    switch scalar.style {
    case .singleQuoted, .doubleQuoted: .quoted
    case .literal, .folded: .block
    case .any, .plain: .plain
    }
  }

  private func place(_ mark: Mark?) -> Place {
    Place(file: file, line: mark?.line ?? 0, column: mark?.column ?? 0)
  }

  // MARK: Errors

  /// What the library calls a key that is a list or a mapping.
  private static let noWord = "<uncovertable>"

  private func report(_ error: any Error, _ text: String) {
    guard let error = error as? YamlError else {
      log.report(.yamlSyntax, at: Place(file: file), "the file is not YAML: \(error)")
      return
    }
    switch error {
    case .duplicatedKeysInMapping(let keys, let context):
      // They come out of a dictionary; where some are no words, which have no order, so does the place.
      let words = keys.filter { $0 != Self.noWord }.sorted()
      let isOrdered = words.count == keys.count
      let names = words.map { "\"\($0)\"" } + (isOrdered ? [] : ["a list or a mapping as a key"])
      log.report(
        .duplicateKey, at: isOrdered ? place(context.mark) : Place(file: file),
        "found \(names.joined(separator: ", ")) more than once in one mapping; keep one")
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let during = context.map { " (\($0.text) from line \($0.mark.line))" } ?? ""
      log.report(
        .yamlSyntax, at: place(mark),
        "the file is not YAML: \(problem)\(during); check indentation, quotes and brackets")
    case .reader(let problem, let offset, _, _):
      log.report(
        .yamlSyntax, at: Place(file: file, line: Self.line(of: offset, in: text)),
        "the file is not YAML: \(problem); remove the character")
    default:
      log.report(.yamlSyntax, at: Place(file: file), "the file is not YAML: \(error)")
    }
  }

  private static func line(of offset: Int?, in text: String) -> Int {
    guard let offset else { return 0 }
    return 1 + text.prefix(offset).count { $0.isNewline }
  }
}

/// Finds anchors with aliases before the library expands them.
///
/// Deliberately coarse: it does not know quotes, so that nothing can be hidden from it. A file is
/// refused only if it has both something like `&name` and something like `*name` where a value may
/// begin. Without an anchor no alias can be resolved, without an alias no anchor is expanded.
enum AliasScan {
  /// Line of the first alias, from 1; nil if the file has no anchor or no alias.
  static func firstAlias(in text: String) -> Int? {
    var line = 1
    var aliasLine: Int?
    var hasAnchor = false
    var previous = UInt8(ascii: "\n")
    var mark: UInt8?
    for byte in text.utf8 {
      if let sign = mark, isNameByte(byte) {
        if sign == UInt8(ascii: "*") { aliasLine = aliasLine ?? line } else { hasAnchor = true }
      }
      let begins = mayPrecede(previous) && (byte == UInt8(ascii: "*") || byte == UInt8(ascii: "&"))
      mark = begins ? byte : nil
      if byte == UInt8(ascii: "\n") { line += 1 }
      previous = byte
    }
    return hasAnchor ? aliasLine : nil
  }

  private static func mayPrecede(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","),
      UInt8(ascii: ":"):
      true
    default: byte >= 0x80
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
  }
}
