import Configuration
import Foundation
import Testing

@Suite("The units of systemd")
struct PackagingTests {
    private var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Packaging")
    }

    private func unit(_ name: String) throws -> [String] {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }

    @Test("the service is hardened as far as training allows")
    func hardening() throws {
        let service = try unit("distilld.service")
        let expected = [
            "Type=notify", "NoNewPrivileges=yes", "CapabilityBoundingSet=",
            "ProtectSystem=strict", "ProtectHome=read-only", "PrivateTmp=yes",
            "PrivateDevices=yes", "PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX",
            "SystemCallFilter=@system-service", "SystemCallFilter=~@privileged", "UMask=0077",
            "IPAddressDeny=any", "KeyringMode=private", "OOMPolicy=continue",
        ]
        for line in expected { #expect(service.contains(line), "\(line) is missing") }
        // oneDNN compiles at run time, and callers are told apart by their real user numbers.
        #expect(!service.contains { $0.hasPrefix("MemoryDenyWriteExecute") })
        #expect(!service.contains { $0.hasPrefix("PrivateUsers") })
        #expect(service.contains { $0.hasPrefix("WatchdogSec=") })
        #expect(service.contains { $0.hasPrefix("ExecReload=") && $0.hasSuffix(" reload") })
    }

    @Test("the socket belongs to the group distill and has the name that the daemon looks for")
    func socket() throws {
        let socket = try unit("distilld.socket")
        #expect(socket.contains("SocketGroup=distill"))
        #expect(socket.contains("SocketMode=0660"))
        #expect(socket.contains("FileDescriptorName=control"))
        #expect(socket.contains("ListenStream=\(DefaultPaths.systemSocket)"))
    }

    @Test("systemd calls the service safe", .enabled(if: SystemdAnalyze.isThere))
    func exposure() throws {
        let text = try String(
            contentsOf: folder.appendingPathComponent("distilld.service"), encoding: .utf8)
        let place = FileManager.default.temporaryDirectory.appendingPathComponent(
            "\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        let copy = place.appendingPathComponent("distilld.service")
        try text.replacing("@PREFIX@", with: "/usr").write(
            to: copy, atomically: true, encoding: .utf8)
        // --threshold counts in tenths.
        let (status, output) = try SystemdAnalyze.run(
            "security", "--offline=true", "--threshold=10", "--no-pager", copy.path)
        #expect(status == 0, "\(output.suffix(200))")
    }

    @Test("the example configuration reads, and says nothing but the defaults")
    func example() throws {
        let text = try String(
            contentsOf: folder.appendingPathComponent("distilld.toml"), encoding: .utf8)
        let surroundings = Surroundings(
            environment: ["HOME": "/var/lib/distilld", "STATE_DIRECTORY": "/var/lib/distilld"],
            isRoot: false, currentFolder: "/", executable: nil)
        func settings(_ toml: String) throws -> DaemonSettings {
            try DaemonSettings(
                toml: toml, file: "/etc/distilld/distilld.toml", surroundings: surroundings)
        }
        #expect(try settings(text) == settings(""))
        // Each key that is commented out is a key that exists.
        let written = text.split(separator: "\n").map { line in
            line.hasPrefix("# ") && line.contains(" = ") ? line.dropFirst(2) : line
        }.joined(separator: "\n")
        #expect(try settings(written).workers == 1)
    }
}

/// `systemd-analyze`, where it is installed.
private enum SystemdAnalyze {
    static let path = "/usr/bin/systemd-analyze"
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }

    static func run(_ arguments: String...) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
