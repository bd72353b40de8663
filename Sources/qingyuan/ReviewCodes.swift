import Access
import ArgumentParser
import Catalog
import Foundation
import Pipeline
import PipelineDefinition
import Review
import Validation
import WarehouseSQLite

/// Makes patches of a folder of definitions as it is when it is asked.
struct DefinitionFolder: DefinitionPatching {
  let path: String

  /// Problems that a person is told.
  private static let shownProblems = 5

  func patch(_ change: CodeListChange, origin: String) throws -> String {
    do {
      return try Definitions.patch(path, change, origin: origin).diff
    } catch {
      throw Self.denial(error)
    }
  }

  private static func denial(_ refusal: PatchRefusal) -> Denial {
    switch refusal {
    case .unknownList(let id):
      Denial("list", chinese: "定义中没有代码表 \(id)", english: "the definitions have no list \(id)")
    case .unknownCode(let code):
      Denial("code", chinese: "代码表中没有代码“\(code)”", english: "the list has no code \"\(code)\"")
    case .unwritable:
      Denial(
        "texts", chinese: "其中有不能写入定义的字符", english: "it has a character that no definition can hold")
    case .form(let file):
      Denial(
        "form", chinese: "\(file) 的写法不能自动增补，请直接修改",
        english: "\(file) is written in a form that cannot be added to; edit it yourself")
    case .problems(let problems):
      Denial(
        "lint",
        chinese: "改动后的定义不能通过检查："
          + problems.prefix(shownProblems).map(\.description).joined(separator: "；"),
        english: "the changed definitions have errors: "
          + problems.prefix(shownProblems).map(\.description).joined(separator: "; "))
    }
  }
}

extension ReviewCommand {
  struct Code: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Values that no code list knows: say what they mean, as a patch of the definitions.",
      discussion: """
          qingyuan review code watch
          qingyuan review code confirm --element penalty_type_codes --value 警示 --synonym-of 01 --words "来函"
          (cd Pipelines && patch -p1 < ../home/review/CL42-7.patch)

        An approver has to agree (review approve). A patch is checked before it is offered; somebody has to \
        commit it. It counts from the next night on.
        """,
      subcommands: [Watch.self, Confirm.self, Patches.self])

    struct Watch: ParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "Values of the last 30 nights that no code list knows.")

      @Flag(help: "One JSON object a line.") var json = false
      @OptionGroup var options: DeskOptions

      func run() throws {
        let bench = try options.bench()
        for entry in CodeWatch.unknown(
          try CodeWatch.values(bench.reader), bench.catalog, for: bench.account)
        {
          let found = entry.found
          print(
            json
              ? jsonText([
                "system": found.system, "category": found.category,
                "element": entry.element.identifier, "list": entry.list.id, "value": found.value,
                "returned": !found.isNote, "records": found.records,
                "last_night": found.lastNight, "record": found.row,
              ])
              : Terminal.padded(Terminal.grouped(found.records), 8, right: true)
                + "  \(found.system) \(found.category) \(entry.element.identifier) \(entry.list.id)  "
                + "\(found.isNote ? "note  " : "return")  \(found.value)")
        }
      }
    }

    struct Confirm: ParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "Say what a value means: another spelling of a code, or a new code.",
        discussion: "The patch is there when an approver has agreed (review approve).")

      @Option(help: "The element that it was found in.") var element: String
      @Option(help: "The value as it came; of several values the unknown one.") var value: String
      @Option(help: "The code that it means.") var synonymOf: String?
      @Option(name: .customLong("new"), help: "A new code.") var newCode: String?
      @Option(help: "With --new: its name; the value if not given.") var label: String?
      @Option(name: .customLong("label-en"), help: "With --new: its English name.")
      var labelEnglish: String?
      @Option(help: "The record in quarantine that it was found in.") var record: Int64?
      @Option(help: "Why.") var words: String
      @Flag(help: "As one JSON object.") var json = false
      @OptionGroup var options: DeskOptions

      func run() throws {
        let bench = try options.bench()
        let list = bench.catalog.element(element)?.codeList ?? ""
        let change: CodeListChange
        switch (synonymOf, newCode, labelEnglish) {
        case (let code?, nil, nil):
          change = CodeListChange(list: list, element: element, spelling: value, synonymOf: code)
        case (nil, let code?, let english?):
          change = CodeListChange(
            list: list, element: element, spelling: value,
            added: CodeListChange.NewCode(code: code, label: label ?? value, english: english))
        default:
          throw CommandFailure(
            CommandFailure.usage, "give --synonym-of CODE, or --new CODE and --label-en NAME")
        }
        let result = try reviewing(options.english) {
          try bench.desk.confirm(
            change, row: record, words: words, by: bench.account, bench.reader, now: bench.now)
        }
        bench.report(result, json: json)
      }
    }

    struct Patches: ParsableCommand {
      static let configuration = CommandConfiguration(
        abstract: "Confirmed codes and their patches, newest first; or the text of one.")

      @Argument(help: "Name of a patch, as CL42-7.patch.") var name: String?
      @Flag(help: "One JSON object a line.") var json = false
      @OptionGroup var options: DeskOptions

      func run() throws {
        let bench = try options.bench()
        if let name {
          guard let text = try bench.desk.patch(name, for: bench.account) else {
            throw CommandFailure(CommandFailure.findings, "there is no patch \(name)")
          }
          print(text, terminator: "")
          return
        }
        for patch in try bench.desk.patches(for: bench.account) {
          if json {
            print(
              jsonText(
                bench.object(patch.act).merging([
                  "patch": patch.name ?? NSNull(), "in_force": patch.isInForce,
                ]) { first, _ in first }))
          } else {
            print(
              bench.line(patch.act)
                + (patch.isInForce ? "  in force" : patch.name.map { "  \($0)" } ?? ""))
          }
        }
      }
    }
  }
}
