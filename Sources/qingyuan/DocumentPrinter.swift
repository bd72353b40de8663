import Foundation
import JSONParsing
import Records
import SourceFiles
import XMLParsing

/// Prints the values of a nested document, one a line, with the place of each.
struct DocumentPrinter {
  let json: Bool
  private(set) var valueCount = 0
  private var buffer = ""

  init(json: Bool) { self.json = json }

  mutating func write(_ path: String, _ kind: String, _ text: String) {
    valueCount += 1
    if json {
      buffer += jsonText(["path": path, "kind": kind, "text": text]) + "\n"
    } else {
      let shown = text.replacingOccurrences(of: "\n", with: "⏎")
      buffer +=
        kind == "string" || kind == "text" || kind == "attribute"
        ? "\(path) │ \(shown)\n" : "\(path) │ \(shown) (\(kind))\n"
    }
    if buffer.utf8.count > 1 << 16 { flush() }
  }

  mutating func flush() {
    Terminal.write(buffer)
    buffer = ""
  }
}

/// A document that is not well-formed, with the place.
struct BrokenDocument: Error {
  var fault: DocumentFault
}

/// Reads a JSON or XML file of any shape for people.
enum DocumentReading {
  /// - Throws: ``BrokenDocument``, and what opening and decoding throw.
  static func print(
    _ file: String, _ format: ReadCommand.Format, _ limits: DocumentLimits,
    _ printer: inout DocumentPrinter
  ) throws -> EncodingDecision {
    switch format {
    case .json, .ndjson:
      var outline = JSONOutline(limits: limits, isLines: format == .ndjson)
      let decision = try DecodedText.blocks(of: file) { text, isLast in
        outline.feed(text, isLast: isLast) { printer.write($0, $1.rawValue, $2) }
        if let fault = outline.fault { throw BrokenDocument(fault: fault) }
      }
      return decision
    case .xml, .csv:
      var outline = XMLOutline(limits: limits)
      let decision = try DecodedText.blocks(of: file) { text, isLast in
        outline.feed(text, isLast: isLast) { printer.write($0, "\($1)", $2) }
        if let fault = outline.fault { throw BrokenDocument(fault: fault) }
      }
      return decision
    }
  }
}
