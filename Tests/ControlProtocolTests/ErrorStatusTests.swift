import ControlProtocol
import Foundation
import Testing

@Suite("Errors of the protocol")
struct ErrorStatusTests {
    @Test(
        "a code has one HTTP status and one exit status",
        arguments: [
            ("dataset.not_found", 404, ControlProtocol.ExitStatus.notFound),
            ("job.not_found", 404, .notFound),
            ("model.exists", 409, .conflict),
            ("model.in_use", 409, .conflict),
            ("job.state", 409, .conflict),
            ("auth.denied", 403, .denied),
            ("socket.denied", 403, .denied),
            ("request.malformed", 400, .usage),
            ("request.too_large", 413, .usage),
            ("request.headers_too_large", 431, .usage),
            ("request.slow", 408, .retryLater),
            ("queue.full", 429, .retryLater),
            ("daemon.busy", 503, .retryLater),
            ("daemon.stopping", 503, .retryLater),
            ("daemon.unreachable", 503, .unreachable),
            ("idempotency.mismatch", 422, .conflict),
            ("recipe.unknown_key", 422, .failed),
            ("depth.eight_bit", 422, .failed),
            ("internal", 500, .failed),
            ("disk.full", 507, .failed),
            ("usage", 400, .usage),
        ])
    func mapping(code: String, http: Int, exit: ControlProtocol.ExitStatus) {
        let error = ControlError(code, "message")
        #expect(error.httpStatus == http)
        #expect(error.exitStatus == exit)
    }

    @Test("the exit statuses are those that the manual lists")
    func exitStatuses() {
        #expect(ControlProtocol.ExitStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 75])
    }

    @Test("an error keeps every field on the wire")
    func wire() throws {
        let error = ControlError(
            "root.not_readable", "message", hint: "hint", retryable: true,
            details: ["path": .string("/data"), "n": .integer(3)])
        let data = try ControlJSON.encode(ErrorReply(error))
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"error":{"code":"root.not_readable","details":{"n":3,"path":"/data"},"#
                + #""hint":"hint","message":"message","retryable":true}}"#)
        #expect(try ControlJSON.decode(ErrorReply.self, from: data).error == error)
    }

    @Test("an error of a later version still reads")
    func partial() throws {
        let data = Data(#"{"error":{"code":"a.b","message":"m","new":1}}"#.utf8)
        #expect(
            try ControlJSON.decode(ErrorReply.self, from: data).error == ControlError("a.b", "m"))
    }
}
