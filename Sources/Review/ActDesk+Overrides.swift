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
      let id = try commit(.override, details, found, draft, []) { writer, event in
        try needsApproval
          ? writer.append(event) : state(stated, details, account.person, now, writer, event)
      }
      guard let act = try store.act(id) else { throw Self.unknown(id) }
      return ActResult(act: act)
    }
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
      let id = try commit(.override, details, [], draft, []) { writer, event in
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

  /// States a value in the warehouse; the entry is there before anything happens.
  func state(
    _ stated: StatedValues, _ details: ActDetails, _ person: Person, _ now: Int64,
    _ writer: AccessLogWriter, _ event: AccessEvent
  ) throws -> AccessEntry {
    var entry: AccessEntry?
    try Self.judging {
      _ = try overrides.state(try statement(stated, details, author: person.user, now)) {
        entry = try writer.append(about(stated, event, writer))
      }
    }
    guard let entry else { throw Self.unknown(0) }
    return entry
  }

  /// An entry that names the golden record.
  private func about(
    _ stated: StatedValues, _ event: AccessEvent, _ writer: AccessLogWriter
  ) -> AccessEvent {
    guard let entity = catalog.authority.entity(stated.entity) else { return event }
    var event = event
    event.category = entity.category
    event.see([
      SubjectKey(category: entity.category, parts: stated.key).fingerprint(writer.secret)
    ])
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
