/// Where a record stands in the delivery it came in.
///
/// Byte offsets count the decompressed original file (semantics.md §14), in its own encoding.
@frozen
public struct SourcePosition: Hashable, Sendable {
  /// From 1, header rows not counted.
  public var recordNumber: Int
  /// Physical line of the record's first byte, from 1; a newline inside quotes counts.
  public var line: Int
  /// First byte of the record in the decompressed original, from 0.
  public var byteOffset: Int

  @inlinable
  public init(recordNumber: Int, line: Int, byteOffset: Int) {
    self.recordNumber = recordNumber
    self.line = line
    self.byteOffset = byteOffset
  }
}
