import Foundation

/// How the compute threads wait for one another.
///
/// GNU's OpenMP run-time spins for milliseconds before it sleeps. Where decoding or another program wants
/// the same core, the threads that spin keep away the one they wait for. With a short spin the speed at
/// quiet moments was the same, and epochs beside compilers were less often slow.
package enum ThreadTeam {
    private static let variable = "GOMP_SPINCOUNT"
    private static let spins = "1000"

    /// Starts the program again with a short spin, unless the environment says how to wait.
    ///
    /// The run-time reads its settings before `main`, so they cannot be changed afterwards. Process id,
    /// descriptors and arguments stay.
    package static func configure() {
        guard getenv(variable) == nil, getenv("OMP_WAIT_POLICY") == nil else { return }
        setenv(variable, spins, 1)
        execv("/proc/self/exe", CommandLine.unsafeArgv)
    }
}
