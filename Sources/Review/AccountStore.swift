import Access
import Catalog
import Crypto
import Foundation
import GRDB
import Synchronization
import Warehouse

/// The people who may sign in, and who is signed in: one small SQLite file beside the access log.
///
/// Passwords are kept as ``PasswordHash``, session tokens as their SHA-256, so that whoever reads the file
/// can be nobody. Times are seconds since 1970-01-01T00:00:00Z and come from the caller.
package final class AccountStore: Sendable {
  package static let fileName = "accounts.sqlite"

  /// Our choices: what guards a desk in an office and not a bank.
  package struct Policy: Sendable {
    /// Seconds without a page after which a session ends.
    package var idleSeconds: Int64 = 30 * 60
    /// Seconds after which a session ends whatever happens.
    package var absoluteSeconds: Int64 = 12 * 3600
    /// Failures in a row from which on sign-in is refused for a time.
    package var failuresBeforeLock = 5
    package var lockSeconds: Int64 = 15 * 60
    package var shortestPassword = 10

    package init() {}
  }

  private let queue: DatabaseQueue
  /// When sessions were seen since it was written last, by token as it is kept.
  private let seen = Mutex<[String: Int64]>([:])
  package let policy: Policy

  /// - Parameter folder: ``HomeFolder/access``; made where there is none.
  package init(folder: String, policy: Policy = Policy()) throws {
    self.policy = policy
    try PosixFile.makePrivateFolder(folder)
    let path = folder + "/" + Self.fileName
    var configuration = Configuration()
    configuration.label = "accounts"
    configuration.busyMode = .timeout(60)
    queue = try DatabaseQueue(path: path, configuration: configuration)
    try PosixFile.setMode(0o600, of: path)
    try Self.migrator.migrate(queue)
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("accounts") { database in
      try database.execute(
        sql: """
          -- name: the user in lower case, so that two spellings are one person
          CREATE TABLE account (
            name TEXT PRIMARY KEY NOT NULL, user TEXT NOT NULL, department TEXT NOT NULL,
            role TEXT NOT NULL, systems TEXT, clearance TEXT NOT NULL, enabled INTEGER NOT NULL,
            password TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0, locked_until INTEGER
          ) STRICT;
          CREATE TABLE session (
            token TEXT PRIMARY KEY NOT NULL, account TEXT NOT NULL REFERENCES account (name),
            form_token TEXT NOT NULL, begun INTEGER NOT NULL, seen INTEGER NOT NULL
          ) STRICT;
          CREATE INDEX session_account ON session (account);
          """)
    }
    return migrator
  }

  // MARK: Accounts

  /// - Throws: ``AccountRefusal``.
  package func add(_ account: Account, password: String) throws {
    try check(password)
    try Self.checkSystems(account)
    let hash = try encoded(PasswordHash(of: password))
    try queue.write { database in
      guard try Self.row(account.person.user, database) == nil else {
        throw AccountRefusal(
          .exists, "用户 \(account.person.user) 已存在", "there is a user \(account.person.user)")
      }
      try database.execute(
        sql: """
          INSERT INTO account (name, user, department, role, systems, clearance, enabled, password)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          account.person.user.lowercased(), account.person.user, account.person.department,
          account.role.rawValue, Self.joined(account.systems), account.clearance.rawValue,
          account.isEnabled, hash,
        ])
    }
  }

  private static func checkSystems(_ account: Account) throws(AccountRefusal) {
    if account.role == .steward, account.systems?.isEmpty ?? true {
      throw AccountRefusal(
        .systems, "数据专员须注明所负责的系统", "a steward needs the systems that are theirs")
    }
  }

  /// Systems as they are kept.
  private static func joined(_ systems: Set<String>?) -> String? {
    systems.map { $0.sorted().joined(separator: ",") }
  }

  /// By name.
  package func accounts() throws -> [Account] {
    try queue.read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM account ORDER BY name").compactMap(
        Self.account)
    }
  }

  /// Ends all sessions of the person too, or lets them sign in again.
  package func setEnabled(_ isEnabled: Bool, user: String) throws {
    try change(user) { database, name in
      try database.execute(
        sql: "UPDATE account SET enabled = ?, failures = 0, locked_until = NULL WHERE name = ?",
        arguments: [isEnabled, name])
    }
  }

  /// Ends all sessions of the person too.
  package func setPassword(_ password: String, user: String) throws {
    try check(password)
    let hash = try encoded(PasswordHash(of: password))
    try change(user) { database, name in
      try database.execute(
        sql: "UPDATE account SET password = ?, failures = 0, locked_until = NULL WHERE name = ?",
        arguments: [hash, name])
    }
  }

  /// Gives an account other rights, or another department, and ends all sessions of the person, which were begun
  /// with the old ones.
  ///
  /// - Parameter revise: Changes anything but the user and whether the account is enabled.
  /// - Returns: The account as it is now.
  /// - Throws: ``AccountRefusal``, and what `revise` throws; then nothing was changed.
  package func revise(
    _ user: String, _ revise: (inout Account) throws -> Void
  ) throws -> Account {
    var revised: Account?
    try change(user) { database, name in
      guard let row = try Self.row(user, database), var account = Self.account(row) else {
        throw Self.unknown(user)
      }
      try revise(&account)
      try Self.checkSystems(account)
      try database.execute(
        sql: """
          UPDATE account SET department = ?, role = ?, systems = ?, clearance = ? WHERE name = ?
          """,
        arguments: [
          account.person.department, account.role.rawValue, Self.joined(account.systems),
          account.clearance.rawValue, name,
        ])
      revised = account
    }
    guard let revised else { throw Self.unknown(user) }
    return revised
  }

  private static func unknown(_ user: String) -> AccountRefusal {
    AccountRefusal(.unknown, "没有用户 \(user)", "there is no user \(user)")
  }

  private func change(_ user: String, _ body: (Database, String) throws -> Void) throws {
    try queue.write { database in
      guard let row = try Self.row(user, database) else { throw Self.unknown(user) }
      let name: String = row["name"]
      try body(database, name)
      try database.execute(sql: "DELETE FROM session WHERE account = ?", arguments: [name])
    }
  }

  private func check(_ password: String) throws {
    guard password.utf8.count <= Self.longestPassword, password.count >= policy.shortestPassword,
      password.count <= 256
    else {
      throw AccountRefusal(
        .weakPassword, "口令须为\(policy.shortestPassword)至256个字符",
        "a password has \(policy.shortestPassword) to 256 characters")
    }
  }

  /// Bytes. A character may have any number of marks, and a hash begins with bringing them in order.
  private static let longestPassword = 1_024

  private func encoded(_ hash: PasswordHash) throws -> String {
    String(decoding: try JSONEncoder().encode(hash), as: UTF8.self)
  }

  private static func row(_ user: String, _ database: Database) throws -> Row? {
    try Row.fetchOne(
      database, sql: "SELECT * FROM account WHERE name = ?", arguments: [user.lowercased()])
  }

  /// nil for a row that this program does not understand: nobody signs in by it.
  private static func account(_ row: Row) -> Account? {
    guard let person = try? Person(user: row["user"], department: row["department"]),
      let role = AccountRole(rawValue: row["role"]),
      let clearance = SharingTier(rawValue: row["clearance"])
    else { return nil }
    let systems: String? = row["systems"]
    return Account(
      person: person, role: role,
      systems: systems.map { Set($0.split(separator: ",").map(String.init)) },
      clearance: clearance, isEnabled: row["enabled"])
  }
}

// MARK: Sessions

/// Somebody who is signed in.
package struct Session: Sendable {
  package var account: Account
  /// What every form of the session must send back.
  package var formToken: String
}

extension AccountStore {
  /// Signs somebody in.
  ///
  /// - Parameters:
  ///   - now: Seconds since 1970-01-01T00:00:00Z.
  /// - Returns: The token for the cookie; it is kept nowhere.
  /// - Throws: ``AccountRefusal`` with code `.credentials` or `.locked`.
  package func signIn(_ user: String, _ password: String, now: Int64) throws -> (
    token: String, session: Session
  ) {
    let row = try queue.read { try Self.row(user, $0) }
    let kept = try row.map { try Self.hash($0) } ?? Self.nobody
    // The same work for a name that nobody has, so that names cannot be told by the clock.
    let tried = password.utf8.count <= Self.longestPassword ? password : ""
    let isRight = try kept?.matches(tried) ?? false
    if let until: Int64 = row?["locked_until"], until > now { throw refusal(.locked) }
    guard let row, let account = Self.account(row), account.isEnabled, isRight else {
      try noteFailure(user, now: now)
      throw refusal(.credentials)
    }
    let token = RandomBytes.make(32).hexadecimal
    let session = Session(account: account, formToken: RandomBytes.make(32).hexadecimal)
    try queue.write { database in
      try database.execute(
        sql: "UPDATE account SET failures = 0, locked_until = NULL WHERE name = ?",
        arguments: [row["name"] as String])
      try database.execute(
        sql: "DELETE FROM session WHERE begun < ? OR seen < ?",
        arguments: [now - policy.absoluteSeconds, now - policy.idleSeconds])
      try database.execute(
        sql: "INSERT INTO session VALUES (?, ?, ?, ?, ?)",
        arguments: [Self.kept(token), row["name"] as String, session.formToken, now, now])
    }
    return (token, session)
  }

  /// The same words for both codes: that a name is locked would say that somebody has it. The code is for the
  /// access log alone.
  private func refusal(_ code: AccountRefusal.Code) -> AccountRefusal {
    let (failures, minutes) = (policy.failuresBeforeLock, policy.lockSeconds / 60)
    return AccountRefusal(
      code, "用户名或口令不正确；连续 \(failures) 次失败的账户 \(minutes) 分钟内不能登录",
      "user name and password do not belong together; after \(failures) failures in a row an account is locked "
        + "for \(minutes) minutes")
  }

  /// - Returns: nil where the session has ended or never was.
  package func session(_ token: String, now: Int64) throws -> Session? {
    guard token.utf8.count == 64 else { return nil }
    let kept = Self.kept(token)
    let row = try queue.read { database in
      try Row.fetchOne(
        database,
        sql: """
          SELECT a.*, s.form_token, s.begun, s.seen FROM session AS s
          JOIN account AS a ON a.name = s.account WHERE s.token = ?
          """, arguments: [kept])
    }
    guard let row, let account = Self.account(row), account.isEnabled else { return nil }
    let begun: Int64 = row["begun"]
    let written: Int64 = row["seen"]
    let last = max(written, seen.withLock { $0[kept] } ?? 0)
    guard now - begun < policy.absoluteSeconds, now - last < policy.idleSeconds else {
      try signOut(token)
      return nil
    }
    seen.withLock { $0[kept] = now }
    // Once a minute is enough to know who is there.
    if now - written >= 60 { try writeSeen() }
    return Session(account: account, formToken: row["form_token"])
  }

  /// Writes for all sessions when they were seen: a commit has to reach the disk, and everybody waits for it.
  private func writeSeen() throws {
    let seen = seen.withLock { all in
      defer { all = [:] }
      return all
    }
    try queue.write { database in
      for (token, time) in seen {
        try database.execute(
          sql: "UPDATE session SET seen = ? WHERE token = ?", arguments: [time, token])
      }
    }
  }

  package func signOut(_ token: String) throws {
    try queue.write { try Self.end(token, $0) }
  }

  private static func end(_ token: String, _ database: Database) throws {
    try database.execute(sql: "DELETE FROM session WHERE token = ?", arguments: [kept(token)])
  }

  private func noteFailure(_ user: String, now: Int64) throws {
    try queue.write { database in
      try database.execute(
        sql: """
          UPDATE account SET
            locked_until = CASE WHEN failures + 1 >= ?1 THEN ?2 END,
            failures = CASE WHEN failures + 1 >= ?1 THEN 0 ELSE failures + 1 END
          WHERE name = ?3
          """,
        arguments: [policy.failuresBeforeLock, now + policy.lockSeconds, user.lowercased()])
    }
  }

  private static func hash(_ row: Row) throws -> PasswordHash? {
    let text: String = row["password"]
    return try? JSONDecoder().decode(PasswordHash.self, from: Data(text.utf8))
  }

  /// The hash that a name is tried on which nobody has.
  private static let nobody = try? PasswordHash(of: RandomBytes.make(16).hexadecimal)

  /// A token as it is kept.
  private static func kept(_ token: String) -> String {
    SHA256.hash(data: Array(token.utf8)).hexadecimal
  }
}
