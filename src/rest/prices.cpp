// GET /v1/prices: what the optimum says that capacity is worth.
#include <utility>

#include "rest/answer.h"
#include "rest/job_json.h"
#include "rest/resources.h"

namespace dayu::rest {
namespace {

using wire::Json;

Json price_json(const PriceRow& row) {
    return Json::Object{{"center", row.center_name},
                        {"pool", row.pool},
                        {"chip", row.chip},
                        {"list_price", to_string(row.list)},
                        {"scarcity", to_string(row.scarcity)},
                        {"total_milli", row.total_milli},
                        {"free_milli", row.free_milli},
                        {"wanted_milli", row.wanted_milli}};
}

}  // namespace

Result<http::Response> list_prices(Context& context, const Call&) {
    PriceIndex index;
    context.loop.read_and_wait([&](const runtime::Core& core) {
        const auto& published = core.state().prices.rows();
        if (!published.empty()) index = published.begin()->second;
    });
    Json::Array prices;
    for (const PriceRow& row : index.rows) prices.push_back(price_json(row));
    return answer(Json::Object{{"at", time_json(index.at)},
                               {"jobs", index.jobs},
                               {"value", to_string(index.value)},
                               {"bound", to_string(index.bound)},
                               {"prices", std::move(prices)}});
}

}  // namespace dayu::rest
