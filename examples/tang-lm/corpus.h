// The 300 Tang poems as sequences of tokens, split by poem into train, dev and test.
//
// Only the verses are kept: colour codes, titles and authors go. A poem ends with the token `end`,
// which also stands for whatever precedes its first character.
//
// What is unseen in training has a price that is the same for every model: the alphabet is the
// characters of training plus the rest of Unicode's basic Han block, and a character of that rest
// costs -log2 p(<unk>) + log2(unseen), its uniform share of what the model gives to <unk>.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tang {

using Poem = std::vector<int>;

inline constexpr int kUnknown = 0;
inline constexpr int kEnd = 1;

// The corpus is not there or is not what it should be; the message says how to mend it.
struct CorpusError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Vocabulary {
   public:
    explicit Vocabulary(const std::vector<std::u32string>& training);

    int size() const { return static_cast<int>(characters_.size()); }
    int id(char32_t character) const;
    char32_t character(int id) const { return characters_[static_cast<std::size_t>(id)]; }
    bool is_han(int id) const;
    // How many characters of the alphabet share the probability of <unk>.
    double unseen() const { return unseen_; }
    Poem encode(const std::u32string& verses) const;

   private:
    std::vector<char32_t> characters_;
    std::map<char32_t, int> ids_;
    double unseen_ = 0;
};

struct Corpus {
    Vocabulary vocabulary;
    std::vector<Poem> train, dev, test;
    std::uint64_t fingerprint;  // of the verses and the split
};

// Verses of each poem of a fortune file, duplicates dropped.
std::vector<std::u32string> parse_fortunes(std::string_view text);

// A tenth of the poems, at least one, is held out for test and another for dev.
Corpus split(const std::vector<std::u32string>& poems, std::uint64_t seed);

Corpus load_corpus(const std::string& path, std::uint64_t seed);

bool is_han(char32_t character);
std::string to_utf8(char32_t character);
std::u32string from_utf8(std::string_view text);

std::uint64_t fnv1a(const void* bytes, std::size_t size, std::uint64_t hash = 0xcbf29ce484222325);

}  // namespace tang
