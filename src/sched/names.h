// Names as small numbers, in the order in which they were first met. A number is never taken back: what
// counts by it can lie in plain arrays. 0 is the empty name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dayu::sched {

class Names {
   public:
    std::uint32_t number(std::string_view name) {
        if (const auto known = find(name)) return *known;
        const auto number = static_cast<std::uint32_t>(names_.size());
        names_.emplace_back(name);
        numbers_.emplace(name, number);
        return number;
    }
    std::optional<std::uint32_t> find(std::string_view name) const {
        if (name.empty()) return 0;
        const auto at = numbers_.find(name);
        return at == numbers_.end() ? std::nullopt : std::optional(at->second);
    }
    const std::string& name(std::uint32_t number) const { return names_[number]; }
    std::size_t size() const { return names_.size(); }

   private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    std::vector<std::string> names_{""};
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
};

}  // namespace dayu::sched
