package import Catalog

/// A table of the warehouse, described without an engine.
package struct TableModel: Sendable, Equatable {
  package enum StorageClass: String, Sendable {
    case integer = "INTEGER"
    case text = "TEXT"
    case blob = "BLOB"
  }

  package struct Column: Sendable, Equatable {
    package var name: String
    package var storage: StorageClass
    package var isRequired: Bool

    package init(_ name: String, _ storage: StorageClass, required: Bool = false) {
      self.name = name
      self.storage = storage
      isRequired = required
    }
  }

  package var name: String
  package var columns: [Column]
  /// Columns of the primary key. One integer column is the row id.
  package var primaryKey: [String]
  /// Lists of columns, each an index that is built after a first load.
  package var indexes: [[String]]

  package init(
    name: String, columns: [Column], primaryKey: [String], indexes: [[String]] = []
  ) {
    self.name = name
    self.columns = columns
    self.primaryKey = primaryKey
    self.indexes = indexes
  }
}

extension TableModel {
  /// Columns that every record table carries before the category's elements.
  ///
  /// `row_id` is `delivery << 32 | record number`: unique, ascending in the order of loading, and
  /// lineage for free. A row is visible at publication `p` if `opened_by <= p` and (`closed_by` is
  /// null or `closed_by > p`) (semantics.md §9).
  package static let recordColumns: [Column] = [
    Column("row_id", .integer, required: true),
    Column("opened_by", .integer, required: true),
    Column("closed_by", .integer),
    Column("line", .integer, required: true),
    Column("byte_offset", .integer, required: true),
    Column("changes", .text),
  ]

  /// Name of the table that holds the versions of a category's records.
  package static func recordTable(_ category: String) -> String { "\(category)_version" }

  /// Name of the table that holds the values of a many-valued element.
  package static func valueTable(_ category: String, _ element: String) -> String {
    "\(category)_\(element)"
  }

  /// The record table of a category: one column per element, in the category's order. Numbers with
  /// decimals are stored as integers × 10^decimals, so that money is exact.
  package static func records(_ category: Category) -> TableModel {
    let elements = category.elements.map { entry in
      Column(entry.element.identifier, storage(of: entry.element))
    }
    var keys = [category.entityKey]
    // An index on the business key that begins with it serves as well.
    if category.column(of: "uscc") != nil, category.entityKey.first != "uscc" {
      keys.append(["uscc"])
    }
    return TableModel(
      name: recordTable(category.id), columns: recordColumns + elements, primaryKey: ["row_id"],
      indexes: keys)
  }

  /// One table per many-valued element of a category: row, ordinal from 1, value.
  package static func values(_ category: Category) -> [TableModel] {
    category.elements.filter { $0.element.isMultiValued }.map { entry in
      TableModel(
        name: valueTable(category.id, entry.element.identifier),
        columns: [
          Column("row_id", .integer, required: true), Column("ordinal", .integer, required: true),
          Column("value", .text, required: true),
        ], primaryKey: ["row_id", "ordinal"])
    }
  }

  /// Name of a table of rows inside records.
  package static func childTable(_ category: String, _ child: String) -> String {
    "\(category)_\(child)"
  }

  /// One table per child table of a category: row of the record, ordinal from 1, one column per element.
  package static func children(_ category: Category) -> [TableModel] {
    category.children.map { child in
      TableModel(
        name: childTable(category.id, child.name),
        columns: [
          Column("row_id", .integer, required: true), Column("ordinal", .integer, required: true),
        ] + child.elements.map { Column($0.element.identifier, storage(of: $0.element)) },
        primaryKey: ["row_id", "ordinal"])
    }
  }

  /// Storage class of an element's column.
  package static func storage(of element: DataElement) -> StorageClass {
    element.type == .number ? .integer : .text
  }

  /// Returned records with their raw text.
  package static let quarantine = TableModel(
    name: "quarantined_record",
    columns: [
      Column("row_id", .integer, required: true), Column("opened_by", .integer, required: true),
      Column("closed_by", .integer), Column("status", .text, required: true),
      Column("category", .text, required: true), Column("system", .text, required: true),
      Column("record_number", .integer, required: true), Column("line", .integer, required: true),
      Column("byte_offset", .integer, required: true), Column("attempt", .integer, required: true),
      Column("record_key", .text, required: true),
      Column("source_record_id", .text), Column("entity_key", .text),
      Column("raw", .text, required: true), Column("tier", .text, required: true),
    ], primaryKey: ["row_id"],
    // What is open, and the earlier returns of a record (decision 20).
    indexes: [["closed_by"], ["record_key"]])

  /// One row per finding of a delivery's records.
  package static let findings = TableModel(
    name: "finding",
    columns: [
      Column("row_id", .integer, required: true), Column("ordinal", .integer, required: true),
      Column("opened_by", .integer, required: true), Column("code", .text, required: true),
      Column("rule", .text, required: true), Column("rule_version", .integer, required: true),
      Column("element", .text), Column("severity", .text, required: true),
      Column("value", .text), Column("expected", .text),
      Column("record_number", .integer, required: true), Column("line", .integer, required: true),
      Column("byte_offset", .integer, required: true),
    ], primaryKey: ["row_id", "ordinal"])

  /// `opened_by` of a row that waits: above every publication, so that no reader sees it.
  package static let parked: Int64 = 1 << 62

  /// Records that wait for others, with their raw text. Their rows stand in the record tables, parked.
  package static let waiting = TableModel(
    name: "waiting_record",
    columns: [
      Column("row_id", .integer, required: true), Column("opened_by", .integer, required: true),
      Column("closed_by", .integer), Column("wait_outcome", .text),
      Column("due", .text, required: true),
    ] + quarantine.columns.dropFirst(4), primaryKey: ["row_id"],
    indexes: [["due"], ["record_key"]])

  /// What waiting records wait for: fingerprints of target category and key.
  package static let wantedKeys = TableModel(
    name: "wanted_key",
    columns: [
      Column("key", .blob, required: true), Column("row_id", .integer, required: true),
    ], primaryKey: ["key", "row_id"], indexes: [["row_id"]])

  /// Findings that depend on other records or on the day; a version of each for every time it came and
  /// went.
  package static let labels = TableModel(
    name: "label",
    columns: [
      Column("row_id", .integer, required: true), Column("rule", .text, required: true),
      Column("opened_by", .integer, required: true), Column("closed_by", .integer),
      Column("ordinal", .integer, required: true), Column("code", .text, required: true),
      Column("rule_version", .integer, required: true), Column("element", .text),
      Column("severity", .text, required: true), Column("value", .text), Column("expected", .text),
      Column("record_number", .integer, required: true), Column("line", .integer, required: true),
      Column("byte_offset", .integer, required: true),
    ], primaryKey: ["row_id", "rule", "opened_by"])

  /// Days on which rows are to be looked at again.
  package static let reviews = TableModel(
    name: "review",
    columns: [
      Column("row_id", .integer, required: true), Column("opened_by", .integer, required: true),
      Column("closed_by", .integer), Column("review_day", .text, required: true),
    ], primaryKey: ["row_id", "opened_by"], indexes: [["review_day"]])

  /// Every bulk table that does not belong to one category.
  package static let shared = [quarantine, findings, waiting, wantedKeys, labels, reviews]

  // MARK: Golden records

  /// Name of the table of an entity's composed records.
  package static func composedTable(_ entity: String) -> String { "\(entity)_composed" }

  /// Columns of every table of composed records before the entity's elements. `record_key` stays the
  /// same from version to version; `content` tells one version from another.
  package static let composedColumns: [Column] = [
    Column("golden_id", .integer, required: true),
    Column("opened_by", .integer, required: true), Column("closed_by", .integer),
    Column("record_key", .blob, required: true), Column("content", .blob, required: true),
    Column("base_row", .integer, required: true), Column("member_count", .integer, required: true),
  ]

  /// Golden records that more than one record speaks of; where one speaks alone its own row is the golden
  /// record (WarehouseViews). Entities that do not carry all of their category have every key here.
  package static func composed(_ entity: GoldenEntity, _ category: Category) -> TableModel {
    TableModel(
      name: composedTable(entity.id),
      columns: composedColumns
        + entity.elements.compactMap { category.column(of: $0) }.map { column in
          let element = category.elements[column].element
          return Column(element.identifier, storage(of: element))
        },
      primaryKey: ["golden_id"], indexes: [entity.matchKey, ["record_key"]])
  }

  /// Where the values of composed records come from: one row for each rule that decided (`part` is the
  /// rule) and for each other element that is not the base record's (`part` is the element;
  /// `row_id` is null where several records' values stand together, and where a person stated the
  /// value: then `override` is the number). Values of a row inside a record have the record in
  /// `row_id`, the name of the child table in `child` and the row's number in it.
  package static let goldenParts = TableModel(
    name: "golden_part",
    columns: [
      Column("golden_id", .integer, required: true), Column("part", .text, required: true),
      Column("row_id", .integer), Column("rule_version", .integer), Column("basis", .text),
      Column("override", .integer), Column("child", .text), Column("child_ordinal", .integer),
    ], primaryKey: ["golden_id", "part"])

  /// Disagreements with owners, each a finding on the record that differs; a version of each for every
  /// time it came and went. What a row inside the record says has the row in `child` and
  /// `child_ordinal`, and an `ordinal` of its own. Columns behind `expected` are empty in rows of
  /// an earlier program, `ordinal` is 0.
  package static let conflicts = TableModel(
    name: "conflict",
    columns: [
      Column("row_id", .integer, required: true), Column("rule", .text, required: true),
      Column("element", .text, required: true), Column("opened_by", .integer, required: true),
      Column("closed_by", .integer), Column("record_key", .blob, required: true),
      Column("rule_version", .integer, required: true), Column("severity", .text, required: true),
      Column("winner_row", .integer, required: true), Column("value", .text),
      Column("expected", .text), Column("ordinal", .integer, required: true),
      Column("line", .integer), Column("byte_offset", .integer), Column("child", .text),
      Column("child_ordinal", .integer), Column("winner_child", .text),
      Column("winner_ordinal", .integer),
    ], primaryKey: ["row_id", "rule", "element", "opened_by", "ordinal"],
    indexes: [["record_key"], ["closed_by"]])

  // MARK: Subjects

  /// What registrations say, in the forms in which names are compared; a version of each statement for
  /// every time it came and went.
  package static let subjectNames = TableModel(
    name: "subject_name",
    columns: [
      Column("name_id", .integer, required: true), Column("opened_by", .integer, required: true),
      Column("closed_by", .integer), Column("subject", .text, required: true),
      Column("is_golden", .integer, required: true), Column("registration_no", .text),
      Column("name", .text, required: true),
    ] + nameForms, primaryKey: ["name_id"],
    indexes: [
      ["subject", "opened_by", "closed_by"],
      // All that a search reads, so that it reads no rows, which lie anywhere.
      ["registration_no", "closed_by", "is_golden", "subject"],
      ["normalized", "closed_by", "is_golden", "subject"],
      ["core", "closed_by", "is_golden", "subject"],
      ["head", "closed_by", "is_golden", "subject", "core"],
      ["tail", "closed_by", "is_golden", "subject", "core"],
    ])

  /// Records whose subject no code tells, with what they say of it.
  package static let subjectMentions = TableModel(
    name: "subject_mention",
    columns: [
      Column("mention_id", .integer, required: true), Column("opened_by", .integer, required: true),
      Column("closed_by", .integer), Column("row_id", .integer, required: true),
      Column("record_id", .text, required: true), Column("code", .text),
      Column("registration_no", .text), Column("name", .text),
    ] + nameForms, primaryKey: ["mention_id"],
    indexes: [
      ["row_id"], ["record_id"], ["code"], ["registration_no"], ["normalized"], ["core"], ["head"],
      ["tail"],
    ])

  /// Links and candidates of these records; `act` is the number of the person's.
  package static let subjectMatches = TableModel(
    name: "subject_match",
    columns: [
      Column("match_id", .integer, required: true), Column("opened_by", .integer, required: true),
      Column("closed_by", .integer), Column("row_id", .integer, required: true),
      Column("subject", .text, required: true), Column("is_link", .integer, required: true),
      Column("rule", .text, required: true), Column("score", .integer),
      Column("reason", .text, required: true), Column("act", .integer),
    ], primaryKey: ["match_id"], indexes: [["row_id"], ["subject"]])

  /// Every table of the matching of subjects.
  package static let subjects = [subjectNames, subjectMentions, subjectMatches]

  private static let nameForms = [
    Column("normalized", .text), Column("core", .text), Column("is_branch", .integer),
    Column("head", .text), Column("tail", .text),
  ]
}
