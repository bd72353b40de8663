import CZlib

/// Inflates a deflate stream, raw or with the frame of gzip. Owns zlib's state.
@safe
struct Inflater: ~Copyable {
  enum Frame {
    /// As in zip.
    case none
    case gzip
  }

  enum Status {
    case more
    /// A deflate stream, or a member of a gzip file, is complete.
    case end
    case corrupt
  }

  private let stream: UnsafeMutablePointer<z_stream>

  /// - Returns: nil if there is no memory.
  init?(_ frame: Frame) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window; negative means no frame, +16 means gzip.
    guard unsafe qy_inflate_init(stream, frame == .gzip ? 31 : -15) == Z_OK else {
      unsafe stream.deallocate()
      return nil
    }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Begins the next member of a gzip file.
  mutating func reset() { unsafe inflateReset(stream) }

  /// Inflates from `input` on `start` and appends to `output` until `room` bytes are out, the input
  /// is used up, or the stream ends.
  ///
  /// - Returns: Bytes used of the input, and what comes next.
  mutating func inflate(
    _ input: [UInt8], from start: Int, to output: inout [UInt8], room: Int
  ) -> (used: Int, status: Status) {
    precondition(start >= 0 && start <= input.count && room >= 0 && room < 1 << 30)
    let before = output.count
    output.append(contentsOf: repeatElement(0, count: room))
    var status = Z_OK
    var used = 0
    var left = room
    unsafe input.withUnsafeBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { output in
        guard let source = input.baseAddress, let target = output.baseAddress else { return }
        let available = min(input.count - start, 1 << 30)
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source + start)
        unsafe stream.pointee.avail_in = UInt32(available)
        unsafe stream.pointee.next_out = target + before
        unsafe stream.pointee.avail_out = UInt32(room)
        status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        used = available - Int(unsafe stream.pointee.avail_in)
        left = Int(unsafe stream.pointee.avail_out)
      }
    }
    output.removeLast(left)
    switch status {
    case Z_OK, Z_BUF_ERROR: return (used, .more)
    case Z_STREAM_END: return (used, .end)
    default: return (used, .corrupt)
    }
  }

  /// The checksum of zip continued over `bytes`; begin with 0.
  static func crc32(_ checksum: UInt32, _ bytes: [UInt8]) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      UInt32(unsafe CZlib.crc32(UInt(checksum), bytes.baseAddress, UInt32(bytes.count)))
    }
  }
}
