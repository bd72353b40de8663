import Catalog
import Foundation
import Testing

@testable import PipelineDefinition

@Suite struct ExportTests {
  private let catalog: Catalog

  init() throws {
    catalog = try #require(PipelineFolder.load(Repository.secondPipeline).catalog)
  }

  private func object(_ text: String) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(value as? [String: Any])
  }

  @Test func `the table of elements has one line each`() throws {
    let lines = CatalogExport.csv(catalog).split(separator: "\n")
    #expect(lines.count == 1 + catalog.elements.count)
    #expect(lines[0].hasPrefix("id,identifier,name,english,definition,group,type,representation"))
    let fee = try #require(lines.first { $0.contains(",fee,") })
    #expect(
      fee == "LM03005,fee,逾期费,late fee,\"逾期费,单位为元\",使用,number,\"n..8,2\","
        + "\"range: [0,10000]\",,public,false,元,false,default,LOAN;VISIT,assumed: an example")
    #expect(lines.contains { $0.contains("\"range: [borrowed_on,)\"") })
  }

  @Test func `a JSON schema says what every element may hold`() throws {
    let category = try #require(catalog.category("LOAN"))
    let text = CatalogExport.jsonSchema(category, in: catalog)
    let schema = try object(text)
    #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
    let properties = try #require(schema["properties"] as? [String: [String: Any]])
    #expect(properties.count == category.elements.count)
    let required = try #require(schema["required"] as? [String])
    #expect(required.contains("loan_no"))
    #expect(!required.contains("fee"))
    let fee = try #require(properties["fee"])
    #expect(fee["type"] as? String == "number")
    #expect(fee["minimum"] as? Double == 0)
    #expect(fee["maximum"] as? Double == 10000)
    #expect(fee["multipleOf"] as? Double == 0.01)
    #expect(fee["x-required-when"] as? String == "returned_on > due_on")
    #expect(fee["x-unit"] as? String == "元")
    let system = try #require(properties["origin_system"])
    #expect(system["enum"] as? [String] == ["LIB", "MUS", "GAR", "THE"])
    #expect(properties["medium_code"]?["pattern"] as? String == "^(01|02|03)(;(01|02|03))*$")
    #expect(properties["due_on"]?["pattern"] as? String == "^[0-9]{8}$")
    #expect(properties["card_no"]?["pattern"] as? String == "^[0-9]{8}$")
    #expect(properties["card_no"]?["minLength"] as? Int == 8)
  }

  @Test func `an extensible list is open in the schema`() throws {
    var catalog = catalog
    let index = try #require(catalog.codeLists.firstIndex { $0.id == "S1" })
    catalog.codeLists[index].isExtensible = true
    let category = try #require(catalog.category("LOAN"))
    let schema = try object(CatalogExport.jsonSchema(category, in: catalog))
    let properties = try #require(schema["properties"] as? [String: [String: Any]])
    #expect(properties["origin_system"]?["enum"] == nil)
    #expect(properties["origin_system"]?["pattern"] as? String == "^[A-Za-z]*$")
  }

  @Test func `a table schema has types, formats and the key`() throws {
    let category = try #require(catalog.category("VISIT"))
    let schema = try object(CatalogExport.tableSchema(category, in: catalog))
    #expect(schema["primaryKey"] as? [String] == ["visit_no"])
    #expect(schema["missingValues"] as? [String] == [""])
    let fields = try #require(schema["fields"] as? [[String: Any]])
    #expect(fields.map { $0["name"] as? String } == category.elements.map(\.element.identifier))
    let time = try #require(fields.first { $0["name"] as? String == "visited_at" })
    #expect(time["type"] as? String == "datetime")
    #expect(time["format"] as? String == "%Y%m%dT%H%M%S")
    #expect((time["constraints"] as? [String: Any])?["required"] as? Bool == true)
    let companions = try #require(fields.first { $0["name"] as? String == "companions" })
    #expect(companions["type"] as? String == "integer")
    #expect((companions["constraints"] as? [String: Any])?["maximum"] as? Int == 200)
  }

  @Test func `the dictionary names everything in both languages`() {
    let text = CatalogExport.markdown(catalog)
    for element in catalog.elements {
      #expect(text.contains("| \(element.id) | `\(element.identifier)` | \(element.name) |"))
    }
    for category in catalog.categories {
      #expect(text.contains("### \(category.id) \(category.name) \(category.english)"))
    }
    for list in catalog.codeLists { #expect(text.contains("### \(list.id) \(list.name)")) }
    #expect(text.contains("| 数据元 data elements | 17 |"))
    #expect(text.contains("条件 if `returned_on > due_on`"))
    #expect(text.contains("2030-12-31"))
    #expect(text == CatalogExport.markdown(catalog))
  }

  @Test func `a bar or a line break does not break a table`() {
    var catalog = catalog
    catalog.elements[0].definition = "a|b\nc"
    #expect(CatalogExport.markdown(catalog).contains("| a\\|b c |"))
    catalog.elements[0].definition = "a \"b\"\nc"
    #expect(CatalogExport.csv(catalog).contains("\"a \"\"b\"\"\nc\""))
  }

  @Test func `texts are escaped in JSON`() throws {
    let text = JSONText.object([("a\"\\", .text("\n\t\u{1}\u{2028}书")), ("b", .list([]))])
    let value = try object(text.formatted)
    #expect(value["a\"\\"] as? String == "\n\t\u{1}\u{2028}书")
    #expect((value["b"] as? [Any])?.isEmpty == true)
  }
}
