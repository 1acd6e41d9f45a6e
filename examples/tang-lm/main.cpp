// tang-lm: learns the 300 Tang poems, says how well against an n-gram, and writes one of its own.
//
// It is the training job of Dayu's quickstart and behaves as a good batch job does: it reports
// progress, keeps checkpoints, saves and exits with 75 ("run me again") on TERM, and goes on from
// where it was.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "checkpoint.h"
#include "options.h"
#include "report.h"

namespace {

using namespace tang;

enum ExitCode : int { done = 0, internal = 1, usage_error = 2, requeue_me = 75 };  // EX_TEMPFAIL

constexpr double kProgressEveryS = 1;

volatile std::sig_atomic_t told_to_stop = 0;

double now_s() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

void print_progress(const Trainer& trainer, const TrainState& state, double characters_per_s) {
    char dev[32] = "-";  // not measured before the first epoch's end
    if (state.dev_bits > 0) std::snprintf(dev, sizeof dev, "%.3f", state.dev_bits);
    std::printf("step %lld/%lld  epoch %.1f  train %.3f  dev %s bits  %.0f chars/s  %.0f s\n",
                static_cast<long long>(state.step), static_cast<long long>(trainer.last_step()),
                static_cast<double>(state.step) / static_cast<double>(trainer.steps_per_epoch()),
                state.train_bits, dev, characters_per_s, state.seconds);
}

TrainState resumed_or_fresh(const CheckpointFolder& folder, const Trainer& trainer) {
    Restored restored = folder.restore();
    for (const std::string& refusal : restored.refusals) std::printf("%s\n", refusal.c_str());
    if (!restored.state) return trainer.fresh();
    std::printf("resumed at step %lld\n", static_cast<long long>(restored.state->step));
    return std::move(*restored.state);
}

// Whether training came to its end; if not, it was told to stop and has saved its state.
bool train(const Options& options, Trainer& trainer, const CheckpointFolder& folder,
           TrainState& state) {
    const double start = now_s() - state.seconds;
    double saved = now_s(), printed = saved;
    std::int64_t printed_step = state.step;
    const auto is_out_of_time = [&] {
        return options.seconds > 0 && state.seconds >= options.seconds;
    };
    while (state.step < trainer.last_step() && !is_out_of_time() && !told_to_stop) {
        trainer.advance(state);
        const double now = now_s();
        state.seconds = now - start;
        if (now - printed >= kProgressEveryS) {
            const double steps = static_cast<double>(state.step - printed_step);
            print_progress(trainer, state, steps * options.train.batch / (now - printed));
            printed = now, printed_step = state.step;
        }
        if (now - saved >= options.checkpoint_every_s) {
            folder.save(state);
            saved = now;
        }
    }
    folder.save(state);
    return !told_to_stop;
}

void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path);
    file << text << std::flush;
    if (!file) throw std::runtime_error("cannot write " + path.string());
}

void finish(const Options& options, const Corpus& corpus, const Trainer& trainer,
            TrainState& state) {
    if (state.step < trainer.last_step()) trainer.evaluate(state);  // it ran out of time
    const Report report = measure(corpus, trainer, state);
    std::printf("%s", as_table(report).c_str());
    write(options.out / "result.json", as_json(report));

    const auto predict_next = [&](const Poem& poem) { return trainer.predict_next(state, poem); };
    std::string poem;
    for (char32_t c : write_poem(predict_next, corpus.vocabulary, options.poem)) {
        poem += to_utf8(c);
        if (c == U'。') poem += '\n';
    }
    std::printf("\n%s", poem.c_str());
    write(options.out / "poem.txt", poem);
}

ExitCode run(const Options& options) {
    const Corpus corpus = load_corpus(options.corpus, kSplitSeed);
    Trainer trainer(corpus, options.train);
    std::printf("%zu poems to learn, %zu to tune on, %zu held out; %lld characters, %d different\n",
                corpus.train.size(), corpus.dev.size(), corpus.test.size(),
                static_cast<long long>(trainer.tokens()), corpus.vocabulary.size());
    std::filesystem::create_directories(options.out);
    const CheckpointFolder folder(options.checkpoint, options.train.fingerprint(corpus));
    TrainState state = resumed_or_fresh(folder, trainer);
    if (!train(options, trainer, folder, state)) {
        std::printf("told to stop: saved at step %lld\n", static_cast<long long>(state.step));
        return requeue_me;
    }
    finish(options, corpus, trainer, state);
    return done;
}

}  // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    std::signal(SIGTERM, [](int) { told_to_stop = 1; });
    try {
        const Options options = parse_options(argc, argv);
        if (options.wants_help) return std::printf("%s", usage().c_str()), done;
        return run(options);
    } catch (const UsageError& error) {
        std::fprintf(stderr, "tang-lm: %s\n", error.what());
        return usage_error;
    } catch (const CorpusError& error) {
        std::fprintf(stderr, "tang-lm: %s\n", error.what());
        return usage_error;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "tang-lm: %s\n", error.what());
        return internal;
    }
}
