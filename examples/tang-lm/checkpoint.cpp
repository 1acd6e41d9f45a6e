#include "checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

namespace tang {
namespace {

constexpr std::uint64_t kMagic = 0x31304d4c474e4154;  // "TANGLM01"

struct Header {
    std::uint64_t magic, fingerprint, size, checksum;
};

// Visits every field in the order of the file; writer and reader share it and so cannot differ.
template <class State, class Visit>
void visit_fields(State& s, Visit visit) {
    for (auto* number : {&s.seconds, &s.train_bits, &s.dev_bits, &s.best_dev_bits,
                         &s.mixture.network, &s.mixture.unigram, &s.mixture.uniform}) {
        visit(number, sizeof *number);
    }
    visit(&s.step, sizeof s.step);
    for (auto* vector : {&s.parameters, &s.momentum, &s.variance, &s.mean, &s.best}) {
        visit(vector->data(), static_cast<std::size_t>(vector->size()) * sizeof(float));
    }
}

std::string serialized(const TrainState& state, std::uint64_t fingerprint) {
    std::string body;
    const Eigen::Index size = state.parameters.size();
    body.append(reinterpret_cast<const char*>(&size), sizeof size);
    visit_fields(state, [&](const void* bytes, std::size_t count) {
        body.append(static_cast<const char*>(bytes), count);
    });
    const Header header{kMagic, fingerprint, body.size(), fnv1a(body.data(), body.size())};
    return std::string(reinterpret_cast<const char*>(&header), sizeof header) + body;
}

TrainState parsed(const std::string& bytes, std::uint64_t fingerprint) {
    Header header;
    if (bytes.size() < sizeof header) throw CheckpointError("it is cut short");
    std::memcpy(&header, bytes.data(), sizeof header);
    const char* at = bytes.data() + sizeof header;
    if (header.magic != kMagic) throw CheckpointError("it is no checkpoint of tang-lm");
    if (header.size != bytes.size() - sizeof header) throw CheckpointError("it is cut short");
    if (header.checksum != fnv1a(at, header.size)) throw CheckpointError("its checksum is wrong");
    if (header.fingerprint != fingerprint) {
        throw CheckpointError("it belongs to another corpus, seed or setting");
    }
    Eigen::Index size = 0;
    std::memcpy(&size, at, sizeof size);
    at += sizeof size;
    TrainState state;
    for (auto* vector :
         {&state.parameters, &state.momentum, &state.variance, &state.mean, &state.best}) {
        vector->resize(size);
    }
    visit_fields(state, [&](void* field, std::size_t count) {
        std::memcpy(field, at, count);
        at += count;
    });
    return state;
}

void check(bool ok, const std::filesystem::path& path) {
    if (!ok) {
        throw CheckpointError("cannot write " + path.string() + ": " +
                              std::generic_category().message(errno));
    }
}

void sync(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    check(fd >= 0, path);
    const bool synced = ::fsync(fd) == 0;
    ::close(fd);
    check(synced, path);
}

}  // namespace

CheckpointFolder::CheckpointFolder(std::filesystem::path folder, std::uint64_t fingerprint)
    : folder_(std::move(folder)), fingerprint_(fingerprint) {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error) throw CheckpointError("cannot make " + folder_.string() + ": " + error.message());
}

void CheckpointFolder::save(const TrainState& state) const {
    const std::filesystem::path fresh = folder_ / "tang-lm.ckpt.new";
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    file << serialized(state, fingerprint_);
    file.close();
    check(static_cast<bool>(file), fresh);
    sync(fresh);
    // Between the two renames only the previous one is there; restore() finds it.
    std::error_code none_yet;
    std::filesystem::rename(current(), previous(), none_yet);
    check(std::rename(fresh.c_str(), current().c_str()) == 0, current());
    sync(folder_);
}

Restored CheckpointFolder::restore() const {
    Restored restored;
    for (const auto& path : {current(), previous()}) {
        std::ifstream file(path, std::ios::binary);
        if (!file) continue;
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        try {
            restored.state = parsed(bytes, fingerprint_);
            return restored;
        } catch (const CheckpointError& error) {
            restored.refusals.push_back("refused " + path.string() + ": " + error.what());
            // Out of the way, or the next save would put it in the place of the good one before it.
            std::error_code stays;
            std::filesystem::rename(path, path.string() + ".refused", stays);
        }
    }
    return restored;
}

}  // namespace tang
