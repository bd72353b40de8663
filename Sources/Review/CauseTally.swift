/// How many open records have each cause as of a publication.
struct CauseTally: Sendable {
  struct Entry: Sendable {
    var records = 0
    /// Of them, came with the publication.
    var fresh = 0
    /// Publications that brought the oldest and the newest of them.
    var oldest = Int64.max
    var newest = Int64.min
  }

  let publication: Int64
  let night: String
  private(set) var entries: [IncidentCause: Entry] = [:]
  private let nights: [Int64: String]

  /// Records that wait for others are nobody's mistake yet and do not count.
  init(_ table: CauseTable, publication: Int64) {
    self.publication = publication
    night = table.nights[publication] ?? ""
    nights = table.nights
    for count in table.counts {
      let cause = table.causes[count.cause]
      guard cause.status != "pending" else { continue }
      let causes = Set(
        cause.findings.map {
          IncidentCause(
            system: cause.system, category: cause.category, code: $0.code, rule: $0.rule,
            element: $0.element)
        })
      for cause in causes {
        var entry = entries[cause] ?? Entry()
        entry.records += count.records
        if count.publication == publication { entry.fresh += count.records }
        entry.oldest = min(entry.oldest, count.publication)
        entry.newest = max(entry.newest, count.publication)
        entries[cause] = entry
      }
    }
  }

  func night(of publication: Int64) -> String { nights[publication] ?? "" }
}
