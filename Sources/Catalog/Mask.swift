/// A way to show part of a value.
package struct Mask: Sendable {
  package enum Kind: Sendable, Hashable {
    /// The surname, then two stars: 张**.
    case name
    /// The first and last characters, a star for each one between them: 110***********1234. A value
    /// that would hide fewer than `hidden` characters becomes stars altogether.
    case ends(first: Int, last: Int, hidden: Int)
    /// An address down to the county.
    case county
    /// The year of a date.
    case year
    /// A hash under a secret: equal values stay equal, and nobody else can make it.
    case hash
    /// Nothing.
    case blank
  }

  /// How the kinds are written.
  package enum Word: String, Sendable, CaseIterable {
    case name, ends, county, year, hash, blank
  }

  package var id: String
  package var name: String
  package var english: String
  package var kind: Kind
  package var origin: String

  package init(id: String, name: String, english: String, kind: Kind, origin: String) {
    self.id = id
    self.name = name
    self.english = english
    self.kind = kind
    self.origin = origin
  }

  /// Whether the mask can be put on values of an element.
  package func suits(_ element: DataElement) -> Bool {
    switch kind {
    case .blank: true
    case .year: element.type == .date || element.type == .dateTime
    case .name, .ends, .county, .hash: element.type == .text && element.codeList == nil
    }
  }
}

/// Which elements take a mask.
package struct MaskAssignment: Sendable {
  package var mask: String
  package var elements: [String]
  /// Kinds of identifier checks whose elements are meant.
  package var checks: [String]
  package var types: [ElementType]
  /// The lowest tier at which the masked value may leave, although the value itself may not; nil if
  /// it leaves no more than the value does.
  package var release: SharingTier?
  package var origin: String

  package init(
    mask: String, elements: [String] = [], checks: [String] = [], types: [ElementType] = [],
    release: SharingTier? = nil, origin: String
  ) {
    self.mask = mask
    self.elements = elements
    self.checks = checks
    self.types = types
    self.release = release
    self.origin = origin
  }
}

/// What is masked inside free text before it leaves (semantics.md §4).
package struct FreeTextPolicy: Sendable {
  package var elements: [String] = []
  /// Elements whose values are looked for in the free text of the same record and its child rows.
  package var names: [String] = []
  package var nameMask = ""
  /// Characters that may stand between the digits of one number.
  package var separators = ""
  /// In the order in which they are tried.
  package var numbers: [NumberForm] = []

  package init() {}
}

/// A kind of number in free text, told by its digits.
package struct NumberForm: Sendable {
  package var id: String
  package var name: String
  package var english: String
  /// Number of digits.
  package var digits: ClosedRange<Int>
  /// First digits, of which one must be there; empty for any.
  package var begins: [String]
  /// Words of which one must stand shortly before the number; empty for none.
  package var after: [String]
  /// An X may stand in the place of the last digit.
  package var mayEndInX: Bool
  package var mask: String
  package var origin: String

  package init(
    id: String, name: String, english: String, digits: ClosedRange<Int>, begins: [String] = [],
    after: [String] = [], mayEndInX: Bool = false, mask: String, origin: String
  ) {
    self.id = id
    self.name = name
    self.english = english
    self.digits = digits
    self.begins = begins
    self.after = after
    self.mayEndInX = mayEndInX
    self.mask = mask
    self.origin = origin
  }
}
