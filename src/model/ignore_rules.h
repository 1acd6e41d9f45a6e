// What a folder leaves out, as .dayuignore says it: the words of .gitignore. One pattern a line; # begins
// a comment and \# a name; ! takes back what an earlier line left out; a / at the end means folders alone;
// a / elsewhere binds the pattern to where the file lies; * and ? stand for all but /, [a-z] for one of
// them, ** between slashes for any number of folders. Of several patterns that match the last one counts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dayu {

inline constexpr std::string_view ignore_file = ".dayuignore";
// What is left out of every folder, unless its .dayuignore says otherwise.
inline constexpr std::string_view ignored_anyway = ".git/\n.dayu*\n";

class IgnoreRules {
   public:
    static Result<IgnoreRules> parse(std::string_view text);

    // Of a path from the folder in which the rules lie; nothing where no pattern matches. What lies below
    // a folder that is left out is not to be asked for.
    std::optional<bool> ignores(std::string_view path, bool is_folder) const;

   private:
    struct Rule {
        std::vector<std::string>
            names;  // between its slashes; "**" stands for any number of folders
        bool takes_back = false;
        bool folders_alone = false;
    };
    static std::optional<Rule> parse_line(std::string_view line);

    std::vector<Rule> rules_;
};

}  // namespace dayu
