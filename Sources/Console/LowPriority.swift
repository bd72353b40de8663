import Foundation
import Glibc

/// Work that runs behind the pages and a night.
enum LowPriority {
  private static let niceness: Int32 = 10

  /// On a thread of its own, since who has not the right to it cannot raise a priority again.
  static func detach(_ body: @escaping @Sendable () -> Void) {
    Thread.detachNewThread {
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
      body()
    }
  }
}
