import ArgumentParser
import CSVParsing
import Foundation
import SourceFiles

struct ReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "Show a file as the pipeline sees it: decompressed, decoded, taken apart.",
    discussion: """
      Exit 0 for every well-formed document, whatever its shape; exit 1 with line and byte where it is \
      not, where bytes are of no encoding or where an archive is damaged; 3 the file cannot be opened; \
      64 wrong usage. Blank lines are left out.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case csv, json, ndjson, xml }

  @Argument(help: "The file: plain, .gz or .zip; UTF-8, UTF-16 or GB18030.") var file: String

  @Option(help: "csv, json, ndjson or xml; by the file's name if not given, else csv.")
  var format: Format?

  @Option(help: "The byte between two fields.") var delimiter = ","

  @Flag(help: "The first row is a record, not a header.") var noHeader = false

  @Flag(
    help: """
      Print JSON: of CSV one array of rows of strings, of JSON and XML one object per value with its \
      path, kind and text.
      """) var json = false

  func run() throws {
    let format = format ?? Self.format(ofName: file)
    if format == .csv { try readTable() } else { try readDocument(format) }
  }

  private static func format(ofName name: String) -> Format {
    var name = name.lowercased()
    for suffix in [".gz", ".zip"] where name.hasSuffix(suffix) {
      name.removeLast(suffix.count)
    }
    if name.hasSuffix(".jsonl") { return .ndjson }
    return Format.allCases.first { name.hasSuffix("." + $0.rawValue) } ?? .csv
  }

  private func readDocument(_ format: Format) throws {
    let limits = ReadingLimits().document
    var printer = DocumentPrinter(json: json)
    let decision: EncodingDecision
    do {
      decision = try DocumentReading.print(file, format, limits, &printer)
    } catch let broken as BrokenDocument {
      printer.flush()
      throw CommandFailure(CommandFailure.findings, "\(file): \(broken.fault)")
    }
    printer.flush()
    if !json {
      Terminal.note(
        "\(printer.valueCount) values, \(decision.encoding.rawValue), \(decision.length) bytes")
    }
    try report(decision.damage, decision.encoding)
  }

  private func report(_ damage: EncodingDecision.Damage, _ encoding: SourceEncoding) throws {
    guard damage.badByteCount > 0 else { return }
    throw CommandFailure(
      CommandFailure.findings,
      "\(file): \(damage.badByteCount) bytes are not \(encoding.rawValue), the first at byte "
        + "\(damage.firstOffset ?? 0)")
  }

  private func readTable() throws {
    let bytes = Array((delimiter == "\\t" ? "\t" : delimiter).utf8)
    guard bytes.count == 1, let separator = bytes.first, separator != 34 else {
      throw CommandFailure(CommandFailure.usage, "--delimiter is one character, not a quote")
    }
    var printer = RowPrinter(json: json, hasHeader: !noHeader)
    var parser = CSVRows(delimiter: separator)
    do {
      let decision = try DecodedText.blocks(of: file) { text, isLast in
        try parser.feed(text, isLast: isLast) { printer.write($0) }
      }
      printer.finish()
      if !json {
        Terminal.note(
          "\(printer.rowCount) rows, \(decision.encoding.rawValue), \(decision.length) bytes")
      }
      try report(decision.damage, decision.encoding)
    } catch let fault as CSVRows.Fault {
      printer.finish()
      throw CommandFailure(CommandFailure.findings, "\(file): \(fault)")
    }
  }
}

/// Prints rows as JSON, or for people: `1042 │ a │ b`.
private struct RowPrinter {
  let json: Bool
  let hasHeader: Bool
  private(set) var rowCount = 0
  private var buffer = ""
  private var isFinished = false

  init(json: Bool, hasHeader: Bool) {
    self.json = json
    self.hasHeader = hasHeader
    buffer = json ? "[" : ""
  }

  mutating func write(_ row: [String]) {
    rowCount += 1
    if json {
      buffer += (rowCount > 1 ? ",\n" : "") + jsonText(row)
    } else {
      let number = hasHeader ? (rowCount == 1 ? "header" : String(rowCount - 1)) : String(rowCount)
      let cells = row.map { $0.replacingOccurrences(of: "\n", with: "⏎") }
      buffer += "\(number) │ \(cells.joined(separator: " │ "))\n"
    }
    if buffer.utf8.count > 1 << 16 { flush() }
  }

  mutating func finish() {
    guard !isFinished else { return }
    isFinished = true
    if json { buffer += "]\n" }
    flush()
  }

  private mutating func flush() {
    Terminal.write(buffer)
    buffer = ""
  }
}
