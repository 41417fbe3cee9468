import ControlProtocol
import Foundation
import NIOCore

/// An error reply as bytes, for connections that never got as far as a request.
enum RawReply {
    static func bytes(_ error: ControlError) -> ByteBuffer {
        let body = (try? ControlJSON.encode(ErrorReply(error))) ?? Data("{}".utf8)
        let retry = error.retryable ? "Retry-After: 1\r\n" : ""
        let head = """
            HTTP/1.1 \(error.httpStatus) \(reason(error.httpStatus))\r
            Content-Type: application/json\r
            Content-Length: \(body.count)\r
            Connection: close\r
            \(retry)\r

            """
        var buffer = ByteBuffer(string: head)
        buffer.writeBytes(body)
        return buffer
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 408: "Request Timeout"
        case 431: "Request Header Fields Too Large"
        case 503: "Service Unavailable"
        default: "Error"
        }
    }
}
