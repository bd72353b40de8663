import JSONParsing
import Records
import Testing

/// What is wrong with a record stays with it; what is wrong with a document is said with its place.
@Suite struct JSONFaultTests {
  // MARK: - Units that end too early

  @Test(arguments: ["tru", "t", "-", "nul"])
  func whereAUnitEndsTooEarlyDoesNotDependOnTheUnitsBefore(unit: String) {
    for before in ["", "{\"a\":1},", "{\"a\":\"long\"},{},"] {
      let text = "[\(before)\(unit),{\"a\":3}]"
      let faults = read(text, shape("[]", ["a"])).rows.flatMap(\.faults)
      #expect(faults.map(\.kind) == [.malformed])
      #expect(faults.map(\.offsetInRecord) == [unit.utf8.count], "\(text)")
    }
  }

  // MARK: - Totals

  @Test(arguments: ["a$s", "12 #", "3/5", "1e", "e1", "1e+", "-", "1.5e0x", ""])
  func aTotalThatIsNoNumberIsShownAsItWasSent(total: String) {
    let form = shape("list[]", ["a"], total: "total")
    let census = read("{\"total\":\"\(total)\",\"list\":[{\"a\":1}]}", form).census
    #expect(census.total == nil && census.unreadableTotal == total)
    #expect(read("{\"total\":\"2e0\",\"list\":[]}", form).census.total == 2)
  }

  // MARK: - Names that stand twice

  @Test(arguments: [
    #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"x":1,"x":2}"#, #"{"x":1,"y":2,"\u0078":3}"#,
    #"{"a":{"x":1,"x":1}}"#, #"{"a":{"b":1,"b":1}}"#, #"{"u":[{"x":1,"x":1}]}"#,
    #"{"u":{"v":{"x":1,"y":{},"x":1}}}"#, #"{"":1,"":2}"#, #"{"\u4e2d":1,"中":2}"#,
  ])
  func aNameThatStandsTwiceIsAFault(record: String) throws {
    let text = "[{\"a\":1},\(record),{\"a\":3}]"
    let reading = read(text, shape("[]", ["a", "a/b"]))
    #expect(reading.fault == nil && reading.faults == [.duplicateName], "\(reading)")
    #expect(reading.fields == [["1", nil], [nil, nil], ["3", nil]])
    #expect(reading.rows[1].raw == record)
    #expect(outline(Array(text.utf8)).fault?.kind == .malformed)
  }

  @Test func theSecondOfTwoNamesIsPointedAt() {
    let many = (0..<100).map { "\"m\($0)\":0" }
    for place in [1, 5, 99] {
      var names = many
      names.insert("\"m0\":1", at: place)
      let record = "{" + names.joined(separator: ",") + "}"
      let reading = read("[\(record)]", shape("[]", ["id"]))
      let before = names[..<place].joined(separator: ",").utf8.count + 2
      #expect(reading.rows[0].faults.map(\.kind) == [.duplicateName])
      #expect(reading.rows[0].faults[0].offsetInRecord == before)
    }
    #expect(read("[{" + many.joined(separator: ",") + "}]", shape("[]", ["id"])).faults.isEmpty)
  }

  @Test func equalNamesInDifferentObjectsAreNone() {
    let text = #"[{"a":{"a":{"a":1}},"x":[{"x":1},{"x":1}],"y":{"x":{"x":{}}}},{"a":2}]"#
    #expect(read(text, shape("[]", ["a"])).faults.isEmpty)
    #expect(outline(Array(text.utf8)).fault == nil)
  }

  @Test func aNameThatStandsTwiceAroundUnitsEndsTheDocument() {
    let reading = read("{\"list\":[{\"a\":1}],\n\"list\":[{\"a\":2}]}", shape("list[]", ["a"]))
    #expect(reading.fields == [["1"]])
    #expect(reading.fault?.kind == .malformed && reading.fault?.line == 2)
    #expect(reading.fault?.byteOffset == 19)
    #expect(read("{\"x\":{\"y\":1,\"\\u0079\":2}}", shape("list[]")).fault?.kind == .malformed)
  }

  // MARK: - Lines

  @Test func aCutLastLineIsAFaultyRecordAndATruncatedFile() {
    for cut in ["{\"a\":2", "{\"a\":\"", "[", "{\"a\":tr", "{\"a\":2,\"a\":[", "{x\"", "nul"] {
      let reading = read("{\"a\":1}\n\(cut)", shape("", ["a"]), isLines: true)
      #expect(reading.fault?.kind == .truncated, "\(cut): \(reading)")
      #expect(reading.fault?.line == 2)
      #expect(reading.fields == [["1"], [nil]] && reading.faultyRows == [1])
      #expect(reading.rows[1].raw == cut)
      // With a line break behind it the file is whole, and only the record is not.
      let whole = read("{\"a\":1}\n\(cut)\n", shape("", ["a"]), isLines: true)
      #expect(whole.fault == nil && whole.rows == reading.rows)
    }
    for whole in ["{\"a\":2}", "{\"a\":2}  ", "{\"a\":2}\r"] {
      let reading = read("{\"a\":1}\n\(whole)", shape("", ["a"]), isLines: true)
      #expect(reading.fault == nil && reading.faults.isEmpty && reading.fields == [["1"], ["2"]])
    }
    let wrong = read("{\"a\":1}\n{\"a\":x}", shape("", ["a"]), isLines: true)
    #expect(wrong.fault == nil && wrong.faults == [.malformed])
  }

  @Test func lineBreaksOfWindowsAndBlankLinesAreLeftOut() {
    let text = "\r\n{\"a\":1}\r\n   \r\n\t{\"a\":2}\t\r\n\n\n{\"a\":3}"
    let reading = read(text, shape("", ["a"]), isLines: true)
    #expect(reading.fault == nil && reading.faults.isEmpty && reading.rows.count == 3)
    #expect(reading.rows.map(\.position.line) == [2, 4, 7])
    #expect(reading.rows.map(\.raw) == ["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"])
    #expect(reading.census.documentCount == 3)
  }

  @Test func aLineHasOneDocument() {
    let reading = read("{\"a\":1} {\"a\":2}\n{\"a\":\n3}\n", shape("", ["a"]), isLines: true)
    #expect(reading.fault == nil && reading.faults == [.malformed, .malformed, .malformed])
    #expect(reading.rows.map(\.raw) == ["{\"a\":1} {\"a\":2}", "{\"a\":", "3}"])
    #expect(reading.rows[0].faults[0].offsetInRecord == 8)
  }

  // MARK: - Documents

  @Test(arguments: [
    ("[{\"a\":1},\n{\"a\":2", DocumentFault.Kind.truncated, 2, 16),
    ("[{\"a\":1}", .truncated, 1, 8), ("[", .truncated, 1, 1), ("{\"x\":\"abc", .truncated, 1, 9),
    ("[{\"a\":1}\n{\"a\":2}]", .malformed, 2, 9), ("[{\"a\":1},]", .malformed, 1, 9),
    ("[{\"a\":1},,{}]", .malformed, 1, 9), ("[{\"a\":1}\n,\n{\"a\":[}\n]", .malformed, 3, 17),
    ("[{\"a\":1}] x", .malformed, 1, 10), ("[{\"a\":1}]]", .malformed, 1, 9),
    ("x", .malformed, 1, 0),
    ("[{\"a\":1}}", .malformed, 1, 8), ("{\"n\":nul}", .malformed, 1, 8),
    ("{\"n\" 1}", .malformed, 1, 5),
    ("{\"n\":01}", .malformed, 1, 6), ("{\"n\":\"\\x\"}", .malformed, 1, 6),
    ("{n:1}", .malformed, 1, 1),
    ("{\"n\":1,}", .malformed, 1, 7), ("{\"n\":[1,]}", .malformed, 1, 8),
    ("{\"\\ud800\":1}", .malformed, 1, 2),
  ])
  func aDocumentFaultHasItsPlace(text: String, kind: DocumentFault.Kind, line: Int, offset: Int) {
    let reading = read(text, text.hasPrefix("{") ? shape("list[]") : shape("[]", ["a"]))
    #expect(reading.fault?.kind == kind, "\(reading)")
    #expect(reading.fault?.line == line && reading.fault?.byteOffset == offset, "\(reading)")
    #expect(reading.fault?.message.isEmpty == false)
  }

  @Test func nothingComesBehindADocumentFault() {
    let text = "[{\"a\":1},{\"a\":2}] x [{\"a\":3}]"
    let reading = read(text, shape("[]", ["a"]), cuts: [5, 19, 25])
    #expect(reading.fields == [["1"], ["2"]] && reading.chunks == [2])
    #expect(reading.fault?.byteOffset == 18)
  }

  // MARK: - Limits

  /// Feeds `head`, `count` times `piece`, `tail`, in pieces of 64 KiB made as they are needed.
  private func stream(
    _ reader: inout JSONReader, _ reading: inout Reading, _ head: String, _ piece: String,
    count: Int, _ tail: String
  ) {
    reader.feed(Array(head.utf8).span, isLast: false) { reading.add($0) }
    let perBlock = max(1, (64 * 1024) / piece.utf8.count)
    let block = Array(String(repeating: piece, count: perBlock).utf8)
    for _ in 0..<count / perBlock { reader.feed(block.span, isLast: false) { reading.add($0) } }
    reader.feed(Array(tail.utf8).span, isLast: true) { reading.add($0) }
    reading.fault = reader.fault
    reading.census = reader.census
  }

  @Test(arguments: [
    ("{\"a\":\"", "0123456789abcde ", "\"}"), ("{\"a\":[", "{\"b\":[1,2],\"c\":3},", "0]}"),
    ("{\"a\":\"", "中文\\\"", "\"}"), ("[[", "[],", "[]]]"), ("", "1234567890", ""),
  ])
  func aRecordOverTheLimitIsSkippedToItsEnd(head: String, piece: String, tail: String) {
    var limits = DocumentLimits()
    limits.recordBytes = 300_000
    let count = 4 * 1024 * 1024 / piece.utf8.count
    for isLines in [false, true] {
      var reading = Reading()
      var reader = JSONReader(
        shape(isLines ? "" : "[]", ["a", "."]), limits: limits, isLines: isLines)
      let before = isLines ? "{\"a\":1}\n" : "[{\"a\":1},"
      let after = isLines ? "\n{\"a\":3}" : ",{\"a\":3}]"
      stream(&reader, &reading, before + head, piece, count: count, tail + after)
      #expect(
        reading.fault == nil && reading.faults == [.recordSize],
        "\(String(describing: reading.fault))")
      #expect(reading.fields.map { $0[0] } == ["1", nil, "3"])
      let perBlock = max(1, (64 * 1024) / piece.utf8.count)
      let length = (head + tail).utf8.count + count / perBlock * perBlock * piece.utf8.count
      #expect(
        reading.rows[1].faults == [
          RecordFault(
            row: 0, kind: .recordSize, found: length, expected: 300_000, offsetInRecord: 300_000)
        ])
      let kept = reading.rows[1].raw.utf8.count
      #expect((JSONReader.keptOfOverlong - 3...JSONReader.keptOfOverlong).contains(kept))
      #expect(reading.rows[1].raw.hasPrefix(head + piece))
    }
  }

  @Test func aRecordOfExactlyTheLimitIsRead() {
    var limits = DocumentLimits()
    limits.recordBytes = 1000
    for length in 995...1005 {
      let record = "{\"a\":\"" + String(repeating: "x", count: length - 8) + "\"}"
      for isLines in [false, true] {
        let text = isLines ? "\(record)\n1" : "[\(record),1]"
        let reading = read(
          text, shape(isLines ? "" : "[]", ["."]), isLines: isLines, limits: limits)
        #expect(reading.fault == nil && reading.rows.count == 2)
        #expect(reading.faults == (length > 1000 ? [.recordSize] : []), "\(length)")
      }
    }
  }

  @Test func moreFieldsThanAllowedAreAFault() {
    var limits = DocumentLimits()
    limits.fields = 100
    for count in [99, 100, 101, 5000] {
      let names = "{" + (0..<count).map { "\"m\($0)\":\($0)" }.joined(separator: ",") + "}"
      let items = "[" + (0..<count).map(String.init).joined(separator: ",") + "]"
      for unit in [names, items] {
        let reading = read("[\(unit),{\"m1\":7}]", shape("[]", ["m1", "[]"]), limits: limits)
        #expect(reading.fault == nil && reading.rows.count == 2)
        guard count > 100 else {
          #expect(reading.faults.isEmpty)
          continue
        }
        #expect(reading.rows[0].faults.map(\.kind) == [.fieldLimit])
        #expect(
          reading.rows[0].faults[0].found == count && reading.rows[0].faults[0].expected == 100)
        #expect(reading.fields == [[nil, nil], ["7", nil]])
      }
    }
  }

  @Test func nestingIsCountedFromTheRoot() {
    var limits = DocumentLimits()
    limits.nesting = 5
    for depth in 1...8 {
      let unit = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      let reading = read("{\"l\":[\(unit),1]}", shape("l[]", ["."]), limits: limits)
      #expect(reading.fault == nil && reading.rows.count == 2)
      #expect(reading.faults == (depth > 3 ? [.nesting] : []))
      if depth > 3 { #expect(reading.rows[0].faults[0].found == 6) }
      let outside = read("{\"x\":\(unit)}", shape("l[]", ["."]), limits: limits)
      #expect(outside.fault?.kind == (depth > 4 ? .nesting : nil))
      #expect(outline(Array(unit.utf8), limits: limits).fault?.kind == (depth > 5 ? .nesting : nil))
    }
  }

  @Test(arguments: ["[", "{\"a\":", "[{\"a\":"])
  func bracketsWithoutEndAreRefused(piece: String) {
    let count = 100 * 1024 * 1024 / piece.utf8.count
    for form in ["[]", "list[]", ""] {
      var reading = Reading()
      var reader = JSONReader(shape(form), limits: DocumentLimits(), isLines: false)
      stream(&reader, &reading, form == "[]" ? "[" : "", piece, count: count, "")
      #expect(reading.fault != nil && reading.rows.isEmpty)
    }
    var reading = Reading()
    var reader = JSONReader(shape(""), limits: DocumentLimits(), isLines: true)
    stream(&reader, &reading, "", piece, count: count, "\n{}")
    #expect(reading.faults == [.recordSize] && reading.rows.count == 2 && reading.fault == nil)
    var seen = JSONOutline(limits: DocumentLimits(), isLines: false)
    let block = Array(String(repeating: piece, count: 64 * 1024).utf8)
    seen.feed(block.span, isLast: false) { _, _, _ in }
    #expect(seen.fault?.kind == .nesting)
  }

  @Test func whatStandsAroundUnitsIsLimitedToo() {
    var limits = DocumentLimits()
    limits.recordBytes = 1000
    let long = "{\"x\":\"" + String(repeating: "y", count: 2000) + "\"}"
    #expect(read(long, shape("l[]"), limits: limits).fault?.kind == .malformed)
    let names = "{" + (0..<1000).map { "\"m\($0)\":\($0)" }.joined(separator: ",") + "}"
    #expect(read(names, shape("l[]"), limits: limits).fault?.kind == .malformed)
    let many = "{\"x\":[" + String(repeating: "{\"a\":[]},", count: 1000) + "1],\"l\":[{}]}"
    let reading = read(many, shape("l[]"), limits: limits)
    #expect(reading.fault == nil && reading.rows.count == 1)
  }

  @Test func manyNamesOfOneRecordTakeLinearTime() {
    let names = "{" + (0..<4096).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    let text = "[" + Array(repeating: names, count: 20).joined(separator: ",") + "]"
    let clock = ContinuousClock()
    var reading = Reading()
    let time = clock.measure { reading = read(text, shape("[]", ["id"])) }
    #expect(reading.rows.count == 20 && reading.faults.isEmpty)
    // 80 thousand names; comparing each with each would take 160 million steps.
    #expect(time < .seconds(5))
  }

  @Test func aMegabyteOnOneLineIsRead() {
    let record = #"{"id":"ABC-0001","name":"杭州市某某公司","items":[1,2,{"x":null}],"amount":12.50}"#
    let count = (1 << 20) / record.utf8.count
    let text = "[" + Array(repeating: record, count: count).joined(separator: ",") + "]"
    let reading = read(text, shape("[]", ["id", "amount", "items[1]"]))
    #expect(reading.fault == nil && reading.faults.isEmpty && reading.rows.count == count)
    #expect(reading.fields.allSatisfy { $0 == ["ABC-0001", "12.50", "1"] })
    #expect(reading.rows.allSatisfy { $0.position.line == 1 })
  }
}
