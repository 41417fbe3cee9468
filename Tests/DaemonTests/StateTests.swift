import ControlClient
import ControlProtocol
import Daemon
import Foundation
import Glibc
import Testing

@Suite("State folder and socket", .serialized, .timeLimit(.minutes(2)))
struct StateTests {
    @Test("a second daemon on the same state is refused, with the pid of the first")
    func secondDaemon() async throws {
        try await withDaemon { daemon in
            let options = try TestDaemon.options(folder: daemon.folder)
            do {
                _ = try await Daemon.open(options)
                Issue.record("a second daemon was let in")
            } catch let error as ControlError {
                #expect(error.code == "state.in_use")
                #expect(error.message.contains("pid \(getpid())"))
            }
            #expect(try await daemon.client.send(GetVersion()).api == 1)
        }
    }

    @Test("a socket that a crash left behind is replaced, one that answers is not")
    func staleSocket() async throws {
        let folder = try TestDaemon.newFolder()
        let path = "\(folder)/d.sock"
        let stale = try ListeningSocket.open(path: path, environment: [:])
        #expect(throws: ControlError.self) {
            try ListeningSocket.open(path: path, environment: [:])
        }
        close(stale.descriptor)
        let daemon = try await TestDaemon(folder: folder)
        #expect(try await daemon.client.send(GetVersion()).api == 1)
        try await daemon.stop()
        #expect(!FileManager.default.fileExists(atPath: path))
        makeFile(path, Data("mine".utf8))
        #expect(throws: ControlError.self) {
            try ListeningSocket.open(path: path, environment: [:])
        }
        #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test("a state folder that cannot be used is named")
    func unusable() throws {
        let folder = try TestDaemon.newFolder()
        makeFile("\(folder)/state", Data())
        do {
            try StateFolder(path: "\(folder)/state").prepare()
            Issue.record("a file was taken for a state folder")
        } catch let error as ControlError {
            #expect(error.code == "state.not_writable")
            #expect(error.message.contains("\(folder)/state"))
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test("nobody at the socket is an error of its own")
    func unreachable() async throws {
        let client = try ControlClient(socketPath: "/nowhere/d.sock")
        do {
            _ = try await client.send(GetVersion())
            Issue.record("nobody answered")
        } catch let error as ControlError {
            #expect(error.exitStatus == .unreachable)
            #expect(error.hint != nil)
        }
        #expect(throws: ControlError.self) {
            try ControlClient(socketPath: "/" + String(repeating: "x", count: 120))
        }
    }

    @Test("a new configuration is taken, a faulty one refused")
    func reload() async throws {
        try await withDaemon { daemon in
            let file = "\(daemon.folder)/distilld.toml"
            try "[queue]\nworkers = 2\n".write(toFile: file, atomically: true, encoding: .utf8)
            let reply = try await daemon.client.send(ReloadConfiguration())
            #expect(reply.applied == ["queue.workers"])
            #expect(reply.needsRestart.isEmpty)
            try "[queue]\nwrokers = 3\n".write(toFile: file, atomically: true, encoding: .utf8)
            do {
                _ = try await daemon.client.send(ReloadConfiguration())
                Issue.record("a faulty configuration was taken")
            } catch let error as ControlError {
                #expect(error.code == "configuration.unknown_key")
                #expect(error.message.contains("wrokers"))
            }
            #expect(try await daemon.client.send(GetVersion()).api == 1)
        }
    }
}
