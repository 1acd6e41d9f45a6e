#include "dayu/center_action.h"

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"

namespace dayu::app {

Result<int> act_on_center(const CenterAction& action, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const wire::Json answer = TRY(connection.post(
        "/v1/centers/" + http::percent_encode(action.center) + "/" + action.action, action.body));
    if (is_structured(globals)) print_structured(globals, answer);
    remark(action.what + " " + action.done);
    return 0;
}

}  // namespace dayu::app
