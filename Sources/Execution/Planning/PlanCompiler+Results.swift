import Foundation
import Graphs
import Tensors

extension PlanCompiler {
    /// Outputs keep their memory until the next run.
    func draftOutputs() throws {
        for (name, value) in graph.outputs {
            var buffer = try buffer(of: value, in: .standard)
            if case .state(let state) = buffers[buffer].home, replaced.contains(state) {
                // The state will have changed when the output is read.
                buffer = draftCopy(of: buffer, to: nil, name: name)
            }
            buffers[buffer].isPinned = true
            outputs.append((name, buffer, graph.shape(of: value)))
        }
    }

    /// New values of states: computed in the state's own memory where nothing reads the old value later, else
    /// copied there at the end.
    func draftReplacements() throws {
        var pending: [(state: String, buffer: Int, layout: Layout)] = []
        for (state, value) in graph.replacements {
            guard let place = places[value] else {
                preconditionFailure("\(state): no new value")
            }
            var (buffer, layout) = place
            if layout == .bfloat16 {
                layout = .standard
                buffer = try self.buffer(of: value, in: layout)
            }
            if case .state(let source) = buffers[buffer].home, replaced.contains(source) {
                if source == state { continue }
                buffer = draftCopy(of: buffer, to: nil, name: state)
            }
            pending.append((state, buffer, layout))
        }
        for (state, buffer, layout) in pending {
            let target = try stateBuffer(state)
            let own = try store.buffer(state).layout
            if layout == own, canReplace(target, with: buffer) {
                buffers[buffer].home = .state(state)
                buffers[buffer].root = target
            } else if layout == own {
                _ = draftCopy(of: buffer, to: target, name: state)
            } else {
                let kernel = try WeightReorderKernel(engine, from: layout, to: own)
                drafts.append(
                    Draft(
                        kernel: kernel, name: state, kind: "Reorder", inputs: [buffer],
                        outputs: [target], isHoisted: false, section: section))
            }
        }
    }

    /// Whether a buffer may be computed in a state's memory.
    private func canReplace(_ state: Int, with buffer: Int) -> Bool {
        guard buffers[buffer].home == .arena, !buffers[buffer].isPinned,
            buffers[buffer].byteCount == buffers[state].byteCount,
            let producer = drafts.firstIndex(where: { $0.outputs.contains(buffer) }),
            let output = drafts[producer].outputs.firstIndex(of: buffer)
        else { return false }
        guard !drafts[(producer + 1)...].contains(where: { $0.inputs.contains(state) }) else {
            return false
        }
        let draft = drafts[producer]
        let readers = draft.inputs.indices.filter { draft.inputs[$0] == state }
        return readers.isEmpty
            || readers.count == 1
                && draft.kernel.demands.inPlace.contains { $0 == (output, readers[0]) }
    }

    /// Appends a copy, into a new buffer where no target is given.
    private func draftCopy(of source: Int, to target: Int?, name: String) -> Int {
        let target = target ?? addBuffer(.arena, byteCount: buffers[source].byteCount)
        drafts.append(
            Draft(
                kernel: BlockCopyKernel(byteCount: buffers[source].byteCount), name: name,
                kind: "Copy", inputs: [source], outputs: [target], isHoisted: false,
                section: section))
        return target
    }
}

/// Copies bytes as they lie.
final class BlockCopyKernel: Kernel {
    let demands = KernelDemands()
    private let byteCount: Int

    init(byteCount: Int) {
        self.byteCount = byteCount
    }

    func run(_ operands: Operands) {
        memcpy(operands.outputs[0], operands.inputs[0], byteCount)
    }
}
