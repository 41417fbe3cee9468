import Batching
import ControlProtocol
import Distillation
import Foundation

/// Reads a job's immutable sample list.
enum SampleList {
    /// - Parameter label: a column that takes the place of the manifest's label; nil: the manifest's.
    static func read(
        _ dataset: DatasetReference, label: String?, attributes: [String]
    ) throws -> [Sample] {
        guard let data = FileManager.default.contents(atPath: dataset.samples) else {
            throw DistillationError(
                "run.no_samples", "the sample list \(dataset.samples) cannot be read",
                retryable: true)
        }
        let decoder = JSONDecoder()
        return try data.split(separator: 0x0A).map { line in
            let record = try decoder.decode(SampleRecord.self, from: Data(line))
            return try sample(record, dataset, label, Set(attributes))
        }
    }

    private static func sample(
        _ record: SampleRecord, _ dataset: DatasetReference, _ label: String?,
        _ attributes: Set<String>
    ) throws -> Sample {
        var files: [String: Sample.File] = [:]
        for (modality, file) in record.files {
            // A file that was never digested is known by its path and size instead.
            let digest =
                ContentDigest(hexadecimal: file.digest)
                ?? ContentDigest(
                    hexadecimal: FileDigest.sha256(text: "\(file.path)\u{0}\(file.bytes)"))
            guard let digest else { continue }
            let path = file.path.hasPrefix("/") ? file.path : dataset.root + "/" + file.path
            files[modality] = Sample.File(
                path: path, digest: digest, width: file.width, height: file.height)
        }
        var name = record.label
        if let label {
            guard let value = record.attributes[label] else {
                throw DistillationError(
                    "recipe.no_label",
                    "dataset.label names column `\(label)`, but sample `\(record.key)` has only "
                        + record.attributes.keys.sorted().joined(separator: ", "),
                    hint: "name one of the columns of the labels file")
            }
            name = value
        }
        return Sample(
            id: record.id, key: record.key, split: record.split, files: files, label: name,
            attributes: record.attributes.filter { attributes.contains($0.key) })
    }
}
