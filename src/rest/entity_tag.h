// Entity tags, and what requests ask by them (RFC 9110, section 13). A tag is "STATE-BYTES": STATE is a digest of what the
// core knows of the thing and decides by, BYTES one of the answer. If-None-Match looks at all of it, so that a 304 is
// always true. If-Match looks at STATE, which the control thread can see in the moment of the change.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "runtime/core.h"

namespace dayu::rest {

// Empty: it is not in State, as jobs that have ended are not.
using Version = std::string;
Version version_of_job(const control::State& state, JobId job);
// Of all its tasks: which live, wait, run, and were asked to stop. Not what those that run have used.
Version version_of_array(const control::State& state, JobId array);
Version version_of_center(const control::State& state, const std::string& name);
Version version_of_queue(const control::State& state, const std::string& path);
Version version_of_dataset(const control::State& state, const std::string& name);
Version version_of_secret(const control::State& state, const Scope& scope, const std::string& name);

// The answer with its tag, or 304 when the caller has it. The version has to be older than the answer, never newer: whoever
// saw less than the tag stands for could overwrite what they have not seen.
http::Response tagged(const http::Request& request, http::Response response,
                      const Version& version = {});

// What If-Match, or `If-None-Match: *`, wants of the state in the moment of the change; nothing when neither is there.
Result<runtime::Precondition> precondition(
    const http::Request& request, std::function<Version(const control::State&)> version_now);

}  // namespace dayu::rest
