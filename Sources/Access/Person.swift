/// Who acts: a user and the department in whose name.
///
/// Two spellings of one user must not pass as two persons, so that four eyes are four: a user's name has
/// no spaces, control or invisible characters and no full-width forms, and capital letters do not count.
package struct Person: Sendable, Hashable, Codable {
  package let user: String
  package let department: String

  /// - Throws: ``Denial`` with code `person` where a name is empty or has a character it may not have.
  package init(user: String, department: String) throws(Denial) {
    guard !user.isEmpty, user.count <= 64, user.unicodeScalars.allSatisfy(Self.isPlain) else {
      throw Denial(
        "person", chinese: "用户名须为1至64个字符,不得含空格、全角或不可见字符",
        english: "a user name has 1 to 64 characters, none of them blank, full-width or invisible")
    }
    let isNamed = department.contains { !$0.isWhitespace }
    guard isNamed, department.count <= 64,
      !department.unicodeScalars.contains(where: Self.isControl)
    else {
      throw Denial(
        "person", chinese: "须注明部门(1至64个字符)",
        english: "a department has 1 to 64 characters; name it with --department")
    }
    self.user = user
    self.department = department
  }

  /// Whether both are one user, whatever the department.
  package func isSameUser(as other: Person) -> Bool {
    user.lowercased() == other.user.lowercased()
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    let isFullWidth = (0xFF00...0xFFEF).contains(scalar.value)
    return !isFullWidth && !isControl(scalar) && !scalar.properties.isWhitespace
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: true
    default: false
    }
  }
}

/// An act that is not allowed, and the rule that says so. Goes to the person and, as its code, to the
/// access log.
package struct Denial: Error, Sendable, Hashable, Codable {
  /// Short, stable, lower case; the rule in the access log.
  package var code: String
  package var chinese: String
  package var english: String

  package init(_ code: String, chinese: String, english: String) {
    self.code = code
    self.chinese = chinese
    self.english = english
  }
}

extension Denial: CustomStringConvertible {
  package var description: String { "\(code): \(english)" }
}
