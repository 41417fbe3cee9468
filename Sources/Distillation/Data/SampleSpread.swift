package import Batching

extension [Sample] {
    /// At most so many of the samples, evenly spread over the order of their keys.
    ///
    /// Equal lists give equal choices: nothing is drawn.
    package func spread(_ most: Int) -> [Sample] {
        let ordered = sorted { ($0.key, $0.id) < ($1.key, $1.id) }
        guard ordered.count > most else { return ordered }
        return (0..<Swift.max(0, most)).map { ordered[$0 * ordered.count / most] }
    }
}
