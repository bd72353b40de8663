import Foundation
import FoundationXML

/// What a page of the console consists of, by a parser that is not ours. A value that became markup is an
/// element or an attribute that no page has, or keeps the page from being well-formed.
final class ConsoleMarkup: NSObject, XMLParserDelegate {
  private static let elements: Set = [
    "html", "head", "meta", "title", "link", "body", "header", "nav", "main", "section", "footer",
    "div", "h1", "h2", "h3", "p", "span", "a", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead",
    "tbody", "tfoot", "tr", "th", "td", "caption", "details", "summary", "figure", "figcaption",
    "svg", "desc", "line", "circle", "rect", "polyline", "path", "text", "code", "pre", "bdi", "b",
    "br", "mark", "form", "label", "input", "button", "select", "optgroup", "option", "textarea",
    "progress",
  ]
  private static let addresses: Set = ["href", "src", "action", "formaction", "data", "poster"]

  private var problems: [String] = []

  /// What is wrong with a page.
  static func problems(_ page: String) -> [String] {
    let markup = ConsoleMarkup()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = markup
    if !parser.parse() { markup.problems.append("not well-formed in line \(parser.lineNumber)") }
    return markup.problems
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    if !Self.elements.contains(name) { problems.append("<\(name)>") }
    for (key, value) in attributes {
      let isOurs =
        value.hasPrefix("#") || value.hasPrefix("/") && !value.hasPrefix("//")
        || value == "data:,"
      if key.hasPrefix("on") || key == "style" || Self.addresses.contains(key) && !isOurs {
        problems.append("\(key)=\"\(value)\" of <\(name)>")
      }
    }
  }
}
