import Catalog
import Foundation
import Warehouse

/// Under which numbers a warehouse knows the records of systems and categories.
///
/// States of records are kept by the `order` of their system and the number of their category. With another number
/// a full delivery would take another system's records for its own and remove them, so that a change is refused
/// before anything is read.
enum StreamRegister {
  private static let fileName = "streams.json"

  private struct Numbers: Codable, Equatable {
    var systems: [String: Int] = [:]
    var categories: [String: Int] = [:]
  }

  /// Compares the definitions with what the warehouse was filled under, and takes note of what is new.
  ///
  /// - Parameter folder: ``HomeFolder/warehouse``.
  /// - Throws: ``PipelineError`` with code `.configuration` where a number is another one, or was that of another.
  static func check(_ catalog: Catalog, folder: String) throws {
    let path = folder + "/" + fileName
    let known = try PosixFile.contents(of: path).map {
      try JSONDecoder().decode(Numbers.self, from: Data($0))
    }
    var numbers = known ?? Numbers()
    try take(
      catalog.systems.map { ($0.id, $0.order) }, "the order of system", into: &numbers.systems)
    try take(
      catalog.categories.map { ($0.id, $0.number) }, "the number of category",
      into: &numbers.categories)
    guard numbers != known else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try PosixFile.replace(path, with: Array(try encoder.encode(numbers)), mode: 0o600)
  }

  private static func take(
    _ current: [(id: String, number: Int)], _ what: String, into known: inout [String: Int]
  ) throws {
    for (id, number) in current {
      if let before = known[id], before != number {
        throw PipelineError(
          .configuration,
          "\(what) \(id) is \(number), and its records are stored under \(before); write \(before) "
            + "again: it may not change any more")
      }
      if let other = known.first(where: { $0.key != id && $0.value == number })?.key {
        throw PipelineError(
          .configuration,
          "\(what) \(id) is \(number), under which records of \(other) are stored; choose a number "
            + "that was never used")
      }
      known[id] = number
    }
  }
}
