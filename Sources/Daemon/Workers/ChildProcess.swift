import ControlProtocol
import Foundation
import Glibc

/// Starts a program with one end of a socket pair as descriptor 3.
enum ChildProcess {
    struct Started {
        var pid: pid_t
        /// Our end of the pair.
        var channel: Int32
    }

    /// Spawns in a process group of its own, with nothing inherited but standard output and the
    /// channel.
    ///
    /// - Parameter log: Receives standard output and error; nil: they are thrown away.
    /// - Throws: `ControlError` `worker.failed_to_start`.
    static func start(
        _ program: WorkerProgram, arguments: [String], log: String?
    ) throws -> Started {
        try program.require()
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | closeOnExec, 0, &ends) == 0 else {
            throw failure(program, errno)
        }
        defer { close(ends[1]) }
        let output = Glibc.open(
            log ?? "/dev/null", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard output >= 0 else {
            let number = errno
            close(ends[0])
            throw failure(program, number, log)
        }
        defer { close(output) }
        do {
            let pid = try spawn(program, arguments, output: output, channel: ends[1])
            _ = setpriority(Int32(PRIO_PROCESS.rawValue), id_t(pid), program.niceness)
            return Started(pid: pid, channel: ends[0])
        } catch {
            close(ends[0])
            throw error
        }
    }

    private static func spawn(
        _ program: WorkerProgram, _ arguments: [String], output: Int32, channel: Int32
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        posix_spawn_file_actions_adddup2(&actions, channel, 3)
        for descriptor in inheritable { posix_spawn_file_actions_addclose(&actions, descriptor) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid = pid_t()
        let environment = program.environment.map { "\($0.key)=\($0.value)" }
        let result = withCStrings([program.path] + arguments) { argv in
            withCStrings(environment) { envp in
                posix_spawn(&pid, program.path, &actions, &attributes, argv, envp)
            }
        }
        guard result == 0 else { throw failure(program, result) }
        return pid
    }

    /// Open descriptors that would survive exec: NIO does not mark its own.
    private static var inheritable: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.filter { descriptor in
            let flags = fcntl(descriptor, F_GETFD)
            return descriptor > 3 && flags >= 0 && flags & FD_CLOEXEC == 0
        }
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return body(copies)
    }

    private static func failure(
        _ program: WorkerProgram, _ number: Int32, _ log: String? = nil
    ) -> ControlError {
        ControlError(
            number == ENOSPC ? "disk.full" : "worker.failed_to_start",
            "starting \(log ?? program.path): \(String(cString: strerror(number)))",
            retryable: true)
    }

    private static let closeOnExec: Int32 = 0o2000000
}
