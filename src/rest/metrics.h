// The server's figures in the text format of Prometheus. What happens now and then is counted here as it
// happens; what simply is (free chips, queues) is handed in as families when someone scrapes. The
// library behind it shows in metrics.cpp alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/router.h"
#include "runtime/figures.h"

namespace dayu::rest {

enum class FamilyKind : std::uint8_t { counter, gauge, histogram };

struct Sample {
    std::vector<std::pair<std::string, std::string>> labels = {};
    double value = 0;
    std::optional<runtime::Distribution> distribution = {};  // of a histogram
};

// Samples of one name. Names are Prometheus': a base unit last, and then _total where it only grows.
struct Family {
    std::string name;
    std::string help;
    FamilyKind kind = FamilyKind::gauge;
    std::vector<Sample> samples = {};
};

class Metrics {
   public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // Any thread may call these.
    void count_request(const http::Answered& answered);
    void count_refusal(std::string_view code);

    // All that was counted, and then `now`.
    std::string text(const std::vector<Family>& now) const;

   private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace dayu::rest
