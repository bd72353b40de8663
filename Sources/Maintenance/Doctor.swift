package import Access
import AccessStore
package import Catalog
import Foundation
package import Pipeline
import Records
import SourceFiles
import Warehouse
import WarehouseSQLite

/// Examines an installation: the warehouse, the files that it speaks of, and what stands around it.
///
/// Nothing is changed but what a killed run left unfinished in the warehouse's folder, which whoever opens the
/// warehouse clears away. Every area is examined, whatever is wrong with the others; areas that need the
/// warehouse are skipped while another process writes to it.
package struct Doctor {
  package struct Options: Sendable {
    /// Whether originals are read and compared byte by byte; sizes are compared anyway.
    package var readsOriginals = true
    /// Days that originals and returns are kept (`nightly.yaml`).
    package var archiveDays: Int
    package var returnsDays: Int
    /// Bytes that a night wants free.
    package var minimumFreeBytes: Int64
    /// Days since 1970-01-01.
    package var today: Int
    /// Heads of the access log that somebody has kept elsewhere.
    package var heads: [ChainWitness] = []

    package init(_ configuration: RunConfiguration, today: Int) {
      archiveDays = configuration.archiveDays
      returnsDays = configuration.returnsDays
      minimumFreeBytes = configuration.minimumFreeBytes
      self.today = today
    }
  }

  let home: HomeFolder
  let catalog: Catalog
  let options: Options
  let progress: any ProgressReporter

  package init(
    home: HomeFolder, catalog: Catalog, options: Options, progress: any ProgressReporter
  ) {
    self.home = home
    self.catalog = catalog
    self.options = options
    self.progress = progress
  }

  /// - Returns: By area, at least one line of each.
  package func examine() -> [Examination] {
    examineWarehouse()
      + area(.accessLog, "restore access/ from the backup", examineAccessLog)
      + area(.permissions, "", examinePermissions) + area(.disk, "", examineDisk)
  }

  /// Runs one part; what it throws is a problem of its area.
  private func area(
    _ area: Examination.Area, _ remedy: String, _ body: () throws -> [Examination]
  ) -> [Examination] {
    do {
      let lines = try body()
      return lines.isEmpty ? [Examination(area, .ok, "nothing to report")] : lines
    } catch {
      return [Examination(area, .problem, "\(error)", remedy: remedy)]
    }
  }

  // MARK: The warehouse and what it speaks of

  private static let restoring =
    "restore the last backup (qingyuan restore) and run the nights after it again"

  private func examineWarehouse() -> [Examination] {
    let dependent: [Examination.Area] = [
      .warehouse, .balances, .archive, .returns, .reports, .tiers, .work,
    ]
    let engine: SQLiteWarehouse
    do {
      guard PosixFile.exists("\(home.warehouse)/\(SQLiteWarehouse.fileName)") else {
        throw WarehouseError(.notFound, "there is no warehouse in \(home.warehouse)")
      }
      var options = SQLiteWarehouse.Options()
      options.command = "qingyuan doctor"
      engine = try SQLiteWarehouse(folder: home.warehouse, catalog: catalog, options: options)
    } catch let error as WarehouseError where error.code == .inUse {
      return dependent.map { Examination($0, .skipped, error.message, remedy: "ask again then") }
    } catch {
      return dependent.map {
        $0 == .warehouse
          ? Examination($0, .problem, "\(error)", remedy: Self.restoring)
          : Examination($0, .skipped, "the warehouse cannot be read")
      }
    }
    defer { try? engine.close() }
    return area(.warehouse, Self.restoring) { try examinePages(engine) }
      + area(.balances, Self.restoring) { try examineBalances(engine) }
      + area(.archive, "") { try examineArchive(engine) }
      + area(.returns, "") { try examineReturns(engine) }
      + area(.reports, "") { try examineReports(engine) }
      + area(.tiers, "") { try examineTiers(engine) }
      + area(.work, "") { try examineWork() }
  }

  private func examinePages(_ engine: SQLiteWarehouse) throws -> [Examination] {
    progress.begin(.examine, "warehouse", total: 0)
    defer { progress.end() }
    let problems = try engine.verify()
    guard problems.isEmpty else {
      return problems.map { Examination(.warehouse, .problem, $0, remedy: Self.restoring) }
    }
    let publication = try engine.currentPublication()
    let last = try engine.lastRun()
    let night = last.map { ", last night \($0.night)" } ?? ""
    var lines = [
      Examination(
        .warehouse, .ok, "pages and content are sound; publication \(publication)\(night)")
    ]
    if let last, last.status != .finished {
      lines.append(
        Examination(
          .warehouse, .note, "run \(last.id) of \(last.night) was cut off",
          remedy: "the next run finishes it"))
    }
    return lines
  }

  private func examineBalances(_ engine: SQLiteWarehouse) throws -> [Examination] {
    progress.begin(.examine, "balances", total: 0)
    defer { progress.end() }
    let (deliveries, problems) = try engine.recount()
    guard problems.isEmpty else {
      return problems.map { Examination(.balances, .problem, $0, remedy: Self.restoring) }
    }
    return [
      Examination(
        .balances, .ok, "the records of \(deliveries) deliveries are where their balance sheets say"
      )
    ]
  }

  /// An original, and the first delivery that it brought.
  private struct Original {
    var delivery: DeliveryEntry
    var night: String
  }

  private func originals(_ engine: SQLiteWarehouse) throws -> [Original] {
    var seen: Set<String> = []
    return try engine.runs(limit: .max).reversed().flatMap { run in
      try engine.deliveries(run: run.id).compactMap { delivery in
        seen.insert(delivery.archivePath).inserted
          ? Original(delivery: delivery, night: run.night) : nil
      }
    }
  }

  private func isKept(_ night: String, _ days: Int) -> Bool {
    guard let day = CivilDate(night)?.dayNumber else { return true }
    let (age, isOver) = options.today.subtractingReportingOverflow(day)
    return isOver || age <= days
  }

  private func examineArchive(_ engine: SQLiteWarehouse) throws -> [Examination] {
    let originals = try originals(engine)
    progress.begin(.examine, "originals", total: originals.count)
    defer { progress.end() }
    var lines: [Examination] = []
    var (sound, bytes, gone) = (0, Int64(0), 0)
    for (done, original) in originals.enumerated() {
      progress.advance(to: done)
      let delivery = original.delivery
      let path = "\(home.archive)/\(delivery.archivePath)"
      let name = "the original of delivery \(delivery.id), \(path),"
      guard let status = try FileStatus(path) else {
        if !isKept(original.night, options.archiveDays) {
          gone += 1
        } else if PosixFile.exists("\(home.inbox(of: delivery.system))/\(delivery.fileName)") {
          lines.append(
            Examination(
              .archive, .note, "\(name) is still in the inbox", remedy: "the next run moves it"))
        } else {
          lines.append(
            Examination(.archive, .problem, "\(name) is missing", remedy: "copy it from the backup")
          )
        }
        continue
      }
      var isWhole = status.size == delivery.length
      if isWhole, options.readsOriginals {
        isWhole = try FileIdentity.of(path: path).fingerprint.hexadecimal == delivery.content
      }
      guard isWhole else {
        lines.append(
          Examination(
            .archive, .problem, "\(name) is not the file that was entered",
            remedy: "copy it from the backup"))
        continue
      }
      sound += 1
      bytes += delivery.length
    }
    let how = options.readsOriginals ? "bytes" : "sizes"
    var message = "\(sound) originals have the \(how) that were entered (\(Size(bytes)))"
    if gone > 0 { message += "; \(gone) are gone, past their \(options.archiveDays) days" }
    lines.insert(Examination(.archive, .ok, message), at: 0)
    return try lines + strangers(Set(originals.map(\.delivery.archivePath)))
  }

  /// Files of the archive that the ledger does not know.
  private func strangers(_ known: Set<String>) throws -> [Examination] {
    let unknown = try FileTree(home.archive).files().filter { path in
      let isSign = [".ok", ".manifest.json"].contains { path.hasSuffix($0) }
      return !known.contains(path) && !isSign
    }
    guard let first = unknown.first else { return [] }
    let more = unknown.count > 1 ? " and \(unknown.count - 1) more" : ""
    return [
      Examination(
        .archive, .note, "the ledger does not know \(home.archive)/\(first)\(more)",
        remedy: "they were put there by hand, or entered after the backup that was restored")
    ]
  }

  private func examineReturns(_ engine: SQLiteWarehouse) throws -> [Examination] {
    var lines: [Examination] = []
    var count = 0
    for run in try engine.runs(limit: .max)
    where run.status == .finished && isKept(run.night, options.returnsDays) {
      var receipts: [String: [String]] = [:]
      for delivery in try engine.deliveries(run: run.id) where delivery.balance.returned > 0 {
        let folder = "\(home.returns)/\(delivery.system)/\(run.night)"
        let names = try receipts[folder] ?? FileTree(folder).files()
        receipts[folder] = names
        let receipt = names.first { name in
          let parts = name.split(separator: "-").last?.split(separator: ".") ?? []
          return name.hasSuffix(".receipt.json") && parts.first == "\(delivery.id)"
        }
        let missing: String? =
          try receipt.map { try returnedFile("\(folder)/\($0)", of: names) } ?? "receipt"
        guard let missing else {
          count += 1
          continue
        }
        lines.append(
          Examination(
            .returns, .problem,
            "\(folder) has no \(missing) of delivery \(delivery.id), which returned "
              + "\(delivery.balance.returned) records", remedy: "copy it from the backup"))
      }
    }
    return [
      Examination(
        .returns, .ok,
        "\(count) deliveries of the last \(options.returnsDays) days went back with a receipt")
    ] + lines
  }

  /// The file that a receipt speaks of, if it is not there.
  private func returnedFile(_ receipt: String, of names: [String]) throws -> String? {
    struct Receipt: Decodable {
      var returnedFile: String?
    }
    guard let bytes = try PosixFile.contents(of: receipt),
      let content = try? JSONDecoder().decode(Receipt.self, from: Data(bytes))
    else { return "readable receipt" }
    guard let file = content.returnedFile, !file.isEmpty, !names.contains(file) else { return nil }
    return file
  }

  private func examineReports(_ engine: SQLiteWarehouse) throws -> [Examination] {
    let nights = Set(
      try engine.runs(limit: .max).filter { $0.status == .finished }.map(\.night)
    ).sorted()
    let missing = nights.filter { !PosixFile.exists("\(home.report)/\($0).html") }
    guard let first = missing.first else {
      return [Examination(.reports, .ok, "\(nights.count) nights have their reports")]
    }
    let more = missing.count > 1 ? " and \(missing.count - 1) more nights" : ""
    return [
      Examination(
        .reports, .note, "there is no report of \(first)\(more)",
        remedy: "qingyuan report --night \(first) --output \(home.report)/\(first).html")
    ]
  }

  private func examineTiers(_ engine: SQLiteWarehouse) throws -> [Examination] {
    guard catalog.sharing != nil else {
      return [Examination(.tiers, .ok, "the definitions have no sharing/, so nothing leaves")]
    }
    let publication = try engine.currentPublication()
    guard publication > 0 else { return [] }
    return try SharingTier.allCases.filter { $0 != .restricted }.map { tier in
      let path = home.tierFile(tier)
      let building = "qingyuan tiers --home \(home.path)"
      guard PosixFile.exists(path) else {
        return Examination(.tiers, .problem, "\(path) is missing", remedy: building)
      }
      let problems = try DatabaseCopy.problems(path)
      if let problem = problems.first {
        return Examination(
          .tiers, .problem, "\(path) is damaged: \(problem)", remedy: building + " --again")
      }
      let shown = TierFiles.about(path)["publication"] ?? "none"
      return shown == "\(publication)"
        ? Examination(.tiers, .ok, "\(path) is sound and shows publication \(shown)")
        : Examination(
          .tiers, .problem, "\(path) shows publication \(shown), the warehouse \(publication)",
          remedy: building)
    }
  }

  /// The lock is held, so that nobody is at work: what is here was left.
  private func examineWork() throws -> [Examination] {
    let left =
      try FileTree(home.work).files().map { home.work + "/" + $0 }
      + [home.warehouse, home.tiers].flatMap { folder in
        try FileTree(folder).files().filter { $0.contains(".building") }.map { folder + "/" + $0 }
      }
    guard let first = left.first else {
      return [Examination(.work, .ok, "nothing is left of a run that was cut off")]
    }
    let more = left.count > 1 ? " and \(left.count - 1) more files" : ""
    return [
      Examination(
        .work, .note, "\(first)\(more) of a run that was cut off",
        remedy: "the next run uses or removes them")
    ]
  }

  // MARK: Around it

  private func examineAccessLog() throws -> [Examination] {
    // Every run makes it where there is none.
    guard PosixFile.exists("\(home.access)/\(MaskSecret.fileName)") else {
      return [
        Examination(
          .accessLog, .problem,
          "\(home.access) has no \(MaskSecret.fileName): masks would be others from the next run on, and "
            + "what else was in the folder may be lost",
          remedy: "restore access/ from the backup")
      ]
    }
    let report = try AccessLog(folder: home.access).verifyWithStores(options.heads)
    guard report.faults.isEmpty else {
      return [
        Examination(
          .accessLog, .problem, "the log is not what was written: \(report.faults.count) faults",
          remedy: "qingyuan audit verify says where; keep a copy of \(home.access)")
      ]
    }
    guard report.entries > 0 else {
      return [Examination(.accessLog, .ok, "nobody has read or asked for anything yet")]
    }
    return [Examination(.accessLog, .ok, "\(report.entries) entries are what was written")]
  }

  /// What may hold personal data is for its owner only.
  private func examinePermissions() throws -> [Examination] {
    var open: [String] = []
    for folder in [home.warehouse, home.archive, home.access, home.work] {
      guard let status = try FileStatus(folder) else { continue }
      // Who cannot enter the folder reaches nothing in it.
      if status.mode & 0o077 != 0 { open.append(folder) }
    }
    guard !open.isEmpty else {
      return [Examination(.permissions, .ok, "only the owner reads what may hold personal data")]
    }
    return open.map {
      Examination(
        .permissions, .problem, "others than the owner can enter \($0)", remedy: "chmod 700 \($0)")
    }
  }

  private func examineDisk() throws -> [Examination] {
    let free = try FileTree.freeBytes(of: home.path)
    let used = try FileStatus("\(home.warehouse)/\(SQLiteWarehouse.fileName)")?.size ?? 0
    let message = "\(Size(free)) free; the warehouse takes \(Size(used))"
    return [
      free < options.minimumFreeBytes
        ? Examination(
          .disk, .problem, message + ", a night wants \(Size(options.minimumFreeBytes)) free",
          remedy: "free space, or lower free-space-gigabytes in nightly.yaml")
        : Examination(.disk, .ok, message)
    ]
  }
}
