import Crypto
import Glibc
import Warehouse

/// Copies and hashes of single files.
enum HashedCopy {
  private static let blockSize = 1 << 20

  /// Copies a file with its permissions and its time; durable when it returns.
  ///
  /// - Parameter target: Nothing may stand there.
  /// - Returns: SHA-256 of the bytes in hexadecimal digits.
  static func copy(_ source: String, to target: String) throws -> String {
    guard let status = try FileStatus(source) else {
      throw WarehouseError(.notFound, "there is no file \(source)")
    }
    let input = try PosixFile(source, flags: O_RDONLY | O_NOFOLLOW)
    let output = try PosixFile(target, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    var hash = SHA256()
    while true {
      let block = try input.read(blockSize)
      if block.isEmpty { break }
      hash.update(data: block)
      try output.write(block)
    }
    try output.setModified(status.modified)
    try output.synchronize()
    try PosixFile.setMode(status.mode, of: target)
    return hexadecimal(hash.finalize())
  }

  /// SHA-256 of a file in hexadecimal digits.
  static func hash(_ path: String) throws -> String {
    let input = try PosixFile(path, flags: O_RDONLY | O_NOFOLLOW)
    var hash = SHA256()
    while true {
      let block = try input.read(blockSize)
      if block.isEmpty { break }
      hash.update(data: block)
    }
    return hexadecimal(hash.finalize())
  }

  static func hash(of bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

  private static func hexadecimal(_ digest: SHA256.Digest) -> String {
    digest.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
