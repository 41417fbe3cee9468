import Testing

/// The real programs over the real socket. One after the other: each starts processes that use all
/// cores.
@Suite(.serialized, .timeLimit(.minutes(10)))
enum EndToEndTests {}
