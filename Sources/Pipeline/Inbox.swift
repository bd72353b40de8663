package import Catalog
import Foundation

/// A file in the inbox that is a complete delivery of a known category.
package struct InboxFile: Sendable {
  package var system: String
  package var category: String
  package var name: String
  package var path: String
  package var isFull: Bool
  /// What the sender says about the file; nil without a manifest.
  package var manifest: DeliveryManifest?
}

/// What a sender says about a file, in `NAME.manifest.json` beside it.
package struct DeliveryManifest: Codable, Sendable, Equatable {
  package var name: String?
  /// Bytes.
  package var size: Int64?
  /// 64 hexadecimal digits.
  package var sha256: String?
  package var records: Int?
}

/// What lies in the inbox at the start of a run.
package struct InboxListing: Sendable {
  package var ready: [InboxFile] = []
  /// Files that are still growing or whose sign of completeness is not there, with the reason.
  package var waiting: [(path: String, reason: String)] = []
  /// Files that no adapter knows, with the reason.
  package var unknown: [(path: String, reason: String)] = []
}

/// Finds complete deliveries (semantics.md §9).
package struct Inbox: Sendable {
  private let home: HomeFolder
  private let catalog: Catalog
  /// Seconds since 1970 UTC.
  private let now: Double
  private let waitsForStability: Bool

  private static let temporarySuffixes = [".tmp", ".part", ".filepart", ".crdownload", "~", ".swp"]
  private static let signSuffixes = [".ok", ".manifest.json"]

  /// - Parameter waitsForStability: False takes every file that is there, for tests and replays.
  package init(home: HomeFolder, catalog: Catalog, now: Double, waitsForStability: Bool) {
    self.home = home
    self.catalog = catalog
    self.now = now
    self.waitsForStability = waitsForStability
  }

  /// Files by system, then name: the order in which deliveries are numbered.
  package func list() throws(PipelineError) -> InboxListing {
    var listing = InboxListing()
    for system in catalog.systems.sorted(by: { $0.order < $1.order }) {
      let folder = home.inbox(of: system.id)
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
        continue
      }
      for name in names.sorted() where !isIgnored(name) {
        classify(name, folder, system, names: Set(names), &listing)
      }
    }
    return listing
  }

  private func isIgnored(_ name: String) -> Bool {
    name.hasPrefix(".") || Self.temporarySuffixes.contains { name.lowercased().hasSuffix($0) }
      || Self.signSuffixes.contains { name.lowercased().hasSuffix($0) }
  }

  private func classify(
    _ name: String, _ folder: String, _ system: SourceSystem, names: Set<String>,
    _ listing: inout InboxListing
  ) {
    let path = folder + "/" + name
    guard let adapter = catalog.adapter(system.id) else {
      listing.unknown.append((path, "system \(system.id) has no adapter in sources/"))
      return
    }
    guard let mapping = adapter.categories.first(where: { $0.matches(name) }) else {
      listing.unknown.append((path, "no file pattern of sources/\(system.id).yaml matches"))
      return
    }
    let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    guard type == .typeRegular else {
      listing.unknown.append((path, "is not a file"))
      return
    }
    let manifest = manifest(path)
    if let reason = waitingReason(path, name, names, adapter, hasManifest: manifest != nil) {
      listing.waiting.append((path, reason))
      return
    }
    listing.ready.append(
      InboxFile(
        system: system.id, category: mapping.category, name: name, path: path,
        isFull: mapping.isFull(name), manifest: manifest))
  }

  private func waitingReason(
    _ path: String, _ name: String, _ names: Set<String>, _ adapter: SourceAdapter,
    hasManifest: Bool
  ) -> String? {
    if !hasManifest, names.contains(name + ".manifest.json") {
      return "waits: \(name).manifest.json cannot be read"
    }
    if hasManifest || (adapter.readySigns.contains(.ok) && names.contains(name + ".ok")) {
      return nil
    }
    guard adapter.readySigns.contains(.stable) else {
      return "waits for \(name).ok or \(name).manifest.json"
    }
    guard waitsForStability else { return nil }
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    let modified = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? now
    let age = now - modified
    return age >= Double(adapter.stableSeconds)
      ? nil : "changed \(max(0, Int(age))) s ago; taken after \(adapter.stableSeconds) s"
  }

  private func manifest(_ path: String) -> DeliveryManifest? {
    guard let data = FileManager.default.contents(atPath: path + ".manifest.json") else {
      return nil
    }
    return try? JSONDecoder().decode(DeliveryManifest.self, from: data)
  }
}

extension CategoryMapping {
  /// Whether a file of this name is a delivery of the category.
  package func matches(_ name: String) -> Bool {
    files.contains { (try? Glob($0))?.matches(name) ?? false }
  }

  /// Whether a file of this name holds every record of the source; the corrected part of a full
  /// delivery does not.
  package func isFull(_ name: String) -> Bool {
    guard !name.contains(ReturnPackage.mark) else { return false }
    return delivery == .full || (fullIf.map { (try? Glob($0))?.matches(name) ?? false } ?? false)
  }
}
