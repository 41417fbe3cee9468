import ControlClient
import ControlProtocol
import Daemon
import Foundation
import Testing

@Suite("The control socket", .serialized, .timeLimit(.minutes(2)))
struct ServerTests {
    @Test("version and status answer")
    func status() async throws {
        try await withDaemon { daemon in
            let version = try await daemon.client.send(GetVersion())
            #expect(version.api == 1)
            #expect(version.version == ProductVersion.current)
            let status = try await daemon.client.send(GetStatus())
            #expect(status.state == "running")
            #expect(status.socket == daemon.socket)
            #expect(status.jobs["queued"] == 0)
            #expect(status.memory.residentBytes > 0)
            let doctor = try await daemon.client.send(GetDoctor())
            #expect(doctor.checks.contains { $0.name == "worker" && $0.outcome == .ok })
            #expect(doctor.checks.contains { $0.name == "database" && $0.outcome == .ok })
        }
    }

    @Test("the socket belongs to owner and group only")
    func mode() async throws {
        try await withDaemon { daemon in
            let attributes = try FileManager.default.attributesOfItem(atPath: daemon.socket)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o660)
        }
    }

    @Test("curl speaks it as the manual says")
    func curl() async throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/curl") else { return }
        try await withDaemon { daemon in
            func curl(_ arguments: String...) async throws -> String {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
                process.arguments =
                    ["-sS", "--max-time", "20", "--unix-socket", daemon.socket] + arguments
                let output = Pipe()
                process.standardOutput = output
                try process.run()
                let reader = output.fileHandleForReading
                let data = await away { reader.readDataToEndOfFile() }
                return String(decoding: data, as: UTF8.self)
            }
            #expect(try await curl("http://d/version").contains(#""min_api":1"#))
            #expect(
                try await curl("-w", "%{http_code}", "-o", "/dev/null", "http://d/v1/jobs/j9")
                    == "404")
            #expect(
                try await curl(
                    "-w", "%{http_code}", "-X", "POST", "-d", #"{"recipe":"nonsense"}"#,
                    "http://d/v1/jobs"
                ).hasSuffix("422"))
            // A body over a mebibyte has curl ask first: `Expect: 100-continue`.
            let file = "\(daemon.folder)/upload.onnx"
            makeFile(file, Data(repeating: 7, count: 3 << 20))
            #expect(
                try await curl(
                    "-X", "POST", "-H", "Content-Type: application/octet-stream", "--data-binary",
                    "@\(file)", "http://d/v1/models?name=curled&modality=rgb"
                ).contains(#""name":"curled""#))
            let copy = "\(daemon.folder)/copy.onnx"
            _ = try await curl("-o", copy, "http://d/v1/models/curled/export?format=onnx")
            #expect(
                FileManager.default.contents(atPath: copy)
                    == FileManager.default.contents(atPath: file))
        }
    }

    @Test("wrong requests get errors that say what is wrong")
    func errors() async throws {
        try await withDaemon { daemon in
            func code(_ body: () async throws -> Void) async -> String {
                do {
                    try await body()
                    return "no error"
                } catch let error as ControlError {
                    return error.code
                } catch {
                    return "\(error)"
                }
            }
            let client = daemon.client
            #expect(
                await code { _ = try await client.json(.get, ["v1", "x"]) } == "route.not_found")
            #expect(
                await code { _ = try await client.json(.delete, ["v1", "status"]) }
                    == "request.method")
            #expect(
                await code { _ = try await client.json(.post, ["v1", "jobs"], body: .array([])) }
                    == "request.malformed")
            #expect(
                await code { _ = try await client.send(ShowDataset("k")) } == "dataset.not_found")
            #expect(await code { _ = try await client.send(ShowModel("k")) } == "model.not_found")
            #expect(await code { _ = try await client.send(ShowJob("j7")) } == "job.not_found")
            #expect(await code { _ = try await client.send(ShowSample(3)) } == "sample.not_found")
            #expect(
                await code {
                    _ = try await client.send(AddDataset(path: "relative"))
                } == "request.malformed")
            #expect(
                await code {
                    _ = try await client.send(AddDataset(path: "\(daemon.folder)/nowhere"))
                } == "root.missing")
            let recipe = EnqueueJob(recipe: .toml("name = \"a\"\nkind = \"train\"\nepoch = 1"))
            #expect(await code { _ = try await client.send(recipe) }.hasPrefix("recipe."))
        }
    }

    @Test("one connection carries several requests")
    func keepAlive() async throws {
        try await withDaemon { daemon in
            let connection = try #require(RawConnection(daemon.socket))
            for _ in 0..<3 {
                connection.send("GET /version HTTP/1.1\r\nHost: d\r\n\r\n")
                #expect(await connection.readSome().hasPrefix("HTTP/1.1 200"))
            }
            connection.send("GET /version HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n")
            #expect(await connection.readToEnd().contains("min_api"))
        }
    }
}
