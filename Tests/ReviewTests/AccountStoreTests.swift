import Access
import Catalog
import Foundation
import TestSupport
import Testing

@testable import Review

/// People who sign in, without a browser.
struct AccountStoreTests {
  private let folder: TemporaryFolder
  private let store: AccountStore
  private static let password = "correct horse 清源"
  private static let now: Int64 = 1_772_600_000

  init() throws {
    folder = try TemporaryFolder("accounts")
    store = try AccountStore(folder: folder + "access")
    try store.add(Self.steward("Wang"), password: Self.password)
  }

  private static func steward(_ name: String, _ systems: Set<String>? = ["SAM"]) throws -> Account {
    Account(
      person: try Person(user: name, department: "市场监管局"), role: .steward, systems: systems,
      clearance: .shared)
  }

  @Test func signsInWhoeverKnowsThePasswordHoweverTheNameIsSpelled() throws {
    let (token, session) = try store.signIn("wANG", Self.password, now: Self.now)
    #expect(session.account.person.user == "Wang")
    #expect(session.account.systems == ["SAM"])
    #expect(session.account.clearance == .shared)
    #expect(try store.session(token, now: Self.now + 60)?.formToken == session.formToken)
  }

  @Test func saysTheSameOfAWrongPasswordAndOfANameThatNobodyHas() throws {
    let wrong = #expect(throws: AccountRefusal.self) {
      try store.signIn("Wang", "wrong horse 清源", now: Self.now)
    }
    let nobody = #expect(throws: AccountRefusal.self) {
      try store.signIn("Nobody", Self.password, now: Self.now)
    }
    #expect(wrong?.code == .credentials)
    #expect(wrong == nobody)
  }

  @Test func takesNoPasswordThatIsLongByItsMarksAlone() throws {
    // One letter to people, and bringing two million marks in order takes hours.
    let marked = "a" + String(repeating: "\u{301}\u{316}", count: 1_000_000)
    #expect(throws: AccountRefusal.self) {
      try store.setPassword(String(repeating: "a", count: 20) + marked, user: "Wang")
    }
    let refusal = #expect(throws: AccountRefusal.self) {
      try store.signIn("Wang", marked, now: Self.now)
    }
    #expect(refusal?.code == .credentials)
  }

  @Test func locksAfterFailuresInARowAndOpensAgainByTime() throws {
    for _ in 0..<store.policy.failuresBeforeLock {
      #expect(throws: AccountRefusal.self) {
        try store.signIn("Wang", "guess, guess", now: Self.now)
      }
    }
    let locked = #expect(throws: AccountRefusal.self) {
      try store.signIn("Wang", Self.password, now: Self.now + store.policy.lockSeconds - 1)
    }
    #expect(locked?.code == .locked)
    let nobody = #expect(throws: AccountRefusal.self) {
      try store.signIn("Nobody", Self.password, now: Self.now)
    }
    // Who is locked is somebody.
    #expect(locked?.chinese == nobody?.chinese && locked?.english == nobody?.english)
    _ = try store.signIn("Wang", Self.password, now: Self.now + store.policy.lockSeconds)
  }

  @Test func endsASessionThatNobodyUsesAndOneThatIsOld() throws {
    let policy = store.policy
    let (idle, _) = try store.signIn("Wang", Self.password, now: Self.now)
    #expect(try store.session(idle, now: Self.now + policy.idleSeconds - 1) != nil)
    #expect(try store.session(idle, now: Self.now + policy.idleSeconds * 2) == nil)

    let (busy, _) = try store.signIn("Wang", Self.password, now: Self.now)
    for moment in stride(from: Self.now, to: Self.now + policy.absoluteSeconds, by: 600) {
      #expect(try store.session(busy, now: moment) != nil)
    }
    #expect(try store.session(busy, now: Self.now + policy.absoluteSeconds) == nil)
  }

  /// Changes of the file, as SQLite counts them in its head.
  private func commits() throws -> Int {
    try Files.bytes(folder + "access/\(AccountStore.fileName)")[24..<28].reduce(0) {
      $0 << 8 | Int($1)
    }
  }

  @Test func writesOnceAMinuteForAllWhoAreThere() throws {
    let tokens = try (0..<5).map { _ in
      try store.signIn("Wang", Self.password, now: Self.now).token
    }
    let before = try commits()
    let minutes: Int64 = 3
    for moment in Self.now..<(Self.now + minutes * 60 + 30) {
      #expect(try store.session(tokens[Int(moment) % tokens.count], now: moment) != nil)
    }
    #expect((1...Int(minutes)).contains(try commits() - before))
    // Whoever else looks knows it too.
    let other = try AccountStore(folder: folder + "access")
    for token in tokens {
      let later = Self.now + minutes * 60 + store.policy.idleSeconds - 65
      #expect(try other.session(token, now: later) != nil)
    }
  }

  @Test func endsSessionsWithTheAccountAndWithThePassword() throws {
    let (first, _) = try store.signIn("Wang", Self.password, now: Self.now)
    try store.setPassword("another horse 清源", user: "wang")
    #expect(try store.session(first, now: Self.now) == nil)
    let (second, _) = try store.signIn("Wang", "another horse 清源", now: Self.now)
    try store.setEnabled(false, user: "WANG")
    #expect(try store.session(second, now: Self.now) == nil)
    #expect(throws: AccountRefusal.self) {
      try store.signIn("Wang", "another horse 清源", now: Self.now)
    }
  }

  @Test func endsSessionsWithOtherRights() throws {
    let (token, _) = try store.signIn("Wang", Self.password, now: Self.now)
    let refusal = #expect(throws: AccountRefusal.self) {
      try store.revise("wang") { $0.systems = nil }
    }
    #expect(refusal?.code == .systems)
    #expect(try store.session(token, now: Self.now)?.account.systems == ["SAM"])
    let revised = try store.revise("WANG") {
      $0.role = .operator
      $0.systems = nil
      $0.clearance = .restricted
    }
    #expect(try store.session(token, now: Self.now) == nil)
    let (_, session) = try store.signIn("Wang", Self.password, now: Self.now)
    #expect(session.account == revised && revised.role == .operator && revised.systems == nil)
    #expect(revised.clearance == .restricted && revised.person.department == "市场监管局")
    let nobody = #expect(throws: AccountRefusal.self) { try store.revise("Nobody") { _ in } }
    #expect(nobody?.code == .unknown)
  }

  @Test func keepsNeitherPasswordsNorTokens() throws {
    let (token, session) = try store.signIn("Wang", Self.password, now: Self.now)
    let bytes = try Files.bytes(folder + "access/\(AccountStore.fileName)")
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(!text.contains(Self.password))
    #expect(!text.contains(token))
    // Those who read the file may know what forms send: without the cookie it opens nothing.
    #expect(text.contains(session.formToken))
    let mode = try FileManager.default.attributesOfItem(
      atPath: folder + "access/\(AccountStore.fileName)")[.posixPermissions]
    #expect(mode as? Int == 0o600)
  }

  @Test func takesNoStewardWithoutSystemsNoShortPasswordAndNoNameTwice() throws {
    let nobody = #expect(throws: AccountRefusal.self) {
      try store.add(Self.steward("Li", nil), password: Self.password)
    }
    #expect(nobody?.code == .systems)
    let short = #expect(throws: AccountRefusal.self) {
      try store.add(Self.steward("Li"), password: "123456789")
    }
    #expect(short?.code == .weakPassword)
    let twice = #expect(throws: AccountRefusal.self) {
      try store.add(Self.steward("WANG"), password: Self.password)
    }
    #expect(twice?.code == .exists)
  }

  @Test func showsRecordsToThoseWhoseBusinessTheyAre() throws {
    let steward = try Self.steward("Li", ["SAM", "MEE"])
    #expect(steward.sees("MEE") && !steward.sees("MOT"))
    var person = steward
    person.systems = nil
    person.role = .operator
    #expect(person.sees("MOT"))
    for role in [AccountRole.auditor, .administrator] {
      person.role = role
      #expect(!person.sees("MOT"))
    }
  }
}
