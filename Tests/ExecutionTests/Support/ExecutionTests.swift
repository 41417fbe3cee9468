import Testing

/// All tests of this target, one at a time: each plan uses every core.
@Suite(.serialized) enum ExecutionTests {}
