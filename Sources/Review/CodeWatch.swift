package import Catalog
import Records
import Standardization
import Warehouse
package import WarehouseSQLite

/// A value that no code list knows, for somebody to say what it means (C3).
package struct UnknownCode: Sendable {
  package var found: UnknownValue
  package var element: DataElement
  package var list: CodeList
}

/// The watch for new values: what lists did not know when it came and still do not know.
package enum CodeWatch {
  /// Nights that are looked back on, our choice: as many as the report's trends.
  private static let nights = 30

  /// What came lately; the same for everybody, as of the publication that readers see.
  package static func values(_ reader: WarehouseReader) throws -> [UnknownValue] {
    guard
      let last = try reader.publications(upTo: "9999-12-31", publication: nil, limit: 1).first,
      let day = CivilDate(last.night)?.dayNumber
    else { return [] }
    return try reader.unknownValues(
      LedgerSpan(
        first: CivilDate(dayNumber: day - nights + 1).description, last: last.night,
        publication: last.publication))
  }

  /// Those of them that somebody may see and that the definitions do not know by now.
  package static func unknown(
    _ values: [UnknownValue], _ catalog: Catalog, for account: Account
  ) -> [UnknownCode] {
    var matchers: [String: LabelMatcher] = [:]
    return values.compactMap { value in
      guard account.sees(value.system), let element = catalog.element(value.element),
        element.tier <= account.clearance, let id = element.codeList,
        let list = catalog.codeList(id)
      else { return nil }
      let matcher = matchers[id] ?? LabelMatcher(list)
      matchers[id] = matcher
      guard !matcher.knows(value.value, isMany: element.isMultiValued) else { return nil }
      return UnknownCode(found: value, element: element, list: list)
    }
  }
}
