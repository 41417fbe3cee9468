/// What a spread sample of each data set's pairs was found to be, and a job's warnings at hand.
enum SurveySchema {
    static let statements = [
        "ALTER TABLE datasets ADD COLUMN survey TEXT",
        "ALTER TABLE datasets ADD COLUMN findings TEXT NOT NULL DEFAULT '[]'",
        // Of what the survey was made; another one is due when that has changed.
        "ALTER TABLE datasets ADD COLUMN surveyed TEXT",
        // How samples came to their splits; null in data sets from before: each by itself.
        "ALTER TABLE datasets ADD COLUMN split TEXT",
        "CREATE INDEX job_warnings ON events (id, seq) WHERE type = 'job.warning'",
    ]
}
