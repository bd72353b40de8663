import Glibc

/// Whole blocks of files at a place, for those who look at a database file as pages.
extension PosixFile {
  /// Reads up to `count` bytes from `offset`; fewer only at the end of the file.
  package func read(_ count: Int, at offset: Int) throws(WarehouseError) -> [UInt8] {
    precondition(count >= 0 && offset >= 0, "negative place")
    var failed = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      while filled < count {
        let got = unsafe pread(
          descriptor, UnsafeMutableBufferPointer(rebasing: target[filled...]).baseAddress,
          count - filled, offset + filled)
        if got < 0, errno == EINTR { continue }
        failed = got < 0
        guard got > 0 else { break }
        filled += got
      }
    }
    guard !failed else { throw PosixFile.failure("reading", path) }
    return bytes
  }

  /// Writes all of `bytes` at `offset`.
  package func write(_ bytes: [UInt8], at offset: Int) throws(WarehouseError) {
    precondition(offset >= 0, "negative place")
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe pwrite(
          descriptor, UnsafeRawBufferPointer(rebasing: $0[done...]).baseAddress,
          bytes.count - done, offset + done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw PosixFile.failure("writing", path) }
      done += count
    }
  }

  /// Writes the whole of another file at the current place.
  package func append(contentsOf other: borrowing PosixFile) throws(WarehouseError) {
    var place = 0
    while true {
      let bytes = try other.read(1 << 20, at: place)
      guard !bytes.isEmpty else { return }
      try write(bytes)
      place += bytes.count
    }
  }
}

extension [UInt8] {
  /// Indices of the blocks that are not the same in `other`, ascending; all that it lacks are among them.
  package func differingBlocks(from other: [UInt8], size: Int) -> [Int] {
    let whole = Swift.min(count, other.count) / size
    let (mine, theirs) = (self, other)
    return (0..<count / size).filter { index in
      guard index < whole else { return true }
      return unsafe mine.withUnsafeBytes { mine in
        unsafe theirs.withUnsafeBytes { theirs in
          let range = index * size..<(index + 1) * size
          guard let left = unsafe UnsafeRawBufferPointer(rebasing: mine[range]).baseAddress,
            let right = unsafe UnsafeRawBufferPointer(rebasing: theirs[range]).baseAddress
          else { return true }
          return unsafe memcmp(left, right, size) != 0
        }
      }
    }
  }
}
