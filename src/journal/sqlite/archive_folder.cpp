#include "journal/sqlite/archive_folder.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "journal/sqlite/files.h"

namespace dayu::journal::sqlite {
namespace {

constexpr std::size_t lines_of_a_frame = 256;
constexpr int compression_level = 9;  // written once, and kept for years
constexpr std::uint32_t skippable_magic = 0x184D2A5D;
constexpr std::size_t skippable_header_bytes = 8;
constexpr std::string_view mark =
    "DAYUARC1";  // the last bytes of the file, behind the size of the index

// Numbers in a file are little endian, of 8 bytes.
void put(std::string& out, std::uint64_t value, int bytes = 8) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFF);
}

std::uint64_t number_at(std::string_view bytes, std::size_t at) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i)
        value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    return value;
}

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

std::string frame_of(ZSTD_CCtx& context, std::string_view lines) {
    std::string out(ZSTD_compressBound(lines.size()), '\0');
    const std::size_t size =
        ZSTD_compress2(&context, out.data(), out.size(), lines.data(), lines.size());
    CHECK(!ZSTD_isError(size));
    out.resize(size);
    return out;
}

// Of a whole file: where the frame begins and ends that holds the line of this index.
struct Frame {
    std::size_t begin = 0;
    std::size_t end = 0;
};

std::optional<Frame> find_frame(std::string_view file, std::size_t line) {
    const std::size_t tail = mark.size() + 8;
    if (file.size() < tail || !file.ends_with(mark)) return std::nullopt;
    const std::uint64_t index_bytes = number_at(file, file.size() - tail);
    if (index_bytes % 8 != 0 || index_bytes + tail + skippable_header_bytes > file.size())
        return std::nullopt;
    const std::string_view index = file.substr(file.size() - tail - index_bytes, index_bytes);
    const std::size_t frame = line / lines_of_a_frame, frames = index.size() / 8;
    if (frame >= frames) return std::nullopt;
    const std::size_t all_end = file.size() - tail - index_bytes - skippable_header_bytes;
    Frame found{.begin = number_at(index, frame * 8),
                .end = frame + 1 < frames ? number_at(index, (frame + 1) * 8) : all_end};
    if (found.begin > found.end || found.end > all_end) return std::nullopt;
    return found;
}

std::optional<std::string> decompressed(std::string_view frame) {
    constexpr unsigned long long most = 1ULL << 31;  // what 256 entries can be, many times over
    const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (size > most) return std::nullopt;  // the two words for "none" are greater too
    std::string out(size, '\0');
    const std::size_t got = ZSTD_decompress(out.data(), out.size(), frame.data(), frame.size());
    if (ZSTD_isError(got) || got != size) return std::nullopt;
    return out;
}

std::vector<std::string> split_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

}  // namespace

std::string ArchiveFolder::file_of(Seq first) const {
    return fmt::format("{}/{:020}.jsonl.zst", path_, first.value);
}

Result<void> ArchiveFolder::write(std::span<const EntryRow> entries) {
    const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    CHECK(context != nullptr);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, compression_level);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    std::string file, index, lines;
    for (std::size_t at = 0; at < entries.size(); at += lines_of_a_frame) {
        lines.clear();
        for (const EntryRow& row :
             entries.subspan(at, std::min(lines_of_a_frame, entries.size() - at)))
            lines += row.bytes + '\n';
        put(index, file.size());
        file += frame_of(*context, lines);
    }
    std::string tail;
    put(tail, index.size());
    tail += mark;
    put(file, skippable_magic, 4);
    put(file, index.size() + tail.size(), 4);
    TRY(make_directory(path_));
    return replace_file(file_of(entries.front().seq), file + index + tail);
}

Result<std::string> ArchiveFolder::read(Seq first, Seq seq) const {
    const std::shared_ptr<const Block> block = TRY(load(first, seq));
    return block->lines[seq.value - block->begin.value];
}

Result<std::shared_ptr<const ArchiveFolder::Block>> ArchiveFolder::load(Seq first, Seq seq) const {
    const auto holds = [&](const std::shared_ptr<const Block>& block) {
        return block != nullptr && block->segment == first && block->begin <= seq &&
               seq.value - block->begin.value < block->lines.size();
    };
    {
        const std::lock_guard lock(mutex_);
        const auto known = std::ranges::find_if(recent_, holds);
        if (known != recent_.end()) return *known;
    }
    const std::string path = file_of(first);
    const auto damaged = [&](std::string_view how) {
        return internal(
            "archive_damaged",
            fmt::format("{} {}: it holds entry {}, which is nowhere else. Put the file back from "
                        "a backup of this data folder; all others can be read",
                        path, how, seq.value));
    };
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return damaged("is missing");
    const std::string file = TRY(read_file(path));
    const std::size_t line = seq.value - first.value;
    const std::optional<Frame> frame = find_frame(file, line);
    if (!frame) return damaged("is not what was written");
    const auto text =
        decompressed(std::string_view(file).substr(frame->begin, frame->end - frame->begin));
    if (!text) return damaged("is not what was written");
    auto block = std::make_shared<Block>(
        Block{.segment = first,
              .begin = {first.value + line / lines_of_a_frame * lines_of_a_frame},
              .lines = split_lines(*text)});
    if (line % lines_of_a_frame >= block->lines.size()) return damaged("is not what was written");
    const std::lock_guard lock(mutex_);
    recent_[oldest_] = block;
    oldest_ = (oldest_ + 1) % recent_.size();
    return std::shared_ptr<const Block>(std::move(block));
}

}  // namespace dayu::journal::sqlite
