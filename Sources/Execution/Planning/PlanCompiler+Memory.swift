import CKernels
import Graphs
import Tensors

extension PlanCompiler {
    /// Where each buffer and each draft's scratch lies in one of the two arenas.
    struct Arrangement {
        var offsets: [Int: Int] = [:]
        var scratchOffsets: [Int: Int] = [:]
        var byteCount = 0
    }

    /// The root of a buffer: the one whose memory it uses.
    func root(_ buffer: Int) -> Int {
        var buffer = buffer
        while buffers[buffer].root != buffer { buffer = buffers[buffer].root }
        return buffer
    }

    /// The last draft that touches each buffer; hoisted results that the body reads live forever.
    private func lastUses(_ spans: [ClosedRange<Int>]) -> [Int] {
        var last = [Int](repeating: -1, count: buffers.count)
        for (index, draft) in drafts.enumerated() {
            for case let input? in draft.inputs {
                let isForever = buffers[input].home == .persistent && !draft.isHoisted
                // What later slices of the section read must outlive this one.
                let end = buffers[input].spansSlices ? spans[draft.section].upperBound : index
                last[input] = isForever ? drafts.count : max(last[input], end)
            }
            for output in draft.outputs { last[output] = max(last[output], index) }
        }
        for index in buffers.indices where buffers[index].isPinned { last[index] = drafts.count }
        return last
    }

    /// For each section its first and last draft that is run for every slice.
    private func sectionDrafts() -> [ClosedRange<Int>] {
        sections.slices.indices.map { section in
            let own = drafts.indices.filter {
                drafts[$0].section == section && !drafts[$0].isHoisted
            }
            return (own.first ?? 0)...(own.last ?? 0)
        }
    }

    /// Lets outputs take over the memory of inputs that die with them.
    private func shareInPlace(_ last: inout [Int]) {
        for (index, draft) in drafts.enumerated() {
            var taken: Set<Int> = []
            for (output, input) in draft.kernel.demands.inPlace {
                let target = draft.outputs[output]
                guard let source = draft.inputs[input],
                    buffers[target].root == target, !taken.contains(target)
                else { continue }
                let memory = root(source)
                let home = buffers[memory].home
                let readers = draft.inputs.count { $0.map(root) == memory }
                guard home == .arena || home == .persistent, home == buffers[target].home,
                    last[memory] == index, readers == 1, !taken.contains(memory),
                    buffers[memory].byteCount >= buffers[target].byteCount,
                    buffers[source].spansSlices == buffers[target].spansSlices,
                    buffers[memory].spansSlices == buffers[target].spansSlices,
                    !buffers[memory].isPinned
                else { continue }
                buffers[target].root = memory
                last[memory] = last[target]
                taken.formUnion([memory, target])
            }
        }
    }

    /// Lays out both arenas.
    func arrange() -> (arena: Arrangement, persistent: Arrangement) {
        let spans = sectionDrafts()
        var last = lastUses(spans)
        shareInPlace(&last)
        var first = [Int](repeating: Int.max, count: buffers.count)
        for (index, draft) in drafts.enumerated() {
            for output in draft.outputs {
                let memory = root(output)
                // What earlier slices wrote must survive the later ones.
                let isShared = buffers[output].spansSlices && !draft.isHoisted
                let begin = isShared ? spans[draft.section].lowerBound : index
                first[memory] = min(first[memory], begin)
            }
        }
        for (buffer, _) in constants { first[buffer] = -1 }
        return (
            arrangement(.arena, first, last), arrangement(.persistent, first, last)
        )
    }

    private func arrangement(
        _ home: PlannedBuffer.Home, _ first: [Int], _ last: [Int]
    ) -> Arrangement {
        var blocks: [MemoryPlanner.Block] = []
        var owners: [(buffer: Int?, draft: Int)] = []
        for index in buffers.indices
        where buffers[index].home == home && buffers[index].root == index && first[index] != .max {
            blocks.append(
                .init(
                    byteCount: buffers[index].byteCount, first: first[index],
                    last: max(last[index], first[index])))
            owners.append((index, 0))
        }
        for (index, draft) in drafts.enumerated()
        where draft.isHoisted == (home == .persistent) && draft.kernel.demands.scratchBytes > 0 {
            blocks.append(
                .init(
                    byteCount: draft.kernel.demands.scratchBytes, first: index, last: index))
            owners.append((nil, index))
        }
        let (offsets, byteCount) = MemoryPlanner.place(blocks)
        var result = Arrangement(byteCount: byteCount)
        for (owner, offset) in zip(owners, offsets) {
            if let buffer = owner.buffer {
                result.offsets[buffer] = offset
            } else {
                result.scratchOffsets[owner.draft] = offset
            }
        }
        return result
    }

    // MARK: Addresses

    /// Binds every draft to addresses, those of a section once for each slice.
    func emit(inputs: (String) throws -> AlignedMemory) throws -> Program {
        let (arena, persistent) = arrange()
        let program = Program(
            arena: try AlignedMemory(byteCount: arena.byteCount),
            persistent: try AlignedMemory(byteCount: persistent.byteCount),
            operandCount: drafts.reduce(0) {
                $0 + slices(of: $1) * ($1.inputs.count + $1.outputs.count)
            },
            layoutEpoch: store.layoutEpoch)
        func address(
            _ buffer: Int, slice: Int = 0, of slices: Int = 1
        ) throws -> UnsafeMutablePointer<Float> {
            let memory = root(buffer)
            let start: UnsafeMutableRawPointer =
                switch buffers[memory].home {
                case .arena: program.arena.address + (arena.offsets[memory] ?? 0)
                case .persistent: program.persistent.address + (persistent.offsets[memory] ?? 0)
                case .input(let name): try inputs(name).address
                case .state(let name): try store.buffer(name).memory.address
                }
            let part = buffers[buffer].spansSlices ? buffers[buffer].byteCount / slices * slice : 0
            return (start + part).assumingMemoryBound(to: Float.self)
        }
        func instruction(_ index: Int, slice: Int) throws -> Instruction {
            let draft = drafts[index]
            let slices = slices(of: draft)
            let home = draft.isHoisted ? program.persistent : program.arena
            let offsets = draft.isHoisted ? persistent.scratchOffsets : arena.scratchOffsets
            return Instruction(
                kernel: draft.kernel, name: draft.name, kind: draft.kind,
                operands: Operands(
                    // What is read for its shape alone has no address.
                    inputs: program.bind(
                        try draft.inputs.map {
                            try $0.map { try address($0, slice: slice, of: slices) } ?? home.floats
                        }),
                    outputs: program.bind(
                        try draft.outputs.map { try address($0, slice: slice, of: slices) }),
                    scratch: home.address + (offsets[index] ?? 0)))
        }
        for index in drafts.indices where drafts[index].isHoisted {
            program.prologue.append(try instruction(index, slice: 0))
        }
        for (section, slices) in sections.slices.enumerated() {
            let own = drafts.indices.filter {
                !drafts[$0].isHoisted && drafts[$0].section == section
            }
            for slice in 0..<slices {
                for index in own { program.body.append(try instruction(index, slice: slice)) }
            }
        }
        for (buffer, constant) in constants {
            let shape = constant.value.shape
            let values = constant.value.values.map { Float($0) }
            var grid = PhysicalCopy.fromRowMajor(shape)
            if shape.count > 0 { distill_copy(&grid, try address(buffer), values) }
        }
        for (name, buffer, shape) in outputs {
            program.outputs[name] = PlanOutput(shape: shape, address: try address(buffer))
        }
        for (declaration, _) in graph.states {
            let name = declaration.name
            if replaced.contains(name) {
                program.replaced.append(try store.buffer(name))
            } else {
                program.observed.append(try store.buffer(name))
            }
        }
        program.slowNodes = slowNodes
        return program
    }

    /// How often a draft runs with each batch.
    private func slices(of draft: Draft) -> Int {
        draft.isHoisted ? 1 : sections.slices[draft.section]
    }
}
