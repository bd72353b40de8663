import CSeparatorIndex
import CXMLEvents
import Records

/// The events that libxml2 finds in UTF-8 (see `xml_events.h`), one batch at a time.
///
/// Owns the parser; events and texts of a batch are read while it is the current one.
@safe
struct XMLEventSource: ~Copyable {
  private let parser: OpaquePointer
  private var batch = unsafe qy_xml_batch()

  /// Traps if there is no memory.
  init(_ limits: DocumentLimits) {
    guard let parser = unsafe qy_xml_create(Self.parserLimits(limits)) else {
      fatalError("no memory for an XML parser")
    }
    unsafe self.parser = parser
  }

  /// For tests: leaves the whole document to libxml2.
  func useLibXML2Only() { unsafe qy_xml_use_libxml2_only(parser) }

  /// For tests: bytes that were read without libxml2.
  var plainBytes: Int { unsafe Int(qy_xml_plain_bytes(parser)) }

  deinit { unsafe qy_xml_free(parser) }

  /// Events of the current batch.
  var count: Int { unsafe batch.count }

  subscript(index: Int) -> qy_xml_event {
    precondition(index >= 0 && index < count, "event of the batch")
    return unsafe batch.events[index]
  }

  /// Parses what `bytes`, which follow the bytes taken so far, have of whole tokens.
  ///
  /// - Returns: Bytes taken; the others have to come again, with more behind them.
  mutating func push(_ bytes: Span<UInt8>, isLast: Bool) -> Int {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe batch = qy_xml_push(parser, bytes.baseAddress, bytes.count, isLast ? 1 : 0)
    }
    return unsafe batch.taken
  }

  /// Appends the text of a text or an attribute that stands in the current batch.
  func appendText(of event: qy_xml_event, to text: inout [UInt8]) {
    unsafe text.append(contentsOf: textOf(event))
  }

  /// Whether the text of an event stands in the document, not in the batch.
  @inline(__always)
  static func isInDocument(_ event: qy_xml_event) -> Bool {
    Int(event.kind) >= QY_XML_SOURCE_ATTRIBUTE
  }

  private func textOf(_ event: qy_xml_event) -> UnsafeBufferPointer<UInt8> {
    let start = Int(event.offset)
    precondition(unsafe start + Int(event.length) <= batch.text_count, "text of the batch")
    // Without any text in the batch there is no memory for it.
    guard event.length > 0, let text = unsafe batch.text else {
      return unsafe UnsafeBufferPointer(start: nil, count: 0)
    }
    return unsafe UnsafeBufferPointer(start: text + start, count: Int(event.length))
  }

  /// Names met so far.
  var nameCount: Int { unsafe qy_xml_name_count(parser) }

  func name(_ number: Int) -> XMLName {
    precondition(number >= 0 && number < nameCount, "name of the document")
    return unsafe XMLName(
      local: String(cString: qy_xml_local_name(parser, number)),
      namespace: String(cString: qy_xml_namespace(parser, number)))
  }

  /// The first fault; it comes behind the events of the current batch. The line is not known here.
  var fault: DocumentFault? {
    let fault = unsafe qy_xml_get_fault(parser)
    guard unsafe fault.kind != UInt32(QY_XML_NO_FAULT) else { return nil }
    let kind: DocumentFault.Kind =
      switch unsafe Int(fault.kind) {
      case QY_XML_TRUNCATED: .truncated
      case QY_XML_NESTING: .nesting
      case QY_XML_ENTITY: .entity
      default: .malformed
      }
    return unsafe DocumentFault(
      kind: kind, line: 0, byteOffset: Int(fault.offset), message: String(cString: fault.message))
  }

  private static func parserLimits(_ limits: DocumentLimits) -> qy_xml_limits {
    qy_xml_limits(
      entity_bytes: UInt64(limits.entityBytes),
      token_bytes: max(limits.recordBytes, XMLReader.leastTokenBytes),
      doctype_bytes: XMLReader.maximumDoctypeBytes,
      attributes: max(1024, 2 * limits.fields),
      depth: limits.nesting + XMLReader.followedNesting,
      namespaces: XMLReader.maximumNamespaces,
      names: XMLReader.maximumNames,
      name_bytes: XMLReader.maximumNameBytes)
  }
}

/// Counting in bytes, by vector instructions.
enum XMLBytes {
  /// Line breaks; `previous` is the byte before.
  static func lineBreaks(_ bytes: Span<UInt8>, previous: UInt8) -> Int {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe qy_line_breaks(bytes.baseAddress, bytes.count, previous)
    }
  }

  /// Number of U+FFFD, and the offset of the first.
  static func replacements(_ bytes: Span<UInt8>) -> (count: Int, first: Int) {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      var first = 0
      let count = unsafe qy_replacements(bytes.baseAddress, bytes.count, &first)
      return (count, first)
    }
  }

  /// Appends a part of `bytes`.
  static func append(_ bytes: Span<UInt8>, _ range: Range<Int>, to text: inout [UInt8]) {
    unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe text.append(contentsOf: $0) }
  }
}
