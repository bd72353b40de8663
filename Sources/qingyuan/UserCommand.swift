import Access
import AccessStore
import ArgumentParser
import Catalog
import Foundation
import Glibc
import Pipeline
import Review

struct UserCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "Who may sign in to the console, and what they see.",
    subcommands: [
      Add.self, Change.self, List.self, Disable.self, Enable.self, Password.self,
    ])

  /// Where a password comes from: never from an argument, which every user of the machine can read.
  struct PasswordOptions: ParsableArguments {
    @Flag(
      help:
        "The password is the first line of standard input; asked for on the terminal if not given.")
    var passwordStdin = false

    func read() throws -> String {
      if passwordStdin {
        guard let line = readLine(strippingNewline: true) else {
          throw CommandFailure(CommandFailure.usage, "standard input has no password")
        }
        return line
      }
      guard isatty(STDIN_FILENO) == 1 else {
        throw CommandFailure(
          CommandFailure.usage, "there is no terminal to ask for a password; use --password-stdin")
      }
      let first = try ask("password: ")
      guard first == (try ask("again: ")) else {
        throw CommandFailure(CommandFailure.usage, "the two are not the same; nothing was changed")
      }
      return first
    }

    private func ask(_ prompt: String) throws -> String {
      guard let text = unsafe getpass(prompt) else {
        throw CommandFailure(CommandFailure.environment, "the terminal gave no password")
      }
      return unsafe String(cString: text)
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make an account.",
      discussion: """
          qingyuan user add wang --role steward --systems SAM,MEE --department 市场监管局 --clearance shared

        Roles: operator, steward (of the systems named), approver, auditor and administrator, who read no \
        records. Clearance: public, shared or restricted; what is above it is masked.
        """)

    @Argument(help: "The name to sign in with.") var name: String
    @Option(help: "operator, steward, approver, auditor or administrator.") var role: AccountRole
    @Option(help: "In the name of which department; stands in the access log.") var department:
      String
    @Option(help: "Codes of systems with commas between; all systems if not given.") var systems:
      String?
    @Option(help: "public, shared or restricted.") var clearance = SharingTier.public
    @OptionGroup var password: PasswordOptions
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let (catalog, _, _) = try pipeline.load()
      let codes = try systems.map { try UserCommand.systems($0, catalog) }
      let person = try UserCommand.person(name, department)
      try UserCommand.acting {
        try AccountStore(folder: home.folder.access).add(
          Account(
            person: person, role: role, systems: codes, clearance: clearance),
          password: try password.read())
      }
      try UserCommand.log(.accountAdd, name, home)
      Terminal.note("\(name) may sign in as \(role.rawValue)")
    }
  }

  struct Change: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give an account other rights; who is signed in with it is signed out.",
      discussion: """
          qingyuan user change wang --systems SAM,MEE,MOT --clearance restricted

        What is not given stays as it is; a password is changed by qingyuan user password.
        """)

    @Argument(help: "The name to sign in with.") var name: String
    @Option(help: "operator, steward, approver, auditor or administrator.") var role: AccountRole?
    @Option(help: "Codes of systems with commas between, or all.") var systems: String?
    @Option(help: "In the name of which department; stands in the access log.") var department:
      String?
    @Option(help: "public, shared or restricted.") var clearance: SharingTier?
    @OptionGroup var home: HomeOptions
    @OptionGroup var pipeline: PipelineOptions

    func run() throws {
      let (catalog, _, _) = try pipeline.load()
      let codes = try systems.map { list -> Set<String>? in
        list == "all" ? nil : try UserCommand.systems(list, catalog)
      }
      let said = [
        role.map { "role=\($0.rawValue)" }, systems.map { "systems=\($0)" },
        department.map { "department=\($0)" }, clearance.map { "clearance=\($0.rawValue)" },
      ].compactMap(\.self)
      guard !said.isEmpty else {
        throw CommandFailure(
          CommandFailure.usage, "give --role, --systems, --department or --clearance")
      }
      try UserCommand.acting {
        let account = try AccountStore(folder: home.folder.access).revise(name) { account in
          if let role { account.role = role }
          if let codes { account.systems = codes }
          if let clearance { account.clearance = clearance }
          if let department {
            account.person = try UserCommand.person(account.person.user, department)
          }
        }
        Terminal.note("\(account.person.user) is \(account.role.rawValue) now, and signed out")
      }
      try UserCommand.log(.accountChange, name, home, what: said.joined(separator: " "))
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "All accounts.")

    @Flag(help: "One JSON object a line.") var json = false
    @OptionGroup var home: HomeOptions

    func run() throws {
      for account in try AccountStore(folder: home.folder.access).accounts() {
        let systems = account.systems.map { $0.sorted().joined(separator: ",") }
        if json {
          print(
            jsonText([
              "user": account.person.user, "department": account.person.department,
              "role": account.role.rawValue, "systems": account.systems?.sorted() ?? NSNull(),
              "clearance": account.clearance.rawValue, "enabled": account.isEnabled,
            ]))
        } else {
          print(
            "\(Terminal.padded(account.person.user, 16)) \(Terminal.padded(account.role.rawValue, 14)) "
              + "\(Terminal.padded(account.clearance.rawValue, 11)) \(Terminal.padded(systems ?? "all systems", 20)) "
              + "\(account.person.department)\(account.isEnabled ? "" : "  disabled")")
        }
      }
    }
  }

  struct Disable: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Nobody signs in with the account any more; who is signed in is signed out.")

    @Argument var name: String
    @OptionGroup var home: HomeOptions

    func run() throws {
      try UserCommand.acting {
        try AccountStore(folder: home.folder.access).setEnabled(false, user: name)
      }
      try UserCommand.log(.accountDisable, name, home)
    }
  }

  struct Enable: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The account may be used again.")

    @Argument var name: String
    @OptionGroup var home: HomeOptions

    func run() throws {
      try UserCommand.acting {
        try AccountStore(folder: home.folder.access).setEnabled(true, user: name)
      }
      try UserCommand.log(.accountEnable, name, home)
    }
  }

  struct Password: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give an account a new password; who is signed in with it is signed out.")

    @Argument var name: String
    @OptionGroup var password: PasswordOptions
    @OptionGroup var home: HomeOptions

    func run() throws {
      try UserCommand.acting {
        try AccountStore(folder: home.folder.access).setPassword(
          try password.read(), user: name)
      }
      try UserCommand.log(.accountPassword, name, home)
    }
  }

  private static func person(_ name: String, _ department: String) throws -> Person {
    do {
      return try Person(user: name, department: department)
    } catch {
      throw CommandFailure(CommandFailure.usage, error.english)
    }
  }

  /// - Parameter list: Codes of systems with commas between.
  private static func systems(_ list: String, _ catalog: Catalog) throws -> Set<String> {
    var codes: Set<String> = []
    for name in list.split(separator: ",") {
      let code = name.uppercased()
      guard catalog.system(code) != nil else {
        let hint =
          suggestion(for: code, among: catalog.systems.map(\.id)).map { "; did you mean \($0)?" }
          ?? ""
        throw CommandFailure(CommandFailure.usage, "there is no system \(code)\(hint)")
      }
      codes.insert(code)
    }
    return codes
  }

  /// A refused act ends the command with 1 and its reason.
  private static func acting(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let refusal as AccountRefusal {
      throw CommandFailure(
        CommandFailure.findings, "\(refusal.english) (\(refusal.code.rawValue))")
    }
  }

  /// - Parameter what: What of the account became what.
  private static func log(
    _ action: AccessAction, _ name: String, _ home: HomeOptions, what: String = ""
  ) throws {
    let second = Int64(Date().timeIntervalSince1970)
    let person = try Person(user: NSUserName(), department: ReaderOptions.unnamed)
    var event = AccessEvent(
      time: second, person: person, action: action, outcome: .allowed, rule: "account")
    event.reference = LoggedText(cleaning: name).text
    event.purpose = LoggedText(cleaning: what)
    try AccessLog(folder: home.folder.access).append(event)
  }
}

extension AccessAction {
  static let accountAdd = AccessAction(rawValue: "account-add")
  static let accountChange = AccessAction(rawValue: "account-change")
  static let accountDisable = AccessAction(rawValue: "account-disable")
  static let accountEnable = AccessAction(rawValue: "account-enable")
  static let accountPassword = AccessAction(rawValue: "account-password")
}

extension AccountRole: ExpressibleByArgument {}
extension SharingTier: ExpressibleByArgument {}
