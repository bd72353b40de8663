/// Where a record stands in the delivery it came in.
///
/// Byte offsets count the decompressed original file (semantics.md §14), in its own encoding.
@frozen
package struct SourcePosition: Hashable, Sendable {
  /// From 1, header rows not counted.
  package var recordNumber: Int
  /// Physical line of the record's first byte, from 1; a newline inside quotes counts.
  package var line: Int
  /// First byte of the record in the decompressed original, from 0.
  package var byteOffset: Int

  @inlinable
  package init(recordNumber: Int, line: Int, byteOffset: Int) {
    self.recordNumber = recordNumber
    self.line = line
    self.byteOffset = byteOffset
  }
}
