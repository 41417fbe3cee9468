package struct GetVersion: ControlRequest {
    package typealias Reply = VersionReply
    package init() {}
    package var method: ControlMethod { .get }
    package var path: [String] { ["version"] }
}

package struct GetStatus: ControlRequest {
    package typealias Reply = StatusReply
    package init() {}
    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "status"] }
}

package struct GetDoctor: ControlRequest {
    package typealias Reply = DoctorReply
    package init() {}
    package var method: ControlMethod { .get }
    package var path: [String] { ["v1", "doctor"] }
}

/// Rereads the configuration; an unreadable one is refused and the old one stays in force.
package struct ReloadConfiguration: ControlRequest {
    package typealias Reply = ReloadReply
    package init() {}
    package var method: ControlMethod { .post }
    package var path: [String] { ["v1", "reload"] }
}
