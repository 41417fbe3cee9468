import CLinux
import Catalog
import ControlProtocol
import Foundation
import Glibc

/// A job's sample list on disk: JSON lines of `SampleRecord`, written once, whole or not at all.
struct SampleListFile: Sendable {
    let path: String

    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Writes the list beside its place, forces it to disk and renames it there.
    func write(_ samples: [FrozenSample]) throws {
        try replace { write in
            for sample in samples {
                let files = sample.files.mapValues {
                    SampleRecord.File(path: $0.path, digest: $0.digest, bytes: $0.bytes)
                }
                let record = SampleRecord(
                    id: sample.id, key: sample.key, group: sample.group, split: sample.split,
                    files: files, label: sample.label, attributes: sample.attributes)
                try write(try ControlJSON.encode(record))
            }
        }
    }

    /// Leaves samples out for good: each has killed its workers.
    func drop(_ ids: Set<Int64>) throws {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        try replace { write in
            for line in lines {
                let data = Data(line.utf8)
                let record = try ControlJSON.decode(SampleRecord.self, from: data)
                if !ids.contains(record.id) { try write(data) }
            }
        }
    }

    /// The samples of these ids.
    func records(_ ids: Set<Int64>) throws -> [SampleRecord] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap {
            let record = try ControlJSON.decode(SampleRecord.self, from: Data($0.utf8))
            return ids.contains(record.id) ? record : nil
        }
    }

    private func replace(_ body: ((Data) throws -> Void) throws -> Void) throws {
        let temporary = path + ".part"
        guard let file = fopen(temporary, "we") else { throw failure() }
        defer { unlink(temporary) }
        do {
            try body { line in
                var line = line
                line.append(0x0A)
                let written = line.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
                if written != line.count { throw failure() }
            }
        } catch {
            fclose(file)
            throw error
        }
        let isOnDisk = fflush(file) == 0 && fsync(fileno(file)) == 0
        guard fclose(file) == 0, isOnDisk, rename(temporary, path) == 0 else { throw failure() }
        _ = clinux_sync_folder((path as NSString).deletingLastPathComponent)
    }

    private func failure() -> ControlError {
        ControlError(
            errno == ENOSPC ? "disk.full" : "state.not_writable",
            "\(path): \(String(cString: strerror(errno)))", retryable: true)
    }
}
