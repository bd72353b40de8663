/// Nights of the ledger, as they were known at a publication.
package struct LedgerSpan: Sendable, Hashable {
  /// First and last night, both included, as `2026-03-01`.
  package var first: String
  package var last: String
  /// Runs with a later publication do not count.
  package var publication: Int64

  package init(first: String, last: String, publication: Int64) {
    self.first = first
    self.last = last
    self.publication = publication
  }
}

/// A publication and the run that made it.
package struct PublicationEntry: Sendable, Hashable {
  package var publication: Int64
  /// As `2026-03-01`.
  package var night: String
  package var run: Int64
  /// Local time, as `2026-03-02T01:30:00`.
  package var publishedAt: String
  package var ruleSetHash: String

  package init(
    publication: Int64, night: String, run: Int64, publishedAt: String, ruleSetHash: String
  ) {
    self.publication = publication
    self.night = night
    self.run = run
    self.publishedAt = publishedAt
    self.ruleSetHash = ruleSetHash
  }
}

/// Judged records of one category of one system, or those of them that had a value of an element.
package struct CoverageSum: Sendable, Equatable {
  package var system: String
  package var category: String
  /// Empty for all records.
  package var element: String
  package var count: Int

  package init(system: String, category: String, element: String, count: Int) {
    self.system = system
    self.category = category
    self.element = element
    self.count = count
  }
}

/// The deliveries of one category by one system, summed.
package struct StreamSum: Sendable, Equatable {
  package var system: String
  package var category: String
  package var deliveries: Int
  /// Of `deliveries`: wait for a person.
  package var held: Int
  /// Of `held`: before their records were counted.
  package var uncounted: Int
  /// The last night in which one came.
  package var lastNight: String
  /// The last one before the last night of the span; nil if there was none in it.
  package var lastNightBefore: String?
  package var balance: Balance

  package init(
    system: String, category: String, deliveries: Int, held: Int, uncounted: Int,
    lastNight: String, lastNightBefore: String?, balance: Balance
  ) {
    self.system = system
    self.category = category
    self.deliveries = deliveries
    self.held = held
    self.uncounted = uncounted
    self.lastNight = lastNight
    self.lastNightBefore = lastNightBefore
    self.balance = balance
  }
}

/// All deliveries of one night, summed.
package struct NightSum: Sendable, Equatable {
  package var night: String
  package var deliveries: Int
  package var held: Int
  package var balance: Balance

  package init(night: String, deliveries: Int, held: Int, balance: Balance) {
    self.night = night
    self.deliveries = deliveries
    self.held = held
    self.balance = balance
  }
}

/// Findings of one kind in the records of one system.
package struct FindingSum: Sendable, Equatable {
  package var system: String
  package var code: String
  package var rule: String
  /// Empty where the finding is about the whole record.
  package var element: String
  package var severity: String
  package var count: Int

  package init(
    system: String, code: String, rule: String, element: String, severity: String, count: Int
  ) {
    self.system = system
    self.code = code
    self.rule = rule
    self.element = element
    self.severity = severity
    self.count = count
  }
}

/// Values of one system's records that differ from those of owners, by rule.
package struct ConflictSum: Sendable, Equatable {
  package var system: String
  /// The rule that names the owner.
  package var rule: String
  /// As of the publication.
  package var standing: Int
  /// Of `standing`: were not there before the span.
  package var new: Int
  /// Were there before the span and are gone.
  package var settled: Int

  package init(system: String, rule: String, standing: Int, new: Int, settled: Int) {
    self.system = system
    self.rule = rule
    self.standing = standing
    self.new = new
    self.settled = settled
  }
}

/// Records of one night that wait for the same thing.
package struct PendingSum: Sendable, Equatable {
  package var system: String
  package var category: String
  /// The rule whose other side is not there yet; empty if none is noted.
  package var rule: String
  /// The night in which they came.
  package var night: String
  package var records: Int

  package init(system: String, category: String, rule: String, night: String, records: Int) {
    self.system = system
    self.category = category
    self.rule = rule
    self.night = night
    self.records = records
  }
}

/// Sums over the ledger, made by the engine: what a caller gets grows with systems, categories and
/// nights asked for, never with the deliveries behind them.
///
/// Only what is published is counted.
package protocol LedgerReader: AnyObject {
  /// The last publication of each of the last nights up to and including `night`, newest night first.
  ///
  /// - Parameter publication: Later ones do not count; nil for the one that readers see.
  func publications(
    upTo night: String, publication: Int64?, limit: Int
  ) throws -> [PublicationEntry]
  /// Sorted by system and category; those of which nothing came are left out.
  func streamSums(_ span: LedgerSpan) throws -> [StreamSum]
  /// Sorted by night; nights with a run and no delivery are there, with zeros.
  func nightSums(_ span: LedgerSpan) throws -> [NightSum]
  /// The entries themselves, in the order of the ledger; for single nights.
  func deliveries(_ span: LedgerSpan) throws -> [DeliveryEntry]
  /// Deliveries that came on the first night of the span or before it and waited for a person at its
  /// publication, in the order of the ledger: held still, or taken by a later run since.
  func waitingDeliveries(_ span: LedgerSpan) throws -> [DeliveryEntry]
  /// Sums of all deliveries by name and domain; elements and codes are added up.
  func measureSums(_ span: LedgerSpan, names: [String]) throws -> [Measure]
  /// Records that were judged (the element is empty) and those of them that had a value of an element.
  /// Sorted by system, category, element.
  func coverageSums(_ span: LedgerSpan) throws -> [CoverageSum]
  /// Findings on the records of the span's deliveries as of its publication: of records alone, of rules
  /// between records, conflicts with owners. What a record only waits for is left out. Sorted by system,
  /// code, rule, element, severity.
  func findingSums(_ span: LedgerSpan) throws -> [FindingSum]
  /// Conflicts of all records, whenever they came. Sorted by rule and system.
  func conflictSums(_ span: LedgerSpan) throws -> [ConflictSum]
  /// Records that came in the span and were pending at its publication; a record that waits for two
  /// things counts under both. Sorted by system, category, rule, night.
  func pendingSums(_ span: LedgerSpan) throws -> [PendingSum]
}
