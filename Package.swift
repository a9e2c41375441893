// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

let package = Package(
  name: "convoy",
  products: [.executable(name: "convoy", targets: ["convoy"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CSHA256"),
    .target(
      name: "CSimdjson",
      linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "Postgres", dependencies: ["CLibPQ"], swiftSettings: settings),
    .target(name: "SQLite", dependencies: ["CSQLite"], swiftSettings: settings),
    .target(
      name: "Archive", dependencies: ["CDeflate", "CSHA256", "CZlib", crypto],
      swiftSettings: settings),
    .target(name: "ObjectStore", dependencies: ["CCurl", crypto], swiftSettings: settings),
    .target(
      name: "Pipeline",
      dependencies: [
        "Postgres", "SQLite", "Archive", "ObjectStore", "CMalloc", "CSimdjson", "Yams", crypto, log,
        subprocess,
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "convoy",
      dependencies: ["Pipeline", "Archive", "ObjectStore", "CMalloc", arguments, log],
      swiftSettings: settings),
    .executableTarget(
      name: "convoy-bench",
      dependencies: ["ObjectStore", "StorageServer", arguments, crypto, subprocess],
      swiftSettings: settings),
    .target(
      name: "TestSupport", dependencies: ["Pipeline", "Postgres", subprocess],
      path: "Tests/TestSupport", swiftSettings: settings),
    .target(
      name: "StorageServer", dependencies: [crypto],
      path: "Tests/StorageServer", swiftSettings: settings),
    .testTarget(
      name: "PostgresTests", dependencies: ["Postgres", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "SQLiteTests", dependencies: ["SQLite", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "ArchiveTests", dependencies: ["Archive", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "ObjectStoreTests",
      dependencies: ["ObjectStore", "StorageServer", "TestSupport", crypto, subprocess],
      swiftSettings: settings),
    .testTarget(
      name: "PipelineTests",
      dependencies: ["Pipeline", "ObjectStore", "StorageServer", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "ConvoyTests",
      dependencies: ["Pipeline", "ObjectStore", "StorageServer", "TestSupport", "convoy"],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
