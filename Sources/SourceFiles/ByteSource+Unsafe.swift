import CXXHash
import Glibc
import Records

/// A file opened for reading, by position. Owns the descriptor.
struct RawFile: ~Copyable {
  let path: String
  /// Bytes when it was opened.
  let length: Int
  private let descriptor: Int32

  init(_ path: String) throws(SourceFileError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let number = errno
      throw SourceFileError(
        Self.isOfDevice(number) ? .device : .cannotOpen, path: path,
        "cannot open: \(Self.reason(number))")
    }
    var status = stat()
    let isKnown = unsafe fstat(descriptor, &status) == 0
    guard isKnown, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw SourceFileError(.cannotOpen, path: path, "not a regular file")
    }
    self.path = path
    self.descriptor = descriptor
    length = Int(status.st_size)
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  deinit { close(descriptor) }

  /// Reads up to `count` bytes at `offset`; fewer only at the end of the file.
  func read(at offset: Int, count: Int) throws(SourceFileError) -> [UInt8] {
    var bytes: [UInt8] = []
    try read(at: offset, count: count, into: &bytes)
    return bytes
  }

  /// Replaces `bytes` with up to `count` bytes at `offset`; fewer only at the end of the file.
  func read(at offset: Int, count: Int, into bytes: inout [UInt8]) throws(SourceFileError) {
    precondition(offset >= 0 && count >= 0)
    // Never more room than there is to read: most files are smaller than a block.
    let count = min(count, max(0, length - offset))
    if bytes.count > count {
      bytes.removeLast(bytes.count - count)
    } else {
      bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
    }
    var filled = 0
    var failure: Int32 = 0
    unsafe bytes.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      while filled < count {
        let got = unsafe pread(descriptor, base + filled, count - filled, off_t(offset + filled))
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { return }
        filled += got
      }
    }
    guard failure == 0 else {
      throw SourceFileError(
        Self.isOfDevice(failure) ? .device : .cannotRead, path: path, offset: offset + filled,
        "cannot read: \(Self.reason(failure))")
    }
    bytes.removeLast(count - filled)
  }

  /// Whether a failure says nothing of the file: another try, or another machine, would read it.
  private static func isOfDevice(_ number: Int32) -> Bool {
    [EIO, ENXIO, ENODEV, ESTALE, ETIMEDOUT, EMFILE, ENFILE, ENOMEM].contains(number)
  }

  private static func reason(_ code: Int32) -> String {
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}

/// XXH3-128 of a stream. Owns the state of libxxhash.
@safe
struct StreamHasher: ~Copyable {
  private let state: OpaquePointer
  private(set) var length = 0

  /// Traps: without memory for the 576 bytes of state.
  init() {
    guard let state = unsafe XXH3_createState() else { fatalError("no memory for a hash state") }
    unsafe self.state = state
    unsafe XXH3_128bits_reset(state)
  }

  deinit { unsafe XXH3_freeState(state) }

  mutating func update(_ bytes: [UInt8]) {
    length += bytes.count
    unsafe bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      unsafe XXH3_128bits_update(state, base, bytes.count)
    }
  }

  /// The fingerprint of everything so far.
  func fingerprint() -> Fingerprint {
    let digest = unsafe XXH3_128bits_digest(state)
    return Fingerprint(high: digest.high64, low: digest.low64)
  }
}

extension Span where Element == UInt8 {
  /// The bytes as an array, by one copy.
  func copied() -> [UInt8] {
    unsafe withUnsafeBufferPointer { unsafe Array($0) }
  }
}
