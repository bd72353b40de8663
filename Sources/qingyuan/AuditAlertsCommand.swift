import Access
import AccessStore
import ArgumentParser
import Catalog
import Pipeline
import Records

extension AuditCommand {
  struct Alerts: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Readings that are more than they should be.",
      discussion: """
        Far more records than on any day before, many denied acts, and elements that neither the \
        department's tier nor a grant covers. From which number on stands in sharing/approvals.yaml. The \
        whole log is checked on the way.

        Exit 0 nothing to say, 1 alerts, or the log is not what was written; 2 error in the definitions, \
        3 environment, 64 wrong usage.
        """)

    @Option(help: "From this day on, as 2026-03-01; yesterday if not given.") var from: String?

    @Option(help: "Up to this day; today if not given.") var to: String?

    @Flag(help: "One JSON object per alert.") var json = false

    @OptionGroup var options: PersonOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let (catalog, _, _) = try pipeline.load()
      let today = Moment.dayNumber(try options.second)
      let last = try to.map { try LocalClock.day($0, option: "to") } ?? today
      let first = try from.map { try LocalClock.day($0, option: "from") } ?? last - 1
      guard first <= last else {
        throw CommandFailure(CommandFailure.usage, "--from lies behind --to")
      }
      let folder = home.folder.access
      var grants: [Grant] = []
      if ShareStore.exists(in: folder) {
        grants = try ShareStore(folder: folder, catalog: catalog).cases().compactMap(\.grant)
      }
      var scan = OverreachScan(catalog, grants: grants)
      try AuditCommand.walk(home) { scan.add($0) }
      let alerts = scan.alerts(first...last)
      for alert in alerts {
        print(
          json
            ? jsonText(object(alert))
            : "\(alert.kind.rawValue) \(options.english ? alert.english : alert.chinese)")
      }
      if !alerts.isEmpty { throw ExitCode(CommandFailure.findings) }
    }

    private func object(_ alert: OverreachAlert) -> [String: Any] {
      [
        "kind": alert.kind.rawValue, "user": alert.user, "department": alert.department,
        "day": CivilDate(dayNumber: alert.day).description, "count": alert.count,
        "limit": alert.limit, "subjects": alert.subjects,
      ]
    }
  }
}
