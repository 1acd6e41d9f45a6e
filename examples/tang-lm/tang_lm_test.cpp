#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include <gtest/gtest.h>

#include "checkpoint.h"
#include "ngram.h"
#include "options.h"
#include "poem.h"
#include "score.h"
#include "trainer.h"

namespace tang {
namespace {

namespace fs = std::filesystem;

// In the format of the fortune file: colour codes, a title, an author, verses.
const char* const kPoems =
    "\x1b[32m《相思》\x1b[m\n\x1b[33m作者：王维\x1b[m\n红豆生南国，春来发几枝。\n"
    "愿君多采撷，此物最相思。\n%\n"
    "《静夜思》\n作者：李白\n床前明月光,疑是地上霜。\n举头望明月，低头思故乡.\n%\n"
    "《静夜思》\n作者：李白\n床前明月光，疑是地上霜。\n举头望明月，低头思故乡。\n%\n"
    "《登鹳雀楼》\n作者：王之涣\n白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n%\n"
    "《春晓》\n作者：孟浩然\n春眠不觉晓，处处闻啼鸟。\n夜来风雨声，花落知多少？\n%\n"
    "《朝发白帝城》\n作者：李白\n朝辞白帝彩云间，千里江陵一日还。\n"
    "两岸猿声啼不住，轻舟已过万重山。\n%\n"
    "《枫桥夜泊》\n作者：张继\n月落乌啼霜满天，江枫渔火对愁眠。\n"
    "姑苏城外寒山寺，夜半钟声到客船。\n";

TrainOptions tiny() { return {.epochs = 8, .batch = 16, .dim = 8, .hidden = 12, .rate = 5e-3}; }

Corpus small_corpus() { return split(parse_fortunes(kPoems), 1); }

bool is_same(const TrainState& a, const TrainState& b) {
    return a.step == b.step && a.train_bits == b.train_bits && a.dev_bits == b.dev_bits &&
           a.best_dev_bits == b.best_dev_bits && a.parameters == b.parameters &&
           a.momentum == b.momentum && a.variance == b.variance && a.mean == b.mean &&
           a.best == b.best && a.mixture.network == b.mixture.network;
}

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string{std::istreambuf_iterator<char>(file), {}};
}

class TangLm : public testing::Test {
   protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "tang-lm-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { fs::remove_all(folder_); }

    fs::path folder_;
};

TEST_F(TangLm, reads_verses_without_colours_titles_and_duplicates) {
    const auto poems = parse_fortunes(kPoems);
    ASSERT_EQ(poems.size(), 6u);
    EXPECT_EQ(poems[0], U"红豆生南国，春来发几枝。愿君多采撷，此物最相思。");
    EXPECT_EQ(poems[1], U"床前明月光，疑是地上霜。举头望明月，低头思故乡。");
}

TEST_F(TangLm, names_the_package_when_the_corpus_is_missing) {
    try {
        load_corpus((folder_ / "none").string(), 1);
        FAIL() << "a missing corpus was accepted";
    } catch (const CorpusError& error) {
        EXPECT_NE(std::string(error.what()).find("fortunes-zh"), std::string::npos);
    }
}

TEST_F(TangLm, context_reads_only_what_came_before) {
    const Corpus corpus = small_corpus();
    Poem poem = corpus.train.front();
    const auto before = features_at(poem, 8, corpus.vocabulary);
    for (std::size_t at = 8; at < poem.size(); ++at) poem[at] = kEnd;
    const auto after = features_at(poem, 8, corpus.vocabulary);
    ASSERT_EQ(before.size(), after.size());
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(before[i].row, after[i].row);
}

TEST_F(TangLm, gradient_agrees_with_finite_differences) {
    const Corpus corpus = small_corpus();
    const Shape shape{corpus.vocabulary.size(), 5, 7};
    Vector<double> parameters = initial_parameters<double>(shape, corpus.train, 3);
    const auto batch = examples_of(corpus.train.front(), corpus.vocabulary);
    const Dropout dropout{.slot = 0.2, .input = 0.3, .hidden = 0.3};
    const Random random(1, Random::Purpose::step);  // the same masks each time
    Vector<double> gradient, unused;
    loss_and_gradient(shape, parameters, std::span(batch), dropout, random, gradient);

    constexpr double kStep = 1e-5;
    for (Eigen::Index i = 0; i < parameters.size(); i += 3) {
        const double kept = parameters[i];
        parameters[i] = kept + kStep;
        const double above =
            loss_and_gradient(shape, parameters, std::span(batch), dropout, random, unused);
        parameters[i] = kept - kStep;
        const double below =
            loss_and_gradient(shape, parameters, std::span(batch), dropout, random, unused);
        parameters[i] = kept;
        ASSERT_NEAR(gradient[i], (above - below) / (2 * kStep), 1e-7) << "parameter " << i;
    }
}

TEST_F(TangLm, probabilities_of_ngram_and_model_sum_to_one) {
    const Corpus corpus = small_corpus();
    Trainer trainer(corpus, tiny());
    TrainState state = trainer.fresh();
    while (state.step < trainer.last_step()) trainer.advance(state);
    Poem poem = corpus.test.front();
    poem.resize(9);

    const std::vector<double> by_model = trainer.predict_next(state, poem);
    EXPECT_NEAR(std::accumulate(by_model.begin(), by_model.end(), 0.0), 1, 1e-5);
    for (LowerCounts lower : {LowerCounts::raw, LowerCounts::continuation}) {
        for (int order = 1; order <= 3; ++order) {
            const Ngram ngram(corpus.train, corpus.vocabulary, {.order = order, .lower = lower});
            for (std::size_t at = 0; at < poem.size(); ++at) {
                double sum = 0;
                for (int token = 0; token < corpus.vocabulary.size(); ++token) {
                    sum += ngram.probability(poem, at, token);
                }
                ASSERT_NEAR(sum, 1, 1e-12) << "order " << order << " at " << at;
            }
        }
    }
}

TEST_F(TangLm, an_unseen_character_costs_its_share_of_the_unknown) {
    const Corpus corpus = small_corpus();
    const Predict quarter = [](const Poem& poem) { return std::vector(poem.size(), 0.25); };
    const auto scored = score({{kUnknown, kEnd}}, corpus.vocabulary, quarter);
    EXPECT_DOUBLE_EQ(scored[0][0].probability, 0.25 / corpus.vocabulary.unseen());
    EXPECT_DOUBLE_EQ(scored[0][1].probability, 0.25);
}

TEST_F(TangLm, learns_by_heart_when_nothing_is_dropped) {
    const Corpus corpus = small_corpus();
    TrainOptions options = tiny();
    options.epochs = 300;
    options.dropout = {};
    Trainer trainer(corpus, options);
    TrainState state = trainer.fresh();
    while (state.step < trainer.last_step()) trainer.advance(state);
    EXPECT_LT(state.train_bits, 1);
}

TEST_F(TangLm, a_resumed_run_ends_in_the_same_bytes) {
    const Corpus corpus = small_corpus();
    const CheckpointFolder checkpoints(folder_, tiny().fingerprint(corpus));
    Trainer straight(corpus, tiny());
    TrainState expected = straight.fresh();
    while (expected.step < straight.last_step()) straight.advance(expected);

    TrainState state = straight.fresh();
    while (state.step < straight.last_step()) {
        Trainer another_process(corpus, tiny());
        for (int steps = 0; steps < 5 && state.step < straight.last_step(); ++steps) {
            another_process.advance(state);
        }
        checkpoints.save(state);
        state = checkpoints.restore().state.value();
    }
    EXPECT_TRUE(is_same(state, expected));
}

TEST_F(TangLm, a_damaged_checkpoint_is_refused_for_the_one_before) {
    const Corpus corpus = small_corpus();
    const CheckpointFolder checkpoints(folder_, tiny().fingerprint(corpus));
    Trainer trainer(corpus, tiny());
    TrainState state = trainer.fresh();
    trainer.advance(state);
    checkpoints.save(state);
    trainer.advance(state);
    checkpoints.save(state);
    ASSERT_EQ(checkpoints.restore().state->step, 2);

    std::string bytes = read(checkpoints.current());
    bytes[bytes.size() / 2] ^= 1;
    std::ofstream(checkpoints.current(), std::ios::binary) << bytes;
    Restored restored = checkpoints.restore();
    EXPECT_EQ(restored.state->step, 1);
    ASSERT_EQ(restored.refusals.size(), 1u);
    EXPECT_NE(restored.refusals[0].find("checksum"), std::string::npos);

    EXPECT_FALSE(fs::exists(checkpoints.current())) << "it would replace the good one at a save";

    fs::resize_file(checkpoints.previous(), 100);
    restored = checkpoints.restore();
    EXPECT_FALSE(restored.state);
    EXPECT_EQ(restored.refusals.size(), 1u);
}

TEST_F(TangLm, a_checkpoint_of_another_run_is_refused) {
    const Corpus corpus = small_corpus();
    TrainOptions other = tiny();
    other.seed = 2;
    CheckpointFolder(folder_, tiny().fingerprint(corpus)).save(Trainer(corpus, tiny()).fresh());
    EXPECT_FALSE(CheckpointFolder(folder_, other.fingerprint(corpus)).restore().state);
}

TEST_F(TangLm, a_poem_keeps_metre_and_opening_and_repeats_no_character) {
    const Corpus corpus = small_corpus();
    Trainer trainer(corpus, tiny());
    const TrainState state = trainer.fresh();
    const auto predict_next = [&](const Poem& poem) { return trainer.predict_next(state, poem); };
    const std::u32string poem =
        write_poem(predict_next, corpus.vocabulary, {.style = Style::seven, .opening = U"月"});
    ASSERT_EQ(poem.size(), 4u * 8);
    EXPECT_EQ(poem[0], U'月');
    EXPECT_EQ(poem[7], U'，');
    EXPECT_EQ(poem[31], U'。');
    for (char32_t c : poem) {
        if (is_han(c)) {
            EXPECT_EQ(std::ranges::count(poem, c), 1);
        }
    }
}

TEST_F(TangLm, flags_win_over_the_environment_and_mistakes_are_named) {
    setenv("EPOCHS", "7", 1);
    const char* none[] = {"tang-lm"};
    const char* flag[] = {"tang-lm", "--epochs", "9"};
    const char* wrong[] = {"tang-lm", "--epochs=many"};
    EXPECT_EQ(parse_options(1, none).train.epochs, 7);
    EXPECT_EQ(parse_options(3, flag).train.epochs, 9);
    EXPECT_THROW(parse_options(2, wrong), UsageError);
    unsetenv("EPOCHS");
}

// The program itself, as a scheduler sees it.
class Program : public TangLm {
   protected:
    void SetUp() override {
        TangLm::SetUp();
        const char* bin = std::getenv("DAYU_BIN");
        if (!bin) GTEST_SKIP() << "DAYU_BIN does not say where tang-lm is";
        binary_ = std::string(bin) + "/tang-lm";
        std::ofstream(folder_ / "poems") << kPoems;
    }

    pid_t start(const std::string& run) {
        std::vector<std::string> words = {
            binary_,       "--corpus",     folder_ / "poems", "--epochs", "1500",
            "--dim",       "16",           "--hidden",        "16",       "--out",
            folder_ / run, "--checkpoint", folder_ / run};
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        const pid_t child = fork();
        if (child == 0) {
            const fs::path log = folder_ / (run + ".log");
            if (!std::freopen(log.c_str(), "a", stdout)) _exit(126);
            execv(argv[0], argv.data());
            _exit(127);
        }
        return child;
    }

    void wait_until_it_trains(const std::string& run) {
        for (int tries = 0; tries < 1000; ++tries) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            if (!read(folder_ / (run + ".log")).empty()) return;
        }
        FAIL() << run << " said nothing for 50 s";
    }

    int exit_code(pid_t child) {
        int status = 0;
        waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

    // All but the seconds, which differ from run to run.
    std::string figures(const std::string& run) {
        const std::string json = read(folder_ / run / "result.json");
        return json.substr(0, json.find("\"seconds\""));
    }

    std::string binary_;
};

TEST_F(Program, told_to_stop_it_exits_75_and_goes_on_to_the_same_result) {
    ASSERT_EQ(exit_code(start("straight")), 0);
    const pid_t child = start("stopped");
    wait_until_it_trains("stopped");
    kill(child, SIGTERM);
    ASSERT_EQ(exit_code(child), 75) << read(folder_ / "stopped.log");
    EXPECT_FALSE(fs::exists(folder_ / "stopped" / "result.json"));

    ASSERT_EQ(exit_code(start("stopped")), 0);
    EXPECT_NE(read(folder_ / "stopped.log").find("resumed at step "), std::string::npos);
    EXPECT_EQ(figures("stopped"), figures("straight"));
    EXPECT_FALSE(figures("straight").empty());
    EXPECT_EQ(read(folder_ / "stopped" / "poem.txt"), read(folder_ / "straight" / "poem.txt"));
}

}  // namespace
}  // namespace tang
