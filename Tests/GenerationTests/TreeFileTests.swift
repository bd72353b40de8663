import Catalog
import Foundation
import FoundationXML
import Generation
import Records
import Testing

/// Reads the JSON and XML files back with other people's parsers and compares what stands in them with
/// the records from which they were made.
@Suite struct TreeFileTests {
  /// A place in a parsed document.
  fileprivate indirect enum Tree {
    case text(String)
    case list([Tree])
    case object([String: [Tree]])
    case nothing
  }

  @Test(arguments: Bureau.allCases.filter { ![.sam, .mnr, .ara, .nhc].contains($0) })
  func `what is parsed is what was made`(bureau: Bureau) throws {
    let catalog = try #require(GeneratedSet.catalog)
    let adapter = try #require(catalog.adapter(bureau.id))
    let set = try GeneratedSet(records: 3000, seed: 11, bureau: bureau)
    let request = GenerationRequest(
      records: 3000, nights: 1, seed: 11, faultRate: 0, bureau: bureau, category: nil,
      start: GeneratedSet.start)
    let generator = try #require(Generator(request, catalog))
    for mapping in adapter.categories {
      let kind = try #require(Kind(id: mapping.category))
      let files = try set.expected().nights[0].files.filter { $0.category == mapping.category }
      var found: [[String: [String]]] = []
      for file in files where !file.file.hasSuffix(".gz") && !file.file.hasSuffix(".zip") {
        let bytes = try set.bytes("night-1/\(bureau.id)/\(file.file)")
        let path = mapping.records ?? adapter.document.records
        for document in try Self.documents(bytes, adapter) {
          found += Self.records(in: document, path).map { Self.values($0, mapping) }
        }
      }
      let made = generator.records(bureau, kind, withEchoes: true)
      if files.contains(where: { $0.file.hasSuffix(".gz") || $0.file.hasSuffix(".zip") }) {
        continue
      }
      #expect(found.count == made.count, "\(bureau) \(kind)")
      for (record, values) in zip(made, found) {
        for (identifier, expected) in record.values {
          guard let column = mapping.columns.first(where: { $0.element == identifier }),
            let element = catalog.element(identifier)
          else { continue }
          let read = (values[identifier] ?? []).flatMap { Self.split($0, column, element) }
            .map { Self.canonical($0, column, element, catalog) }.filter { !$0.isEmpty }
          #expect(read == expected, "\(bureau) \(kind) \(identifier) of \(record.index)")
        }
      }
    }
  }

  @Test(arguments: [Bureau.mot, .mem, .mps, .cul]) func `totals count the units`(bureau: Bureau)
    throws
  {
    let set = try GeneratedSet(records: 3000, seed: 12, bureau: bureau)
    for file in try set.expected().nights[0].files where file.category != "MON" {
      let bytes = try set.bytes("night-1/\(bureau.id)/\(file.file)")
      let text = String(decoding: bytes, as: UTF8.self)
      let count = Spelled.padded(file.balance.read)
      #expect(
        text.contains(count) || text.contains("\"total\":\(file.balance.read)}")
          || bureau == .mem && bytes.firstRange(of: Data(count.utf8)) != nil, "\(file)")
    }
  }

  private enum Spelled {
    static func padded(_ number: Int) -> String {
      String(repeating: "0", count: 8 - String(number).count) + String(number)
    }
  }

  // MARK: Parsing

  private static func documents(_ bytes: Data, _ adapter: SourceAdapter) throws -> [Tree] {
    let decoded =
      adapter.encoding == "gb18030"
      ? try fromGB18030(bytes) : String(data: bytes, encoding: .utf8)
    let text = try #require(decoded)
    switch adapter.format {
    case .ndjson:
      return try text.split(separator: "\n").map {
        tree(try JSONSerialization.jsonObject(with: Data($0.utf8)))
      }
    case .json: return [tree(try JSONSerialization.jsonObject(with: Data(text.utf8)))]
    case .xml:
      // The declaration names the bytes that the text no longer has.
      let body = text.drop { $0 != "\n" }
      let document = try XMLDocument(data: Data(body.utf8))
      let root = try #require(document.rootElement())
      return [.object([root.localName ?? root.name ?? "": [tree(root)]])]
    case .csv: return []
    }
  }

  private static func fromGB18030(_ bytes: Data) throws -> String? {
    let path = NSTemporaryDirectory() + "gb18030-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try bytes.write(to: URL(fileURLWithPath: path))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["iconv", "-f", "GB18030", "-t", "UTF-8", path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(data: text, encoding: .utf8) : nil
  }

  private static func tree(_ json: Any) -> Tree {
    switch json {
    case let object as [String: Any]: .object(object.mapValues { [tree($0)] })
    case let list as [Any]: .list(list.map(tree))
    case let text as String: .text(text)
    case let number as NSNumber:
      .text(number.stringValue)
    default: .nothing
    }
  }

  private static func tree(_ element: XMLElement) -> Tree {
    var members: [String: [Tree]] = [:]
    for attribute in element.attributes ?? [] {
      members["@" + (attribute.localName ?? attribute.name ?? "")] = [
        .text(attribute.stringValue ?? "")
      ]
    }
    var text = ""
    for child in element.children ?? [] {
      if let inner = child as? XMLElement {
        members[inner.localName ?? inner.name ?? "", default: []].append(tree(inner))
      } else {
        text += child.stringValue ?? ""
      }
    }
    members["."] = [.text(text)]
    return .object(members)
  }

  // MARK: Paths

  /// The records of a document, each with what surrounds it, the innermost last.
  private static func records(in document: Tree, _ path: FieldPath?) -> [[Tree]] {
    var places: [[Tree]] = [[document]]
    for step in path?.steps ?? [] {
      places = places.flatMap { place -> [[Tree]] in
        guard let last = place.last else { return [] }
        switch step {
        case .each:
          guard case .list(let items) = last else { return [place] }
          return items.map { place.dropLast() + [$0] }
        default: return follow(last, step).map { place + [$0] }
        }
      }
    }
    return places
  }

  private static func follow(_ tree: Tree, _ step: FieldPath.Step) -> [Tree] {
    switch (tree, step) {
    case (.object(let members), .child(let name)):
      return members[String(name.split(separator: ":").last ?? "")] ?? []
    case (.object(let members), .attribute(let name)):
      return members["@" + String(name.split(separator: ":").last ?? "")] ?? []
    case (.list(let items), .each): return items
    case (.list(let items), .item(let number)): return number < items.count ? [items[number]] : []
    default: return []
    }
  }

  private static func values(_ record: [Tree], _ mapping: CategoryMapping) -> [String: [String]] {
    var values: [String: [String]] = [:]
    for column in mapping.columns {
      guard let element = column.element, let path = FieldPath(column.column) else { continue }
      var places = [record[record.count - 1 - path.parents]]
      var steps = path.steps[...]
      while let step = steps.popFirst() {
        if case .child = step, let next = steps.first, isElementList(places, step, next) {
          // Elements of one name are an array without a name.
          let all = places.flatMap { follow($0, step) }
          steps.removeFirst()
          if case .item(let number) = next {
            places = number < all.count ? [all[number]] : []
          } else {
            places = all
          }
        } else {
          places = places.flatMap { follow($0, step) }
        }
      }
      values[element] = places.compactMap(\.text)
    }
    return values
  }

  private static func isElementList(
    _ places: [Tree], _ step: FieldPath.Step, _ next: FieldPath.Step
  ) -> Bool {
    switch next {
    case .each, .item: break
    default: return false
    }
    return !places.contains { place in
      follow(place, step).contains { if case .list = $0 { true } else { false } }
    }
  }

  // MARK: Values

  private static func split(_ text: String, _ column: ColumnMapping, _ element: DataElement)
    -> [String]
  {
    guard element.isMultiValued, !column.column.contains("[]") else { return [text] }
    let separators = column.separators ?? ";；、,"
    return text.split { separators.contains($0) }.map { String($0) }
  }

  /// Another reading of what the dialects write, for the few forms that they use.
  private static func canonical(
    _ text: String, _ column: ColumnMapping, _ element: DataElement, _ catalog: Catalog
  ) -> String {
    if let list = element.codeList.flatMap(catalog.codeList) {
      if let code = column.codes[text] { return code }
      let word = text.split(separator: "-").first.map { String($0) } ?? text
      let value = list.values.first { value in
        [value.code, value.label].contains(text) || value.synonyms.contains(text)
          || value.code == word || value.code == "0" + text
      }
      return value?.code ?? text
    }
    if ["", "/", "无", "-", "——"].contains(text) { return "" }
    switch element.type {
    case .date: return String(moment(text).prefix(10))
    case .dateTime: return moment(text)
    case .number:
      var digits = text
      if let unit = element.unit, digits.hasSuffix(unit) { digits.removeLast(unit.count) }
      guard let number = Decimal(string: digits) else { return text }
      let scaled = column.unit == "万元" && element.unit == "元" ? number * 10_000 : number
      return "\(scaled)"
    default: return text
    }
  }

  private static func moment(_ text: String) -> String {
    if text == "长期" || text.hasPrefix("9999") || text.hasPrefix("2099") { return text }
    if text.count == 13, let milliseconds = Int(text) {
      let seconds = milliseconds / 1000 + 28_800
      let day = Date(timeIntervalSince1970: TimeInterval(seconds))
      let formatter = DateFormatter()
      formatter.timeZone = TimeZone(secondsFromGMT: 0)
      formatter.locale = Locale(identifier: "en_US_POSIX")
      formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
      return formatter.string(from: day)
    }
    var parts: [String]
    if text.allSatisfy(\.isNumber) {
      let characters = Array(text)
      parts = [String(characters[0..<4])]
      for start in stride(from: 4, to: characters.count, by: 2) {
        parts.append(String(characters[start..<start + 2]))
      }
    } else {
      parts = text.replacing("+08:00", with: "").split { !$0.isNumber }.map { String($0) }
    }
    while parts.count > 3, parts.count < 6 { parts.append("00") }
    parts = parts.enumerated().map { place, part in
      String(repeating: "0", count: max(0, (place == 0 ? 4 : 2) - part.count)) + part
    }
    let date = parts.prefix(3).joined(separator: "-")
    return parts.count > 3 ? date + " " + parts.dropFirst(3).joined(separator: ":") : date
  }
}

extension TreeFileTests.Tree {
  fileprivate var text: String? {
    switch self {
    case .text(let text): text
    case .object(let members): members["."]?.first?.text
    default: nil
    }
  }
}
