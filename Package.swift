// swift-tools-version: 6.2
import PackageDescription

// Every room of the house is one row of `rooms`: its name, its folder and what it may import.
// `ArchitectureTests` reads this table and checks each `import` in the sources against it, so an
// arrow that is not written here does not compile and an arrow that turns does not pass the tests.

/// One module of the package.
struct Room {
    enum Kind {
        case swift, c, plugin, program, test, testPlugin
        case system(pkgConfig: String?, apt: String)
    }

    var name: String
    var kind: Kind
    var path: String
    var imports: [String]
    var packages: [Target.Dependency] = []
    var links: [String] = []
}

func product(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

func room(_ name: String, imports: [String] = [], packages: [Target.Dependency] = []) -> Room {
    Room(name: name, kind: .swift, path: "Sources/\(name)", imports: imports, packages: packages)
}

func c(_ name: String, links: [String] = []) -> Room {
    Room(name: name, kind: .c, path: "Sources/\(name)", imports: [], links: links)
}

func system(_ name: String, pkgConfig: String?, apt: String) -> Room {
    Room(
        name: name, kind: .system(pkgConfig: pkgConfig, apt: apt), path: "Sources/\(name)",
        imports: [])
}

func plugin(_ name: String, folder: String, imports: [String]) -> Room {
    Room(name: name, kind: .plugin, path: "Plugins/\(folder)", imports: imports)
}

func program(
    _ name: String, path: String? = nil, imports: [String], packages: [Target.Dependency] = []
) -> Room {
    Room(
        name: name, kind: .program, path: path ?? "Sources/\(name)", imports: imports,
        packages: packages)
}

func tests(_ name: String, imports: [String], packages: [Target.Dependency] = []) -> Room {
    Room(
        name: "\(name)Tests", kind: .test, path: "Tests/\(name)Tests", imports: imports,
        packages: packages)
}

let logging = product("Logging", "swift-log")
let argumentParser = product("ArgumentParser", "swift-argument-parser")
let grdb = product("GRDB", "GRDB.swift")
let tomlKit = product("TOMLKit", "TOMLKit")
let protobuf = product("SwiftProtobuf", "swift-protobuf")
let nioCore = product("NIOCore", "swift-nio")
let nioPosix = product("NIOPosix", "swift-nio")
let nioHTTP = product("NIOHTTP1", "swift-nio")

let rooms: [Room] = [
    // MARK: System libraries and C
    system("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-openmp-dev"),
    system("CJPEG", pkgConfig: "libjpeg", apt: "libjpeg-dev"),
    system("CPNG", pkgConfig: "libpng", apt: "libpng-dev libdeflate-dev"),
    system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    c("COneDNN", links: ["dnnl"]),
    c("CDistillPlugin"),
    c("CKernels", links: ["gomp", "m"]),
    c("CLinux"),

    room("Digests", imports: ["CCrypto"]),

    // MARK: The engine
    room("Tensors", imports: ["CKernels"]),
    room("Graphs", imports: ["Tensors"]),
    room("Execution", imports: ["Graphs", "Tensors", "COneDNN", "COpenBLAS", "CKernels"]),
    room("Networks", imports: ["Graphs", "Tensors"]),
    room("Interchange", imports: ["Graphs", "Networks", "Tensors"], packages: [protobuf]),
    room("Objectives", imports: ["Graphs", "Tensors"]),

    // MARK: Files and modalities
    room("Configuration", packages: [tomlKit]),
    room("PluginSupport", imports: ["CDistillPlugin"]),
    room("Modalities", imports: ["CDistillPlugin", "Tensors", "Configuration", "Digests"]),
    room("Synthesis", imports: ["Tensors", "CJPEG", "CPNG"]),

    // MARK: Training
    room("Batching", imports: ["Modalities", "Tensors", "CKernels", "Digests"]),
    room("Evaluation", imports: ["Tensors", "COpenBLAS"]),
    room(
        "Distillation",
        imports: [
            "Batching", "Configuration", "Digests", "Evaluation", "Execution", "Graphs",
            "Interchange", "Modalities", "Networks", "Objectives", "Tensors",
        ]),

    // MARK: The service
    room("ControlProtocol"),
    room("ControlClient", imports: ["ControlProtocol"], packages: [nioCore, nioPosix, nioHTTP]),
    room("Catalog", packages: [grdb, logging]),
    room("Watching", imports: ["Catalog", "CLinux", "Configuration"], packages: [logging]),
    room(
        "Daemon",
        imports: ["Watching", "Catalog", "Configuration", "ControlProtocol", "CLinux", "Digests"],
        packages: [nioCore, nioPosix, nioHTTP, logging]),
    room(
        "Worker",
        imports: [
            "Batching", "CLinux", "CPNG", "Configuration", "ControlProtocol", "Distillation",
            "Evaluation", "Execution", "Graphs", "Interchange", "Modalities", "Networks",
            "Objectives",
            "Tensors",
        ]),
    room("Console"),

    // MARK: Programs
    program(
        "distilld", imports: ["Daemon", "Configuration"], packages: [argumentParser, logging]),
    program("distill-worker", imports: ["Worker", "Execution"], packages: [argumentParser]),
    program(
        "distillctl",
        imports: [
            "ControlClient", "ControlProtocol", "Console", "Configuration", "Objectives",
            "Synthesis",
        ],
        packages: [argumentParser]),

    // MARK: Benchmarks, not installed
    Room(
        name: "CLimit", kind: .c, path: "Benchmarks/Limit", imports: ["CKernels"], links: ["dnnl"]),
    program(
        "distill-bench", path: "Benchmarks/Engine",
        imports: [
            "CKernels", "CLimit", "ControlProtocol", "Distillation", "Execution", "Graphs",
            "Networks", "Tensors", "Worker",
        ],
        packages: [argumentParser]),

    // MARK: Plugins
    plugin(
        "RGBModality", folder: "RGB", imports: ["CDistillPlugin", "PluginSupport", "CJPEG", "CPNG"]),
    plugin("DepthModality", folder: "Depth", imports: ["CDistillPlugin", "PluginSupport", "CPNG"]),
    Room(
        name: "TinyModality", kind: .testPlugin, path: "Tests/TinyPlugin",
        imports: ["CDistillPlugin"]),

    // MARK: Tests
    tests("Architecture", imports: []),
    tests("Digests", imports: ["Digests"]),
    tests("Tensors", imports: ["Tensors"]),
    tests("Graphs", imports: ["Graphs", "Tensors"]),
    tests("Execution", imports: ["Execution", "Graphs", "Tensors"]),
    tests(
        "Networks", imports: ["Networks", "Graphs", "Objectives", "Tensors", "Execution"]),
    tests("Interchange", imports: ["Interchange", "Graphs", "Networks", "Tensors", "Execution"]),
    tests("Objectives", imports: ["Objectives", "Execution", "Graphs", "Tensors"]),
    tests("Configuration", imports: ["Configuration"]),
    tests("Modalities", imports: ["Modalities", "Tensors", "CDistillPlugin", "CPNG"]),
    tests("Synthesis", imports: ["Synthesis", "Tensors"]),
    tests("Batching", imports: ["Batching", "Modalities", "Tensors"]),
    tests("Evaluation", imports: ["Evaluation", "Tensors"]),
    tests(
        "Distillation",
        imports: [
            "Distillation", "Batching", "Configuration", "Evaluation", "Execution", "Graphs",
            "Interchange", "Modalities", "Networks", "Objectives", "Synthesis", "Tensors",
        ]),
    tests("ControlProtocol", imports: ["ControlProtocol"]),
    tests("Catalog", imports: ["Catalog"], packages: [logging]),
    tests("Watching", imports: ["Watching", "Catalog", "Configuration"], packages: [logging]),
    tests(
        "Daemon",
        imports: ["Daemon", "ControlClient", "ControlProtocol", "Catalog", "Configuration"]),
    tests("Console", imports: ["Console"]),
    tests("EndToEnd", imports: ["ControlClient", "ControlProtocol", "Synthesis"]),
]

// MARK: - One loop turns rows into targets

/// `DISTILLD_ROOMS=Graphs,Execution swift build` builds just these rooms, what they need and their
/// tests: a quick way to work on one of them.
let chosen: Set<String> = {
    let byName = Dictionary(uniqueKeysWithValues: rooms.map { ($0.name, $0) })
    guard let list = Context.environment["DISTILLD_ROOMS"], !list.isEmpty else {
        return Set(byName.keys)
    }
    var names: Set<String> = []
    var open = list.split(separator: ",").flatMap { [String($0), "\($0)Tests"] }
    while let name = open.popLast() {
        guard let room = byName[name], names.insert(name).inserted else { continue }
        open += room.imports
        if name == "Modalities" || name == "ModalitiesTests" {
            open += ["RGBModality", "DepthModality", "TinyModality"]
        }
    }
    return names
}()

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

let cSettings: [CSetting] = [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])]

/// Where an installed program finds Swift's runtime: `bin` and `libexec/distilld` beside `lib/distilld`.
let runtimePaths = LinkerSetting.unsafeFlags(
    ["$ORIGIN/../lib/distilld", "$ORIGIN/../../lib/distilld"].flatMap {
        ["-Xlinker", "-rpath", "-Xlinker", $0]
    })

let targets: [Target] = rooms.filter { chosen.contains($0.name) }.map { room in
    let dependencies = room.imports.map { Target.Dependency.byName(name: $0) } + room.packages
    let links = room.links.map { LinkerSetting.linkedLibrary($0) }
    switch room.kind {
    case .system(let pkgConfig, let apt):
        return .systemLibrary(
            name: room.name, path: room.path, pkgConfig: pkgConfig,
            providers: [.apt(apt.split(separator: " ").map(String.init))])
    case .c, .testPlugin:
        return .target(
            name: room.name, dependencies: dependencies, path: room.path, cSettings: cSettings,
            linkerSettings: links)
    case .swift, .plugin:
        return .target(
            name: room.name, dependencies: dependencies, path: room.path,
            exclude: room.name.hasSuffix("Modality") ? ["plugin.toml"] : [],
            swiftSettings: swiftSettings)
    case .program:
        return .executableTarget(
            name: room.name, dependencies: dependencies, path: room.path,
            swiftSettings: swiftSettings, linkerSettings: [runtimePaths])
    case .test:
        return .testTarget(
            name: room.name, dependencies: dependencies, path: room.path,
            swiftSettings: swiftSettings)
    }
}

let plugins: [(product: String, target: String)] = [
    ("distill-modality-rgb", "RGBModality"),
    ("distill-modality-depth", "DepthModality"),
    ("distill-modality-tiny", "TinyModality"),
]

let externals: [(needs: Set<String>, dependency: Package.Dependency)] = [
    (
        ["Catalog", "Watching", "Daemon"],
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2")
    ),
    (
        ["distilld", "distill-worker", "distillctl", "distill-bench"],
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ),
    (["Catalog"], .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0")),
    (["Configuration"], .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0")),
    (["Interchange"], .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0")),
    (
        ["ControlClient", "Daemon"],
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2")
    ),
]

let package = Package(
    name: "distilld",
    products: plugins.filter { chosen.contains($0.target) }.map {
        .library(name: $0.product, type: .dynamic, targets: [$0.target])
    },
    dependencies: externals.filter { !$0.needs.isDisjoint(with: chosen) }.map(\.dependency),
    targets: targets
)
