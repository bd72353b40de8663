import Foundation
import Glibc
import Warehouse

/// How far a night is, as its run writes it down for those who look on. Losing it loses nothing.
package struct NightProgress: Codable, Sendable, Equatable {
  /// As `2026-03-01`.
  package var night: String
  /// Seconds since 1970-01-01T00:00:00Z.
  package var begun: Int64
  package var written: Int64
  /// Raw value of ``RunStage``.
  package var stage: String
  /// Name of the file that is at work, or of the night.
  package var subject: String
  /// Records, or blocks of a load; `total` is 0 where it is not known.
  package var done: Int
  package var total: Int

  package init(
    night: String, begun: Int64, written: Int64, stage: String, subject: String, done: Int,
    total: Int
  ) {
    self.night = night
    self.begun = begun
    self.written = written
    self.stage = stage
    self.subject = subject
    self.done = done
    self.total = total
  }

  private static func path(_ home: HomeFolder) -> String { home.work + "/progress.json" }

  /// - Returns: nil where no run has written any, or it cannot be read.
  package static func read(_ home: HomeFolder) -> NightProgress? {
    guard let bytes = try? PosixFile.contents(of: path(home)) else { return nil }
    guard let progress = try? JSONDecoder().decode(NightProgress.self, from: Data(bytes)),
      times.contains(progress.begun), times.contains(progress.written), progress.done >= 0,
      progress.total >= 0
    else { return nil }
    return progress
  }

  /// Those of four digits for a year; whoever reads the file counts with them.
  private static let times: ClosedRange<Int64> = 0...253_402_300_799

  /// Whoever reads it sees the old or the new. It is not made durable, and a failure is nobody's concern.
  package func write(_ home: HomeFolder) {
    let path = Self.path(home)
    guard let data = try? JSONEncoder().encode(self),
      let file = try? PosixFile(path + ".new", flags: O_WRONLY | O_CREAT | O_TRUNC)
    else { return }
    guard (try? file.write(Array(data))) != nil else { return }
    try? PosixFile.rename(path + ".new", to: path)
  }

  package static func remove(_ home: HomeFolder) {
    try? PosixFile.remove(path(home))
    try? PosixFile.remove(path(home) + ".new")
  }
}
