package import Catalog
import Records

/// How long departments have had their returns: open records by system and night of the return, in working
/// days. A record that comes back once more has been returned anew, and its time begins anew.
package struct ReturnClock: Sendable {
  /// Records of one system that went back in one night and did not come right since.
  package struct Entry: Sendable {
    package var system: String
    package var night: String
    package var records: Int
    /// Of them, had gone back before.
    package var repeated: Int
    /// Of them, waived: nobody is asked for an answer.
    package var waived: Int
    /// The last day for an answer; nil beyond the calendar.
    package var due: Int?
    /// Working days since the return. Beyond the calendar days are counted as they come, which is never fewer.
    package var age: Int
    /// Records whose answer is late.
    package var overdue: Int

    package var isOverdue: Bool { overdue > 0 }
  }

  /// Sorted by system, then night.
  package let entries: [Entry]

  /// - Parameters:
  ///   - workdays: In which a return is to be answered.
  ///   - today: Days since 1970-01-01.
  ///   - systems: Whose records may be counted; nil for all.
  ///   - waived: Records of waivers that stand.
  package init(
    _ file: ReviewFile, _ calendar: WorkingDayCalendar, workdays: Int, today: Int,
    systems: Set<String>?, waived: [ActStore.Target]
  ) throws {
    struct Key: Hashable {
      var system: String
      var publication: Int64
    }
    let table = file.causes
    var records: [Key: (all: Int, repeated: Int, waived: Int)] = [:]
    func add(_ counts: [CauseTable.Count], isWaived: Bool) {
      for count in counts {
        let cause = table.causes[count.cause]
        guard cause.status == "returned", systems?.contains(cause.system) ?? true else { continue }
        let key = Key(system: cause.system, publication: count.publication)
        if isWaived {
          records[key, default: (0, 0, 0)].waived += count.records
        } else {
          records[key, default: (0, 0, 0)].all += count.records
          if count.attempt > 1 { records[key, default: (0, 0, 0)].repeated += count.records }
        }
      }
    }
    add(table.counts, isWaived: false)
    let exempt = try file.openRows(of: waived)
    if !exempt.isEmpty {
      add(try QueueSlice(QueueSlice(file), only: exempt).causes.counts, isWaived: true)
    }
    entries = records.compactMap { key, count in
      let night = table.nights[key.publication] ?? ""
      guard let day = CivilDate(night)?.dayNumber else { return nil }
      let age =
        day >= today ? 0 : calendar.workingDays(from: day, to: today) ?? (today - day)
      return Entry(
        system: key.system, night: night, records: count.all, repeated: count.repeated,
        waived: count.waived, due: calendar.adding(workdays, to: day), age: age,
        overdue: age > workdays ? count.all - count.waived : 0)
    }.sorted { ($0.system, $0.night) < ($1.system, $1.night) }
  }

  /// What one department has.
  package struct Total: Sendable {
    package var system: String
    package var records: Int
    package var waived: Int
    package var overdue: Int
    package var oldest: Entry
  }

  /// With most overdue first.
  package var totals: [Total] {
    Dictionary(grouping: entries, by: \.system).compactMap { system, entries in
      entries.first.map { oldest in
        Total(
          system: system, records: entries.reduce(0) { $0 + $1.records },
          waived: entries.reduce(0) { $0 + $1.waived },
          overdue: entries.reduce(0) { $0 + $1.overdue }, oldest: oldest)
      }
    }.sorted { (-$0.overdue, -$0.records, $0.system) < (-$1.overdue, -$1.records, $1.system) }
  }
}
