import ArgumentParser
import Maintenance
import Pipeline
import Warehouse

struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy an installation while it works, verified; check a copy.",
    subcommands: [Make.self, Verify.self], defaultSubcommand: Make.self)

  struct Make: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Make a backup: the warehouse as readers see it, originals, returns, reports, access log, definitions.",
      discussion: """
        Readers and a running night are not disturbed. Each backup is a folder of its own below --to, \
        whole in itself; files that the last one has already take no room a second time. The inbox, what \
        is made anew (tiers/) and what is private to a run (work/) are left out.

        A backup holds what the installation holds: keep it for its owner only, best on another disk.

        Exit 0 made, 3 disk, permission or no warehouse, 64 wrong usage.
        """)

    @Option(help: "The folder of backups; outside the home.") var to: String
    @Option(help: "How many backups are to be there afterwards; older ones are removed.")
    var keep: Int?

    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func validate() throws {
      if let keep, keep < 1 { throw ValidationError("--keep \(keep): one at least has to stay") }
    }

    func run() throws {
      try home.requireWarehouse()
      let outcome = try HomeBackup(
        home: home.folder, definitions: pipeline.pipelines, folder: to, progress: ProgressLine()
      ).make(now: PosixFile.secondsNow(), keep: keep)
      print(
        "\(outcome.path): publication \(outcome.label.publication) of \(outcome.label.night), "
          + "\(outcome.files) files, \(outcome.shared) of them as in the last backup, "
          + "\(outcome.copiedBytes >> 20) MB copied")
      for old in outcome.removed { print("removed \(old)") }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Check that a backup is what was written: every byte, the databases, the access log.",
      discussion: "Exit 0 it is, 1 it is not, 3 no backup or environment, 64 wrong usage.")

    @Argument(help: "The folder of one backup.") var backup: String

    func run() throws {
      let check = BackupCheck(backup, progress: ProgressLine())
      let label = try check.label()
      let problems = try check.problems()
      for problem in problems.prefix(50) { print(problem) }
      if problems.count > 50 { print("… \(problems.count - 50) more") }
      guard problems.isEmpty else { throw ExitCode(CommandFailure.findings) }
      print("\(backup) is whole: publication \(label.publication) of \(label.night), \(label.made)")
    }
  }
}

struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put a backup into place as the home of an installation.",
    discussion: """
      Every file is compared with what the backup's list says before anything is put into place. A home \
      that is there is put aside under another name (--replace), and its inbox comes back to the new one. \
      Then qingyuan tiers makes what leaves, and the nights since the backup are run again from their \
      originals (operator guide, Backup and restore).

      Exit 0 restored, 3 the backup is damaged, the home is in use, disk or permission, 64 wrong usage.
      """)

  @Argument(help: "The folder of one backup.") var backup: String
  @Flag(help: "Put a home aside that holds data already.") var replace = false

  @OptionGroup var home: HomeOptions

  func run() throws {
    let restored = try BackupCheck(backup, progress: ProgressLine()).restore(
      to: home.folder, replacing: replace, now: PosixFile.secondsNow())
    print(
      "\(home.home): publication \(restored.label.publication) of \(restored.label.night), "
        + "as of \(restored.label.made), \(restored.files) files")
    if let replaced = restored.replaced { print("what was there is in \(replaced)") }
    print(
      "next: qingyuan tiers --home \(home.home); the definitions of then are in \(backup)/definitions"
    )
  }
}
