import Records
import TestSupport
import Testing

@testable import Reconciliation

@Suite("Order by key")
struct KeyOrderTests {
  /// Few records are compared, many distributed; keys that share their first 64 bits are in both.
  @Test(arguments: [0, 1, 2, 50, 16_384, 16_385, 40_000])
  func `records stand by key, then by number`(_ count: Int) {
    var random = SeededGenerator(seed: UInt64(count))
    var entries: [SurveyEntry] = []
    for _ in 0..<count {
      let key = Fingerprint(
        high: UInt64.random(in: 0...UInt64(count / 3), using: &random),
        low: UInt64.random(in: 0...3, using: &random))
      entries.append(
        SurveyEntry(
          record: key, entity: key, content: key, updateTime: SurveyEntry.noTime, isDeletion: false)
      )
    }
    let wanted = entries.indices.sorted { (entries[$0].entity, $0) < (entries[$1].entity, $1) }
    var order = [KeyOrderEntry](repeating: KeyOrderEntry(key: 0, index: 0), count: count)
    var scratch = order
    var orderSpan = order.mutableSpan
    var scratchSpan = scratch.mutableSpan
    sortByKey(entries.span, { $0.entity }, into: &orderSpan, scratch: &scratchSpan)
    #expect(order.map { Int($0.index) } == wanted)
  }
}
