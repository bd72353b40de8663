import Catalog
import Pipeline
import Records
import Testing

@testable import SourceFiles

/// Values of records are changed in their place, and nothing else.
@Suite("Record editors")
struct RecordEditorTests {
  private static let mapping = CategoryMapping(
    category: "CAS", files: [],
    columns: [
      ColumnMapping(column: "no", element: "case_no"),
      ColumnMapping(column: "head/date", element: "case_date"),
      ColumnMapping(column: "@state", element: "case_state"),
      ColumnMapping(column: "../org", element: "agency"),
      ColumnMapping(column: "tags[]", element: "tags"),
    ])

  private static func adapter(_ format: SourceAdapter.Format) -> SourceAdapter {
    SourceAdapter(
      system: "SAM", version: 1, format: format, encoding: "utf-8", categories: [mapping],
      origin: "test")
  }

  @Test(arguments: [
    (#"{"no": "1","x":[{"no":2}]}"#, "case_no", "a\"b", #"{"no": "a\"b","x":[{"no":2}]}"#),
    (#"{"no":12 ,"x":1}"#, "case_no", "13", #"{"no":13,"x":1}"#),
    (#"{"no":12}"#, "case_no", "十三", #"{"no":"十三"}"#),
    (#"{"x":1}"#, "case_no", "7", #"{"no":"7","x":1}"#),
    (
      #"{"head":{"d":1,"date":"x"}}"#, "case_date", "2026-03-01",
      #"{"head":{"d":1,"date":"2026-03-01"}}"#
    ),
    (#"{}"#, "case_date", "2026", #"{"head":{"date":"2026"}}"#),
  ])
  func `members of an object`(raw: String, element: String, text: String, expected: String) {
    let editor = JSONRecordEditor(RecordPlaces(Self.adapter(.json), Self.mapping))
    #expect(editor.edited(raw, [FieldChange(element: element, text: text)]) == expected)
  }

  @Test(arguments: [
    ("<R><no>1</no><y/></R>", "case_no", "a<b&c", "<R><no>a&lt;b&amp;c</no><y/></R>"),
    ("<R><x><no>0</no></x><no>1</no></R>", "case_no", "2", "<R><x><no>0</no></x><no>2</no></R>"),
    (
      "<R><!-- <no>9</no> --><n:no>1</n:no></R>", "case_no", "2",
      "<R><!-- <no>9</no> --><n:no>2</n:no></R>"
    ),
    ("<R><no><![CDATA[a</no>]]></no></R>", "case_no", "2", "<R><no>2</no></R>"),
    ("<R><no/></R>", "case_no", "2", "<R><no>2</no></R>"),
    ("<R/>", "case_no", "2", "<R><no>2</no></R>"),
    (
      "<R a='>'><head><date>1</date></head></R>", "case_date", "2",
      "<R a='>'><head><date>2</date></head></R>"
    ),
    ("<R></R>", "case_date", "2", "<R><head><date>2</date></head></R>"),
    ("<R state='1'><no>1</no></R>", "case_state", "2\"", "<R state=\"2&quot;\"><no>1</no></R>"),
    ("<R><no>1</no></R>", "case_state", "2", "<R state=\"2\"><no>1</no></R>"),
    // What has a value is not nil.
    (
      "<R xmlns:xsi='x'><no a='1' xsi:nil='true' b=\" x:nil='1'\"/></R>", "case_no", "2",
      "<R xmlns:xsi='x'><no a='1' b=\" x:nil='1'\">2</no></R>"
    ),
    (
      "<R><head xsi:nil=\"true\" /></R>", "case_date", "2", "<R><head ><date>2</date></head></R>"
    ),
  ])
  func `elements and attributes`(raw: String, element: String, text: String, expected: String) {
    let editor = XMLRecordEditor(RecordPlaces(Self.adapter(.xml), Self.mapping))
    #expect(editor.edited(raw, [FieldChange(element: element, text: text)]) == expected)
  }

  // MARK: Rows inside

  private static func rows(_ path: String) throws -> RecordPlaces {
    var own = mapping
    own.children = [
      ChildMapping(
        name: "parties", path: try #require(FieldPath(path)),
        columns: [
          ColumnMapping(column: "name", element: "person_name"),
          ColumnMapping(column: "id/no", element: "person_id_no"),
          ColumnMapping(column: "../x", element: "remark"),
        ])
    ]
    return RecordPlaces(adapter(.json), own)
  }

  private static func change(
    _ number: Int, of count: Int, _ element: String = "person_name", _ table: String = "parties"
  ) -> [FieldChange] {
    [
      FieldChange(
        element: element, text: "新",
        row: FieldChange.Row(table: table, number: number, count: count)
      )
    ]
  }

  @Test(arguments: [
    (
      "p[]", #"{"p":[{"name":"a"} , {"name":"b,]\""},{}], "no":1}"#, 2, 3,
      #"{"p":[{"name":"a"} , {"name":"新"},{}], "no":1}"#
    ),
    (
      "p[]", #"{"p":[{"name":"a"} , {"name":"b,]\""},{}], "no":1}"#, 3, 3,
      #"{"p":[{"name":"a"} , {"name":"b,]\""},{"name":"新"}], "no":1}"#
    ),
    (
      "a/p[]/q[]",
      #"{"a":{"p":[{"q":[{"name":"1"},{"name":"2"}]},{"q":[]},{"q":[{"name":"3"}]}]}}"#, 3, 3,
      #"{"a":{"p":[{"q":[{"name":"1"},{"name":"2"}]},{"q":[]},{"q":[{"name":"新"}]}]}}"#
    ),
    // Another number of rows than was looked at, no such row, no such array.
    ("p[]", #"{"p":[{"name":"a"}]}"#, 1, 2, nil),
    ("p[]", #"{"p":[{"name":"a"}]}"#, 2, 1, nil),
    ("p[]", #"{"p":[{"name":"a"}]}"#, 0, 1, nil),
    ("p[]", #"{"p":{"name":"a"}}"#, 1, 1, nil),
    ("p[]", #"{"p":["a"]}"#, 1, 1, nil),
    ("p[]", #"{"p":[{"name":"a"}"#, 1, 1, nil),
  ])
  func `rows of an object`(path: String, raw: String, number: Int, count: Int, expected: String?)
    throws
  {
    let editor = JSONRecordEditor(try Self.rows(path))
    #expect(editor.edited(raw, Self.change(number, of: count)) == expected)
  }

  @Test(arguments: [
    (
      "P/p[]", "<R><P><p><name>a</name></p><!-- <p/> --><p/></P></R>", 2, 2,
      "<R><P><p><name>a</name></p><!-- <p/> --><p><name>新</name></p></P></R>"
    ),
    (
      "p[]/q[]", "<R><p><q/><q/></p><p><x:q><name>3</name></x:q></p></R>", 3, 3,
      "<R><p><q/><q/></p><p><x:q><name>新</name></x:q></p></R>"
    ),
    ("p[]", "<R><p><name>a</name></p></R>", 1, 2, nil),
    ("p[]", "<R><p><name>a</name></p></R>", 2, 1, nil),
    ("p[]", "<R><p><name>a</name></R>", 1, 1, nil),
  ])
  func `rows of an element`(path: String, raw: String, number: Int, count: Int, expected: String?)
    throws
  {
    let editor = XMLRecordEditor(try Self.rows(path))
    #expect(editor.edited(raw, Self.change(number, of: count)) == expected)
  }

  @Test func `a value inside of a row, and what has no place in one`() throws {
    let places = try Self.rows("p[]")
    let json = JSONRecordEditor(places)
    #expect(
      json.edited(#"{"p":[{"id":{"no":1}}]}"#, Self.change(1, of: 1, "person_id_no"))
        == #"{"p":[{"id":{"no":"新"}}]}"#)
    #expect(json.edited(#"{"p":[{}]}"#, Self.change(1, of: 1, "remark")) == nil)
    #expect(json.edited(#"{"p":[{}]}"#, Self.change(1, of: 1, "person_name", "cars")) == nil)
    let row = FieldChange.Row(table: "parties", number: 1)
    #expect(
      json.edited(#"{"p":[{}]}"#, [FieldChange(element: "person_name", text: "x", row: row)])
        == nil,
      "nobody has looked")
  }

  @Test(arguments: [
    // The record's own value, which its first line says; what all lines say alike; a row's.
    ([("person_name", "新", 0)], "1,新\n1,b\n"), ([("case_no", "2", 0)], "2,a\n2,b\n"),
    ([("person_name", "新", 2)], "1,a\n1,新\n"),
    ([("person_name", "一", 1), ("person_name", "新", 0)], "1,一\n1,b\n"),
  ])
  func `lines of a record`(changes: [(String, String, Int)], expected: String) throws {
    var own = Self.mapping
    own.columns = [
      ColumnMapping(column: "no", element: "case_no"),
      ColumnMapping(column: "name", element: "person_name"),
    ]
    own.children = [
      ChildMapping(
        name: "parties", path: nil,
        columns: [ColumnMapping(column: "name", element: "person_name")])
    ]
    let editor = CSVRecordEditor(
      header: ["no", "name"], delimiter: 0x2C, isGathered: true, own)
    let edited = editor.edited(
      "1,a\n1,b",
      changes.map { element, text, row in
        FieldChange(
          element: element, text: text,
          row: row == 0 ? nil : FieldChange.Row(table: "parties", number: row, count: 2))
      })
    #expect(edited.map { $0 + "\n" } == expected)
  }

  @Test func `what has no one place is not changed`() {
    let places = RecordPlaces(Self.adapter(.json), Self.mapping)
    for element in ["agency", "tags", "unknown"] {
      let change = [FieldChange(element: element, text: "1")]
      #expect(JSONRecordEditor(places).edited(#"{"no":1}"#, change) == nil)
      #expect(XMLRecordEditor(places).edited("<R><no>1</no></R>", change) == nil)
    }
    let change = [FieldChange(element: "case_no", text: "1")]
    for broken in ["", "[1]", #"{"no":"#, #"{"no" 1}"#] {
      #expect(JSONRecordEditor(places).edited(broken, change) == nil, "\(broken)")
    }
    for broken in ["", "<R>", "<R></S>", "text", "<R></R><R></R>", "<R"] {
      #expect(XMLRecordEditor(places).edited(broken, change) == nil, "\(broken)")
    }
  }
}
