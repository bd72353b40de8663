import Access

extension AccountStore {
  /// People to whom work on a system can be given, by name.
  package func accounts(workingOn system: String) throws -> [Account] {
    try accounts().filter {
      $0.isEnabled && ($0.role == .steward || $0.role == .operator) && $0.sees(system)
    }
  }

  /// The user of one of them, as it is spelled in the account.
  ///
  /// - Throws: ``Denial`` where nobody of the name works on the system.
  package func user(_ name: String, workingOn system: String) throws -> String {
    let found = try accounts(workingOn: system).first {
      $0.person.user.lowercased() == name.lowercased()
    }
    guard let found else {
      throw Denial(
        "assignee", chinese: "没有负责 \(system) 的用户“\(name)”",
        english: "no user \"\(name)\" works on \(system)")
    }
    return found.person.user
  }
}
