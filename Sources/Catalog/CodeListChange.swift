/// A spelling that a person has found in the data and wants a code list to know.
package struct CodeListChange: Sendable, Hashable, Codable {
  /// A code that the list does not have yet.
  package struct NewCode: Sendable, Hashable, Codable {
    package var code: String
    package var label: String
    package var english: String

    package init(code: String, label: String, english: String) {
      self.code = code
      self.label = label
      self.english = english
    }
  }

  /// Identifier of the list, as CL42.
  package var list: String
  /// Identifier of the element whose values it was found in.
  package var element: String
  /// As sources write it.
  package var spelling: String
  /// A code of the list that the spelling means; nil where ``added`` says what it means.
  package var synonymOf: String?
  package var added: NewCode?

  package init(list: String, element: String, spelling: String, synonymOf: String) {
    self.list = list
    self.element = element
    self.spelling = spelling
    self.synonymOf = synonymOf
  }

  package init(list: String, element: String, spelling: String, added: NewCode) {
    self.list = list
    self.element = element
    self.spelling = spelling
    self.added = added
  }
}
