/// Where things lie when nobody says otherwise: the system's places for root and for a service, the
/// XDG places for everybody else.
///
/// - Reference: XDG Base Directory Specification 0.8; systemd.exec(5), `StateDirectory=`.
package struct DefaultPaths: Sendable, Equatable {
    /// The configuration file.
    package var configuration: String
    package var state: String
    package var cache: String
    package var datasets: String
    /// nil: in the state folder, wherever that is.
    package var socket: String?
    /// The folder of plugins that belong to the user.
    package var userPlugins: String?

    /// The socket of the system's daemon.
    package static let systemSocket = "/run/distilld/distilld.sock"

    /// The paths of a process in these surroundings.
    package init(_ surroundings: Surroundings) {
        let home = surroundings.absolutePath("HOME")
        func folder(_ variable: String, _ fallback: String) -> String? {
            (surroundings.absolutePath(variable) ?? home.map { "\($0)/\(fallback)" })
                .map { "\($0)/distilld" }
        }
        let data = folder("XDG_DATA_HOME", ".local/share")
        userPlugins = data.map { "\($0)/plugins" }
        let service = surroundings.absolutePath("STATE_DIRECTORY")
        if surroundings.isRoot || service != nil || home == nil {
            configuration =
                (surroundings.absolutePath("CONFIGURATION_DIRECTORY") ?? "/etc/distilld")
                + "/distilld.toml"
            state = service ?? "/var/lib/distilld"
            cache = surroundings.absolutePath("CACHE_DIRECTORY") ?? "/var/cache/distilld"
            datasets = "\(state)/datasets"
            socket =
                surroundings.absolutePath("RUNTIME_DIRECTORY").map { "\($0)/distilld.sock" }
                ?? Self.systemSocket
        } else {
            let home = home ?? "/"
            configuration =
                (folder("XDG_CONFIG_HOME", ".config") ?? home) + "/distilld.toml"
            state = folder("XDG_STATE_HOME", ".local/state") ?? home
            cache = folder("XDG_CACHE_HOME", ".cache") ?? home
            datasets = (data ?? home) + "/datasets"
            socket = surroundings.absolutePath("XDG_RUNTIME_DIR").map {
                "\($0)/distilld/distilld.sock"
            }
        }
    }
}
