package import Records

/// Decides for every record of a delivery whether it is judged (semantics.md §6, §8).
///
/// A pure function of the delivery's entries and the warehouse's prior states; the caller feeds the
/// states in ascending order of their keys.
package struct Resolution: ~Copyable {
  /// How often each record had been returned before, up to 255.
  package enum Limits { package static let attempts = 255 }

  /// Marks duplicates and conflicts within the delivery.
  ///
  /// - Parameters:
  ///   - order: Sorted by the key that `key` gives.
  ///   - dispositions: One per record; only records still to be judged are changed.
  package static func markWithinDelivery(
    _ entries: Span<SurveyEntry>, order: Span<KeyOrderEntry>,
    key: (borrowing SurveyEntry) -> Fingerprint, dispositions: inout MutableSpan<Disposition>
  ) {
    var start = 0
    while start < order.count {
      let first = key(entries[Int(order[start].index)])
      var end = start + 1
      while end < order.count, order[end].key == order[start].key,
        key(entries[Int(order[end].index)]) == first
      {
        end += 1
      }
      if end - start > 1, first != SurveyEntry.noEntity {
        markGroup(entries, order.extracting(start..<end), &dispositions)
      }
      start = end
    }
  }

  /// One key, several records: the same content again is a duplicate; different contents with one
  /// update time contradict each other.
  private static func markGroup(
    _ entries: Span<SurveyEntry>, _ group: Span<KeyOrderEntry>,
    _ dispositions: inout MutableSpan<Disposition>
  ) {
    var firstByContent: [Fingerprint: Int] = [:]
    var byTime: [Int64: [Int]] = [:]
    for place in group.indices {
      let index = Int(group[place].index)
      guard dispositions[index] == .judge else { continue }
      let entry = entries[index]
      if firstByContent[entry.content] != nil {
        dispositions[index] = .duplicate
      } else {
        firstByContent[entry.content] = index
        byTime[entry.updateTime, default: []].append(index)
      }
    }
    for (_, members) in byTime where members.count > 1 {
      for index in members { dispositions[index] = .conflict }
    }
  }

  /// Marks a record whose content is that of its last accepted version or of the one that waits, or
  /// that is older than the accepted one, and notes earlier returns.
  ///
  /// - Parameters:
  ///   - members: Records with the state's key.
  package static func apply(
    _ state: RecordState, to members: Span<KeyOrderEntry>, _ entries: Span<SurveyEntry>,
    dispositions: inout MutableSpan<Disposition>, attempts: inout MutableSpan<UInt8>
  ) {
    for place in members.indices {
      let index = Int(members[place].index)
      attempts[index] = UInt8(min(Limits.attempts, state.attempts))
      guard dispositions[index] == .judge else { continue }
      let content = entries[index].content
      if content == state.accepted || content == state.waiting?.content {
        dispositions[index] = .unchanged
      } else if SurveyEntry.isOlder(entries[index].updateTime, than: state.updateTime) {
        dispositions[index] = .late
      }
    }
  }

  /// Marks a record that claims the entity key and update time of another record's current row.
  ///
  /// A record that did not change, but does not show its key because another record took it over, is
  /// judged again once the key is free.
  ///
  /// - Parameters:
  ///   - state: Of the entity key; nil if nothing is known of it.
  ///   - ownRow: Current row of the record itself; nil if it has none.
  package static func apply(
    _ state: EntityState?, toRecord index: Int, ownRow: Int64?, _ entries: Span<SurveyEntry>,
    dispositions: inout MutableSpan<Disposition>
  ) {
    let entry = entries[index]
    guard let state else {
      if dispositions[index] == .unchanged, ownRow == nil { dispositions[index] = .judge }
      return
    }
    guard dispositions[index] == .judge, !entry.isDeletion,
      entry.updateTime != SurveyEntry.noTime, entry.updateTime == state.updateTime,
      ownRow != state.rowID, !state.isDeleted
    else { return }
    dispositions[index] = .conflict
  }
}
