import Foundation

/// What a process finds around it and default paths follow from.
package struct Surroundings: Sendable, Equatable {
    /// Environment variables.
    package var environment: [String: String]
    package var isRoot: Bool
    /// The folder that relative paths of the command line count from.
    package var currentFolder: String
    /// The program's own file, or nil where it is not known.
    package var executable: String?

    package init(
        environment: [String: String], isRoot: Bool, currentFolder: String, executable: String?
    ) {
        self.environment = environment
        self.isRoot = isRoot
        self.currentFolder = currentFolder
        self.executable = executable
    }

    /// Those of this process.
    package static var current: Surroundings {
        let files = FileManager.default
        return Surroundings(
            environment: ProcessInfo.processInfo.environment, isRoot: geteuid() == 0,
            currentFolder: files.currentDirectoryPath,
            executable: try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    }

    /// Whether a service manager started this process.
    package var isManaged: Bool {
        environment["INVOCATION_ID"] != nil || environment["NOTIFY_SOCKET"] != nil
    }

    /// An environment variable that holds an absolute path; the XDG rules ignore others.
    func absolutePath(_ variable: String) -> String? {
        guard let path = environment[variable], path.hasPrefix("/") else { return nil }
        // systemd gives a colon list where a unit names several folders: the first counts.
        return path.split(separator: ":").first.map(String.init)
    }

    /// `path` made absolute from `folder`, with a leading `~/` for the home folder.
    func resolve(_ path: String, in folder: String) -> String {
        if path == "~" || path.hasPrefix("~/"), let home = absolutePath("HOME") {
            return Self.tidied(home + path.dropFirst())
        }
        return Self.tidied(path.hasPrefix("/") ? path : "\(folder)/\(path)")
    }

    /// The path without `.`, `..` and doubled slashes.
    static func tidied(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
