package import Records

/// One of the systems that deliver (数据来源).
package struct SourceSystem: Sendable {
  package var id: String
  /// Rank in total orders; lower wins.
  package var order: Int
  package var enforcementField: String
  package var name: String
  package var english: String
  package var origin: String

  package init(
    id: String, order: Int, enforcementField: String, name: String, english: String,
    origin: String
  ) {
    self.id = id
    self.order = order
    self.enforcementField = enforcementField
    self.name = name
    self.english = english
    self.origin = origin
  }
}

/// What to do when a delivery's columns are not those of the adapter.
package enum DriftPolicy: String, Sendable, CaseIterable {
  /// The delivery waits for a person.
  case freeze
  /// Accepted, with a note on the delivery.
  case evolve
  /// Every record goes back.
  case returnRow = "return-row"
  /// The column is ignored, with a note on the delivery.
  case dropValue = "drop-value"
}

/// How one system writes its exports.
package struct SourceAdapter: Sendable {
  package enum Format: String, Sendable, CaseIterable { case csv, json, ndjson, xml }
  package enum ReadySign: String, Sendable, CaseIterable { case manifest, ok, stable }

  package var system: String
  package var version: Int
  package var format: Format
  /// Settles a tie only.
  package var encoding: String
  package var returnContact: String
  package var readySigns: [ReadySign]
  package var stableSeconds: Int
  package var cadence: String
  package var cutOff: String
  package var delimiter: UInt8
  package var headerRows: Int
  package var footers: [String]
  /// Of JSON and XML.
  package var document = DocumentForm()
  package var newColumn: DriftPolicy
  package var missingColumn: DriftPolicy
  package var unreadableColumn: DriftPolicy
  /// Largest share of returned records before the delivery is held, 0…1.
  package var maximumReturnedShare: Double
  /// Judged records below which the share of returned ones says nothing.
  package var minimumJudged = 20
  /// Share of wrongly decoded characters from which on the delivery is held, 0…1.
  package var mojibakeLimit = 0.05
  /// Wrongly decoded characters below which their share says nothing.
  package var minimumMojibake = 200
  package var nullSpellings: String
  package var categories: [CategoryMapping]
  package var origin: String
  /// Zone of times without one.
  package var timeZone = "Asia/Shanghai"
  /// Hash of what the adapter's file says, as hexadecimal digits; comments do not count.
  package var contentHash = ""

  package init(
    system: String, version: Int, format: Format, encoding: String, returnContact: String = "",
    readySigns: [ReadySign] = [.stable], stableSeconds: Int = 60, cadence: String = "nightly",
    cutOff: String = "06:00", delimiter: UInt8 = 44, headerRows: Int = 1, footers: [String] = [],
    newColumn: DriftPolicy = .evolve, missingColumn: DriftPolicy = .freeze,
    unreadableColumn: DriftPolicy = .returnRow, maximumReturnedShare: Double = 0.3,
    nullSpellings: String = "default", categories: [CategoryMapping] = [], origin: String
  ) {
    self.system = system
    self.version = version
    self.format = format
    self.encoding = encoding
    self.returnContact = returnContact
    self.readySigns = readySigns
    self.stableSeconds = stableSeconds
    self.cadence = cadence
    self.cutOff = cutOff
    self.delimiter = delimiter
    self.headerRows = headerRows
    self.footers = footers
    self.newColumn = newColumn
    self.missingColumn = missingColumn
    self.unreadableColumn = unreadableColumn
    self.maximumReturnedShare = maximumReturnedShare
    self.nullSpellings = nullSpellings
    self.categories = categories
    self.origin = origin
  }
}

extension SourceAdapter.Format {
  /// Documents in which records lie inside each other, and not lines of fields.
  package var isTree: Bool { self != .csv }
}

/// How the documents of a system are built.
package struct DocumentForm: Sendable {
  /// From the root of a document to the records of categories that do not say otherwise.
  package var records: FieldPath?
  /// From the root to the number of units that the document says it has.
  package var total: FieldPath?
  /// XML namespace by the prefix that the adapter's paths use.
  package var namespaces: [String: String] = [:]

  package init() {}
}

/// How one system delivers one category.
package struct CategoryMapping: Sendable {
  package enum Delivery: String, Sendable, CaseIterable { case incremental, full }

  package var category: String
  /// Glob patterns over the file name.
  package var files: [String]
  package var delivery: Delivery
  /// Pattern of names that are full deliveries although ``delivery`` says incremental.
  package var fullIf: String?
  package var columns: [ColumnMapping]
  /// Canonical value by element, where the source has none.
  package var constants: [String: String]
  /// Element whose value is made from the delivery: `delivery` is its batch number.
  package var generated: [String: String]
  /// From the root of a document to the records; nil for those of ``DocumentForm/records``.
  package var records: FieldPath?
  package var children: [ChildMapping] = []
  /// Name of the child table of which every line of a flat file is one row: adjacent lines of one
  /// record are gathered (semantics.md §5).
  package var rowsPer: String?
  /// Identifiers of the elements by which such lines are told to belong together: the category's key.
  package var keyElements: [String] = []

  package init(
    category: String, files: [String], delivery: Delivery = .incremental, fullIf: String? = nil,
    columns: [ColumnMapping], constants: [String: String] = [:], generated: [String: String] = [:]
  ) {
    self.category = category
    self.files = files
    self.delivery = delivery
    self.fullIf = fullIf
    self.columns = columns
    self.constants = constants
    self.generated = generated
  }
}

/// How rows inside a record are delivered.
package struct ChildMapping: Sendable {
  /// Of the category's child table.
  package var name: String
  /// From the record to its rows; nil where every line of the file is a row.
  package var path: FieldPath?
  package var columns: [ColumnMapping]

  package init(name: String, path: FieldPath?, columns: [ColumnMapping]) {
    self.name = name
    self.path = path
    self.columns = columns
  }
}

/// One column of an export and what becomes of it.
package struct ColumnMapping: Sendable {
  /// Header as the system writes it now.
  package var column: String
  /// Headers it has used before.
  package var also: [String]
  /// Identifier of the element; nil for a column that is known and not used.
  package var element: String?
  /// Unit of the numbers where it is not the element's own, e.g. `万元`; ``anyUnit``.
  package var unit: String?
  /// Characters that separate several values.
  package var separators: String?
  /// The column may be missing without drift.
  package var isOptional: Bool
  /// Labels of this system that the code list does not know: label to code.
  package var codes: [String: String]
  package var line: Int

  /// Each number has its own unit behind it, which another column says again.
  package static let anyUnit = "any"

  package init(
    column: String, also: [String] = [], element: String?, unit: String? = nil,
    separators: String? = nil, isOptional: Bool = false, codes: [String: String] = [:],
    line: Int = 0
  ) {
    self.column = column
    self.also = also
    self.element = element
    self.unit = unit
    self.separators = separators
    self.isOptional = isOptional
    self.codes = codes
    self.line = line
  }
}
