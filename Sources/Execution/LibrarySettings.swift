import CKernels
import Foundation

/// What libraries read from the environment before `main`: how compute threads wait, and for which processor
/// dense algebra is computed.
///
/// GNU's OpenMP run-time spins for milliseconds before it sleeps. Where decoding or another program wants
/// the same core, the threads that spin keep away the one they wait for. With a short spin the speed at
/// quiet moments was the same, and epochs beside compilers were less often slow.
///
/// OpenBLAS chooses its kernels as it is loaded, so a slower class of processor (`DISTILL_PROCESSOR`) is told to it
/// by name.
package enum LibrarySettings {
    /// Starts the program again with the settings that it lacks.
    ///
    /// Process id, descriptors and arguments stay. A process that has them all goes on.
    package static func configure() {
        var changed = false
        func set(_ name: String, _ value: String) {
            guard getenv(name).map({ String(cString: $0) }) != value else { return }
            setenv(name, value, 1)
            changed = true
        }
        if getenv("GOMP_SPINCOUNT") == nil, getenv("OMP_WAIT_POLICY") == nil {
            set("GOMP_SPINCOUNT", "1000")
        }
        if let kernels = denseKernels { set("OPENBLAS_CORETYPE", kernels) }
        if changed { execv("/proc/self/exe", CommandLine.unsafeArgv) }
    }

    /// OpenBLAS's name for the class in use where that is a lower one than the processor's own.
    private static var denseKernels: String? {
        guard distill_processor().rawValue < distill_processor_detected().rawValue else {
            return nil
        }
        return distill_processor() == DISTILL_PROCESSOR_AVX512 ? "SkylakeX" : "Haswell"
    }
}
