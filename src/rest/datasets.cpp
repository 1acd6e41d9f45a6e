// GET /v1/datasets; GET, PUT and DELETE /v1/datasets/{name}: where data lies.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rest/answer.h"
#include "rest/entity_tag.h"
#include "rest/job_json.h"
#include "rest/resources.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

using wire::Json;

// What a request says of a dataset, whose name stands in its path.
struct Said {
    std::optional<std::int64_t> bytes;
    std::optional<std::vector<std::string>> centers;
    static constexpr auto fields() {
        return field_list(Field{"bytes", &Said::bytes}, Field{"centers", &Said::centers});
    }
};

Json dataset_json(const Dataset& dataset) {
    return Json::Object{
        {"name", dataset.name}, {"bytes", dataset.bytes}, {"centers", list_json(dataset.centers)}};
}

Result<control::SetDataset> setting(const Call& call) {
    Said said;
    TRY(wire::from_json(TRY(wire::parse_json(call.request.body)), said));
    if (!said.bytes) return invalid("value_missing", "bytes: says how large it is");
    if (!said.centers) return invalid("value_missing", "centers: names those where it lies, or []");
    return control::SetDataset{.dataset = {.name = call.request.param("name"),
                                           .bytes = *said.bytes,
                                           .centers = std::move(*said.centers)}};
}

Result<runtime::Precondition> precondition_of(const Call& call) {
    return precondition(call.request,
                        [name = call.request.param("name")](const control::State& state) {
                            return version_of_dataset(state, name);
                        });
}

}  // namespace

Result<http::Response> list_datasets(Context& context, const Call&) {
    std::vector<Dataset> datasets;
    context.loop.read_and_wait([&](const runtime::Core& core) {
        for (const auto& [name, dataset] : core.state().datasets.rows())
            datasets.push_back(dataset);
    });
    Json::Array rows;
    for (const Dataset& dataset : datasets) rows.push_back(dataset_json(dataset));
    return answer(Json::Object{{"datasets", std::move(rows)}});
}

Result<http::Response> describe_dataset(Context& context, const Call& call) {
    const std::string& name = call.request.param("name");
    std::optional<Dataset> dataset;
    Version version;
    context.loop.read_and_wait([&](const runtime::Core& core) {
        if (const Dataset* found = core.state().datasets.find(name)) dataset = *found;
        version = version_of_dataset(core.state(), name);
    });
    if (dataset) return tagged(call.request, answer(dataset_json(*dataset)), version);
    return not_found("dataset_unknown", "there is no dataset \"" + name.substr(0, 64) +
                                            "\"; GET /v1/datasets lists them");
}

void set_dataset(const ContextPtr& context, Call call, const http::Responder& responder) {
    auto command = setting(call);
    if (!command) return refuse_call(*context, call.caller, responder, command.error());
    auto only_if = precondition_of(call);
    if (!only_if) return refuse_call(*context, call.caller, responder, only_if.error());
    commit(context, call.caller, *std::move(command), responder, *std::move(only_if));
}

void remove_dataset(const ContextPtr& context, Call call, const http::Responder& responder) {
    auto only_if = precondition_of(call);
    if (!only_if) return refuse_call(*context, call.caller, responder, only_if.error());
    commit(context, call.caller, control::RemoveDataset{.name = call.request.param("name")},
           responder, *std::move(only_if));
}

}  // namespace dayu::rest
