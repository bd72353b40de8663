package import Records

/// A record's place in an order by key: 64 bits of the key and the record's index.
package struct KeyOrderEntry: Sendable, BitwiseCopyable {
  package var key: UInt64
  package var index: Int64

  package init(key: UInt64, index: Int64) {
    self.key = key
    self.index = index
  }
}

/// Sorts records by one of their keys, ties by record number.
///
/// - Parameters:
///   - entries: In the order of the delivery.
///   - key: Which of the keys; all of one stream.
///   - order: One element per record; filled.
///   - scratch: Of the same length.
/// - Complexity: O(n): a radix sort of four passes over the 64 key bits behind the stream; of few records, which
///   are fewer than what each pass counts, O(n log n).
package func sortByKey(
  _ entries: Span<SurveyEntry>, _ key: (borrowing SurveyEntry) -> Fingerprint,
  into order: inout MutableSpan<KeyOrderEntry>, scratch: inout MutableSpan<KeyOrderEntry>
) {
  for index in entries.indices {
    let fingerprint = key(entries[index])
    order[index] = KeyOrderEntry(
      key: fingerprint.high << 16 | fingerprint.low >> 48, index: Int64(index))
  }
  let digits = 65_536
  guard entries.count > digits / 4 else {
    for (place, entry) in order.span.sorted().enumerated() { order[place] = entry }
    return repairTies(entries, key, &order)
  }
  var counts = [Int](repeating: 0, count: digits)
  for pass in 0..<4 {
    let shift = UInt64(pass * 16)
    if pass % 2 == 0 {
      distribute(order.span, into: &scratch, shift, &counts)
    } else {
      distribute(scratch.span, into: &order, shift, &counts)
    }
  }
  repairTies(entries, key, &order)
}

extension Span where Element == KeyOrderEntry {
  fileprivate func sorted() -> [KeyOrderEntry] {
    var entries: [KeyOrderEntry] = []
    entries.reserveCapacity(count)
    for index in indices { entries.append(self[index]) }
    entries.sort { ($0.key, $0.index) < ($1.key, $1.index) }
    return entries
  }
}

private func distribute(
  _ source: Span<KeyOrderEntry>, into target: inout MutableSpan<KeyOrderEntry>, _ shift: UInt64,
  _ counts: inout [Int]
) {
  for digit in counts.indices { counts[digit] = 0 }
  for index in source.indices { counts[Int(source[index].key >> shift & 0xFFFF)] += 1 }
  var total = 0
  for digit in counts.indices {
    let count = counts[digit]
    counts[digit] = total
    total += count
  }
  for index in source.indices {
    let digit = Int(source[index].key >> shift & 0xFFFF)
    target[counts[digit]] = source[index]
    counts[digit] += 1
  }
}

/// Different keys that share their first 64 bits are rare, but their order must be that of the keys.
private func repairTies(
  _ entries: Span<SurveyEntry>, _ key: (borrowing SurveyEntry) -> Fingerprint,
  _ order: inout MutableSpan<KeyOrderEntry>
) {
  var index = 1
  while index < order.count {
    var place = index
    while place > 0, order[place - 1].key == order[place].key,
      key(entries[Int(order[place].index)]) < key(entries[Int(order[place - 1].index)])
    {
      order.swapAt(place, place - 1)
      place -= 1
    }
    index += 1
  }
}
