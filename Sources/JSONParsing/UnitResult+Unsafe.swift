import Records

extension UnitParser {
  /// Adds what the unit showed of the shape; `bytes` has the unit at `origin`.
  mutating func updateCensus(_ census: inout ShapeCensus, _ bytes: Span<UInt8>, _ origin: Int) {
    noteColumns(&census)
    for index in 0..<unknowns.count {
      let unknown = unknowns[index]
      guard know(unknown.key), census.unknown.count < ShapeCensus.maximumUnknown else { continue }
      let prefix = plan.nodes[unknown.node].censusPrefix
      if unknown.isArray {
        census.unknown.insert(prefix + "[]")
      } else {
        var name: [UInt8] = []
        appendText(unknown.name, bytes, origin, to: &name)
        let text = String(decoding: name, as: UTF8.self)
        census.unknown.insert(prefix.isEmpty ? text : prefix + "/" + text)
      }
    }
  }

  /// Appends what a value stands for; several are joined with `;`.
  func appendText(
    _ ref: ValueRef, _ bytes: Span<UInt8>, _ origin: Int, to target: inout [UInt8]
  ) {
    var join = ref.join
    if join < 0 { return appendOne(ref, bytes, origin, to: &target) }
    var isFirst = true
    while join >= 0 {
      if !isFirst { target.append(Byte.semicolon) }
      isFirst = false
      appendOne(joins[join].ref, bytes, origin, to: &target)
      join = joins[join].next
    }
  }

  private func appendOne(
    _ ref: ValueRef, _ bytes: Span<UInt8>, _ origin: Int, to target: inout [UInt8]
  ) {
    if ref.isScratch {
      target.append(contentsOf: scratch[ref.range])
    } else if !ref.isAbsent {
      target.appendBytes(bytes, origin + ref.start..<origin + ref.start + ref.count)
    }
  }

  /// Bytes of what ``appendText(_:_:_:to:)`` appends.
  func textCount(_ ref: ValueRef) -> Int {
    var join = ref.join
    if join < 0 { return ref.isAbsent ? 0 : ref.count }
    var count = -1
    while join >= 0 {
      count += 1 + joins[join].ref.count
      join = joins[join].next
    }
    return count
  }

  /// Writes the plain values of a record into a row of `chunk`; the unit stands at `base` of its text.
  ///
  /// - Returns: Whether there are values that are not plain.
  func writePlain(_ cells: Int, to chunk: inout RecordChunk, row: Int, at base: Int) -> Bool {
    let count = chunk.columnCount
    let stride = chunk.stride
    return unsafe chunk.fields.withUnsafeMutableBufferPointer { fields in
      precondition(row < stride && fields.count >= count * stride, "fields of every row")
      guard let target = fields.baseAddress else { return false }
      var hasOthers = false
      for column in 0..<count {
        let ref = self.cells[cells + column]
        if ref.isAbsent { continue }
        if ref.isPlain {
          unsafe target[column * stride + row] = ref.text(at: base)
        } else {
          hasOthers = true
        }
      }
      return hasOthers
    }
  }
}
