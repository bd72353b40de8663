import Glibc

/// Writes the blocks of a delivery one after another into a private file.
///
/// The file is readable and writable by its owner only (0600), in a folder only its owner can
/// enter (0700). Nothing is promised before ``finish()``; what a killed process left is removed or
/// overwritten by the next writer.
package struct SegmentWriter: ~Copyable {
  private let file: PosixFile
  private var pending: [UInt8] = []
  /// Blocks written so far.
  package private(set) var blockCount = 0
  /// Where the file is.
  package var path: String { file.path }
  /// Bytes written so far.
  package private(set) var byteCount = 0

  private static let bufferSize = 1 << 20

  /// Begins the file `name` in `folder`; an older one is emptied.
  package init(folder: String, name: String) throws(WarehouseError) {
    try PosixFile.makePrivateFolder(folder)
    try PosixFile.setMode(0o700, of: folder)
    let path = folder + "/" + name
    let opened = try PosixFile(path, flags: O_WRONLY | O_CREAT | O_TRUNC)
    try PosixFile.setMode(0o600, of: path)
    file = opened
  }

  /// Appends one block.
  package mutating func append(_ batches: [TableBatch]) throws {
    try append(encoded: SegmentCodec.encode(batches))
  }

  /// Appends one block that ``SegmentCodec/encode(_:)`` made, perhaps on another core.
  package mutating func append(encoded block: [UInt8]) throws(WarehouseError) {
    if block.count >= Self.bufferSize {
      try flush()
      try file.write(block)
    } else {
      pending.append(contentsOf: block)
      if pending.count >= Self.bufferSize { try flush() }
    }
    blockCount += 1
    byteCount += block.count
  }

  private mutating func flush() throws(WarehouseError) {
    guard !pending.isEmpty else { return }
    try file.write(pending)
    pending.removeAll(keepingCapacity: true)
  }

  /// Makes the segment durable and closes it.
  ///
  /// - Returns: The number of blocks.
  package consuming func finish() throws(WarehouseError) -> Int {
    try flush()
    try file.synchronize()
    return blockCount
  }
}

/// Reads the blocks of a segment file in order.
package struct SegmentReader: ~Copyable {
  private let file: PosixFile
  /// Blocks read or skipped so far.
  package private(set) var blockIndex = 0
  private var offset = 0
  private let size: Int

  /// Opens the segment at `path`.
  package init(path: String) throws(WarehouseError) {
    let opened = try PosixFile(path, flags: O_RDONLY)
    size = try opened.size()
    file = opened
  }

  /// Passes over the next `count` blocks without reading their payload.
  ///
  /// - Throws: ``SegmentError`` where there are fewer.
  package mutating func skip(_ count: Int) throws {
    for _ in 0..<count {
      guard let header = try nextHeader() else {
        throw SegmentError(
          .truncated, "segment \(file.path) ends after \(blockIndex) blocks of \(count)")
      }
      offset += SegmentCodec.headerSize + header.header.payloadSize
      try file.seek(offset)
      blockIndex += 1
    }
  }

  /// The batches of the next block; nil at the end.
  ///
  /// - Throws: ``SegmentError`` where the block is cut off or damaged.
  package mutating func next() throws -> [TableBatch]? {
    guard let (header, bytes) = try nextHeader() else { return nil }
    let block = try bytes + file.read(header.payloadSize)
    do throws(SegmentError) {
      let batches = try SegmentCodec.decode(block)
      offset += block.count
      blockIndex += 1
      return batches
    } catch {
      throw located(error)
    }
  }

  private func nextHeader() throws -> (header: SegmentCodec.Header, bytes: [UInt8])? {
    guard offset < size else { return nil }
    let bytes = try file.read(SegmentCodec.headerSize)
    do throws(SegmentError) {
      let header = try SegmentCodec.header(bytes)
      guard header.payloadSize <= size - offset - bytes.count else {
        throw SegmentError(.truncated, "a block of the segment ends too early")
      }
      return (header, bytes)
    } catch {
      throw located(error)
    }
  }

  private func located(_ error: SegmentError) -> SegmentError {
    SegmentError(
      error.code,
      "segment \(file.path), block \(blockIndex + 1) at byte \(offset): \(error.message)")
  }
}
