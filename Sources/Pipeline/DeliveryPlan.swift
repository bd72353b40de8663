package import Catalog
import Reconciliation
import Records
import Standardization
import Validation
import Warehouse

/// Everything that is compiled once for a delivery: who sent what, how it is standardized and judged.
package struct DeliveryPlan: Sendable {
  package let catalog: Catalog
  package let system: SourceSystem
  package let adapter: SourceAdapter
  package let category: Category
  package let mapping: CategoryMapping
  package let configuration: RunConfiguration
  /// Keys of one system and category stand together in the warehouse.
  package let stream: UInt16

  /// - Returns: nil if the system, its adapter or the category does not exist.
  package init?(
    catalog: Catalog, system: String, category: String, configuration: RunConfiguration
  ) {
    guard let owner = catalog.system(system), let adapter = catalog.adapter(system),
      let category = catalog.category(category),
      let mapping = adapter.categories.first(where: { $0.category == category.id })
    else { return nil }
    self.catalog = catalog
    self.system = owner
    self.adapter = adapter
    self.category = category
    var gathered = mapping
    gathered.keyElements = category.entityKey
    self.mapping = gathered
    self.configuration = configuration
    stream = UInt16(owner.order & 0xFF) << 8 | UInt16(category.number & 0xFF)
  }

  /// Column of an element by name, if the category carries it.
  func column(_ identifier: String) -> Int? { category.column(of: identifier) }

  /// A standardizer for a file with this header.
  func standardizer(
    _ match: HeaderMatch, batchNumber: String, only: Set<String>? = nil
  ) -> Standardizer {
    var values: [String: String] = [:]
    for (element, value) in mapping.generated {
      values[element] = value == "delivery" ? batchNumber : value
    }
    return Standardizer(
      catalog: catalog, category: category, adapter: adapter, mapping: mapping,
      columns: match.columns, values: values, only: only)
  }

  /// Whether what a path of the documents leads to, or something inside it, is read after all: by another
  /// category that takes its records from the same files, or as one item of several.
  ///
  /// - Parameter unknown: From a record or from its unit.
  func isKnown(_ unknown: String) -> Bool {
    guard let path = FieldPath(unknown) else { return false }
    let records = recordsPath(mapping)
    let places = [records, records.unit].compactMap { path.absolute(below: $0).map(Self.names) }
    return adapter.categories.contains { other in
      guard other.files == mapping.files else { return false }
      let records = recordsPath(other)
      func holds(_ paths: [String]) -> Bool {
        paths.contains { text in
          guard let known = FieldPath(text)?.absolute(below: records).map(Self.names) else {
            return false
          }
          return places.contains { known.starts(with: $0) }
        }
      }
      let columns = other.columns.map(\.column) + other.columns.flatMap(\.also)
      return places.contains { Self.names(records.steps).starts(with: $0) } || holds(columns)
        || other.children.contains { child in
          guard let rows = child.path else { return false }
          return holds([rows.description])
            || holds(child.columns.map { "\(rows.description)/\($0.column)" })
        }
    }
  }

  /// The names on a path; whether one or all of a name are meant does not count.
  private static func names(_ steps: [FieldPath.Step]) -> [String] {
    steps.compactMap { step in
      switch step {
      // A prefix is the file's own affair.
      case .child(let name): name.split(separator: ":").last.map(String.init) ?? name
      case .attribute(let name):
        "@" + (name.split(separator: ":").last.map(String.init) ?? name)
      case .each, .item: nil
      }
    }
  }

  private func recordsPath(_ mapping: CategoryMapping) -> FieldPath {
    mapping.records ?? adapter.document.records ?? .itself
  }

  /// Elements that the survey needs: keys, time, operation, secrecy.
  var surveyElements: Set<String> {
    var names = Set(category.entityKey)
    names.formUnion([
      configuration.recordIDElement, configuration.updateTimeElement,
      configuration.operationElement, configuration.secrecyElement,
    ])
    if category.isIssuerScoped { names.insert(configuration.agencyElement) }
    return names
  }
}

/// Why a delivery waits for a person.
package struct HoldReason: Sendable, Equatable {
  package var code: IssueCode
  package var message: String
  /// Nothing of the delivery may be written anywhere (semantics.md §9).
  package var isSecret = false

  package init(_ code: IssueCode, _ message: String, isSecret: Bool = false) {
    self.code = code
    self.message = message
    self.isSecret = isSecret
  }
}
