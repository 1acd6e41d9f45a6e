// Rows by key, with undo: while a transaction is open, the first change of a row keeps what it was, so
// that a batch whose append fails can be taken back to the byte. All of State is made of these.
#pragma once

#include <map>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"

namespace dayu::control {

template <class Key, class Row, class Rows = std::unordered_map<Key, Row>>
class Table {
   public:
    const Row* find(const Key& key) const {
        const auto at = rows_.find(key);
        return at == rows_.end() ? nullptr : &at->second;
    }
    const Row& at(const Key& key) const {
        const Row* row = find(key);
        CHECK(row != nullptr);
        return *row;
    }
    bool contains(const Key& key) const { return find(key) != nullptr; }
    std::size_t size() const { return rows_.size(); }
    const Rows& rows() const { return rows_; }
    void reserve(std::size_t count)
        requires requires(Rows& rows) { rows.reserve(count); }
    {
        rows_.reserve(count);
    }

    Row& insert(const Key& key, Row row) {
        const auto [at, inserted] = rows_.emplace(key, std::move(row));
        CHECK(inserted);
        if (recording_) undo_.emplace_back(key, std::nullopt);
        return at->second;
    }
    Row& change(const Key& key) {
        const auto at = rows_.find(key);
        CHECK(at != rows_.end());
        if (recording_) undo_.emplace_back(key, at->second);
        return at->second;
    }
    void erase(const Key& key) {
        const auto at = rows_.find(key);
        CHECK(at != rows_.end());
        if (recording_) undo_.emplace_back(key, std::move(at->second));
        rows_.erase(at);
    }

    void begin() {
        CHECK(!recording_);
        recording_ = true;
    }
    void commit() {
        recording_ = false;
        undo_.clear();
    }
    void rollback() {
        for (auto step = undo_.rbegin(); step != undo_.rend(); ++step) {
            rows_.erase(step->first);
            if (step->second) rows_.emplace(step->first, std::move(*step->second));
        }
        commit();
    }

   private:
    Rows rows_;
    std::vector<std::pair<Key, std::optional<Row>>> undo_;
    bool recording_ = false;
};

// For rows that are walked in order.
template <class Key, class Row>
using OrderedTable = Table<Key, Row, std::map<Key, Row>>;

}  // namespace dayu::control
