// Reads answers of the server and says their values in the words of the tables. A key that is not there,
// as with an older server, reads as empty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dayu/table.h"
#include "wire/json.h"

namespace dayu::app {

std::string text(const wire::Json& object, std::string_view key);
std::int64_t number(const wire::Json& object, std::string_view key);
bool flag(const wire::Json& object, std::string_view key);
bool is_null(const wire::Json& object, std::string_view key);  // or not there
const wire::Json& member(const wire::Json& object, std::string_view key);
const wire::Json::Array& list(const wire::Json& object, std::string_view key);

// "12.340000" -> "12.34", "0.000123" -> "0.0001", "0.000009" -> "0.000009": what matters to people.
std::string short_decimal(const std::string& decimal, std::size_t most_decimals);
std::string yuan(const wire::Json& object, std::string_view key);
std::string kwh(const wire::Json& object);    // energy_kwh
std::string grams(const wire::Json& object);  // carbon_gco2e

std::string short_seconds(std::int64_t seconds);     // "45s", "2h", "1h30m"
std::string gibibytes(std::int64_t mebibytes);       // "64", "0.5"
std::string bytes(std::int64_t count);               // "0", "88K", "1.5G"
std::string local_time(const std::string& rfc3339);  // "11-23 16:00:07" in the zone of the reader
// "A100-80GB×8", "cpu"
std::string chips(const std::string& chip, std::int64_t chips_milli);
std::string join(const std::vector<std::string>& words, std::string_view separator);
std::vector<std::string> texts(const wire::Json& object, std::string_view key);

// Slurm's words for a job's state.
struct StateWord {
    std::string word;     // "RUNNING"
    std::string letters;  // "R"
    Color color = Color::none;
};
StateWord state_word(const wire::Json& job);
std::string exit_word(const wire::Json& job);  // "0:0", as Slurm: code:signal
std::string ran_for(const wire::Json& job);    // so far, or in all; empty: never
std::string job_note(const wire::Json& job);   // what the state does not say: "contact lost"

}  // namespace dayu::app
