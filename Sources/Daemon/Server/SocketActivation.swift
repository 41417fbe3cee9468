import ControlProtocol
import Foundation

/// Finds the sockets that a service manager opened for this process.
///
/// - Reference: sd_listen_fds(3): descriptors from 3 on, LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES.
package enum SocketActivation {
    /// The descriptor named `control` (or `distilld.socket`), or the only one; nil: none was
    /// passed.
    ///
    /// - Throws: `ControlError` when descriptors came but none can be told to be the control
    /// socket.
    package static func descriptor(
        environment: [String: String], pid: Int32
    ) throws -> Int32? {
        guard let listenPID = environment["LISTEN_PID"].flatMap({ Int32($0) }), listenPID == pid,
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), count > 0
        else { return nil }
        let names = environment["LISTEN_FDNAMES"].map {
            $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        }
        if let names, let index = names.firstIndex(where: { known.contains($0) }) {
            return 3 + Int32(index)
        }
        if count == 1 { return 3 }
        throw ControlError(
            "socket.activation",
            "\(count) sockets were passed, none named control: \(names ?? [])",
            hint: "set FileDescriptorName=control in distilld.socket")
    }

    private static let known: Set<String> = ["control", "distilld.socket", "distilld"]
}
