// Every handler, by resource: what service.cpp mounts on the routes.
#pragma once

#include "rest/context.h"

namespace dayu::rest {

// jobs.cpp
Result<http::Response> list_jobs(Context& context, const Call& call);
Result<http::Response> describe_job(Context& context, const Call& call);
// Of a job, and of all tasks of an array: cancel, hold, release and requeue.
template <control::JobAction action>
void change_job(const ContextPtr& context, Call call, const http::Responder& responder);
template <control::JobAction action>
void change_array(const ContextPtr& context, Call call, const http::Responder& responder);
// submit.cpp, submit_batch.cpp
void submit_job(const ContextPtr& context, Call call, const http::Responder& responder);
void submit_batch(const ContextPtr& context, Call call, const http::Responder& responder);
// offers.cpp, explain.cpp
Result<http::Response> weigh_job(Context& context, const Call& call);
Result<http::Response> explain_job(Context& context, const Call& call);
// job_wait.cpp, job_log.cpp
void wait_for_job(const ContextPtr& context, Call call, const http::Responder& responder);
void read_job_log(const ContextPtr& context, Call call, const http::Responder& responder);
// supply.cpp
Result<http::Response> list_centers(Context& context, const Call& call);
Result<http::Response> describe_center(Context& context, const Call& call);
Result<http::Response> list_pools(Context& context, const Call& call);
Result<http::Response> list_chips(Context& context, const Call& call);
Result<http::Response> describe_chip(Context& context, const Call& call);
// queues.cpp
Result<http::Response> list_queues(Context& context, const Call& call);
Result<http::Response> describe_queue(Context& context, const Call& call);
void set_queue(const ContextPtr& context, Call call, const http::Responder& responder);
void remove_queue(const ContextPtr& context, Call call, const http::Responder& responder);
// datasets.cpp
Result<http::Response> list_datasets(Context& context, const Call& call);
Result<http::Response> describe_dataset(Context& context, const Call& call);
void set_dataset(const ContextPtr& context, Call call, const http::Responder& responder);
void remove_dataset(const ContextPtr& context, Call call, const http::Responder& responder);
// prices.cpp
Result<http::Response> list_prices(Context& context, const Call& call);
// step_ratios.cpp
Result<http::Response> list_step_ratios(Context& context, const Call& call);
// center_care.cpp
void fence_center(const ContextPtr& context, Call call, const http::Responder& responder);
void drain_center(const ContextPtr& context, Call call, const http::Responder& responder);
void resume_center(const ContextPtr& context, Call call, const http::Responder& responder);
void exclude_node(const ContextPtr& context, Call call, const http::Responder& responder);
void include_node(const ContextPtr& context, Call call, const http::Responder& responder);
// server.cpp
Result<http::Response> describe_server(Context& context, const Call& call);
// job_outputs.cpp
Result<http::Response> list_job_outputs(Context& context, const Call& call);
// secrets.cpp
Result<http::Response> list_secrets(Context& context, const Call& call);
Result<http::Response> describe_secret(Context& context, const Call& call);
Result<http::Response> set_secret(Context& context, const Call& call);
void remove_secret(const ContextPtr& context, Call call, const http::Responder& responder);
// attempts.cpp
Result<http::Response> list_attempts(Context& context, const Call& call);
Result<http::Response> describe_attempt(Context& context, const Call& call);
// bodies.cpp
Result<http::Response> read_body(Context& context, const Call& call);
// tokens.cpp
Result<http::Response> list_tokens(Context& context, const Call& call);
Result<http::Response> create_token(Context& context, const Call& call);
Result<http::Response> revoke_token(Context& context, const Call& call);
// hooks.cpp
Result<http::Response> list_hooks(Context& context, const Call& call);
Result<http::Response> set_hook(Context& context, const Call& call);
void remove_hook(const ContextPtr& context, Call call, const http::Responder& responder);
void resume_hook(const ContextPtr& context, Call call, const http::Responder& responder);
Result<http::Response> test_hook(Context& context, const Call& call);
// contents.cpp
Result<http::Response> find_missing_contents(Context& context, const Call& call);
Result<http::Response> take_contents(Context& context, const Call& call);
Result<http::Response> give_contents(Context& context, const Call& call);
// events.cpp
void read_events(const ContextPtr& context, Call call, const http::Responder& responder);
// reach.cpp
void reach_job(const ContextPtr& context, Call call, const http::Responder& responder);
void write_reach(const ContextPtr& context, Call call, const http::Responder& responder);
void read_reach(const ContextPtr& context, Call call, const http::Responder& responder);
void close_reach(const ContextPtr& context, Call call, const http::Responder& responder);
void poll_reach(const ContextPtr& context, Call call, const http::Responder& responder);
// agent_sync.cpp
void sync_agent(const ContextPtr& context, Call call, const http::Responder& responder);

// metrics_read.cpp
Result<http::Response> read_metrics(Context& context, const Call& call);

}  // namespace dayu::rest
