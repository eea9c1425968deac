-- Which installation this database is: part of each lease's id, so that machines of another one are never touched.
CREATE TABLE installation (
    key integer NOT NULL PRIMARY KEY CHECK (key = 1),
    id text NOT NULL
);

-- The lease as it is now. document: its JSON. is_open: 1 while anything of it may still be billed. holder, epoch: which controller may act on it; a write with an older epoch changes nothing.
CREATE TABLE leases (
    id text NOT NULL PRIMARY KEY,
    state text NOT NULL,
    is_open integer NOT NULL,
    document text NOT NULL,
    holder text,
    holder_until bigint NOT NULL,
    epoch bigint NOT NULL,
    created_at bigint NOT NULL
);

CREATE INDEX leases_open ON leases (is_open);

-- What happened to a lease, in order. Rows are only added. Instants are microseconds since 1970, UTC.
CREATE TABLE lease_events (
    lease_id text NOT NULL REFERENCES leases (id),
    number bigint NOT NULL,
    at bigint NOT NULL,
    kind text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (lease_id, number)
);
