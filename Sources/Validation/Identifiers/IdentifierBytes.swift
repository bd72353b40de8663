import Standardization

// Small tests that several identifiers share.

func isDigitByte(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 }

func isUppercaseByte(_ byte: UInt8) -> Bool { byte &- 0x41 <= 25 }

func isLowercaseByte(_ byte: UInt8) -> Bool { byte &- 0x61 <= 25 }

/// The number that `length` digits at `start` spell, or nil.
func decimal(_ value: Span<UInt8>, _ start: Int, _ length: Int) -> Int? {
  guard start + length <= value.count else { return nil }
  var result = 0
  for index in start..<start + length {
    let digit = value[index] &- 0x30
    guard digit <= 9 else { return nil }
    result = result &* 10 &+ Int(digit)
  }
  return result
}

/// Why a value does not have the length of its kind: what Excel did, a foreign character, or just that.
func lengthReason(_ value: Span<UInt8>, _ expected: Int) -> IdentifierReason {
  if isScientificNotation(value) { return .scientificNotation }
  var count = 0
  var foreign = 0
  var index = 0
  while index < value.count {
    let scalar = decodeScalar(value, at: &index)
    count += 1
    if foreign == 0, scalar.value > 0x7F { foreign = count }
  }
  return count == expected && foreign > 0
    ? .character(at: foreign) : .length(found: count, expected: expected)
}

/// Whether every byte is the same.
func isFiller(_ value: Span<UInt8>) -> Bool {
  for index in value.indices where value[index] != value[0] { return false }
  return true
}

/// ISO 7064 MOD 11,10 over `digits` digits from `start`: the check digit, or nil at a non-digit.
///
/// - Source: GS 15-2006, GB/T 17710; facts §2.
func mod11And10(_ value: Span<UInt8>, from start: Int, digits: Int) -> Int? {
  var product: UInt8 = 10
  for index in start..<start + digits {
    let digit = value[index] &- 0x30
    guard digit <= 9 else { return nil }
    // Remainders by subtraction: the division would be on the critical path.
    let sum = product &+ digit
    let reduced = sum > 10 ? sum &- 10 : sum
    let doubled = (reduced == 0 ? 10 : reduced) &* 2
    product = doubled >= 11 ? doubled &- 11 : doubled
  }
  return (11 - Int(product)) % 10
}

/// Position (from 1) of the first byte from `start` that is no digit.
func firstNonDigit(_ value: Span<UInt8>, from start: Int) -> Int? {
  for index in start..<max(start, value.count) where !isDigitByte(value[index]) { return index + 1 }
  return nil
}

/// Whether the ASCII of `text` stands at `start`.
func standsText(_ text: StaticString, in value: Span<UInt8>, at start: Int) -> Bool {
  guard start >= 0, start + text.utf8CodeUnitCount <= value.count else { return false }
  var index = start
  for byte in text.description.utf8 {
    guard value[index] == byte else { return false }
    index += 1
  }
  return true
}

/// Whether the three bytes of `scalar`, U+0800 to U+FFFF, stand at `start`.
@inline(__always)
func stands(_ scalar: Unicode.Scalar, in value: Span<UInt8>, at start: Int) -> Bool {
  guard start >= 0, start + 3 <= value.count else { return false }
  let code = scalar.value
  return value[start] == UInt8(truncatingIfNeeded: 0xE0 | code >> 12)
    && value[start + 1] == UInt8(truncatingIfNeeded: 0x80 | code >> 6 & 0x3F)
    && value[start + 2] == UInt8(truncatingIfNeeded: 0x80 | code & 0x3F)
}

/// Where the three bytes of `scalar` first stand.
@inline(__always)
func firstIndex(of scalar: Unicode.Scalar, in value: Span<UInt8>) -> Int? {
  let lead = UInt8(truncatingIfNeeded: 0xE0 | scalar.value >> 12)
  for index in value.indices
  where value[index] == lead && stands(scalar, in: value, at: index) {
    return index
  }
  return nil
}

/// The abbreviations of the 31 provinces that issue plates and licences.
func isProvince(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "京", "津", "冀", "晋", "蒙", "辽", "吉", "黑", "沪", "苏", "浙", "皖", "闽", "赣", "鲁", "豫",
    "鄂", "湘", "粤", "桂", "琼", "渝", "川", "贵", "云", "藏", "陕", "甘", "青", "宁", "新":
    true
  default: false
  }
}
