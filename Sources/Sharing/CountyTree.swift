import Catalog

/// The names of provinces, cities and counties as addresses begin with them.
///
/// Names come from the division table and not from endings such as 区, which 小区 and 开发区 have too:
/// an address that the table cannot follow shows nothing.
struct CountyTree: Sendable {
  private struct Node: Sendable {
    var next: [UInt8: Int32] = [:]
    /// Six-digit codes of the divisions whose name ends here, today's and former ones.
    var codes: [Int32] = []
  }

  private var nodes = [Node()]

  init(_ divisions: [Division]) {
    for division in divisions {
      guard let code = Int32(division.code), !division.name.isEmpty else { continue }
      var node = 0
      for byte in division.name.utf8 {
        if let next = nodes[node].next[byte] {
          node = Int(next)
        } else {
          nodes.append(Node())
          nodes[node].next[byte] = Int32(nodes.count - 1)
          node = nodes.count - 1
        }
      }
      if !nodes[node].codes.contains(code) { nodes[node].codes.append(code) }
    }
  }

  /// The bytes of `text` in `range` that name province, city and county, from its beginning.
  ///
  /// - Returns: An empty range if the address begins with no division.
  func prefix(of text: [UInt8], _ range: Range<Int>) -> Range<Int> {
    var end = range.lowerBound
    var parents: [Int32] = []
    while let step = longest(text, end..<range.upperBound, below: parents) {
      end = step.end
      parents = step.codes
      // A county has nothing below it in the table.
      if parents.allSatisfy({ $0 % 100 != 0 }) { break }
    }
    return range.lowerBound..<end
  }

  /// The longest name that begins here and lies below one of `parents`, or anywhere if there are none.
  private func longest(
    _ text: [UInt8], _ range: Range<Int>, below parents: [Int32]
  ) -> (end: Int, codes: [Int32])? {
    var node = 0
    var best: (end: Int, codes: [Int32])?
    for index in range {
      guard let next = nodes[node].next[text[index]] else { break }
      node = Int(next)
      let codes = nodes[node].codes.filter { code in
        parents.isEmpty || parents.contains { Self.contains($0, code) }
      }
      if !codes.isEmpty { best = (index + 1, codes) }
    }
    return best
  }

  private static func contains(_ parent: Int32, _ code: Int32) -> Bool {
    if parent == code { return false }
    if parent % 10_000 == 0 { return parent / 10_000 == code / 10_000 }
    return parent % 100 == 0 && parent / 100 == code / 100
  }
}
