import Crypto
import Glibc
import Warehouse

/// The secret under which values become hashes in what leaves, and from which the marks of exports are made.
///
/// It is made at first use and never changes: equal values stay equal from artifact to artifact and from
/// night to night only under one secret, and a mark can be traced only by the secret that made it. It belongs
/// to the backup, beside the access log.
package struct MaskSecret: Sendable {
  /// Name of the file in the folder of the access log.
  package static let fileName = "mask.secret"
  /// Bytes of the secret.
  package static let byteCount = 32

  /// What the masks of kind `hash` are keyed with.
  package let bytes: [UInt8]

  /// Reads the secret of an installation.
  ///
  /// - Parameter folder: ``HomeFolder/access``.
  /// - Returns: nil where none was made.
  /// - Throws: ``AccessLogError`` with code `.secret` where the file is not what was written.
  package static func load(folder: String) throws -> MaskSecret? {
    let path = folder + "/" + fileName
    guard PosixFile.exists(path) else { return nil }
    let bytes = try PosixFile(path, flags: O_RDONLY).read(byteCount + 1)
    guard bytes.count == byteCount else {
      throw AccessLogError(.secret, "\(path) does not have \(byteCount) bytes; restore it")
    }
    return MaskSecret(bytes: bytes)
  }

  /// Reads the secret of an installation, and makes it where there is none.
  ///
  /// The file appears whole or not at all, and of several processes that make it at once all get that of the
  /// first.
  package static func loadOrMake(folder: String) throws -> MaskSecret {
    if let secret = try load(folder: folder) { return secret }
    try PosixFile.makePrivateFolder(folder)
    let path = folder + "/" + fileName
    // A name of its own: others may be making it in this very moment, in threads of this process too.
    let suffix = SymmetricKey(size: .bits128).rawBytes.map { String($0, radix: 16) }.joined()
    let draft = "\(path).\(suffix).new"
    let file = try PosixFile(draft, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    try file.write(SymmetricKey(size: .bits256).rawBytes)
    try file.synchronize()
    _ = try PosixFile.link(draft, to: path)
    try PosixFile.remove(draft)
    try PosixFile.synchronizeFolder(folder)
    guard let secret = try load(folder: folder) else {
      throw AccessLogError(.secret, "\(path) was removed while it was made")
    }
    return secret
  }

  /// A key for one use, which tells nothing of the secret or of keys for other uses.
  ///
  /// - Parameter use: Names the use; `export-mark/1`.
  package func key(for use: String) -> [UInt8] {
    let key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: bytes), info: Array(use.utf8), outputByteCount: 32)
    return key.rawBytes
  }
}
