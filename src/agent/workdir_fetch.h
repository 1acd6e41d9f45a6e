// One workdir from the server, by way of the cache: an engine asks for file after file, and what is not
// here is asked of the server in batches, each many small files or a part of a large one.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/content_cache.h"
#include "engine/engine.h"
#include "http/client.h"

namespace dayu::agent {

class WorkdirFetch final : public engine::WorkdirSource {
   public:
    WorkdirFetch(const StartOrder& order, std::string installation, http::Client& server,
                 ContentCache& cache, const std::atomic<bool>& abandoned);

    // Before all else: what the folder consists of.
    Result<void> open();

    const Manifest& manifest() const override { return manifest_; }
    Result<std::string> fetch(const WorkdirEntry& entry) override;
    void spoilt(const WorkdirEntry& entry) override;
    bool is_abandoned() const override { return abandoned_; }

   private:
    struct Wanted {
        std::string sha256;
        std::int64_t bytes = 0;
    };
    Result<std::string> ask(const std::vector<Wanted>& wanted);
    Result<void> take(const std::vector<Wanted>& wanted);
    Result<ContentCache::Pin> bring(const Wanted& content);
    std::vector<Wanted> batch_from(const WorkdirEntry& entry);

    const StartOrder& order_;
    const std::string installation_;
    http::Client& server_;
    ContentCache& cache_;
    const std::atomic<bool>& abandoned_;
    Manifest manifest_;
    std::map<std::string, std::size_t> place_of_;     // of each content, in the manifest
    std::map<std::string, ContentCache::Pin> ahead_;  // fetched, and not asked for yet
    ContentCache::Pin current_;
};

}  // namespace dayu::agent
