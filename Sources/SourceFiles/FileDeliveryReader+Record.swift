package import Catalog
package import Pipeline
package import Records

extension FileDeliveryReader {
  private struct Found: Error {}

  /// What stands before the first record (header, prolog, enclosing elements or objects) is read as it is;
  /// then the file goes on at the record. So one record costs the same wherever it stands.
  package func record(
    at offset: Int, of path: String, _ inspection: FileInspection, _ adapter: SourceAdapter,
    _ mapping: CategoryMapping, onHeader: ([[String]]) throws -> Void
  ) throws -> RecordChunk? {
    let encoding = SourceEncoding(rawValue: inspection.encoding)
    guard encoding == .utf8 || encoding == .utf8BOM || encoding == .gb18030,
      Self.isSelfContained(mapping, adapter),
      try ByteSource(path: path, limits: limits.decompression).container == .plain
    else { return nil }
    var single = self
    single.limits.chunkRecords = 1
    func first(_ onHeader: ([[String]]) throws -> Void) throws -> RecordChunk? {
      var chunk: RecordChunk?
      do {
        _ = try single.read(
          path, inspection, adapter, mapping, exactPositions: true, onHeader: onHeader
        ) {
          $0.keepRows { $0 == 0 }
          chunk = $0
          throw Found()
        }
      } catch is Found {}
      return chunk
    }
    guard let start = try first({ _ in })?.positions.first?.byteOffset, start <= offset else {
      return nil
    }
    single.gap = start..<offset
    return try first(onHeader)
  }

  /// Whether a record is all that its text says: not one of several in a unit, whose fields stand around
  /// it, nor one that looks up to what encloses it.
  private static func isSelfContained(_ mapping: CategoryMapping, _ adapter: SourceAdapter) -> Bool
  {
    guard adapter.format.isTree else { return true }
    let records = mapping.records ?? adapter.document.records ?? .itself
    guard records.unit.steps == records.steps else { return false }
    return mapping.columns.flatMap { [$0.column] + $0.also }.allSatisfy {
      FieldPath($0)?.parents == 0
    }
  }
}
