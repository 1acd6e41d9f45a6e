// The verbs of `dayu`, in the order in which --help lists them.
#pragma once

#include <string>
#include <vector>

#include "dayu/verb.h"

namespace dayu::app {

Verb server_verb();
Verb agent_verb();
Verb submit_verb();
Verb run_verb();
Verb offers_verb();
Verb ps_verb();
Verb top_verb();
Verb top_queue_verb();
Verb describe_verb();
Verb logs_verb();
Verb outputs_verb();
Verb cp_verb();
Verb ls_verb();
Verb exec_verb();
Verb wait_verb();
Verb cancel_verb();
Verb hold_verb();
Verb release_verb();
Verb requeue_verb();
Verb explain_verb();
Verb report_verb();
Verb plan_serve_verb();
Verb plan_train_verb();
Verb plan_evaluate_verb();
Verb plan_calibrate_verb();
Verb plan_bench_verb();
Verb plan_scu_verb();
Verb sim_gavel_verb();
Verb sim_run_verb();
Verb sim_compare_verb();
Verb sim_carbon_verb();
Verb sim_philly_verb();
Verb sim_pack_verb();
Verb centers_verb();
Verb centers_drain_verb();
Verb centers_resume_verb();
Verb centers_exclude_verb();
Verb centers_include_verb();
Verb pools_verb();
Verb chips_verb();
Verb prices_verb();
Verb quota_verb();
Verb quota_set_verb();
Verb quota_remove_verb();
Verb data_list_verb();
Verb data_set_verb();
Verb data_remove_verb();
Verb events_verb();
Verb fence_verb();
Verb secret_set_verb();
Verb secret_list_verb();
Verb secret_remove_verb();
Verb token_create_verb();
Verb token_list_verb();
Verb token_revoke_verb();
Verb hook_add_verb();
Verb hook_list_verb();
Verb hook_test_verb();
Verb hook_resume_verb();
Verb hook_remove_verb();
Verb journal_archive_verb();
Verb journal_check_verb();
Verb backup_verb();
Verb restore_verb();
Verb doctor_verb();
Verb completion_verb();
Verb man_verb();

std::vector<Verb> all_verbs();

// What a word says of itself that is none but the first of others: "secret", "sim".
std::string group_help(const std::string& group);

}  // namespace dayu::app
