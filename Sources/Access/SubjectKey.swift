package import Catalog
import Crypto
package import Records

/// The secret with which keys of records become fingerprints; made once for an installation.
package struct FingerprintSecret: Sendable {
  /// Bytes of a secret.
  package static let byteCount = 32
  package let bytes: [UInt8]

  /// - Returns: nil if there are not ``byteCount`` bytes.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }
}

/// The record that was seen: its category and the values of the entity key.
///
/// The log keeps fingerprints of keys and no keys: some organisation's keys are restricted values, and a
/// plain hash of an identity number is found again by trying all of them. An HMAC with a secret of the
/// installation answers "who saw this one" exactly and nothing else.
package struct SubjectKey: Sendable, Hashable {
  package var category: String
  /// Canonical texts of the key's elements in the order of ``Category/entityKey``; those of a key that is
  /// unique only inside its issuer begin with the issuer (semantics.md §6).
  package var parts: [String]

  package init(category: String, parts: [String]) {
    self.category = category
    self.parts = parts
  }

  /// The elements whose values make the key of a record, for all who write or ask for keys.
  ///
  /// - Parameters:
  ///   - agency: The element that names the issuer, of `nightly.yaml`; nil if there is none.
  ///   - system: The element that names the source system, which stands in for an issuer.
  package static func elements(
    of category: Category, agency: String?, system: String?
  ) -> [String] {
    guard category.isIssuerScoped else { return category.entityKey }
    let issuer = agency.flatMap { category.column(of: $0) == nil ? nil : $0 } ?? system
    guard let issuer, !category.entityKey.contains(issuer) else { return category.entityKey }
    return [issuer] + category.entityKey
  }

  /// 128 bits of HMAC-SHA-256 over category and parts, each with its length before it.
  package func fingerprint(_ secret: FingerprintSecret) -> Fingerprint {
    var bytes: [UInt8] = []
    for text in [category] + parts {
      let length = UInt32(clamping: text.utf8.count)
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
      bytes += Array(text.utf8)
    }
    let code = HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: secret.bytes))
    var halves: (high: UInt64, low: UInt64) = (0, 0)
    for (index, byte) in code.prefix(16).enumerated() {
      if index < 8 {
        halves.high = halves.high << 8 | UInt64(byte)
      } else {
        halves.low = halves.low << 8 | UInt64(byte)
      }
    }
    return Fingerprint(high: halves.high, low: halves.low)
  }
}
