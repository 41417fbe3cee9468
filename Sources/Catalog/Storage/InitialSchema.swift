/// The first version of the tables. Times are milliseconds since 1970, file times nanoseconds,
/// columns of JSON hold text.
enum InitialSchema {
    static let statements = [
        """
        CREATE TABLE meta (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE datasets (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            root TEXT NOT NULL UNIQUE,
            layout TEXT NOT NULL,
            manifest TEXT NOT NULL,
            modalities TEXT NOT NULL,
            origin TEXT NOT NULL CHECK (origin IN ('discovered', 'added')),
            state TEXT NOT NULL CHECK (state IN ('online', 'offline')),
            problems TEXT NOT NULL DEFAULT '[]',
            generation INTEGER NOT NULL DEFAULT 0,
            created INTEGER NOT NULL,
            scanned INTEGER
        ) STRICT
        """,
        """
        CREATE TABLE samples (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            dataset INTEGER NOT NULL REFERENCES datasets ON DELETE CASCADE,
            key TEXT NOT NULL,
            scene_group TEXT NOT NULL,
            split TEXT NOT NULL,
            state TEXT NOT NULL,
            label TEXT,
            attributes TEXT NOT NULL DEFAULT '{}',
            code TEXT,
            reason TEXT,
            created INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            UNIQUE (dataset, key)
        ) STRICT
        """,
        "CREATE INDEX samples_by_state ON samples (dataset, state, key)",
        """
        CREATE TABLE files (
            id INTEGER PRIMARY KEY,
            sample INTEGER NOT NULL REFERENCES samples ON DELETE CASCADE,
            modality TEXT NOT NULL,
            path TEXT NOT NULL,
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            size INTEGER NOT NULL,
            modified_ns INTEGER NOT NULL,
            changed_ns INTEGER NOT NULL,
            inspected INTEGER NOT NULL DEFAULT 0,
            digest TEXT,
            width INTEGER,
            height INTEGER,
            channels INTEGER,
            bit_depth INTEGER,
            warnings TEXT NOT NULL DEFAULT '[]',
            generation INTEGER NOT NULL DEFAULT 0,
            UNIQUE (sample, modality)
        ) STRICT
        """,
        "CREATE INDEX files_to_inspect ON files (sample) WHERE inspected = 0",
        """
        CREATE TABLE models (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            folder TEXT NOT NULL,
            kind TEXT NOT NULL,
            modality TEXT NOT NULL,
            architecture TEXT NOT NULL,
            digest TEXT NOT NULL,
            summary TEXT NOT NULL,
            job INTEGER,
            created INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            kind TEXT NOT NULL,
            state TEXT NOT NULL,
            wanted TEXT CHECK (wanted IN ('paused', 'cancelled')),
            recipe TEXT NOT NULL,
            dataset TEXT NOT NULL,
            uid INTEGER NOT NULL,
            priority INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            not_before INTEGER NOT NULL DEFAULT 0,
            owner TEXT,
            epoch INTEGER NOT NULL DEFAULT 0,
            heartbeat INTEGER,
            error_code TEXT,
            error_message TEXT,
            error_hint TEXT,
            phase TEXT,
            progress TEXT,
            result TEXT,
            created INTEGER NOT NULL,
            started INTEGER,
            finished INTEGER
        ) STRICT
        """,
        "CREATE INDEX jobs_by_state ON jobs (state, priority, id)",
        "CREATE INDEX jobs_by_name ON jobs (name, id)",
        """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
            epoch INTEGER NOT NULL,
            folder TEXT NOT NULL,
            samples TEXT NOT NULL,
            threads INTEGER NOT NULL,
            started INTEGER NOT NULL,
            ended INTEGER,
            outcome TEXT,
            UNIQUE (job, epoch)
        ) STRICT
        """,
        """
        CREATE TABLE checkpoints (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
            step INTEGER NOT NULL,
            path TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            created INTEGER NOT NULL,
            UNIQUE (job, step)
        ) STRICT
        """,
        """
        CREATE TABLE metrics (
            subject TEXT NOT NULL CHECK (subject IN ('job', 'model')),
            id INTEGER NOT NULL,
            name TEXT NOT NULL,
            value REAL,
            PRIMARY KEY (subject, id, name)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE events (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            time INTEGER NOT NULL,
            type TEXT NOT NULL,
            subject TEXT NOT NULL,
            id INTEGER,
            payload TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX events_by_time ON events (time)",
        """
        CREATE TABLE idempotency (
            uid INTEGER NOT NULL,
            key TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
            created INTEGER NOT NULL,
            PRIMARY KEY (uid, key)
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
