import CSVParsing
import Catalog
import Pipeline
import Records
import Standardization

/// Changes fields of lines. A record of several lines says what belongs to all of them in each.
struct CSVRecordEditor: RecordEditor {
  private let places: [String: Int]
  /// Of what a line says as a row, by table.
  private var rowPlaces: [String: [String: Int]] = [:]
  /// What a line says as a row: not the others' business.
  private let ownPlaces: Set<Int>
  private let delimiter: UInt8
  private let isGathered: Bool

  /// - Parameter isGathered: A record is several lines.
  init(header: [String], delimiter: UInt8, isGathered: Bool, _ mapping: CategoryMapping) {
    let match = HeaderMatch(
      header: header, mappings: mapping.columns, known: mapping.children.flatMap(\.columns))
    places = Self.places(mapping.columns, match)
    var ownPlaces: Set<Int> = []
    for child in mapping.children where child.path == nil {
      let match = HeaderMatch(
        header: header, mappings: child.columns, known: mapping.columns)
      rowPlaces[child.name] = Self.places(child.columns, match)
      ownPlaces.formUnion(match.columns.compactMap { $0 })
    }
    self.ownPlaces = ownPlaces
    self.delimiter = delimiter
    self.isGathered = isGathered
  }

  private static func places(_ columns: [ColumnMapping], _ match: HeaderMatch) -> [String: Int] {
    Dictionary(
      zip(columns, match.columns).compactMap { column, place in
        column.element.flatMap { element in place.map { (element, $0) } }
      }, uniquingKeysWith: { first, _ in first })
  }

  func edited(_ raw: String, _ changes: [FieldChange]) -> String? {
    let all = CSVReturnForm.rows(of: raw, delimiter)
    var rows = isGathered ? all : Array(all.prefix(1))
    // One field where the header has more is a record that could not be taken apart.
    guard !rows.isEmpty, !rows.contains(where: { $0.count == 1 && places.count > 1 }) else {
      return nil
    }
    // A row's own value holds in its line, whatever the record says.
    for change in changes.filter({ $0.row == nil }) + changes.filter({ $0.row != nil }) {
      guard let (place, lines) = place(of: change, rows.count) else { return nil }
      for row in lines {
        while rows[row].count <= place { rows[row].append("") }
        rows[row][place] = change.text
      }
    }
    // The file that the record goes into neutralizes formulas, once.
    var writer = CSVWriter(delimiter: delimiter, lineEnding: .lf, neutralizesFormulas: false)
    for row in rows { writer.write(row) }
    return String(decoding: writer.output.dropLast(), as: UTF8.self)
  }

  /// Where a value stands, and in which of the lines of a record.
  private func place(of change: FieldChange, _ lines: Int) -> (place: Int, lines: Range<Int>)? {
    guard let row = change.row else {
      // The record has the fields of its first line.
      return places[change.element].map { ($0, ownPlaces.contains($0) ? 0..<1 : 0..<lines) }
    }
    guard isGathered, row.count == lines, (1...lines).contains(row.number) else { return nil }
    return rowPlaces[row.table]?[change.element].map { ($0, row.number - 1..<row.number) }
  }
}

/// Where in the text of a record of a document the values of elements stand.
struct RecordPlaces: Sendable {
  private var paths: [String: [FieldPath.Step]] = [:]
  /// From the record to its rows, by table, and from a row to its values.
  private var rows: [String: (path: [FieldPath.Step], values: [String: [FieldPath.Step]])] = [:]

  /// Values outside of the record's own text, and those of which there may be several, have no place.
  init(_ adapter: SourceAdapter, _ mapping: CategoryMapping) {
    let records = (mapping.records ?? adapter.document.records)?.steps ?? []
    // A record inside of what is kept of its unit has no text of its own.
    if let each = records.firstIndex(of: .each), each + 1 < records.count { return }
    paths = Self.paths(mapping.columns)
    for child in mapping.children {
      guard let path = child.path, path.parents == 0,
        path.steps.allSatisfy({ step in
          switch step {
          case .child, .each: true
          case .attribute, .item: false
          }
        })
      else { continue }
      rows[child.name] = (path.steps, Self.paths(child.columns))
    }
  }

  private static func paths(_ columns: [ColumnMapping]) -> [String: [FieldPath.Step]] {
    var paths: [String: [FieldPath.Step]] = [:]
    for column in columns {
      guard let element = column.element, paths[element] == nil,
        let path = FieldPath(column.column), path.parents == 0, !path.steps.isEmpty,
        path.steps.allSatisfy({ step in
          switch step {
          case .child, .attribute: true
          case .each, .item: false
          }
        })
      else { continue }
      paths[element] = path.steps
    }
    return paths
  }

  /// From the record to its rows, empty for the record itself, and from there to a value.
  func path(
    of change: FieldChange
  ) -> (rows: [FieldPath.Step], value: [FieldPath.Step])? {
    guard let row = change.row else { return paths[change.element].map { ([], $0) } }
    guard let rows = rows[row.table] else { return nil }
    return rows.values[change.element].map { (rows.path, $0) }
  }
}

/// Finds one row of a record while it passes over all of them.
private struct RowSearch {
  private let row: FieldChange.Row?
  private var passed = 0
  /// What becomes of the row; nil where it cannot be.
  private let edit: ([UInt8]) -> [UInt8]?
  private(set) var failed = false

  init(_ row: FieldChange.Row?, _ edit: @escaping ([UInt8]) -> [UInt8]?) {
    self.row = row
    self.edit = edit
  }

  /// The number that was asked for is there, and as many rows as were seen when it was.
  var isDone: Bool {
    guard let row else { return !failed }
    return !failed && passed == row.count && (1...max(1, passed)).contains(row.number)
  }

  mutating func pass(_ text: [UInt8]) -> [UInt8] {
    passed += 1
    guard row == nil || passed == row?.number else { return text }
    guard let new = edit(text) else {
      failed = true
      return text
    }
    return new
  }
}

extension [UInt8] {
  /// The same bytes with others in some places.
  ///
  /// - Parameter parts: Ascending, apart from each other.
  fileprivate func replacing(_ parts: [Range<Int>], _ new: (Range<Int>) -> [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var end = 0
    for part in parts {
      result += self[end..<part.lowerBound]
      result += new(part)
      end = part.upperBound
    }
    return result + self[end...]
  }
}

/// Changes members of an object; all else stays as it was written.
struct JSONRecordEditor: RecordEditor {
  private let places: RecordPlaces

  init(_ places: RecordPlaces) { self.places = places }

  func edited(_ raw: String, _ changes: [FieldChange]) -> String? {
    var text = Array(raw.utf8)
    for change in changes {
      guard let path = places.path(of: change) else { return nil }
      let names = path.value.compactMap { step -> String? in
        if case .child(let name) = step { return name }
        return nil
      }
      guard names.count == path.value.count else { return nil }
      var search = RowSearch(change.row) { Self.edited($0, names[...], change.text) }
      text = Self.passed(text, path.rows[...], &search)
      guard search.isDone else { return nil }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The text after all its rows were passed.
  private static func passed(
    _ text: [UInt8], _ path: ArraySlice<FieldPath.Step>, _ search: inout RowSearch
  ) -> [UInt8] {
    let rest = path.dropFirst()
    switch path.first {
    case nil: return search.pass(text)
    case .child(let name):
      let members = JSONObjectText(text)?.members.filter { $0.name == name } ?? []
      return text.replacing(members.map(\.value)) { passed(Array(text[$0]), rest, &search) }
    case .each:
      return text.replacing(JSONArrayText.items(of: text)) {
        passed(Array(text[$0]), rest, &search)
      }
    case .attribute, .item: return text
    }
  }

  private static func edited(
    _ text: [UInt8], _ path: ArraySlice<String>, _ value: String
  ) -> [UInt8]? {
    guard let name = path.first, let object = JSONObjectText(text),
      let open = text.firstIndex(of: UInt8(ascii: "{"))
    else { return nil }
    let rest = path.dropFirst()
    guard let member = object.members.last(where: { $0.name == name }) else {
      let inner =
        rest.isEmpty
        ? Array(JSONReturnForm.quoted(value).utf8) : edited(Array("{}".utf8), rest, value)
      guard let inner else { return nil }
      let comma = object.members.isEmpty ? "" : ","
      return Array(text[...open]) + Array((JSONReturnForm.quoted(name) + ":").utf8) + inner
        + Array(comma.utf8) + Array(text[(open + 1)...])
    }
    let old = Array(text[member.value])
    let new: [UInt8]
    if rest.isEmpty {
      new = Array(Self.literal(value, like: old).utf8)
    } else {
      guard let inner = edited(old, rest, value) else { return nil }
      new = inner
    }
    return Array(text[..<member.value.lowerBound]) + new + Array(text[member.value.upperBound...])
  }

  /// Numbers and truth values stay what they were, if the new value can be one.
  private static func literal(_ value: String, like old: [UInt8]) -> String {
    let trimmed = old.prefix { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    let isBare = trimmed.first.map { $0 != UInt8(ascii: "\"") } ?? false
    if isBare, isNumber(value) || value == "true" || value == "false" { return value }
    return JSONReturnForm.quoted(value)
  }

  private static func isNumber(_ text: String) -> Bool {
    text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?/) != nil
  }
}

/// Changes elements and attributes; all else stays as it was written.
struct XMLRecordEditor: RecordEditor {
  private let places: RecordPlaces

  init(_ places: RecordPlaces) { self.places = places }

  func edited(_ raw: String, _ changes: [FieldChange]) -> String? {
    var text = Array(raw.utf8)
    for change in changes {
      guard let path = places.path(of: change) else { return nil }
      var search = RowSearch(change.row) { Self.edited($0, path.value[...], change.text) }
      text = Self.passed(text, path.rows[...], &search)
      guard search.isDone else { return nil }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The text after all its rows were passed.
  private static func passed(
    _ text: [UInt8], _ path: ArraySlice<FieldPath.Step>, _ search: inout RowSearch
  ) -> [UInt8] {
    let rest = path.dropFirst()
    switch path.first {
    case nil: return search.pass(text)
    case .child(let name):
      let children = XMLElementText(text)?.children.filter { isCalled($0.name, name) } ?? []
      return text.replacing(children.map(\.range)) { passed(Array(text[$0]), rest, &search) }
    // An element stands for itself, however many of its name there are.
    case .each: return passed(text, rest, &search)
    case .attribute, .item: return text
    }
  }

  private static func edited(
    _ text: [UInt8], _ path: ArraySlice<FieldPath.Step>, _ value: String
  ) -> [UInt8]? {
    guard let element = XMLElementText(text) else { return nil }
    switch path.first {
    case nil: return element.withContent(XMLReturnForm.escaped(value))
    case .attribute(let name): return element.with(attribute: name, XMLReturnForm.escaped(value))
    case .child(let name):
      let rest = path.dropFirst()
      guard let child = element.children.first(where: { Self.isCalled($0.name, name) }) else {
        let inner = "<\(name)></\(name)>"
        guard let new = edited(Array(inner.utf8), rest, value) else { return nil }
        return element.appending(new)
      }
      guard let new = edited(Array(text[child.range]), rest, value) else { return nil }
      return Array(text[..<child.range.lowerBound]) + new + Array(text[child.range.upperBound...])
    case .each, .item: return nil
    }
  }

  /// A name without prefix means an element of any namespace.
  private static func isCalled(_ found: String, _ wanted: String) -> Bool {
    if found == wanted { return true }
    return !wanted.contains(":") && found.split(separator: ":").last.map(String.init) == wanted
  }
}

/// A well-formed XML element, as slices of its text.
struct XMLElementText {
  private let text: [UInt8]
  private let name: String
  /// The start tag.
  private let tag: Range<Int>
  private let isEmpty: Bool
  /// Start of the end tag; the end of the text for an empty element.
  private let end: Int
  private(set) var children: [(name: String, range: Range<Int>)] = []

  /// - Returns: nil if the text is not one element.
  init?(_ text: [UInt8]) {
    self.text = text
    guard text.first == UInt8(ascii: "<"), let first = Self.tag(text, at: 0), !first.isClosing
    else {
      return nil
    }
    name = first.name
    tag = first.range
    isEmpty = first.isEmpty
    if first.isEmpty {
      guard first.range.upperBound == text.count else { return nil }
      end = text.count
      return
    }
    var index = first.range.upperBound
    var depth = 0
    var start = 0
    while let open = text[index...].firstIndex(of: UInt8(ascii: "<")) {
      if let passed = Self.passOver(text, at: open) {
        index = passed
        continue
      }
      guard let found = Self.tag(text, at: open) else { return nil }
      index = found.range.upperBound
      if found.isClosing {
        depth -= 1
        if depth < 0 {
          guard found.name == name, index == text.count else { return nil }
          end = open
          return
        }
        if depth == 0 { children.append((found.name, start..<index)) }
      } else {
        if depth == 0 { start = open }
        if found.isEmpty {
          if depth == 0 { children.append((found.name, open..<index)) }
        } else {
          depth += 1
        }
      }
    }
    return nil
  }

  func withContent(_ content: String) -> [UInt8] {
    startTag + Array(content.utf8) + Array("</\(name)>".utf8)
  }

  func appending(_ child: [UInt8]) -> [UInt8] {
    startTag + (isEmpty ? [] : Array(text[tag.upperBound..<end])) + child
      + Array("</\(name)>".utf8)
  }

  /// - Parameter value: Escaped as the content of an element.
  func with(attribute name: String, _ value: String) -> [UInt8] {
    let quoted = Array("\(name)=\"\(value.replacing("\"", with: "&quot;"))\"".utf8)
    let head = String(decoding: text[tag], as: UTF8.self)
    let close = isEmpty ? 2 : 1
    var new = Array(head.utf8.dropLast(close)) + [0x20] + quoted + Array(head.utf8.suffix(close))
    for match in head.matches(of: Self.attributes) where match.1 == name {
      new =
        Array(head[..<match.range.lowerBound].utf8) + [0x20] + quoted
        + Array(head[match.range.upperBound...].utf8)
    }
    return new + Array(text[tag.upperBound...])
  }

  private static var attributes: Regex<(Substring, Substring, Substring)> {
    /\s([^\s=<>\/"']+)\s*=\s*("[^"]*"|'[^']*')/
  }

  /// The start tag of an element that has content, and so cannot be nil.
  private var startTag: [UInt8] {
    var head = String(decoding: text[tag].dropLast(isEmpty ? 2 : 1), as: UTF8.self)
    for match in head.matches(of: Self.attributes).reversed() where match.1.hasSuffix(":nil") {
      head.removeSubrange(match.range)
    }
    return Array(head.utf8) + [UInt8(ascii: ">")]
  }

  /// Behind a comment, a section of characters or an instruction; nil if there is none.
  private static func passOver(_ text: [UInt8], at start: Int) -> Int? {
    for (open, close) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")]
    where text[start...].starts(with: Array(open.utf8)) {
      return text[(start + open.utf8.count)...].firstRange(of: Array(close.utf8))?.upperBound
        ?? text.count
    }
    return nil
  }

  private struct Tag {
    var name: String
    var range: Range<Int>
    var isClosing: Bool
    var isEmpty: Bool
  }

  private static func tag(_ text: [UInt8], at start: Int) -> Tag? {
    var index = start + 1
    var quote: UInt8?
    while index < text.count {
      let byte = text[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: ">") {
        break
      }
      index += 1
    }
    guard index < text.count else { return nil }
    let isClosing = text[start + 1] == UInt8(ascii: "/")
    let first = start + (isClosing ? 2 : 1)
    let name = text[first..<index].prefix { ![0x20, 0x09, 0x0A, 0x0D, 0x2F].contains($0) }
    guard !name.isEmpty else { return nil }
    return Tag(
      name: String(decoding: name, as: UTF8.self), range: start..<index + 1, isClosing: isClosing,
      isEmpty: text[index - 1] == UInt8(ascii: "/"))
  }
}
