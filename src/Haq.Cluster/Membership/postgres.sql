-- What Orleans' ADO.NET membership provider needs in a database of PostgreSQL 12 or later, written for haq. It reads its statements from OrleansQuery by key; the other tables are ours.
-- May be run again. Where the database has statements of an Orleans application already, these stay.

CREATE TABLE IF NOT EXISTS haq_cluster
(
    name text PRIMARY KEY,
    version integer NOT NULL DEFAULT 0,
    changed timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS haq_member
(
    cluster text NOT NULL REFERENCES haq_cluster (name),
    address text NOT NULL,
    port integer NOT NULL,
    generation integer NOT NULL,
    silo_name text NOT NULL,
    host_name text NOT NULL,
    status integer NOT NULL,
    gateway_port integer NOT NULL,
    suspected text NULL,
    started timestamptz NOT NULL,
    alive timestamptz NOT NULL,
    PRIMARY KEY (cluster, address, port, generation)
);

CREATE TABLE IF NOT EXISTS OrleansQuery
(
    QueryKey varchar(64) PRIMARY KEY,
    QueryText varchar(8000) NOT NULL
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES

-- A cluster's version, once.
('InsertMembershipVersionKey', '
    WITH added AS (INSERT INTO haq_cluster (name) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM added)'),

-- A member, and the next version; neither where the version is another one by now, or the member is there.
('InsertMembershipKey', '
    WITH raised AS
    (
        UPDATE haq_cluster SET version = version + 1, changed = now()
        WHERE name = @DeploymentId AND version = @Version
            AND NOT EXISTS (SELECT 1 FROM haq_member m WHERE m.cluster = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation)
        RETURNING name
    ),
    added AS
    (
        INSERT INTO haq_member (cluster, address, port, generation, silo_name, host_name, status, gateway_port, started, alive)
        SELECT raised.name, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM raised
        RETURNING 1
    )
    SELECT EXISTS (SELECT 1 FROM added)'),

-- What became of a member, and the next version.
('UpdateMembershipKey', '
    WITH raised AS
    (
        UPDATE haq_cluster SET version = version + 1, changed = now()
        WHERE name = @DeploymentId AND version = @Version
            AND EXISTS (SELECT 1 FROM haq_member m WHERE m.cluster = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation)
        RETURNING name
    ),
    updated AS
    (
        UPDATE haq_member m SET status = @Status, suspected = @SuspectTimes, alive = @IAmAliveTime FROM raised
        WHERE m.cluster = raised.name AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
        RETURNING 1
    )
    SELECT EXISTS (SELECT 1 FROM updated)'),

('UpdateIAmAlivetimeKey', '
    UPDATE haq_member SET alive = @IAmAliveTime WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation'),

('MembershipReadRowKey', '
    SELECT c.version AS "Version", m.address AS "Address", m.port AS "Port", m.generation AS "Generation", m.silo_name AS "SiloName", m.host_name AS "HostName", m.status AS "Status",
        m.gateway_port AS "ProxyPort", m.suspected AS "SuspectTimes", m.started AS "StartTime", m.alive AS "IAmAliveTime"
    FROM haq_cluster c LEFT JOIN haq_member m ON m.cluster = c.name AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
    WHERE c.name = @DeploymentId'),

('MembershipReadAllKey', '
    SELECT c.version AS "Version", m.address AS "Address", m.port AS "Port", m.generation AS "Generation", m.silo_name AS "SiloName", m.host_name AS "HostName", m.status AS "Status",
        m.gateway_port AS "ProxyPort", m.suspected AS "SuspectTimes", m.started AS "StartTime", m.alive AS "IAmAliveTime"
    FROM haq_cluster c LEFT JOIN haq_member m ON m.cluster = c.name
    WHERE c.name = @DeploymentId'),

('GatewaysQueryKey', '
    SELECT address AS "Address", gateway_port AS "ProxyPort", generation AS "Generation" FROM haq_member WHERE cluster = @DeploymentId AND status = @Status AND gateway_port > 0'),

('DeleteMembershipTableEntriesKey', '
    WITH gone AS (DELETE FROM haq_member WHERE cluster = @DeploymentId)
    DELETE FROM haq_cluster WHERE name = @DeploymentId'),

-- Six is a member that is dead.
('CleanupDefunctSiloEntriesKey', '
    DELETE FROM haq_member WHERE cluster = @DeploymentId AND status = 6 AND alive < @IAmAliveTime'),

('CleanupDefunctSiloEntryKey', '
    DELETE FROM haq_member WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation AND status = 6
        AND started = @StartTime AND alive = @IAmAliveTime AND suspected IS NOT DISTINCT FROM @SuspectTimes')

ON CONFLICT (QueryKey) DO NOTHING;
