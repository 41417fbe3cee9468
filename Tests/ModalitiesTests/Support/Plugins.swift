import Foundation
import Modalities

/// The plugins of this build, laid out as an installation has them.
enum Plugins {
    /// RGB, depth and the tiny one, loaded once for all tests.
    static let rgb = load("rgb")
    static let depth = load("depth")
    static let tiny = load("tiny")

    /// The package's root folder.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The folder of a plugin's manifest in the sources.
    static func sources(_ name: String) -> URL {
        switch name {
        case "rgb": root.appendingPathComponent("Plugins/RGB")
        case "depth": root.appendingPathComponent("Plugins/Depth")
        default: root.appendingPathComponent("Tests/TinyPlugin")
        }
    }

    /// The library that this build made, beside the running test bundle.
    static func library(_ name: String) -> URL {
        let program = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        var folders = [program.deletingLastPathComponent(), Bundle.main.bundleURL]
        // Some runners load the bundle into a helper and name it among the arguments.
        for argument in CommandLine.arguments.dropFirst() where argument.hasSuffix(".xctest") {
            folders.append(URL(fileURLWithPath: argument).deletingLastPathComponent())
        }
        let candidates = folders.map { $0.appendingPathComponent("libdistill-modality-\(name).so") }
        return candidates.first { FileManager.default.fileExists(atPath: $0.path) } ?? candidates[0]
    }

    /// Copies a plugin into `folder/NAME` and lets `change` alter the files before anybody looks.
    @discardableResult
    static func install(
        _ name: String, into folder: URL, change: (URL) throws -> Void = { _ in }
    ) throws -> URL {
        let target = folder.appendingPathComponent(name)
        let manager = FileManager.default
        try manager.createDirectory(
            at: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let manifest = target.appendingPathComponent("plugin.toml")
        let library = target.appendingPathComponent("libdistill-modality-\(name).so")
        try manager.copyItem(at: sources(name).appendingPathComponent("plugin.toml"), to: manifest)
        try manager.copyItem(at: Plugins.library(name), to: library)
        for file in [manifest, library] {
            try manager.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        }
        try change(target)
        return target
    }

    private static func load(_ name: String) -> ModalityPlugin {
        do {
            // A mapped library needs its file no longer.
            return try withTemporaryFolder { folder in
                try install(name, into: folder)
                return try PluginHost(folders: [folder.path]).plugin(modality: name)
            }
        } catch {
            preconditionFailure("the \(name) plugin of this build cannot be loaded: \(error)")
        }
    }
}

/// Makes a folder that nobody else may write, for the length of `body`.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        .appendingPathComponent("distill-modalities-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}

/// Writes bytes to a file for the length of `body`.
func withFile<Result>(
    _ bytes: [UInt8], named name: String = "sample", _ body: (String) throws -> Result
) throws -> Result {
    try withTemporaryFolder { folder in
        let place = folder.appendingPathComponent(name)
        try Data(bytes).write(to: place)
        return try body(place.path)
    }
}

/// The code of the plugin error that `body` throws; nil where it throws none.
func code(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return (error as? PluginError)?.code ?? "\(error)"
    }
}

/// The message of the error that `body` throws.
func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        return "\(error)"
    }
}

/// Real recordings that may lie beside the package; nil where they do not.
func realData(_ folder: String) -> URL? {
    let root =
        ProcessInfo.processInfo.environment["DISTILL_TEST_DATA"].map { URL(fileURLWithPath: $0) }
        ?? Plugins.root.deletingLastPathComponent().appendingPathComponent("shared/data")
    let place = root.appendingPathComponent(folder)
    return FileManager.default.fileExists(atPath: place.path) ? place : nil
}
