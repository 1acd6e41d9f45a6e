#include "dayu/verbs.h"

namespace dayu::app {

std::vector<Verb> all_verbs() {
    // One a line, in the order of --help.
    // clang-format off
    return {
        server_verb(),
        agent_verb(),
        submit_verb(),
        run_verb(),
        offers_verb(),
        ps_verb(),
        top_verb(),
        top_queue_verb(),
        describe_verb(),
        logs_verb(),
        cp_verb(),
        ls_verb(),
        exec_verb(),
        outputs_verb(),
        wait_verb(),
        cancel_verb(),
        hold_verb(),
        release_verb(),
        requeue_verb(),
        explain_verb(),
        report_verb(),
        plan_serve_verb(),
        plan_train_verb(),
        plan_evaluate_verb(),
        plan_calibrate_verb(),
        plan_bench_verb(),
        plan_scu_verb(),
        sim_gavel_verb(),
        sim_run_verb(),
        sim_compare_verb(),
        sim_carbon_verb(),
        sim_philly_verb(),
        sim_pack_verb(),
        centers_verb(),
        centers_drain_verb(),
        centers_resume_verb(),
        centers_exclude_verb(),
        centers_include_verb(),
        pools_verb(),
        chips_verb(),
        prices_verb(),
        quota_verb(),
        quota_set_verb(),
        quota_remove_verb(),
        data_list_verb(),
        data_set_verb(),
        data_remove_verb(),
        events_verb(),
        fence_verb(),
        secret_set_verb(),
        secret_list_verb(),
        secret_remove_verb(),
        token_create_verb(),
        token_list_verb(),
        token_revoke_verb(),
        hook_add_verb(),
        hook_list_verb(),
        hook_test_verb(),
        hook_resume_verb(),
        hook_remove_verb(),
        journal_archive_verb(),
        journal_check_verb(),
        backup_verb(),
        restore_verb(),
        doctor_verb(),
        completion_verb(),
        man_verb(),
    };
    // clang-format on
}

std::string group_help(const std::string& group) {
    if (group == "sim") return "Replay queues of jobs, and repeat published experiments";
    return "Care of the " + group;
}

}  // namespace dayu::app
