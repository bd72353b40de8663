package import Access
import AccessStore
package import Catalog
import Pipeline
import Records
package import Warehouse
package import WarehouseSQLite

/// Values that people state of golden records (S8).
extension ActDesk {
  /// What came of a statement that no record led to.
  package enum Statement: Sendable {
    case counts(StewardOverride)
    /// The act waits for a second person.
    case waits(RecordAct)
  }

  /// States a value of a golden record that a record speaks of. Where the element is core in any domain, a
  /// second person has to agree first.
  ///
  /// - Parameters:
  ///   - row: The record, in quarantine.
  ///   - entity: One of those on the record's page.
  ///   - details: With ``ActDetails/until``.
  ///   - now: Seconds since 1970-01-01T00:00:00Z.
  /// - Throws: ``Denial``, which is in the access log; ``WarehouseError`` with code `.inUse` while a night runs.
  package func override(
    _ entity: String, _ element: String, _ text: String, _ details: ActDetails, row: Int64,
    by account: Account, _ reader: WarehouseReader, now: Int64
  ) throws -> ActResult {
    var draft = event(.override, account, now)
    draft.purpose = LoggedText(cleaning: details.words)
    draft.elements = catalog.element(element).map { [$0.identifier] } ?? []
    draft.reference = "row:\(row)"
    return try denying(draft) {
      try check(.override, details, account, now)
      let found = try found([row], account, reader)
      let record = try records.open(row, for: account, reader, now: now)
      guard
        let spoken = record?.neighbours.first(where: { $0.entity.id == entity }),
        let line = spoken.lines.first(where: { $0.element.identifier == element }),
        line.mayBeStated(account.clearance)
      else { throw Self.notEditable }
      var details = details
      let stated = StatedValues(
        entity: entity, key: spoken.key, values: [FieldChange(element: element, text: text)])
      details.stated = stated
      let needsApproval = !line.element.core.isEmpty
      details.needsApproval = needsApproval ? true : nil
      if needsApproval { try judge(stated, details, account.person, now) }
      let id = try commit(.override, details, found, draft, []) { writer, event, stood in
        try needsApproval
          ? writer.append(event)
          : state(stated, details, account.person, now, writer, event, into: &stood)
      }
      guard let act = try store.act(id) else { throw Self.unknown(id) }
      return ActResult(act: act)
    }
  }

  /// States the same value of every golden record of an entity that records speak of. Records are left that name
  /// none, or one of which the value cannot be stated.
  ///
  /// - Parameters:
  ///   - details: With ``ActDetails/until`` and ``ActDetails/stated``, without keys.
  ///   - found: What the person may work on.
  func overrideAll(
    _ details: ActDetails, _ found: [ReviewRow], _ draft: AccessEvent, _ account: Account,
    _ reader: WarehouseReader, _ now: Int64
  ) throws -> ActResult {
    var found = found
    let plan = try planned(details, found, account, reader, now)
    let isMany = details.filter != nil
    if !isMany, let first = plan.left.first { throw Self.denial(first) }
    found.removeAll(plan.left)
    guard !found.isEmpty else { throw plan.refusal ?? Self.nothing(plan.left) }
    var details = details
    details.stated = plan.stated
    let needsApproval = plan.isCore
    details.needsApproval = needsApproval ? true : nil
    var event = draft
    event.reference = "\(found.count) rows"
    let id = try commit(.override, details, found, event, []) { writer, event, stood in
      try needsApproval
        ? writer.append(event)
        : state(plan.stated, details, account.person, now, writer, event, into: &stood)
    }
    guard let act = try store.act(id) else { throw Self.unknown(id) }
    return ActResult(act: act, left: plan.left)
  }

  /// What a statement would come to for the golden records that records speak of.
  package struct OverridePlan: Sendable {
    /// With the keys of which it can be taken.
    package var stated: StatedValues
    package var left: [LeftRecord]
    /// Why it cannot be taken of any golden record; nil where it can of one.
    var refusal: Denial?
    /// A second person has to agree.
    package var isCore: Bool

    /// How many golden records would have the value.
    package var count: Int { stated.keys?.count ?? 0 }
  }

  /// How an override of all records of a filter would come out; nothing is done.
  ///
  /// - Throws: ``Denial``; ``WarehouseError`` with code `.inUse` while a night runs.
  package func plan(
    _ details: ActDetails, _ rows: [Int64], by account: Account, _ reader: WarehouseReader,
    now: Int64
  ) throws -> OverridePlan {
    guard Self.may(.override, account.role) else { throw Self.role }
    var details = details
    // They are asked for when it is done.
    if details.words.allSatisfy(\.isWhitespace) { details.words = "–" }
    details.until = details.until ?? "\(CivilDate(dayNumber: Moment.dayNumber(now) + 30))"
    return try planned(details, try found(rows, account, reader), account, reader, now)
  }

  private func planned(
    _ details: ActDetails, _ found: [ReviewRow], _ account: Account, _ reader: WarehouseReader,
    _ now: Int64
  ) throws -> OverridePlan {
    guard var stated = details.stated, stated.rule == nil,
      let entity = catalog.authority.entity(stated.entity),
      let sharing = records.plans(for: account.clearance)[entity.category],
      stated.values.allSatisfy({ value in
        // A golden record has no rows.
        value.row == nil && entity.elements.contains(value.element)
          && !entity.matchKey.contains(value.element)
          && (catalog.element(value.element)?.tier ?? .restricted) <= account.clearance
          // Whatever a golden record says: they are not looked at one by one.
          && sharing.isAlwaysOpen([value.element])
      })
    else { throw Self.notEditable }
    guard found.count <= Self.maximumStated else {
      throw Denial(
        "too-many", chinese: "一次最多处理 \(Self.maximumStated) 条，请缩小范围",
        english: "at most \(Self.maximumStated) records at once; narrow the filter")
    }
    let keys = try records.goldenKeys(entity, of: found, reader, now: now)
    stated.keys = Set(keys.values).sorted { $0.lexicographicallyPrecedes($1) }
    let statement = try statement(stated, details, author: account.person.user, now)
    var judged: [StewardDesk.Judged] = []
    // What holds for every key.
    try Self.judging { judged = try overrides.judge(statement, keys: stated.allKeys) }
    var refusal: Denial?
    var taken = Set<[String]>()
    for (key, result) in judged {
      switch result {
      case .success: taken.insert(key)
      case .failure(let reason):
        refusal = Denial("not-stated", chinese: reason.chinese, english: reason.message)
      }
    }
    let left = found.compactMap { row -> LeftRecord? in
      let id = row.record.rowID
      guard let key = keys[id] else { return LeftRecord(row: id, why: .namesNone) }
      return taken.contains(key) ? nil : LeftRecord(row: id, why: .notStated)
    }
    stated.keys = stated.allKeys.filter(taken.contains)
    return OverridePlan(
      stated: stated, left: left, refusal: taken.isEmpty ? refusal : nil,
      isCore: stated.values.contains { catalog.element($0.element)?.core.isEmpty == false })
  }

  /// Retires all overrides that came of an act.
  ///
  /// - Parameter recording: Writes the entry, before anything happens.
  func retireAll(
    _ act: RecordAct, _ account: Account, _ now: Int64, recording: () throws -> AccessEntry
  ) throws -> AccessEntry {
    guard !act.overrides.isEmpty else { return try recording() }
    var entry: AccessEntry?
    let retirement = StewardOverride.Retirement(
      author: account.person.user, reason: "撤销 #\(act.id)", time: Self.localTime(now))
    _ = try overrides.retire(act.overrides, retirement) { entry = try recording() }
    guard let entry else {
      throw Denial(
        "ended", chinese: "这项操作的覆盖都已结束", english: "all overrides of the act have ended")
    }
    return entry
  }

  /// States values of a golden record that no record in quarantine has to lead to, as on the command line.
  /// Somebody of few systems states values of what a record of theirs speaks of. Where an element is core in any
  /// domain, it becomes an act without records, and a second person has to agree first.
  ///
  /// - Parameters:
  ///   - details: With ``ActDetails/until``.
  ///   - author: Stands with an override that counts at once. One that waits is the asking person's; the name stands
  ///     with its reason.
  ///   - now: Seconds since 1970-01-01T00:00:00Z.
  /// - Throws: ``Denial`` and `StewardRefusal`, which are in the access log; ``WarehouseError`` with code `.inUse`
  ///   while a night runs.
  package func state(
    _ stated: StatedValues, _ details: ActDetails, author: String, by account: Account,
    _ reader: WarehouseReader, now: Int64
  ) throws -> Statement {
    let elements = stated.all(catalog).compactMap { catalog.element($0.element) }
    var draft = event(.override, account, now)
    draft.action = .overrideSet
    draft.purpose = LoggedText(cleaning: details.words)
    draft.elements = elements.map(\.identifier)
    return try refusing(draft) {
      try Self.checkRight(.override, of: nil, account)
      try checkOwn(stated.entity, stated.key, account, reader)
      guard elements.allSatisfy({ $0.tier <= account.clearance }) else { throw Self.notEditable }
      let statement = try self.statement(stated, details, author: author, now)
      guard elements.contains(where: { !$0.core.isEmpty }) else {
        return .counts(
          try overrides.state(statement) {
            _ = try store.store.log.withWriter(draft.person, now) { writer in
              try writer.append(about(stated, draft, writer))
            }
          })
      }
      var details = details
      details.stated = stated
      details.needsApproval = true
      if author.lowercased() != account.person.user.lowercased() { details.words += "（\(author)）" }
      try overrides.judge(statement)
      try check(.override, details, account, now)
      let id = try commit(.override, details, [], draft, []) { writer, event, _ in
        try writer.append(about(stated, event, writer))
      }
      guard let act = try store.act(id) else { throw Self.unknown(id) }
      return .waits(act)
    }
  }

  /// Ends an override, whatever record speaks of its golden record, as on the command line.
  ///
  /// - Parameters:
  ///   - author: Stands with the override.
  ///   - now: Seconds since 1970-01-01T00:00:00Z.
  /// - Throws: As ``state(_:_:author:by:_:now:)``.
  package func retire(
    _ id: Int64, words: String, author: String, by account: Account, _ reader: WarehouseReader,
    now: Int64
  ) throws {
    var draft = event(.override, account, now)
    draft.action = .overrideRetire
    draft.purpose = LoggedText(cleaning: words)
    draft.reference = "override:\(id)"
    try refusing(draft) {
      try Self.checkRight(.override, of: nil, account)
      if let override = try reader.overrides().first(where: { $0.id == id }) {
        try checkOwn(override.entity, override.key, account, reader)
      }
      try overrides.retire(
        id,
        StewardOverride.Retirement(author: author, reason: words, time: Self.localTime(now))
      ) { try store.store.log.append(draft) }
    }
  }

  /// Ends an override of a golden record that a record speaks of; the next night shows what the systems say.
  package func retire(
    _ id: Int64, words: String, row: Int64, by account: Account, _ reader: WarehouseReader,
    now: Int64
  ) throws {
    var draft = event(.override, account, now)
    draft.action = .overrideRetire
    draft.purpose = LoggedText(cleaning: words)
    draft.reference = "override:\(id)"
    try denying(draft) {
      try check(.comment, ActDetails(words: words), account, now)
      guard Self.may(.override, account.role) else { throw Self.role }
      let record = try records.open(row, for: account, reader, now: now)
      guard record?.neighbours.contains(where: { $0.overrides.contains { $0.id == id } }) ?? false
      else {
        throw Denial(
          "unknown-override", chinese: "没有编号为 \(id) 的覆盖", english: "there is no override \(id)")
      }
      try Self.judging {
        try overrides.retire(
          id,
          StewardOverride.Retirement(
            author: account.person.user, reason: words, time: Self.localTime(now))
        ) { try store.store.log.append(draft) }
      }
    }
  }

  /// States values in the warehouse; the entry is there before anything happens.
  ///
  /// - Parameter said: Gets the numbers of the overrides.
  func state(
    _ stated: StatedValues, _ details: ActDetails, _ person: Person, _ now: Int64,
    _ writer: AccessLogWriter, _ event: AccessEvent, into said: inout ActDetails
  ) throws -> AccessEntry {
    var entry: AccessEntry?
    let statement = try statement(stated, details, author: person.user, now)
    try Self.judging {
      if let keys = stated.keys {
        // Of those that were shown some may have moved until the second person agreed.
        said.overrides = try overrides.state(statement, keys: keys) { taken in
          var own = stated
          own.keys = taken.map(\.key)
          entry = try writer.append(about(own, event, writer))
        }.map(\.id)
      } else {
        said.overrides = [
          try overrides.state(statement) { entry = try writer.append(about(stated, event, writer)) }
            .id
        ]
      }
    }
    guard let entry else {
      throw Denial(
        "not-stated", chinese: "没有一条综合记录还可以这样覆盖",
        english: "it cannot be stated of any of the golden records any more")
    }
    return entry
  }

  /// An entry that names the golden records.
  private func about(
    _ stated: StatedValues, _ event: AccessEvent, _ writer: AccessLogWriter
  ) -> AccessEvent {
    guard let entity = catalog.authority.entity(stated.entity) else { return event }
    var event = event
    event.category = entity.category
    event.see(
      stated.allKeys.map {
        SubjectKey(category: entity.category, parts: $0).fingerprint(writer.secret)
      })
    return event
  }

  private func judge(
    _ stated: StatedValues, _ details: ActDetails, _ person: Person, _ now: Int64
  ) throws {
    try Self.judging {
      try overrides.judge(try statement(stated, details, author: person.user, now))
    }
  }

  private func statement(
    _ stated: StatedValues, _ details: ActDetails, author: String, _ now: Int64
  ) throws -> StewardDesk.Statement {
    guard let until = details.until.flatMap({ CivilDate($0) }) else {
      throw Denial("until", chinese: "须注明到期日", english: "it needs a last day")
    }
    return StewardDesk.Statement(
      entity: stated.entity, key: stated.key, rule: stated.rule,
      values: stated.values.map { (element: $0.element, text: $0.text) }, author: author,
      reason: details.words, until: until, time: Self.localTime(now))
  }

  private static func localTime(_ now: Int64) -> String { String(Moment.text(now).prefix(19)) }

  /// Somebody of few systems acts on a golden record if an accepted record of one of them speaks of it.
  private func checkOwn(
    _ entity: String, _ key: [String], _ account: Account, _ reader: WarehouseReader
  ) throws {
    // What makes no sense is refused with its reason by whoever judges it.
    guard account.systems != nil, let entity = catalog.authority.entity(entity),
      entity.matchKey.count == key.count
    else { return }
    let found = try reader.why(entity, key: key, catalog, publication: nil)
    guard found?.members.contains(where: { account.sees($0.system) }) ?? false else {
      throw Self.otherSystem
    }
  }

  private static let notEditable = Denial(
    "not-editable", chinese: "其中有您不能查看或不能更正的数据元",
    english: "some of it you may not see, or cannot be changed")

  /// What the warehouse's own judge refuses stands in the log too; its code is for who asked.
  private func refusing<Result>(
    _ draft: AccessEvent, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try denying(draft, body)
    } catch let refusal as StewardRefusal {
      var event = draft
      event.outcome = .denied
      event.rule = "not-stated"
      try store.store.log.append(event)
      throw refusal
    }
  }

  /// What the warehouse's own judge refuses is denied like everything else.
  private static func judging(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let refusal as StewardRefusal {
      throw Denial("not-stated", chinese: refusal.chinese, english: refusal.message)
    }
  }
}

extension RecordCase.Neighbours.Line {
  /// Whether a person may say what stands here: they see it, and would see another value.
  package func mayBeStated(_ clearance: SharingTier) -> Bool {
    guard element.tier <= clearance, !isKey else { return false }
    switch golden {
    case .shown, .empty: return true
    case .masked, .withheld: return false
    }
  }
}

extension AccessAction {
  package static let overrideSet = AccessAction(rawValue: "override-set")
  package static let overrideRetire = AccessAction(rawValue: "override-retire")
}
