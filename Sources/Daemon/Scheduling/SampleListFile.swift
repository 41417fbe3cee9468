import Catalog
import ControlProtocol
import Foundation

/// A job's sample list on disk: JSON lines of `SampleRecord`, written once, whole or not at all.
struct SampleListFile: Sendable {
    let path: String

    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Writes the list beside its place, forces it to disk and renames it there.
    func write(_ samples: [FrozenSample]) throws {
        try FileReplacement.write(path) { write in
            for sample in samples {
                let files = sample.files.mapValues {
                    SampleRecord.File(
                        path: $0.path, digest: $0.digest, bytes: $0.bytes, width: $0.width,
                        height: $0.height)
                }
                let record = SampleRecord(
                    id: sample.id, key: sample.key, group: sample.group, split: sample.split,
                    files: files, label: sample.label, attributes: sample.attributes)
                try write(try ControlJSON.encode(record).line)
            }
        }
    }

    /// Leaves samples out for good: each has killed its workers.
    func drop(_ ids: Set<Int64>) throws {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        try FileReplacement.write(path) { write in
            for line in lines {
                let data = Data(line.utf8)
                let record = try ControlJSON.decode(SampleRecord.self, from: data)
                if !ids.contains(record.id) { try write(data.line) }
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

    /// Where each sample's files lie below the data set's root, by id and modality.
    func paths() throws -> [Int64: [String: String]] {
        var paths: [Int64: [String: String]] = [:]
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            let record = try ControlJSON.decode(SampleRecord.self, from: Data(line.utf8))
            paths[record.id] = record.files.mapValues(\.path)
        }
        return paths
    }
}

extension Data {
    /// The data as a line of a file.
    fileprivate var line: Data { self + [0x0A] }
}
