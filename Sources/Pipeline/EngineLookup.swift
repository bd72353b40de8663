import Catalog
import Reconciliation
import Records
import Validation
import Warehouse

/// Finds the records that rules ask for in the warehouse, all of a chunk's at once.
struct EngineLookup: RecordLookup {
  let finder: any RowFinder
  let catalog: Catalog
  /// Candidates are what readers of this publication would see.
  let publication: Int64
  /// Category of the chunk's records.
  let category: String
  /// Rows of the chunk's records, one each; a record is never a candidate for itself.
  let ownRows: [Int64]

  func candidates(
    for reference: CompiledReference, probes: ReferenceProbes
  ) throws -> ReferenceCandidates {
    guard let other = catalog.category(reference.category), probes.count > 0 else {
      return none(reference, probes)
    }
    let (places, query) = try query(reference, probes, other)
    let found = try finder.candidates(query)
    let records: ElementChunk
    if query.elements == nil {
      records = ElementChunk(
        recordCount: found.count, columnCount: other.elements.count, text: [])
    } else {
      records = StoredRecords(catalog, other, columns: reference.readColumns).chunk(found)
    }
    // Rows come by probe.
    var firsts = [Int32](repeating: 0, count: (query.probes.first?.count ?? 0) + 1)
    for probe in found.probes { firsts[Int(probe) + 1] += 1 }
    for index in firsts.indices.dropFirst() { firsts[index] += firsts[index - 1] }
    // Existence in another category is asked without the rows.
    var own: [Int32] = []
    if reference.category == category, query.elements != nil {
      own = ownPlaces(found.rowIDs, places, firsts, probes)
    }
    return ReferenceCandidates(
      probes: probes, records: records,
      stretches: places.map { firsts[$0]..<firsts[$0 + 1] }, rows: Array(0..<Int32(found.count)),
      own: own)
  }

  /// Of each probe the place of its own record among those found under its key; -1 where it is not there.
  private func ownPlaces(
    _ rowIDs: [Int64], _ places: [Int], _ firsts: [Int32], _ probes: ReferenceProbes
  ) -> [Int32] {
    let wanted = Set(ownRows)
    // A record is found under several keys where a value of many is the key.
    var found: [Int64: [Int32]] = [:]
    for (place, row) in rowIDs.enumerated() where wanted.contains(row) {
      found[row, default: []].append(Int32(place))
    }
    return (0..<probes.count).map { probe in
      let stretch = firsts[places[probe]]..<firsts[places[probe] + 1]
      return found[ownRows[Int(probes.rows[probe])]]?.first(where: stretch.contains) ?? -1
    }
  }

  private func none(
    _ reference: CompiledReference, _ probes: ReferenceProbes
  ) -> ReferenceCandidates {
    ReferenceCandidates(
      probes: probes, records: ElementChunk(recordCount: 0, columnCount: 0, text: []),
      stretches: Array(repeating: 0..<0, count: probes.count), rows: [])
  }

  /// Every key once, and the place of each probe's key.
  private func query(
    _ reference: CompiledReference, _ probes: ReferenceProbes, _ other: Category
  ) throws -> (places: [Int], CandidateQuery) {
    var places: [Int] = []
    places.reserveCapacity(probes.count)
    var known: [Fingerprint: Int] = [:]
    known.reserveCapacity(probes.count)
    var key: [UInt8] = []
    var columns: [[TextRef]] = Array(repeating: [], count: reference.keyElements.count)
    for probe in 0..<probes.count {
      key.removeAll(keepingCapacity: true)
      for refs in probes.keys {
        key.append(contentsOf: probes.text[refs[probe].range])
        // Not a byte of any text.
        key.append(0xFF)
      }
      let fingerprint = Fingerprint(of: key.span)
      if let place = known[fingerprint] {
        places.append(place)
        continue
      }
      places.append(known.count)
      known[fingerprint] = known.count
      for (place, refs) in probes.keys.enumerated() { columns[place].append(refs[probe]) }
    }
    let isOwn = reference.category == category
    return (
      places,
      CandidateQuery(
        key: reference.lookupKey, probes: columns, text: probes.text,
        elements: reference.asksForExistence && !isOwn
          ? nil : reference.readColumns.map { other.elements[$0].element.identifier },
        publication: publication)
    )
  }
}

extension CompiledReference {
  /// How the records that the clause asks for are found.
  var lookupKey: LookupKey {
    LookupKey(category: category, elements: keyElements, multiValued: multiValuedKey)
  }
}
