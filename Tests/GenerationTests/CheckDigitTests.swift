import Foundation
import Generation
import Testing

/// The generator's check digits against vectors that neither it nor the product made.
@Suite struct CheckDigitTests {
  private struct Vector {
    var kind: String
    var value: String
    var isValid: Bool
    var reason: String
  }

  private static func vectors() throws -> [Vector] {
    let text = try String(
      contentsOfFile: Folders.fixtures + "/identifier-vectors.csv", encoding: .utf8)
    return text.split(separator: "\n").dropFirst().compactMap { line in
      let parts = line.split(separator: ",", maxSplits: 3, omittingEmptySubsequences: false)
      guard parts.count == 4 else { return nil }
      return Vector(
        kind: String(parts[0]), value: String(parts[1]), isValid: parts[2] != "invalid",
        reason: String(parts[3]))
    }
  }

  /// Whether the last character is the check of those before; nil for kinds without one.
  private static func isRight(_ kind: String, _ value: String) -> Bool? {
    let bytes = Array(value.utf8)
    switch kind {
    case "uscc": return CheckDigits.creditCode(bytes.dropLast()) == bytes.last
    case "org_code":
      let plain = bytes.filter { $0 != UInt8(ascii: "-") }
      return CheckDigits.organisationCode(plain.dropLast()) == plain.last
    case "resident_id": return CheckDigits.residentID(bytes.dropLast()) == bytes.last
    case "reg15": return CheckDigits.mod11And10(bytes.dropLast()) == bytes.last
    case "food_business_licence", "food_production_licence":
      return CheckDigits.mod11And10(bytes.dropFirst(2).dropLast()) == bytes.last
    default: return nil
    }
  }

  @Test func `valid numbers have the computed check`() throws {
    var count = 0
    for vector in try Self.vectors() where vector.isValid {
      guard let isRight = Self.isRight(vector.kind, vector.value) else { continue }
      #expect(isRight, "\(vector.kind) \(vector.value)")
      count += 1
    }
    #expect(count >= 40)
  }

  @Test func `numbers with a wrong check or transposed digits have another one`() throws {
    var count = 0
    for vector in try Self.vectors() where !vector.isValid {
      let reason = vector.reason
      guard (reason.contains("check") && reason.contains("wrong")) || reason.contains("transpos"),
        let isRight = Self.isRight(vector.kind, vector.value)
      else { continue }
      #expect(!isRight, "\(vector.kind) \(vector.value)")
      count += 1
    }
    #expect(count >= 6)
  }

  @Test func `characters outside the alphabet have no check`() {
    #expect(CheckDigits.creditCode(Array("91510104MO6C7K2P9".utf8)) == nil)
    #expect(CheckDigits.residentID(Array("5101041995031524".utf8)) == nil)
    #expect(CheckDigits.mod11And10(Array("5101O4".utf8)) == nil)
  }

  @Test func `the hash of a manifest is that of the standard`() {
    #expect(
      SecureHash.sha256(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SecureHash.sha256([])
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }
}
