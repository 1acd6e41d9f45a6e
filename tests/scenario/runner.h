// Runs a scenario, line by line, against the core and pretended agents. README.md beside this file tells
// what the text looks like; runner_verbs.cpp has the verbs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/scenario/phrases.h"
#include "tests/scenario/platform.h"
#include "tests/scenario/script.h"
#include "tests/scenario/site.h"

namespace dayu::scenario {

class Runner {
   public:
    Runner();

    // Runs the statements of the line; what is wrong with it, in words, or nothing.
    std::string run(const Line& line);
    // The line that was just run, with all that it could expect.
    std::string transcript(const Line& line) const;

    Platform& platform() { return platform_; }
    Phrases& phrases() { return phrases_; }
    std::map<std::string, Site>& sites() { return sites_; }

    void say(const std::vector<std::string>& lines);
    // What the refused one is told counts as said.
    void try_commit(const control::Command& command, const control::Actor& actor = someone);
    Result<Site*> site(const std::string& name);
    // The site that holds the attempt.
    Result<Site*> holder(AttemptKey key, Token& token);
    void deliver(Site& site, bool newest_first);  // its orders that are under way
    void advance(Duration by);

   private:
    std::string check(const Line& line) const;
    void settle();
    bool exchange(Site& site);
    void move_silent_attempts();
    void judge_outages();
    void expire_deadlines();

    Platform platform_;
    Phrases phrases_;
    std::map<std::string, Site> sites_;
    std::vector<std::string> said_;  // by the events, answers and orders of the line
};

using Verb = Result<void> (*)(Runner& runner, const Statement& statement);
Verb find_verb(std::string_view name);  // nullptr: there is none

}  // namespace dayu::scenario
