// Layout: magic, SHA-256 of what State holds, SHA-256 of the rest; then, in one zstd frame, the hash of
// the last entry, the header, and each table as a count and its rows in the order of their keys.
#include "journal/snapshot.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

#include "base/sha256.h"
#include "journal/binary.h"

namespace dayu::journal {
namespace {

constexpr std::string_view magic = "DAYUSNAP";
constexpr int compression_level = 1;  // the disk is rarely slower than this

template <class Table>
using RowsOf = std::remove_cvref_t<decltype(std::declval<Table&>().rows())>;

template <class Table>
void put_table(std::string& out, const Table& table) {
    using Rows = RowsOf<Table>;
    // Keys beside the pointers: sorting a million rows must not fetch each from memory at each comparison.
    std::vector<std::pair<typename Rows::key_type, const typename Rows::mapped_type*>> rows;
    rows.reserve(table.size());
    for (const auto& [key, row] : table.rows()) rows.emplace_back(key, &row);
    std::ranges::sort(rows, {}, [](const auto& pair) -> const auto& { return pair.first; });
    binary::put(out, std::uint64_t{rows.size()});
    for (const auto& [key, row] : rows) {
        binary::put(out, key);
        binary::put(out, *row);
    }
}

template <class Table>
bool get_table(binary::Input& in, Table& table) {
    std::uint64_t count = 0;
    if (!binary::get(in, count) || count > in.left.size()) return false;
    if constexpr (requires { table.reserve(count); }) table.reserve(count);
    for (; count > 0; --count) {
        typename RowsOf<Table>::key_type key{};
        typename RowsOf<Table>::mapped_type row{};
        if (!binary::get(in, key) || !binary::get(in, row) || table.contains(key)) return false;
        table.insert(key, std::move(row));
    }
    return true;
}

void put_state(std::string& out, const control::State& state) {
    binary::put(out, state.header);
    control::for_each_table(state,
                            [&](std::string_view, const auto& table) { put_table(out, table); });
}

bool get_state(binary::Input& in, control::State& state) {
    bool good = binary::get(in, state.header);
    control::for_each_table(
        state, [&](std::string_view, auto& table) { good = good && get_table(in, table); });
    return good && in.left.empty();
}

std::string make_fingerprint() {
    const control::State state;
    std::string layout = binary::description_of<control::Header>();
    control::for_each_table(state, [&]<class Table>(std::string_view name, const Table&) {
        layout.append(name).append(" ");
        binary::describe<typename RowsOf<Table>::key_type>(layout);
        layout += "->";
        binary::describe<typename RowsOf<Table>::mapped_type>(layout);
    });
    const Sha256 digest = sha256(layout);
    return std::string(digest.begin(), digest.end());
}
const std::string& fingerprint() {
    static const std::string instance = make_fingerprint();
    return instance;
}

std::string compressed(std::string_view bytes) {
    std::string out(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t size =
        ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), compression_level);
    CHECK(!ZSTD_isError(size));
    out.resize(size);
    return out;
}

Error damaged() {
    return internal("snapshot_damaged",
                    "the snapshot is damaged; it will be made again from the journal");
}

Result<std::string> decompressed(std::string_view frame) {
    const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) return damaged();
    std::string out(size, '\0');
    const std::size_t got = ZSTD_decompress(out.data(), out.size(), frame.data(), frame.size());
    if (ZSTD_isError(got) || got != size) return damaged();
    return out;
}

}  // namespace

std::string encode_snapshot(const control::State& state, std::string_view hash) {
    std::string content;
    binary::put(content, std::string(hash));
    put_state(content, state);
    const std::string frame = compressed(content);
    const Sha256 digest = sha256(frame);
    std::string out(magic);
    out += fingerprint();
    out.append(digest.begin(), digest.end());
    return out += frame;
}

Result<LoadedSnapshot> decode_snapshot(std::string_view bytes) {
    constexpr std::size_t digest_size = std::tuple_size_v<Sha256>;
    if (!bytes.starts_with(magic)) return damaged();
    bytes.remove_prefix(magic.size());
    if (bytes.size() < 2 * digest_size) return damaged();
    if (!bytes.starts_with(fingerprint())) {
        return conflict(
            "snapshot_of_other_layout",
            "the snapshot was written by another version; it will be made again from the "
            "journal");
    }
    const std::string_view expected = bytes.substr(digest_size, digest_size);
    const std::string_view frame = bytes.substr(2 * digest_size);
    if (!std::ranges::equal(sha256(frame), expected, [](std::uint8_t a, char b) {
            return a == static_cast<std::uint8_t>(b);
        })) {
        return damaged();
    }
    const std::string content = TRY(decompressed(frame));
    binary::Input in{content};
    LoadedSnapshot loaded;
    if (!binary::get(in, loaded.hash) || !get_state(in, loaded.state)) return damaged();
    control::rebuild_indexes(loaded.state);
    return loaded;
}

std::string layout_of_state() { return to_hex(fingerprint()); }

std::string digest_of(const control::State& state) {
    std::string bytes;
    put_state(bytes, state);
    return to_hex(sha256(bytes));
}

}  // namespace dayu::journal
