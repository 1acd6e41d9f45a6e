#include "sim/traces/python_random.h"

#include <bit>
#include <vector>

namespace dayu::sim {
namespace {

// std::mt19937 asks a seed sequence for its whole state, which is what init_by_array fills.
class SeedByArray {
   public:
    using result_type = std::uint32_t;

    explicit SeedByArray(std::uint64_t seed) : key_{static_cast<std::uint32_t>(seed)} {
        if (seed >> 32 != 0) key_.push_back(static_cast<std::uint32_t>(seed >> 32));
    }

    template <class Iterator>
    void generate(Iterator first, Iterator last) const {
        const std::size_t size = static_cast<std::size_t>(last - first);
        first[0] = 19650218;
        for (std::size_t i = 1; i < size; ++i)
            first[i] = mixed(first[i - 1], 1812433253) + static_cast<std::uint32_t>(i);
        std::size_t at = 1;
        const auto step = [&] {
            if (++at < size) return;
            first[0] = first[size - 1];
            at = 1;
        };
        for (std::size_t k = 0; k < size; ++k, step()) {
            const std::size_t word = k % key_.size();
            first[at] = (first[at] ^ mixed(first[at - 1], 1664525)) + key_[word] +
                        static_cast<std::uint32_t>(word);
        }
        for (std::size_t k = 1; k < size; ++k, step())
            first[at] =
                (first[at] ^ mixed(first[at - 1], 1566083941)) - static_cast<std::uint32_t>(at);
        first[0] = 0x80000000;
    }

   private:
    static std::uint32_t mixed(std::uint32_t word, std::uint32_t factor) {
        return (word ^ (word >> 30)) * factor;
    }

    std::vector<std::uint32_t> key_;
};

std::mt19937 seeded(std::uint64_t seed) {
    SeedByArray sequence(seed);
    return std::mt19937(sequence);
}

}  // namespace

PythonRandom::PythonRandom(std::uint64_t seed) : twister_(seeded(seed)) {}

double PythonRandom::random() {
    const std::uint32_t high = bits() >> 5;
    const std::uint32_t low = bits() >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
}

std::size_t PythonRandom::choice(std::size_t size) {
    const int width = static_cast<int>(std::bit_width(size));
    std::size_t drawn = size;
    while (drawn >= size) drawn = bits() >> (32 - width);
    return drawn;
}

}  // namespace dayu::sim
