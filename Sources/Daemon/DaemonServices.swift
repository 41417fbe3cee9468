import Catalog
import ControlProtocol
import Foundation
import Logging
import Watching

/// What routes and background services work with.
final class DaemonServices: Sendable {
    let logger: Logger
    let state: StateFolder
    let catalog: Catalog
    let settings: SettingsHolder
    let authorisation: Authorisation
    let events: EventHub
    let models: ModelStore
    let jobs: JobBoard
    let worker: WorkerRun
    let inspection: InspectionService
    let surveys: SurveyService
    let watching: WatchService
    let scheduler: Scheduler
    let liveness: Liveness
    let socket: ListeningSocket
    let started = Timestamp.now
    /// For requests that start workers: two at once.
    let gate = WorkGate(width: 2, longest: 32)

    init(
        logger: Logger, state: StateFolder, catalog: Catalog, settings: SettingsHolder,
        authorisation: Authorisation, worker: WorkerRun, watching: WatchService,
        socket: ListeningSocket, liveness: Liveness, timing: SchedulerTiming,
        inspectionWake: Wake
    ) {
        self.logger = logger
        self.state = state
        self.catalog = catalog
        self.settings = settings
        self.authorisation = authorisation
        self.worker = worker
        self.watching = watching
        self.socket = socket
        events = EventHub(catalog: catalog, logger: logger)
        models = ModelStore(state: state, catalog: catalog)
        jobs = JobBoard(state: state, catalog: catalog)
        self.liveness = liveness
        scheduler = Scheduler(
            catalog: catalog, jobs: jobs, settings: settings, logger: logger, liveness: liveness,
            timing: timing)
        surveys = SurveyService(
            catalog: catalog, settings: settings, worker: worker, logger: logger)
        inspection = InspectionService(
            catalog: catalog, settings: settings, program: worker.program,
            silence: worker.silence, wake: inspectionWake, logger: logger)
    }
}
