// Durable appends a second through the journal, in transactions of 1, 32 and 1,000 jobs, and beside
// each what bare SQLite takes of the same entries in one table with the same settings: their ratio is the price of
// rendering, chaining, the lists and the bodies. Run it with --benchmark_format=json for the record.
// Then: what a snapshot of 1,000,000 jobs costs to write and to load.
#include <sqlite3.h>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "base/check.h"
#include "base/sha256.h"
#include "base/testing/temporary_folder.h"
#include "control/handle.h"
#include "journal/entry.h"
#include "journal/journal.h"
#include "journal/snapshot.h"

namespace {

using namespace dayu;

control::RecordedEvent accepted(std::uint64_t n) {
    const std::string digest = to_hex(sha256(std::to_string(n))).substr(0, 32);
    control::JobAccepted event{.job = {n},
                               .name = fmt::format("train-{}", n),
                               .shape = {1},
                               .body = journal::make_body("python train.py", "salt").ref,
                               .idempotency_key = digest,
                               .request = digest};
    return {{.seq = {n}, .at = {1'795'000'000'000}, .scope = {}, .actor = "token:first"},
            std::move(event)};
}

std::vector<control::RecordedEvent> next_batch(std::uint64_t& last, std::int64_t size) {
    std::vector<control::RecordedEvent> events;
    for (std::int64_t i = 0; i < size; ++i) events.push_back(accepted(++last));
    return events;
}

// `distinct`: every job brings a script of its own, instead of all sharing one.
void append(benchmark::State& bench, bool distinct) {
    const TemporaryFolder directory;
    journal::Journal journal(
        std::move(*journal::open_sqlite_store({.directory = directory.path()})));
    const control::State state;
    std::uint64_t last = 0;
    for (auto _ : bench) {
        bench.PauseTiming();
        const auto events = next_batch(last, bench.range(0));
        std::vector<journal::Body> bodies;
        for (const auto& event : events) {
            const std::string salt = distinct ? std::to_string(event.meta.seq.value) : "salt";
            bodies.push_back(journal::make_body("python train.py", salt));
        }
        bench.ResumeTiming();
        CHECK(journal.append(events, std::move(bodies), state).ok());
    }
    bench.SetItemsProcessed(static_cast<std::int64_t>(last));
}
void journal_shared_body(benchmark::State& bench) { append(bench, false); }
void journal_own_bodies(benchmark::State& bench) { append(bench, true); }

void sqlite_alone(benchmark::State& bench) {
    const TemporaryFolder directory;
    sqlite3* db = nullptr;
    CHECK(sqlite3_open((directory.path() + "/raw.db").c_str(), &db) == SQLITE_OK);
    const auto run = [&](const char* sql) {
        CHECK(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    };
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=8192;"
        "CREATE TABLE entries(seq INTEGER PRIMARY KEY, bytes BLOB)");
    sqlite3_stmt* insert = nullptr;
    CHECK(sqlite3_prepare_v2(db, "INSERT INTO entries VALUES(?, ?)", -1, &insert, nullptr) ==
          SQLITE_OK);
    std::uint64_t last = 0;
    for (auto _ : bench) {
        bench.PauseTiming();
        std::vector<std::string> entries;
        for (const auto& event : next_batch(last, bench.range(0))) {
            entries.push_back(journal::render_entry(event, journal::hash_before_first()));
        }
        auto seq = static_cast<std::int64_t>(last - entries.size());
        bench.ResumeTiming();
        run("BEGIN");
        for (const std::string& bytes : entries) {
            sqlite3_bind_int64(insert, 1, ++seq);
            sqlite3_bind_blob64(insert, 2, bytes.data(), bytes.size(), SQLITE_STATIC);
            CHECK(sqlite3_step(insert) == SQLITE_DONE);
            sqlite3_reset(insert);
        }
        run("COMMIT");
    }
    bench.SetItemsProcessed(static_cast<std::int64_t>(last));
    sqlite3_finalize(insert);
    sqlite3_close(db);
}

const control::State& million_jobs() {
    static const control::State state = [] {
        control::State made;
        for (std::uint64_t n = 1; n <= 1'000'000; ++n) control::apply(made, accepted(n));
        return made;
    }();
    return state;
}

void encode_snapshot(benchmark::State& bench) {
    const control::State& state = million_jobs();
    std::size_t size = 0;
    for (auto _ : bench) size = journal::encode_snapshot(state, "hash").size();
    bench.counters["bytes"] = static_cast<double>(size);
}
void decode_snapshot(benchmark::State& bench) {
    const std::string bytes = journal::encode_snapshot(million_jobs(), "hash");
    for (auto _ : bench) CHECK(journal::decode_snapshot(bytes).ok());
}

// What a restart without a snapshot pays for each entry.
void parse_entry(benchmark::State& bench) {
    const std::string bytes = journal::render_entry(accepted(41), journal::hash_before_first());
    for (auto _ : bench) CHECK(journal::parse_entry(bytes).ok());
}

BENCHMARK(sqlite_alone)->Arg(1)->Arg(32)->Arg(1'000)->UseRealTime();
BENCHMARK(journal_shared_body)->Arg(1)->Arg(32)->Arg(1'000)->UseRealTime();
BENCHMARK(journal_own_bodies)->Arg(1)->Arg(32)->Arg(1'000)->UseRealTime();
BENCHMARK(encode_snapshot)->Unit(benchmark::kMillisecond)->Iterations(1)->UseRealTime();
BENCHMARK(decode_snapshot)->Unit(benchmark::kMillisecond)->Iterations(1)->UseRealTime();
BENCHMARK(parse_entry);

}  // namespace

BENCHMARK_MAIN();
