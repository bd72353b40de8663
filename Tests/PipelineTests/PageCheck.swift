import Foundation
import FoundationXML
import Testing

/// Checks a page with a parser that is not ours: well-formed, complete in itself, its references and tables
/// in order.
struct PageCheck {
  struct Element {
    var name: String
    var attributes: [String: String]
    /// Names of the elements around it, outermost first.
    var parents: [String]
    /// Number of the row it is a cell of, counted over the page.
    var row: Int
    var table: Int
  }

  /// What the parser met.
  final class Document: NSObject, XMLParserDelegate {
    var elements: [Element] = []
    var texts: [String] = []
    var problem: String?
    private var open: [String] = []
    private var row = 0
    private var table = 0

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      if name == "tr" { row += 1 }
      if name == "table" { table += 1 }
      elements.append(
        Element(name: name, attributes: attributes, parents: open, row: row, table: table))
      open.append(name)
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
      qualifiedName: String?
    ) {
      open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { texts.append(string) }

    func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) {
      problem = problem ?? "line \(parser.lineNumber): \(error)"
    }
  }

  let text: String

  init(_ text: String) { self.text = text }

  static func parse(_ text: String) throws -> Document {
    let document = Document()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = document
    let isWhole = parser.parse()
    try #require(isWhole && document.problem == nil, "\(document.problem ?? "not parsed")")
    return document
  }

  /// Elements of HTML that have no content, and must be written so that both parsers see it.
  private static let void: Set = ["br", "meta", "line", "circle", "rect", "polyline", "path"]
  private static let allowed: Set = [
    "html", "head", "meta", "title", "style", "body", "header", "main", "section", "footer", "div",
    "h1", "h2", "h3", "p", "span", "a", "ul", "li", "dl", "dt", "dd", "table", "thead", "tbody",
    "tfoot", "tr", "th", "td", "details", "summary", "figure", "figcaption", "svg", "desc", "line",
    "circle", "rect", "polyline", "path", "text", "code", "pre", "bdi", "b", "i", "br",
  ]

  func run(sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(text.hasPrefix("<!DOCTYPE html>\n<html "), sourceLocation: sourceLocation)
    let document = try Self.parse(text)
    let names = Set(document.elements.map(\.name))
    #expect(names.subtracting(Self.allowed) == [], sourceLocation: sourceLocation)
    // What is empty in XML and not in HTML would swallow the rest of the page.
    for match in text.matches(of: /<([a-z0-9]+)[^<>]*\/>/) {
      #expect(Self.void.contains(String(match.1)), "\(match.0)", sourceLocation: sourceLocation)
    }
    let attributes = document.elements.flatMap(\.attributes)
    let outside = attributes.filter {
      ["src", "srcset", "action", "data", "poster"].contains($0.key) || $0.key.hasPrefix("on")
        || ($0.key == "href" && !$0.value.hasPrefix("#"))
    }
    #expect(outside.isEmpty, "\(outside)", sourceLocation: sourceLocation)
    let style = text.split(separator: "</style>")[0]
    for word in ["url(", "@import", "http:", "https:"] {
      #expect(
        !style.replacing("xmlns=\"http://www.w3.org/1999/xhtml\"", with: "").contains(word),
        sourceLocation: sourceLocation)
    }
    let ids = attributes.filter { $0.key == "id" }.map(\.value)
    #expect(Set(ids).count == ids.count, sourceLocation: sourceLocation)
    let wanted = attributes.flatMap { key, value -> [String] in
      if key == "href" { return [String(value.dropFirst())] }
      return key == "aria-labelledby" ? value.split(separator: " ").map(String.init) : []
    }
    #expect(Set(wanted).subtracting(ids) == [], sourceLocation: sourceLocation)
    checkTables(document, sourceLocation)
  }

  /// Every row of a table is as wide as its head.
  private func checkTables(_ document: Document, _ sourceLocation: SourceLocation) {
    let cells = document.elements.filter { $0.name == "td" || $0.name == "th" }
    var widths: [Int: [Int: Int]] = [:]
    for cell in cells {
      let span = Int(cell.attributes["colspan"] ?? "1") ?? 1
      widths[cell.table, default: [:]][cell.row, default: 0] += span
    }
    for (table, rows) in widths {
      #expect(
        Set(rows.values).count == 1, "table \(table): \(rows.values.sorted())",
        sourceLocation: sourceLocation)
    }
    // A heading names its column or row.
    for cell in cells where cell.name == "th" {
      #expect(cell.attributes["scope"] != nil, sourceLocation: sourceLocation)
    }
  }
}
