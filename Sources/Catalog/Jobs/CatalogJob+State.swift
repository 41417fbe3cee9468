extension CatalogJob {
    /// Where a job stands.
    package enum State: String, Codable, Sendable, CaseIterable {
        case queued, running, paused, succeeded, failed, cancelled

        /// Whether nothing more will happen unless a person asks for it.
        package var isFinished: Bool {
            switch self {
            case .succeeded, .failed, .cancelled: true
            case .queued, .running, .paused: false
            }
        }

        /// What `action` makes of a job in this state, or nil where it makes no sense.
        package func transition(_ action: Action) -> State? {
            switch (self, action) {
            case (.queued, .claim): .running
            case (.running, .succeed): .succeeded
            case (.running, .fail): .failed
            case (.running, .requeue): .queued
            case (.queued, .pause), (.running, .pause): .paused
            case (.paused, .resume): .queued
            case (.queued, .cancel), (.running, .cancel), (.paused, .cancel): .cancelled
            case (.failed, .retry), (.cancelled, .retry): .queued
            default: nil
            }
        }
    }

    /// What can happen to a job.
    package enum Action: String, Sendable, CaseIterable {
        /// A daemon takes it from the queue.
        case claim
        case succeed, fail
        /// It goes back to the queue: its worker died, or the daemon stops.
        case requeue
        case pause, resume, cancel
        /// A person wants a failed or cancelled job to be tried again.
        case retry
    }
}
