// A JSON Schema checker for the words that api/openapi.yaml uses, and stricter than the standard in one
// point: a key of an object with `properties` that is not among them is an error. The contract says
// exactly what is there.
#pragma once

#include <string>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "wire/json.h"

namespace dayu::contract {

// The document, and what "#/..." in it points at.
YAML::Node load_contract();
YAML::Node resolve(const YAML::Node& root, YAML::Node node);

// What is wrong with `value`, each with its path; nothing when it is as the schema says.
std::vector<std::string> mismatches(const YAML::Node& root, const YAML::Node& schema,
                                    const wire::Json& value, const std::string& path = "");

// YAML of the document (an example) as JSON.
wire::Json to_json(const YAML::Node& node);

}  // namespace dayu::contract
