import Foundation
import Modalities
import Testing

@Suite("What is refused as a plugin")
struct PluginRefusalTests {
    /// How an installed plugin is spoilt, and the code that follows.
    struct Spoiling: Sendable, CustomTestStringConvertible {
        let name: String
        let code: String
        let change: @Sendable (URL) throws -> Void
        var testDescription: String { name }
    }

    private static let library = "libdistill-modality-tiny.so"

    private static func manifest(_ old: String, _ new: String) -> @Sendable (URL) throws -> Void {
        { folder in
            let place = folder.appendingPathComponent("plugin.toml")
            let text = try String(contentsOf: place, encoding: .utf8)
            try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: place)
        }
    }

    private static func mode(_ mode: Int, of file: String) -> @Sendable (URL) throws -> Void {
        { folder in
            let place = file.isEmpty ? folder.path : folder.appendingPathComponent(file).path
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: place)
        }
    }

    /// Replaces bytes of the table: magic, major and minor version stand one behind the other.
    private static func table(_ bytes: [UInt8], at offset: Int) -> @Sendable (URL) throws -> Void {
        { folder in
            let place = folder.appendingPathComponent(library)
            var data = [UInt8](try Data(contentsOf: place))
            let table: [UInt8] = Array("DSTL".utf8) + [1, 0, 0, 0]
            var found = 0
            for start in 0...(data.count - table.count)
            where data[start] == table[0] && data[start..<start + table.count].elementsEqual(table)
            {
                data.replaceSubrange(start + offset..<start + offset + bytes.count, with: bytes)
                found += 1
            }
            #expect(found > 0)
            try Data(data).write(to: place)
        }
    }

    private static let manifests: [Spoiling] = [
        .init(
            name: "syntax", code: "plugin.manifest", change: manifest("id = ", "id ")),
        .init(
            name: "unknown key", code: "plugin.manifest", change: manifest("summary", "sumary")),
        .init(
            name: "library elsewhere", code: "plugin.manifest",
            change: manifest("\"lib", "\"../lib")),
        .init(
            name: "no version of the contract", code: "plugin.manifest",
            change: manifest("abi = \"1.0\"", "abi = \"one\"")),
        .init(
            name: "folder writable by all", code: "plugin.writable_by_others",
            change: mode(0o777, of: "")),
        .init(
            name: "manifest writable by the group", code: "plugin.writable_by_others",
            change: mode(0o664, of: "plugin.toml")),
    ]

    private static let libraries: [Spoiling] = [
        .init(
            name: "manifest of another major version", code: "plugin.abi",
            change: manifest("abi = \"1.0\"", "abi = \"2.0\"")),
        .init(
            name: "manifest of a later minor version", code: "plugin.abi",
            change: manifest("abi = \"1.0\"", "abi = \"1.9\"")),
        .init(
            name: "library writable by all", code: "plugin.writable_by_others",
            change: mode(0o666, of: library)),
        .init(
            name: "library missing", code: "plugin.unreadable",
            change: {
                try FileManager.default.removeItem(at: $0.appendingPathComponent(library))
            }),
        .init(
            name: "digest of another build", code: "plugin.sha256",
            change: manifest(
                "modality =", "sha256 = \"\(String(repeating: "0", count: 64))\"\nmodality =")),
        .init(
            name: "entry under another name", code: "plugin.entry",
            change: { folder in
                try manifest("lib = \"\(library)\"", "lib = \"libother.so\"")(folder)
                try FileManager.default.moveItem(
                    at: folder.appendingPathComponent(library),
                    to: folder.appendingPathComponent("libother.so"))
            }),
        .init(name: "wrong magic", code: "plugin.magic", change: table([0x58], at: 0)),
        .init(name: "table of major version 2", code: "plugin.abi", change: table([2], at: 4)),
        .init(name: "table of minor version 7", code: "plugin.abi", change: table([7], at: 6)),
        .init(
            name: "another id", code: "plugin.mismatch",
            change: manifest("test.tiny", "test.other")),
    ]

    @Test("Folders with a bad manifest are reported, not listed", arguments: manifests)
    func folders(_ spoiling: Spoiling) throws {
        try withTemporaryFolder { folder in
            try Plugins.install("tiny", into: folder, change: spoiling.change)
            let host = PluginHost(folders: [folder.path])
            #expect(host.discovered.isEmpty)
            #expect(host.refused.map(\.error.code) == [spoiling.code])
        }
    }

    @Test("Libraries that do not fit are refused when they are loaded", arguments: libraries)
    func loading(_ spoiling: Spoiling) throws {
        try withTemporaryFolder { folder in
            try Plugins.install("tiny", into: folder, change: spoiling.change)
            let host = PluginHost(folders: [folder.path])
            #expect(code { _ = try host.plugin(modality: "tiny") } == spoiling.code)
        }
    }

    @Test("The right digest is accepted")
    func digest() throws {
        try withTemporaryFolder { folder in
            let digest = Plugins.tiny.libraryDigest.uppercased()
            try Plugins.install("tiny", into: folder) {
                try Self.manifest("modality =", "sha256 = \"\(digest)\"\nmodality =")($0)
            }
            #expect(
                try PluginHost(folders: [folder.path]).plugin(modality: "tiny").id == "test.tiny")
        }
    }

    @Test("A folder of plugins that all may write is refused as a whole")
    func searchFolder() throws {
        try withTemporaryFolder { folder in
            try Plugins.install("tiny", into: folder)
            try Self.mode(0o777, of: "")(folder)
            let host = PluginHost(folders: [folder.path])
            #expect(host.discovered.isEmpty)
            #expect(host.refused.map(\.error.code) == ["plugin.writable_by_others"])
            #expect(host.refused.first?.error.hint.contains("chmod go-w") == true)
        }
    }
}
