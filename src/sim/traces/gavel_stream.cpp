#include "sim/traces/gavel_stream.h"

#include <cmath>
#include <span>

#include <fmt/core.h>

namespace dayu::sim {
namespace {

// Run times are drawn on the first kind of chip.
constexpr std::size_t reference_kind = 0;

struct Model {
    std::string_view name;
    std::vector<int> batch_sizes;  // empty: there is one of it
};

// In the order in which the authors draw them.
const std::vector<Model>& models() {
    static const std::vector<Model> all = {
        {"ResNet-18", {16, 32, 64, 128, 256}},
        {"ResNet-50", {16, 32, 64, 128}},
        {"Transformer", {16, 32, 64, 128, 256}},
        {"LM", {5, 10, 20, 40, 80}},
        {"Recommendation", {512, 1024, 2048, 4096, 8192}},
        {"A3C", {}},
        {"CycleGAN", {}},
    };
    return all;
}

std::vector<std::string> template_names() {
    std::vector<std::string> names;
    for (const Model& model : models()) {
        if (model.batch_sizes.empty()) names.emplace_back(model.name);
        for (const int size : model.batch_sizes)
            names.push_back(fmt::format("{} (batch size {})", model.name, size));
    }
    return names;
}

Error no_rate(const Throughputs& throughputs, std::string_view name, unsigned chips) {
    return invalid("throughputs_malformed",
                   fmt::format("table \"{}\" has no rate of \"('{}', {})\" alone, which the stream "
                               "draws",
                               throughputs.kinds[reference_kind], name, chips));
}

}  // namespace

GavelStream::GavelStream(const Throughputs& throughputs, const StreamOptions& options)
    : throughputs_(&throughputs),
      options_(options),
      jobs_(options.seed + 2),
      arrivals_(options.seed + 3) {}

Result<GavelStream> GavelStream::open(const Throughputs& throughputs,
                                      const StreamOptions& options) {
    GavelStream stream(throughputs, options);
    std::array<bool, scales> is_drawable{};
    for (const std::string& name : template_names()) {
        Template found;
        for (std::size_t scale = 0; scale < scales; ++scale) {
            found[scale] = throughputs.find(name, 1u << scale);
            if (scale > 0 && !found[scale]) continue;  // it does not run on several chips
            if (!found[scale] || throughputs.shapes[*found[scale]].alone[reference_kind] <= 0)
                return no_rate(throughputs, name, 1u << scale);
            is_drawable[scale] = true;
        }
        stream.templates_.push_back(found);
    }
    for (std::size_t scale = 1; options.has_gangs && scale < scales; ++scale) {
        if (!is_drawable[scale]) return no_rate(throughputs, template_names().front(), 1u << scale);
    }
    return stream;
}

// Seven in ten ask for one chip.
std::size_t GavelStream::draw_scale() {
    const double drawn = jobs_.uniform(0, 1);
    if (drawn > 0.95) return 3;
    if (drawn > 0.8) return 2;
    return drawn >= 0.7 ? 1 : 0;
}

// Four in five are short, up to 1,000 minutes; the others take up to 10,000.
double GavelStream::draw_run_s() {
    const bool is_long = jobs_.random() >= 0.8;
    const double exponent = is_long ? jobs_.uniform(3, 4) : jobs_.uniform(1.5, 3);
    return 60 * std::pow(10.0, exponent);
}

StreamJob GavelStream::next() {
    std::size_t scale = draw_scale();  // drawn in any case: the numbers behind it depend on it
    const double run_s = draw_run_s();
    if (!options_.has_gangs) scale = 0;
    std::optional<std::uint32_t> shape;
    while (!shape) shape = templates_[jobs_.choice(templates_.size())][scale];

    StreamJob job;
    job.shape = *shape;
    job.arrival_s = next_arrival_s_;
    job.steps = run_s * throughputs_->shapes[*shape].alone[reference_kind];
    next_arrival_s_ -= std::log(1 - arrivals_.random()) * 3600 / options_.jobs_per_h;
    return job;
}

}  // namespace dayu::sim
