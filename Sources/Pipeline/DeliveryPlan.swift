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
    self.mapping = mapping
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
