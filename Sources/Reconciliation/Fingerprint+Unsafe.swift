import CXXHash
package import Records

extension Fingerprint {
  /// XXH3-128 of `bytes`.
  ///
  /// - Parameter seed: Texts hashed with different seeds never compare; see ``RecordKeys``.
  @safe
  package init(of bytes: Span<UInt8>, seed: UInt64 = 0) {
    let hash = unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe XXH3_128bits_withSeed(buffer.baseAddress, buffer.count, seed)
    }
    self.init(high: hash.high64, low: hash.low64)
  }
}
