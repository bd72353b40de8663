// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target of ours; an unmarked unsafe expression or any warning stops the build.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// Tests may be plainer: they touch C libraries as witnesses.
let tests: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "Qingyuan",
  products: [
    .executable(name: "qingyuan", targets: ["qingyuan"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C shims and system libraries
    .target(name: "CSeparatorIndex"),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CStandardOutput"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .target(name: "CXMLEvents", dependencies: ["CLibXML2", "CSeparatorIndex"]),

    // A: bytes, values, catalog; no input or output, no Foundation in Records and the parsers
    .target(name: "Records", swiftSettings: strict),
    .target(
      name: "CSVParsing", dependencies: ["Records", "CSeparatorIndex"], swiftSettings: strict),
    .target(
      name: "JSONParsing", dependencies: ["Records", "CSeparatorIndex"], swiftSettings: strict),
    .target(
      name: "XMLParsing", dependencies: ["Records", "CXMLEvents", "CSeparatorIndex"],
      swiftSettings: strict),
    .target(name: "Catalog", dependencies: ["Records"], swiftSettings: strict),

    // B: pure functions from chunks to chunks
    .target(
      name: "Standardization", dependencies: ["Records", "Catalog"], swiftSettings: strict),
    .target(
      name: "Validation", dependencies: ["Records", "Catalog", "Standardization"],
      swiftSettings: strict),
    .target(
      name: "Sharing",
      dependencies: [
        "Records", "Catalog", "Validation", .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict),
    .target(
      name: "Reconciliation", dependencies: ["Records", "Catalog", "CXXHash"],
      swiftSettings: strict),
    .target(
      name: "Access",
      dependencies: [
        "Records", "Catalog", .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict),

    // C: protocols, definition files, the run
    .target(
      name: "Warehouse", dependencies: ["Records", "Catalog", "Reconciliation"],
      swiftSettings: strict),
    .target(
      name: "PipelineDefinition",
      dependencies: ["Records", "Catalog", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),
    .target(
      name: "Pipeline",
      dependencies: [
        "Records", "Catalog", "Standardization", "Validation", "Sharing", "Reconciliation",
        "Warehouse", "CMalloc", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),

    // D: engines and edges
    .target(
      name: "SourceFiles",
      dependencies: [
        "Records", "Catalog", "CSVParsing", "JSONParsing", "XMLParsing", "CXXHash", "CZlib",
        "Standardization", "Warehouse", "Pipeline",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict),
    .target(
      name: "WarehouseSQLite",
      dependencies: [
        "Records", "Catalog", "Reconciliation", "Warehouse",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .target(
      name: "AccessStore",
      dependencies: [
        "Records", "Catalog", "Access", "Warehouse",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .target(
      name: "Releases",
      dependencies: [
        "Records", "Catalog", "CSVParsing", "Standardization", "Validation", "Sharing", "Access",
        "AccessStore", "Warehouse", "WarehouseSQLite", "Pipeline",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .target(
      name: "Maintenance",
      dependencies: [
        "Records", "Catalog", "Access", "AccessStore", "SourceFiles", "Warehouse",
        "WarehouseSQLite", "Pipeline", .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict),
    .target(
      name: "Review",
      dependencies: [
        "Records", "Catalog", "Standardization", "Validation", "Sharing", "Access", "AccessStore",
        "Warehouse", "WarehouseSQLite", "Pipeline", "Releases",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .target(
      name: "Console",
      dependencies: [
        "Catalog", "Sharing", "Access", "AccessStore", "Warehouse", "WarehouseSQLite",
        "PipelineDefinition", "Pipeline", "Review",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .target(
      name: "Generation", dependencies: ["Records", "Catalog", "SourceFiles"],
      swiftSettings: strict),
    .executableTarget(
      name: "qingyuan",
      dependencies: [
        "Records", "Catalog", "CSVParsing", "JSONParsing", "XMLParsing", "Standardization",
        "Validation", "Sharing", "Reconciliation", "Warehouse", "PipelineDefinition", "Pipeline",
        "SourceFiles", "WarehouseSQLite", "Generation", "Access", "AccessStore", "Releases",
        "Maintenance", "Review", "Console", "CStandardOutput",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),

    .executableTarget(
      name: "limits",
      dependencies: [
        "Records", "Catalog", "CSeparatorIndex", "Standardization", "Validation", "Pipeline",
        "PipelineDefinition", "SourceFiles",
      ],
      path: "Benchmarks/Limits", swiftSettings: strict),

    // Tests and what they share
    .target(
      name: "TestSupport", dependencies: ["Catalog", "PipelineDefinition"],
      path: "Tests/TestSupport",
      swiftSettings: tests),
    .target(
      name: "SharingWitness", dependencies: ["Sharing", "Catalog", "Records"],
      path: "Tests/SharingWitness", swiftSettings: tests),
    .testTarget(
      name: "CSVParsingTests",
      dependencies: ["CSVParsing", "CSeparatorIndex", "Records", "TestSupport"],
      swiftSettings: tests),
    .testTarget(
      name: "XMLParsingTests", dependencies: ["XMLParsing", "Records"], swiftSettings: tests),
    .testTarget(
      name: "JSONParsingTests", dependencies: ["JSONParsing", "Records"], swiftSettings: tests),
    .testTarget(
      name: "CatalogTests", dependencies: ["Catalog", "Records", "TestSupport"],
      swiftSettings: tests),
    .testTarget(
      name: "StandardizationTests",
      dependencies: ["Standardization", "Catalog", "Records", "TestSupport"],
      swiftSettings: tests),
    .testTarget(
      name: "ValidationTests",
      dependencies: ["Validation", "Standardization", "Catalog", "Records", "TestSupport"],
      swiftSettings: tests),
    .testTarget(
      name: "SharingTests",
      dependencies: [
        "Sharing", "Validation", "PipelineDefinition", "Catalog", "Records", "SharingWitness",
        "TestSupport",
      ],
      swiftSettings: tests),
    .testTarget(
      name: "PipelineDefinitionTests",
      dependencies: ["PipelineDefinition", "Catalog", "Records", "Validation"],
      swiftSettings: tests),
    .testTarget(
      name: "SourceFilesTests",
      dependencies: [
        "SourceFiles", "CSVParsing", "Catalog", "Records", "CZlib", "Pipeline", "TestSupport",
      ],
      swiftSettings: tests),
    .testTarget(
      name: "GenerationTests",
      dependencies: ["Generation", "PipelineDefinition", "Catalog", "Records"],
      swiftSettings: tests),
    .testTarget(
      name: "WarehouseTests", dependencies: ["Warehouse", "Catalog", "Records", "TestSupport"],
      swiftSettings: tests),
    .testTarget(
      name: "WarehouseSQLiteTests",
      dependencies: [
        "WarehouseSQLite", "Warehouse", "Reconciliation", "Catalog", "Records", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: tests),
    .testTarget(
      name: "AccessTests", dependencies: ["Access", "Catalog", "Records", "TestSupport"],
      swiftSettings: tests),
    .testTarget(
      name: "AccessStoreTests",
      dependencies: [
        "AccessStore", "Access", "Catalog", "Records", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: tests),
    .testTarget(
      name: "ReleasesTests", dependencies: ["Releases", "Access", "Catalog", "TestSupport"],
      swiftSettings: tests),
    .testTarget(
      name: "ReviewTests",
      dependencies: ["Review", "Access", "Catalog", "Records", "TestSupport"],
      swiftSettings: tests),
    .testTarget(
      name: "PipelineTests",
      dependencies: [
        "qingyuan", "Pipeline", "PipelineDefinition", "SourceFiles", "WarehouseSQLite",
        "Warehouse", "Reconciliation", "Standardization", "Validation", "Sharing", "Generation",
        "Access", "AccessStore", "Review", "Console", "Catalog", "Records", "SharingWitness",
        "TestSupport",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: tests),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "qingyuan", "Access", "AccessStore", "WarehouseSQLite", "Catalog", "Records", "Review",
        "TestSupport",
      ],
      swiftSettings: tests),
  ]
)
