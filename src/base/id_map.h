// Values by id in one flat array: a look-up in a table of a million touches one line of the cache or two, where a
// std::unordered_map goes from node to node. For small values, as a part of the array is always free.
//
// Open addressing with linear probing. What is erased leaves no mark, as those behind it move up (Knuth, The Art of Computer
// Programming, volume 3, 6.4, algorithm R). A change moves values: no pointer into the table outlives it.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/id.h"

namespace dayu {

template <class Key, class Value>
class IdMap {
   public:
    std::size_t size() const { return size_; }

    void reserve(std::size_t size) {
        const std::size_t places = std::bit_ceil(std::max(least_places, size * 4 / 3 + 1));
        if (places > entries_.size()) move_to(places);
    }

    bool contains(Key id) const { return find(id) != nullptr; }
    // nullptr: there is none.
    const Value* find(Key id) const {
        if (entries_.empty()) return nullptr;
        const Entry& entry = entries_[place_of(id)];
        return entry.id && entry.id == id ? &entry.value : nullptr;
    }
    Value* find(Key id) { return const_cast<Value*>(std::as_const(*this).find(id)); }

    // Where there is none, a new one.
    Value& operator[](Key id) {
        CHECK(id);
        if (Value* known = find(id)) return *known;
        reserve(++size_);
        Entry& added = entries_[place_of(id)];
        added.id = id;
        return added.value;
    }

    void erase(Key id) {
        if (!contains(id)) return;
        std::size_t gap = place_of(id);
        for (std::size_t at = next(gap); entries_[at].id; at = next(at)) {
            // None goes to a place before the one where its search begins.
            if (distance(home_of(entries_[at].id), at) < distance(gap, at)) continue;
            entries_[gap] = std::move(entries_[at]);
            gap = at;
        }
        entries_[gap] = {};
        --size_;
    }

    // visit(id, value), in no order.
    template <class Visit>
    void visit(Visit&& visit) const {
        for (const Entry& entry : entries_) {
            if (entry.id) visit(entry.id, entry.value);
        }
    }

   private:
    struct Entry {
        Key id;  // none: the place is free
        Value value{};
    };
    static constexpr std::size_t least_places = 16;  // places are a power of two

    // The upper bits of a product with 2^64 over the golden ratio: ids that follow one another lie far apart.
    std::size_t home_of(Key id) const {
        const std::uint64_t mixed = std::uint64_t{id.value} * 0x9e37'79b9'7f4a'7c15;
        return mixed >> (64 - std::countr_zero(entries_.size()));
    }
    std::size_t next(std::size_t place) const { return (place + 1) & (entries_.size() - 1); }
    std::size_t distance(std::size_t from, std::size_t to) const {
        return (to - from) & (entries_.size() - 1);
    }
    // Where it is, or would be.
    std::size_t place_of(Key id) const {
        std::size_t place = home_of(id);
        while (entries_[place].id && entries_[place].id != id) place = next(place);
        return place;
    }
    void move_to(std::size_t places) {
        const std::vector<Entry> before = std::exchange(entries_, std::vector<Entry>(places));
        for (const Entry& entry : before) {
            if (entry.id) entries_[place_of(entry.id)] = entry;
        }
    }

    std::vector<Entry> entries_;
    std::size_t size_ = 0;
};

}  // namespace dayu
