// Writes a country (country.h) as a server takes it, for those who load one:
//
//   country_files FOLDER CENTERS NODES SHAPES PROJECTS JOBS SEED
//
//   centers.jsonl  a centre a line, as an agent declares it
//   jobs.jsonl     a job file a line
//   queues.jsonl   the queues of projects that are described
//
// One token submits them all, so that they are of one tenant; each project is named by its whole path.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/core.h>

#include "base/check.h"
#include "country.h"
#include "wire/json_fields.h"

namespace dayu::bench {
namespace {

using wire::Json;

constexpr Time start_of_time{1'800'000'000'000};

Json resources_json(const Resources& needs) {
    Json::Object json{{"cpus", needs.cpus}, {"memory", fmt::format("{}MiB", needs.memory_mib)}};
    if (!needs.chip.empty()) {
        const std::int64_t milli = needs.chips_milli;
        const std::string count =
            milli % 1000 == 0 ? fmt::format("{}", milli / 1000) : fmt::format("0.{:03}", milli);
        json["accelerators"] = needs.chip + ":" + count;
    }
    return json;
}

Json placement_json(const PlacementRules& rules) {
    Json::Object json{
        {"prefer",
         Json::Object{{"wait_yuan_per_chip_hour", to_string(rules.weights.wait_per_chip_hour)},
                      {"carbon_yuan_per_kg", to_string(rules.weights.carbon_per_kg)}}},
        {"security_level", rules.security_level},
        {"data_class", to_string(rules.data_class)}};
    Json::Array regions, tiers;
    for (const std::string& region : rules.regions) regions.emplace_back(region);
    for (const Tier tier : rules.tiers) tiers.emplace_back(to_string(tier));
    if (!regions.empty()) json["regions"] = std::move(regions);
    if (!tiers.empty()) json["tiers"] = std::move(tiers);
    if (rules.max_price) json["max_price"] = to_string(*rules.max_price);
    return json;
}

std::string project_name(const std::string& path) {
    std::string name = path;
    std::ranges::replace(name, '/', '-');
    return name;
}

Json job_json(const Country& country, std::uint64_t number) {
    const CountryJob job = country.job(number);
    const JobSpec& spec = country.shapes()[job.shape];
    const std::string project = project_name(country.queue_paths()[job.project]);
    Json::Object json{{"name", fmt::format("job-{}", number)},
                      {"run", "python train.py --epochs 3"},
                      {"kind", to_string(spec.kind)},
                      {"nodes", spec.nodes},
                      {"time_limit", to_string(spec.time_limit)},
                      {"placement", placement_json(spec.placement)},
                      {"priority", to_string(job.priority)},
                      {"preemptible", spec.preemptible},
                      {"billing", Json::Object{{"project", project}}}};
    if (!spec.checkpoint.path.empty()) json["checkpoint"] = spec.checkpoint.path;
    if (spec.variants.empty()) {
        json["resources"] = resources_json(spec.resources);
    } else {
        Json::Array variants;
        for (const Resources& needs : spec.variants) variants.push_back(resources_json(needs));
        json["variants"] = std::move(variants);
    }
    return json;
}

void write(const Country& country, std::uint64_t jobs, const std::filesystem::path& folder) {
    std::ofstream centers(folder / "centers.jsonl"), queues(folder / "queues.jsonl"),
        files(folder / "jobs.jsonl");
    for (const Center& center : country.centers()) {
        centers << wire::to_text(wire::to_json(center)) << '\n';
    }
    for (Queue queue : country.queues()) {
        if (queue.path.find('/') == std::string::npos) continue;
        queue.path = "default/" + project_name(queue.path);
        queues << wire::to_text(wire::to_json(queue)) << '\n';
    }
    for (std::uint64_t i = 0; i < jobs; ++i) files << wire::to_text(job_json(country, i)) << '\n';
    CHECK(centers.flush() && queues.flush() && files.flush());
}

}  // namespace
}  // namespace dayu::bench

int main(int count, char** words) {
    CHECK(count == 8);
    const auto number = [&](int at) { return std::atoll(words[at]); };
    const dayu::bench::CountrySize size{.centers = number(2),
                                        .nodes = number(3),
                                        .jobs = number(6),
                                        .shapes = number(4),
                                        .projects = number(5)};
    const auto seed = static_cast<std::uint64_t>(number(7));
    const dayu::bench::Country country(size, seed, dayu::bench::start_of_time);
    dayu::bench::write(country, static_cast<std::uint64_t>(size.jobs), words[1]);
}
