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
  ])
  func `elements and attributes`(raw: String, element: String, text: String, expected: String) {
    let editor = XMLRecordEditor(RecordPlaces(Self.adapter(.xml), Self.mapping))
    #expect(editor.edited(raw, [FieldChange(element: element, text: text)]) == expected)
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
