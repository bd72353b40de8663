/// What a category demands of one of its elements.
package enum Obligation: Sendable {
  case required
  /// Required where the condition is true; allowed everywhere.
  case conditional(Expression)
  case optional
}

/// One element in its place in a category. Its column is its index in ``Category/elements``.
package struct CategoryElement: Sendable {
  package var element: DataElement
  package var obligation: Obligation
  package var isKey: Bool

  package init(element: DataElement, obligation: Obligation, isKey: Bool) {
    self.element = element
    self.obligation = obligation
    self.isKey = isKey
  }
}

/// A value that some records deliver in the place of another element (semantics.md §4: the name of a
/// natural person stands under the subject's name).
package struct ElementMove: Sendable, Hashable {
  package var from: String
  package var to: String
  /// The move applies where this element has one of these codes.
  package var element: String
  package var codes: [String]
  package var origin: String

  package init(from: String, to: String, element: String, codes: [String], origin: String) {
    self.from = from
    self.to = to
    self.element = element
    self.codes = codes
    self.origin = origin
  }
}

/// A business-data category: one kind of record that systems deliver (业务数据类别).
package struct Category: Sendable {
  /// Short code, e.g. `PEN`; table name in the warehouse.
  package var id: String
  package var number: Int
  package var name: String
  package var english: String
  /// Code of the data group.
  package var group: String
  package var elements: [CategoryElement]
  /// Identifiers of the elements that make the business key, in order.
  package var entityKey: [String]
  /// The key is unique only inside the agency, or lacking it the system, that issued it
  /// (semantics.md §6).
  package var isIssuerScoped: Bool
  /// Identifier of the element that dates the record.
  package var eventTime: String
  package var deliveredBy: [String]
  package var moves: [ElementMove] = []
  /// Rows that a record may have inside, in tables of their own.
  package var children: [ChildTable] = []
  package var origin: String

  package init(
    id: String, number: Int, name: String, english: String, group: String,
    elements: [CategoryElement], entityKey: [String], isIssuerScoped: Bool, eventTime: String,
    deliveredBy: [String], origin: String
  ) {
    self.id = id
    self.number = number
    self.name = name
    self.english = english
    self.group = group
    self.elements = elements
    self.entityKey = entityKey
    self.isIssuerScoped = isIssuerScoped
    self.eventTime = eventTime
    self.deliveredBy = deliveredBy
    self.origin = origin
  }

  /// Column of the element with `identifier`.
  package func column(of identifier: String) -> Int? {
    elements.firstIndex { $0.element.identifier == identifier }
  }

  /// The rows of a child table as a category without key, for whoever standardizes and checks them.
  package func asCategory(_ child: ChildTable) -> Category {
    var category = self
    category.id = "\(id)_\(child.name)"
    category.name = child.title
    category.english = child.english
    category.elements = child.elements
    category.entityKey = []
    category.isIssuerScoped = false
    category.moves = moves.filter { move in
      [move.from, move.to, move.element].allSatisfy { name in
        child.elements.contains { $0.element.identifier == name }
      }
    }
    category.children = []
    category.origin = child.origin
    return category
  }
}

/// Rows inside the records of a category, e.g. the parties of a case (semantics.md §5). Their elements
/// are elements of the category, whose own values are those of the first or only row.
package struct ChildTable: Sendable {
  /// Word in names of tables, e.g. `parties`.
  package var name: String
  package var title: String
  package var english: String
  package var elements: [CategoryElement]
  package var origin: String

  package init(
    name: String, title: String, english: String, elements: [CategoryElement], origin: String
  ) {
    self.name = name
    self.title = title
    self.english = english
    self.elements = elements
    self.origin = origin
  }
}

/// One of the groups that categories belong to.
package struct CategoryGroup: Sendable {
  package var id: String
  package var name: String
  package var english: String
  package var origin: String

  package init(id: String, name: String, english: String, origin: String) {
    self.id = id
    self.name = name
    self.english = english
    self.origin = origin
  }
}
