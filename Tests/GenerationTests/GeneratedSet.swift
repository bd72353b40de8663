import Catalog
import Foundation
import Generation
import PipelineDefinition
import Testing

enum Folders {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path(percentEncoded: false)
  static let fixtures = root + "/Tests/Fixtures"
  static let pipelines = root + "/Pipelines"
}

/// A set that is generated into a folder of its own and removed afterwards.
final class GeneratedSet {
  struct Truth: Decodable {
    struct Finding: Decodable {
      var code: String
      var rule: String
      var element: String?
      var severity: String
    }

    var night: Int
    var system: String
    var file: String
    var category: String
    var record: Int
    var record_id: String
    var fault: String
    var hold: String?
    var expect: [Finding]
    /// Findings between records that the night leaves on the record.
    var between: [Finding]?
  }

  struct Expected: Decodable {
    struct Balance: Decodable {
      var read: Int
      var accepted: Int
      var unchanged: Int
      var duplicate: Int
      var returned: Int
      var pending: Int
      var deleted: Int
      var held: Int
    }

    struct File: Decodable {
      var system: String
      var file: String
      var category: String
      var status: String
      var balance: Balance
    }

    struct Night: Decodable {
      var night: Int
      var date: String
      var files: [File]
    }

    var nights: [Night]
  }

  static let catalog = PipelineFolder.load(Folders.pipelines, knownChecks: nil).catalog

  let folder: String

  /// 2026-03-02
  static let start = 20_514

  init(
    records: Int, nights: Int = 1, seed: UInt64 = 1, faults: Double = 0,
    bureau: Bureau? = nil, category: Kind? = nil, hasFileFaults: Bool = false
  ) throws {
    folder = NSTemporaryDirectory() + "generated-" + UUID().uuidString
    let request = GenerationRequest(
      records: records, nights: nights, seed: seed, faultRate: faults, bureau: bureau,
      category: category,
      start: Self.start, hasFileFaults: hasFileFaults)
    let catalog = try #require(Self.catalog)
    try #require(Generator(request, catalog)).write(to: folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Relative paths of all files, sorted.
  var paths: [String] {
    (FileManager.default.enumerator(atPath: folder)?.allObjects ?? [])
      .compactMap { $0 as? String }.filter { !isFolder($0) }.sorted()
  }

  private func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(
      atPath: folder + "/" + path, isDirectory: &isFolder)
    return exists && isFolder.boolValue
  }

  func bytes(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: folder + "/" + path))
  }

  func expected() throws -> Expected {
    try JSONDecoder().decode(Expected.self, from: bytes("expected.json"))
  }

  func truth() throws -> [Truth] {
    try bytes("truth.jsonl").split(separator: 0x0A).map {
      try JSONDecoder().decode(Truth.self, from: Data($0))
    }
  }

  struct Link: Decodable {
    var night: Int
    var system: String
    var category: String
    var record_id: String
    var code: String
    var rule: String
    var element: String?
    var severity: String
  }

  /// Findings between records, as they stand after each night.
  func links() throws -> [Link] {
    try bytes("links.jsonl").split(separator: 0x0A).map {
      try JSONDecoder().decode(Link.self, from: Data($0))
    }
  }

  /// The records of a file as bytes, header first. Line breaks inside quotes are bare LF.
  func records(night: Int, _ file: String) throws -> [[UInt8]] {
    var records: [[UInt8]] = [[]]
    var previous: UInt8 = 0
    for byte in try bytes("night-\(night)/SAM/\(file)") {
      records[records.count - 1].append(byte)
      if previous == 0x0D, byte == 0x0A {
        records[records.count - 1].removeLast(2)
        records.append([])
      }
      previous = byte
    }
    if records.last == [] { records.removeLast() }
    return records
  }
}
