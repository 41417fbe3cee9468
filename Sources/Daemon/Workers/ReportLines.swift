import ControlProtocol
import Foundation

/// Cuts what a worker sends into reports.
struct ReportLines {
    struct Garbled: Error {
        var line: String
    }

    /// A report longer than this is no report.
    private static let longest = 64 << 20

    private var pending = Data()

    /// The reports that these bytes complete.
    ///
    /// - Throws: `Garbled` with the beginning of a line that is none.
    mutating func reports(in bytes: ArraySlice<UInt8>) throws -> [WorkerReport] {
        var reports: [WorkerReport] = []
        var rest = bytes
        while let end = rest.firstIndex(of: 0x0A) {
            pending.append(contentsOf: rest[rest.startIndex..<end])
            rest = rest[(end + 1)...]
            defer { pending = Data() }
            guard !pending.isEmpty else { continue }
            do {
                reports.append(try ControlJSON.decode(WorkerReport.self, from: pending))
            } catch {
                throw Garbled(line: String(decoding: pending.prefix(200), as: UTF8.self))
            }
        }
        pending.append(contentsOf: rest)
        guard pending.count <= ReportLines.longest else {
            throw Garbled(line: String(decoding: pending.prefix(200), as: UTF8.self))
        }
        return reports
    }
}
