import Catalog
import JSONParsing
import Pipeline
import Records
import XMLParsing

/// What the readers of nested documents have in common.
protocol TreeReader: ~Copyable {
  mutating func feed<E: Error>(
    _ bytes: Span<UInt8>, isLast: Bool, onChunk: (inout RecordChunk) throws(E) -> Void) throws(E)
  var fault: DocumentFault? { get }
  var census: ShapeCensus { get }
  /// Bytes of the text, up to those that were read last, in which no record begins that is still to be handed out.
  var passed: Range<Int>? { get }
}

extension JSONReader: TreeReader {}
extension XMLReader: TreeReader {}

/// One reading of a file of nested documents.
struct TreeDelivery {
  let path: String
  let encoding: SourceEncoding
  let limits: ReadingLimits
  let isExact: Bool
  let earlier: EarlierPaths
  /// See ``ByteSource``.
  let gap: Range<Int>?

  private struct Stop: Error {}

  func read<Reader: TreeReader & ~Copyable>(
    _ reader: inout Reader, _ onChunk: (inout RecordChunk) throws -> Void
  ) throws -> ReadSummary {
    var source = try ByteSource(
      path: path, limits: limits.decompression, skipping: gap)
    var decoder = TextDecoder(encoding)
    var summary = ReadSummary()
    var positions = TreePositions(encoding: encoding)
    do {
      try source.decodedBlocks(&decoder) { text, block in
        if isExact { positions.take(text, block) }
        try reader.feed(text, isLast: block.isLast) { (chunk: inout RecordChunk) throws in
          summary.recordCount += chunk.recordCount
          if isExact { positions.makeExact(&chunk) }
          earlier.fill(&chunk)
          try onChunk(&chunk)
        }
        if isExact, let passed = reader.passed { positions.pass(passed) }
        // What comes behind the fault would only be read to be thrown away.
        if reader.fault != nil { throw Stop() }
      }
    } catch is Stop {}
    summary.content = try source.content(of: path, isExact: isExact)
    summary.problem = reader.fault.map { "\($0)" }
    summary.census = earlier.merged(reader.census)
    return summary
  }

  /// Columns whose values also stood elsewhere in earlier versions of a document.
  struct EarlierPaths {
    /// Column of the mapping, and the columns behind the mapping's with its earlier paths.
    private let places: [(column: Int, others: Range<Int>)]
    private let columnCount: Int

    init(_ columns: [ColumnMapping]) {
      var next = columns.count
      var places: [(column: Int, others: Range<Int>)] = []
      for (index, column) in columns.enumerated() where !column.also.isEmpty {
        places.append((index, next..<next + column.also.count))
        next += column.also.count
      }
      self.places = places
      columnCount = columns.count
    }

    func fill(_ chunk: inout RecordChunk) {
      for (column, others) in places {
        for row in 0..<chunk.recordCount where chunk.field(row, column).isAbsent {
          guard let other = others.first(where: { !chunk.field(row, $0).isAbsent }) else {
            continue
          }
          chunk.setField(row, column, chunk.field(row, other))
        }
      }
    }

    /// The census with the mapping's columns, and behind them the number of the return.
    func merged(_ census: ShapeCensus) -> ShapeCensus {
      var merged = census
      for (column, others) in places where !census.hasColumn[column] {
        merged.hasColumn[column] = others.contains { census.hasColumn[$0] }
      }
      merged.hasColumn.removeSubrange(columnCount..<merged.hasColumn.count - 1)
      return merged
    }
  }
}

/// Turns offsets in the decoded text of documents into offsets of the original file (semantics.md §14).
///
/// Records ascend, so that of the blocks only those are kept in which one may begin that is still to be handed out.
struct TreePositions {
  private struct Block {
    var decodedOffset: Int
    var originalOffset: Int
    var text: [UInt8]

    var decodedEnd: Int { decodedOffset + text.count }
  }

  private let encoding: SourceEncoding
  /// In the order of the text, with gaps.
  private var blocks: [Block] = []
  /// Place up to which lengths were counted, in the text and in the original.
  private var decoded = 0
  private var original = 0
  private var replacements = Replacements()

  init(encoding: SourceEncoding) { self.encoding = encoding }

  mutating func take(_ text: Span<UInt8>, _ position: BlockPosition) {
    replacements.take(position)
    guard !encoding.isUTF8, text.count > 0 else { return }
    var block = Block(
      decodedOffset: position.decodedOffset, originalOffset: position.originalOffset, text: [])
    _ = block.text.appendText(text)
    blocks.append(block)
  }

  /// Gives up the blocks in which no record begins: a unit over the limit, and what stands between units, may be
  /// as long as the file.
  mutating func pass(_ range: Range<Int>) {
    var index = blocks.count - 1
    while index > 0, blocks[index].decodedOffset >= range.lowerBound {
      if blocks[index].decodedEnd <= range.upperBound { blocks.remove(at: index) }
      index -= 1
    }
  }

  mutating func makeExact(_ chunk: inout RecordChunk) {
    replacements.makeExact(&chunk)
    guard !encoding.isUTF8 else { return }
    var index = 0
    for row in 0..<chunk.recordCount {
      let target = chunk.positions[row].byteOffset
      while index + 1 < blocks.count, blocks[index + 1].decodedOffset <= target { index += 1 }
      guard index < blocks.count else { continue }
      let block = blocks[index]
      if decoded < block.decodedOffset {
        (decoded, original) = (block.decodedOffset, block.originalOffset)
      }
      let end = min(target, block.decodedEnd)
      if end > decoded {
        original += encoding.originalLength(
          ofDecoded: block.text.span.extracting(
            decoded - block.decodedOffset..<end - block.decodedOffset))
        decoded = end
      }
      chunk.positions[row].byteOffset = original
    }
    blocks.removeFirst(index)
  }
}
