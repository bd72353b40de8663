package import Access
import AccessStore
package import Catalog
import Pipeline
import Records
import Warehouse
package import WarehouseSQLite

/// Values that people state of golden records (S8), by the same way as `qingyuan override`.
extension ActDesk {
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
      else {
        throw Denial(
          "not-editable", chinese: "其中有您不能查看或不能更正的数据元",
          english: "some of it you may not see, or cannot be changed")
      }
      var details = details
      let stated = StatedValue(entity: entity, key: spoken.key, element: element, text: text)
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
    _ stated: StatedValue, _ details: ActDetails, _ person: Person, _ now: Int64,
    _ writer: AccessLogWriter, _ event: AccessEvent
  ) throws -> AccessEntry {
    var entry: AccessEntry?
    try Self.judging {
      _ = try overrides.state(try statement(stated, details, person, now)) {
        var event = event
        if let entity = catalog.authority.entity(stated.entity) {
          event.category = entity.category
          event.see([
            SubjectKey(category: entity.category, parts: stated.key).fingerprint(writer.secret)
          ])
        }
        entry = try writer.append(event)
      }
    }
    guard let entry else { throw Self.unknown(0) }
    return entry
  }

  private func judge(
    _ stated: StatedValue, _ details: ActDetails, _ person: Person, _ now: Int64
  ) throws {
    try Self.judging { try overrides.judge(try statement(stated, details, person, now)) }
  }

  private func statement(
    _ stated: StatedValue, _ details: ActDetails, _ person: Person, _ now: Int64
  ) throws -> StewardDesk.Statement {
    guard let until = details.until.flatMap({ CivilDate($0) }) else {
      throw Denial("until", chinese: "须注明到期日", english: "it needs a last day")
    }
    return StewardDesk.Statement(
      entity: stated.entity, key: stated.key, rule: nil,
      values: [(element: stated.element, text: stated.text)], author: person.user,
      reason: details.words, until: until, time: Self.localTime(now))
  }

  private static func localTime(_ now: Int64) -> String { String(Moment.text(now).prefix(19)) }

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
