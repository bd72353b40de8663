package import Catalog
import Dispatch
import Foundation
import Records
import Synchronization

/// What is to be generated.
package struct GenerationRequest: Sendable {
  /// Of the first night.
  package var records: Int
  package var nights: Int
  package var seed: UInt64
  /// Share of the records that get a planted fault, 0…1.
  package var faultRate: Double
  /// The only category that is written.
  package var category: Kind?
  /// The first night, days since 1970-01-01.
  package var start: Int
  package var hasFileFaults: Bool

  package init(
    records: Int, nights: Int, seed: UInt64, faultRate: Double, category: Kind?, start: Int,
    hasFileFaults: Bool = false
  ) {
    self.records = records
    self.nights = nights
    self.seed = seed
    self.faultRate = faultRate
    self.category = category
    self.start = start
    self.hasFileFaults = hasFileFaults
  }
}

/// Writes the nights of an invented city, record by record; memory does not grow with their number.
package struct Generator: Sendable {
  let request: GenerationRequest
  let catalog: Catalog
  let city: City
  private let mappings: [CategoryMapping]

  static let blockRecords = 2048

  /// - Returns: nil if the catalog has no adapter for market supervision with all categories.
  package init?(_ request: GenerationRequest, _ catalog: Catalog) {
    guard let adapter = catalog.adapter("SAM") else { return nil }
    let mappings = Kind.allCases.compactMap { kind in
      adapter.categories.first { $0.category == kind.id }
    }
    guard mappings.count == Kind.allCases.count else { return nil }
    self.request = request
    self.catalog = catalog
    self.mappings = mappings
    let census = Census(records: request.records, nights: request.nights, only: request.category)
    city = City(seed: request.seed, start: request.start, census: census)
  }

  package func write(to folder: String) throws {
    for kind in Kind.allCases where request.category == nil || request.category == kind {
      let prefix = mappings[kind.rawValue].files[0].prefix { $0 != "*" }
      let name = "\(prefix)\(Spelling.compactDate(request.start)).csv"
      let path = request.category == nil ? "\(folder)/night-1/SAM/\(name)" : "\(folder)/\(name)"
      let file = try DeliveryFile(path)
      let writer = RecordWriter(
        kind, mappings[kind.rawValue], catalog, seed: request.seed)
      var header: [UInt8] = []
      writer.writeHeader(into: &header)
      try file.write(Encoding.gb18030(header))
      let count = city.census.count(kind, night: 1)
      let blocks = (count + Self.blockRecords - 1) / Self.blockRecords
      var next = 0
      while next < blocks {
        let batch = min(8, blocks - next)
        let first = next
        let results = Mutex<[[UInt8]]>(Array(repeating: [], count: batch))
        DispatchQueue.concurrentPerform(iterations: batch) { place in
          let start = (first + place) * Self.blockRecords
          let bytes = block(kind, writer, start..<min(count, start + Self.blockRecords))
          results.withLock { $0[place] = bytes }
        }
        for bytes in results.withLock({ $0 }) { try file.write(bytes) }
        next += batch
      }
      try file.close()
    }
  }

  private func block(_ kind: Kind, _ writer: RecordWriter, _ range: Range<Int>) -> [UInt8] {
    var draft = Draft()
    var text: [UInt8] = []
    var scratch: [UInt8] = []
    for index in range {
      draft.removeAll()
      let version = city.firstVersion(kind, index)
      city.fill(&draft, kind, index, version)
      writer.write(draft, index, version, &scratch, into: &text)
    }
    return Encoding.gb18030(text)
  }
}
