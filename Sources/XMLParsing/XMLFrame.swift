/// The tags around the units of a document, as they were written.
package struct XMLFrame: Sendable, Equatable {
  /// Start tags of the elements that were open around the first unit, outermost first.
  package var openTags: [String]
  /// Their end tags, in the same order.
  package var closeTags: [String]

  package init(openTags: [String] = [], closeTags: [String] = []) {
    self.openTags = openTags
    self.closeTags = closeTags
  }

  /// Opens one more element inside; `tag` from its `<` to its `>`.
  mutating func open(_ tag: String) {
    let name = tag.dropFirst().prefix { !" \t\r\n>/".contains($0) && $0 != "\r\n" }
    openTags.append(tag)
    closeTags.append("</\(name)>")
  }

  mutating func close() {
    openTags.removeLast()
    closeTags.removeLast()
  }
}
