import ControlClient
import ControlProtocol
import Daemon
import Foundation
import Testing

@Suite("The limits of the control socket", .serialized, .timeLimit(.minutes(2)))
struct ServerLimitTests {
    @Test("a JSON body over the limit is refused, announced or not")
    func body() async throws {
        try await withDaemon(.limit(\.jsonBody, 1_000)) { daemon in
            let announced = try #require(RawConnection(daemon.socket))
            announced.send(
                "POST /v1/jobs HTTP/1.1\r\nHost: d\r\nContent-Length: 1073741824\r\n\r\n{")
            #expect(await announced.readToEnd().hasPrefix("HTTP/1.1 413"))
            let chunked = try #require(RawConnection(daemon.socket))
            chunked.send("POST /v1/jobs HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<20 {
                chunked.send("64\r\n" + String(repeating: " ", count: 100) + "\r\n")
            }
            #expect(await chunked.readToEnd().hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test("headers over the limit are refused")
    func headers() async throws {
        try await withDaemon { daemon in
            let connection = try #require(RawConnection(daemon.socket))
            connection.send("GET /version HTTP/1.1\r\nHost: d\r\nX: ")
            connection.send(String(repeating: "x", count: 20_000))
            #expect(await connection.readToEnd().hasPrefix("HTTP/1.1 431"))
        }
    }

    @Test("who sends no headers in time is shown out")
    func slowHeaders() async throws {
        try await withDaemon(.limit(\.headerTime, .milliseconds(200))) { daemon in
            let silent = try #require(RawConnection(daemon.socket))
            let slow = try #require(RawConnection(daemon.socket))
            slow.send("GET /version HT")
            #expect(await slow.readToEnd().hasPrefix("HTTP/1.1 408"))
            #expect(await silent.readToEnd().hasPrefix("HTTP/1.1 408"))
        }
    }

    @Test("a body that does not come is not waited for")
    func slowBody() async throws {
        try await withDaemon(.limit(\.bodyTime, .milliseconds(200))) { daemon in
            let slow = try #require(RawConnection(daemon.socket))
            slow.send("POST /v1/jobs HTTP/1.1\r\nHost: d\r\nContent-Length: 100\r\n\r\n{")
            #expect(await slow.readToEnd().hasPrefix("HTTP/1.1 408"))
        }
    }

    @Test("an idle connection is closed, and so is what is no HTTP")
    func idle() async throws {
        try await withDaemon(.limit(\.idleTime, .milliseconds(200))) { daemon in
            let idle = try #require(RawConnection(daemon.socket))
            idle.send("GET /version HTTP/1.1\r\nHost: d\r\n\r\n")
            #expect(await idle.readToEnd().contains("min_api"))
            let garbage = try #require(RawConnection(daemon.socket))
            garbage.send("\u{1}\u{2}\u{3} what is this\r\n\r\n")
            #expect(await garbage.readToEnd().hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test("connections that only wait make room for those that ask")
    func crowd() async throws {
        try await withDaemon(.limit(\.connections, 8)) { daemon in
            let crowd = (0..<50).compactMap { _ in RawConnection(daemon.socket) }
            #expect(crowd.count == 50)
            let version = try await daemon.client.send(GetVersion())
            #expect(version.api == 1)
            withExtendedLifetime(crowd) {}
        }
    }

    @Test("connections that are in use are not pushed out: the next is told to wait")
    func full() async throws {
        try await withDaemon(.limit(\.connections, 4)) { daemon in
            let followers = (0..<4).compactMap { _ in RawConnection(daemon.socket) }
            for follower in followers {
                follower.send("GET /v1/events?follow=1 HTTP/1.1\r\nHost: d\r\n\r\n")
                #expect(await follower.readSome().hasPrefix("HTTP/1.1 200"))
            }
            let late = try #require(RawConnection(daemon.socket))
            let reply = await late.readToEnd()
            #expect(reply.hasPrefix("HTTP/1.1 503"))
            #expect(reply.contains("Retry-After"))
            // The answer comes before there is a request; the client has to understand it every time.
            for _ in 0..<50 {
                let error = await #expect(throws: ControlError.self) {
                    try await daemon.client.send(GetStatus())
                }
                #expect(error?.code == "daemon.busy")
            }
            withExtendedLifetime(followers) {}
        }
    }

    @Test("a refused upload is answered before its end")
    func refusedUpload() async throws {
        try await withDaemon(.limit(\.upload, 1 << 20)) { daemon in
            let file = "\(daemon.folder)/big.onnx"
            makeFile(file, Data(repeating: 1, count: 8 << 20))
            await #expect(throws: ControlError.self) {
                try await daemon.client.upload(
                    ImportModel(originalName: "big.onnx", name: "big"), from: file)
            }
            let left = try FileManager.default.contentsOfDirectory(
                atPath: "\(daemon.state)/incoming")
            #expect(left.isEmpty)
        }
    }
}
