/// How a data element's values are classed in the catalog.
package enum ElementType: String, Sendable, CaseIterable {
  case text
  case number
  case date
  case dateTime = "date-time"
  case flag
}

/// The lowest tier at which a value may leave the warehouse. Ordered from open to closed.
package enum SharingTier: String, Sendable, CaseIterable, Comparable {
  case `public`
  case shared
  case restricted

  package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .public: 0
    case .shared: 1
    case .restricted: 2
    }
  }
}

/// A field whose data must be entirely correct (2026年行政执法智慧监管工作计划, 一、2).
package enum CoreDomain: String, Sendable, CaseIterable, Hashable {
  case foodSafety = "food-safety"
  case workSafety = "work-safety"
}

/// The form of a value in the notation of GB/T 18142: characters, length, decimals.
package enum Representation: Hashable, Sendable {
  package enum Characters: String, Sendable {
    case letters = "a"
    case digits = "n"
    case alphanumeric = "an"
    case any = "c"
  }

  /// Length in characters.
  case text(Characters, length: ClosedRange<Int>)
  /// At most `digits` digits, of which `decimals` stand behind the point.
  case decimal(digits: Int, decimals: Int)
  case date
  case dateTime

  /// Reads `an18`, `c..200`, `n..16,2`, `YYYYMMDD`.
  ///
  /// - Parameter numeric: The element is a number; `n..7` is then a count and not a text of digits.
  package init?(_ notation: String, numeric: Bool) {
    switch notation {
    case "YYYYMMDD": self = .date
    case "YYYYMMDDThhmmss": self = .dateTime
    default:
      let prefix = notation.prefix { $0.isLetter }
      guard let characters = Characters(rawValue: String(prefix)) else { return nil }
      var rest = notation.dropFirst(prefix.count)
      let upTo = rest.hasPrefix("..")
      if upTo { rest = rest.dropFirst(2) }
      let parts = rest.split(separator: ",", omittingEmptySubsequences: false)
      guard let size = parts.first.flatMap({ Int($0) }), size > 0, parts.count <= 2 else {
        return nil
      }
      if numeric {
        guard let decimals = parts.count == 2 ? Int(parts[1]) : 0, size <= 18,
          (0...size).contains(decimals)
        else { return nil }
        self = .decimal(digits: size, decimals: decimals)
      } else {
        guard parts.count == 1 else { return nil }
        self = .text(characters, length: upTo ? 0...size : size...size)
      }
    }
  }

  /// Digits behind the decimal point; 0 for anything that is not a decimal.
  package var decimals: Int {
    if case .decimal(_, let decimals) = self { return decimals }
    return 0
  }
}

/// A bound of a numeric range: a number, or another element of the record.
package enum RangeBound: Hashable, Sendable {
  /// The number as written and whether it belongs to the range.
  case number(String, inclusive: Bool)
  case element(String, inclusive: Bool)
}

/// The set of values that a data element may take.
package enum ValueDomain: Sendable {
  /// Identifier of a ``CodeList``.
  case codeList(String)
  /// A named identifier check, e.g. `uscc`.
  case check(String)
  case pattern(String)
  case range(lower: RangeBound?, upper: RangeBound?)
  /// An expression in which `value` is the element itself.
  case holds(Expression)
  case anyDate
  case freeText
}

/// Whether full-width letters and digits are folded before anything else is looked at.
package enum WidthPolicy: String, Sendable, CaseIterable {
  case fold
  case keep
}

/// An entry of the data-element catalog (数据元, ISO/IEC 11179).
package struct DataElement: Sendable {
  /// Stable number, e.g. `ZF12007`.
  package var id: String
  /// English identifier; column name in the warehouse.
  package var identifier: String
  package var name: String
  package var english: String
  package var definition: String
  package var group: String
  package var type: ElementType
  package var notation: String
  package var representation: Representation
  package var domain: ValueDomain
  package var core: Set<CoreDomain>
  package var tier: SharingTier
  package var isMultiValued: Bool
  package var unit: String?
  /// A failed check is a note and never returns the record.
  package var isAdvisory: Bool
  package var width: WidthPolicy
  /// Name of the list of null spellings.
  package var nullSpellings: String
  package var origin: String

  package init(
    id: String, identifier: String, name: String, english: String, definition: String,
    group: String, type: ElementType, notation: String, representation: Representation,
    domain: ValueDomain, core: Set<CoreDomain> = [], tier: SharingTier = .restricted,
    isMultiValued: Bool = false, unit: String? = nil, isAdvisory: Bool = false,
    width: WidthPolicy = .fold, nullSpellings: String = "default", origin: String
  ) {
    self.id = id
    self.identifier = identifier
    self.name = name
    self.english = english
    self.definition = definition
    self.group = group
    self.type = type
    self.notation = notation
    self.representation = representation
    self.domain = domain
    self.core = core
    self.tier = tier
    self.isMultiValued = isMultiValued
    self.unit = unit
    self.isAdvisory = isAdvisory
    self.width = width
    self.nullSpellings = nullSpellings
    self.origin = origin
  }

  /// Whether the text is a name, in which a question mark is damage and never data.
  package var isName = false

  /// Whether the text is an identifier, in which a question mark and scientific notation are damage.
  package var hasIdentifierForm: Bool {
    switch domain {
    case .check, .pattern: true
    default: false
    }
  }

  /// Identifier of the element's code list, if its domain is one.
  package var codeList: String? {
    if case .codeList(let id) = domain { return id }
    return nil
  }
}
