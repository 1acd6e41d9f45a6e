// What the tests of engine `process` share: a work root that is gone afterwards with all that ran in it,
// orders that differ in what a test is about, and waiting with a limit.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/testing/temporary_folder.h"
#include "engine/process/attempt_store.h"
#include "engine/registry.h"

namespace dayu::engine {

std::string shim_path();  // in DAYU_SHIM, or among the built programs
bool wait_for(const std::function<bool()>& condition);
bool is_gone(const Token& token);  // no process of the attempt is alive

class Workbench {
   public:
    Workbench();
    ~Workbench();

    Settings settings() const;
    void open();   // the engine, or another one over the same root
    void close();  // as if the agent ended

    StartOrder order(const std::string& run);
    StartOrder next_attempt_of(const StartOrder& order) const;

    Observation look(const Token& token);
    Ending wait_end(const Token& token);
    Ending run(const StartOrder& order);  // start, and wait for the end
    bool wait_output(const Token& token, const std::string& text);
    std::string log(const Token& token, int rank = 0) const;

    AttemptFiles files(const Token& token) const {
        return {work_root() + "/attempts/" + token.text};
    }
    std::string work_root() const { return root_.path() + "/work"; }
    std::int64_t shim_of(const Token& token) const;

    std::unique_ptr<Engine> engine;

   private:
    const TemporaryFolder root_;
    std::string cluster_;
    std::uint64_t jobs_ = 0;
};

}  // namespace dayu::engine
