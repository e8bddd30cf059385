// Each entry brings the database from version n to n + 1. Never change one that was released: add another.
export const migrations: readonly string[] = [
  `
  CREATE TABLE experiments (
    experiment_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    experiment_id INTEGER NOT NULL REFERENCES experiments,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    created INTEGER NOT NULL,
    started INTEGER,
    ended INTEGER,
    source TEXT NOT NULL,
    error TEXT,
    git TEXT,
    command TEXT,
    exit_code INTEGER
  ) STRICT;
  CREATE INDEX runs_by_creation ON runs (created);

  CREATE TABLE params (
    run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run_id, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tags (
    run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run_id, key)
  ) STRICT, WITHOUT ROWID;

  -- value is null where it was not a finite number
  CREATE TABLE metrics (
    metric_id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    key TEXT NOT NULL,
    step INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    value REAL
  ) STRICT;
  CREATE INDEX metrics_by_run ON metrics (run_id);

  CREATE TABLE latest_metrics (
    run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    key TEXT NOT NULL,
    step INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    value REAL,
    PRIMARY KEY (run_id, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE artifacts (
    run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    path TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (run_id, path)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE jobs (
    job_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    spec TEXT NOT NULL,
    status TEXT NOT NULL,
    run_id TEXT REFERENCES runs ON DELETE CASCADE,
    created INTEGER NOT NULL,
    started INTEGER,
    ended INTEGER,
    progress TEXT,
    error TEXT,
    pid INTEGER,
    process_start TEXT,
    script_pid INTEGER,
    script_start TEXT,
    journal_offset INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX jobs_by_status ON jobs (status);
  `,
  `
  -- config: an EndpointConfig; wanted: running or stopped
  CREATE TABLE endpoints (
    name TEXT PRIMARY KEY,
    config TEXT NOT NULL,
    wanted TEXT NOT NULL,
    created INTEGER NOT NULL,
    pid INTEGER,
    process_start TEXT,
    ready_since INTEGER,
    restarts INTEGER NOT NULL DEFAULT 0,
    error TEXT
  ) STRICT;

  CREATE TABLE traffic_changes (
    change_id INTEGER PRIMARY KEY,
    endpoint TEXT NOT NULL REFERENCES endpoints ON DELETE CASCADE,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    versions TEXT NOT NULL
  ) STRICT;
  CREATE INDEX traffic_changes_by_endpoint ON traffic_changes (endpoint, change_id);

  -- result: a MonitorWindow without its id
  CREATE TABLE monitor_windows (
    window_id INTEGER PRIMARY KEY,
    endpoint TEXT NOT NULL,
    ulid TEXT NOT NULL,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    result TEXT NOT NULL
  ) STRICT;
  CREATE INDEX monitor_windows_by_endpoint ON monitor_windows (endpoint, window_id);

  -- How far the predictions of a version were judged; state is the monitor's own JSON.
  CREATE TABLE monitor_positions (
    endpoint TEXT NOT NULL,
    ulid TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (endpoint, ulid, kind)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE alerts (
    alert_id TEXT PRIMARY KEY,
    endpoint TEXT NOT NULL,
    opened INTEGER NOT NULL,
    closed INTEGER,
    alert TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alerts_by_endpoint ON alerts (endpoint, opened);

  -- A model that retraining proposed and nobody promoted yet; version is a VersionFile without its number.
  CREATE TABLE candidates (
    ulid TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    created INTEGER NOT NULL,
    version TEXT NOT NULL
  ) STRICT;

  CREATE TABLE decisions (
    decision_id TEXT PRIMARY KEY,
    retraining TEXT NOT NULL,
    created INTEGER NOT NULL,
    decision TEXT NOT NULL
  ) STRICT;
  CREATE INDEX decisions_by_creation ON decisions (created);

  -- What an entry of ml.yaml remembers: when it last started, which schedule it has done.
  CREATE TABLE retraining_state (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL
  ) STRICT;
  `,
];
