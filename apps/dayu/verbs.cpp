#include "dayu/verbs.h"

namespace dayu::app {

std::vector<Verb> all_verbs() {
    return {
        server_verb(),   agent_verb(),         submit_verb(), offers_verb(),  ps_verb(),
        describe_verb(), logs_verb(),          wait_verb(),   cancel_verb(),  explain_verb(),
        report_verb(),   centers_verb(),       pools_verb(),  chips_verb(),   events_verb(),
        fence_verb(),    journal_check_verb(), backup_verb(), restore_verb(), doctor_verb(),
    };
}

}  // namespace dayu::app
