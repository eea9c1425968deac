-- Studies of Sightline.Tuning. Instants are microseconds since 1970, UTC; money is in millionths of a US dollar.
-- format: the version of what the columns mean. revision: on SQLite the number of the last write; PostgreSQL uses transaction ids.
CREATE TABLE studies (
    id bigint NOT NULL PRIMARY KEY,
    name text NOT NULL UNIQUE,
    format bigint NOT NULL,
    directions text NOT NULL,
    space_json text NOT NULL,
    space_version bigint NOT NULL,
    sampler text NOT NULL,
    pruner text NOT NULL,
    seed bigint NOT NULL,
    noisy bigint NOT NULL,
    grid_points bigint NOT NULL,
    lease_us bigint NOT NULL,
    max_attempts bigint NOT NULL,
    objective text,
    budget_trials bigint,
    budget_deadline bigint,
    budget_cost bigint,
    spent bigint NOT NULL,
    next_number bigint NOT NULL,
    attached bigint NOT NULL,
    state text NOT NULL,
    created_at bigint NOT NULL,
    revision bigint NOT NULL
);

-- Each parameter of each version of a study's space, once.
CREATE TABLE distributions (
    study_id bigint NOT NULL REFERENCES studies (id),
    space_version bigint NOT NULL,
    name text NOT NULL,
    distribution text NOT NULL,
    PRIMARY KEY (study_id, space_version, name)
);

-- params: null while a sampler chooses. unique_key: null where a configuration may be repeated. claimable: 1 where anyone may take the trial.
-- lease_epoch: the fencing token; a write with another one changes nothing.
CREATE TABLE trials (
    study_id bigint NOT NULL REFERENCES studies (id),
    number bigint NOT NULL,
    state text NOT NULL,
    claimable bigint NOT NULL,
    params text,
    unique_key text,
    space_version bigint NOT NULL,
    source text NOT NULL,
    priority bigint NOT NULL,
    attempt bigint NOT NULL,
    worker_id text,
    lease_epoch bigint NOT NULL,
    lease_until bigint,
    checkpoint_step bigint,
    step bigint,
    promoted_rung bigint NOT NULL,
    stopped_at_rung bigint,
    predicted_memory bigint,
    peak_memory bigint,
    cost bigint,
    reason text,
    created_at bigint NOT NULL,
    started_at bigint,
    ended_at bigint,
    revision bigint NOT NULL,
    PRIMARY KEY (study_id, number),
    UNIQUE (study_id, unique_key)
);

CREATE INDEX trials_claimable ON trials (study_id, priority, number) WHERE claimable = 1;
CREATE INDEX trials_leased ON trials (study_id, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX trials_revision ON trials (study_id, revision);

CREATE TABLE trial_params (
    study_id bigint NOT NULL,
    number bigint NOT NULL,
    name text NOT NULL,
    value double precision,
    choice text,
    PRIMARY KEY (study_id, number, name),
    FOREIGN KEY (study_id, number) REFERENCES trials (study_id, number) ON DELETE CASCADE
);

-- kind: finite, or inf, -inf, nan with a null value: SQLite keeps no NaN.
CREATE TABLE trial_values (
    study_id bigint NOT NULL,
    number bigint NOT NULL,
    objective bigint NOT NULL,
    value double precision,
    kind text NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (study_id, number, objective),
    FOREIGN KEY (study_id, number) REFERENCES trials (study_id, number) ON DELETE CASCADE
);

CREATE INDEX trial_values_revision ON trial_values (study_id, revision);

CREATE TABLE trial_constraints (
    study_id bigint NOT NULL,
    number bigint NOT NULL,
    position bigint NOT NULL,
    value double precision,
    kind text NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (study_id, number, position),
    FOREIGN KEY (study_id, number) REFERENCES trials (study_id, number) ON DELETE CASCADE
);

CREATE INDEX trial_constraints_revision ON trial_constraints (study_id, revision);

-- The values on the way. superseded: 1 where the trial went on from a checkpoint before this step.
CREATE TABLE intermediate (
    study_id bigint NOT NULL,
    number bigint NOT NULL,
    metric text NOT NULL,
    step bigint NOT NULL,
    value double precision,
    kind text NOT NULL,
    attempt bigint NOT NULL,
    at bigint NOT NULL,
    superseded bigint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (study_id, number, metric, step),
    FOREIGN KEY (study_id, number) REFERENCES trials (study_id, number) ON DELETE CASCADE
);

CREATE INDEX intermediate_revision ON intermediate (study_id, revision);

-- A trial at a rung: what it had there and what became of it (continue, stop, pause).
CREATE TABLE rungs (
    study_id bigint NOT NULL,
    number bigint NOT NULL,
    bracket bigint NOT NULL,
    rung bigint NOT NULL,
    step bigint NOT NULL,
    value double precision,
    kind text NOT NULL,
    verdict text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (study_id, number, rung),
    FOREIGN KEY (study_id, number) REFERENCES trials (study_id, number) ON DELETE CASCADE
);

CREATE TABLE workers (
    id text NOT NULL PRIMARY KEY,
    study_id bigint NOT NULL REFERENCES studies (id),
    host text NOT NULL,
    process_id bigint NOT NULL,
    gpu text,
    memory bigint,
    price_per_hour bigint,
    started_at bigint NOT NULL,
    seen_at bigint NOT NULL
);
