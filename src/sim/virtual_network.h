// Messages between the server and everybody else. They are lost, doubled, delayed and so reordered; a link
// may be cut one way or both. What is delivered is an action at the other end.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/random.h"
#include "sim/timeline.h"

namespace dayu::sim {

struct Weather {
    std::int64_t lost_per_mille = 0;
    std::int64_t doubled_per_mille = 0;
    std::int64_t late_per_mille = 0;  // by up to `latest` instead of up to `usual`
    Duration usual = milliseconds(20);
    Duration latest = seconds(60);
};

enum class Way { to_server, from_server };

class VirtualNetwork {
   public:
    VirtualNetwork(Timeline& timeline, Random random) : timeline_(timeline), random_(random) {}

    std::size_t add_link() {
        links_.emplace_back();
        return links_.size() - 1;
    }
    std::size_t links() const { return links_.size(); }

    void send(std::size_t link, Way way, const Timeline::Action& deliver) {
        const bool is_cut = way == Way::to_server ? links_[link].up_cut : links_[link].down_cut;
        if (is_cut || random_.chance(weather_.lost_per_mille)) return;
        timeline_.after(delay(), deliver);
        if (random_.chance(weather_.doubled_per_mille)) timeline_.after(delay(), deliver);
    }

    void cut(std::size_t link, Way way) {
        (way == Way::to_server ? links_[link].up_cut : links_[link].down_cut) = true;
    }
    void mend(std::size_t link) { links_[link] = {}; }
    void set_weather(const Weather& weather) { weather_ = weather; }

   private:
    struct Link {
        bool up_cut = false;
        bool down_cut = false;
    };

    Duration delay() {
        const bool is_late = random_.chance(weather_.late_per_mille);
        return random_.between(milliseconds(1), is_late ? weather_.latest : weather_.usual);
    }

    Timeline& timeline_;
    Random random_;
    Weather weather_;
    std::vector<Link> links_;
};

}  // namespace dayu::sim
