// A random stream of all that a World can be told, with rounds in between whose decisions are carried out. After every
// step what must hold is checked; a failure is told as words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sched/offer_book.h"
#include "tests/property/world/facts.h"

namespace dayu::property {

class Stream {
   public:
    explicit Stream(std::uint64_t seed);

    void step();
    // What broke; empty as long as all is well.
    const std::string& broken() const { return broken_; }
    std::size_t placed() const { return placed_; }
    std::size_t claimed() const { return claimed_; }

   private:
    void declare_center();
    void change_supply();
    void divide();
    void submit();
    void end_one();
    void change_claims();
    void round();
    void carry_out(const sched::Decisions& decisions);
    void carry_out(const sched::ClassDecision& decision);
    void start(const sched::ClassDecision& decision, const sched::Placement& placement);
    void claim(const sched::Claim& claim);
    void check();
    void check_limits(const sched::World& before);
    void expect(bool holds, const std::string& what);
    JobSpec any_spec();
    std::string any_path();

    Dice dice_;
    Time now_{1'800'000'000'000};
    Facts facts_;
    sched::World world_;
    sched::OfferBook book_;
    std::uint64_t last_job_ = 0;
    std::size_t placed_ = 0;
    std::size_t claimed_ = 0;
    std::string broken_;
};

}  // namespace dayu::property
