import CLinux
import Foundation

/// Finds out which folder on the way to a path keeps this user out, and how to mend it.
package struct AccessAdvice {
    /// What a user may do with a path.
    package enum Right: Int32 {
        case search = 1
        case read = 4
    }

    /// The user whose rights are in question.
    package var user: String
    /// Whether that user has the right to a path; asked from the top downwards.
    package var has: (Right, String) -> Bool

    /// Makes an adviser for any user.
    package init(user: String, has: @escaping (Right, String) -> Bool) {
        self.user = user
        self.has = has
    }

    /// The advice for the user that this process runs as.
    package static var current: AccessAdvice {
        AccessAdvice(user: currentUser) { right, path in
            clinux_may_access(path, right.rawValue) == 0
        }
    }

    private static var currentUser: String {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else {
            return "\(geteuid())"
        }
        return String(cString: name)
    }

    /// The commands that let the user read `folder` and all that is below it; empty where the user can.
    package func commands(toRead folder: String) -> [String] {
        var commands: [String] = []
        var path = ""
        for part in folder.split(separator: "/").dropLast() {
            path += "/\(part)"
            if !has(.search, path) {
                commands.append("setfacl -m u:\(user):--x \(quoted(path))")
            }
        }
        // Behind a closed folder nothing can be asked: what lies there is opened as well.
        if !commands.isEmpty || !has(.read, folder) || !has(.search, folder) {
            commands.append("setfacl -R -m u:\(user):rX \(quoted(folder))")
            commands.append("setfacl -R -d -m u:\(user):rX \(quoted(folder))")
        }
        return commands
    }

    /// A path as a shell takes it.
    private func quoted(_ path: String) -> String {
        let plain = path.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || "/._-+,:@%".utf8.contains(byte) || byte > 127
        }
        return plain ? path : "'" + path.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }

    /// The advice as one line for an error's hint.
    package func hint(toRead folder: String) -> String {
        let commands = commands(toRead: folder)
        guard !commands.isEmpty else { return "check the rights of \(folder)" }
        return "let the user \(user) in: " + commands.joined(separator: " && ")
    }
}
