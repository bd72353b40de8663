/// A failure of the warehouse or of its surroundings. Bad data never becomes one (design.md D2).
///
/// Messages say what was being done, with which file, and what to do; they never contain a value of
/// a record.
package struct WarehouseError: Error, Sendable {
  /// What went wrong; new codes may be added.
  package struct Code: Hashable, Sendable, CustomStringConvertible {
    /// Short, stable, lower case.
    package let description: String

    private init(_ description: String) { self.description = description }

    /// Another process holds the warehouse's lock.
    package static let inUse = Code("warehouse-in-use")
    /// The file is not a warehouse of this program.
    package static let notAWarehouse = Code("not-a-warehouse")
    /// The file was written by a newer program.
    package static let newerFormat = Code("newer-format")
    /// The file is damaged.
    package static let corrupt = Code("warehouse-corrupt")
    /// An element changed its type, decimals, unit or multiplicity.
    package static let retypedElement = Code("retyped-element")
    /// Two names of the catalog give the same table, view or column.
    package static let nameClash = Code("name-clash")
    /// A batch does not have the shape of its table. Our bug.
    package static let malformedBatch = Code("malformed-batch")
    /// A step contradicts what the warehouse holds. Our bug.
    package static let inconsistentStep = Code("inconsistent-step")
    /// There is no such delivery, run or publication.
    package static let notFound = Code("not-found")
    /// The call is not allowed while unpublished rows wait.
    package static let unpublishedRows = Code("unpublished-rows")
    /// A later delivery of the same run built on the one to be discarded.
    package static let dependentDelivery = Code("dependent-delivery")
    /// A fresh build is open, failed, or not possible.
    package static let freshBuild = Code("fresh-build")
    /// Reading or writing a file failed.
    package static let fileAccess = Code("file-access")
    /// The database refused.
    package static let database = Code("database")
  }

  package var code: Code
  package var message: String
  package var underlying: (any Error)?
  /// Of ``Code/nameClash``: the name.
  package var subject = ""

  package init(
    _ code: Code, _ message: String, underlying: (any Error)? = nil, subject: String = ""
  ) {
    self.code = code
    self.message = message
    self.underlying = underlying
    self.subject = subject
  }
}

extension WarehouseError: CustomStringConvertible {
  /// Code and message.
  package var description: String { "\(code): \(message)" }
}
