import CSVParsing

/// Why a delivery file cannot be read: the environment, or a container that is not what it should be.
package struct SourceFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Stable names of what went wrong.
  package struct Code: RawRepresentable, Sendable, Hashable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let cannotOpen = Code(rawValue: "cannot-open")
    package static let cannotRead = Code(rawValue: "cannot-read")
    /// The disk or the system failed; the file itself may be sound.
    package static let device = Code(rawValue: "device")
    /// The container ends before its content does.
    package static let truncated = Code(rawValue: "truncated")
    /// The container contradicts itself or its checksum.
    package static let corrupt = Code(rawValue: "corrupt")
    /// Encryption, or a method other than stored and deflate.
    package static let unsupported = Code(rawValue: "unsupported")
    /// A name in the archive that leads out of a folder.
    package static let unsafeName = Code(rawValue: "unsafe-name")
    /// A limit of ``DecompressionLimits``.
    package static let limitExceeded = Code(rawValue: "limit-exceeded")
    package static let noSuchEntry = Code(rawValue: "no-such-entry")
    /// The archive has several files and none was named.
    package static let severalEntries = Code(rawValue: "several-entries")
  }

  package let code: Code
  package let path: String
  /// In the file as delivered, from 0; nil where there is no place to point to.
  package let offset: Int?
  /// What was found and what was expected, in English.
  package let detail: String

  package init(_ code: Code, path: String, offset: Int? = nil, _ detail: String) {
    self.code = code
    self.path = path
    self.offset = offset
    self.detail = detail
  }

  package var description: String {
    let place = offset.map { " (byte \($0))" } ?? ""
    return "\(path)\(place): \(detail) [\(code.rawValue)]"
  }
}

/// How much a container may ask of us (semantics.md §16).
package struct DecompressionLimits: Sendable, Hashable {
  /// Bytes out for one byte in, once `freeBytes` are out.
  package var ratio: Int
  /// Entries in an archive.
  package var entries: Int
  /// Bytes out before the ratio counts, so that a small table of equal values passes; our choice.
  package var freeBytes: Int

  package init(ratio: Int = 100, entries: Int = 1000, freeBytes: Int = 1 << 20) {
    self.ratio = ratio
    self.entries = entries
    self.freeBytes = freeBytes
  }
}

/// One file in a zip archive.
package struct ArchiveEntry: Sendable, Hashable {
  /// Decoded from UTF-8, or from GBK where the archive does not say (facts.md §3.5).
  package var name: String
  /// Bytes in the archive.
  package var compressedSize: Int
  /// Bytes after decompression, as the archive says; checked while reading.
  package var size: Int
  var crc32: UInt32
  var method: Int
  var flags: Int
  /// Of the local header, from the beginning of the file.
  var headerOffset: Int

  /// A file that may hold records: no folder, no trace of macOS, not hidden.
  package var isData: Bool {
    let last = name.split(separator: "/").last.map(String.init) ?? ""
    return !name.hasSuffix("/") && !name.hasPrefix("__MACOSX/") && !last.hasPrefix(".")
  }
}

/// Reads the directory of a zip archive.
///
/// Sizes and checksums come from the central directory, so that data descriptors need no guessing.
/// The whole archive is refused if one name leads out of a folder or two entries share bytes.
struct ZipDirectory {
  private(set) var entries: [ArchiveEntry] = []
  private let path: String
  private let limits: DecompressionLimits

  private enum Signature {
    static let localHeader = 0x0403_4B50
    static let centralHeader = 0x0201_4B50
    static let end = 0x0605_4B50
    static let zip64End = 0x0606_4B50
    static let zip64Locator = 0x0706_4B50
  }

  /// Where the central directory is and what it holds.
  private struct Extent {
    var offset: Int
    var size: Int
    var count: Int
  }

  init(_ file: borrowing RawFile, limits: DecompressionLimits) throws(SourceFileError) {
    path = file.path
    self.limits = limits
    let extent = try findDirectory(file)
    // A number of 64 bits can be anything; nothing is added to it before it is known to fit the file.
    guard extent.count >= 0, (0...file.length).contains(extent.size),
      (0...file.length - extent.size).contains(extent.offset)
    else { throw corrupt(file.length, "the central directory does not fit the file") }
    guard extent.count <= limits.entries else {
      throw SourceFileError(
        .limitExceeded, path: path, offset: extent.offset,
        "\(extent.count) entries in the archive, at most \(limits.entries) are allowed")
    }
    // Names and extra fields are at most 64 KiB each; more is not a directory of so many entries.
    guard extent.size <= (extent.count + 1) * 4 * 65_536 else {
      throw corrupt(extent.offset, "the central directory is too large for its entries")
    }
    let bytes = try file.read(at: extent.offset, count: extent.size)
    var at = 0
    for _ in 0..<extent.count { entries.append(try entry(bytes, &at, base: extent.offset)) }
    try checkOverlap(end: extent.offset)
  }

  /// The first byte of an entry's compressed data.
  func dataOffset(
    of entry: ArchiveEntry, in file: borrowing RawFile
  ) throws(SourceFileError) -> Int {
    let at = entry.headerOffset
    let header = try file.read(at: at, count: 30)
    guard header.count == 30, number(header, 0, 4) == Signature.localHeader else {
      throw corrupt(at, "no local header for '\(entry.name)'")
    }
    guard number(header, 8, 2) == entry.method else {
      throw corrupt(at + 8, "local header and directory differ about '\(entry.name)'")
    }
    let start = at + 30 + number(header, 26, 2) + number(header, 28, 2)
    guard entry.compressedSize <= file.length - start else {
      throw SourceFileError(
        .truncated, path: path, offset: start,
        "the file ends inside '\(entry.name)', \(entry.compressedSize) bytes were announced")
    }
    return start
  }

  // MARK: - Parts

  private func findDirectory(_ file: borrowing RawFile) throws(SourceFileError) -> Extent {
    let start = max(0, file.length - 65_557)
    let tail = try file.read(at: start, count: file.length - start)
    var at = tail.count - 22
    while at >= 0, number(tail, at, 4) != Signature.end { at -= 1 }
    guard at >= 0 else {
      throw SourceFileError(
        .truncated, path: path, offset: file.length,
        "no end of the central directory; the archive is not complete")
    }
    guard number(tail, at + 4, 2) == 0 || number(tail, at + 4, 2) == 0xFFFF else {
      throw SourceFileError(
        .unsupported, path: path, offset: start + at, "an archive in several parts")
    }
    let extent = Extent(
      offset: number(tail, at + 16, 4), size: number(tail, at + 12, 4),
      count: number(tail, at + 10, 2))
    let isZip64 =
      extent.offset == 0xFFFF_FFFF || extent.size == 0xFFFF_FFFF || extent.count == 0xFFFF
    guard isZip64, at >= 20, number(tail, at - 20, 4) == Signature.zip64Locator else {
      return extent
    }
    let place = number(tail, at - 12, 8)
    guard place >= 0, place <= file.length - 56 else {
      throw corrupt(start + at - 20, "the zip64 locator points behind the end")
    }
    let end = try file.read(at: place, count: 56)
    guard number(end, 0, 4) == Signature.zip64End else {
      throw corrupt(place, "no zip64 end of the central directory")
    }
    return Extent(
      offset: number(end, 48, 8), size: number(end, 40, 8), count: number(end, 32, 8))
  }

  private func entry(
    _ bytes: [UInt8], _ at: inout Int, base: Int
  ) throws(SourceFileError) -> ArchiveEntry {
    guard at + 46 <= bytes.count, number(bytes, at, 4) == Signature.centralHeader else {
      throw corrupt(base + at, "no header in the central directory")
    }
    let lengths = (
      name: number(bytes, at + 28, 2), extra: number(bytes, at + 30, 2),
      comment: number(bytes, at + 32, 2)
    )
    let extraStart = at + 46 + lengths.name
    let end = extraStart + lengths.extra + lengths.comment
    guard end <= bytes.count else {
      throw corrupt(base + at, "a header of the central directory is cut")
    }
    let flags = number(bytes, at + 8, 2)
    let name = decodedName(Array(bytes[at + 46..<extraStart]), isUTF8: flags & 0x800 != 0)
    var entry = ArchiveEntry(
      name: name, compressedSize: number(bytes, at + 20, 4), size: number(bytes, at + 24, 4),
      crc32: UInt32(number(bytes, at + 16, 4)), method: number(bytes, at + 10, 2), flags: flags,
      headerOffset: number(bytes, at + 42, 4))
    readZip64(Array(bytes[extraStart..<extraStart + lengths.extra]), &entry)
    try check(entry, at: base + at)
    at = end
    return entry
  }

  /// The extra field with the values that do not fit 32 bits, in the order of the header.
  private func readZip64(_ extra: [UInt8], _ entry: inout ArchiveEntry) {
    var at = 0
    while at + 4 <= extra.count {
      let end = at + 4 + number(extra, at + 2, 2)
      if number(extra, at, 2) == 1, end <= extra.count {
        var value = at + 4
        func next(_ current: Int) -> Int {
          guard current == 0xFFFF_FFFF, value + 8 <= end else { return current }
          defer { value += 8 }
          return number(extra, value, 8)
        }
        entry.size = next(entry.size)
        entry.compressedSize = next(entry.compressedSize)
        entry.headerOffset = next(entry.headerOffset)
      }
      at = end
    }
  }

  private func check(_ entry: ArchiveEntry, at offset: Int) throws(SourceFileError) {
    let parts = entry.name.split(whereSeparator: { $0 == "/" || $0 == "\\" })
    let isAbsolute =
      entry.name.hasPrefix("/") || entry.name.hasPrefix("\\")
      || entry.name.dropFirst().hasPrefix(":")
    guard !isAbsolute, !parts.contains(".."), !entry.name.unicodeScalars.contains("\0") else {
      throw SourceFileError(
        .unsafeName, path: path, offset: offset,
        "the entry name '\(entry.name)' leads out of its folder; the archive is refused")
    }
    guard entry.size >= 0, entry.compressedSize >= 0, entry.headerOffset >= 0 else {
      throw corrupt(offset, "sizes of '\(entry.name)' are out of range")
    }
    guard entry.isData else { return }
    guard entry.flags & 1 == 0 else {
      throw SourceFileError(
        .unsupported, path: path, offset: offset, "'\(entry.name)' is encrypted")
    }
    guard entry.method == 0 || entry.method == 8 else {
      throw SourceFileError(
        .unsupported, path: path, offset: offset,
        "'\(entry.name)' is compressed by method \(entry.method); stored and deflate are known")
    }
    guard entry.size <= limits.freeBytes || entry.size / limits.ratio <= entry.compressedSize else {
      throw SourceFileError(
        .limitExceeded, path: path, offset: offset,
        "'\(entry.name)' says \(entry.size) bytes out of \(entry.compressedSize), more than"
          + " \(limits.ratio) to 1 (limits.decompression-ratio)")
    }
  }

  /// Entries that share bytes are the mark of a bomb.
  private func checkOverlap(end: Int) throws(SourceFileError) {
    let sorted = entries.sorted { $0.headerOffset < $1.headerOffset }
    for (index, entry) in sorted.enumerated() {
      let next = index + 1 < sorted.count ? sorted[index + 1].headerOffset : end
      let room = next - entry.headerOffset - 30
      guard room >= 0, entry.compressedSize <= room else {
        throw corrupt(entry.headerOffset, "'\(entry.name)' overlaps what follows it")
      }
    }
  }

  private func decodedName(_ bytes: [UInt8], isUTF8: Bool) -> String {
    let isValid = TextDamage.utf8(bytes.span, isLast: true).badByteCount == 0
    if isUTF8 || isValid { return String(decoding: bytes, as: UTF8.self) }
    var decoder = GB18030Decoder()
    var text: [UInt8] = []
    decoder.decode(bytes.span, isLast: true, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// A number of `size` bytes, little end first; negative if it needs all 64 bits.
  private func number(_ bytes: [UInt8], _ at: Int, _ size: Int) -> Int {
    guard at >= 0, at + size <= bytes.count else { return -1 }
    var value: UInt64 = 0
    for index in (0..<size).reversed() { value = value << 8 | UInt64(bytes[at + index]) }
    return Int(truncatingIfNeeded: value)
  }

  private func corrupt(_ offset: Int, _ detail: String) -> SourceFileError {
    SourceFileError(.corrupt, path: path, offset: offset, detail)
  }
}
