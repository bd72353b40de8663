import Foundation
import JSONParsing
import Records
import Testing

@Suite struct JSONReaderTests {
  // MARK: - Where records lie

  @Test func anArrayOfObjectsIsReadByColumn() {
    let text = """
      [
        {"id": "1", "name": "甲\\n乙", "n": 330106199001011234, "ok": true, "no": null, "empty": ""},
        {"name": "丙", "id": "2"}
      ]
      """
    let reading = read(text, shape("[]", ["id", "name", "n", "ok", "no", "empty", "gone"]))
    #expect(reading.fault == nil && reading.faults.isEmpty)
    #expect(
      reading.fields == [
        ["1", "甲\n乙", "330106199001011234", "true", nil, "", nil],
        ["2", "丙", nil, nil, nil, nil, nil],
      ])
    #expect(reading.rows.map(\.position.line) == [2, 3])
    #expect(reading.rows.map(\.position.recordNumber) == [1, 2])
    #expect(reading.rows[1].raw == #"{"name": "丙", "id": "2"}"#)
    for row in reading.rows {
      let bytes = Array(text.utf8)[row.position.byteOffset...].prefix(row.raw.utf8.count)
      #expect(String(decoding: bytes, as: UTF8.self) == row.raw)
    }
    #expect(reading.census.hasColumn == [true, true, true, true, true, true, false])
    #expect(reading.census.hasUnits && reading.census.unitCount == 2)
    #expect(reading.census.documentCount == 1 && reading.census.unknown.isEmpty)
  }

  @Test func pagesOfAnInterfaceAreReadWithTheirTotals() {
    let text = """
      {"code":0,"total":3,"data":{"list":[{"id":1},{"id":2}],"page":[1,{"x":[]}]}}
      {"data":{"list":[{"id":3}]},"total":"1","msg":"好"}
      {"data":{"list":null},"total":null}
      """
    let reading = read(text, shape("data/list[]", ["id"], total: "total"))
    #expect(reading.fault == nil && reading.fields == [["1"], ["2"], ["3"]])
    #expect(reading.census.total == 4 && reading.census.unreadableTotal == nil)
    #expect(reading.census.documentCount == 3 && reading.census.hasUnits)
    #expect(reading.rows[2].position.line == 2)
  }

  @Test(arguments: [
    ("{\"total\":\"many\"}", "many"), ("{\"total\":1.5}", "1.5"), ("{\"total\":-1}", "-1"),
    ("{\"total\":true}", "true"), ("{\"total\":[1]}", "["),
    ("{\"total\":99999999999999999999}", "99999999999999999999"),
  ])
  func aTotalThatIsNoNumberIsKept(text: String, total: String) {
    let reading = read(text, shape("list[]", ["id"], total: "total"))
    #expect(reading.fault == nil && reading.census.total == nil)
    #expect(reading.census.unreadableTotal == total)
    #expect(!reading.census.hasUnits)
  }

  @Test func totalsOfDocumentsThatAreUnitsAreCounted() {
    let lines = "{\"n\":\"2\",\"r\":[{},{}]}\n{\"n\":1e1,\"r\":[]}\n"
    let reading = read(lines, shape("r[]", ["x"], total: "n"), isLines: true)
    #expect(reading.census.total == 12 && reading.rows.count == 2 && reading.census.hasUnits)
  }

  @Test func aDocumentIsOneRecordIfThePathHasNoArray() {
    let reading = read("{\"a\":{\"b\":1}} \n {\"a\":{\"b\":2}}\n", shape("", ["a/b"]))
    #expect(reading.fields == [["1"], ["2"]] && reading.fault == nil)
    let inner = read("{\"a\":{\"b\":1}} {\"c\":0}", shape("a", ["b", "../c"]))
    #expect(inner.fields == [["1", nil]] && inner.rows[0].raw == "{\"a\":{\"b\":1}}")
    #expect(inner.rows[0].position.byteOffset == 5 && inner.census.unitCount == 2)
    #expect(inner.census.hasColumn == [true, true])
  }

  @Test func whatShouldHoldRecordsAndDoesNotIsAFault() {
    #expect(read("{\"list\":{}}", shape("list[]")).fault?.kind == .malformed)
    #expect(read("{\"list\":\"\"}", shape("list[]")).fault?.kind == .malformed)
    #expect(read("{\"id\":1}", shape("[]")).fault?.kind == .malformed)
    let inner = read("[{\"r\":{}},{\"r\":[{\"x\":1}]},{\"r\":null},{}]", shape("[]/r[]", ["x"]))
    #expect(inner.faults == [.malformed] && inner.fields == [[nil], ["1"]])
    #expect(inner.census.unitCount == 4)
  }

  @Test func aRecordThatIsNoObjectIsAFault() {
    let reading = read("[{\"a\":1},null,\"x\",[],{}]", shape("[]", ["a"]))
    #expect(reading.faultyRows == [1, 2] && reading.faults == [.malformed, .malformed])
    #expect(reading.rows.count == 5)
    let nested = read("[{\"r\":[{\"a\":1},5,{\"a\":2}]}]", shape("[]/r[]", ["a"]))
    #expect(nested.faultyRows == [1] && nested.fields == [["1"], [nil], ["2"]])
    #expect(nested.rows[1].raw == "{\"r\":[5]}" && nested.rows[1].faults[0].offsetInRecord == 6)
  }

  @Test func documentsMustBeSeparated() {
    #expect(read("[1][2]", shape("[]")).fault?.kind == .malformed)
    #expect(read("[1]\n[2]", shape("[]")).fields == [["1"], ["2"]])
    #expect(read("", shape("[]")).fault == nil)
    #expect(read(" \n", shape("[]")).census.documentCount == 0)
  }

  // MARK: - Columns

  @Test func pathsLeadToItemsAndRepeatedValues() {
    let text = """
      [{"p":[{"n":"a","t":["x","y"]},{"n":null,"t":[]},{"t":["z"],"n":"c\\u0021"}],"q":[[1,2],[3]],
        "o":{"k":[true,{"m":1}]}}]
      """
    let columns = [
      "p[]/n", "p[2]/n", "p[3]/n", "p[1]/t", "p[]/t[]", "q[]", "q[]/[]", "q[]/[2]", "q[1]/[1]", "o",
      "o/k[]", "o/k[2]/m", "p[9]/n",
    ]
    let reading = read(text, shape("[]", columns))
    #expect(reading.fault == nil && reading.faults.isEmpty)
    #expect(
      reading.fields == [
        [
          "a;c!", nil, "c!", "[\"x\",\"y\"]", "x;y;z", "[1,2];[3]", "1;2;3", "2", "1",
          "{\"k\":[true,{\"m\":1}]}", "true;{\"m\":1}", "1", nil,
        ]
      ])
    #expect(reading.census.hasColumn == columns.map { $0 != "p[9]/n" })
    #expect(reading.census.unknown.isEmpty)
  }

  @Test func namesAreComparedUnescaped() {
    let text =
      #"[{"\u0061":1,"处罚":2,"long member name":3,"q\"\\":4},{"a":5,"\u5904罚":6,"long\u0020member name":7,"q\u0022\u005c":8}]"#
    let reading = read(text, shape("[]", ["a", "处罚", "long member name", "q\"\\"]))
    #expect(reading.fields == [["1", "2", "3", "4"], ["5", "6", "7", "8"]])
    #expect(reading.census.unknown.isEmpty)
  }

  // MARK: - Records inside units

  static let stations = """
    [ {"name":"东\\t站","readings":[{"v":1,"t":"a"}, {"v":2} ],"owner":{"id":"O1"}},
      {"readings":[],"name":"空"},
      {"owner":{"id":"O2"},"name":"西","readings":[ {"t":"b","v":3} ]} ]
    """

  @Test func recordsInsideUnitsSeeWhatEnclosesThem() {
    let reading = read(
      Self.stations,
      shape("[]/readings[]", ["v", "t", "../name", "../owner/id", "../../x", "../readings[1]/v"]))
    #expect(reading.fault == nil && reading.faults.isEmpty)
    #expect(
      reading.fields == [
        ["1", "a", "东\t站", "O1", nil, "1"], ["2", nil, "东\t站", "O1", nil, "1"],
        ["3", "b", "西", "O2", nil, "3"],
      ])
    #expect(
      reading.rows.map(\.raw) == [
        "{\"name\":\"东\\t站\",\"readings\":[{\"v\":1,\"t\":\"a\"}],\"owner\":{\"id\":\"O1\"}}",
        "{\"name\":\"东\\t站\",\"readings\":[{\"v\":2}],\"owner\":{\"id\":\"O1\"}}",
        "{\"owner\":{\"id\":\"O2\"},\"name\":\"西\",\"readings\":[ {\"t\":\"b\",\"v\":3} ]}",
      ])
    #expect(reading.rows.map(\.position.line) == [1, 1, 3])
    #expect(reading.rows.map(\.position.recordNumber) == [1, 2, 3])
    #expect(reading.census.unitCount == 3 && reading.recordCount == 3)
    let bytes = Array(Self.stations.utf8)
    for (row, start) in zip(reading.rows, ["{\"v\":1", "{\"v\":2", "{\"t\":\"b\""]) {
      #expect(bytes[row.position.byteOffset...].starts(with: start.utf8))
    }
  }

  @Test func theTextOfARecordReadsBackToTheSameRecord() {
    let text = """
      [{"k":"K","a":[{"n":"n1","b":[{"v":1},{"v":2,"w":[{"y":"x"},{"y":[]}]}],"m":"\\u4e2d"},
        {"b":[{"v":3}]},{"n":"n3","b":[ ]},{"b":[{"v":4},{"v":5},{"v":6}],"n":"n4"}],"z":{"b":[9]}}]
      """
    let form = shape(
      "[]/a[]/b[]", ["v", "w[]", "../n", "../m", "../../k", "../../z", "../b[]/v"],
      children: [("w[]", ["y"])])
    let reading = read(text, form)
    #expect(reading.fault == nil && reading.faults.isEmpty && reading.rows.count == 6)
    for (index, row) in reading.rows.enumerated() {
      let again = read("[" + row.raw + "]", form)
      #expect(again.fault == nil && again.rows.count == 1, "\(row.raw)")
      // All but the last column, which looks at the neighbours.
      #expect(again.rows.first?.fields.dropLast() == row.fields.dropLast(), "\(index)")
      #expect(again.rows.first?.children == row.children)
      #expect(again.rows.first?.raw == row.raw)
    }
    #expect(reading.fields.map { $0[2] } == ["n1", "n1", nil, "n4", "n4", "n4"])
    #expect(reading.fields.map { $0[6] } == ["1;2", "1;2", "3", "4;5;6", "4;5;6", "4;5;6"])
  }

  @Test func aRecordAmongManyInALargeUnitIsItsOwnText() {
    let padding = String(repeating: "x", count: JSONReader.maximumSurroundings)
    let text = "[{\"big\":\"\(padding)\",\"name\":\"n\",\"r\":[{\"v\":1},{\"v\":2}]}]"
    let reading = read(text, shape("[]/r[]", ["v", "../name", "../big"]))
    #expect(reading.faults == [.recordSize, .recordSize])
    #expect(reading.fields == [["1", "n", nil], ["2", "n", nil]])
    #expect(reading.rows.map(\.raw) == ["{\"v\":1}", "{\"v\":2}"])
    #expect(reading.rows[0].faults[0].expected == JSONReader.maximumSurroundings)
    let only = read(
      "[{\"big\":\"\(padding)\",\"r\":[{\"v\":1}]}]", shape("[]/r[]", ["v", "../big"]))
    #expect(only.faults.isEmpty && only.fields == [["1", padding]])
  }

  @Test func linesMayHoldSeveralRecords() {
    let text = "{\"s\":\"A\",\"r\":[{\"v\":1},{\"v\":2}]}\n\n{\"s\":\"B\",\"r\":[{\"v\":3}]}\n"
    let reading = read(text, shape("r[]", ["v", "../s"]), isLines: true)
    #expect(reading.fault == nil && reading.fields == [["1", "A"], ["2", "A"], ["3", "B"]])
    #expect(reading.rows[1].raw == "{\"s\":\"A\",\"r\":[{\"v\":2}]}")
    #expect(reading.rows[2].position.line == 3 && reading.census.documentCount == 2)
  }

  // MARK: - Children

  @Test func childrenAreRowsOfTheirOwn() {
    let text = """
      [{"id":"1","p":[{"n":"甲","v":[{"no":"A1"},{"no":"A\\u0032"}],"c":"x"},{"n":"乙"}]},{"id":"2","p":[]},
       {"p":[{"v":[{"no":"C1","o":1}],"n":"丙"}],"id":"3"}]
      """
    let form = shape(
      "[]", ["id"],
      children: [
        ("p[]", ["n", "../id", "v[]/no", "."]),
        ("p[]/v[]", ["no", "../n", "../../id", "../../../x"]),
      ])
    let reading = read(text, form)
    #expect(reading.fault == nil && reading.faults.isEmpty)
    #expect(reading.fields == [["1"], ["2"], ["3"]])
    #expect(
      reading.rows[0].children[0].map { $0.dropLast() } == [["甲", "1", "A1;A2"], ["乙", "1", nil]])
    #expect(reading.rows[0].children[0][1][3] == "{\"n\":\"乙\"}")
    #expect(
      reading.rows[0].children[1] == [["A1", "甲", "1", nil], ["A2", "甲", "1", nil]])
    #expect(reading.rows[1].children == [[], []])
    #expect(reading.rows[2].children[1] == [["C1", "丙", "3", nil]])
    #expect(reading.census.unknown == ["p[]/c", "p[]/v[]/o"])
  }

  @Test func childrenOfRecordsInsideUnits() {
    let text =
      "[{\"r\":[{\"k\":1,\"c\":[{\"x\":\"a\"},{\"x\":\"b\"}]},{\"k\":2,\"c\":[{\"x\":\"c\\n\"}]}],\"u\":\"U\"}]"
    let reading = read(
      text, shape("[]/r[]", ["k", "../u"], children: [("c[]", ["x", "../k", "../../u"])]))
    #expect(reading.fields == [["1", "U"], ["2", "U"]])
    #expect(
      reading.rows.map(\.children) == [
        [[["a", "1", nil], ["b", "1", nil]]], [[["c\n", "2", nil]]],
      ])
  }

  @Test func aChildThatIsNoObjectIsAFaultOfItsRecord() {
    let form = shape("[]", ["id"], children: [("p[]", ["n"])])
    let reading = read(
      "[{\"id\":1,\"p\":[{\"n\":1},\"x\"]},{\"id\":2,\"p\":\"x\"},{\"id\":3,\"p\":null}]", form)
    #expect(reading.faultyRows == [0, 1] && reading.faults == [.malformed, .malformed])
    #expect(reading.fields == [["1"], ["2"], ["3"]])
  }

  // MARK: - Census

  @Test func unknownMembersAreListedByPath() {
    let text = """
      [{"id":1,"x":{"deep":1},"p":[{"n":1,"nick":2},{"nick":{}}],"meta":{"a":1},"o":[1]},{"y\\u0021":[],"x":1}]
      """
    let reading = read(text, shape("[]", ["id", "p[]/n", "o/k"], ignored: ["meta"]))
    #expect(reading.faults.isEmpty)
    #expect(reading.census.unknown == ["x", "p[]/nick", "o[]", "y!"])
    let inner = read(
      "[{\"a\":1,\"b\":{\"c\":1,\"r\":[{\"v\":1,\"w\":2}],\"d\":2},\"e\":{\"f\":1}}]",
      shape("[]/b/r[]", ["v", "../c", "../../e/g"]))
    #expect(inner.census.unknown == ["../../a", "../d", "w", "../../e/f"])
  }

  @Test func onlySoManyUnknownMembersAreListed() {
    let records = (0..<50).map { row in
      "{" + (0..<20).map { "\"m\(row * 20 + $0)\":0" }.joined(separator: ",") + "}"
    }
    let reading = read("[" + records.joined(separator: ",") + "]", shape("[]", ["id"]))
    #expect(reading.faults.isEmpty && reading.census.unknown.count == ShapeCensus.maximumUnknown)
    #expect(
      reading.census.unknown.isSuperset(of: (0..<ShapeCensus.maximumUnknown).map { "m\($0)" }))
  }

  // MARK: - Chunks

  @Test func chunksAreBoundedByRecordsAndBytes() {
    var limits = DocumentLimits()
    limits.chunkRecords = 3
    let seven = "[" + (1...7).map { "{\"a\":\($0)}" }.joined(separator: ",") + "]"
    #expect(read(seven, shape("[]", ["a"]), limits: limits).chunks == [3, 3, 1])
    limits.chunkRecords = 100
    limits.chunkBytes = 20
    #expect(read(seven, shape("[]", ["a"]), limits: limits).chunks == [2, 2, 2, 1])
    let nested = "[{\"r\":[" + (1...7).map { "{\"a\":\($0)}" }.joined(separator: ",") + "]}]"
    let reading = read(nested, shape("[]/r[]", ["a"]), limits: limits)
    #expect(reading.chunks == Array(repeating: 1, count: 7))
    #expect(reading.fields == (1...7).map { ["\($0)"] })
    #expect(read(seven, shape("[]", ["a"])).chunks == [7])
  }
}
