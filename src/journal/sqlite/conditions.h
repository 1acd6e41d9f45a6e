// What a list is asked for, as a WHERE clause with its values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "journal/sqlite/connection.h"
#include "journal/store.h"

namespace dayu::journal::sqlite {

// Grows by what is asked for. A list of values is one parameter, a JSON array, so that there are few texts
// to prepare.
class Conditions {
   public:
    using Value = std::variant<std::int64_t, std::string>;

    void add(std::string_view condition, std::vector<Value> values = {});
    void add_any(std::string_view column, const std::vector<std::string>& wanted);
    void add_any_number(std::string_view column, const std::vector<std::int64_t>& wanted);
    // "train-*" is every name that begins so.
    void add_any_name(const std::vector<std::string>& patterns);

    const std::string& text() const { return text_; }
    void bind(Statement& to) const;

   private:
    std::string text_;
    std::vector<Value> values_;
};

Conditions conditions_of(const JobQuery& query);
Conditions conditions_of(const AttemptQuery& query);

}  // namespace dayu::journal::sqlite
