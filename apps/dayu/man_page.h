// Man pages in roff, made from the table of verbs.
#pragma once

#include <string>
#include <vector>

#include "dayu/verb.h"

namespace dayu::app {

std::string page_name(const Verb& verb);  // "dayu-journal-check"
std::string man_page_of_all(const std::vector<Verb>& verbs);
std::string man_page(const Verb& verb);

}  // namespace dayu::app
