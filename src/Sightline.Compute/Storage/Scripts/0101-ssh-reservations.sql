-- Hosts that the user owns or rents elsewhere: at most one open reservation each.
CREATE TABLE ssh_reservations (
    machine_id text NOT NULL PRIMARY KEY,
    lease_name text NOT NULL,
    host text NOT NULL,
    document text NOT NULL,
    ended_at bigint
);

CREATE UNIQUE INDEX ssh_reservations_open ON ssh_reservations (host) WHERE ended_at IS NULL;
