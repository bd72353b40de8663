/// A failure of the access log or of the store of requests. What needs the log does not happen without it.
package struct AccessLogError: Error, Sendable, CustomStringConvertible {
  /// New codes may be added.
  package struct Code: Hashable, Sendable, CustomStringConvertible {
    /// Short, stable, lower case.
    package let description: String

    private init(_ description: String) { self.description = description }

    /// The log is not what was written; nothing is added to it until a person has looked.
    package static let tampered = Code("access-log-tampered")
    /// Another process holds the lock for too long.
    package static let inUse = Code("access-log-in-use")
    /// The secret of the key fingerprints is missing or damaged.
    package static let secret = Code("access-log-secret")
    /// An event that the log cannot take. Our bug.
    package static let malformedEvent = Code("malformed-event")
    /// The store of requests refused.
    package static let store = Code("access-store")
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { "\(code): \(message)" }
}
