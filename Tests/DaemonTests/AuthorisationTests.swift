import ControlProtocol
import Daemon
import Testing

@Suite("Who may do what")
struct AuthorisationTests {
    private let rules = Authorisation(ownUser: 900, members: 50, administrators: 60)

    @Test("root and the daemon's own user may do everything", arguments: [0, 900] as [UInt32])
    func trusted(uid: UInt32) {
        let peer = Peer(uid: uid, groups: [uid])
        for right in [Right.read, .enqueue, .changeOwn, .administer] {
            #expect(rules.allows(right, to: peer, owner: 1))
        }
    }

    @Test("members read, enqueue and change their own jobs")
    func members() {
        let peer = Peer(uid: 1_000, groups: [1_000, 50])
        #expect(rules.allows(.read, to: peer))
        #expect(rules.allows(.enqueue, to: peer))
        #expect(rules.allows(.changeOwn, to: peer, owner: 1_000))
        #expect(!rules.allows(.changeOwn, to: peer, owner: 1_001))
        #expect(!rules.allows(.administer, to: peer))
    }

    @Test("administrators may do the rest")
    func administrators() {
        let peer = Peer(uid: 1_000, groups: [1_000, 60])
        #expect(rules.allows(.administer, to: peer))
        #expect(rules.allows(.changeOwn, to: peer, owner: 1_001))
        #expect(!rules.isTrusted(peer))
    }

    @Test("nobody else may even look")
    func others() {
        let peer = Peer(uid: 1_000, groups: [1_000])
        #expect(!rules.allows(.read, to: peer))
        let without = Authorisation(ownUser: 900, members: nil, administrators: nil)
        #expect(!without.allows(.read, to: Peer(uid: 1_000, groups: [50, 60])))
    }

    @Test("a refusal names the group that helps")
    func refusal() {
        func group(_ right: Right, owner: UInt32? = nil) -> JSONValue? {
            do {
                try rules.require(right, of: Peer(uid: 1_000, groups: []), owner: owner)
                return nil
            } catch let error as ControlError {
                #expect(error.exitStatus == .denied)
                return error.details["group"]
            } catch {
                return nil
            }
        }
        #expect(group(.read) == .string("distill"))
        #expect(group(.administer) == .string("distill-admin"))
        #expect(group(.changeOwn, owner: 5) == .string("distill-admin"))
    }
}
