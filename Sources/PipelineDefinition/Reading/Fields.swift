import Records

/// One mapping of a document, read key by key.
///
/// Every reader asks for the keys that it knows; ``finish()`` reports the rest.
final class Fields {
  let place: Place
  let log: ProblemLog
  /// What the mapping describes, e.g. `element`, for messages.
  let what: String
  private var entries: [String: DocumentNode.Entry] = [:]
  private var order: [String] = []
  private var known: [String] = []
  private var unread: Set<String> = []
  /// Whose absence was reported.
  private var missed: Set<String> = []

  /// - Returns: nil after a reported problem if `node` is not a mapping.
  init?(_ node: DocumentNode, what: String, log: ProblemLog) {
    guard case .map(let entries) = node.content else {
      log.report(
        .wrongType, at: node.place,
        "\(what): found \(node.shown), expected a mapping of keys and values")
      return nil
    }
    place = entries.first?.keyPlace ?? node.place
    self.what = what
    self.log = log
    for entry in entries {
      self.entries[entry.key] = entry
      order.append(entry.key)
    }
    unread = Set(order)
  }

  // MARK: Keys

  /// The keys in the order of the file.
  var keys: [String] { order }

  func has(_ key: String) -> Bool { entries[key] != nil }

  /// The value of `key`; nil if the key is missing or its value empty.
  func node(_ key: String) -> DocumentNode? {
    known.append(key)
    unread.remove(key)
    guard let node = entries[key]?.value, !Self.isEmpty(node) else { return nil }
    return node
  }

  private static func isEmpty(_ node: DocumentNode) -> Bool {
    guard case .scalar(let text, let style) = node.content else { return false }
    if case .null = PlainScalar(text, style: style) { return true }
    return false
  }

  func place(_ key: String) -> Place { entries[key]?.value.place ?? place }

  func keyPlace(_ key: String) -> Place { entries[key]?.keyPlace ?? place }

  /// Like ``node(_:)``; a missing key is a problem.
  func required(_ key: String) -> DocumentNode? {
    if let node = node(key) { return node }
    let at = entries[key]?.keyPlace ?? place
    let state = entries[key] == nil ? "is missing" : "is empty"
    missed.insert(key)
    log.report(.missingKey, at: at, "\(what): key \"\(key)\" \(state); add it")
    return nil
  }

  /// Reports the keys that nobody asked for, and those with nothing behind them: a rule whose `when` was emptied
  /// would hold of every record.
  func finish() {
    for key in order where !unread.contains(key) && !missed.contains(key) {
      guard let node = entries[key]?.value, Self.isEmpty(node) else { continue }
      log.report(
        .missingKey, at: keyPlace(key),
        "\(what): key \"\(key)\" is empty; give it a value or remove it")
    }
    let expected = known.sorted().unique.joined(separator: ", ")
    for key in order where unread.contains(key) {
      log.report(
        .unknownKey, at: keyPlace(key),
        "\(what): key \"\(key)\" is unknown; expected one of \(expected)",
        suggestion: suggestion(forKey: key))
    }
  }

  private func suggestion(forKey key: String) -> String? {
    nearest(to: key, among: known.filter { entries[$0] == nil })
  }

  // MARK: Scalars

  /// A text. Numbers, true, false must be quoted to be texts.
  func text(_ key: String) -> String? { node(key).flatMap { text($0, key) } }

  func requiredText(_ key: String) -> String { required(key).flatMap { text($0, key) } ?? "" }

  func text(_ node: DocumentNode, _ key: String) -> String? {
    guard case .scalar(let text, let style) = node.content else {
      wrongType(node, key, "a text")
      return nil
    }
    switch PlainScalar(text, style: style) {
    case .text: return text
    case .null: return ""
    case .number, .flag:
      log.report(
        .unquotedText, at: node.place,
        "\(what): \"\(key)\" is \(text) without quotes, which YAML reads as "
          + "\(text.first?.isLetter == true ? "a truth value" : "a number"); "
          + "quote it: \"\(text)\"")
      return text
    }
  }

  /// A text or a number, as written.
  func scalar(_ key: String) -> String? {
    guard let node = node(key) else { return nil }
    guard case .scalar(let text, _) = node.content else {
      wrongType(node, key, "a text or a number")
      return nil
    }
    return text
  }

  func integer(_ key: String) -> Int? {
    guard let node = node(key) else { return nil }
    guard case .scalar(let text, .plain) = node.content, let value = Int(text) else {
      wrongType(node, key, "a whole number without quotes")
      return nil
    }
    return value
  }

  func requiredInteger(_ key: String) -> Int {
    guard required(key) != nil else { return 0 }
    return integer(key) ?? 0
  }

  func decimal(_ key: String) -> Double? {
    guard let node = node(key) else { return nil }
    guard case .scalar(let text, .plain) = node.content, let value = Double(text),
      value.isFinite
    else {
      wrongType(node, key, "a number without quotes")
      return nil
    }
    return value
  }

  func flag(_ key: String) -> Bool? {
    guard let node = node(key) else { return nil }
    guard case .scalar(let text, let style) = node.content,
      case .flag(let value) = PlainScalar(text, style: style)
    else {
      wrongType(node, key, "true or false")
      return nil
    }
    return value
  }

  func date(_ key: String) -> CivilDate? {
    guard let node = node(key) else { return nil }
    guard case .scalar(let text, _) = node.content, let date = CivilDate(text) else {
      log.report(
        .invalidDate, at: node.place,
        "\(what): \"\(key)\" is \(node.shown), expected a day of the calendar as 2026-01-31")
      return nil
    }
    return date
  }

  /// One of the words of an enumeration.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _: Choice.Type = Choice.self
  ) -> Choice? where Choice.RawValue == String {
    guard let node = node(key) else { return nil }
    return choice(node, key)
  }

  func choice<Choice: RawRepresentable & CaseIterable>(
    _ node: DocumentNode, _ key: String, _: Choice.Type = Choice.self
  ) -> Choice? where Choice.RawValue == String {
    guard case .scalar(let text, _) = node.content else {
      wrongType(node, key, "a word")
      return nil
    }
    if let choice = Choice(rawValue: text) { return choice }
    let words = Choice.allCases.map(\.rawValue)
    log.report(
      .unknownWord, at: node.place,
      "\(what): \"\(key)\" is \(node.shown), expected \(words.joined(separator: ", "))",
      suggestion: nearest(to: text, among: words))
    return nil
  }

  // MARK: Lists and mappings

  func list(_ key: String) -> [DocumentNode] {
    guard let node = node(key) else { return [] }
    guard case .list(let items) = node.content else {
      wrongType(node, key, "a list")
      return []
    }
    return items
  }

  /// The texts of a list.
  func texts(_ key: String) -> [String] { list(key).compactMap { text($0, key) } }

  /// The mappings of a list; `what` names one of them in messages.
  func maps(_ key: String, what: String) -> [Fields] {
    list(key).compactMap { Fields($0, what: what, log: log) }
  }

  func map(_ key: String, what: String? = nil) -> Fields? {
    node(key).flatMap { Fields($0, what: what ?? "\(self.what), \(key)", log: log) }
  }

  /// A mapping of free names to texts, in the order of the file.
  func textsByName(_ key: String) -> [(name: String, text: String, node: DocumentNode)] {
    guard let map = map(key) else { return [] }
    return map.keys.compactMap { name in
      guard let node = map.required(name), let text = map.text(node, name) else { return nil }
      return (name, text, node)
    }
  }

  func wrongType(_ node: DocumentNode, _ key: String, _ expected: String) {
    log.report(
      .wrongType, at: node.place,
      "\(what): \"\(key)\" is \(node.shown), expected \(expected)")
  }
}

extension Array where Element: Equatable {
  /// The elements without those that equal the one before them.
  var unique: [Element] {
    var result: [Element] = []
    for element in self where result.last != element { result.append(element) }
    return result
  }
}
