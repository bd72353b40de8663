package import Access
package import AccessStore
package import Catalog
import Glibc
import Records
import Sharing
import Standardization
import Warehouse
package import WarehouseSQLite

/// Hands out what a grant covers: the rows of its condition and the values of its elements, as its audience may
/// see them, marked for their recipient.
///
/// The data is written to a folder that nobody knows, made durable, entered in the access log and only then
/// renamed into place. The grant is looked at twice: before the data is read and, under the lock under which
/// grants are revoked, at the moment at which it is handed out.
package final class GrantExport {
  /// What was handed out.
  package struct Result: Sendable {
    package var export: String
    package var folder: String
    package var grant: Grant
    package var publication: Int64
    /// Records read, chosen by the row condition, and handed out.
    package var read = 0
    package var chosen = 0
    package var released = 0
    /// Records with a mark of an objection.
    package var marked = 0
    /// Chosen records that were left out, by the rule that denies them, sorted by it.
    package var denied: [(rule: String, count: Int)] = []
  }

  private let catalog: Catalog
  private let store: ShareStore
  private let secret: MaskSecret
  private let rows: PublishedRows
  private let roles: (agency: String?, system: String?)
  private let clock: () -> Int64

  /// - Parameters:
  ///   - roles: The elements that name issuer and source system, of `nightly.yaml`.
  ///   - clock: Seconds since 1970-01-01T00:00:00Z; asked for every look at the grant.
  package init(
    _ catalog: Catalog, store: ShareStore, secret: MaskSecret, rows: PublishedRows,
    roles: (agency: String?, system: String?), clock: @escaping () -> Int64
  ) {
    self.catalog = catalog
    self.store = store
    self.secret = secret
    self.rows = rows
    self.roles = roles
    self.clock = clock
  }

  /// - Parameters:
  ///   - id: Of the grant, or of its request.
  ///   - folder: Gets a folder of the export's own.
  /// - Throws: ``Access/Denial`` where the grant is not honoured, which is in the access log.
  package func run(
    _ id: String, by person: Person, format: ExportFormat, into folder: String
  ) throws -> Result {
    let now = clock()
    let (grant, category) = try logged(id, person, now) { try granted(id, now) }
    let plan = try logged(id, person, now) {
      try ReleasePlan(.grant(grant), catalog, category, secret: secret.bytes)
    }
    let key = secret.key(for: ExportMark.use)
    let number = ExportMark.number(
      [grant.id, "\(now)", "\(rows.publication)", format.rawValue, person.user], key: key)
    let name = "\(grant.id)-\(number)"
    var result = Result(
      export: number, folder: folder + "/" + name, grant: grant, publication: rows.publication)
    guard !PosixFile.exists(result.folder) else {
      throw AccessLogError(.store, "\(result.folder) exists; the export was made already")
    }
    try Self.removeDrafts(in: folder)
    let draft = folder + "/.\(name).part"
    try Self.remove(draft)
    try PosixFile.makePrivateFolder(draft)
    defer { try? Self.remove(draft) }
    // Held as long as it is worked on.
    let lock = try PosixFile(draft, flags: O_RDONLY)
    guard try lock.tryLock() else {
      throw AccessLogError(.store, "\(draft) is being made by another export")
    }
    defer { withExtendedLifetime(lock) {} }
    let work = ExportWork(
      catalog: catalog, plan: plan, tables: ExportTable.tables(category, grant.elements),
      mark: ExportMark(export: number, key: key),
      keys: RecordKeys(category, agency: roles.agency, system: roles.system),
      objections: ObjectionMarks(try store.objections()), now: now)
    let subjects = try work.write(rows, to: draft, format, grant, &result)
    try handOut(subjects, draft, &result, person, plan)
    return result
  }

  /// The grant, if it is honoured at `now`.
  private func granted(_ id: String, _ now: Int64) throws -> (Grant, Category) {
    guard let found = try store.shareCase(id) else {
      throw Access.Denial(
        "unknown-number", chinese: "没有编号为“\(id)”的授权", english: "there is no grant \(id)")
    }
    guard let grant = found.grant else {
      throw Access.Denial(
        "no-grant", chinese: "\(found.request.id)尚未授权(\(found.state(at: now).chinese))",
        english: "\(found.request.id) has no grant; it is \(found.state(at: now).rawValue)")
    }
    guard grant.isActive(at: now) else {
      let state = found.state(at: now)
      let code = state == .approved ? "grant-not-begun" : "grant-\(state.rawValue)"
      throw Access.Denial(
        code, chinese: "授权\(grant.id)\(state == .approved ? "尚未生效" : state.chinese),不得提供数据",
        english: "the grant \(grant.id) is not honoured: it "
          + (state == .approved ? "has not begun" : "is \(state.rawValue)"))
    }
    guard let category = catalog.category(grant.category) else {
      throw Access.Denial(
        "unknown-category", chinese: "数据类别“\(grant.category)”已不在目录中",
        english: "category \(grant.category) is not in the catalog any more")
    }
    return (grant, category)
  }

  /// Writes a denial to the access log before anybody is told.
  private func logged<Value>(
    _ id: String, _ person: Person, _ now: Int64, _ body: () throws -> Value
  ) throws -> Value {
    do {
      return try body()
    } catch let denial as Access.Denial {
      var event = AccessEvent(
        time: now, person: person, action: .export, outcome: .denied, rule: denial.code)
      event.reference = LoggedText(cleaning: id).text
      if let request = try store.shareCase(id)?.request {
        event.category = catalog.category(request.category)?.id ?? ""
        event.elements = request.elements.filter { catalog.element($0) != nil }
        event.purpose = LoggedText(cleaning: request.purpose)
      }
      try store.log.append(event)
      throw denial
    }
  }

  /// Enters the export in the access log and gives the folder its name.
  private func handOut(
    _ subjects: Set<SubjectKey>, _ draft: String, _ result: inout Result, _ person: Person,
    _ plan: ReleasePlan
  ) throws {
    let grant = result.grant
    let now = clock()
    try logged(grant.id, person, now) {
      // Nobody can revoke the grant while the log is ours.
      try store.log.withWriter(person, now) { writer in
        let (again, _) = try granted(grant.id, now)
        // A clock that was set back brings no grant to life again.
        if let newest = writer.newestTime, newest > grant.period.lastSecond {
          throw Access.Denial(
            "clock",
            chinese: "访问日志已记到\(Moment.text(newest)),晚于授权\(grant.id)的截止时间;请核对时钟",
            english: "the access log has an entry of \(Moment.text(newest)), when the grant "
              + "\(grant.id) had ended; check the clock")
        }
        var event = AccessEvent(
          time: now, person: person, action: .export, outcome: .allowed, rule: "grant")
        event.category = grant.category
        event.elements = plan.columns.map { plan.category.elements[$0].element.identifier }
        event.condition = LoggedText(condition: again.request.condition, catalog: catalog)
        event.purpose = LoggedText(cleaning: again.request.purpose)
        event.reference = "\(grant.id) \(result.export)"
        event.see(subjects.map { $0.fingerprint(writer.secret) })
        _ = try writer.append(event)
      }
    }
    try PosixFile.synchronizeFolder(draft)
    try PosixFile.rename(draft, to: result.folder)
    let parent = result.folder.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    try PosixFile.synchronizeFolder(parent.joined(separator: "/"))
  }

  /// Removes what killed exports left: complete data, of which the access log says nothing.
  private static func removeDrafts(in folder: String) throws {
    for name in try PosixFile.names(in: folder) ?? []
    where name.wholeMatch(of: /\.G[0-9]{6,}-X[0-9a-f]{16}\.part/) != nil {
      let path = folder + "/" + name
      // Nil where its export has just ended.
      guard PosixFile.exists(path) else { continue }
      let draft = try PosixFile(path, flags: O_RDONLY)
      if try draft.tryLock() { try remove(path) }
    }
  }

  /// Removes a folder of ours, which has no folders in it.
  private static func remove(_ folder: String) throws {
    try PosixFile.removeFolder(folder)
  }
}
