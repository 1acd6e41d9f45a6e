// Follows the chain of entries. Each keeps the hash of its predecessor, and the head keeps the hash of the
// last one, so whatever was edited, taken away, added or moved shows, and where.
#pragma once

#include <optional>
#include <string>

#include "journal/entry.h"
#include "journal/store.h"

namespace dayu::journal {

struct Damage {
    Seq seq;              // the first entry that can not be trusted
    std::string problem;  // for people
    std::string remedy;
};

class Chain {
   public:
    Chain() : hash_(hash_before_first()) {}
    Chain(Seq seq, std::string hash) : seq_(seq), hash_(std::move(hash)) {}

    // The next entry: either it fits and `parsed` is what it says, or this is what is wrong.
    std::optional<Damage> follow(const EntryRow& row, ParsedEntry& parsed);

    // There are no more entries: is this where the journal ended?
    std::optional<Damage> end(const Head& head) const;

    Seq seq() const { return seq_; }  // of the last entry that fitted; 0: none yet
    const std::string& hash() const { return hash_; }

   private:
    Seq seq_;
    std::string hash_;
};

Damage damage(Seq seq, std::string problem);

}  // namespace dayu::journal
