import Foundation
import Warehouse

/// The list of the files of a backup, in the form of `sha256sum`: a hash of 64 digits, two blanks, a path.
struct BackupContents {
  static let fileName = "SHA256SUMS"

  /// SHA-256 in hexadecimal digits, by path relative to the backup.
  var hashes: [String: String] = [:]

  init() {}

  /// - Throws: ``WarehouseError`` where the folder has no such list, or it cannot be read.
  init(of folder: String) throws {
    let path = "\(folder)/\(Self.fileName)"
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw WarehouseError(
        .notFound, "\(folder) is no complete backup: there is no \(Self.fileName) in it")
    }
    for (index, line) in String(decoding: bytes, as: UTF8.self).split(separator: "\n").enumerated()
    {
      guard let (hash, file) = Self.entry(line) else {
        throw WarehouseError(.corrupt, "\(path), line \(index + 1): not a hash and a path")
      }
      hashes[file] = hash
    }
  }

  /// A line; one that begins with a backslash has line feeds and backslashes of the path written as `\n`
  /// and `\\`.
  private static func entry(_ line: Substring) -> (hash: String, path: String)? {
    let isEscaped = line.hasPrefix("\\")
    let parts = line.dropFirst(isEscaped ? 1 : 0).split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].count == 64, parts[0].allSatisfy(\.isHexDigit),
      parts[1].hasPrefix(" ")
    else { return nil }
    var path = String(parts[1].dropFirst())
    if isEscaped {
      path = path.split(separator: "\\\\", omittingEmptySubsequences: false)
        .map { $0.replacing("\\n", with: "\n") }.joined(separator: "\\")
    }
    let isSafe =
      !path.hasPrefix("/")
      && !path.split(separator: "/", omittingEmptySubsequences: false).contains {
        $0 == ".." || $0.isEmpty
      }
    return isSafe ? (String(parts[0]), path) : nil
  }

  var text: String {
    paths.map { path in
      let escaped = path.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
      return "\(escaped == path ? "" : "\\")\(hashes[path] ?? "")  \(escaped)\n"
    }.joined()
  }

  /// Whether a file is a database of ours; originals are what their senders made them.
  static func isDatabase(_ path: String) -> Bool {
    path.hasSuffix(".sqlite") && !path.hasPrefix("home/archive/")
  }

  /// In order of their bytes.
  var paths: [String] { hashes.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
}

/// What a backup says about itself: `backup.json`.
package struct BackupLabel: Codable, Sendable, Equatable {
  static let fileName = "backup.json"
  static let currentFormat = 1

  package var format = BackupLabel.currentFormat
  /// As `2026-03-01T03:10:00+08:00`.
  package var made: String
  /// What readers of the warehouse saw: number and night.
  package var publication: Int64
  package var night: String

  init(made: String, publication: Int64, night: String) {
    self.made = made
    self.publication = publication
    self.night = night
  }

  init(of folder: String) throws {
    let path = "\(folder)/\(Self.fileName)"
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw WarehouseError(.notFound, "\(folder) is no backup: there is no \(Self.fileName) in it")
    }
    do {
      self = try JSONDecoder().decode(Self.self, from: bytes)
    } catch {
      throw WarehouseError(.corrupt, "\(path) cannot be read: \(error.localizedDescription)")
    }
    guard format <= Self.currentFormat else {
      throw WarehouseError(
        .newerFormat, "\(path) is of a newer program (format \(format)); update this one")
    }
  }

  func bytes() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [10]
  }
}
