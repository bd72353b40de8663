package import Records

/// How much a delivery may ask of us, and how it is cut into chunks (semantics.md §16).
package struct ReadingLimits: Sendable, Hashable {
  package var decompression = DecompressionLimits()
  /// Of one record; a larger one is a finding.
  package var recordBytes = 16 << 20
  /// Of one record; one with more is a finding.
  package var fields = 4096
  /// Objects, arrays or elements in each other.
  package var nesting = 64
  /// Text that XML entities may make in one file.
  package var entityBytes = 10_000_000
  /// Of one chunk, at most ``RecordChunk/maximumRecords`` and ``RecordChunk/maximumBytes``.
  package var chunkRecords = RecordChunk.maximumRecords
  package var chunkBytes = RecordChunk.maximumBytes

  package init() {}
}

extension ReadingLimits {
  /// What nested documents may ask for.
  package var document: DocumentLimits { DocumentLimits(self) }
}

extension DocumentLimits {
  init(_ limits: ReadingLimits) {
    self.init()
    recordBytes = limits.recordBytes
    fields = limits.fields
    nesting = limits.nesting
    entityBytes = limits.entityBytes
    chunkRecords = limits.chunkRecords
    chunkBytes = limits.chunkBytes
  }
}
