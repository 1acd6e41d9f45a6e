#include "dayu/watch.h"

#include <cstdio>

#include "dayu/answers.h"
#include "dayu/outcome.h"
#include "dayu/output.h"
#include "dayu/screen.h"

namespace dayu::app {
namespace {

// What one look shows, an unreachable server included.
Result<std::string> frame(const Globals& globals, const std::string& title,
                          const std::function<Result<int>()>& look) {
    std::string head = local_time(to_string(system_clock().now())) + "  " + title;
    if (uses_color(globals)) head = colored(head, Color::faint);
    Result<int> code = 0;
    std::string text = captured([&] { code = look(); });
    if (!code.ok()) {
        if (code.error().kind != ErrorKind::unavailable) return code.error();
        text = code.error().message + "; trying again\n";
    }
    return head + "\n" + text;
}

}  // namespace

Result<int> watch(const Globals& globals, Duration every, const std::string& title,
                  const std::function<Result<int>()>& look) {
    if (!Screen::is_possible()) {
        while (true) {
            std::string text;
            if (is_structured(globals)) {
                Result<int> code = 0;
                text = captured([&] { code = look(); });
                if (!code.ok()) return code.error();
            } else {
                text = TRY(frame(globals, title, look)) + "\n";
            }
            std::fwrite(text.data(), 1, text.size(), stdout);
            if (std::fflush(stdout) != 0) return 0;  // nobody reads any more
            pause(every);
        }
    }
    const std::string first = TRY(frame(globals, title, look));  // its errors belong on the page
    Screen screen;
    screen.paint(first);
    while (screen.wait(every) != Screen::Wake::quit) {
        screen.paint(TRY(frame(globals, title, look)));
    }
    return 0;
}

}  // namespace dayu::app
