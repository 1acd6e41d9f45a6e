#include "journal/sqlite/schema.h"

#include <array>
#include <string>

#include <fmt/core.h>

namespace dayu::journal::sqlite {
namespace {

// Columns of jobs and attempts bear the names of the leaves of JobSummary and AttemptSummary; enums are
// their numbers, times milliseconds, money micro-yuan. 0, 1 and 2 are the states that are not terminal.
constexpr const char* version_1 = R"sql(
CREATE TABLE entries(
    seq INTEGER PRIMARY KEY,
    job INTEGER,
    bytes BLOB NOT NULL);
CREATE INDEX entries_of_job ON entries(job) WHERE job IS NOT NULL;

CREATE TABLE head(
    only INTEGER PRIMARY KEY CHECK(only = 1),
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL);

CREATE TABLE bodies(
    ref TEXT PRIMARY KEY,
    salt BLOB NOT NULL,
    content BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE jobs(
    id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    shape INTEGER NOT NULL,
    body TEXT NOT NULL,
    state INTEGER NOT NULL,
    submitted INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    center TEXT NOT NULL,
    code INTEGER NOT NULL,
    signal INTEGER NOT NULL,
    cause INTEGER,
    cost INTEGER NOT NULL);
CREATE INDEX live_jobs ON jobs(id) WHERE state <= 2;
CREATE INDEX jobs_of_project ON jobs(project, tenant);

CREATE TABLE attempts(
    job INTEGER NOT NULL,
    number INTEGER NOT NULL,
    center_id INTEGER NOT NULL,
    center TEXT NOT NULL,
    pool TEXT NOT NULL,
    state INTEGER NOT NULL,
    "table" INTEGER NOT NULL,
    candidate INTEGER NOT NULL,
    placed INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    cause INTEGER,
    code INTEGER NOT NULL,
    signal INTEGER NOT NULL,
    detail TEXT NOT NULL,
    cpu_ms INTEGER NOT NULL,
    peak_memory_mib INTEGER NOT NULL,
    price_at_most INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    energy_mwh INTEGER NOT NULL,
    carbon_mg INTEGER NOT NULL,
    PRIMARY KEY(job, number)) WITHOUT ROWID;
)sql";

constexpr const char* version_2 = R"sql(
ALTER TABLE jobs ADD COLUMN array INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN array_index INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN "begin" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN deadline INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN detail TEXT NOT NULL DEFAULT '';
CREATE INDEX jobs_of_array ON jobs(array) WHERE array != 0;
)sql";

// What was written before is brought up to it: an entry's centre stands in its data or with its attempt,
// and the kind of a job in the entry that declared its shape. Numbers of kinds are those of JobKind.
constexpr const char* version_3 = R"sql(
ALTER TABLE entries ADD COLUMN center INTEGER;
UPDATE entries SET center = place FROM (
    SELECT seq AS at, CASE
        WHEN json_type(text, '$.data.center') = 'integer' THEN json_extract(text, '$.data.center')
        WHEN json_extract(text, '$.type') = 'center_declared' THEN json_extract(text, '$.data.id')
        ELSE (SELECT center_id FROM attempts
              WHERE attempts.job = json_extract(text, '$.data.attempt.job')
                AND attempts.number = json_extract(text, '$.data.attempt.number')) END AS place
    FROM (SELECT seq, CAST(bytes AS TEXT) AS text FROM entries) WHERE json_valid(text))
WHERE seq = at AND place IS NOT NULL;

ALTER TABLE jobs ADD COLUMN kind INTEGER NOT NULL DEFAULT 2;
CREATE TEMP TABLE kinds(shape INTEGER PRIMARY KEY, kind INTEGER NOT NULL);
INSERT OR IGNORE INTO kinds SELECT json_extract(text, '$.data.shape'),
    CASE json_extract(text, '$.data.spec.kind') WHEN 'train' THEN 0 WHEN 'finetune' THEN 1
        WHEN 'service' THEN 3 WHEN 'notebook' THEN 4 ELSE 2 END
    FROM (SELECT CAST(bytes AS TEXT) AS text FROM entries WHERE job IS NULL)
    WHERE CASE WHEN json_valid(text) THEN json_extract(text, '$.type') END = 'shape_declared';
UPDATE jobs SET kind = (SELECT kind FROM kinds WHERE kinds.shape = jobs.shape)
    WHERE shape IN (SELECT shape FROM kinds);
DROP TABLE kinds;
)sql";

// An archived entry keeps its row, with no bytes in it: its job is still found by it. `hash` is that of the last one.
constexpr const char* version_4 = R"sql(
CREATE TABLE segments(
    first INTEGER PRIMARY KEY,
    last INTEGER NOT NULL,
    hash TEXT NOT NULL);
CREATE INDEX jobs_by_end ON jobs(ended, id) WHERE ended != 0;
)sql";

// The number is that of Priority::normal: no job had another before.
constexpr const char* version_5 = R"sql(
ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 1;
)sql";

// What goes on is known by its end, which no other change of a job touches, and so none of those touches the index.
constexpr const char* version_6 = R"sql(
DROP INDEX live_jobs;
CREATE INDEX live_jobs ON jobs(id) WHERE ended = 0;
)sql";

// The step at index v leads from version v to v + 1.
constexpr std::array steps{version_1, version_2, version_3, version_4, version_5, version_6};

Result<std::int64_t> known_version(Connection& connection) {
    const std::int64_t version = TRY(connection.read_integer("PRAGMA user_version"));
    if (version < 0 || version > newest_layout()) {
        return conflict(
            "journal_of_newer_version",
            fmt::format("journal.db has layout {}, this dayu knows up to {}: run a newer dayu",
                        version, newest_layout()));
    }
    return version;
}

}  // namespace

std::int64_t newest_layout() { return static_cast<std::int64_t>(steps.size()); }

Result<std::int64_t> bring_schema_forward(Connection& connection) {
    const std::int64_t version = TRY(known_version(connection));
    if (version == newest_layout()) return version;
    std::string change = "BEGIN IMMEDIATE;";
    for (std::size_t at = static_cast<std::size_t>(version); at < steps.size(); ++at)
        change += steps[at];
    change += fmt::format("PRAGMA user_version={};COMMIT", newest_layout());
    const Result<void> done = connection.execute(change.c_str());
    if (!done && connection.in_transaction()) TRY(connection.execute("ROLLBACK"));
    TRY(done);
    return version;
}

Result<void> check_schema(Connection& connection) {
    const std::int64_t version = TRY(known_version(connection));
    if (version == static_cast<std::int64_t>(steps.size())) return {};
    return conflict(
        "journal_of_older_version",
        fmt::format("journal.db has layout {}: start a server on it once, which brings it to {}",
                    version, steps.size()));
}

}  // namespace dayu::journal::sqlite
