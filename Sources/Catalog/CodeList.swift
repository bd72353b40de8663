package import Records

/// One permissible value of a value domain.
package struct PermissibleValue: Sendable, Hashable {
  package var code: String
  package var label: String
  package var english: String
  package var synonyms: [String]
  /// First and last day on which the code may be used; an open end is nil.
  package var from: CivilDate?
  package var until: CivilDate?

  package init(
    code: String, label: String, english: String, synonyms: [String] = [],
    from: CivilDate? = nil, until: CivilDate? = nil
  ) {
    self.code = code
    self.label = label
    self.english = english
    self.synonyms = synonyms
    self.from = from
    self.until = until
  }
}

/// A value domain of enumerated values (值域).
package struct CodeList: Sendable {
  /// A label in the wild that stands for several codes.
  package struct Alias: Sendable, Hashable {
    package var label: String
    package var codes: [String]

    package init(label: String, codes: [String]) {
      self.label = label
      self.codes = codes
    }
  }

  /// A label in the wild that a person must decide.
  package struct Undecidable: Sendable, Hashable {
    package var label: String
    package var reason: String

    package init(label: String, reason: String) {
      self.label = label
      self.reason = reason
    }
  }

  package var id: String
  package var name: String
  package var english: String
  package var origin: String
  /// An unknown value is a note and goes to the new-value watch.
  package var isExtensible: Bool
  package var values: [PermissibleValue]
  package var aliases: [Alias]
  package var undecidable: [Undecidable]

  package init(
    id: String, name: String, english: String, origin: String, isExtensible: Bool = false,
    values: [PermissibleValue], aliases: [Alias] = [], undecidable: [Undecidable] = []
  ) {
    self.id = id
    self.name = name
    self.english = english
    self.origin = origin
    self.isExtensible = isExtensible
    self.values = values
    self.aliases = aliases
    self.undecidable = undecidable
  }

  /// Index of `code` among the values.
  package func index(of code: String) -> Int? { values.firstIndex { $0.code == code } }
}
