package import Access
import AccessStore
package import Catalog
import Foundation
import GRDB
package import Pipeline
import Records
import Warehouse
package import WarehouseSQLite

/// Why corrected records would go back again; nothing was done.
package struct CorrectionRefusal: Error, Sendable {
  package struct Fault: Sendable {
    package var row: Int64
    package var code: String
    package var rule: String
    package var element: String
    /// What would be right, where the person may know it.
    package var chinese: String
    package var english: String
  }

  package var faults: [Fault]
  /// In words, where all of it would wait for a person.
  package var holds: [HoldReason]
}

/// A record that an act on many was meant for and that it left as it is.
package struct LeftRecord: Sendable, Hashable {
  package enum Why: String, Sendable, CaseIterable {
    /// It would go back again.
    case faulty
    case closed
    /// By the second check of core values: its next delivery is judged anew.
    case withheld
    /// There is an act of the kind that stands or waits.
    case already
    /// The person may not see it all, or its structure does not allow it.
    case notEditable = "not-editable"
    case originalGone = "original-gone"
    /// It does not say which golden record it speaks of.
    case namesNone = "names-none"
    /// The value cannot be stated of the golden record that it speaks of.
    case notStated = "not-stated"

    package var chinese: String {
      switch self {
      case .faulty: "更正后仍不能通过校验"
      case .closed: "记录已经结束，不需要再处理"
      case .withheld: "记录在入库后复核时被扣下，只能指派或备注，请来源系统重新报送"
      case .already: "已有同类处理"
      case .notEditable: "其中有您不能查看或不能更正的数据元，或其结构无法在此更正"
      case .originalGone: "原始文件已超过保存期限，请由来源系统重新报送"
      case .namesNone: "记录没有写全所指对象的标识，或原始文件已超过保存期限"
      case .notStated: "所指的综合记录不存在、已经是这个值，或已有覆盖规定了这个数据元"
      }
    }

    package var english: String {
      switch self {
      case .faulty: "would go back again after it"
      case .closed: "closed; nothing is left to do"
      case .withheld:
        "withheld by the check after loading; assign it or comment, and have its source send it again"
      case .already: "has an act of the kind already"
      case .notEditable: "some of it you may not see, or it cannot be changed here"
      case .originalGone:
        "its original is not in the archive any more; the source has to send it again"
      case .namesNone: "does not name the whole key, or its original is not in the archive any more"
      case .notStated:
        "speaks of no golden record, of one with the value already, or with another override of the element"
      }
    }
  }

  package var row: Int64
  package var why: Why
}

/// What came of an act.
package struct ActResult: Sendable {
  package var act: RecordAct
  /// Of an act on many; one on a single record is refused instead.
  package var left: [LeftRecord] = []
  /// Rules that only the night can judge.
  package var unchecked: [String] = []

  package init(act: RecordAct, left: [LeftRecord] = [], unchecked: [String] = []) {
    self.act = act
    self.left = left
    self.unchecked = unchecked
  }
}

/// Takes what people do about records (decision 21). Decides who may do what; what is right is decided by the
/// code that judges deliveries.
package struct ActDesk: Sendable {
  package let store: ActStore
  private let accounts: AccountStore
  let definitions: any DefinitionPatching
  let overrides: OverrideDesk
  let records: RecordDesk
  let catalog: Catalog
  let files: ActFiles

  /// Most records of one act, assumed: more than a line of a bad night has, and few enough for one file of keys.
  package static let maximumRecords = 50_000
  /// Most records of one act that states a value, assumed: the original of each is read, and every night looks at
  /// what stands.
  package static let maximumStated = 1_000
  /// Longest text of a person, in characters.
  private static let longestText = 500
  /// Waivers and overrides end within a year, assumed: then somebody looks again.
  private static let longestException = 366

  /// - Parameters:
  ///   - home: Its inbox and returns take what is sent.
  ///   - definitions: Makes patches of what people confirm.
  package init(
    _ store: ActStore, _ accounts: AccountStore, _ records: RecordDesk, home: HomeFolder,
    _ catalog: Catalog, _ configuration: RunConfiguration, reader: any DeliveryReader,
    writer: any ReturnWriter & RecordEditing, definitions: any DefinitionPatching
  ) {
    self.store = store
    self.definitions = definitions
    overrides = OverrideDesk(home, catalog, configuration, command: "qingyuan review")
    self.accounts = accounts
    self.records = records
    self.catalog = catalog
    files = ActFiles(
      home: home, catalog: catalog, configuration: configuration, reader: reader, writer: writer)
  }

  // MARK: Who may

  /// Whether somebody may do something about records that they see.
  package static func may(_ kind: ActKind, _ role: AccountRole) -> Bool {
    switch kind {
    case .assign, .sendBack, .waive, .correct, .code, .override, .undo:
      role == .steward || role == .operator
    case .comment: role.readsRecords
    case .approve, .refuse: role == .approver
    }
  }

  /// An act, if all of its records are the person's business.
  package func act(_ id: Int64, for account: Account) throws -> RecordAct? {
    try store.act(id).flatMap { $0.isSeen(by: account) ? $0 : nil }
  }

  /// Acts that the person may see, newest first.
  package func acts(for account: Account, limit: Int = 200) throws -> [RecordAct] {
    guard account.role.readsRecords else { return [] }
    return try store.acts(for: account, limit: limit)
  }

  /// Acts that wait for a second person, among those that the person may see, oldest first.
  package func waiting(for account: Account) throws -> [RecordAct] {
    guard account.role.readsRecords else { return [] }
    return try store.waiting(for: account)
  }

  /// Users who work on records of all of some systems, sorted.
  package func people(for systems: [String]) throws -> [String] {
    try accounts.accounts().filter { account in
      account.isEnabled && Self.may(.correct, account.role) && systems.allSatisfy(account.sees)
    }.map(\.person.user).sorted()
  }

  // MARK: Acts on records

  /// Does something about records.
  ///
  /// - Parameters:
  ///   - rows: Each once.
  ///   - now: Seconds since 1970-01-01T00:00:00Z.
  /// - Throws: ``Denial``, which is in the access log; ``CorrectionRefusal`` where a correction would go back
  ///   and no other record was meant.
  package func take(
    _ kind: ActKind, _ details: ActDetails, on rows: [Int64], by account: Account,
    _ reader: WarehouseReader, now: Int64
  ) throws -> ActResult {
    var draft = event(kind, account, now)
    draft.purpose = LoggedText(cleaning: details.words)
    draft.elements = (details.changes ?? details.stated?.values ?? []).map(\.element)
    draft.reference = rows.count == 1 ? "row:\(rows[0])" : "\(rows.count) rows"
    return try denying(draft) {
      try check(kind, details, account, now)
      var found = try self.found(rows, account, reader)
      if kind == .override {
        return try overrideAll(details, found, draft, account, reader, now)
      }
      try checkAssignee(details, found)
      // Of many records those that cannot be dealt with so are left; one alone is refused.
      let isMany = details.filter != nil
      var left = try settled(kind, found, isMany: isMany, now)
      found.removeAll(left)
      var details = details
      details.needsApproval = needsApproval(kind, details) ? true : nil
      if kind == .correct {
        left += try uneditable(&details, found, isMany: isMany, account, reader, now)
        found.removeAll(left)
      }
      let prepared = try prepare(kind, details, found, account, reader, now)
      left += prepared.left
      found.removeAll(left)
      guard !found.isEmpty else { throw Self.nothing(left) }
      let isSent = details.needsApproval == nil
      // What waits for a second person is made again when that person agrees.
      if !isSent { prepared.drafts.forEach(files.discard) }
      let id = try commit(kind, details, found, draft, isSent ? prepared.drafts : [])
      guard let act = try store.act(id) else { throw Self.unknown(id) }
      return ActResult(act: act, left: left, unchecked: prepared.unchecked)
    }
  }

  private func needsApproval(_ kind: ActKind, _ details: ActDetails) -> Bool {
    switch kind {
    case .waive: true
    case .correct:
      (details.changes ?? []).contains { catalog.element($0.element)?.core.isEmpty == false }
    default: false
    }
  }

  func check(
    _ kind: ActKind, _ details: ActDetails, _ account: Account, _ now: Int64
  ) throws(Denial) {
    guard Self.may(kind, account.role) else { throw Self.role }
    guard details.words.count <= Self.longestText else {
      throw Denial(
        "too-long", chinese: "说明不能超过\(Self.longestText)个字符",
        english: "a text has at most \(Self.longestText) characters")
    }
    if kind != .assign, details.words.allSatisfy(\.isWhitespace) {
      throw Denial("words", chinese: "请写明内容或理由", english: "say what, or why")
    }
    if kind == .waive || kind == .override { try checkEnd(kind, details, now) }
    if kind == .correct, (details.changes ?? []).isEmpty {
      throw Denial(
        "nothing-changed", chinese: "没有改动任何值", english: "no value is another than before")
    }
  }

  private func checkEnd(
    _ kind: ActKind, _ details: ActDetails, _ now: Int64
  ) throws(Denial) {
    let today = Moment.dayNumber(now)
    guard let until = details.until, until.count == 10, let day = CivilDate(until)?.dayNumber,
      day > today, day <= today + Self.longestException
    else {
      throw Denial(
        "until",
        chinese: "\(kind.chinese)须注明到期日：明天起一年之内，如 \(CivilDate(dayNumber: today + 30))",
        english:
          "it ends on a day from tomorrow to a year from now, as \(CivilDate(dayNumber: today + 30))"
      )
    }
  }

  private func checkAssignee(_ details: ActDetails, _ found: [ReviewRow]) throws {
    guard let user = details.assignee else { return }
    let people = try people(for: Set(found.map(\.system)).sorted())
    guard people.contains(where: { $0.lowercased() == user.lowercased() }) else {
      throw Denial(
        "assignee", chinese: "“\(user)”不是能处理这些系统的专员或值班员",
        english: "\(user) is nobody who works on records of these systems")
    }
  }

  static func denial(_ left: LeftRecord) -> Denial {
    Denial(left.why.rawValue, chinese: left.why.chinese, english: left.why.english)
  }

  static func nothing(_ left: [LeftRecord]) -> Denial {
    let reasons = LeftRecord.Why.allCases.filter { why in left.contains { $0.why == why } }
    return Denial(
      "nothing",
      chinese: "没有一条记录可以这样处理：" + reasons.map(\.chinese).joined(separator: "；"),
      english: "nothing can be done so: " + reasons.map(\.english).joined(separator: "; "))
  }

  /// Records that are closed, or that have an act of the kind.
  private func settled(
    _ kind: ActKind, _ found: [ReviewRow], isMany: Bool, _ now: Int64
  ) throws -> [LeftRecord] {
    guard kind != .comment, kind != .assign else { return [] }
    let closed = found.filter { $0.closedNight != nil }.map {
      LeftRecord(row: $0.record.rowID, why: .closed)
    }
    let withheld = found.filter { $0.closedNight == nil && $0.status == "withheld" }.map {
      LeftRecord(row: $0.record.rowID, why: .withheld)
    }
    let ended = closed + withheld
    if !isMany, let first = ended.first { throw Self.denial(first) }
    // A second correction or waiver of a record that has one would be two answers to one question.
    guard kind == .waive || kind == .correct else { return ended }
    let open = found.filter { $0.closedNight == nil }
    let already = try store.store.read { try Self.present(kind, open, now, $0) }
    if !isMany, let act = already.values.first { throw Self.already(act) }
    return ended + already.keys.sorted().map { LeftRecord(row: $0, why: .already) }
  }

  /// The act of the kind that stands or waits, by record.
  private static func present(
    _ kind: ActKind, _ found: [ReviewRow], _ now: Int64, _ database: Database
  ) throws -> [Int64: RecordAct] {
    let keys = found.map { ($0.record.rowID, $0.record.recordKey) }
    return try ActStore.acts(
      Dictionary(keys, uniquingKeysWith: { first, _ in first }), database
    ).compactMapValues { acts in
      acts.first { $0.kind == kind && [.stands, .waiting].contains($0.standing(at: now)) }
    }
  }

  static func already(_ act: RecordAct) -> Denial {
    Denial(
      "already", chinese: "已有\(act.kind.chinese) #\(act.id)，请先撤销它",
      english: "there is act \(act.id) of the same kind; undo it first")
  }

  /// Whether somebody else was faster, which no question before the store's transaction can tell.
  private static func refuseSecond(
    _ kind: ActKind, _ details: ActDetails, _ found: [ReviewRow], _ now: Int64,
    _ database: Database
  ) throws {
    let first: RecordAct? =
      switch kind {
      case .waive, .correct:
        try present(kind, found, now, database).min { $0.key < $1.key }?.value
      case .code: try details.code.flatMap { try Self.present($0, now, database) }
      default: nil
      }
    if let first { throw already(first) }
  }

  /// Records of which the person does not see the value that is to change, or would not see the new one.
  private func uneditable(
    _ details: inout ActDetails, _ found: [ReviewRow], isMany: Bool, _ account: Account,
    _ reader: WarehouseReader, _ now: Int64
  ) throws -> [LeftRecord] {
    var changes = details.changes ?? []
    if found.count == 1 {
      let record = try records.open(found[0].record.rowID, for: account, reader, now: now)
      for place in changes.indices {
        // Whoever edits the record's text finds as many rows as were looked at, or nothing is changed.
        let rows = record?.rows(of: changes[place])
        changes[place].row?.count = rows?.values.count
      }
      if changes.allSatisfy({ record?.mayChange($0) ?? false }) {
        details.changes = changes
        return []
      }
      let left = LeftRecord(row: found[0].record.rowID, why: .notEditable)
      guard isMany else { throw Self.denial(left) }
      return [left]
    }
    // Many records are not read for it: the element must be open whatever a record says.
    let open = Set(
      Set(found.map(\.category)).filter { category in
        records.plans(for: account.clearance)[category].map { plan in
          changes.allSatisfy { $0.row == nil && plan.isAlwaysOpen([$0.element]) }
        } ?? false
      })
    let left = found.filter { !open.contains($0.category) }.map {
      LeftRecord(row: $0.record.rowID, why: .notEditable)
    }
    if !isMany, let first = left.first { throw Self.denial(first) }
    return left
  }

  // MARK: Files

  private struct Prepared {
    var drafts: [ActFiles.Draft] = []
    var left: [LeftRecord] = []
    var unchecked: [String] = []
  }

  /// Makes what an act sends and judges it; nothing of it can be seen yet.
  private func prepare(
    _ kind: ActKind, _ details: ActDetails, _ found: [ReviewRow], _ account: Account,
    _ reader: WarehouseReader, _ now: Int64
  ) throws -> Prepared {
    guard kind == .correct || kind == .sendBack else { return Prepared() }
    var result = Prepared()
    do {
      let groups = Dictionary(grouping: found) { $0.record.rowID >> 32 }
      for (id, rows) in groups.sorted(by: { $0.key < $1.key }) {
        guard let delivery = try reader.delivery(id) else { continue }
        if kind == .correct {
          try correct(details, rows, delivery, account, now, into: &result)
        } else {
          let night =
            try reader.lastRun()?.night ?? "\(CivilDate(dayNumber: Moment.dayNumber(now)))"
          let folder = "returns/\(delivery.system)/\(night)"
          try draft(
            rows, delivery, details, note: details.words, folder: folder, into: &result
          ).map { result.drafts.append($0) }
        }
      }
      return result
    } catch {
      result.drafts.forEach(files.discard)
      throw error
    }
  }

  /// - Returns: nil where none of many records can be sent; they are among those left.
  private func draft(
    _ rows: [ReviewRow], _ delivery: DeliveryEntry, _ details: ActDetails, note: String = "",
    folder: String, into result: inout Prepared
  ) throws -> ActFiles.Draft? {
    let (draft, left) = try files.draft(
      rows.map(\.record), of: delivery, details.changes, note: note, folder: folder)
    guard let first = left.first else { return draft }
    guard details.filter != nil else {
      draft.map(files.discard)
      throw Self.denial(first)
    }
    result.left += left
    return draft
  }

  private func correct(
    _ details: ActDetails, _ rows: [ReviewRow], _ delivery: DeliveryEntry, _ account: Account,
    _ now: Int64, into result: inout Prepared
  ) throws {
    let folder = ActFiles.inbox + delivery.system
    var good = rows
    for isLast in [false, true] {
      guard let draft = try draft(good, delivery, details, folder: folder, into: &result) else {
        return
      }
      let verdict: ActFiles.Verdict
      do {
        verdict = try files.check(draft, of: delivery, now: now)
      } catch {
        files.discard(draft)
        throw error
      }
      result.unchecked = Set(result.unchecked + verdict.unchecked).sorted()
      if verdict.faulty.isEmpty, verdict.holds.isEmpty {
        result.drafts.append(draft)
        return
      }
      files.discard(draft)
      // Of many records those that are right now go on; one alone is told why it would not.
      guard details.filter != nil, !isLast, !verdict.faulty.isEmpty else {
        throw refusal(verdict, details, rows[0].category, account)
      }
      result.left += verdict.faulty.keys.sorted().map { LeftRecord(row: $0, why: .faulty) }
      let written = Set(draft.rows)
      good.removeAll { row in
        !written.contains(row.record.rowID) || verdict.faulty[row.record.rowID] != nil
      }
      if good.isEmpty { return }
    }
  }

  /// Values are left out: what the person typed they know, and of the rest some may not be theirs to see.
  private func refusal(
    _ verdict: ActFiles.Verdict, _ details: ActDetails, _ category: String, _ account: Account
  ) -> CorrectionRefusal {
    let changed = Set((details.changes ?? []).map(\.element))
    let plan = records.plans(for: account.clearance)[category]
    var faults: [CorrectionRefusal.Fault] = []
    for (row, items) in verdict.faulty.sorted(by: { $0.key < $1.key }) {
      for item in items {
        let isTold = changed.contains(item.element) || plan?.isAlwaysOpen([item.element]) ?? false
        faults.append(
          CorrectionRefusal.Fault(
            row: row, code: item.code, rule: item.rule, element: item.element,
            chinese: isTold ? item.expectedChinese : "",
            english: isTold ? item.expectedEnglish : ""))
      }
    }
    return CorrectionRefusal(faults: faults, holds: verdict.holds)
  }

  // MARK: Many records

  /// Does something about all records that a filter leaves.
  ///
  /// - Parameter expected: How many the person was shown; nil where nobody was.
  package func takeAll(
    _ kind: ActKind, _ details: ActDetails, _ filter: QueueFilter, _ queue: ReviewQueue,
    by account: Account, _ reader: WarehouseReader, expected: Int? = nil, now: Int64
  ) throws -> ActResult {
    var details = details
    details.filter = filter
    var draft = event(kind, account, now)
    let most = kind == .override ? Self.maximumStated : Self.maximumRecords
    let rows = try queue.rows(filter, limit: most + 1)
    draft.reference = "\(rows.count) rows"
    return try denying(draft) {
      guard rows.count <= most else {
        throw Denial(
          "too-many", chinese: "一次最多处理 \(most) 条，请缩小范围",
          english: "at most \(most) records at once; narrow the filter")
      }
      if let expected, expected != rows.count {
        throw Denial(
          "changed", chinese: "记录数已变为 \(rows.count) 条，请重新预览",
          english: "there are \(rows.count) records now; look at the preview again")
      }
      guard !rows.isEmpty else {
        throw Denial("nothing", chinese: "没有符合条件的记录", english: "no record fits")
      }
      do {
        return try take(kind, details, on: rows, by: account, reader, now: now)
      } catch let denial as Denial {
        // It stands in the log.
        throw LoggedDenial(denial: denial)
      }
    }
  }

  /// Does again what was done to all records of a filter, to those that fit now and that it was not done to.
  ///
  /// - Returns: nil where none does.
  package func replay(
    _ act: RecordAct, _ queue: ReviewQueue, by account: Account, _ reader: WarehouseReader,
    now: Int64
  ) throws -> ActResult? {
    guard let filter = act.details.filter else { return nil }
    let recipe = act.details.recipe ?? act.id
    let rows = try queue.rows(filter, limit: Self.maximumRecords)
    // An attempt that came after it was done may be dealt with again.
    let done = try store.acts(rows: rows)
    let fresh = rows.filter { row in
      !(done[row] ?? []).contains {
        ($0.id == recipe || $0.details.recipe == recipe) && !$0.isUndone
      }
    }
    guard !fresh.isEmpty else { return nil }
    var details = act.details
    details.recipe = recipe
    details.overrides = nil
    let most = act.kind == .override ? Self.maximumStated : Self.maximumRecords
    return try take(
      act.kind, details, on: Array(fresh.prefix(most)), by: account, reader, now: now)
  }

  // MARK: Acts on acts

  /// Approves or refuses what waits for a second person.
  package func decide(
    _ id: Int64, isApproval: Bool, words: String, by account: Account, _ reader: WarehouseReader,
    now: Int64
  ) throws -> RecordAct {
    let kind: ActKind = isApproval ? .approve : .refuse
    var draft = event(kind, account, now)
    draft.reference = "act:\(id)"
    draft.purpose = LoggedText(cleaning: words)
    return try denying(draft) {
      guard let act = try self.act(id, for: account) else { throw Self.unknown(id) }
      guard Self.may(kind, account.role) else { throw Self.role }
      guard !act.person.isSameUser(as: account.person) else {
        throw Denial(
          "four-eyes", chinese: "申请人不能审批自己的申请", english: "nobody decides on what they asked for")
      }
      guard act.standing(at: now) == .waiting else { throw Self.decided(id) }
      // Four eyes of which two are shut would be two.
      guard !isApproval || sees(act, account) else {
        throw Denial(
          "clearance", chinese: "其中有超出您查看级别的数据元，请由可查看者审批",
          english: "some of it is above your clearance; somebody has to agree who may see it")
      }
      if !isApproval, words.allSatisfy(\.isWhitespace) {
        throw Denial("words", chinese: "驳回须写明理由", english: "say why it is refused")
      }
      let drafts = isApproval ? try prepareAgain(act, account, reader, now) : []
      if isApproval, let stated = act.details.stated {
        try commit(kind, about: act, words, draft, []) { writer, event, said in
          try state(stated, act.details, act.person, now, writer, event, into: &said)
        }
      } else {
        try commit(kind, about: act, words, draft, drafts)
      }
      return try store.act(id) ?? act
    }
  }

  /// Whether a person may see all values that an act states.
  private func sees(_ act: RecordAct, _ account: Account) -> Bool {
    let stated = act.details.changes ?? act.details.stated?.all(catalog) ?? []
    let named = stated.map(\.element) + (act.details.code.map { [$0.element] } ?? [])
    return named.allSatisfy { (catalog.element($0)?.tier ?? .restricted) <= account.clearance }
  }

  /// Makes what an act sends, now that a second person agrees.
  private func prepareAgain(
    _ act: RecordAct, _ account: Account, _ reader: WarehouseReader, _ now: Int64
  ) throws -> [ActFiles.Draft] {
    if act.kind == .override { return [] }
    if let change = act.details.code {
      return [try patchDraft(change, act.details.words, act.person, act.time)]
    }
    let found = try self.found(try store.targets(of: act.id).map(\.row), account, reader)
    guard found.allSatisfy({ $0.closedNight == nil }) else {
      throw Denial(
        "closed", chinese: "其中有记录已经结束，请驳回后重新申请",
        english: "some of the records are closed; refuse it")
    }
    let prepared = try prepare(act.kind, act.details, found, account, reader, now)
    guard prepared.left.isEmpty else {
      prepared.drafts.forEach(files.discard)
      throw Denial(
        "not-valid", chinese: "更正后的记录已不能通过校验，请驳回",
        english: "the corrected records do not pass any more; refuse it")
    }
    return prepared.drafts
  }

  /// Takes back an act with all its records, as long as nothing has come of it.
  package func undo(_ id: Int64, by account: Account, now: Int64) throws -> RecordAct {
    var draft = event(.undo, account, now)
    draft.reference = "act:\(id)"
    return try denying(draft) {
      guard let act = try self.act(id, for: account) else { throw Self.unknown(id) }
      guard Self.may(.undo, account.role),
        account.role == .operator || act.person.isSameUser(as: account.person)
      else { throw Self.role }
      var sent: [ActStore.File] = []
      try acting(draft) { database, writer in
        // Read here: somebody may have agreed to it a moment ago.
        guard let act = try ActStore.acts(database, "a.id = ?", [id]).first, !act.isUndone else {
          throw Self.decided(id)
        }
        guard act.isUndoable(at: now) else {
          throw Denial(
            "retire", chinese: "请收回这项覆盖：在记录页面上，或用 qingyuan override retire",
            english: "retire the override, on the page of the record or by qingyuan override retire"
          )
        }
        sent = try ActStore.files(of: id, database)
        var recalled: [ActStore.File] = []
        do {
          for file in sent {
            guard try files.recall(file) else {
              throw Denial(
                "taken", chinese: "文件已被取走，不能撤销", english: "its file has been taken; too late")
            }
            recalled.append(file)
          }
          let entry = try retireAll(act, account, now) { try writer.append(draft) }
          try ActStore.insert(
            try ActStore.nextID(database), .undo, about: id, ActDetails(), draft, [], [], entry,
            database)
        } catch {
          for file in recalled { try files.send(file) }
          throw error
        }
      }
      for file in sent { try files.remove(file) }
      return try store.act(id) ?? act
    }
  }

  // MARK: Writing

  /// Writes the entry of an act, and does what has to stand before the act does.
  typealias Recording = (AccessLogWriter, AccessEvent, inout ActDetails) throws -> AccessEntry

  func commit(
    _ kind: ActKind, _ details: ActDetails, _ found: [ReviewRow], _ draft: AccessEvent,
    _ drafts: [ActFiles.Draft],
    recording: Recording = { writer, event, _ in try writer.append(event) }
  ) throws -> Int64 {
    let targets = found.map {
      ActStore.Target(row: $0.record.rowID, recordKey: $0.record.recordKey, system: $0.system)
    }
    let categories = Set(found.map(\.category))
    var id: Int64 = 0
    var sent: [ActStore.File] = []
    do {
      try acting(draft) { database, writer in
        try Self.refuseSecond(kind, details, found, draft.time, database)
        id = try ActStore.nextID(database)
        sent = drafts.map { $0.file(Self.addition(kind, id)) }
        var event = draft
        event.reference = "act:\(id)"
        event.category = categories.count == 1 ? categories.first ?? "" : ""
        event.see(found.compactMap(Self.subject).map { $0.fingerprint(writer.secret) })
        var details = details
        let entry = try recording(writer, event, &details)
        try ActStore.insert(id, kind, details, event, targets, sent, entry, database)
      }
    } catch {
      drafts.forEach(files.discard)
      throw error
    }
    for file in sent { try files.send(file) }
    return id
  }

  private func commit(
    _ kind: ActKind, about act: RecordAct, _ words: String, _ draft: AccessEvent,
    _ drafts: [ActFiles.Draft],
    recording: Recording = { writer, event, _ in try writer.append(event) }
  ) throws {
    let sent = drafts.map { $0.file(Self.addition(act.kind, act.id)) }
    do {
      try acting(draft) { database, writer in
        let current = try ActStore.acts(database, "a.id = ?", [act.id]).first
        guard current?.standing(at: draft.time) == .waiting else { throw Self.decided(act.id) }
        var details = ActDetails(words: words)
        let entry = try recording(writer, draft, &details)
        try ActStore.insert(
          try ActStore.nextID(database), kind, about: act.id, details, draft, [], sent, entry,
          database)
      }
    } catch {
      drafts.forEach(files.discard)
      throw error
    }
    for file in sent { try files.send(file) }
  }

  /// Finishes what a process left that died between an act and its file.
  package func settle(by person: Person, now: Int64) throws {
    try store.store.log.withWriter(person, now) { _ in
      let drafts = try files.drafts()
      let known = try store.recentFiles(and: drafts)
      for (file, isUndone) in known {
        if isUndone { try files.remove(file) } else { try files.send(file) }
      }
      try files.removeOrphans(Set(drafts).subtracting(known.map(\.file.draft)))
    }
  }

  private static func addition(_ kind: ActKind, _ id: Int64) -> String {
    switch kind {
    case .correct: "-专员更正-\(id)"
    case .code: "-\(id)"
    default: "-专员意见-\(id)"
    }
  }

  /// Records by their rows; one that is not the person's business does not exist.
  func found(
    _ rows: [Int64], _ account: Account, _ reader: WarehouseReader
  ) throws -> [ReviewRow] {
    try rows.map { row in
      guard row > 0, let found = try reader.reviewRow(row) ?? withheld(row, reader),
        account.sees(found.system)
      else {
        throw Denial(
          "unknown-record", chinese: "没有这条记录", english: "there is no record \(row)")
      }
      return found
    }
  }

  private func withheld(_ row: Int64, _ reader: WarehouseReader) throws -> ReviewRow? {
    guard let delivery = try reader.delivery(row >> 32),
      let category = catalog.category(delivery.category)
    else { return nil }
    return try reader.withheldRow(row, category)
  }

  private static func subject(_ row: ReviewRow) -> SubjectKey? {
    let key = row.record.entityKey
    guard key.contains(where: { $0 != "|" }) else { return nil }
    return SubjectKey(
      category: row.category,
      parts: key.split(separator: "|", omittingEmptySubsequences: false).map(String.init))
  }

  func event(_ kind: ActKind, _ account: Account, _ now: Int64) -> AccessEvent {
    AccessEvent(
      time: now, person: account.person, action: kind.action, outcome: .allowed,
      rule: "role-\(account.role.rawValue)")
  }

  /// A denial that stands in the log.
  private struct LoggedDenial: Error {
    var denial: Denial
  }

  private func acting(
    _ draft: AccessEvent, _ decide: (Database, AccessLogWriter) throws -> Void
  ) throws {
    do {
      try store.store.act(draft, decide)
    } catch let denial as Denial {
      throw LoggedDenial(denial: denial)
    }
  }

  /// A denial before the store is asked stands in the log too.
  func denying<Result>(_ draft: AccessEvent, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let logged as LoggedDenial {
      throw logged.denial
    } catch let denial as Denial {
      var event = draft
      event.outcome = .denied
      event.rule = denial.code
      try store.store.log.append(event)
      throw denial
    }
  }

  static let role = Denial(
    "role", chinese: "您的角色不能做这件事", english: "your role does not do this")

  static func unknown(_ id: Int64) -> Denial {
    Denial("unknown-act", chinese: "没有编号为 \(id) 的操作", english: "there is no act \(id)")
  }

  private static func decided(_ id: Int64) -> Denial {
    Denial(
      "decided", chinese: "操作 \(id) 已有结论", english: "act \(id) is decided or undone already")
  }
}

extension [ReviewRow] {
  mutating func removeAll(_ left: [LeftRecord]) {
    guard !left.isEmpty else { return }
    let rows = Set(left.map(\.row))
    removeAll { rows.contains($0.record.rowID) }
  }
}
