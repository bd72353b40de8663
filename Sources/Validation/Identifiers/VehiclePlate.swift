import Standardization

/// 机动车号牌: province, city letter, five characters; six for new-energy vehicles.
///
/// - Source: GA 36-2018 as remembered (facts §2); advisory. Embassy and consulate plates assumed.
package enum VehiclePlate {
  /// Judges the raw value.
  package static func check(_ value: Span<UInt8>) -> IdentifierVerdict {
    guard value.count >= 7, value.count <= 16 else { return .invalid(.form) }
    if isEmbassy(value) { return .valid }
    var index = 0
    guard isProvince(decodeScalar(value, at: &index)) else { return .invalid(.prefix) }
    guard index < value.count else { return .invalid(.form) }
    if isLowercaseByte(value[index]) { return .invalid(.letterCase) }
    guard isPlateLetter(value[index]) else { return .invalid(.character(at: 2)) }
    return checkSerial(value, from: index + 1)
  }

  private static func checkSerial(_ value: Span<UInt8>, from start: Int) -> IdentifierVerdict {
    var index = start
    while index < value.count, isPlateCharacter(value[index]) { index += 1 }
    let count = index - start
    if index == value.count {
      if count == 5 { return .valid }
      guard count == 6 else { return .invalid(.length(found: count + 2, expected: 7)) }
      return isNewEnergy(value, from: start) ? .valid : .invalid(.form)
    }
    if isLowercaseByte(value[index]) { return .invalid(.letterCase) }
    var end = index
    let suffix = decodeScalar(value, at: &end)
    guard end == value.count, ["警", "学", "挂", "港", "澳", "领"].contains(suffix) else {
      return .invalid(.character(at: count + 3))
    }
    return count == 4 ? .valid : .invalid(.length(found: count + 3, expected: 7))
  }

  /// Small cars have the energy letter first, large ones last.
  private static func isNewEnergy(_ value: Span<UInt8>, from start: Int) -> Bool {
    if isEnergyLetter(value[start]) {
      return firstNonDigit(value, from: start + 2) == nil
    }
    return decimal(value, start, 5) != nil && isEnergyLetter(value[start + 5])
  }

  /// Six digits and 使, in either order.
  private static func isEmbassy(_ value: Span<UInt8>) -> Bool {
    guard value.count == 9 else { return false }
    return (stands("使", in: value, at: 6) && decimal(value, 0, 6) != nil)
      || (stands("使", in: value, at: 0) && decimal(value, 3, 6) != nil)
  }

  private static func isPlateLetter(_ byte: UInt8) -> Bool {
    isUppercaseByte(byte) && byte != UInt8(ascii: "I") && byte != UInt8(ascii: "O")
  }

  private static func isPlateCharacter(_ byte: UInt8) -> Bool {
    isDigitByte(byte) || isPlateLetter(byte)
  }

  /// A to K without I: D A B C E are electric, F G H J K are not only.
  private static func isEnergyLetter(_ byte: UInt8) -> Bool {
    isPlateLetter(byte) && byte <= UInt8(ascii: "K")
  }
}
