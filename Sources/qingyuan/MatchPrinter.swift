import Access
import AccessStore
import Catalog
import Pipeline
import PipelineDefinition
import Warehouse
import WarehouseSQLite

/// Subjects and acts for people and programs.
struct MatchPrinter {
  private let catalog: Catalog
  private let isEnglish: Bool

  init(_ catalog: Catalog, isEnglish: Bool) {
    self.catalog = catalog
    self.isEnglish = isEnglish
  }

  static func category(_ text: String, _ catalog: Catalog) throws -> String {
    let known = catalog.matching?.sources.map(\.category) ?? []
    if known.contains(text.uppercased()) { return text.uppercased() }
    let hint = suggestion(for: text, among: known).map { "; did you mean \($0)?" } ?? ""
    throw CommandFailure(
      CommandFailure.usage, "records of \(text) name no subject" + hint)
  }

  /// The entry is there before anything is shown, with the keys of the records.
  func log(
    _ reviews: [SubjectReview], _ category: String?, _ reader: WarehouseReader,
    _ roles: RunSettings.Roles, _ reading: ReaderOptions, _ home: HomeOptions
  ) throws {
    let keys = try reviews.compactMap { try key(of: $0, reader, roles) }
    var event = try reading.event(.query, rule: "match")
    event.category = category ?? ""
    event.elements = ["registration_no", "subject_name", "uscc"]
    event.reference = "subject_candidate"
    _ = try AccessLog(folder: home.folder.access).withWriter(event.person, event.time) { writer in
      event.see(keys.map { $0.fingerprint(writer.secret) })
      return try writer.append(event)
    }
  }

  private func key(
    of review: SubjectReview, _ reader: WarehouseReader, _ roles: RunSettings.Roles
  ) throws -> SubjectKey? {
    guard let category = catalog.category(review.category) else { return nil }
    let names = SubjectKey.elements(of: category, agency: roles.agency, system: roles.system)
    let columns = names.map { "\"\($0)\"" }.joined(separator: ", ")
    var parts: [String]?
    try reader.rows(
      "SELECT \(columns) FROM \"\(category.id)\" WHERE record = \(review.record)"
    ) { _ in
    } onRow: { row in
      parts = row.map { value in
        switch value {
        case .text(let text): text
        case .integer(let number): String(number)
        case .real(let number): String(number)
        case .null, .blob: ""
        }
      }
    }
    return parts.map { SubjectKey(category: category.id, parts: $0) }
  }

  /// Why, in the language asked for.
  func reason(_ match: SubjectReview.Match, hasCode: Bool) -> String {
    guard isEnglish, let matching = catalog.matching else { return match.reason }
    if let link = matching.links.first(where: { $0.id == match.rule }) { return link.english }
    guard let rule = matching.candidates.first(where: { $0.id == match.rule }) else {
      return "confirmed by a person"
    }
    return rule.english + (hasCode ? "; \(matching.unknownCodeEnglish)" : "")
  }

  func text(_ review: SubjectReview) -> String {
    let said = [
      review.name ?? "–", review.number.map { "注册号\($0)" }, review.code.map { "代码\($0)" },
    ].compactMap { $0 }.joined(separator: " ")
    let head =
      "\(review.record)  \(review.category) \(review.system) \(review.recordID)  \(said)"
    let matches = review.matches.map { "    " + line($0, hasCode: review.code != nil) }
    return ([head] + (matches.isEmpty ? ["    –"] : matches)).joined(separator: "\n")
  }

  /// `= SM2  91510104… 清源… 注册号…  why` of a link, `? 60 SC7  …` of a candidate.
  func line(_ match: SubjectReview.Match, hasCode: Bool = false) -> String {
    let registered = [match.name ?? "–", match.number.map { "注册号\($0)" }].compactMap { $0 }
      .joined(separator: " ")
    let how =
      match.isLink
      ? "= \(match.rule)\(match.act.map { " (act \($0))" } ?? "")"
      : "? \(match.score ?? 0) \(match.rule)"
    return "\(how)  \(match.subject) \(registered)  " + reason(match, hasCode: hasCode)
  }

  func object(_ review: SubjectReview) -> [String: Any] {
    var object: [String: Any] = [
      "record": review.record, "category": review.category, "system": review.system,
      "record_id": review.recordID,
      "matches": review.matches.map { self.object($0, hasCode: review.code != nil) },
    ]
    object["code"] = review.code
    object["registration_no"] = review.number
    object["name"] = review.name
    return object
  }

  func object(_ match: SubjectReview.Match, hasCode: Bool) -> [String: Any] {
    var object: [String: Any] = [
      "subject": match.subject, "rule": match.rule, "reason": reason(match, hasCode: hasCode),
      "linked": match.isLink,
    ]
    object["name"] = match.name
    object["registration_no"] = match.number
    object["score"] = match.score
    object["act"] = match.act
    return object
  }

  // MARK: Acts

  func says(_ act: SubjectAct) -> String {
    let record = "\(act.category) \(act.system) \(act.recordID)"
    switch act.kind {
    case .confirm: return "\(record) is \(act.subject)"
    case .reject: return "\(record) is not \(act.subject)"
    case .undo: return "act \(act.undone ?? 0) about \(record) is taken back"
    }
  }

  func text(_ act: SubjectAct) -> String {
    "act \(act.id)  \(says(act))  by \(act.author) \(act.time.prefix(10)): \(act.reason)"
      + (act.openedBy == nil ? "  (waits for the next night)" : "")
  }

  func object(_ act: SubjectAct) -> [String: Any] {
    var object: [String: Any] = [
      "act": act.id, "kind": act.kind.rawValue, "record": act.row, "category": act.category,
      "system": act.system, "record_id": act.recordID, "subject": act.subject,
      "author": act.author, "reason": act.reason, "time": act.time,
      "counts": act.openedBy != nil,
    ]
    object["undoes"] = act.undone
    object["publication"] = act.openedBy
    return object
  }
}
