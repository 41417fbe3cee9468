import Foundation

/// Which names count.
enum FileNames {
    /// Whether a name belongs to something hidden or unfinished.
    static func isIgnored(_ name: String) -> Bool {
        name.hasPrefix(".") || name.hasSuffix(".tmp") || name.hasSuffix(".part")
    }

    /// Whether a name matches a shell pattern.
    static func matches(_ name: String, _ pattern: String) -> Bool {
        fnmatch(pattern, name, 0) == 0
    }

    /// `folder/name`, or `name` alone where the folder is empty.
    static func join(_ folder: String, _ name: String) -> String {
        folder.isEmpty ? name : folder == "/" ? "/\(name)" : "\(folder)/\(name)"
    }

    /// A data set's folder and a path within it, where `.` is the folder itself.
    static func resolve(_ root: String, _ path: String) -> String {
        path.split(separator: "/").filter { $0 != "." }.reduce(root) { join($0, String($1)) }
    }

    /// Whether `path` is `folder` or lies below it.
    static func lies(_ path: String, within folder: String) -> Bool {
        path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
    }

    /// The folder that `path` lies in.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// The last part of `path`.
    static func last(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }
}
