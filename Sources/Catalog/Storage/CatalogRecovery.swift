/// What opening a catalog had to mend.
package enum CatalogRecovery: Sendable, Equatable {
    /// Nothing.
    case none
    /// The last run did not close the catalog; the check found it whole.
    case checkedAfterCrash
    /// The database was damaged and the backup took its place; folders need a rescan.
    case restoredBackup(damagedFile: String)
    /// The database was damaged and no backup was usable: the folders are all there is.
    case startedEmpty(damagedFile: String)
}
