import AccessStore
import Pipeline
import Sharing
import SourceFiles
import Warehouse

/// Ends a command with an exit code and a sentence.
struct CommandFailure: Error {
  var code: Int32
  var message: String

  static let findings: Int32 = 1
  static let configuration: Int32 = 2
  static let environment: Int32 = 3
  static let usage: Int32 = 64

  init(_ code: Int32, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The failure that an error of the layers below stands for; nil if it is none of theirs.
  init?(_ error: any Error) {
    switch error {
    case let error as PipelineError: self.init(error.exitCode, error.message)
    case let error as WarehouseError:
      let isConfiguration = error.code == .retypedElement || error.code == .nameClash
      self.init(isConfiguration ? Self.configuration : Self.environment, "\(error)")
    case let error as AccessLogError: self.init(Self.environment, "\(error)")
    case let error as SharingError: self.init(Self.configuration, "\(error)")
    case let error as SegmentError: self.init(Self.environment, "\(error)")
    case let error as SourceFileError:
      // A file that cannot be opened is a matter of the machine, a damaged one is a finding.
      let isEnvironment = [.cannotOpen, .cannotRead, .device].contains(error.code)
      self.init(isEnvironment ? Self.environment : Self.findings, "\(error)")
    default: return nil
    }
  }
}
