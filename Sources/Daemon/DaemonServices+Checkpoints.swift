import Catalog
import Foundation
import Logging

extension DaemonServices {
    /// Deletes the checkpoints of a job that has succeeded or was cancelled; whatever else its run
    /// folder holds stays.
    ///
    /// - Parameter job: nil: of every such job, as after a crash between its end and this.
    func removeCheckpoints(ofJob job: Int64? = nil) async {
        do {
            for path in try await catalog.removeCheckpoints(ofJob: job)
            where path.hasPrefix(state.runs + "/") {
                try? FileManager.default.removeItem(atPath: path)
            }
        } catch {
            logger.warning(
                "checkpoints of ended jobs are still there", metadata: ["error": "\(error)"])
        }
    }
}
