import Access
import AccessStore
package import Catalog
import GRDB
import Pipeline
import Records
import Standardization
import Warehouse
package import WarehouseSQLite

/// Makes changes of the definitions that a person can look at and commit.
package protocol DefinitionPatching: Sendable {
  /// - Parameter origin: Who confirmed it, when and why.
  /// - Returns: A unified diff against the folder of definitions; the changed folder has been checked.
  /// - Throws: ``Denial`` where there would be something wrong with it.
  func patch(_ change: CodeListChange, origin: String) throws -> String
}

/// What values mean that no code list knows (C3).
extension ActDesk {
  /// Longest spelling, code or label, in characters: findings keep no more of a value.
  private static let longestLabel = 80

  /// Confirms what a value means: a code that its list does not have yet, or another spelling of one that it has.
  ///
  /// A second person has to agree: it decides about the records of everybody. What comes of it then is a patch of
  /// the definitions in ``HomeFolder/review``, which somebody has to commit.
  ///
  /// - Parameters:
  ///   - row: The record in quarantine where the value was found; nil for one that was accepted with it.
  ///   - now: Seconds since 1970-01-01T00:00:00Z.
  /// - Throws: ``Denial``, which is in the access log.
  package func confirm(
    _ change: CodeListChange, row: Int64?, words: String, by account: Account,
    _ reader: WarehouseReader, now: Int64
  ) throws -> ActResult {
    var details = ActDetails(words: words)
    details.code = change
    var draft = event(.code, account, now)
    draft.purpose = LoggedText(cleaning: words)
    draft.elements = catalog.element(change.element).map { [$0.identifier] } ?? []
    draft.reference = row.map { "row:\($0)" } ?? catalog.codeList(change.list)?.id ?? ""
    return try denying(draft) {
      try check(.code, details, account, now)
      let list = try self.list(of: change, account)
      try checkTexts(change)
      try checkNew(change, list, now)
      let found = try row.map { try self.found([$0], account, reader) } ?? []
      details.needsApproval = true
      // It is made again when the second person agrees; that it can be made is told at once.
      files.discard(try patchDraft(change, words, account.person, now))
      let id = try commit(.code, details, found, draft, [])
      guard let act = try store.act(id) else { throw Self.unknown(id) }
      return ActResult(act: act)
    }
  }

  func patchDraft(
    _ change: CodeListChange, _ words: String, _ person: Person, _ now: Int64
  ) throws -> ActFiles.Draft {
    let day = CivilDate(dayNumber: Moment.dayNumber(now))
    let reason = words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let patch = try definitions.patch(
      change, origin: "steward: \(person.user), \(day), \(reason)")
    return try files.draft(patch: patch, of: change.list)
  }

  /// The list that the element takes its values from; what a person may not see they do not decide about.
  private func list(of change: CodeListChange, _ account: Account) throws(Denial) -> CodeList {
    guard let element = catalog.element(change.element), element.tier <= account.clearance,
      element.codeList == change.list, let list = catalog.codeList(change.list)
    else {
      throw Denial(
        "not-a-code", chinese: "这个数据元没有代码表，或超出您的查看级别",
        english: "the element has no code list, or is above your clearance")
    }
    return list
  }

  private func checkTexts(_ change: CodeListChange) throws(Denial) {
    let texts =
      [change.spelling]
      + (change.added.map { [$0.code, $0.label, $0.english] } ?? [change.synonymOf ?? ""])
    guard
      texts.allSatisfy({ text in
        text.count <= Self.longestLabel && text.contains { !$0.isWhitespace }
      })
    else {
      throw Denial(
        "texts", chinese: "写法、代码和名称都须填写，不超过\(Self.longestLabel)个字符",
        english: "spelling, code and names are needed, of at most \(Self.longestLabel) characters")
    }
  }

  private func checkNew(
    _ change: CodeListChange, _ list: CodeList, _ now: Int64
  ) throws {
    guard !LabelMatcher(list).knows(change.spelling) else {
      throw Denial(
        "known", chinese: "代码表 \(list.id) 已能识别“\(change.spelling)”",
        english: "\(list.id) knows \"\(change.spelling)\" already")
    }
    if let act = try store.store.read({ try Self.present(change, now, $0) }) {
      throw Self.already(act)
    }
  }

  /// The act about the same spelling that stands or waits.
  static func present(
    _ change: CodeListChange, _ now: Int64, _ database: Database
  ) throws -> RecordAct? {
    try ActStore.acts(of: .code, database).first { act in
      act.details.code?.list == change.list && act.details.code?.spelling == change.spelling
        && [.stands, .waiting].contains(act.standing(at: now))
    }
  }

  // MARK: Patches

  /// A confirmed code with the patch that came of it.
  package struct CodePatch: Sendable {
    package var act: RecordAct
    /// Name of its file; nil while a second person has not agreed, and where it was taken back.
    package var name: String?
    /// The definitions in force know the value.
    package var isInForce: Bool
  }

  /// Confirmed codes that the person may see, newest first.
  package func patches(for account: Account) throws -> [CodePatch] {
    guard account.role.readsRecords else { return [] }
    return try store.acts(of: .code).reversed().compactMap { act in
      guard act.systems.allSatisfy(account.sees), let change = act.details.code,
        let element = catalog.element(change.element), element.tier <= account.clearance
      else { return nil }
      let sent = act.isUndone ? nil : try store.files(of: act.id).first
      return CodePatch(
        act: act, name: sent?.path.split(separator: "/").last.map(String.init),
        isInForce: catalog.codeList(change.list).map { LabelMatcher($0).knows(change.spelling) }
          ?? false)
    }
  }

  /// The text of a patch; nil where there is none that the person may see.
  package func patch(_ name: String, for account: Account) throws -> String? {
    guard let act = try patches(for: account).first(where: { $0.name == name })?.act,
      let file = try store.files(of: act.id).first
    else { return nil }
    return try files.patch(file)
  }
}

extension LabelMatcher {
  /// Whether a text means something; one that a person must decide about does, too.
  ///
  /// - Parameter isMany: It may be several values, each of which must mean something.
  func knows(_ text: String, isMany: Bool = false) -> Bool {
    let bytes = Array(text.utf8)
    return isMany ? !matchMany(bytes.span).hasUnknown : match(bytes.span) != .unknown
  }
}
