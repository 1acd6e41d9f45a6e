// A job file while it is read; private to the files that read one, each a section of it.
#pragma once

#include <map>
#include <string>

#include "wire/job_file.h"
#include "wire/yaml.h"

namespace dayu::wire::job_file {

// What is being read, and what it takes to understand it.
struct Draft {
    JobFile file;
    const ChipNames& chips;
    const PreferWords& prefer;
    const YamlNode* variants = nullptr;  // where the file has some
    // Read when all else is known: what else the job says decides whether they may stand there.
    const YamlNode* model = nullptr;
    const YamlNode* tokens = nullptr;
    const YamlNode* slo = nullptr;
    const YamlNode* accelerators = nullptr;
    const YamlNode* nodes = nullptr;
    const YamlNode* time_limit = nullptr;

    JobSpec& spec() { return file.spec; }
};

using Key = YamlKey<Draft>;

Result<void> comes_later(const YamlNode& node, Draft& draft);
Result<void> read_image(const YamlNode& node, Draft& draft);  // "" alone is taken

Result<void> read_variables(const YamlNode& node, std::map<std::string, std::string>& env);

// Of a node of the job, or of one of its variants.
struct Needs {
    Resources resources;
    const ChipNames& chips;
};
Result<void> read_accelerators(const YamlNode& node, Needs& needs);
Result<void> read_cpus(const YamlNode& node, Needs& needs);
Result<void> read_memory(const YamlNode& node, Needs& needs);

Result<void> read_resources(const YamlNode& node, Draft& draft);
Result<void> read_variants(const YamlNode& node, Draft& draft);
Result<void> read_work(Draft& draft);
Result<void> read_begin(const YamlNode& node, Draft& draft);
Result<void> read_deadline(const YamlNode& node, Draft& draft);
Result<void> read_hold(const YamlNode& node, Draft& draft);
Result<void> read_array(const YamlNode& node, Draft& draft);
Result<void> read_depends_on(const YamlNode& node, Draft& draft);
Result<void> read_data(const YamlNode& node, Draft& draft);

}  // namespace dayu::wire::job_file
