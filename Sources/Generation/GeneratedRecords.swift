import Records

/// A record as it is before any system spells it.
package struct GeneratedRecord: Sendable {
  package var bureau: Bureau
  package var kind: Kind
  package var index: Int
  /// Canonical texts by identifier of the element, in their order: codes, `2026-03-01`,
  /// `2026-03-01 09:30:00`, decimal numbers in the element's own unit. What the system does not
  /// deliver is not there.
  package var values: [String: [String]]

  /// The first or only value.
  package subscript(identifier: String) -> String? { values[identifier]?.first }
}

extension Generator {
  /// The records of a category that a turn finds in existence, as they first came, without any fault.
  ///
  /// - Parameter withEchoes: Also those that repeat what another system reports, behind the others.
  package func records(
    _ bureau: Bureau, _ kind: Kind, turn: Int = 1, withEchoes: Bool = false
  ) -> [GeneratedRecord] {
    let histories = Histories(city, plan, channels, rate: 0)
    guard let history = histories[bureau, kind] else { return [] }
    var draft = Draft()
    let city = history.city
    let indices =
      Array(0..<city.census.count(kind, night: turn))
      + (withEchoes ? Array(city.echoes(kind, turn: turn)) : [])
    return indices.compactMap { index in
      let birth = history.birth(index)
      guard birth <= turn, let row = history.row(index, turn: birth) else { return nil }
      history.fill(&draft, index, row.version)
      var values: [String: [String]] = [:]
      for field in Field.allCases where !draft[field].isEmpty {
        values[field.identifier] = draft[field].canonicalTexts
      }
      return GeneratedRecord(bureau: bureau, kind: kind, index: index, values: values)
    }
  }
}

extension Value {
  fileprivate var canonicalTexts: [String] {
    switch self {
    case .none: []
    case .text(let text), .raw(let text), .code(let text): [text]
    case .texts(let texts), .codes(let texts): texts
    case .date(let day): [Spelling.date(day)]
    case .time(let seconds):
      [
        Spelling.date(seconds / 86_400) + " "
          + [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map { Spelling.padded($0, 2) }
          .joined(separator: ":")
      ]
    case .number(let number, let decimals):
      [NumberSpelling.decimal(number, decimals: decimals)]
    }
  }
}
