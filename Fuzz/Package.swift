// swift-tools-version: 6.2
import PackageDescription

/// The same settings as in the package above, so that the same code is tested.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
]

/// The parts of the product that read what others wrote, without network and database; `Scripts/fuzz`
/// builds them with coverage and the address sanitizer.
let package = Package(
  name: "Fuzz",
  dependencies: [
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2")
  ],
  targets: [
    .target(name: "CSeparatorIndex"),
    .systemLibrary(
      name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .target(name: "CXMLEvents", dependencies: ["CLibXML2", "CSeparatorIndex"]),
    .target(name: "Records", swiftSettings: strict),
    .target(
      name: "CSVParsing", dependencies: ["Records", "CSeparatorIndex"], swiftSettings: strict),
    .target(
      name: "JSONParsing", dependencies: ["Records", "CSeparatorIndex"], swiftSettings: strict),
    .target(
      name: "XMLParsing", dependencies: ["Records", "CXMLEvents", "CSeparatorIndex"],
      swiftSettings: strict),
    .target(name: "Catalog", dependencies: ["Records"], swiftSettings: strict),
    .target(
      name: "Standardization", dependencies: ["Records", "Catalog"], swiftSettings: strict),
    .target(
      name: "Validation", dependencies: ["Records", "Catalog", "Standardization"],
      swiftSettings: strict),
    .target(
      name: "PipelineDefinition",
      dependencies: ["Records", "Catalog", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),
    // Of the files, only what decides and decodes their encoding.
    .target(
      name: "SourceFiles", dependencies: ["CSVParsing"],
      sources: [
        "GB18030Decoder.swift", "GB18030Decoder+Unsafe.swift", "GB18030Table.swift",
        "Mojibake+Unsafe.swift", "TextEncoding.swift",
      ],
      swiftSettings: strict),
    .target(name: "TestSupport", path: "Tests/TestSupport", sources: ["SeededGenerator.swift"]),
    // The naive interpreter of conditions and what it is tested on.
    .target(
      name: "ConditionWitness",
      dependencies: ["Validation", "Catalog", "Records", "TestSupport"],
      path: "Tests/ValidationTests",
      sources: [
        "ConditionMaker.swift", "ExpressionFixture.swift", "ExpressionInterpreter.swift",
        "ExpressionTables.swift",
      ]),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Records", "CSVParsing", "JSONParsing", "XMLParsing", "SourceFiles", "Catalog",
        "Standardization", "Validation", "PipelineDefinition", "ConditionWitness", "TestSupport",
      ],
      path: "Fuzzing", swiftSettings: strict),
  ]
)
