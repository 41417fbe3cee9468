import CLinux
import Foundation

/// Who is at the other end of a connection, as the kernel saw it when it connected.
package struct Peer: Sendable, Hashable {
    package var uid: UInt32
    /// The primary group first.
    package var groups: [UInt32]

    package init(uid: UInt32, groups: [UInt32]) {
        self.uid = uid
        self.groups = groups
    }

    /// The peer of a connected Unix socket, with its supplementary groups.
    init?(socket: Int32) {
        var credentials = clinux_peer()
        guard clinux_peer_credentials(socket, &credentials) == 0 else { return nil }
        var groups = [credentials.gid]
        var capacity = 64
        while capacity <= 65_536 {
            var supplementary = [gid_t](repeating: 0, count: capacity)
            let count = clinux_peer_groups(socket, &supplementary, Int32(capacity))
            if count >= 0 {
                groups += supplementary.prefix(Int(count))
                break
            }
            guard errno == ERANGE else { break }
            capacity *= 8
        }
        self.init(uid: credentials.uid, groups: groups)
    }
}
