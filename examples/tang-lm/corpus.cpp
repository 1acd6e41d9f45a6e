#include "corpus.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "random.h"

namespace tang {
namespace {

constexpr char32_t kHanFirst = 0x4E00, kHanLast = 0x9FFF;
constexpr std::size_t kFewestPoems = 3;  // one each to train, tune and test on

std::string without_colour(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b') {
            i = std::min(text.find('m', i), text.size());
        } else {
            plain += text[i];
        }
    }
    return plain;
}

// The few ASCII marks of the file are slips for the Chinese ones; quotes and blanks are dropped.
char32_t normalised(char32_t c) {
    if (c == U',') return U'，';
    if (c == U'.') return U'。';
    const bool is_mark =
        std::u32string_view(U"，。？！；：、").find(c) != std::u32string_view::npos;
    return is_han(c) || is_mark ? c : 0;
}

bool is_heading(std::string_view line) {
    return line.starts_with("《") || line.starts_with("作者：");
}

void append_verse(std::u32string& verses, std::string_view line) {
    if (is_heading(line)) return;
    for (char32_t c : from_utf8(line)) {
        if (const char32_t kept = normalised(c)) verses += kept;
    }
}

}  // namespace

bool is_han(char32_t c) { return c >= kHanFirst && c <= kHanLast; }

std::u32string from_utf8(std::string_view text) {
    std::u32string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i++]);
        const int more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        char32_t c = more == 0 ? lead : lead & (0x3Fu >> more);
        for (int k = 0; k < more; ++k) {
            if (i == text.size() || (text[i] & 0xC0) != 0x80) throw CorpusError("not valid UTF-8");
            c = c << 6 | (static_cast<unsigned char>(text[i++]) & 0x3Fu);
        }
        out += c;
    }
    return out;
}

std::string to_utf8(char32_t c) {
    const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
    if (c < 0x80) return {byte(c)};
    if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
    if (c < 0x10000) {
        return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
    }
    return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)),
            byte(0x80 | (c & 0x3F))};
}

std::uint64_t fnv1a(const void* bytes, std::size_t size, std::uint64_t hash) {
    const auto* at = static_cast<const unsigned char*>(bytes);
    for (std::size_t i = 0; i < size; ++i) hash = (hash ^ at[i]) * 0x100000001b3;
    return hash;
}

Vocabulary::Vocabulary(const std::vector<std::u32string>& training) {
    std::set<char32_t> seen;
    for (const auto& poem : training) seen.insert(poem.begin(), poem.end());
    characters_ = {U'〓', U'\n'};
    characters_.insert(characters_.end(), seen.begin(), seen.end());
    for (int i = kEnd; i < size(); ++i) ids_[character(i)] = i;
    const auto known_han = std::ranges::count_if(seen, [](char32_t c) { return tang::is_han(c); });
    unseen_ = static_cast<double>(kHanLast - kHanFirst + 1) - static_cast<double>(known_han);
}

int Vocabulary::id(char32_t c) const {
    const auto found = ids_.find(c);
    return found == ids_.end() ? kUnknown : found->second;
}

// A mark that training never showed would count as Han; the poems have no such case that matters.
bool Vocabulary::is_han(int id) const { return id == kUnknown || tang::is_han(character(id)); }

Poem Vocabulary::encode(const std::u32string& verses) const {
    Poem poem;
    for (char32_t c : verses) poem.push_back(id(c));
    poem.push_back(kEnd);
    return poem;
}

std::vector<std::u32string> parse_fortunes(std::string_view text) {
    const std::string plain = without_colour(text) + "\n%\n";
    std::vector<std::u32string> poems;
    std::set<std::u32string> seen;
    std::u32string verses;
    for (std::size_t at = 0; at < plain.size();) {
        const std::size_t end = plain.find('\n', at);
        const auto line = std::string_view(plain).substr(at, end - at);
        at = end + 1;
        if (line != "%") {
            append_verse(verses, line);
        } else {
            if (!verses.empty() && seen.insert(verses).second) poems.push_back(verses);
            verses.clear();
        }
    }
    return poems;
}

Corpus split(const std::vector<std::u32string>& poems, std::uint64_t seed) {
    if (poems.size() < kFewestPoems) {
        throw CorpusError("found " + std::to_string(poems.size()) +
                          " poems; at least 3 are needed");
    }
    const std::size_t held = std::max<std::size_t>(1, poems.size() / 10);
    std::vector<std::u32string> train, dev, test;
    std::uint64_t fingerprint = fnv1a(&seed, sizeof seed);
    const auto order = Random(seed, Random::Purpose::split).permutation(poems.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        const std::u32string& poem = poems[static_cast<std::size_t>(order[i])];
        (i < held ? test : i < 2 * held ? dev : train).push_back(poem);
        fingerprint = fnv1a(poem.data(), poem.size() * sizeof(char32_t), fingerprint);
    }
    Corpus corpus{Vocabulary(train), {}, {}, {}, fingerprint};
    const auto encode = [&](const std::u32string& poem) { return corpus.vocabulary.encode(poem); };
    std::ranges::transform(train, std::back_inserter(corpus.train), encode);
    std::ranges::transform(dev, std::back_inserter(corpus.dev), encode);
    std::ranges::transform(test, std::back_inserter(corpus.test), encode);
    return corpus;
}

Corpus load_corpus(const std::string& path, std::uint64_t seed) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw CorpusError("cannot read the corpus " + path +
                          "; install Debian's package fortunes-zh (apt-get install fortunes-zh) "
                          "or name another file with --corpus");
    }
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    try {
        return split(parse_fortunes(text), seed);
    } catch (const CorpusError& error) {
        throw CorpusError(path + ": " + error.what());
    }
}

}  // namespace tang
