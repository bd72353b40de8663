package import Access
package import Catalog
package import Pipeline
import Records
import Synchronization
import WarehouseSQLite

/// Tries changed rules for people who wait for the result on a page: one after the other, since each reads
/// a month of deliveries. What comes of it is kept with the other shadow runs; nothing else is written.
package final class RuleTrials: Sendable {
  /// One that runs, or that ended without a result.
  package struct Trial: Sendable {
    package var name: String
    package var rule: String
    package var person: Person
    /// Seconds since 1970-01-01T00:00:00Z.
    package var begun: Int64
    package var deliveries = 0
    package var done = 0
    package var isCancelled = false
    /// Why there is no result; nil while it runs.
    package var failure: Denial?
  }

  /// What is to be done by whoever has a thread for it.
  package struct Work: Sendable {
    package let name: String
    fileprivate let present: Rule
    fileprivate let changed: Rule
    fileprivate let catalog: Catalog
    fileprivate let person: Person
  }

  /// Examples kept of each change.
  private static let examples = 5

  private let home: HomeFolder
  private let catalog: Catalog
  private let configuration: RunConfiguration
  private let reader: any DeliveryReader
  private let last = Mutex<Trial?>(nil)

  package init(
    home: HomeFolder, _ catalog: Catalog, _ configuration: RunConfiguration,
    reader: any DeliveryReader
  ) {
    self.home = home
    self.catalog = catalog
    self.configuration = configuration
    self.reader = reader
  }

  /// The one that runs, or the last one if it ended without a result.
  package var current: Trial? { last.withLock { $0 } }

  /// Checks a change and takes the one place there is.
  ///
  /// - Parameter now: Seconds since 1970-01-01T00:00:00Z.
  /// - Throws: ``Denial`` for what is wrong with the rule, and while another is tried.
  package func begin(_ change: RuleChange, by person: Person, now: Int64) throws(Denial) -> Work {
    let (changedCatalog, present, rule) = try change.applied(to: catalog)
    let name = rule.id + "-" + Moment.text(now).prefix(19).filter(\.isNumber)
    let isFree = last.withLock { trial in
      guard trial == nil || trial?.failure != nil else { return false }
      trial = Trial(name: name, rule: rule.id, person: person, begun: now)
      return true
    }
    guard isFree else {
      throw Denial(
        "busy", chinese: "正在试算另一条规则，请等它结束后再提交。",
        english: "Another rule is being tried; send it again when that is done.")
    }
    return Work(
      name: name, present: present, changed: rule, catalog: changedCatalog, person: person)
  }

  /// Gives the place back, where nobody does the work.
  package func abandon(_ work: Work) {
    last.withLock { trial in if trial?.name == work.name { trial = nil } }
  }

  /// Asks the one that runs to end.
  package func cancel(_ name: String) {
    last.withLock { trial in if trial?.name == name { trial?.isCancelled = true } }
  }

  /// Judges the deliveries; returns when there is a result or a reason why not.
  package func run(_ work: Work, now: () -> Int64) {
    do {
      try judge(work, now)
      last.withLock { $0 = nil }
    } catch {
      let denial =
        error as? Denial
        ?? Denial("failed", chinese: "试算没有完成：\(error)", english: "It did not end: \(error)")
      last.withLock { $0?.failure = denial }
    }
  }

  private func judge(_ work: Work, _ now: () -> Int64) throws {
    let warehouse = try WarehouseReader(folder: home.warehouse)
    let chosen = try ShadowDeliveries.chosen(warehouse, category: work.present.category)
    last.withLock { $0?.deliveries = chosen.count }
    var shadow = ShadowRun(
      present: .init(catalog, configuration), changed: .init(work.catalog, configuration),
      archive: home.archive, reader: reader, examples: Self.examples)
    for (entry, night) in chosen {
      guard last.withLock({ $0?.isCancelled == false }) else {
        throw Denial("cancelled", chinese: "试算已取消。", english: "It was cancelled.")
      }
      try shadow.compare(entry, night: night)
      last.withLock { $0?.done += 1 }
    }
    func day(_ night: Int?) -> String { night.map { "\(CivilDate(dayNumber: $0))" } ?? "" }
    try ShadowResults(home).keep(
      ShadowResult(
        name: work.name, work.person, time: now(), firstNight: day(chosen.map(\.night).min()),
        lastNight: day(chosen.map(\.night).max()), against: RuleChange.text(work.present),
        changed: RuleChange.text(work.changed), ShadowSummary(shadow.report)))
  }
}
