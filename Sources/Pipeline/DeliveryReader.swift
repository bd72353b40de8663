package import Catalog
package import Records

/// What a first look at a delivery's bytes found. Every byte was seen.
package struct FileInspection: Sendable {
  /// XXH3-128 of the original bytes.
  package var content: Fingerprint
  /// Bytes of the original.
  package var length: Int64
  /// Name of the encoding that the bytes decided on, e.g. `gb18030`.
  package var encoding: String
  /// Bytes that the encoding does not allow.
  package var badByteCount: Int
  /// Share of the characters beyond ASCII that were decoded wrongly before they came here, 0…1.
  package var mojibakeShare: Double
  /// How many characters these are.
  package var mojibakeCount: Int
  /// Why the file cannot be read at all: truncated, not a known format, over a limit.
  package var problem: String?

  package init(
    content: Fingerprint, length: Int64, encoding: String, badByteCount: Int = 0,
    mojibakeShare: Double = 0, mojibakeCount: Int = 0, problem: String? = nil
  ) {
    self.content = content
    self.length = length
    self.encoding = encoding
    self.badByteCount = badByteCount
    self.mojibakeShare = mojibakeShare
    self.mojibakeCount = mojibakeCount
    self.problem = problem
  }
}

/// How the reading of a delivery ended.
package struct ReadSummary: Sendable {
  package var recordCount = 0
  package var footerCount = 0
  package var blankLineCount = 0
  /// The file stopped in the middle of a record.
  package var isTruncated = false
  /// The field separator in use.
  package var delimiter: UInt8 = 44
  /// Why the file cannot be read to its end; what was read is not to be trusted.
  package var problem: String?
  /// What was met in a nested document; nil for lines of fields.
  package var census: ShapeCensus?
  /// Of the bytes that were read, as ``FileInspection/content``; nil if not the whole file was.
  package var content: Fingerprint?

  package init() {}
}

/// Opens, decodes and takes deliveries apart; implemented by the layer that touches files.
///
/// Throws ``PipelineError``: `.environment` where the disk or the system failed, `.unreadable` where the file
/// is not there, not ours to read, or no file.
package protocol DeliveryReader: Sendable {
  /// Reads the whole file once: identity, encoding, damage.
  func inspect(_ path: String, _ adapter: SourceAdapter) throws -> FileInspection

  /// SHA-256 of the original bytes, 64 hexadecimal digits; off the critical path.
  func sha256(_ path: String) throws -> String

  /// Reads the records that a file has for one category, in chunks that are reused. The columns of the
  /// chunks are those of the header; of a nested document the mapping's, in their order.
  ///
  /// - Parameters:
  ///   - exactPositions: Byte offsets count the original's bytes; else those of the decoded text.
  ///   - onHeader: Called once before the first chunk with the header rows.
  ///   - onChunk: Called with every chunk; may take its text.
  func read(
    _ path: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
    _ mapping: CategoryMapping, exactPositions: Bool, onHeader: ([[String]]) throws -> Void,
    onChunk: (inout RecordChunk) throws -> Void
  ) throws -> ReadSummary

  /// Reads the one record that begins at a place of a file, without what lies between the file's first
  /// record and it.
  ///
  /// - Parameters:
  ///   - offset: In the original's bytes, as ``read(_:_:_:_:exactPositions:onHeader:onChunk:)`` gave it.
  /// - Returns: Whatever stands there, as the first record of a chunk; nil where the file can only be read
  ///   from its beginning.
  func record(
    at offset: Int, of path: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
    _ mapping: CategoryMapping, onHeader: ([[String]]) throws -> Void
  ) throws -> RecordChunk?
}

extension DeliveryReader {
  package func record(
    at offset: Int, of path: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
    _ mapping: CategoryMapping, onHeader: ([[String]]) throws -> Void
  ) throws -> RecordChunk? { nil }
}
