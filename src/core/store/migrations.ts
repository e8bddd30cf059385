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
  `
  -- Programs register candidates too (registry_versions): these are the ones of retraining.
  ALTER TABLE candidates RENAME TO retraining_candidates;

  -- Experiment 0 is there from the start, and its name is Default.
  ALTER TABLE experiments ADD COLUMN lifecycle TEXT NOT NULL DEFAULT 'active';
  ALTER TABLE experiments ADD COLUMN updated INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE experiments ADD COLUMN artifact_location TEXT NOT NULL DEFAULT '';
  INSERT INTO experiments (experiment_id, name, created) VALUES (0, char(0), unixepoch() * 1000);
  UPDATE runs SET experiment_id = 0 WHERE experiment_id IN (SELECT experiment_id FROM experiments WHERE name = 'Default');
  DELETE FROM experiments WHERE name = 'Default';
  UPDATE experiments SET name = 'Default' WHERE experiment_id = 0;
  UPDATE experiments SET updated = created, artifact_location = 'mlflow-artifacts:/' || experiment_id;

  CREATE TABLE experiment_tags (
    experiment_id INTEGER NOT NULL REFERENCES experiments ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (experiment_id, key)
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE runs ADD COLUMN user TEXT NOT NULL DEFAULT '';
  ALTER TABLE runs ADD COLUMN lifecycle TEXT NOT NULL DEFAULT 'active';
  ALTER TABLE runs ADD COLUMN artifact_uri TEXT NOT NULL DEFAULT '';
  UPDATE runs SET artifact_uri = 'mlflow-artifacts:/jobs/' || run_id || '/artifacts';
  CREATE INDEX runs_by_start ON runs (experiment_id, lifecycle, coalesce(started, created) DESC, run_id);

  -- journalled: 1 where our own job said it; the word of a tracking client takes its place.
  ALTER TABLE params ADD COLUMN journalled INTEGER NOT NULL DEFAULT 0;
  UPDATE params SET journalled = 1;
  UPDATE tags SET key = 'mlflow.note.content' WHERE key = 'note';

  -- One metric of one run with its latest point; value is null where that is not a number.
  -- last_mark: the greatest mark among its points.
  CREATE TABLE series (
    run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    key TEXT NOT NULL,
    series_id INTEGER NOT NULL UNIQUE,
    step INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    value REAL,
    last_mark INTEGER NOT NULL,
    journalled INTEGER NOT NULL,
    PRIMARY KEY (run_id, key)
  ) STRICT, WITHOUT ROWID;

  -- The history. value is a number, or the text NaN; mark rises in the order of storing. The key drops exact duplicates.
  CREATE TABLE points (
    series_id INTEGER NOT NULL REFERENCES series (series_id) ON DELETE CASCADE,
    timestamp INTEGER NOT NULL,
    step INTEGER NOT NULL,
    value ANY NOT NULL,
    mark INTEGER NOT NULL,
    PRIMARY KEY (series_id, timestamp, step, value)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO series (run_id, key, series_id, step, timestamp, value, last_mark, journalled)
    SELECT run_id, key, row_number() OVER (), latest.step, latest.timestamp, latest.value, max(metric_id), 1
    FROM metrics JOIN latest_metrics AS latest USING (run_id, key) GROUP BY run_id, key;
  INSERT OR IGNORE INTO points (series_id, timestamp, step, value, mark)
    SELECT series_id, metrics.timestamp, metrics.step, coalesce(metrics.value, 'NaN'), metric_id
    FROM metrics JOIN series USING (run_id, key) ORDER BY series_id, metrics.timestamp, metrics.step, metrics.value;
  DROP TABLE metrics;
  DROP TABLE latest_metrics;

  CREATE TABLE datasets (
    dataset_id INTEGER PRIMARY KEY,
    experiment_id INTEGER NOT NULL REFERENCES experiments ON DELETE CASCADE,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    source_type TEXT NOT NULL,
    source TEXT NOT NULL,
    schema TEXT,
    profile TEXT,
    UNIQUE (experiment_id, name, digest)
  ) STRICT;

  -- tags: JSON, key to value; context is one of them, for searching
  CREATE TABLE run_datasets (
    run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    dataset_id INTEGER NOT NULL REFERENCES datasets ON DELETE CASCADE,
    context TEXT,
    tags TEXT NOT NULL,
    PRIMARY KEY (run_id, dataset_id)
  ) STRICT, WITHOUT ROWID;

  -- role: input or output
  CREATE TABLE run_models (
    run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    role TEXT NOT NULL,
    model_id TEXT NOT NULL,
    step INTEGER NOT NULL,
    PRIMARY KEY (run_id, role, model_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE logged_models (
    model_id TEXT PRIMARY KEY,
    experiment_id INTEGER NOT NULL REFERENCES experiments ON DELETE CASCADE,
    name TEXT NOT NULL,
    model_type TEXT,
    source_run_id TEXT,
    status TEXT NOT NULL,
    artifact_uri TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    lifecycle TEXT NOT NULL DEFAULT 'active'
  ) STRICT;
  CREATE INDEX logged_models_by_creation ON logged_models (experiment_id, created);
  CREATE INDEX logged_models_by_run ON logged_models (source_run_id);

  CREATE TABLE logged_model_params (
    model_id TEXT NOT NULL REFERENCES logged_models ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model_id, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE logged_model_tags (
    model_id TEXT NOT NULL REFERENCES logged_models ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model_id, key)
  ) STRICT, WITHOUT ROWID;

  -- The latest point for each data set; value is a number, or the text NaN
  CREATE TABLE logged_model_metrics (
    model_id TEXT NOT NULL REFERENCES logged_models ON DELETE CASCADE,
    key TEXT NOT NULL,
    dataset_name TEXT NOT NULL,
    dataset_digest TEXT NOT NULL,
    run_id TEXT NOT NULL,
    step INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    value ANY NOT NULL,
    PRIMARY KEY (model_id, key, dataset_name, dataset_digest)
  ) STRICT, WITHOUT ROWID;

  -- The registry: what programs registered, candidates that are nowhere else, and an index of the files under models/.
  -- by_program: 0 for a model that only files make.
  CREATE TABLE registry_models (
    name TEXT PRIMARY KEY,
    description TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    by_program INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE registry_model_tags (
    name TEXT NOT NULL REFERENCES registry_models ON DELETE CASCADE ON UPDATE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name, key)
  ) STRICT, WITHOUT ROWID;

  -- ulid: of the file that it is; null for what only a program registered
  CREATE TABLE registry_versions (
    name TEXT NOT NULL REFERENCES registry_models ON DELETE CASCADE ON UPDATE CASCADE,
    version INTEGER NOT NULL,
    ulid TEXT UNIQUE,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    description TEXT NOT NULL,
    source TEXT NOT NULL,
    run_id TEXT NOT NULL,
    run_link TEXT NOT NULL DEFAULT '',
    model_id TEXT,
    stage TEXT NOT NULL DEFAULT 'None',
    PRIMARY KEY (name, version)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX registry_versions_by_model_id ON registry_versions (model_id) WHERE model_id IS NOT NULL;
  CREATE INDEX registry_versions_by_run ON registry_versions (run_id);

  CREATE TABLE registry_version_tags (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name, version, key),
    FOREIGN KEY (name, version) REFERENCES registry_versions ON DELETE CASCADE ON UPDATE CASCADE
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE registry_aliases (
    name TEXT NOT NULL,
    alias TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (name, alias),
    FOREIGN KEY (name, version) REFERENCES registry_versions ON DELETE CASCADE ON UPDATE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX registry_aliases_by_version ON registry_aliases (name, version);

  -- Every move of an alias or a stage, and of a candidate whose number a file took.
  -- kind: alias, stage or number; label: which alias or stage; a version of null is none.
  CREATE TABLE registry_moves (
    move_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    from_version INTEGER,
    to_version INTEGER
  ) STRICT;
  CREATE INDEX registry_moves_by_name ON registry_moves (name, move_id);
  `,
  `
  -- Which run of this project a run of somewhere else became: a second import finds it. origin: an absolute path or an address.
  -- seen: a mark of what it was when it was last taken over; fetched: the same of its history and its files.
  CREATE TABLE imported_runs (
    origin TEXT NOT NULL,
    origin_run_id TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    seen TEXT NOT NULL DEFAULT '',
    fetched TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (origin, origin_run_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX imported_runs_by_run ON imported_runs (run_id);

  -- Which run of a remote tracking server a run of this project was copied to. mark: of the last point that was sent.
  -- sent: a mark of all else of it.
  CREATE TABLE published_runs (
    remote TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    remote_run_id TEXT NOT NULL,
    mark INTEGER NOT NULL DEFAULT 0,
    sent TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (remote, run_id)
  ) STRICT, WITHOUT ROWID;

  -- Remote servers that this project followed, and since when: older runs go there only when a person publishes them.
  CREATE TABLE followed_remotes (
    remote TEXT PRIMARY KEY,
    since INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- How the comparison of runs was arranged, under a name; state is the panel's own JSON.
  CREATE TABLE compare_views (
    name TEXT PRIMARY KEY,
    updated INTEGER NOT NULL,
    state TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Who moved it (a Mover; empty where nobody kept it), and outcome: moved or refused, with the reason.
  ALTER TABLE registry_moves ADD COLUMN moved_by TEXT NOT NULL DEFAULT '';
  ALTER TABLE registry_moves ADD COLUMN outcome TEXT NOT NULL DEFAULT 'moved';
  ALTER TABLE registry_moves ADD COLUMN reason TEXT NOT NULL DEFAULT '';

  -- For an alias of a candidate: which version the files gave it when a program moved it. Once they name another, that one counts.
  ALTER TABLE registry_aliases ADD COLUMN over_ulid TEXT;
  `,
  `
  -- The programs that write into open runs of clients, so that a run whose program was killed does not stay open.
  -- start and boot: when the process and its machine started, since pids are given out again.
  CREATE TABLE run_writers (
    run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
    pid INTEGER NOT NULL,
    start TEXT NOT NULL,
    boot TEXT NOT NULL,
    PRIMARY KEY (run_id, pid, start)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What this project wants changed at a remote server and that server has not taken yet, in the order of wanting.
  -- subject: run or experiment; subject_id: its id here. request: JSON of a RemoteRequest. problem: why the server refused
  -- it, which a person has to decide on; null while it waits. forced: sent even where the server changed meanwhile.
  CREATE TABLE remote_changes (
    change_id INTEGER PRIMARY KEY AUTOINCREMENT,
    remote TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    request TEXT NOT NULL,
    problem TEXT,
    forced INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX remote_changes_by_subject ON remote_changes (remote, subject, subject_id);

  -- Which experiment of this project one of a followed server is. tags: what its tags were there when last seen, as JSON.
  CREATE TABLE followed_experiments (
    remote TEXT NOT NULL,
    remote_experiment_id TEXT NOT NULL,
    experiment_id INTEGER NOT NULL REFERENCES experiments ON DELETE CASCADE,
    tags TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (remote, remote_experiment_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX followed_experiments_by_experiment ON followed_experiments (experiment_id);

  -- The tags of a run, and whether it was archived, when it was last sent: tells what was removed here from what was added there. JSON.
  ALTER TABLE published_runs ADD COLUMN sent_values TEXT NOT NULL DEFAULT '{}';
  `,
  `
  -- The whole history of a logged model's metrics, as MLflow gives it. value is a number, or the text NaN
  CREATE TABLE all_logged_model_metrics (
    model_id TEXT NOT NULL REFERENCES logged_models ON DELETE CASCADE,
    key TEXT NOT NULL,
    dataset_name TEXT NOT NULL,
    dataset_digest TEXT NOT NULL,
    run_id TEXT NOT NULL,
    step INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    value ANY NOT NULL,
    PRIMARY KEY (model_id, key, timestamp, step, run_id, dataset_name, dataset_digest, value)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO all_logged_model_metrics SELECT model_id, key, dataset_name, dataset_digest, run_id, step, timestamp, value FROM logged_model_metrics;
  DROP TABLE logged_model_metrics;
  ALTER TABLE all_logged_model_metrics RENAME TO logged_model_metrics;
  `,
  `
  -- Studies of scripts, by their parent run. study: what does not change with each trial, as JSON.
  CREATE TABLE studies (
    study_id TEXT PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    created INTEGER NOT NULL,
    status TEXT NOT NULL,
    study TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Their trials in the order of their start; a trial stays when its run is deleted. open: it has not ended.
  CREATE TABLE trials (
    study_id TEXT NOT NULL REFERENCES studies ON DELETE CASCADE,
    number INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    open INTEGER NOT NULL,
    trial TEXT NOT NULL,
    PRIMARY KEY (study_id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX trials_by_run ON trials (run_id);
  `,
];
