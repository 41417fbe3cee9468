import Graphs
import Tensors

/// A kernel with the buffers that it reads and writes, before memory is laid out.
struct Draft {
    var kernel: any Kernel
    var name: String
    var kind: String
    /// Nil for inputs that are read for their shape alone.
    var inputs: [Int?]
    var outputs: [Int]
    /// Runs only when states that the plan does not replace have changed.
    var isHoisted: Bool
    /// The section that it is a part of.
    var section: Int
}

/// A block of memory that drafts read and write.
struct PlannedBuffer {
    enum Home: Hashable {
        /// Lives between the step that writes it and the last that reads it.
        case arena
        /// Results of hoisted steps, and constants.
        case persistent
        case input(String)
        case state(String)
    }

    var home: Home
    var byteCount: Int
    /// Must keep its value until the next run.
    var isPinned = false
    /// The buffer whose memory it takes over, itself where none.
    var root: Int
    /// Whether it holds the whole batch, so that each slice of a section has its own part of it.
    var spansSlices = false
}
