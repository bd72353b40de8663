/// The name among `candidates` that `name` was probably meant to be.
///
/// - Returns: The nearest candidate within a third of the length (at least 2) edits; nil if none.
package func suggestion(for name: String, among candidates: some Sequence<String>) -> String? {
  let limit = max(2, name.count / 3)
  var best: (name: String, distance: Int)?
  for candidate in candidates.sorted() {
    let distance = editDistance(Array(name.lowercased()), Array(candidate.lowercased()))
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}

/// Levenshtein distance.
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
  var row = Array(0...right.count)
  for (i, character) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in right.enumerated() {
      let substitution = diagonal + (character == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substitution, min(row[j], row[j + 1]) + 1)
    }
  }
  return row[right.count]
}
