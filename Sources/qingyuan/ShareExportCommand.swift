import Access
import AccessStore
import ArgumentParser
import Catalog
import Foundation
import Pipeline
import PipelineDefinition
import Releases
import WarehouseSQLite

extension ShareCommand {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write what a grant covers, marked for its recipient.",
      discussion: """
        Makes a folder GRANT-EXPORT in --out: data, schema.json, manifest.json (purpose, tier, expiry) and \
        SHA256SUMS for sha256sum -c. Rows come from the last publication, filtered and masked as the grant's \
        reader may see them. qingyuan share trace tells later from which export data comes.

        Exit 0 written, 1 the grant is not honoured (with the reason), 2 error in the definitions, \
        3 environment, 64 wrong usage. Every export is in the access log, refused ones too.
        """)

    @Option(help: "Number of the grant, as G000001.") var grant: String

    @Option(help: "csv, ndjson or sqlite.") var format = "csv"

    @Option(help: "The folder that gets the export's own folder.") var out: String

    @Flag(help: "Print the result as JSON.") var json = false

    @OptionGroup var options: PersonOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      guard let format = ExportFormat(rawValue: format) else {
        let names = ExportFormat.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandFailure(CommandFailure.usage, "\(format) is no format; there are \(names)")
      }
      try home.requireWarehouse()
      let (catalog, settings, _) = try pipeline.load()
      let person = try options.person
      let fixed = try options.now == nil ? nil : options.second
      let folder = home.folder.access
      let export = GrantExport(
        catalog, store: try ShareStore(folder: folder, catalog: catalog),
        secret: try MaskSecret.loadOrMake(folder: folder),
        rows: try PublishedRows(folder: home.folder.warehouse, catalog: catalog),
        roles: (settings.roles.agency, settings.roles.system),
        clock: { fixed ?? Int64(Date().timeIntervalSince1970) })
      let result = try acting(options.english) {
        try export.run(grant, by: person, format: format, into: out)
      }
      show(result)
    }

    private func show(_ result: GrantExport.Result) {
      let grant = result.grant
      if json {
        print(
          jsonText(
            [
              "export": result.export, "grant": grant.id, "folder": result.folder,
              "publication": result.publication, "read": result.read, "chosen": result.chosen,
              "rows": result.released, "marked": result.marked,
              "denied": Dictionary(uniqueKeysWithValues: result.denied.map { ($0.rule, $0.count) }),
              "expires": Moment.text(grant.period.lastSecond),
            ] as [String: Any]))
        return
      }
      let denied = result.denied.map { "\($0.rule) \($0.count)" }.joined(separator: ", ")
      let english = options.english
      print(
        [
          result.folder,
          english
            ? "\(result.released) rows of \(grant.category) for \(grant.department)"
            : "\(grant.category) \(result.released)行,提供给\(grant.department)",
          english
            ? "expires \(Moment.text(grant.period.lastSecond))"
            : "到期 \(Moment.text(grant.period.lastSecond))",
          english
            ? "left out: \(denied.isEmpty ? "none" : denied)"
            : "未提供:\(denied.isEmpty ? "无" : denied)",
        ].joined(separator: "\n"))
    }
  }

  struct Trace: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "From which export, and so from which recipient, a file or part of one comes.",
      discussion: """
        Reads any file for tags; CSV, JSON lines and SQLite also for the order of their rows. Says how sure \
        it is. The access log names the exports; it is checked on the way.

        Exit 0 found, 1 nothing found, or the log is not what was written; 2 error in the definitions, \
        3 environment, 64 wrong usage.
        """)

    @Argument(help: "A file that turned up.") var file: String

    @Flag(help: "Print the findings as JSON.") var json = false

    @OptionGroup var options: PersonOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let (catalog, _, _) = try pipeline.load()
      let person = try options.person
      let now = try options.second
      let folder = home.folder.access
      guard FileManager.default.isReadableFile(atPath: file) else {
        throw CommandFailure(CommandFailure.environment, "cannot read \(file)")
      }
      guard let secret = try MaskSecret.load(folder: folder) else {
        throw CommandFailure(
          CommandFailure.environment, "there is no secret in \(folder), so nothing was exported")
      }
      let store = try ShareStore(folder: folder, catalog: catalog)
      var candidates: [TraceCandidate] = []
      // The same export to another folder in the same second has the same number and marks.
      var exports: Set<String> = []
      try AuditCommand.walk(home) { entry in
        guard let candidate = TraceCandidate(entry), exports.insert(candidate.export).inserted
        else { return }
        candidates.append(candidate)
      }
      let trace = MarkTrace(candidates, key: secret.key(for: ExportMark.use), catalog: catalog)
      let findings = try trace.findings(in: file)
      var event = AccessEvent(
        time: now, person: person, action: .trace, outcome: .allowed,
        rule: findings.first?.sureness.rawValue ?? "nothing-found")
      event.reference =
        findings.first.map {
          "\($0.candidate.grant) \($0.candidate.export)"
        } ?? ""
      try store.log.append(event)
      if json {
        print(
          jsonText([
            "exports": candidates.count, "findings": try findings.map { try object($0, store) },
          ]))
      } else {
        for finding in findings { print(try text(finding, store)) }
        if findings.isEmpty {
          print(
            options.english
              ? "no mark of any of \(candidates.count) exports was found"
              : "未发现\(candidates.count)次导出中任何一次的标记")
        }
      }
      if findings.isEmpty { throw ExitCode(CommandFailure.findings) }
    }

    private func object(_ finding: TraceFinding, _ store: ShareStore) throws -> [String: Any] {
      let request = try store.shareCase(finding.candidate.grant)?.request
      return [
        "grant": finding.candidate.grant, "export": finding.candidate.export,
        "department": request?.requester.department ?? "", "user": request?.requester.user ?? "",
        "purpose": request?.purpose ?? "", "category": finding.candidate.category,
        "exported": Moment.text(finding.candidate.time),
        "exporter": finding.candidate.exporter.user, "sureness": finding.sureness.rawValue,
        "chance": finding.chance, "tags": finding.tags, "wholeRows": finding.wholeRows,
        "changedRows": finding.changedRows, "orderPairs": finding.order.pairs,
        "orderAscending": finding.order.ascending,
      ]
    }

    private func text(_ finding: TraceFinding, _ store: ShareStore) throws -> String {
      let english = options.english
      let request = try store.shareCase(finding.candidate.grant)?.request
      let who = "\(request?.requester.department ?? "") \(request?.requester.user ?? "")"
      let sure =
        switch finding.sureness {
        case .certain: english ? "certain" : "确定"
        case .veryLikely: english ? "very likely" : "极可能"
        case .likely: english ? "likely" : "可能"
        }
      let chance = "10^\(Int(finding.chance.rounded(.up)))"
      return [
        "\(sure): \(finding.candidate.grant) \(who) (\(finding.candidate.export), "
          + "\(Moment.text(finding.candidate.time)), \(finding.candidate.exporter.user))",
        english
          ? "  \(finding.tags) tags; \(finding.wholeRows) rows as they were handed out, "
            + "\(finding.changedRows) changed; order \(finding.order.ascending) of "
            + "\(finding.order.pairs) neighbours; by chance less than \(chance)"
          : "  标记\(finding.tags)个;与提供时一致\(finding.wholeRows)行,被改动\(finding.changedRows)行;"
            + "行序相符\(finding.order.ascending)/\(finding.order.pairs);偶然出现的概率小于\(chance)",
      ].joined(separator: "\n")
    }
  }
}
