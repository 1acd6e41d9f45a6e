#include "model/queue.h"

#include <algorithm>
#include <array>

#include "model/check_fields.h"

namespace dayu {
namespace {

constexpr std::size_t max_path_bytes = 200;
constexpr std::ptrdiff_t max_path_words = 8;
constexpr std::int64_t max_weight_milli = 1'000'000'000;
constexpr std::int64_t max_chips_milli = 1'000'000'000'000;

Result<void> check_quota(const std::string& field, const Quota& quota) {
    TRY(check_label(field + ".chip", quota.chip, max_path_bytes));
    TRY(check_range(field + ".guaranteed_milli", quota.guaranteed_milli,
                    {.min = 0, .max = max_chips_milli}));
    TRY(check_range(field + ".kept_milli", quota.kept_milli,
                    {.min = 0, .max = quota.guaranteed_milli}));
    if (quota.limit_milli) {
        TRY(check_range(field + ".limit_milli", *quota.limit_milli,
                        {.min = quota.guaranteed_milli, .max = max_chips_milli}));
    }
    return {};
}

}  // namespace

// 2^-x by whole halves and then by the binary digits of what is left of x: no floating point, and so the
// same on every machine. Row k is 2^32 * 2^-(1 / 2^(k+1)), rounded.
Money decayed(Money amount, Duration passed) {
    constexpr std::array<std::uint64_t, 12> factors{
        3'037'000'500, 3'611'622'603, 3'938'502'376, 4'112'874'773, 4'202'935'003, 4'248'701'965,
        4'271'771'996, 4'283'353'945, 4'289'156'690, 4'292'061'010, 4'293'513'907, 4'294'240'540};
    if (passed.ms <= 0) return amount;
    const std::int64_t halves = passed.ms / usage_half_life.ms;
    if (halves >= 63) return {};
    const bool is_debt = amount.micro_yuan < 0;
    const auto bits = static_cast<std::uint64_t>(amount.micro_yuan);
    std::uint64_t left = (is_debt ? 0 - bits : bits) >> halves;
    std::int64_t rest = passed.ms % usage_half_life.ms;
    // Rounds ask this often, of times whose digits are as by chance: choosing is faster here than jumping.
    for (const std::uint64_t factor : factors) {
        rest *= 2;
        const bool counts = rest >= usage_half_life.ms;
        rest -= counts ? usage_half_life.ms : 0;
        const auto less =
            static_cast<std::uint64_t>(static_cast<unsigned __int128>(left) * factor >> 32);
        left = counts ? less : left;
    }
    return {static_cast<std::int64_t>(is_debt ? 0 - left : left)};
}

Result<void> check_queue_path(std::string_view field, std::string_view path) {
    TRY(check_region(field, path));
    const auto words = std::ranges::count(path, '/') + 1;
    if (path.size() <= max_path_bytes && words <= max_path_words) return {};
    return invalid("value_out_of_range", std::string(field) + ": \"" + std::string(path) +
                                             "\" is too long; at most " +
                                             std::to_string(max_path_words) + " names and " +
                                             std::to_string(max_path_bytes) + " bytes");
}

Result<void> validate(const Queue& queue) {
    TRY(check_queue_path("path", queue.path));
    TRY(check_range("weight_milli", queue.weight_milli, {.min = 1, .max = max_weight_milli}));
    for (std::size_t i = 0; i < queue.quotas.size(); ++i) {
        const std::string field = "quotas[" + std::to_string(i) + "]";
        TRY(check_quota(field, queue.quotas[i]));
        const auto end = queue.quotas.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::ranges::find(queue.quotas.begin(), end, queue.quotas[i].chip, &Quota::chip) != end)
            return invalid("value_malformed",
                           field + ".chip: \"" + queue.quotas[i].chip + "\" stands there twice");
    }
    return {};
}

std::string queue_path(const Scope& scope) { return scope.tenant + "/" + scope.project; }

std::string_view parent_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

}  // namespace dayu
