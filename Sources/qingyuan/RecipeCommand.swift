import Access
import ArgumentParser
import Review

struct RecipeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipe",
    abstract: "What was done to all records of a filter, to be done again on another night.",
    subcommands: [List.self, Show.self, Apply.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Acts on many records, newest first; the number of the act is that of its recipe.")

    @Flag(help: "One JSON object a line.") var json = false
    @OptionGroup var options: DeskOptions

    func run() throws {
      let bench = try options.bench()
      for act in try bench.desk.acts(for: bench.account)
      where act.details.filter != nil && act.details.recipe == nil {
        print(json ? jsonText(bench.object(act)) : bench.line(act))
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A recipe: which records, and what is done to them.")

    @Argument(help: "Number of the recipe.") var recipe: Int64
    @OptionGroup var options: DeskOptions

    func run() throws {
      let bench = try options.bench()
      print(jsonText(bench.object(try RecipeCommand.recipe(recipe, bench))))
    }
  }

  struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Do it again, to the records that fit now and that it was not done to.",
      discussion: """
        The same as choosing the same records and acting by hand: what needs a second person needs one again.

        Exit 0 done, also if no record fits; 1 refused.
        """)

    @Argument(help: "Number of the recipe.") var recipe: Int64
    @Flag(help: "As one JSON object.") var json = false
    @OptionGroup var options: DeskOptions

    func run() throws {
      let bench = try options.bench()
      // Where nothing fits nobody else would ask for the role.
      let kind = try bench.desk.store.act(recipe)?.kind ?? .comment
      var event = AccessEvent(
        time: bench.now, person: bench.account.person, action: kind.action, outcome: .allowed,
        rule: "recipe")
      event.reference = "act:\(recipe)"
      try options.home.checkRight(
        kind, of: nil, bench.account, event, english: options.english)
      let act = try RecipeCommand.recipe(recipe, bench)
      let result = try reviewing(options.english) {
        try bench.desk.replay(
          act, try bench.queue(), by: bench.account, bench.reader, now: bench.now)
      }
      guard let result else {
        Terminal.note("no record fits")
        return
      }
      bench.report(result, json: json)
    }
  }

  private static func recipe(_ id: Int64, _ bench: ActBench) throws -> RecordAct {
    guard let act = try bench.desk.act(id, for: bench.account), act.details.filter != nil else {
      throw CommandFailure(CommandFailure.findings, "there is no recipe \(id)")
    }
    return act
  }
}
