import Foundation
import Testing

/// The rooms of the house and the arrows between them, as Package.swift's table has them.
@Suite struct ArchitectureTests {
    @Test func theTableIsRead() throws {
        let table = try RoomTable(manifest: SourceTree.manifest())
        #expect(table.rows.count > 40)
        #expect(table.row(named: "Tensors")?.folder == "Sources/Tensors")
        #expect(table.row(named: "DepthModality")?.folder == "Plugins/Depth")
        #expect(table.row(named: "TinyModality")?.folder == "Tests/TinyPlugin")
        #expect(table.row(named: "GraphsTests")?.imports.contains("Graphs") == true)
        #expect(table.row(named: "Catalog")?.products.contains("GRDB") == true)
    }

    @Test func arrowsNeverTurn() throws {
        #expect(try RoomTable(manifest: SourceTree.manifest()).violations() == [])
    }

    @Test func everyImportIsInTheTable() throws {
        let rules = ImportRules(table: try RoomTable(manifest: SourceTree.manifest()))
        let files = try SourceTree.files()
        #expect(files.count > 100)
        #expect(rules.violations(in: files) == [])
    }

    @Test func everyRoomHasItsFolder() throws {
        let table = try RoomTable(manifest: SourceTree.manifest())
        let missing = table.rows.map(\.folder).filter {
            !FileManager.default.fileExists(atPath: SourceTree.root.appending(path: $0).path)
        }
        #expect(missing == [])
    }

    @Test func noFileIsTooLong() throws {
        #expect(try StyleRules.lengthViolations(in: SourceTree.files()) == [])
    }

    @Test func nothingTrapsOrWaits() throws {
        let files = try SourceTree.files()
        #expect(StyleRules.trapViolations(in: files) == [])
        #expect(StyleRules.noteViolations(in: files) == [])
        #expect(StyleRules.uncheckedViolations(in: files) == [])
    }

    /// What is built is never in the repository.
    @Test func buildsAreIgnored() throws {
        let ignored = try String(
            contentsOf: SourceTree.root.appending(path: ".gitignore"), encoding: .utf8)
        let lines = ignored.split(separator: "\n").map(String.init)
        #expect(lines.contains(".build/") || lines.contains(".build"))
        guard FileManager.default.fileExists(atPath: SourceTree.root.appending(path: ".git").path)
        else { return }
        let git = Process()
        let output = Pipe()
        git.executableURL = URL(filePath: "/usr/bin/env")
        git.arguments = ["git", "-C", SourceTree.root.path, "ls-files", "--", ".build", ".distill"]
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        try git.run()
        let listed = try output.fileHandleForReading.readToEnd() ?? Data()
        git.waitUntilExit()
        #expect(String(decoding: listed, as: UTF8.self) == "")
    }
}
