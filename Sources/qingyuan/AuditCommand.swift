import Access
import AccessStore
import ArgumentParser
import Catalog
import Pipeline
import Foundation
import PipelineDefinition
import Review
import Records

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "The access log: who saw what, and whether the log is what was written.",
    subcommands: [Verify.self, Head.self, WhoSaw.self, List.self, Record.self, Alerts.self])

  struct Head: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print number and hash of the newest entry, for a notary outside.",
      discussion: """
        Whoever keeps this line can prove later, with audit verify --head, that no entry up to it was \
        changed or removed.

        Exit 0 printed, 3 no log or environment, 64 wrong usage.
        """)

    @OptionGroup var home: HomeOptions

    func run() throws {
      guard let anchor = try AccessLog(folder: home.folder.access).anchor() else {
        throw CommandFailure(
          CommandFailure.environment, "there is no access log in \(home.folder.access)")
      }
      print("\(anchor.sequence):\(anchor.hash)")
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Find every edit, deletion, insertion, reordering or cut end of the access log.",
      discussion: """
        Compares the chain with itself, with the anchor beside it, with the store of requests, and with \
        what audit head printed earlier. A line whose writer was interrupted is no tampering and is named \
        as such.

        Exit 0 the log is what was written, 1 it is not, 3 environment, 64 wrong usage.
        """)

    @Option(help: "What audit head printed, as 12:HASH; may be given several times.")
    var head: [String] = []

    @Flag(help: "Print the result as JSON.") var json = false

    @Flag(help: "English texts.") var english = false

    @OptionGroup var home: HomeOptions

    func run() throws {
      let report = try AuditCommand.verify(home, heads: head)
      if json {
        print(
          jsonText(
            [
              "entries": report.entries, "newest": report.newest, "tornBytes": report.tornBytes,
              "unanchored": report.isUnanchored, "faults": report.faults.map(object),
            ] as [String: Any]))
      } else {
        show(report)
      }
      if !report.faults.isEmpty { throw ExitCode(CommandFailure.findings) }
    }

    private func object(_ fault: ChainFault) -> [String: Any] {
      var object: [String: Any] = [
        "kind": fault.kind.rawValue, "expected": fault.expected, "chinese": fault.chinese,
        "english": fault.english,
      ]
      object["line"] = fault.line
      object["sequence"] = fault.sequence
      if !fault.source.isEmpty { object["source"] = fault.source }
      return object
    }

    private func show(_ report: ChainReport) {
      for fault in report.faults.prefix(50) { print(english ? fault.english : fault.chinese) }
      let count = report.faults.count
      if count > 50 {
        print(english ? "50 shown of \(count)" : "共\(count)处,以上为前50处")
      }
      if report.tornBytes > 0 {
        print(
          english
            ? "the last line was interrupted after \(report.tornBytes) bytes; the next entry records it"
            : "最后一行写入中断(\(report.tornBytes)字节),非篡改;下次写入时另存并记录")
      }
      if report.isUnanchored {
        print(
          english
            ? "entry \(report.newest) is not anchored yet: its writer was interrupted"
            : "第\(report.newest)号记录尚未锚定:写入程序中断,非篡改")
      }
      print(
        english
          ? "\(report.entries) entries, \(count) faults"
          : "日志\(report.entries)条记录,\(count)处异常")
    }
  }

  struct WhoSaw: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "who-saw",
      abstract: "Who has seen, or tried to see, the record with this key.",
      discussion: """
        The whole log is checked on the way. Exit 0 answered, 1 answered and the log is not what was \
        written, 2 error in the definitions, 3 environment, 64 wrong usage.
        """)

    @Argument(help: "Category, as PEN.") var category: String

    @Argument(help: "Values of the entity key, in its order.") var key: [String]

    @Flag(help: "One JSON object per entry.") var json = false

    @Flag(help: "English texts.") var english = false

    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let (catalog, settings, _) = try pipeline.load()
      let subject = try SubjectKey(category, key, catalog, settings)
      let log = AccessLog(folder: home.folder.access)
      let printer = EntryPrinter(english: english, json: json)
      let fingerprint = try log.secret().map { subject.fingerprint($0) }
      try AuditCommand.walk(home) { entry in
        guard let fingerprint else { return }
        let isSeen =
          try entry.category == subject.category && log.entry(entry, concerns: fingerprint)
        // Whoever wrote down everything has every record.
        if isSeen || entry.action == .dump { printer.show(entry) }
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List entries of the access log, oldest first.",
      discussion: """
        The whole log is checked on the way. Exit 0 listed, 1 listed and the log is not what was written, \
        3 environment, 64 wrong usage.
        """)

    @Option(help: "From this day or moment on.") var from: String?

    @Option(help: "Up to the end of this day, or this second.") var to: String?

    @Option(help: "Only entries of this user.") var user: String?

    @Flag(help: "Only denied acts.") var denied = false

    @Flag(help: "One JSON object per entry.") var json = false

    @Flag(help: "English texts.") var english = false

    @OptionGroup var home: HomeOptions

    func run() throws {
      let first = try from.map { try PersonOptions.bound($0, option: "from", isEnd: false) }
      let last = try to.map { try PersonOptions.bound($0, option: "to", isEnd: true) }
      let printer = EntryPrinter(english: english, json: json)
      let name = user?.lowercased()
      try AuditCommand.walk(home) { entry in
        guard entry.time >= first ?? .min, entry.time <= last ?? .max,
          name == nil || entry.user.lowercased() == name, !denied || entry.outcome == .denied
        else { return }
        printer.show(entry)
      }
    }
  }

  struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Record an access that happened outside the program, such as a printed page.",
      discussion: """
        Exit 0 recorded, 2 error in the definitions, 3 environment (nothing was recorded), 64 wrong usage.
        """)

    @Argument(help: "Category, as PEN.") var category: String

    @Argument(help: "Values of the entity key, in its order; none with --keys-from.")
    var key: [String] = []

    @Option(help: "A file with one key a line, its values separated by tabs.") var keysFrom: String?

    @Option(help: "Identifiers of the elements that were seen, separated by commas.")
    var elements: String

    @Option(help: "What for.") var purpose: String

    @Option(name: .customLong("where"), help: "Row condition, if the rows were chosen by one.")
    var condition: String?

    @Option(help: "Number of the request or grant.") var reference = ""

    @Flag(help: "It was asked for and denied.") var denied = false

    @OptionGroup var options: PersonOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let (catalog, settings, _) = try pipeline.load()
      let person = try options.person
      let now = try options.second
      var event = AccessEvent(
        time: now, person: person, action: .read, outcome: denied ? .denied : .allowed,
        rule: "recorded-by-hand")
      let subjects = try keys().map { try SubjectKey(category, $0, catalog, settings) }
      event.category = category.uppercased()
      event.elements = try elements.split(separator: ",").map { name in
        let name = String(name.trimmingBlanks)
        guard catalog.element(name) != nil else {
          throw CommandFailure(CommandFailure.usage, "element \"\(name)\" is not in the catalog")
        }
        return name
      }
      event.condition = LoggedText(condition: condition, catalog: catalog)
      event.purpose = LoggedText(cleaning: purpose)
      event.reference = LoggedText(cleaning: reference).text
      let entry = try AccessLog(folder: home.folder.access).withWriter(person, now) { writer in
        event.see(subjects.map { $0.fingerprint(writer.secret) })
        return try writer.append(event)
      }
      print("\(entry.sequence):\(entry.hash)")
    }

    private func keys() throws -> [[String]] {
      guard let keysFrom else { return [key] }
      guard key.isEmpty else {
        throw CommandFailure(CommandFailure.usage, "give keys, or a file with keys, not both")
      }
      guard let text = try? String(contentsOfFile: keysFrom, encoding: .utf8) else {
        throw CommandFailure(CommandFailure.environment, "cannot read \(keysFrom) as UTF-8")
      }
      return text.split(whereSeparator: \.isNewline).map { line in
        line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      }
    }
  }
}

extension AuditCommand {
  /// Checks the log against all who know it.
  ///
  /// - Parameter heads: As `audit head` prints them.
  static func verify(
    _ home: HomeOptions, heads: [String] = [],
    onEntry: (WrittenEntry) throws -> Void = { _ in }
  ) throws -> ChainReport {
    try AccessLog(folder: home.folder.access).verifyWithStores(witnesses(heads), onEntry: onEntry)
  }

  /// - Parameter heads: As `audit head` prints them.
  static func witnesses(_ heads: [String]) throws -> [ChainWitness] {
    try heads.map { text in
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let sequence = Int(parts[0]), sequence > 0,
        let hash = ChainHash(String(parts[1]))
      else {
        throw CommandFailure(
          CommandFailure.usage, "--head \(text) is not what audit head prints, as 12:HASH")
      }
      return ChainWitness(sequence: sequence, hash: hash, source: "--head")
    }
  }

  /// Shows entries and, at the end, whether they can be trusted.
  static func walk(_ home: HomeOptions, _ onEntry: (WrittenEntry) throws -> Void) throws {
    let report = try verify(home, onEntry: onEntry)
    guard !report.faults.isEmpty else { return }
    throw CommandFailure(
      CommandFailure.findings,
      "the access log is not what was written (\(report.faults.count) faults); run qingyuan audit verify"
    )
  }
}

extension SubjectKey {
  /// The record that a command line names.
  init(
    _ category: String, _ parts: [String], _ catalog: Catalog, _ settings: RunSettings
  ) throws {
    guard let found = catalog.category(category.uppercased()) else {
      throw CommandFailure(CommandFailure.usage, "category \"\(category)\" does not exist")
    }
    let names = Self.elements(
      of: found, agency: settings.roles.agency, system: settings.roles.system)
    let values = parts.map { String($0.trimmingBlanks) }
    guard values.count == names.count else {
      throw CommandFailure(
        CommandFailure.usage,
        "the key of \(found.id) is \(names.joined(separator: " + ")); give \(names.count) values")
    }
    self.init(category: found.id, parts: values)
  }
}

/// Prints entries of the log.
private struct EntryPrinter {
  let english: Bool
  let json: Bool

  func show(_ entry: WrittenEntry) {
    if json {
      var object: [String: Any] = [
        "sequence": entry.sequence, "time": Moment.text(entry.time), "user": entry.user,
        "department": entry.department, "action": entry.action.rawValue,
        "category": entry.category, "rows": entry.rows, "elements": entry.elements,
        "condition": entry.condition, "purpose": entry.purpose, "reference": entry.reference,
        "outcome": entry.outcome.rawValue, "rule": entry.rule, "hash": entry.hash.hexadecimal,
        "intact": entry.isIntact,
      ]
      object["file"] = entry.file?.name
      print(jsonText(object))
      return
    }
    let outcome =
      english ? entry.outcome.rawValue : entry.outcome == .allowed ? "允许" : "拒绝"
    let rows = entry.rows == 0 ? "" : english ? " \(entry.rows) rows" : " \(entry.rows)行"
    let about = [
      entry.category, entry.elements.joined(separator: ","), entry.condition, entry.reference,
      entry.purpose,
    ].filter { !$0.isEmpty }.joined(separator: " | ")
    print(
      "\(entry.sequence) \(Moment.text(entry.time)) \(entry.department) \(entry.user) "
        + "\(entry.action.rawValue) \(outcome) (\(entry.rule))\(rows) \(about)")
  }
}
