import Catalog

/// What one system delivers of one category, and how.
struct Channel: Sendable {
  let bureau: Bureau
  let kind: Kind
  let mapping: CategoryMapping
  let category: Category
  /// The category whose records lie in those of this one.
  var follower: Kind?
  /// The category in whose records those of this one lie.
  var leader: Kind?
  let fields: DeliveredFields
  /// By group.
  var faults: [[Fault]] = []
  var kit: FaultKit

  init(
    _ bureau: Bureau, _ kind: Kind, _ mapping: CategoryMapping, _ category: Category,
    _ catalog: Catalog, start: Int
  ) {
    self.bureau = bureau
    self.kind = kind
    self.mapping = mapping
    self.category = category
    fields = DeliveredFields(mapping, catalog)
    kit = FaultKit(bureau, kind, mapping, catalog, start: start)
  }

  /// Identifiers of the elements that every record has.
  var required: Set<String> {
    Set(
      category.elements.filter { entry in
        if case .required = entry.obligation { true } else { entry.isKey }
      }.map(\.element.identifier))
  }

  /// Whether a turn brings the whole stock.
  func isFull(_ turn: Int, _ plan: NightPlan) -> Bool {
    (mapping.delivery == .full || mapping.fullIf != nil) && plan.isFull(bureau, kind, turn: turn)
  }

  /// Whether the records hold rows of a child table.
  func hasRows(_ table: String) -> Bool { mapping.children.contains { $0.name == table } }

  /// Whether records may be deleted by saying so.
  var hasDeletions: Bool {
    kind.mayBeDeleted && fields.isDelivered(.operationTypeCode) && leader == nil
  }

  /// Whether a full delivery may leave records out.
  var hasRemovals: Bool { kind.mayBeDeleted || kind == .crd }
}

/// Which elements a system delivers of a category, and what is known of the others.
struct DeliveredFields: Sendable {
  private let isDelivered: [Bool]
  private let constants: [(field: Field, value: Value)]

  init(_ mapping: CategoryMapping, _ catalog: Catalog) {
    var isDelivered = [Bool](repeating: false, count: Field.allCases.count)
    for column in mapping.columns {
      if let field = column.element.flatMap({ Field(identifier: $0) }) {
        isDelivered[field.rawValue] = true
      }
    }
    self.isDelivered = isDelivered
    let known = mapping.constants.merging(mapping.generated) { own, _ in own }
    constants = known.sorted { $0.key < $1.key }.compactMap { name, text in
      guard let field = Field(identifier: name), field != .batchNo else { return nil }
      return (field, catalog.element(name)?.codeList == nil ? .text(text) : .code(text))
    }
  }

  func isDelivered(_ field: Field) -> Bool { isDelivered[field.rawValue] }

  /// Leaves what the receiver will know.
  func restrict(_ draft: inout Draft) {
    draft.keep(isDelivered)
    for constant in constants { draft[constant.field] = constant.value }
  }
}
