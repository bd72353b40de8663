import Foundation
import Glibc
import Warehouse

/// A failure of the run itself; bad data is a finding and never thrown.
package struct PipelineError: Error, CustomStringConvertible {
  /// What kind of failure, and with it the exit code.
  package enum Code: Sendable {
    /// `Pipelines/` or the settings are wrong.
    case configuration
    /// Disk, permission, lock, another process.
    case environment
    /// One delivery cannot be opened or read to its end; the others can. Never a reason to end a night.
    case unreadable
    /// A promise of the product was broken; see ``Balance``.
    case invariant
  }

  /// 2 where the definitions are wrong, else 3.
  package var exitCode: Int32 { code == .configuration ? 2 : 3 }

  package let code: Code
  /// What was being done, where, and what to do.
  package let message: String

  package init(_ code: Code, _ message: String, _ number: Int32? = nil) {
    self.code = code
    if let number {
      self.message = unsafe "\(message): \(String(cString: strerror(number)))"
    } else {
      self.message = message
    }
  }

  /// A call of Foundation failed.
  package init(_ code: Code, _ message: String, underlying error: any Error) {
    self.init(code, "\(message): \(SystemReason(error))")
  }

  package var description: String { message }
}

/// Why the system refused something, in its own words.
///
/// Foundation's own are "the operation could not be completed" for everything that it has no sentence for.
package struct SystemReason: CustomStringConvertible {
  package let description: String

  package init(_ error: any Error) {
    let given = error as NSError
    let cause = given.userInfo[NSUnderlyingErrorKey] as? NSError ?? given
    if let error = error as? POSIXError {
      description = unsafe String(cString: strerror(error.code.rawValue))
    } else if cause.domain == NSPOSIXErrorDomain {
      description = unsafe String(cString: strerror(Int32(cause.code)))
    } else if given.domain == NSCocoaErrorDomain {
      description = given.localizedDescription
    } else {
      description = "\(error)"
    }
  }
}

extension PipelineError {
  /// Whether an error that came up with one delivery concerns that delivery alone.
  ///
  /// A full disk, a lost lock or a broken promise ends the night; everything that a file can be the
  /// reason of does not.
  static func concernsDelivery(_ error: any Error) -> Bool {
    if let error = error as? PipelineError { return error.code == .unreadable }
    return !(error is WarehouseError || error is SegmentError)
  }
}
