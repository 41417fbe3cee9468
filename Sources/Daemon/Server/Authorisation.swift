import ControlProtocol
import Foundation
import Glibc

/// What a route asks of its caller.
package enum Right: Sendable, Equatable {
    /// Looking: status, lists, logs, events, exports.
    case read
    /// Adding jobs and planning them.
    case enqueue
    /// Changing a job, which its owner may.
    case changeOwn
    /// Everything else.
    case administer
}

/// Who may do what, by the kernel's word on who is calling.
///
/// root and the daemon's own user may do everything; the group `distill` reads, enqueues and
/// cancels its own jobs; `distill-admin` may do the rest.
package struct Authorisation: Sendable, Equatable {
    package var ownUser: UInt32
    /// Nil where the machine has no such group.
    package var members: UInt32?
    package var administrators: UInt32?

    package init(ownUser: UInt32, members: UInt32?, administrators: UInt32?) {
        self.ownUser = ownUser
        self.members = members
        self.administrators = administrators
    }

    /// This process's user and the machine's groups `distill` and `distill-admin`.
    package static var current: Authorisation {
        Authorisation(
            ownUser: geteuid(), members: group("distill"),
            administrators: group("distill-admin"))
    }

    /// Whether the peer may do everything.
    package func administers(_ peer: Peer) -> Bool {
        isTrusted(peer) || administrators.map { peer.groups.contains($0) } ?? false
    }

    /// Whether the peer is root or the daemon's own user.
    package func isTrusted(_ peer: Peer) -> Bool {
        peer.uid == 0 || peer.uid == ownUser
    }

    /// Whether the peer has a right; `owner` is the user the touched job belongs to.
    package func allows(_ right: Right, to peer: Peer, owner: UInt32? = nil) -> Bool {
        if administers(peer) { return true }
        guard let members, peer.groups.contains(members) else { return false }
        switch right {
        case .read, .enqueue: return true
        case .changeOwn: return owner == nil || owner == peer.uid
        case .administer: return false
        }
    }

    /// - Throws: `ControlError` that says which group would help.
    package func require(_ right: Right, of peer: Peer, owner: UInt32? = nil) throws {
        guard !allows(right, to: peer, owner: owner) else { return }
        let group = right == .administer || owner != nil ? "distill-admin" : "distill"
        throw ControlError(
            "auth.denied", "user \(peer.uid) may not do this",
            hint: "it takes membership of the group `\(group)`: "
                + "`sudo usermod -aG \(group) USER`, then log in again",
            details: ["uid": .integer(Int64(peer.uid)), "group": .string(group)])
    }

    private static func group(_ name: String) -> UInt32? {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            return nil
        }
        return entry.gr_gid
    }
}
