import Catalog
import Foundation
import Warehouse

/// What a sender says about a file, beside it.
package struct DeliveryManifest: Codable, Sendable, Equatable {
  package var name: String?
  /// Bytes.
  package var size: Int64?
  /// 64 hexadecimal digits.
  package var sha256: String?
  package var records: Int?

  /// Whether anything is said of the content.
  package var promisesContent: Bool { size != nil || sha256 != nil || records != nil }
}

/// A file beside a delivery that says that it is complete, and perhaps what it must be
/// (semantics.md §9).
package struct DeliverySign: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case manifest = ".manifest.json"
    case ok = ".ok"
  }

  package let kind: Kind
  package let path: String
  /// Seconds since 1970 UTC.
  package let modified: Double
  /// Nil if it cannot be understood.
  package let manifest: DeliveryManifest?
  /// Why it cannot be understood, and where; of what it says not more than a name or a character.
  package let problem: String?
  /// The disk or its rights keep it from us; what it says is not known.
  package let isUnreadable: Bool

  package var name: String { (path as NSString).lastPathComponent }

  /// The sign of this kind beside `file`; nil without one.
  package init?(_ kind: Kind, of file: String) {
    path = file + kind.rawValue
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard attributes?[.type] as? FileAttributeType == .typeRegular else { return nil }
    self.kind = kind
    modified = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    let size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
    do {
      guard size <= Self.maximumBytes else {
        throw Misunderstanding(text: "\(size) bytes are more than a sign has")
      }
      let data = Data(try PosixFile.contents(of: path) ?? [])
      manifest = try kind == .manifest ? Self.json(data) : Self.okay(data)
      problem = nil
      isUnreadable = false
    } catch {
      manifest = nil
      problem = (error as? Misunderstanding)?.text ?? "\(error)"
      isUnreadable = error is WarehouseError
    }
  }

  /// All signs beside a file.
  static func beside(_ file: String) -> [DeliverySign] {
    Kind.allCases.compactMap { DeliverySign($0, of: file) }
  }

  /// Assumed: several hundred times a manifest.
  private static let maximumBytes = 1 << 16

  /// Seconds by which a sign may be older than its file before it is another file's; assumed: parallel
  /// transfers end within hours, the next night is further away.
  private static let oldestSeconds = 6.0 * 3600

  private struct Misunderstanding: Error { var text: String }

  // MARK: Age

  /// Whether it was left behind by an earlier file of the same name.
  func isStale(for file: Double) -> Bool { modified + Self.oldestSeconds < file }

  /// Whether it says that a file last changed at `file` is complete. One that promises nothing says so
  /// only of what was there before it; clocks of whole seconds are allowed for.
  func covers(_ file: Double) -> Bool {
    if let manifest, !manifest.promisesContent {
      return modified.rounded(.down) >= file.rounded(.down)
    }
    return !isStale(for: file)
  }

  // MARK: Reading

  private static func json(_ data: Data) throws -> DeliveryManifest {
    let mark = Data([0xEF, 0xBB, 0xBF])
    let bytes = data.starts(with: mark) ? data.dropFirst(mark.count) : data
    do {
      // Says where the text breaks off, which the decoder does not.
      _ = try JSONSerialization.jsonObject(with: Data(bytes))
    } catch {
      let cause = (error as NSError).userInfo["NSDebugDescription"] as? String
      throw Misunderstanding(
        text: "it is not JSON, \(data.count) bytes" + (cause.map { ": \($0.prefix(100))" } ?? ""))
    }
    do {
      return try JSONDecoder().decode(DeliveryManifest.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw Misunderstanding(text: text(error))
    }
  }

  private static func text(_ error: DecodingError) -> String {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context):
      let name = context.codingPath.map(\.stringValue).joined(separator: ".")
      return name.isEmpty ? "it is not a JSON object" : "\(name) has the wrong type"
    case .dataCorrupted(let context):
      let name = context.codingPath.map(\.stringValue).joined(separator: ".")
      if !name.isEmpty { return "\(name) has an impossible value" }
      return "it is not a JSON object with whole numbers"
    @unknown default: return "it is not a manifest"
    }
  }

  /// What `.ok` files hold: nothing, `ok` or `done`, the JSON of a manifest, lines such as
  /// `size=120`, `records: 3`, or a line as `sha256sum` writes it. Anything else may be a promise that
  /// would go unchecked.
  private static func okay(_ data: Data) throws -> DeliveryManifest {
    let text = String(decoding: data, as: UTF8.self).filter { $0 != "\u{FEFF}" }
    if text.first(where: { !$0.isWhitespace }) == "{" { return try json(data) }
    var manifest = DeliveryManifest()
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let line = line.trimmingCharacters(in: .whitespaces)
      guard !line.isEmpty, !["ok", "done"].contains(line.lowercased()) else { continue }
      guard read(line, into: &manifest) else {
        throw Misunderstanding(
          text: "line \(index + 1) is neither name, size, sha256 nor records with a value")
      }
    }
    return manifest
  }

  private static func read(_ line: String, into manifest: inout DeliveryManifest) -> Bool {
    let digits = line.prefix { $0.isHexDigit }
    if digits.count == 64 {
      let rest = line.dropFirst(64)
      guard rest.isEmpty || rest.hasPrefix(" ") || rest.hasPrefix("\t") else { return false }
      let name = rest.trimmingCharacters(in: .whitespaces)
      manifest.sha256 = String(digits)
      if !name.isEmpty { manifest.name = name.hasPrefix("*") ? String(name.dropFirst()) : name }
      return true
    }
    guard let mark = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return false }
    let key = line[..<mark].trimmingCharacters(in: .whitespaces).lowercased()
    let value = line[line.index(after: mark)...].trimmingCharacters(in: .whitespaces)
    switch key {
    case "name": manifest.name = value
    case "size":
      manifest.size = Int64(value)
      return manifest.size != nil
    case "sha256", "sha-256": manifest.sha256 = value
    case "records":
      manifest.records = Int(value)
      return manifest.records != nil
    default: return false
    }
    return !value.isEmpty
  }
}

extension InboxFile {
  /// Records that the sender promised; nil where it said nothing of them.
  var expectedRecords: Int? { signs.lazy.compactMap { $0.manifest?.records }.first }

  /// What the signs promise and the file does not keep, or nobody can check.
  ///
  /// - Parameter sha256: SHA-256 of the file; called at most once.
  func brokenPromises(
    _ inspection: FileInspection, sha256: () throws -> String
  ) rethrows -> [HoldReason] {
    var broken: [HoldReason] = []
    var found: String?
    for sign in signs {
      let who = sign.kind == .manifest ? HoldReason.manifest : HoldReason.okFile
      guard let promise = sign.manifest else {
        broken.append(HoldReason(.q15, .signUnclear, sign.name, sign.problem ?? ""))
        continue
      }
      if let name = promise.name, name != self.name {
        broken.append(HoldReason(.q15, .wrongName, who, String(name.prefix(100))))
      }
      if let size = promise.size, size != inspection.length {
        broken.append(
          HoldReason(.q15, .wrongSize, "\(inspection.length)", who, "\(size)"))
      }
      if let expected = promise.sha256 {
        let hash = try found ?? sha256()
        found = hash
        if expected.lowercased() != hash {
          broken.append(HoldReason(.q15, .wrongHash, hash, who, String(expected.prefix(64))))
        }
      }
      if let records = promise.records, records != expectedRecords {
        broken.append(HoldReason(.q15, .promisesDiffer, who, "\(records)"))
      }
    }
    return broken
  }
}

/// Tells whether a file is still the one that was read, without reading it again.
struct FileStamp: Equatable {
  private let number: UInt64
  private let size: Int64
  private let modified: Date

  /// - Returns: nil if there is no file.
  init?(_ path: String) {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      attributes[.type] as? FileAttributeType == .typeRegular,
      let number = attributes[.systemFileNumber] as? NSNumber,
      let size = attributes[.size] as? NSNumber,
      let modified = attributes[.modificationDate] as? Date
    else { return nil }
    self.number = number.uint64Value
    self.size = size.int64Value
    self.modified = modified
  }
}
