package import Catalog
import Dispatch
import Reconciliation
import Records
import Sharing
import Synchronization
package import Warehouse

/// Builds the files that leave: for each tier below restricted one database with what its readers may see
/// of the publication, and nothing else (design.md, D8).
///
/// Yesterday's file is brought up to date: a copy of it with what changed since (decision 17). It is built
/// anew where there is none of this warehouse and policy, where much changed, and where the copy fails. The
/// file of a publication is made once; what a killed run left unfinished is made again.
package struct TierPass {
  private let catalog: Catalog
  private let engine: any WarehouseEngine
  private let publication: Int64
  private let home: HomeFolder
  private let secret: [UInt8]
  private let moment: RunMoment
  private let progress: any ProgressReporter

  /// Readers of public files are anybody, those of shared ones the owner's group.
  private static let tiers: [(tier: SharingTier, mode: UInt32)] = [
    (.public, 0o644), (.shared, 0o640),
  ]

  /// - Parameters:
  ///   - publication: Is published.
  ///   - secret: Key of hashes.
  package init(
    catalog: Catalog, engine: any WarehouseEngine, publication: Int64, home: HomeFolder,
    secret: [UInt8], moment: RunMoment, progress: any ProgressReporter
  ) {
    self.catalog = catalog
    self.engine = engine
    self.publication = publication
    self.home = home
    self.secret = secret
    self.moment = moment
    self.progress = progress
  }

  /// - Parameter again: Builds files that are up to date as well, and all of them anew.
  /// - Returns: What was done, by tier; nothing for files that were up to date.
  @discardableResult
  package func apply(again: Bool = false) throws -> [TierOutcome] {
    guard let policy = catalog.sharing else { return [] }
    let kit = try SharingKit(catalog: catalog, secret: secret)
    let history = try engine.history(upTo: publication)
    let objections = try engine.objectionHash()
    let builds = try Self.tiers.compactMap { tier, mode -> TierBuild? in
      let path = home.tierFile(tier)
      var file = TierFile(
        tier: tier, publication: publication,
        night: CivilDate(dayNumber: moment.night).description,
        day: CivilDate(dayNumber: moment.today).description,
        basis: basis(tier, policy, kit), history: history, stamp: "", tables: [])
      file.stamp = stamp(file, objections)
      guard again || engine.tierStamp(path: path) != file.stamp else { return nil }
      let plans = try catalog.categories.map {
        try SharingPlan(kit, $0, Audience(tier: tier))
      }.filter(\.isOpen)
      let tables = plans.map(TierTable.init)
      file.tables = tables.map(\.table)
      // What depends on the hour cannot be known to be what it was.
      let isSettled = !again && !plans.contains(where: \.readsHour)
      return TierBuild(
        file, path: path, mode: mode, base: isSettled ? try engine.tierBase(file, path: path) : nil,
        benches: tables.map { TierBench($0, catalog, moment) }, engine, catalog, moment)
    }
    guard !builds.isEmpty else { return [] }
    if builds.contains(where: { $0.base != nil }) { try engine.prepareChanges() }
    try run(builds)
    let outcomes = try builds.compactMap { try $0.outcome?.get() }
    for outcome in outcomes { progress.note(outcome.description) }
    return outcomes
  }

  /// Each file has connections of its own, and one thread that writes; together they keep the cores busy.
  private func run(_ builds: [TierBuild]) throws {
    let names = builds.map { "\($0.file.tier.rawValue).sqlite" }
    progress.begin(.tiers, names.joined(separator: ", "), total: 0)
    defer { progress.end() }
    let group = DispatchGroup()
    for build in builds {
      DispatchQueue(label: build.file.tier.rawValue).async(group: group) { build.run() }
    }
    while group.wait(timeout: .now() + .milliseconds(200)) == .timedOut {
      progress.advance(to: builds.reduce(0) { $0 + $1.done.withLock { $0 } })
    }
    progress.advance(to: builds.reduce(0) { $0 + $1.done.withLock { $0 } })
  }

  /// Everything that decides about a record, as one number, without the days and publications.
  private func basis(_ tier: SharingTier, _ policy: SharingPolicy, _ kit: SharingKit) -> String {
    Self.hash([
      tier.rawValue, "\(SharingPlan.version)", policy.contentHash, catalog.ruleSetHash,
      catalog.authority.hash, kit.secretMark,
    ])
  }

  /// Everything that decides what is in a file. The day is part of it, because publicity ends, and so are the
  /// marks of objections, which people set and take away by day.
  private func stamp(_ file: TierFile, _ objections: String) -> String {
    Self.hash([file.basis, "\(file.publication)", file.day, file.history, objections])
  }

  private static func hash(_ parts: [String]) -> String {
    Fingerprint(of: Array(parts.joined(separator: "|").utf8).span).hexadecimal
  }
}

/// What became of the file of a tier.
package struct TierOutcome: Sendable, Hashable, CustomStringConvertible {
  package enum Way: Sendable, Hashable {
    /// With as many records.
    case anew(records: Int)
    /// By as many records that came, went or are seen differently; golden records not counted.
    case updated(changes: Int)
  }

  package var tier: SharingTier
  package var way: Way
  /// Why a file that was there could not be brought up to date; empty where nothing was wrong with it.
  package var reason: String

  package init(tier: SharingTier, way: Way, reason: String = "") {
    self.tier = tier
    self.way = way
    self.reason = reason
  }

  /// For screens.
  package var short: String {
    switch way {
    case .anew(let records): "\(tier.rawValue): built anew, \(records) records"
    case .updated(let changes): "\(tier.rawValue): brought up to date, \(changes) changed"
    }
  }

  /// For logs.
  package var description: String {
    let name = "\(tier.rawValue).sqlite"
    switch way {
    case .anew(let records):
      return "\(name) is built anew, \(records) records"
        + (reason.isEmpty ? "" : "; what was there was left, because \(reason)")
    case .updated(let changes):
      return
        "\(name) is brought up to date, \(changes) \(changes == 1 ? "record" : "records") changed"
    }
  }
}
