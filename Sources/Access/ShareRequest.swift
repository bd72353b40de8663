package import Catalog

/// From the first to the last second in which data may be read, both included.
package struct AccessPeriod: Sendable, Hashable, Codable {
  /// Seconds since 1970-01-01T00:00:00Z.
  package var firstSecond: Int64
  package var lastSecond: Int64

  package init(firstSecond: Int64, lastSecond: Int64) {
    self.firstSecond = firstSecond
    self.lastSecond = lastSecond
  }

  package func contains(_ second: Int64) -> Bool { firstSecond <= second && second <= lastSecond }
}

/// What somebody asks for: elements of one category, for a purpose and a period.
package struct ShareRequest: Sendable, Hashable, Codable {
  /// `R000001`.
  package var id: String
  package var requester: Person
  package var purpose: String
  package var category: String
  /// Identifiers, in the order asked for, each once.
  package var elements: [String]
  /// Raw value of the highest ``SharingTier`` asked for.
  package var tier: String
  /// Row condition in the expression language; nil for all rows.
  package var condition: String?
  package var period: AccessPeriod
  /// When it was made.
  package var time: Int64
  /// Last days, as days since 1970-01-01, of the first approval and of the answer.
  package var firstApprovalDue: Int
  package var answerDue: Int

  /// Makes a request that can be checked.
  ///
  /// What the catalog says to it is the matter of a ``ComplianceCheck``.
  ///
  /// - Throws: ``Denial`` with code `purpose`, `elements`, `period` or `calendar`.
  package init(
    id: String, requester: Person, purpose: String, category: String, elements: [String],
    tier: SharingTier, condition: String?, period: AccessPeriod, time: Int64, catalog: Catalog
  ) throws(Denial) {
    guard purpose.contains(where: { !$0.isWhitespace }) else {
      throw Denial("purpose", chinese: "须说明用途", english: "say for what the data is needed")
    }
    var seen: Set<String> = []
    let names = elements.filter { !$0.isEmpty && seen.insert($0).inserted }
    guard !names.isEmpty else {
      throw Denial("elements", chinese: "须列明数据元", english: "name at least one data element")
    }
    let policy = catalog.approvals
    let longest = Int64(policy.longestPeriodDays) * 86_400
    guard period.firstSecond <= period.lastSecond, period.lastSecond >= time,
      period.lastSecond - period.firstSecond < longest
    else {
      throw Denial(
        "period", chinese: "使用期限须在今后结束,且不超过\(policy.longestPeriodDays)天",
        english: "the period ends in the future and has at most \(policy.longestPeriodDays) days")
    }
    let day = Moment.dayNumber(time)
    firstApprovalDue = try catalog.calendar.deadline(policy.firstApprovalWorkdays, after: day)
    answerDue = try catalog.calendar.deadline(policy.answerWorkdays, after: day)
    self.id = id
    self.requester = requester
    self.purpose = purpose
    self.category = category
    self.elements = names
    self.tier = tier.rawValue
    self.condition = condition.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
    self.period = period
    self.time = time
  }

  /// What is asked for; the strictest tier where the text names none.
  package var sharingTier: SharingTier { SharingTier(rawValue: tier) ?? .restricted }
}

extension WorkingDayCalendar {
  /// The last day of a time limit.
  ///
  /// - Throws: ``Denial`` with code `calendar`, where the day lies beyond the calendar: no day is guessed.
  func deadline(_ workdays: Int, after day: Int) throws(Denial) -> Int {
    if let due = adding(workdays, to: day) { return due }
    let known = years.first.flatMap { first in years.last.map { "\(first)–\($0)" } } ?? "–"
    throw Denial(
      "calendar", chinese: "工作日历只有\(known)年,期限无法计算;请补充 catalog/calendar",
      english: "the calendar of working days has \(known); add catalog/calendar/YYYY.yaml for more")
  }
}
