#include "model/prefer.h"

namespace dayu {

const PreferWords& default_prefer_words() {
    static const PreferWords words = {
        {"balanced",
         {.wait_per_chip_hour = {1'000'000}, .carbon_per_kg = {100'000}},
         "our choice: 1 yuan a chip-hour waited; carbon at about the price of the national market"},
        {"cheapest",
         {.wait_per_chip_hour = {50'000}, .carbon_per_kg = {0}},
         "our choice: waiting counts just enough to break ties"},
        {"fastest",
         {.wait_per_chip_hour = {100'000'000}, .carbon_per_kg = {0}},
         "our choice: an hour of waiting outweighs any price on offer"},
        {"greenest",
         {.wait_per_chip_hour = {200'000}, .carbon_per_kg = {5'000'000}},
         "our choice: carbon at fifty times the market's price, which outweighs common price gaps"},
    };
    return words;
}

}  // namespace dayu
