import Catalog
import Reconciliation
import Records
import Warehouse

/// Finds which registration the subjects of records are (S2), after golden records are composed and before the
/// pointer moves: a registration is its golden record.
///
/// Cost follows the night: looked at are registrations that the night touched, records of the night whose code
/// no registration has, and those of earlier nights that share a text with what changed. What a killed pass
/// left is taken back first, so that it may be repeated.
struct SubjectPass {
  let catalog: Catalog
  let engine: any WarehouseEngine
  let run: RunEntry
  let moment: RunMoment
  let progress: any ProgressReporter

  /// Registrations of one page. Each row has entries in indexes of texts, which lie anywhere: a
  /// transaction writes most of their pages once, so that there should be few; a page takes some megabytes.
  private static let pageSize = 4096
  /// Records of one page. A search reads every registration that shares half a name with a record of the page, which
  /// are most of them: how often they are read is how many pages there are. Each worker holds what the
  /// registrations of a page say, the more of them the larger the city.
  private static let mentionPageSize = 4096

  func apply() throws {
    guard let matching = catalog.matching else { return }
    progress.begin(.subjects, run.night, total: 0)
    defer { progress.end() }
    // What is golden of a registration depends on the policy of golden records too.
    let golden = PolicyHash(catalog, CivilDate(dayNumber: moment.night)).hexadecimal
    let law = "\(matching.hash)|\(golden)"
    let isAll = try engine.beginSubjects(publication: run.publication, policy: law)
    try index(matching, isAll: isAll)
    try match(matching, isAll: isAll)
    try engine.countSubjects(publication: run.publication, run: run.id)
    try engine.endSubjects(publication: run.publication, policy: law)
  }

  // MARK: Registrations

  private func index(_ matching: SubjectMatching, isAll: Bool) throws {
    try engine.collectSubjects(
      publication: run.publication, run: run.id, all: isAll, more: try overruled(matching))
    let namer = SubjectNamer(matching.names)
    let line = work(
      on: { (page: SubjectPage, _) in
        SubjectUpdate(
          publication: run.publication, codes: page.codes, entries: Self.entries(of: page, namer))
      }, settle: { try engine.storeSubjects($0) })
    try line.finish(after: {
      var last: Int64 = 0
      while let page = try engine.subjectPage(
        publication: run.publication, after: last, limit: Self.pageSize), let end = page.keys.last
      {
        try line.submit { $0.page = page }
        last = end
      }
    })
  }

  /// Registrations of which people state something, or did until tonight.
  private func overruled(_ matching: SubjectMatching) throws -> [String] {
    let overrides = try engine.overrides(standing: false).filter {
      $0.entity == matching.entity
        && ($0.closedBy == nil || $0.closedBy == run.publication)
    }
    return Set(overrides.flatMap(\.key)).sorted()
  }

  /// The golden statement of each code, and what copies say otherwise, each once.
  static func entries(
    of page: SubjectPage, _ namer: SubjectNamer
  ) -> [SubjectUpdate.Entry] {
    var entries: [SubjectUpdate.Entry] = []
    let byCode = Dictionary(grouping: page.statements, by: \.code)
    for code in page.codes {
      // Of a registration that one record speaks of, that record is the golden one.
      let start = entries.count
      for statement in byCode[code] ?? [] {
        var statement = statement
        statement.isGolden = entries.count == start
        guard !entries[start...].contains(where: { $0.statement.saysTheSame(as: statement) }),
          let name = namer.name(statement.name)
        else { continue }
        entries.append(SubjectUpdate.Entry(statement: statement, name: name))
      }
    }
    return entries
  }

  // MARK: Records

  private func match(_ matching: SubjectMatching, isAll: Bool) throws {
    try engine.collectMentions(publication: run.publication, run: run.id, all: isAll)
    let bench = SubjectBench(matching, try engine.subjectActs())
    let line = work(
      on: { (page: [StoredMention], slot) in
        // Each worker searches by a connection of its own.
        let finder = try slot.finder ?? engine.rowFinders(1)[0]
        slot.finder = finder
        return SubjectMatchUpdate(
          publication: run.publication, rows: page.map(\.row),
          entries: try bench.entries(page.filter(\.isOpen), finder))
      }, settle: { try engine.storeMatches($0) })
    try line.finish(after: {
      var last: Int64 = 0
      while let page = try engine.mentionPage(
        publication: run.publication, after: last, limit: Self.mentionPageSize),
        let end = page.last?.row
      {
        try line.submit { $0.page = page }
        last = end
      }
    })
  }

  /// Pages are read and stored by one connection, one after the other; names are formed, looked for and
  /// compared beside it, on all cores.
  private func work<Page, Update>(
    on page: @escaping (Page, SubjectSlot<Page, Update>) throws -> Update,
    settle: @escaping (Update) throws -> Void
  ) -> OrderedWork<SubjectSlot<Page, Update>> {
    OrderedWork(
      slots: (0..<OrderedWork<SubjectSlot<Page, Update>>.coreCount + 2).map { _ in SubjectSlot() },
      work: { slot in slot.update = try slot.page.take().map { try page($0, slot) } },
      settle: { slot in try slot.update.take().map(settle) })
  }
}

extension SubjectPage.Statement {
  fileprivate func saysTheSame(as other: Self) -> Bool {
    name == other.name && number == other.number
  }
}

/// Room for one page of registrations or records.
private final class SubjectSlot<Page, Update> {
  var page: Page?
  var update: Update?
  var finder: (any RowFinder)?
}

/// What it takes to match the subjects of records; made once for a run.
struct SubjectBench {
  private let matching: SubjectMatching
  private let namer: SubjectNamer
  private let matcher: SubjectMatcher
  private let decisions: [RecordIdentity: [SubjectDecision]]

  /// A record of a source, whatever its version.
  private struct RecordIdentity: Hashable {
    var category: String
    var system: String
    var recordID: String
  }

  /// - Parameter acts: All of them; what was taken back is left out here.
  init(_ matching: SubjectMatching, _ acts: [SubjectAct]) {
    self.matching = matching
    namer = SubjectNamer(matching.names)
    matcher = SubjectMatcher(matching)
    let undone = Set(acts.compactMap(\.undone))
    var decisions: [RecordIdentity: [SubjectDecision]] = [:]
    for act in acts where !undone.contains(act.id) {
      guard let kind = SubjectDecision.Kind(rawValue: act.kind.rawValue) else { continue }
      let identity = RecordIdentity(
        category: act.category, system: act.system, recordID: act.recordID)
      decisions[identity, default: []].append(
        SubjectDecision(
          act: act.id, kind: kind, subject: act.subject, mention: act.mention,
          registration: act.registration))
    }
    self.decisions = decisions
  }

  func mention(_ stored: StoredMention) -> SubjectMention {
    SubjectMention(
      code: stored.code, number: stored.number, name: stored.name.flatMap { namer.name($0) })
  }

  func entries(
    _ mentions: [StoredMention], _ finder: any RowFinder
  ) throws -> [SubjectMatchUpdate.Entry] {
    guard !mentions.isEmpty else { return [] }
    let said = mentions.map { mention($0) }
    let subjects = try finder.registeredSubjects(
      zip(mentions, said).map { stored, mention in
        SubjectProbe(
          number: mention.number, name: mention.name,
          codes: decisions(about: stored).map(\.subject))
      })
    return mentions.indices.map { place in
      let outcome = matcher.match(
        said[place], among: subjects[place], decisions(about: mentions[place]))
      return SubjectMatchUpdate.Entry(
        mention: mentions[place], name: said[place].name, matches: matches(outcome))
    }
  }

  private func decisions(about stored: StoredMention) -> [SubjectDecision] {
    decisions[
      RecordIdentity(
        category: stored.category, system: stored.system, recordID: stored.recordID)] ?? []
  }

  private func matches(_ outcome: SubjectOutcome) -> [SubjectMatchUpdate.Match] {
    if let link = outcome.link {
      let rule = matching.links.first { $0.id == link.rule }
      return [
        SubjectMatchUpdate.Match(
          subject: link.subject, isLink: true, rule: rule?.id ?? SubjectMatchUpdate.Match.confirmed,
          score: nil, reason: rule?.name ?? "人工确认", act: link.act)
      ]
    }
    return outcome.candidates.map { candidate in
      let rule = matching.candidates.first { $0.id == candidate.rule }
      let reasons =
        [rule?.name ?? ""] + (candidate.hasUnknownCode ? [matching.unknownCodeReason] : [])
      return SubjectMatchUpdate.Match(
        subject: candidate.subject, isLink: false, rule: candidate.rule, score: candidate.score,
        reason: reasons.filter { !$0.isEmpty }.joined(separator: ";"), act: nil)
    }
  }
}
