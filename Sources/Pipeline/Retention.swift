import Foundation
import Records
import Warehouse

/// Removes originals and return packages that have been kept long enough.
///
/// The date of a file is the night in the name of its folder, never the time it was written. Everything
/// stays that a held or unloaded delivery or an unfinished run may still need.
struct Retention {
  let home: HomeFolder
  let engine: any WarehouseEngine
  /// Days after its night that a file is kept.
  let archiveDays: Int
  let returnsDays: Int

  /// What was removed.
  struct Removed: Equatable {
    var originals = 0
    var packages = 0
    /// Bytes of both.
    var bytes: Int64 = 0
  }

  /// - Parameter today: Days since 1970-01-01.
  func apply(today: Int) throws -> Removed {
    var removed = Removed()
    let archived = try dayFolders().filter { isExpired($0.day, today, archiveDays) }
    let returned = try nightFolders().filter { isExpired($0.day, today, returnsDays) }
    guard !archived.isEmpty || !returned.isEmpty else { return removed }
    let needed = try Needed(engine, archiveDays: archived.isEmpty ? nil : archiveDays, today)
    for (_, folder) in archived {
      try removeOriginals(of: folder, needed, &removed)
      removeEmpty(folder, upTo: home.archive)
    }
    for (day, folder) in returned where !needed.nights.contains(day) {
      removed.packages += try remove(home.returns + "/" + folder, &removed.bytes)
    }
    return removed
  }

  private func isExpired(_ day: Int, _ today: Int, _ days: Int) -> Bool {
    let (age, isOver) = today.subtractingReportingOverflow(day)
    return !isOver && age > days
  }

  // MARK: What is kept

  /// What the ledger says is still needed.
  private struct Needed {
    /// Paths of originals, relative to the archive.
    var originals: Set<String> = []
    /// Nights with a run that is not finished.
    var nights: Set<Int> = []

    /// - Parameter archiveDays: nil where no original is to be removed.
    init(_ engine: any WarehouseEngine, archiveDays: Int?, _ today: Int) throws {
      for run in try engine.runs(limit: .max) where run.status != .finished {
        if let night = CivilDate(run.night)?.dayNumber { nights.insert(night) }
      }
      guard let archiveDays else { return }
      // What waits may have to go back, under the header of its original.
      originals = try engine.neededOriginals(
        upTo: CivilDate(dayNumber: today - archiveDays - 1).description)
    }

    /// Whether a file of the archive is needed: an original, or what its sender said of it.
    func holds(_ path: String) -> Bool {
      if originals.contains(path) { return true }
      return [".ok", ".manifest.json"].contains { suffix in
        guard path.hasSuffix(suffix) else { return false }
        let stem = path.dropLast(suffix.count)
        // `NAME.2.manifest.json` stands beside `NAME`.
        let parts = stem.split(separator: ".", omittingEmptySubsequences: false)
        let isNumbered = parts.last.map { !$0.isEmpty && $0.allSatisfy(\.isNumber) } ?? false
        return originals.contains(String(stem))
          || (isNumbered && originals.contains(parts.dropLast().joined(separator: ".")))
      }
    }
  }

  // MARK: Folders

  /// `2026/03/01` below the archive, in order; what is no date is nobody's business.
  private func dayFolders() throws -> [(day: Int, path: String)] {
    var folders: [(day: Int, path: String)] = []
    for year in try names(home.archive) where isNumber(year, 4) {
      for month in try names("\(home.archive)/\(year)") where isNumber(month, 2) {
        for day in try names("\(home.archive)/\(year)/\(month)") where isNumber(day, 2) {
          guard let date = CivilDate("\(year)-\(month)-\(day)") else { continue }
          folders.append((date.dayNumber, "\(year)/\(month)/\(day)"))
        }
      }
    }
    return folders
  }

  /// `SAM/2026-03-01` below the returns, in order.
  private func nightFolders() throws -> [(day: Int, path: String)] {
    try names(home.returns).flatMap { system in
      try names("\(home.returns)/\(system)").compactMap { night in
        CivilDate(night).map { ($0.dayNumber, "\(system)/\(night)") }
      }
    }
  }

  private func names(_ folder: String) throws -> [String] {
    try PosixFile.names(in: folder) ?? []
  }

  private func isNumber(_ text: String, _ count: Int) -> Bool {
    text.utf8.count == count && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  // MARK: Removal

  private func removeOriginals(
    of day: String, _ needed: Needed, _ removed: inout Removed
  ) throws {
    for system in try names("\(home.archive)/\(day)") {
      for name in try names("\(home.archive)/\(day)/\(system)") {
        let path = "\(day)/\(system)/\(name)"
        guard !needed.holds(path) else { continue }
        removed.originals += try remove(home.archive + "/" + path, &removed.bytes)
      }
      removeEmpty("\(day)/\(system)", upTo: home.archive)
    }
  }

  /// - Returns: Files removed.
  private func remove(_ path: String, _ bytes: inout Int64) throws -> Int {
    let manager = FileManager.default
    let below = (manager.enumerator(atPath: path)?.compactMap { $0 as? String } ?? [])
      .map { path + "/" + $0 }
    var count = 0
    for file in below + [path] {
      let attributes = try? manager.attributesOfItem(atPath: file)
      guard attributes?[.type] as? FileAttributeType != .typeDirectory else { continue }
      count += 1
      bytes += (attributes?[.size] as? NSNumber)?.int64Value ?? 0
    }
    do {
      try PosixFile.removeTree(path)
    } catch {
      throw PipelineError(
        .environment,
        "cannot remove \(path), which is past its retention", underlying: error)
    }
    return count
  }

  /// Removes a folder in which nothing is left, and those above it that it leaves empty.
  private func removeEmpty(_ path: String, upTo root: String) {
    var path = path
    let manager = FileManager.default
    while !path.isEmpty,
      (try? manager.contentsOfDirectory(atPath: root + "/" + path))?.isEmpty == true
    {
      guard (try? manager.removeItem(atPath: root + "/" + path)) != nil else { return }
      path = path.split(separator: "/").dropLast().joined(separator: "/")
    }
  }
}
