import Testing

/// The checkers must find what is wrong: a house with every mistake in it.
@Suite struct CheckerTests {
    static let manifest = """
        let grdb = product("GRDB", "GRDB.swift")
        let nio = product("NIOCore", "swift-nio")

        let rooms: [Room] = [
            // MARK: C
            c("CCellar", links: ["m"]),
            system("CJPEG", pkgConfig: "libjpeg", apt: "libjpeg-dev"),
            room("Kitchen", imports: ["CCellar"]),
            room("Catalog", packages: [grdb]),
            room(
                "Parlour",
                imports: [
                    "Kitchen",
                ], packages: [nio]),
            program("house", imports: ["Parlour"]),
            plugin("ChairModality", folder: "Chair", imports: ["Kitchen"]),
            Room(name: "Tiny", kind: .testPlugin, path: "Tests/TinyPlugin", imports: []),
            tests("Kitchen", imports: ["Kitchen"]),
        ]

        let other = [room("NotARow")]
        """

    private func violations(_ path: String, _ text: String) throws -> [String] {
        let table = try RoomTable(manifest: Self.manifest)
        let header = SourceFile(path: "Sources/CCellar/include/CCellar.h", text: "")
        let foreign = SourceFile(path: "Tests/TinyPlugin/include/Tiny.h", text: "")
        return ImportRules(table: table).violations(
            in: [header, foreign, SourceFile(path: path, text: text)]
        ).filter { $0.hasPrefix(path) }
    }

    @Test func readsRowsOfEveryKind() throws {
        let rows = try RoomTable(manifest: Self.manifest).rows
        #expect(
            rows.map(\.name) == [
                "CCellar", "CJPEG", "Kitchen", "Catalog", "Parlour", "house", "ChairModality",
                "Tiny", "KitchenTests",
            ])
        #expect(rows[4].imports == ["Kitchen"] && rows[4].products == ["NIOCore"])
        #expect(rows[6].folder == "Plugins/Chair" && rows[7].folder == "Tests/TinyPlugin")
        #expect(rows[8].folder == "Tests/KitchenTests")
    }

    @Test(arguments: [
        "import Kitchen", "package import Kitchen", "@preconcurrency import Kitchen",
        "internal import Foundation", "import struct Kitchen.Pan", "import NIOCore",
        "// import Catalog", "/* import Catalog */", "let text = \"import Catalog\"",
        "let text = \"\"\"\n    import Catalog\n    \"\"\"",
    ])
    func acceptsArrowsOfTheTable(line: String) throws {
        // NIO's rule is another test.
        let found = try violations("Sources/Parlour/A.swift", line + "\n")
        #expect(found.filter { !$0.contains("NIOCore") } == [])
    }

    @Test(arguments: [
        "import Catalog", "  import Catalog", "package import Catalog", "public import Catalog",
        "@preconcurrency import Catalog", "@_exported public import Catalog",
        "@_spi(Inner) import Catalog", "import struct Catalog.Row", "import Catalog.Inner",
        "import Kitchen; import Catalog", "@preconcurrency package import class Catalog.Row",
        "import Unknown", "import Testing", "import house", "internal import GRDB",
    ])
    func refusesOtherArrows(line: String) throws {
        let found = try violations("Sources/Parlour/A.swift", "// note\n" + line + "\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("Sources/Parlour/A.swift:2: Parlour may not import") == true)
    }

    @Test func keepsProductsInTheirRooms() throws {
        #expect(try violations("Sources/Catalog/A.swift", "import GRDB") == [])
        #expect(try violations("Sources/Parlour/A.swift", "import NIOCore").count == 1)
        let table = try RoomTable(manifest: Self.manifest)
        #expect(
            ImportRules(table: table).violations(in: []) == ["Parlour may not depend on NIOCore"])
    }

    @Test func testsMayTestButNotPeep() throws {
        #expect(
            try violations("Tests/KitchenTests/A.swift", "import Testing\nimport Kitchen") == [])
        #expect(try violations("Tests/KitchenTests/A.swift", "@testable import Kitchen").count == 1)
        #expect(try violations("Tests/KitchenTests/A.swift", "import Catalog").count == 1)
    }

    @Test func onlyModalitiesLoads() throws {
        #expect(try violations("Sources/Kitchen/A.swift", "let a = dlopen(path, 0)").count == 1)
        #expect(try violations("Sources/Kitchen/A.swift", "/// like dlopen(path, 0)") == [])
    }

    @Test func checksIncludes() throws {
        #expect(try violations("Sources/CCellar/a.c", "#include \"CCellar.h\"") == [])
        #expect(try violations("Sources/CCellar/a.c", "#include <string.h>") == [])
        #expect(try violations("Sources/CCellar/a.c", "# include <jpeglib.h>").count == 1)
        #expect(try violations("Sources/CCellar/a.c", "#include \"Tiny.h\"").count == 1)
        #expect(try violations("Sources/CJPEG/shim.h", "#include <jpeglib.h>") == [])
        #expect(try violations("Sources/CJPEG/shim.h", "#include <dlfcn.h>").count == 1)
    }

    @Test func findsFilesOutsideTheRooms() throws {
        #expect(
            try violations("Sources/Attic/A.swift", "") == ["Sources/Attic/A.swift lies in no room"]
        )
    }

    // MARK: The table

    @Test func findsTurningArrows() {
        func row(_ name: String, _ imports: [String], kind: String = "room") -> RoomRow {
            RoomRow(
                name: name, kind: kind,
                folder: kind == "tests" ? "Tests/\(name)" : "Sources/\(name)",
                imports: imports, products: [])
        }
        #expect(RoomTable(rows: [row("A", []), row("B", ["A"])]).violations() == [])
        #expect(RoomTable(rows: [row("A", ["B"]), row("B", [])]).violations().count == 1)
        #expect(RoomTable(rows: [row("A", ["B"]), row("B", ["A"])]).violations().count == 1)
        #expect(RoomTable(rows: [row("A", ["A"])]).violations().count == 1)
        #expect(
            RoomTable(rows: [row("A", ["Z"])]).violations() == ["A imports Z, which is no room"])
        #expect(RoomTable(rows: [row("A", []), row("A", [])]).violations().count == 1)
        #expect(
            RoomTable(rows: [row("T", [], kind: "tests"), row("A", ["T"])]).violations().count == 1)
        #expect(
            RoomTable(rows: [row("P", [], kind: "program"), row("A", ["P"])]).violations().count
                == 1)
    }

    // MARK: Style

    @Test func findsTrapsButNotInWords() {
        func traps(_ text: String, path: String = "Sources/A/A.swift") -> Int {
            StyleRules.trapViolations(in: [SourceFile(path: path, text: text)]).count
        }
        #expect(traps("let a = try! f()") == 1)
        #expect(traps("let a = b as! C") == 1)
        #expect(traps("fatalError()") == 1)
        #expect(traps("// no try! here\nlet a = \"as! \\\" fatalError\"\n/* try! */") == 0)
        #expect(traps("let a = try! f()", path: "Tests/A/A.swift") == 0)
    }

    @Test func findsLongFilesAndNotes() {
        let long = SourceFile(
            path: "Sources/A/A.swift", text: String(repeating: "\n", count: 401))
        let generated = SourceFile(path: "Sources/A/Generated/A.swift", text: long.text)
        let fits = SourceFile(path: "Sources/A/B.swift", text: String(repeating: "\n", count: 400))
        #expect(StyleRules.lengthViolations(in: [long, generated, fits]).count == 1)
        let note = SourceFile(path: "Sources/A/A.swift", text: "// TODO: later")
        #expect(StyleRules.noteViolations(in: [note]).count == 1)
        let bare = SourceFile(
            path: "Sources/A/A.swift", text: "final class A: @unchecked Sendable {}")
        let proven = SourceFile(
            path: "Sources/A/A.swift", text: "// Immutable after init.\n" + bare.text)
        #expect(StyleRules.uncheckedViolations(in: [bare, proven]).count == 1)
    }
}
