package import Records

/// Appends the 18-character form of a 15-digit resident identity number of the first generation.
///
/// Inserts `19` after the division and adds the check character. The sequences 996 to 999 were kept
/// for people born before 1900 and are left alone.
///
/// - Returns: nil if the value is no such number or its birth date is not in the calendar; then
///   nothing was appended.
/// - Source: GB 11643-1999; facts §2, old resident ID.
package func upgradedResidentID(
  _ bytes: Span<UInt8>, into arena: inout TextArena
) -> TextRef? {
  guard bytes.count == 15 else { return nil }
  for index in 0..<15 where bytes[index] < 0x30 || bytes[index] > 0x39 { return nil }
  let digit = { (index: Int, bytes: Span<UInt8>) in Int(bytes[index]) - 0x30 }
  let year = 1900 + digit(6, bytes) * 10 + digit(7, bytes)
  let month = digit(8, bytes) * 10 + digit(9, bytes)
  let day = digit(10, bytes) * 10 + digit(11, bytes)
  let sequence = digit(12, bytes) * 100 + digit(13, bytes) * 10 + digit(14, bytes)
  guard CivilDate(year: year, month: month, day: day) != nil, sequence < 996 else { return nil }
  let offset = arena.count
  for index in 0..<6 { arena.append(bytes[index]) }
  arena.append(UInt8(ascii: "1"))
  arena.append(UInt8(ascii: "9"))
  for index in 6..<15 { arena.append(bytes[index]) }
  var sum = 0
  var weight = 1
  for index in stride(from: 16, through: 0, by: -1) {
    weight = weight * 2 % 11
    sum += (Int(arena[offset + index]) - 0x30) * weight
  }
  let check = (12 - sum % 11) % 11
  arena.append(check == 10 ? UInt8(ascii: "X") : UInt8(truncatingIfNeeded: 0x30 + check))
  return arena.text(from: offset)
}
