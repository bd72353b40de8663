package import Catalog
import Foundation
import Glibc
import Records
package import Warehouse

/// A returned record and what is to be said about it, ready to be written.
package struct ReturnedRecord: Sendable {
  package let record: QuarantinedRecord
  private let texts: FindingTexts
  /// What a person adds to the hints; empty for nothing.
  private let note: String

  package init(_ record: QuarantinedRecord, _ texts: FindingTexts, note: String = "") {
    self.record = record
    self.texts = texts
    self.note = note
  }

  /// One entry per finding, in order; a person's note stands before the hints.
  package var codes: [String] { record.findings.map(\.code) }
  package var explanations: [String] { record.findings.map { texts.chinese($0, record) } }
  package var hints: [String] {
    (note.isEmpty ? [] : ["数据专员意见:" + note]) + record.findings.map { texts.fixChinese($0) }
  }
}

/// Writes the records of a return in the format and encoding in which they came; implemented by the
/// layer that touches files.
package protocol ReturnWriter: Sendable {
  /// - Parameters:
  ///   - path: Written under another name first and renamed when complete.
  ///   - original: The delivery in the archive, for its header.
  ///   - records: Calls its argument with every record in the order of the delivery.
  /// - Returns: Records written.
  func write(
    to path: String, original: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
    _ mapping: CategoryMapping, records: ((ReturnedRecord) throws -> Void) throws -> Void
  ) throws -> Int
}

/// What goes back to a source after a delivery: its records with reasons, and a receipt.
struct ReturnPackage {
  let delivery: DeliveryEntry
  let home: HomeFolder
  let catalog: Catalog
  /// The run that returns the records.
  let run: RunEntry

  /// Stands in the names of return files.
  static let mark = ".退回-"

  private struct Receipt: Codable {
    var delivery: Int64
    var system: String
    var category: String
    var file: String
    var content: String
    var sha256: String
    var night: String
    var read: Int
    var accepted: Int
    var unchanged: Int
    var duplicate: Int
    var returned: Int
    var pending: Int
    var held: Int
    var deleted: Int
    var returnedFile: String
    /// Fewer than `returned` where a later version in the same delivery was accepted.
    var recordsInReturnedFile: Int
    var contact: String
    var howToAnswer: String
  }

  func write(
    engine: any WarehouseEngine, reader: any DeliveryReader, writer: any ReturnWriter
  ) throws {
    guard let adapter = catalog.adapter(delivery.system),
      let mapping = adapter.categories.first(where: { $0.category == delivery.category })
    else { return }
    let folder = "\(home.returns)/\(delivery.system)/\(run.night)"
    do {
      try PosixFile.makePrivateFolder(folder)
    } catch {
      throw PipelineError(.environment, "cannot create \(folder)", underlying: error)
    }
    let original = home.archive + "/" + delivery.archivePath
    // What the ledger knows of the file need not be found out by reading it once more.
    let inspection = FileInspection(
      content: Fingerprint(hexadecimal: delivery.content) ?? Fingerprint(high: 0, low: 0),
      length: delivery.length, encoding: delivery.encoding)
    let name = adapter.returnedName(delivery)
    let texts = FindingTexts(catalog)
    let written = try writer.write(
      to: folder + "/" + name, original: original, inspection, adapter, mapping
    ) { body in
      try engine.returns(delivery: delivery.id, publication: run.publication) { record in
        try body(ReturnedRecord(record, texts))
      }
    }
    let receipt = Receipt(
      delivery: delivery.id, system: delivery.system, category: delivery.category,
      file: delivery.fileName, content: delivery.content,
      sha256: try reader.sha256(original), night: run.night, read: delivery.balance.read,
      accepted: delivery.balance.accepted, unchanged: delivery.balance.unchanged,
      duplicate: delivery.balance.duplicate, returned: delivery.balance.returned,
      pending: delivery.balance.pending, held: delivery.balance.held,
      deleted: delivery.balance.deleted, returnedFile: name, recordsInReturnedFile: written,
      contact: adapter.returnContact,
      howToAnswer: "改正后按原文件名规则重新报送;退回说明各列可保留,不影响读取。")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      let path = "\(folder)/\(name).receipt.json"
      // Killed here, the next run writes the same temporary file again.
      let file = try PosixFile(path + ".writing", flags: O_WRONLY | O_CREAT | O_TRUNC)
      try file.write(Array(try encoder.encode(receipt)))
      try file.synchronize()
      try PosixFile.rename(path + ".writing", to: path)
    } catch {
      throw PipelineError(.environment, "cannot write the receipt in \(folder): \(error)")
    }
  }
}

extension SourceAdapter {
  /// Bytes of a name that leave room for what is added; a file system takes 255.
  private static let maximumStem = 180

  /// `行政处罚_20260301.csv.gz` becomes `行政处罚_20260301.退回-12.csv`. A file that carries several
  /// categories comes back once for each, and the name says for which.
  ///
  /// - Parameter addition: Stands behind the number of the delivery.
  package func returnedName(_ delivery: DeliveryEntry, _ addition: String = "") -> String {
    var stem = delivery.fileName
    for suffix in [".gz", ".zip"] where stem.lowercased().hasSuffix(suffix) {
      stem = String(stem.dropLast(suffix.count))
    }
    let suffix = "." + format.rawValue
    if stem.lowercased().hasSuffix(suffix) { stem = String(stem.dropLast(suffix.count)) }
    // What answers a return is named for its own one.
    if let mark = stem.range(of: ReturnPackage.mark), !addition.isEmpty {
      stem = String(stem[..<mark.lowerBound])
    }
    while stem.utf8.count > Self.maximumStem { stem.removeLast() }
    let isShared = mappings(of: delivery.fileName).count > 1
    let category = isShared || !addition.isEmpty && mappings(of: stem + suffix).count > 1
    return
      "\(stem)\(ReturnPackage.mark)\(category ? delivery.category + "-" : "")\(delivery.id)\(addition)\(suffix)"
  }
}
