// Packing inside a pool: which node takes a request, where a request may ask for a part of a chip. What is left on a node
// after it decides what can still come to it; a policy says how good that is.
//
// All of it is values. A Fleet (fleet.h) holds the nodes, grouped by equal states, and asks the policy once for each group.
// CPU is in thousandths of a core, memory in MiB, and a chip has 1000 thousandths ("milli").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace dayu::sched {

inline constexpr std::int32_t whole_chip = 1000;
inline constexpr std::size_t max_chips_a_node = 16;
inline constexpr std::size_t max_chip_models = 64;

// A bit a chip model.
using ModelSet = std::uint64_t;
inline constexpr ModelSet any_model = ~ModelSet{0};

struct PackRequest {
    std::int64_t cpu_milli = 0;
    std::int64_t memory_mib = 0;
    std::int32_t chips = 0;       // 0: none, and then any node will do
    std::int32_t chip_milli = 0;  // of each of them
    ModelSet models = any_model;  // that it may run on
    // Requests that name their models in other words are of other types; 0 is no word at all.
    std::uint32_t wording = 0;

    std::int64_t total_milli() const { return std::int64_t{chips} * chip_milli; }
    bool operator==(const PackRequest&) const = default;
};

// What is left of each chip of a node, in milli.
class ChipsLeft {
   public:
    ChipsLeft() = default;
    ChipsLeft(std::size_t chips, std::int32_t milli) : size_(static_cast<std::uint16_t>(chips)) {
        for (std::int16_t& left : *this) left = static_cast<std::int16_t>(milli);
    }
    std::size_t size() const { return size_; }
    std::int16_t* begin() { return milli_.data(); }
    std::int16_t* end() { return milli_.data() + size_; }
    const std::int16_t* begin() const { return milli_.data(); }
    const std::int16_t* end() const { return milli_.data() + size_; }
    std::int16_t& operator[](std::size_t chip) { return milli_[chip]; }
    std::int16_t operator[](std::size_t chip) const { return milli_[chip]; }
    std::int32_t sum() const;
    std::int32_t with_at_least(std::int32_t milli) const;  // how many chips have that
    bool operator==(const ChipsLeft&) const = default;

   private:
    std::array<std::int16_t, max_chips_a_node> milli_{};
    std::uint16_t size_ = 0;
};

// A node as far as policies look at it. Memory is not: it only refuses (fleet.h).
struct NodeState {
    std::int32_t model = 0;
    std::int64_t cpu_milli = 0;  // free
    ChipsLeft left;

    bool operator==(const NodeState&) const = default;
};

// Whether the node has what is asked for, but for memory.
bool fits(const NodeState& node, const PackRequest& request);

// The node once the request is on it. A part of a chip is taken from `chip`; whole ones are the first that are free, and
// `chip` then says nothing.
NodeState after(const NodeState& node, const PackRequest& request, std::size_t chip);

// The chip with the least left of those that have enough; the first of equals. For parts of a chip.
std::size_t tightest_chip(const ChipsLeft& left, std::int32_t milli);

// How often each type of request is asked for, memory left out of account. In the order of the counts, the greatest first.
struct RequestType {
    PackRequest request;
    std::int64_t count = 0;
};
using Popularity = std::vector<RequestType>;
Popularity popularity_of(std::span<const PackRequest> requests);

struct PackScore {
    std::int64_t score = 0;  // the highest wins, and of equals the first node
    std::size_t chip = 0;    // to take a part of
};

// Equal states have equal numbers, counted from 0. A policy keeps what it has found out about a state under its number.
using StateId = std::uint32_t;

class Fleet;

class PackingPolicy {
   public:
    virtual ~PackingPolicy() = default;
    virtual std::string_view name() const = 0;
    // Whether it matters to the policy which of its chips has how much left. Where not, nodes whose chips differ in
    // their order alone are equal.
    virtual bool tells_chips_apart() const { return false; }
    // What will be asked for. Said before all else, and again when it is known better.
    virtual void expect(const Popularity&) {}
    // A request has arrived and is about to be scored. `arrived_milli` is all that has been asked for, this included,
    // and not given back.
    virtual void consider(const Fleet&, const PackRequest&, std::int64_t arrived_milli) {
        static_cast<void>(arrived_milli);
    }
    // Of a state that fits the request under consideration.
    virtual PackScore score(StateId id, const NodeState& node, const PackRequest& request) = 0;
};

// The names that `--policy` takes, the default first; null for an unknown one.
std::vector<std::string_view> packing_policy_names();
std::unique_ptr<PackingPolicy> make_packing_policy(std::string_view name);

}  // namespace dayu::sched
