import Crypto
import CryptoExtras
import Foundation

/// A password as it is kept: scrypt with a salt of its own, and the parameters that made it, so that they can
/// be raised without asking anybody for a new password.
struct PasswordHash: Sendable, Hashable, Codable {
  /// Cost of one guess: `rounds` × `blockSize` × 128 bytes of memory.
  var rounds: Int
  var blockSize: Int
  var parallelism: Int
  var salt: [UInt8]
  var hash: [UInt8]

  /// 32 MiB for each guess; OWASP's second row for scrypt (N = 2^15, r = 8, p = 3), of 2023.
  private static let standard = (rounds: 1 << 15, blockSize: 8, parallelism: 3)
  private static let byteCount = 32

  /// A new hash of a new password.
  init(of password: String) throws {
    (rounds, blockSize, parallelism) = Self.standard
    salt = RandomBytes.make(16)
    hash = []
    hash = try derived(password)
  }

  /// Whether `password` is the one; in the same time whatever is wrong with it.
  func matches(_ password: String) throws -> Bool {
    let other = try derived(password)
    return zip(hash, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
      && hash.count == other.count
  }

  /// As people see it, not as keyboards make it: one character, one code.
  private func derived(_ password: String) throws -> [UInt8] {
    let key = try KDF.Scrypt.deriveKey(
      from: Array(password.precomposedStringWithCompatibilityMapping.utf8), salt: salt,
      outputByteCount: Self.byteCount, rounds: rounds, blockSize: blockSize,
      parallelism: parallelism)
    return key.withBytes
  }
}

/// Bytes that nobody can guess.
enum RandomBytes {
  static func make(_ count: Int) -> [UInt8] {
    SymmetricKey(size: .init(bitCount: count * 8)).withBytes
  }
}

extension SymmetricKey {
  var withBytes: [UInt8] {
    unsafe withUnsafeBytes { unsafe Array($0) }
  }
}

extension Sequence where Element == UInt8 {
  /// Two digits for each byte.
  var hexadecimal: String {
    map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
  }
}
