import Foundation

/// Which names count.
enum FileNames {
    /// Whether a name belongs to something hidden or unfinished.
    static func isIgnored(_ name: String) -> Bool {
        name.hasPrefix(".") || name.hasSuffix(".tmp") || name.hasSuffix(".part") || isLitter(name)
    }

    /// Whether a name belongs to what systems leave behind in folders of pictures.
    static func isLitter(_ name: String) -> Bool {
        ["thumbs.db", "desktop.ini", "ehthumbs.db"].contains(name.lowercased())
    }

    /// Whether a name matches a shell pattern, whatever its letters' case: `FRAME.PNG` is a `*.png`.
    static func matches(_ name: String, _ pattern: String) -> Bool {
        fnmatch(pattern, name, 1 << 4) == 0
    }

    /// Whether a pattern leaves the ending open, so that pictures and what lies beside them match alike.
    static func leavesEndingOpen(_ pattern: String) -> Bool {
        pattern == "*" || pattern.hasSuffix(".*")
    }

    /// The last extension with its dot, as it is written; empty where there is none.
    static func endingAsWritten(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return String(name[dot...])
    }

    /// The last extension in small letters, with its dot.
    static func ending(_ name: String) -> String { endingAsWritten(name).lowercased() }

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
