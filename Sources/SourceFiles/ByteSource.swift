package import Records

/// What tells one delivery file from every other: the fingerprint and length of its original bytes.
package struct FileIdentity: Sendable, Hashable, CustomStringConvertible {
  /// XXH3-128 of the file as delivered, compressed or not.
  package var fingerprint: Fingerprint
  /// Bytes as delivered.
  package var length: Int

  package var description: String { "\(fingerprint.hexadecimal)-\(length)" }

  /// Reads a whole file and fingerprints it.
  package static func of(path: String) throws(SourceFileError) -> FileIdentity {
    let file = try RawFile(path)
    var hasher = StreamHasher()
    var block: [UInt8] = []
    repeat {
      try file.read(at: hasher.length, count: ByteSource.blockBytes, into: &block)
      hasher.update(block)
    } while !block.isEmpty
    return FileIdentity(fingerprint: hasher.fingerprint(), length: hasher.length)
  }
}

/// Where a decoded block stands.
package struct BlockPosition: Sendable, Hashable {
  /// First byte in the decompressed original.
  package var originalOffset: Int
  /// First byte in the decoded stream.
  package var decodedOffset: Int
  /// Nothing follows. The last block may be empty.
  package var isLast: Bool
  /// See ``GB18030Decoder/hasShortCharactersOnly``, up to the end of this block.
  var hasShortCharactersOnly = false
  /// Where in the text of this block a U+FFFD stands for one byte of a UTF-8 file.
  var replaced: [Int] = []
}

/// A delivery file as a stream of bytes: plain, gzip or one entry of a zip archive.
///
/// What a file is is decided by its first bytes, not by its name. Memory does not depend on the size
/// of the file: one block as delivered and one decompressed.
package struct ByteSource: ~Copyable {
  package enum Container: String, Sendable {
    case plain
    case gzip
    case zip
  }

  package let container: Container
  /// Files in a zip archive that may hold records, in its order; empty for the others.
  package let entries: [ArchiveEntry]
  /// The entry that is read.
  package let entry: ArchiveEntry?
  /// Decompressed bytes given out so far.
  package private(set) var offset = 0

  /// Bytes read and given out at a time.
  package static let blockBytes = 256 * 1024

  private let file: RawFile
  private let limits: DecompressionLimits
  private let gap: Range<Int>?
  private var inflater: Inflater?
  private var hasher = StreamHasher()
  private var input: [UInt8] = []
  /// First byte of `input` not yet used, and its place in the file.
  private var inputStart = 0
  /// Place in the file behind `input`, and end of what is to be read.
  private var fileOffset: Int
  private let fileEnd: Int
  private let dataStart: Int
  private var checksum: UInt32 = 0
  private var isAtEnd = false
  /// Between two members of a gzip file.
  private var isBetweenMembers = false

  /// Opens a file and looks what it is.
  ///
  /// - Parameters:
  ///   - entry: Name in a zip archive; needed if it holds several files.
  ///   - gap: Bytes that are passed over as if they were not there; of plain files only.
  package init(
    path: String, entry name: String? = nil, limits: DecompressionLimits = DecompressionLimits(),
    skipping gap: Range<Int>? = nil
  ) throws(SourceFileError) {
    let file = try RawFile(path)
    let magic = try file.read(at: 0, count: 4)
    let isZip = magic == [0x50, 0x4B, 3, 4] || magic == [0x50, 0x4B, 5, 6]
    let part =
      isZip ? try Self.part(name, of: file, limits) : Part(entries: [], entry: nil, start: 0)
    let isGzip = !isZip && magic.starts(with: [0x1F, 0x8B])
    let isDeflated = part.entry?.method == 8
    let inflater = try Self.inflater(isGzip ? .gzip : isDeflated ? Inflater.Frame.none : nil, path)
    container = isZip ? .zip : isGzip ? .gzip : .plain
    entries = part.entries
    entry = part.entry
    dataStart = part.start
    fileOffset = part.start
    fileEnd = part.entry.map { part.start + $0.compressedSize } ?? .max
    self.limits = limits
    self.gap = container == .plain ? gap : nil
    self.inflater = inflater
    self.file = file
  }

  /// What is to be read of a zip archive.
  private struct Part {
    var entries: [ArchiveEntry]
    var entry: ArchiveEntry?
    var start: Int
  }

  /// - Returns: nil for bytes that stand as they are.
  private static func inflater(
    _ frame: Inflater.Frame?, _ path: String
  ) throws(SourceFileError) -> Inflater? {
    guard let frame else { return nil }
    let inflater = Inflater(frame)
    // Without one the compressed bytes would be taken for text.
    if inflater == nil { throw SourceFileError(.device, path: path, "no memory to inflate it") }
    return inflater
  }

  private static func part(
    _ name: String?, of file: borrowing RawFile, _ limits: DecompressionLimits
  ) throws(SourceFileError) -> Part {
    let directory = try ZipDirectory(file, limits: limits)
    let entries = directory.entries.filter(\.isData)
    let entry = try choose(name, from: entries, path: file.path)
    return Part(
      entries: entries, entry: entry, start: try directory.dataOffset(of: entry, in: file))
  }

  /// The files of a zip archive that may hold records; empty for other files.
  package static func entries(
    path: String, limits: DecompressionLimits = DecompressionLimits()
  ) throws(SourceFileError) -> [ArchiveEntry] {
    let file = try RawFile(path)
    guard try file.read(at: 0, count: 2) == [0x50, 0x4B] else { return [] }
    return try ZipDirectory(file, limits: limits).entries.filter(\.isData)
  }

  /// The identity of the file, once the last block has been read; nil before, and for zip archives,
  /// which are not read from front to back (see ``FileIdentity/of(path:)``).
  package var identity: FileIdentity? {
    guard isAtEnd, container != .zip else { return nil }
    return FileIdentity(fingerprint: hasher.fingerprint(), length: hasher.length)
  }

  /// What the file held that was read.
  ///
  /// - Parameter isExact: An archive, which is not read from front to back, is read once more for it.
  /// - Returns: nil if not all of it was read.
  func content(of path: String, isExact: Bool) throws(SourceFileError) -> Fingerprint? {
    if let identity { return identity.fingerprint }
    guard isExact, isAtEnd else { return nil }
    return try FileIdentity.of(path: path).fingerprint
  }

  /// Replaces `block` with the next decompressed bytes, at most ``blockBytes``.
  ///
  /// - Returns: false at the end; `block` is empty then.
  package mutating func read(into block: inout [UInt8]) throws(SourceFileError) -> Bool {
    block.removeAll(keepingCapacity: true)
    while block.isEmpty, !isAtEnd {
      if inputStart == input.count { try refill() }
      if inflater != nil {
        try inflateBlock(&block)
      } else if input.isEmpty {
        try finish()
      } else {
        swap(&block, &input)
        input.removeAll(keepingCapacity: true)
      }
    }
    offset += block.count
    if container == .zip { checksum = Inflater.crc32(checksum, block) }
    return !block.isEmpty
  }

  /// Decodes the whole file and hands it out as blocks of UTF-8.
  ///
  /// - Parameters:
  ///   - decoder: Tells afterwards how many bytes could not be decoded.
  ///   - body: Gets every block, at least one; a character is never cut.
  package mutating func decodedBlocks(
    _ decoder: inout TextDecoder, _ body: (Span<UInt8>, BlockPosition) throws -> Void
  ) throws {
    var block: [UInt8] = []
    var text: [UInt8] = []
    var position = BlockPosition(originalOffset: 0, decodedOffset: 0, isLast: false)
    while try read(into: &block) {
      text.removeAll(keepingCapacity: true)
      position.originalOffset = decoder.decodedLength
      decoder.decode(block.span, isLast: false, to: &text)
      position.hasShortCharactersOnly = decoder.hasShortCharactersOnly
      position.replaced = decoder.replaced
      try body(text.span, position)
      position.decodedOffset += text.count
    }
    text.removeAll(keepingCapacity: true)
    position.originalOffset = decoder.decodedLength
    position.isLast = true
    decoder.decode([UInt8]().span, isLast: true, to: &text)
    position.hasShortCharactersOnly = decoder.hasShortCharactersOnly
    position.replaced = decoder.replaced
    try body(text.span, position)
  }

  // MARK: - Parts

  private static func choose(
    _ name: String?, from entries: [ArchiveEntry], path: String
  ) throws(SourceFileError) -> ArchiveEntry {
    let names = entries.prefix(10).map { "'\($0.name)'" }.joined(separator: ", ")
    if let name {
      if let entry = entries.first(where: { $0.name == name }) { return entry }
      throw SourceFileError(.noSuchEntry, path: path, "no entry '\(name)'; there are: \(names)")
    }
    guard let entry = entries.first else {
      throw SourceFileError(.noSuchEntry, path: path, "the archive holds no file")
    }
    guard entries.count == 1 else {
      throw SourceFileError(
        .severalEntries, path: path,
        "the archive holds \(entries.count) files (\(names)); say which one is meant")
    }
    return entry
  }

  private mutating func refill() throws(SourceFileError) {
    if let gap, fileOffset == gap.lowerBound { fileOffset = gap.upperBound }
    let end = gap.map { fileOffset < $0.lowerBound ? $0.lowerBound : fileEnd } ?? fileEnd
    let count = min(Self.blockBytes, end - fileOffset)
    try file.read(at: fileOffset, count: count, into: &input)
    if container != .zip { hasher.update(input) }
    fileOffset += input.count
    inputStart = 0
  }

  private mutating func inflateBlock(_ block: inout [UInt8]) throws(SourceFileError) {
    if isBetweenMembers { return try beginMember() }
    let isOver = input.isEmpty
    let place = fileOffset - input.count + inputStart
    let room = Self.blockBytes
    guard let step = inflater?.inflate(input, from: inputStart, to: &block, room: room) else {
      return
    }
    let (used, status) = step
    inputStart += used
    try checkRatio(produced: offset + block.count)
    switch status {
    case .more:
      guard !isOver || !block.isEmpty else {
        throw error(.truncated, place, "the compressed data ends too early")
      }
    case .end:
      if container == .gzip {
        isBetweenMembers = true
      } else {
        // What follows belongs to nobody; the checks are made when this block has been given out.
        inflater = nil
        inputStart = input.count
        fileOffset = fileEnd
        input.removeAll(keepingCapacity: true)
        inputStart = 0
      }
    case .corrupt:
      throw error(.corrupt, place + used, "the compressed data is damaged")
    }
  }

  /// Behind a member of a gzip file: the next one, padding of zeros, or the end.
  private mutating func beginMember() throws(SourceFileError) {
    while inputStart < input.count, input[inputStart] == 0 { inputStart += 1 }
    guard inputStart < input.count else {
      if input.isEmpty { try finish() }
      return
    }
    guard input[inputStart] == 0x1F else {
      throw error(
        .corrupt, fileOffset - input.count + inputStart, "other bytes follow the gzip data")
    }
    inflater?.reset()
    isBetweenMembers = false
  }

  private func checkRatio(produced: Int) throws(SourceFileError) {
    let taken = fileOffset - dataStart - (input.count - inputStart)
    guard produced > limits.freeBytes, produced / limits.ratio > taken else { return }
    throw error(
      .limitExceeded, fileOffset,
      "\(produced) bytes out of \(taken), more than \(limits.ratio) to 1 "
        + "(limits.decompression-ratio)")
  }

  private mutating func finish() throws(SourceFileError) {
    isAtEnd = true
    guard let entry else { return }
    guard offset == entry.size else {
      throw error(
        offset < entry.size ? .truncated : .corrupt, fileOffset,
        "'\(entry.name)' has \(offset) bytes, \(entry.size) were announced")
    }
    guard checksum == entry.crc32 else {
      throw error(.corrupt, dataStart, "the checksum of '\(entry.name)' does not match")
    }
  }

  private func error(
    _ code: SourceFileError.Code, _ offset: Int, _ detail: String
  ) -> SourceFileError {
    SourceFileError(code, path: file.path, offset: offset, detail)
  }
}

/// The first pass over a delivery file: what it is, who it is, and how it is encoded.
package struct FileSurvey: Sendable, Hashable {
  package var identity: FileIdentity
  package var container: ByteSource.Container
  /// Name of the entry read from a zip archive.
  package var entryName: String?
  package var encoding: EncodingDecision

  /// Reads a whole file once; zip archives are read a second time for their fingerprint.
  ///
  /// - Parameters:
  ///   - entry: Name in a zip archive; needed if it holds several files.
  ///   - adapterHint: What the adapter says about the encoding; asked only where the bytes allow both.
  package static func of(
    path: String, entry: String? = nil, adapterHint: SourceEncoding? = nil,
    limits: DecompressionLimits = DecompressionLimits()
  ) throws(SourceFileError) -> FileSurvey {
    var source = try ByteSource(path: path, entry: entry, limits: limits)
    var detector = EncodingDetector()
    var block: [UInt8] = []
    while try source.read(into: &block) { detector.feed(block.span) }
    let identity: FileIdentity
    if let known = source.identity {
      identity = known
    } else {
      identity = try FileIdentity.of(path: path)
    }
    return FileSurvey(
      identity: identity, container: source.container, entryName: source.entry?.name,
      encoding: detector.decision(adapterHint: adapterHint))
  }
}
