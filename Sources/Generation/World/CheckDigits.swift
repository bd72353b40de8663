/// Check characters, computed from the standards' text and not with the product's own checks: the
/// generator is a witness.
package enum CheckDigits {
  private static let creditAlphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)
  private static let creditWeights = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
  ]
  private static let organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2]
  private static let residentWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  private static let residentCharacters = Array("10X98765432".utf8)

  /// The characters of 统一社会信用代码, in the order of their values.
  static var creditCharacters: [UInt8] { creditAlphabet }

  /// 统一社会信用代码, the 18th character (GB 32100-2015).
  ///
  /// - Returns: nil if `body` is not 17 characters of the alphabet.
  package static func creditCode(_ body: some Collection<UInt8>) -> UInt8? {
    guard body.count == 17 else { return nil }
    var sum = 0
    for (weight, character) in zip(creditWeights, body) {
      guard let value = creditAlphabet.firstIndex(of: character) else { return nil }
      sum += weight * value
    }
    return creditAlphabet[(31 - sum % 31) % 31]
  }

  /// 组织机构代码, the ninth character (GB 11714).
  ///
  /// - Returns: nil if `body` is not eight digits or capital letters.
  package static func organisationCode(_ body: some Collection<UInt8>) -> UInt8? {
    guard body.count == 8 else { return nil }
    var sum = 0
    for (weight, character) in zip(organisationWeights, body) {
      switch character {
      case 0x30...0x39: sum += weight * Int(character - 0x30)
      case 0x41...0x5A: sum += weight * Int(character - 0x41 + 10)
      default: return nil
      }
    }
    let check = 11 - sum % 11
    switch check {
    case 10: return UInt8(ascii: "X")
    case 11: return UInt8(ascii: "0")
    default: return 0x30 + UInt8(check)
    }
  }

  /// 公民身份号码, the 18th character (GB 11643).
  ///
  /// - Returns: nil if `body` is not 17 digits.
  package static func residentID(_ body: some Collection<UInt8>) -> UInt8? {
    guard body.count == 17, body.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    let sum = zip(residentWeights, body).reduce(0) { $0 + $1.0 * Int($1.1 - 0x30) }
    return residentCharacters[sum % 11]
  }

  /// ISO 7064 MOD 11,10, as in 注册号, JY and SC licence numbers.
  ///
  /// - Returns: nil if `body` is not all digits.
  package static func mod11And10(_ body: some Collection<UInt8>) -> UInt8? {
    var product = 10
    for character in body {
      guard (0x30...0x39).contains(character) else { return nil }
      let sum = (product + Int(character - 0x30)) % 10
      product = (sum == 0 ? 10 : sum) * 2 % 11
    }
    return 0x30 + UInt8((11 - product) % 10)
  }

  /// `body` with its check character behind it; as it is if there is none.
  static func complete(_ body: String, _ check: ([UInt8]) -> UInt8?) -> String {
    let bytes = Array(body.utf8)
    guard let last = check(bytes) else { return body }
    return String(decoding: bytes + [last], as: UTF8.self)
  }
}
