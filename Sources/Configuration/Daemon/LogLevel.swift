/// How much the daemon says.
package enum LogLevel: String, Sendable, CaseIterable {
    case debug, info, notice, warning, error
}
