import Catalog
import Pipeline
import Records
import Standardization
import Warehouse
import XMLParsing

/// A return of XML: the elements around the units as the delivery wrote them, the returned units and, at
/// the end of each, the elements of a return.
struct XMLReturnForm: ReturnForm {
  let head: [UInt8]
  private let end: [UInt8]
  /// Name of the element of a unit, for those whose text is cut off.
  private let unitName: String

  private struct Stop: Error {}

  init(
    _ original: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
    _ mapping: CategoryMapping, _ limits: ReadingLimits
  ) throws {
    let encoding = SourceEncoding(rawValue: inspection.encoding) ?? .utf8
    var parser = XMLReader(RecordShape(adapter, mapping), limits: DocumentLimits(limits))
    var source = try ByteSource(path: original, limits: limits.decompression)
    var decoder = TextDecoder(encoding)
    do {
      try source.decodedBlocks(&decoder) { text, block in
        try parser.feed(text, isLast: block.isLast) { _ in throw Stop() }
        if !parser.frame.openTags.isEmpty { throw Stop() }
      }
    } catch is Stop {}
    let declaration = "<?xml version=\"1.0\" encoding=\"\(encoding.declaredName)\"?>\n"
    var tags = parser.frame.openTags
    if let total = adapter.document.total { Self.drop(total, from: &tags) }
    head = Array((declaration + tags.joined() + "\n").utf8)
    // The innermost was opened last.
    end = Array((parser.frame.closeTags.reversed().joined() + "\n").utf8)
    var name = "Record"
    for step in (mapping.records ?? adapter.document.records)?.steps ?? [] {
      if step == .each { break }
      if case .child(let child) = step {
        name = child.split(separator: ":").last.map(String.init) ?? child
      }
    }
    unitName = name
  }

  /// Takes the number of units out of the start tags: it was that of the delivery.
  private static func drop(_ total: FieldPath, from tags: inout [String]) {
    guard case .attribute(let name) = total.steps.last else { return }
    let depth = total.steps.count - 2
    guard tags.indices.contains(depth),
      let pattern = try? Regex("\\s\(name)\\s*=\\s*(\"[^\"]*\"|'[^']*')")
    else { return }
    tags[depth] = tags[depth].replacing(pattern, with: "", maxReplacements: 1)
  }

  func append(_ record: ReturnedRecord, isFirst: Bool, to text: inout [UInt8]) {
    let remarks = Array(
      record.remarks.map { "<\($0.name)>\(Self.escaped($0.text))</\($0.name)>" }.joined().utf8)
    let raw = Self.withoutRemarks(Array(record.record.raw.utf8))
    if !record.isBroken, let close = Self.endTag(raw) {
      text += raw[..<close]
      text += remarks
      text += raw[close...]
    } else if !record.isBroken, raw.suffix(2) == Array("/>".utf8), let name = Self.name(raw) {
      text += raw.dropLast(2)
      text.append(UInt8(ascii: ">"))
      text += remarks
      text += Array("</\(name)>".utf8)
    } else {
      text += Array("<\(unitName)><原文>\(Self.escaped(record.record.raw))</原文>".utf8)
      text += remarks
      text += Array("</\(unitName)>".utf8)
    }
    text.append(UInt8(ascii: "\n"))
  }

  func tail(count: Int) -> [UInt8] { end }

  /// Start of the last end tag, if the text ends with one.
  private static func endTag(_ raw: [UInt8]) -> Int? {
    guard raw.last == UInt8(ascii: ">"), let start = raw.lastIndex(of: UInt8(ascii: "<")),
      start + 1 < raw.count, raw[start + 1] == UInt8(ascii: "/")
    else { return nil }
    return start
  }

  private static func name(_ raw: [UInt8]) -> String? {
    guard raw.first == UInt8(ascii: "<") else { return nil }
    let name = raw.dropFirst().prefix { ![0x20, 0x09, 0x0A, 0x0D, 0x2F, 0x3E].contains($0) }
    return String(decoding: name, as: UTF8.self)
  }

  /// Takes out the elements of an earlier return, which stand together.
  private static func withoutRemarks(_ raw: [UInt8]) -> [UInt8] {
    guard let first = returnColumns.first, let last = returnColumns.last else { return raw }
    let open = Array("<\(first)>".utf8)
    let close = Array("</\(last)>".utf8)
    guard let start = raw.firstRange(of: open)?.lowerBound,
      let end = raw[start...].firstRange(of: close)?.upperBound
    else { return raw }
    return Array(raw[..<start] + raw[end...])
  }

  /// Text of an element; characters that XML has no way to write become U+FFFD.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\r": result += "&#13;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension SourceEncoding {
  /// As an XML declaration names it.
  var declaredName: String {
    switch self {
    case .utf8, .utf8BOM: "UTF-8"
    case .gb18030: "GB18030"
    case .utf16LE, .utf16BE: "UTF-16"
    }
  }
}
