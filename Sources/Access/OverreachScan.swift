package import Catalog
import Records

/// Something about a person's reading that somebody should look at.
package struct OverreachAlert: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    /// Far more records than on any day of the days before.
    case rowsRise = "rows-rise"
    /// Many denied acts on one day.
    case deniedOften = "denied-often"
    /// Elements that neither the department's tier nor a grant covers.
    case outsideGrant = "outside-grant"
  }

  package var kind: Kind
  package var user: String
  package var department: String
  /// Days since 1970-01-01.
  package var day: Int
  /// Records, denied acts, or readings.
  package var count: Int
  /// What it was compared with: the greatest day before, or the number from which on it is said.
  package var limit: Int
  /// For ``Kind/outsideGrant``, `category.element` of what was read, sorted.
  package var subjects: [String] = []

  package var chinese: String {
    let who = "\(department) \(user) \(CivilDate(dayNumber: day))"
    switch kind {
    case .rowsRise: return "\(who) 读取\(count)条,此前单日最多\(limit)条"
    case .deniedOften: return "\(who) 被拒绝\(count)次(起报\(limit)次)"
    case .outsideGrant: return "\(who) 读取授权以外的数据\(count)次:\(subjects.joined(separator: "、"))"
    }
  }

  package var english: String {
    let who = "\(department) \(user) \(CivilDate(dayNumber: day))"
    switch kind {
    case .rowsRise: return "\(who) read \(count) records; no day before had more than \(limit)"
    case .deniedOften: return "\(who) was denied \(count) times; said from \(limit) on"
    case .outsideGrant:
      return "\(who) read \(count) times what no grant covers: \(subjects.joined(separator: ", "))"
    }
  }
}

/// Walks the access log and finds readings that are more than they should be (G7).
///
/// A pure function of log, grants and policy; nothing is forgotten between two walks, and nothing is stored.
package struct OverreachScan: Sendable {
  private struct Reader: Hashable, Comparable {
    var user: String
    var department: String

    static func < (left: Self, right: Self) -> Bool {
      (left.department, left.user) < (right.department, right.user)
    }
  }

  private struct Day {
    var rows = 0
    var denied = 0
    var outside = 0
    var subjects: Set<String> = []
  }

  private let catalog: Catalog
  private let grants: [Grant]
  private let policy: OverreachPolicy
  private var readers: [Reader: [Int: Day]] = [:]

  /// - Parameter grants: All that were ever given.
  package init(_ catalog: Catalog, grants: [Grant]) {
    self.catalog = catalog
    self.grants = grants
    policy = catalog.approvals.alerts
  }

  /// Acts by which records are seen.
  private static let readings: Set<AccessAction> = [
    .read, .query, .queryResult, .why, .explain, .export, .queue, .record,
  ]

  /// Takes the next entry of the log, in any order.
  package mutating func add(_ entry: WrittenEntry) {
    let isReading = Self.readings.contains(entry.action)
    guard entry.outcome == .denied || isReading else { return }
    // Capitals do not make another person.
    let reader = Reader(user: entry.user.lowercased(), department: entry.department)
    let number = Moment.dayNumber(entry.time)
    var day = readers[reader]?[number] ?? Day()
    if entry.outcome == .denied {
      day.denied += 1
    } else {
      day.rows += Self.rows(entry)
      let outside = outside(entry)
      if !outside.isEmpty { day.outside += 1 }
      day.subjects.formUnion(outside)
    }
    readers[reader, default: [:]][number] = day
  }

  /// More than anybody reads at once; entries that were tampered with may say anything.
  private static let mostRows = 1_000_000_000

  /// Records of an entry; a query's result says how many rows it had where their keys are not known.
  private static func rows(_ entry: WrittenEntry) -> Int {
    guard entry.action == .queryResult, entry.reference.hasPrefix("rows:") else {
      return min(entry.rows, mostRows)
    }
    return min(max(entry.rows, Int(entry.reference.dropFirst(5)) ?? 0), mostRows)
  }

  /// Elements of a reading that neither tier nor grant covers. An export has its grant, which was looked at
  /// when it was made; an explanation shows no more than another reader's rights, and the console no more than
  /// the clearance that an account was given.
  private func outside(_ entry: WrittenEntry) -> [String] {
    guard entry.action != .export, entry.action != .explain, entry.action != .queryResult,
      entry.action != .queue, entry.action != .record,
      catalog.category(entry.category) != nil
    else { return [] }
    let base = catalog.approvals.baseTier(of: entry.department)
    let covered = grants.filter { grant in
      // A grant that was revoked later was one then.
      grant.department == entry.department && grant.category == entry.category
        && grant.period.contains(entry.time) && entry.time < grant.revoked ?? .max
    }.reduce(into: Set<String>()) { $0.formUnion($1.elements) }
    return entry.elements.filter { name in
      guard let element = catalog.element(name), !covered.contains(name) else { return false }
      let own = catalog.sharing?.tier(of: element, in: entry.category) ?? element.tier
      let whole = catalog.sharing?.tier(ofCategory: entry.category) ?? .public
      return max(own, whole) > base
    }.map { "\(entry.category).\($0)" }
  }

  /// What is to be said of some days, by day, kind and reader.
  package func alerts(_ days: ClosedRange<Int>) -> [OverreachAlert] {
    var result: [OverreachAlert] = []
    for reader in readers.keys.sorted() {
      for (number, day) in (readers[reader] ?? [:]).sorted(by: { $0.key < $1.key })
      where days.contains(number) {
        result += alerts(reader, number, day)
      }
    }
    return result.sorted { left, right in
      (left.day, left.kind.rawValue, left.department, left.user)
        < (right.day, right.kind.rawValue, right.department, right.user)
    }
  }

  private func alerts(_ reader: Reader, _ number: Int, _ day: Day) -> [OverreachAlert] {
    func alert(
      _ kind: OverreachAlert.Kind, _ count: Int, _ limit: Int, _ subjects: Set<String> = []
    ) -> OverreachAlert {
      OverreachAlert(
        kind: kind, user: reader.user, department: reader.department, day: number, count: count,
        limit: limit, subjects: subjects.sorted())
    }
    var result: [OverreachAlert] = []
    let before =
      (readers[reader] ?? [:]).filter {
        $0.key < number && $0.key >= number - policy.baselineDays
      }.map(\.value.rows).max() ?? 0
    if day.rows >= policy.rowsMinimum, day.rows > before * policy.rowsFactor {
      result.append(alert(.rowsRise, day.rows, before))
    }
    if day.denied >= policy.deniedPerDay {
      result.append(alert(.deniedOften, day.denied, policy.deniedPerDay))
    }
    if day.outside > 0 { result.append(alert(.outsideGrant, day.outside, 0, day.subjects)) }
    return result
  }
}
