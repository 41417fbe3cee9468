import CLinux
import Catalog
import Foundation

/// What a folder holds at one moment.
struct FolderListing {
    /// A name and what it stands for; links count as what they lead to.
    var files: [String] = []
    var folders: [String] = []
    /// Those of the folders that are links, which may lead back up.
    var linkedFolders: Set<String> = []
    /// Names that are not UTF-8: no text can hold them.
    var unreadableNames = 0

    /// Lists a folder.
    ///
    /// - Throws: `SystemFailure` with the reason.
    init(of path: String) throws {
        guard let folder = opendir(path) else { throw SystemFailure("open", path) }
        defer { closedir(folder) }
        while true {
            var pointer: UnsafePointer<CChar>?
            var kind = CLINUX_KIND_UNKNOWN
            let result = clinux_next_entry(folder, &pointer, &kind)
            if result < 0 { throw SystemFailure("list", path) }
            guard result > 0, let pointer else { return }
            guard let name = String(validatingCString: pointer) else {
                unreadableNames += 1
                continue
            }
            switch kind {
            case CLINUX_KIND_FILE: files.append(name)
            case CLINUX_KIND_FOLDER: folders.append(name)
            case CLINUX_KIND_OTHER: continue
            default:
                guard let facts = FileFacts(FileNames.join(path, name)) else { continue }
                if facts.isFile { files.append(name) }
                guard facts.isFolder else { continue }
                folders.append(name)
                if kind == CLINUX_KIND_LINK { linkedFolders.insert(name) }
            }
        }
    }
}

/// What stat says of a file.
struct FileFacts {
    var stamp: FileStamp
    var isFile: Bool
    var isFolder: Bool

    /// The facts of a path, links followed; nil (and errno) where there is nothing.
    init?(_ path: String) {
        var facts = clinux_file()
        guard clinux_stat(clinux_current_folder(), path, 1, &facts) == 0 else { return nil }
        stamp = FileStamp(
            device: Int64(bitPattern: facts.device), inode: Int64(bitPattern: facts.inode),
            size: facts.size, modified: facts.modified_ns, changed: facts.changed_ns)
        isFile = facts.is_file != 0
        isFolder = facts.is_folder != 0
    }
}

/// A system call that failed.
struct SystemFailure: Error, CustomStringConvertible {
    let number: Int32
    let verb: String
    let path: String

    init(_ verb: String, _ path: String, number: Int32 = errno) {
        self.number = number
        self.verb = verb
        self.path = path
    }

    var isMissing: Bool { number == ENOENT || number == ENOTDIR }
    var isDenied: Bool { number == EACCES || number == EPERM }

    var description: String { "cannot \(verb) \(path): \(String(cString: strerror(number)))" }
}
