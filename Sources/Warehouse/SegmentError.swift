/// Why bytes of a segment could not be understood, or batches not be written.
package struct SegmentError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong; new codes may be added.
  package struct Code: Hashable, Sendable, CustomStringConvertible {
    /// Short, stable, lower case.
    package let description: String

    private init(_ description: String) { self.description = description }

    /// The bytes end before the block does.
    package static let truncated = Code("segment-truncated")
    /// Not a block, or its bytes changed since they were written.
    package static let corrupt = Code("segment-corrupt")
    /// Written by a newer program.
    package static let newerFormat = Code("segment-newer-format")
    /// A column of a batch does not have one entry per row, or refers outside the text.
    package static let malformedBatch = Code("malformed-batch")
    /// The operating system refused.
    package static let fileAccess = Code("file-access")
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// Code and message.
  package var description: String { "\(code): \(message)" }
}
