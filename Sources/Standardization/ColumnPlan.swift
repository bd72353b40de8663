package import Catalog
import Records

/// How one element of a category is made from the columns of an export.
struct ColumnPlan: Sendable {
  /// How the text becomes a typed value.
  enum Reader: Sendable {
    case text
    case code(LabelMatcher, isExtensible: Bool)
    case codes(LabelMatcher, isExtensible: Bool)
    case date(DateForms)
    case dateTime(DateForms)
    case number(NumberForm)
  }

  /// Spelling that a kind of text has in the warehouse.
  enum Spelling: Sendable {
    case plain
    case upperCase
    case documentNumber(DocumentNumberForm)
    case residentID
    case phone
    case organisationCode
    /// Letter of the section by two-digit division; 0 for divisions that do not exist.
    case industry([UInt8])
  }

  /// Index of the element in the category.
  var column: Int
  /// Columns of the export, in the order of the adapter; empty for a constant.
  var sources: [Int]
  var reader: Reader
  var spelling: Spelling
  var folds: Bool
  var nulls: NullSpellings
  /// Several values are taken apart and joined by `;`.
  var isMultiValued: Bool
  /// Values come from a warehouse: of a text nothing is form, and every spelling of null is a value.
  var isCanonical = false
  /// Canonical value of every record, where the source has no column.
  var constant: Constant?

  struct Constant: Sendable {
    var text: [UInt8]
    var number: Int64
  }
}

extension ColumnPlan.Spelling {
  /// The spelling that an element's identifier check implies.
  ///
  /// - Parameter industries: Sections by which a class is given the letter that it came without.
  static func of(_ element: DataElement, _ industries: [IndustrySection] = []) -> Self {
    guard case .check(let kind) = element.domain else { return .plain }
    switch kind {
    case "doc_no": return .documentNumber(.document)
    case "review_no": return .documentNumber(.review)
    case "resident_id", "resident_id_if_111": return .residentID
    case "phone", "mobile": return .phone
    case "org_code": return .organisationCode
    case "gbt4754":
      var letters = [UInt8](repeating: 0, count: 100)
      for section in industries {
        for division in section.divisions where letters.indices.contains(division) {
          letters[division] = section.letter.utf8.first ?? 0
        }
      }
      return .industry(letters)
    default: return .upperCase
    }
  }
}

extension ColumnPlan.Reader {
  /// The reader of an element's type.
  ///
  /// - Parameters:
  ///   - mappings: The adapter's columns for the element, for their units and labels.
  static func of(_ element: DataElement, _ mappings: [ColumnMapping], _ catalog: Catalog) -> Self {
    if let list = element.codeList.flatMap(catalog.codeList) {
      let matcher = LabelMatcher(list, adapterCodes: mappings.map(\.codes))
      return element.isMultiValued
        ? .codes(matcher, isExtensible: list.isExtensible)
        : .code(matcher, isExtensible: list.isExtensible)
    }
    switch (element.type, element.representation) {
    case (.date, _): return .date([.epoch, .excelSerial, .openEnd])
    case (.dateTime, _): return .dateTime([.epoch, .excelSerial])
    case (.number, .decimal(let digits, let decimals)):
      let unit = mappings.lazy.compactMap(\.unit).first
      let takesAny = unit == ColumnMapping.anyUnit
      let unitPower = takesAny ? 0 : unit.map { Self.unitPower($0, element.unit) } ?? 0
      var form = NumberForm(
        totalDigits: digits, decimals: decimals, unitPower: unitPower,
        percent: element.unit == "%" ? .asNumber : .refused, unit: element.unit ?? "")
      form.takesAnyUnit = takesAny
      form.elementPower = power(of: element.unit ?? "")
      form.isMoney = element.unit?.hasSuffix("元") ?? false
      return .number(form)
    default: return .text
    }
  }

  /// Power of ten from a column's unit to the element's.
  private static func unitPower(_ unit: String, _ own: String?) -> Int {
    power(of: unit) - power(of: own ?? "")
  }

  /// Power of ten of a unit of money or count.
  private static func power(of unit: String) -> Int {
    switch unit.prefix(1) {
    case "亿": 8
    case "万": 4
    case "千": 3
    case "百": 2
    default: 0
    }
  }
}

extension LabelMatcher {
  /// A matcher of a value domain, with the labels that one system adds to it.
  ///
  /// - Parameter adapterCodes: By column of the system that feeds the element: codes by label.
  package init(_ list: CodeList, adapterCodes: [[String: String]] = []) {
    let values = list.values.map { value in
      LabelMatcher.Value(
        code: value.code, label: value.label, synonyms: value.synonyms + [value.english])
    }
    let several = list.aliases.map { LabelMatcher.Alias(text: $0.label, codes: $0.codes) }
    let open = list.undecidable.map {
      LabelMatcher.Alias(text: $0.label, codes: [], note: $0.reason)
    }
    let own = adapterCodes.flatMap { codes in
      codes.sorted { $0.key < $1.key }.map {
        LabelMatcher.Alias(text: $0.key, codes: $0.value.split(separator: ";").map(String.init))
      }
    }
    self.init(values: values, aliases: own + several + open)
  }
}
