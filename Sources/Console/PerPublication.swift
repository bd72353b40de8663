import Synchronization
import Warehouse
import WarehouseSQLite

/// What is made once for every publication, because it takes seconds. Until it is made, people get what was made
/// for the publication before.
final class PerPublication<Value: Sendable>: Sendable {
  private let made = Mutex<(publication: Int64, value: Value)?>(nil)
  /// Held by the one who makes it: many who wait for the same make it once.
  private let making = Mutex<Void>(())

  /// - Parameters:
  ///   - mayWait: Whether it is made here if it is not there.
  ///   - make: Gets number and night of the publication that readers see.
  /// - Returns: nil before the first publication.
  func value(
    _ reader: WarehouseReader, mayWait: Bool,
    make: ((publication: Int64, night: String)) throws -> Value
  ) throws -> Value? {
    let known = made.withLock { $0 }
    if let known, !mayWait { return known.value }
    guard
      let last = try reader.publications(upTo: "9999-12-31", publication: nil, limit: 1).first
    else { return nil }
    if let known, known.publication == last.publication { return known.value }
    return try making.withLock { _ in
      if let now = made.withLock({ $0 }), now.publication >= last.publication { return now.value }
      let value = try make((last.publication, last.night))
      made.withLock { $0 = (last.publication, value) }
      return value
    }
  }
}
