package import Access
package import Catalog
package import Records

/// Makes the keys under which the access log and objections know the records of a category.
package struct RecordKeys: Sendable {
  package let category: Category
  private let issuer: Int?
  /// Stands in where a record names no issuer (semantics.md §6).
  private let system: Int?
  private let isScoped: Bool
  private let columns: [Int]

  /// - Parameters:
  ///   - agency: The element that names the issuer, of `nightly.yaml`; nil if there is none.
  ///   - system: The element that names the source system.
  package init(_ category: Category, agency: String?, system: String?) {
    self.category = category
    columns = category.entityKey.compactMap { category.column(of: $0) }
    let names = SubjectKey.elements(of: category, agency: agency, system: system)
    isScoped = names.count > category.entityKey.count
    issuer = isScoped ? names.first.flatMap { category.column(of: $0) } : nil
    self.system = system.flatMap { category.column(of: $0) }
  }

  /// The key of a record; an empty text for each part that it lacks.
  package func key(_ chunk: ElementChunk, _ row: Int) -> SubjectKey {
    func text(_ column: Int) -> String {
      let texts = chunk.columns[column]
      return texts.states[row] == .null ? "" : chunk.text.string(texts.texts[row])
    }
    var parts = columns.map(text)
    if isScoped {
      var first = issuer.map(text) ?? ""
      if first.isEmpty { first = system.map(text) ?? "" }
      parts.insert(first, at: 0)
    }
    return SubjectKey(category: category.id, parts: parts)
  }

  /// Values by which rows with a key are found; the issuer is compared afterwards.
  package func values(of key: SubjectKey) -> [String: String] {
    let parts = isScoped ? key.parts.dropFirst() : key.parts[...]
    return Dictionary(
      zip(category.entityKey, parts), uniquingKeysWith: { first, _ in first })
  }
}
