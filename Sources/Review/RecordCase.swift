package import Access
package import Catalog
package import Pipeline
package import Sharing
package import Warehouse
package import WarehouseSQLite

/// Everything about one record that a person needs to decide what is wrong with it, as far as that person
/// may see it: no value that is masked or withheld is in it in any form.
package struct RecordCase: Sendable {
  /// A value as the person may see it.
  package enum Value: Sendable, Hashable {
    /// The record says nothing.
    case empty
    case shown(String)
    /// In its masked form.
    case masked(String)
    case withheld

    /// What is printed; nil where there is nothing to print.
    package var text: String? {
      switch self {
      case .shown(let text), .masked(let text): text
      case .empty, .withheld: nil
      }
    }
  }

  /// One field as it was received, beside what it became.
  package struct Field: Sendable {
    /// Header or path of the file.
    package var name: String
    /// nil for what no element takes.
    package var element: DataElement?
    package var received: Value
    package var standardized: Value
    /// Indexes of ``RecordCase/reasons`` about it.
    package var reasons: [Int]
    /// The person sees the value as it is, and would see another one.
    package var isEditable = false
  }

  /// Rows inside the record, of one table: the parties of a case.
  package struct Rows: Sendable {
    package var table: ChildTable
    /// Those of which some row says something, in the order of the table.
    package var elements: [DataElement]
    /// By row, then element.
    package var values: [[Value]]
    /// By row: what may be changed.
    package var fields: [[RowField]]
    /// By element: indexes of ``RecordCase/reasons`` about it.
    package var reasons: [[Int]]
  }

  /// One field of a row as it was received.
  package struct RowField: Sendable {
    package var element: DataElement
    /// Shown as it is: the person sees the value, and would see another one.
    package var text: String
  }

  /// A finding in words.
  package struct Reason: Sendable {
    package var finding: StoredFinding
    package var chinese: String
    package var english: String
    /// What the source can do about it.
    package var fixChinese: String
    package var fixEnglish: String
    /// nil for the check of a single element.
    package var rule: RuleWords?
    package var element: DataElement?
    package var issue: IssueType?
  }

  /// A rule for people.
  package struct RuleWords: Sendable {
    package var id: String
    package var name: String
    package var english: String
    /// What must hold, as it stands in the definitions; empty for rules that name owners.
    package var condition: String
    package var origin: String
  }

  /// A piece of the record's own text.
  package struct RawPiece: Sendable, Hashable {
    package var text: String
    /// It is what a reason is about, or could not be decoded.
    package var isMarked: Bool
  }

  package enum Raw: Sendable {
    case shown([RawPiece])
    /// It holds values that the person may not see; the fields say what may be seen.
    case withheld
    /// The file is not in the archive any more and the text was not kept.
    case gone
  }

  /// Whether it waits for somebody or did; else it is a version that was accepted.
  package var isInQuarantine: Bool { status == "returned" || status == "pending" }
  /// Whether people may do something about it: what is accepted is nobody's work.
  package var takesActs: Bool { isInQuarantine || status == "withheld" }

  /// What all systems say of a thing that the record speaks of.
  package struct Neighbours: Sendable {
    package struct Speaker: Sendable {
      package var row: Int64
      package var system: String
      package var fileName: String
      package var recordNumber: Int
      package var line: Int
      package var night: String
    }

    package struct Line: Sendable {
      package var element: DataElement
      package var golden: Value
      /// Index of the speaker whose value it is.
      package var winner: Int?
      /// The rule that names the owner; empty where the total order decided.
      package var rule: String
      /// By speaker.
      package var values: [Value]
      /// Speakers disagree.
      package var isDisputed: Bool
      /// Part of the key: another value is another thing.
      package var isKey: Bool
    }

    /// What somebody states of it, before all systems.
    package struct Override: Sendable {
      package var id: Int64
      package var author: String
      package var reason: String
      package var until: String
      package var values: [(element: DataElement, value: Value)]
      /// It waits for the next night, to begin or to end.
      package var isWaiting: Bool
      package var isRetired: Bool
    }

    package var entity: GoldenEntity
    /// For looking things up, never for showing.
    package var key: [String]
    package var speakers: [Speaker]
    package var lines: [Line]
    package var overrides: [Override]
  }

  /// An earlier or the present return or wait.
  package struct Attempt: Sendable {
    package var row: Int64
    package var number: Int
    package var status: String
    package var night: String
    package var closedNight: String?
    package var codes: [String]
  }

  package var row: Int64
  package var status: String
  package var system: SourceSystem
  package var category: Category
  package var delivery: DeliveryEntry
  package var recordNumber: Int
  package var line: Int
  package var byteOffset: Int
  package var attempt: Int
  package var night: String
  /// nil while it is open.
  package var closedNight: String?
  package var due: String?
  package var reasons: [Reason]
  /// Empty where the record could not be taken apart or the file is gone.
  package var fields: [Field]
  package var rows: [Rows]
  package var raw: Raw
  /// Nothing of its values may be seen; the rule that says so.
  package var denial: SharingReason?
  package var neighbours: [Neighbours]
  package var attempts: [Attempt]
  package var versions: [AcceptedVersion]
  /// For the access log.
  package var subject: SubjectKey?
  /// Identifiers of the elements of which some value is shown, sorted.
  package var shownElements: [String]
}

extension RecordCase {
  /// The rows that a change is about; nil where it is about the record itself or there are none.
  package func rows(of change: FieldChange) -> Rows? {
    change.row.flatMap { place in rows.first { $0.table.name == place.table } }
  }

  /// What a row said of an element; nil where the person may not change it.
  package func text(of element: String, in row: FieldChange.Row) -> String? {
    guard let rows = rows.first(where: { $0.table.name == row.table }),
      rows.fields.indices.contains(row.number - 1)
    else { return nil }
    return rows.fields[row.number - 1].first { $0.element.identifier == element }?.text
  }

  /// Whether the person may say what stands in the place of a change.
  package func mayChange(_ change: FieldChange) -> Bool {
    guard let place = change.row else {
      return fields.contains { $0.isEditable && $0.element?.identifier == change.element }
    }
    guard let rows = rows(of: change), rows.fields.indices.contains(place.number - 1) else {
      return false
    }
    return rows.fields[place.number - 1].contains { $0.element.identifier == change.element }
  }
}
