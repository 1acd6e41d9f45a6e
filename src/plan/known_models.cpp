#include "plan/known_models.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "base/csv.h"
#include "plan/csv_row.h"

namespace dayu::plan {
namespace {

constexpr std::array<std::string_view, 23> columns{
    "name",           "aliases",    "layers",      "hidden",     "ffn",          "heads",
    "kv_heads",       "head_width", "vocab",       "gated",      "tied",         "positions",
    "experts",        "topk",       "expert_ffn",  "shared_ffn", "dense_layers", "query_rank",
    "key_value_rank", "rope_width", "value_width", "window",     "linear"};

enum Column : std::size_t {
    name_at,
    aliases_at,
    layers_at,
    hidden_at,
    ffn_at,
    heads_at,
    kv_heads_at,
    head_width_at,
    vocab_at,
    gated_at,
    tied_at,
    positions_at,
    experts_at,
    topk_at,
    expert_ffn_at,
    shared_ffn_at,
    dense_layers_at,
    query_rank_at,
    key_value_rank_at,
    rope_width_at,
    value_width_at,
    window_at,
    linear_at
};

// Multi-head latent attention: keys of a head without its rotary part, and values, come from a common vector, beside which
// stands one rotary key for all heads.
void set_attention(Transformer& model, CsvRow& row) {
    const double head_width = row.number(head_width_at, model.hidden / model.heads);
    const double value_width = row.number(value_width_at, head_width);
    const double rope_width = row.number(rope_width_at, 0);
    model.query_rank = row.number(query_rank_at, 0);
    model.key_value_rank = row.number(key_value_rank_at, 0) + rope_width;
    model.query_width = model.heads * head_width;
    model.output_width = model.heads * value_width;
    const double kv_heads = row.number(kv_heads_at, model.heads);
    model.key_value_width = kv_heads * (head_width - rope_width + value_width);
}

// One of the counts between bars; those that are left out are `otherwise`.
double listed(CsvRow& row, std::size_t column, std::size_t at, double otherwise) {
    const std::vector<std::string> words = row.list(column);
    if (at >= words.size()) return otherwise;
    double value = 0;
    const char* const end = words[at].data() + words[at].size();
    if (std::from_chars(words[at].data(), end, value).ptr != end || value < 0)
        row.refuse(column, "counts with bars between them: 128|18");
    return value;
}

// "4096", or "128|18" where 18 of the layers alone have it.
void set_window(Transformer& model, CsvRow& row) {
    model.window = listed(row, window_at, 0, 0);
    model.windowed_layers = model.window > 0 ? listed(row, window_at, 1, model.layers) : 0;
    if (model.windowed_layers > model.layers) row.refuse(window_at, "at most all layers");
}

// "45|28800|1048576": layers of linear attention, widths of its projections, elements of its state.
void set_linear_attention(Transformer& model, CsvRow& row) {
    model.linear_layers = listed(row, linear_at, 0, 0);
    model.linear_width = listed(row, linear_at, 1, 0);
    model.linear_state = listed(row, linear_at, 2, 0);
    if (model.linear_layers > model.layers) row.refuse(linear_at, "at most all layers");
}

Transformer model_of(CsvRow& row) {
    Transformer model;
    model.layers = row.number(layers_at, 0);
    model.hidden = row.number(hidden_at, 0);
    model.heads = row.number(heads_at, 0);
    model.vocabulary = row.number(vocab_at, 0);
    model.ffn = row.number(ffn_at, 0);
    model.ffn_matrices = row.number(gated_at, 1) > 0 ? 3 : 2;
    model.ties_embeddings = row.number(tied_at, 0) > 0;
    model.has_position_table = row.number(positions_at, 0) > 0;
    model.experts = row.number(experts_at, 0);
    model.experts_per_token = row.number(topk_at, 0);
    model.expert_ffn = row.number(expert_ffn_at, 0);
    model.shared_ffn = row.number(shared_ffn_at, 0);
    if (model.experts > 0) model.sparse_layers = model.layers - row.number(dense_layers_at, 0);
    if (model.layers <= 0) row.refuse(layers_at, "a count above 0");
    if (model.hidden <= 0) row.refuse(hidden_at, "a width above 0");
    if (model.heads <= 0) row.refuse(heads_at, "a count above 0");
    set_window(model, row);
    set_linear_attention(model, row);
    set_attention(model, row);
    return model;
}

}  // namespace

Result<KnownModels> KnownModels::parse(std::string path, std::string text) {
    const CsvTable table = TRY(CsvTable::parse(
        {.path = std::move(path), .error_code = "plan_data_invalid"}, std::move(text), columns));
    KnownModels known;
    known.models_ = TRY(rows_of(table, [](CsvRow& row) {
        std::vector<std::string> names = row.list(aliases_at);
        names.push_back(row.text(name_at));
        return Named{.names = std::move(names), .model = model_of(row)};
    }));
    return known;
}

const Transformer* KnownModels::find(std::string_view name) const {
    const auto is_meant = [&](std::string_view known) {
        return is_same_word(known, name) || is_same_word(known.substr(known.rfind('/') + 1), name);
    };
    const auto found = std::ranges::find_if(
        models_, [&](const Named& known) { return std::ranges::any_of(known.names, is_meant); });
    return found == models_.end() ? nullptr : &found->model;
}

const Transformer* KnownModels::find_path(std::string_view path) const {
    if (const Transformer* const model = find(path)) return model;
    std::string_view name = path.substr(path.rfind('/') + 1);
    while (true) {
        if (const Transformer* const model = find(name)) return model;
        const std::size_t dash = name.rfind('-');
        if (dash == std::string_view::npos) return nullptr;
        name.remove_suffix(name.size() - dash);
    }
}

}  // namespace dayu::plan
