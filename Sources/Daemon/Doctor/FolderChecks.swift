import ControlProtocol
import Foundation
import Glibc

/// Folders that have to be readable or writable.
enum FolderChecks {
    static func plugins(_ folders: [String]) -> [DoctorReply.Check] {
        var checks: [DoctorReply.Check] = []
        for folder in folders where FileManager.default.fileExists(atPath: folder) {
            if access(folder, R_OK | X_OK) != 0 {
                checks.append(
                    DoctorReply.Check(
                        "plugins", .failed, "\(folder) cannot be read",
                        hint: "user \(geteuid()) needs to read it: `chmod o+rx \(folder)`"))
            } else if isWritableByOthers(folder) {
                checks.append(
                    DoctorReply.Check(
                        "plugins", .failed, "others may write \(folder): its plugins are refused",
                        hint: "`chmod go-w \(folder)`"))
            }
        }
        let plugins = PluginListing.list(folders: folders)
        let usable = plugins.filter { $0.state == "available" }
        for plugin in plugins where plugin.state == "unreadable" {
            checks.append(
                DoctorReply.Check(
                    "plugins", .warning, "\(plugin.folder): \(plugin.reason ?? "unreadable")"))
        }
        if usable.isEmpty {
            checks.append(
                DoctorReply.Check(
                    "plugins", .failed, "no plugin was found",
                    hint: "searched: " + folders.joined(separator: ", ")))
        } else {
            let names = usable.map { "\($0.id) (\($0.modality))" }
            checks.append(
                DoctorReply.Check("plugins", .ok, names.joined(separator: ", ")))
        }
        return checks
    }

    static func cache(_ folder: String) -> DoctorReply.Check {
        if !FileManager.default.fileExists(atPath: folder) {
            return DoctorReply.Check("cache", .ok, "\(folder) will be made when it is needed")
        }
        return access(folder, W_OK | X_OK) == 0
            ? DoctorReply.Check("cache", .ok, folder)
            : DoctorReply.Check(
                "cache", .failed, "\(folder) cannot be written",
                hint: "`sudo chown \(geteuid()) \(folder)`, or set [cache] folder")
    }

    private static func isWritableByOthers(_ folder: String) -> Bool {
        var status = stat()
        return stat(folder, &status) == 0 && status.st_mode & 0o022 != 0
    }
}

/// Whether the kernel lets the daemon watch as much as it may have to.
enum InotifyChecks {
    static func limits() -> DoctorReply.Check {
        let watches = number("max_user_watches")
        let instances = number("max_user_instances")
        let words = "\(watches) watches, \(instances) instances allowed"
        guard watches >= 8_192, instances >= 16 else {
            return DoctorReply.Check(
                "inotify", .warning, words,
                hint: "`sudo sysctl fs.inotify.max_user_watches=524288 "
                    + "fs.inotify.max_user_instances=256`; folders beyond the limit are polled")
        }
        return DoctorReply.Check("inotify", .ok, words)
    }

    private static func number(_ name: String) -> Int {
        let text = try? String(contentsOfFile: "/proc/sys/fs/inotify/\(name)", encoding: .utf8)
        return Int(text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "") ?? 0
    }
}
