extension Array where Element == UInt8 {
  /// Appends `bytes` and returns the reference to the copy.
  @inlinable
  public mutating func appendText(_ bytes: Span<UInt8>) -> TextRef {
    let offset = count
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    return TextRef(offset: offset, length: bytes.count)
  }
}
