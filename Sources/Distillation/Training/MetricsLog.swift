import Foundation

/// metrics.jsonl of a run: one JSON object a line, appended, never rewritten.
///
/// After a resume the lines of steps that are done again are cut off first, so every step stands once.
package final class MetricsLog {
    private let file: FileHandle
    private let path: String

    package init(path: String, resumingAt step: Int) throws {
        self.path = path
        if step > 0, let text = try? String(contentsOfFile: path, encoding: .utf8) {
            let kept = text.split(separator: "\n").filter { line in
                guard
                    let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)),
                    let values = object as? [String: Any], let number = values["step"] as? Int
                else { return false }
                // The verdict on the finished student has no losses and is spoken anew.
                return number < step || number == step && values["total"] != nil
            }
            let whole = kept.map { $0 + "\n" }.joined()
            try Data(whole.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } else {
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw DistillationError("run.not_writable", "\(path) cannot be written")
            }
        }
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw DistillationError("run.not_writable", "\(path) cannot be written")
        }
        self.file = file
        try file.seekToEnd()
    }

    deinit { try? file.close() }

    /// Adds a line; values that are no numbers are left out.
    package func append(
        _ values: [String: Double], flags: [String: Bool] = [:], step: Int, epoch: Int
    ) throws {
        var object: [String: Any] = ["step": step, "epoch": epoch]
        for (name, flag) in flags { object[name] = flag }
        for (name, value) in values where value.isFinite { object[name] = value }
        var line = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
        line.append(0x0A)
        do {
            try file.write(contentsOf: line)
        } catch {
            throw FileFailure.classify(error, path: path, doing: "writing")
        }
    }
}
