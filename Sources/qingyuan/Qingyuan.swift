import ArgumentParser
import Foundation

@main
struct Qingyuan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qingyuan",
    abstract: "Checks administrative-enforcement data every night and loads a clean warehouse.",
    discussion: """
      Exit codes: 0 done and within thresholds; 1 done, thresholds missed, deliveries held or findings \
      made; 2 configuration; 3 environment (disk, permission, lock); 64 usage.

      Results go to standard output, everything else to standard error.
      """,
    version: "qingyuan 0.1.0",
    subcommands: [
      RunCommand.self, ReportCommand.self, DictionaryCommand.self, CheckCommand.self,
      ShadowCommand.self,
      ReadCommand.self,
      DeliveriesCommand.self,
      QueryCommand.self, WhyCommand.self, OverrideCommand.self, MatchCommand.self,
      TiersCommand.self,
      VerifyCommand.self,
      RecoverCommand.self, DumpCommand.self, DoctorCommand.self, BackupCommand.self,
      RestoreCommand.self,
      LintCommand.self,
      TestRulesCommand.self, ExplainCommand.self, CatalogCommand.self, CoverageCommand.self,
      IDCommand.self, WorkdaysCommand.self, GenerateCommand.self,
      ShareCommand.self, ObjectionCommand.self, AuditCommand.self,
      ServeCommand.self, ReviewCommand.self, IncidentCommand.self, RecipeCommand.self,
      UserCommand.self,
    ])

  /// Wrong usage exits with 64, as the parser does by itself; our own errors carry their code.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
      if let failure = Terminal.finishOutput() { throw failure }
    } catch let error as CommandFailure {
      end(error)
    } catch {
      if let failure = CommandFailure(error) { end(failure) }
      // Before "findings were made": results that are not all there are not to be taken for the whole.
      if let failure = Terminal.finishOutput() { end(failure) }
      exit(withError: error)
    }
  }

  private static func end(_ failure: CommandFailure) -> Never {
    Terminal.error(failure.message)
    Foundation.exit(failure.code)
  }
}
