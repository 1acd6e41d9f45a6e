#include "report.h"

#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace tang {
namespace {

[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...) {
    char line[512];
    va_list values;
    va_start(values, pattern);
    std::vsnprintf(line, sizeof line, pattern, values);
    va_end(values);
    return line;
}

std::string ngram_name(const NgramOptions& options) {
    const bool is_plain = options.lower == LowerCounts::raw;
    return format("%d-gram, %s", options.order, is_plain ? "absolute" : "Kneser-Ney");
}

std::string verdict(const char* what, const Difference& difference) {
    const char* winner = difference.mean < 0 ? "the model wins" : "the n-gram wins";
    const bool is_sure = difference.low > 0 || difference.high < 0;
    return format(
        "%s %s by %.3f bits (model minus n-gram: %+.3f, 95 %% of resamples %+.3f to %+.3f%s)\n",
        what, winner, std::abs(difference.mean), difference.mean, difference.low, difference.high,
        is_sure ? "" : ": not sure");
}

std::string difference_json(const Difference& d) {
    return format(R"({"mean": %.4f, "low": %.4f, "high": %.4f})", d.mean, d.low, d.high);
}

std::string bits_json(const Bits& bits) {
    return format(R"("bits_per_character": %.4f, "bits_per_han": %.4f)", bits.every, bits.han);
}

}  // namespace

Report measure(const Corpus& corpus, const Trainer& trainer, const TrainState& state) {
    const Ngram ngram = tuned_ngram(corpus);
    const Predict by_model = [&](const Poem& poem) { return trainer.predict(state, poem); };
    const Predict by_ngram = [&](const Poem& poem) { return ngram.predict(poem); };
    const double weight = best_weight(score(corpus.dev, corpus.vocabulary, by_model),
                                      score(corpus.dev, corpus.vocabulary, by_ngram));
    const auto model = score(corpus.test, corpus.vocabulary, by_model);
    const auto baseline = score(corpus.test, corpus.vocabulary, by_ngram);
    double characters = 0, unknown = 0;
    for (const Poem& poem : corpus.test) {
        for (int token : poem) characters += 1, unknown += token == kUnknown;
    }
    return {.train_poems = corpus.train.size(),
            .dev_poems = corpus.dev.size(),
            .test_poems = corpus.test.size(),
            .test_characters = static_cast<std::size_t>(characters),
            .unknown_share = unknown / characters,
            .model = mean_bits(model),
            .ngram = mean_bits(baseline),
            .both = mean_bits(mixed(model, baseline, weight)),
            .ngram_options = ngram.options(),
            .model_weight = weight,
            .to_ngram = difference(model, baseline, kResampleSeed),
            .to_ngram_han = difference(han_only(model), han_only(baseline), kResampleSeed),
            .steps = state.step,
            .epochs = state.step / trainer.steps_per_epoch(),
            .seconds = state.seconds};
}

std::string as_table(const Report& r) {
    const auto row = [](const std::string& name, const Bits& bits) {
        return format("  %-34s %8.3f %8.3f\n", name.c_str(), bits.every, bits.han);
    };
    const auto both = format("both, %.2f of it the model", r.model_weight);
    return format(
               "\n%zu held-out poems, %zu characters, %.1f %% of them never seen in training\n\n",
               r.test_poems, r.test_characters, 100 * r.unknown_share) +
           format("  %-34s %8s %8s\n", "bits a character", "all", "Han") +
           row("neural model", r.model) + row(ngram_name(r.ngram_options), r.ngram) +
           row(both, r.both) + "\n" + verdict("All characters:", r.to_ngram) +
           verdict("Han alone:     ", r.to_ngram_han) +
           format("%lld steps, %lld epochs, %.1f s of training\n", static_cast<long long>(r.steps),
                  static_cast<long long>(r.epochs), r.seconds);
}

std::string as_json(const Report& r) {
    return format("{\n  \"poems\": {\"train\": %zu, \"dev\": %zu, \"test\": %zu},\n", r.train_poems,
                  r.dev_poems, r.test_poems) +
           format("  \"test_characters\": %zu, \"unknown_share\": %.4f,\n", r.test_characters,
                  r.unknown_share) +
           "  \"model\": {" + bits_json(r.model) + "},\n" +
           format("  \"ngram\": {\"kind\": \"%s\", ", ngram_name(r.ngram_options).c_str()) +
           bits_json(r.ngram) + "},\n" +
           format("  \"both\": {\"model_weight\": %.2f, ", r.model_weight) + bits_json(r.both) +
           "},\n  \"model_minus_ngram\": " + difference_json(r.to_ngram) +
           ",\n  \"model_minus_ngram_han\": " + difference_json(r.to_ngram_han) +
           format(",\n  \"steps\": %lld, \"epochs\": %lld, \"seconds\": %.1f\n}\n",
                  static_cast<long long>(r.steps), static_cast<long long>(r.epochs), r.seconds);
}

}  // namespace tang
