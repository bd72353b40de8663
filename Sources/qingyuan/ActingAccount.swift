import Access
import AccessStore
import Catalog
import Foundation
import Pipeline
import Review

extension HomeOptions {
  /// Somebody who has an account acts as in the console. Anybody else who may write to the files of the
  /// installation may do what an operator may; nobody approves without an account.
  ///
  /// - Parameters:
  ///   - user: The login if nil.
  ///   - now: Seconds since 1970-01-01T00:00:00Z.
  ///   - person: Of somebody without an account.
  /// - Throws: ``CommandFailure`` where the account is disabled, which is in the access log, or there is no
  ///   warehouse.
  func account(_ user: String?, now: Int64, _ person: () throws -> Person) throws -> Account {
    try requireWarehouse()
    let name = (user ?? NSUserName()).lowercased()
    let known = try AccountStore(folder: folder.access).accounts()
      .first { $0.person.user.lowercased() == name }
    guard let known else {
      return Account(
        person: try person(), role: .operator, systems: nil, clearance: .restricted)
    }
    guard known.isEnabled else {
      try AccessLog(folder: folder.access).append(
        AccessEvent(
          time: now, person: known.person, action: .commandSignIn, outcome: .denied,
          rule: "disabled"))
      throw CommandFailure(
        CommandFailure.findings, "the account \(known.person.user) is disabled (disabled)")
    }
    return known
  }

  /// Refuses what an account may not do about a system's records.
  ///
  /// - Parameters:
  ///   - system: Whose record, delivery or incident it is; nil where it is of none.
  ///   - event: What is denied in the access log.
  func checkRight(
    _ kind: ActKind, of system: String?, _ account: Account, _ event: AccessEvent,
    english: Bool = true
  ) throws {
    try acting(english) {
      do {
        try ActDesk.checkRight(kind, of: system, account)
      } catch let error as Denial {
        var denied = event
        denied.outcome = .denied
        denied.rule = error.code
        try AccessLog(folder: folder.access).append(denied)
        throw error
      }
    }
  }
}

extension PersonOptions {
  /// Who acts, with the rights of the account.
  func account(_ home: HomeOptions) throws -> Account {
    try home.account(user, now: second) { try person }
  }
}

extension ReaderOptions {
  /// Who acts, with the rights of the account.
  func account(_ home: HomeOptions) throws -> Account {
    try home.account(user, now: second) { try person }
  }
}

extension AccessAction {
  /// Somebody with an account acts on the command line.
  static let commandSignIn = AccessAction(rawValue: "command-sign-in")
}
