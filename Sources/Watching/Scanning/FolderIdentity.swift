import Catalog

/// Which folder a path leads to, by whatever name.
struct FolderIdentity: Hashable {
    private let device: Int64
    private let inode: Int64

    /// The folder behind a path, links followed; nil where there is none.
    init?(_ path: String) {
        guard let facts = FileFacts(path), facts.isFolder else { return nil }
        device = facts.stamp.device
        inode = facts.stamp.inode
    }
}
