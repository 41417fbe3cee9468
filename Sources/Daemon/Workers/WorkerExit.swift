/// How a worker process ended.
package enum WorkerExit: Sendable, Equatable {
    case code(Int32)
    case signal(Int32)
    /// It said nothing for too long and was killed.
    case silent
    /// It said what nobody understands and was killed.
    case garbled(String)

    /// One clause for people.
    package var words: String {
        switch self {
        case .code(let code): "the worker ended with status \(code) without saying why"
        case .signal(let signal): "the worker was killed by \(WorkerExit.name(signal))"
        case .silent: "the worker said nothing for too long and was killed"
        case .garbled(let line): "the worker sent what is no report: \(line)"
        }
    }

    private static func name(_ signal: Int32) -> String {
        switch signal {
        case 4: "SIGILL (an instruction this processor lacks)"
        case 6: "SIGABRT (it gave up)"
        case 7: "SIGBUS (a file it had mapped shrank, or the disk is full)"
        case 8: "SIGFPE"
        case 9: "SIGKILL (perhaps for want of memory)"
        case 11: "SIGSEGV (a fault in it or in a plugin)"
        case 15: "SIGTERM"
        case 24: "SIGXCPU"
        case 25: "SIGXFSZ"
        default: "signal \(signal)"
        }
    }
}
