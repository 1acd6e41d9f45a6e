#include "wire/any_job_file.h"

#include "wire/kubernetes/job.h"
#include "wire/slurm/script.h"
#include "wire/yaml.h"

namespace dayu::wire {
namespace {

// A script may begin with any interpreter but ours: `#!/usr/bin/env dayu` heads a job file of Dayu.
bool is_script(std::string_view text) {
    const std::string_view first = text.substr(0, text.find('\n'));
    return first.starts_with("#!") && first.find("dayu") == std::string_view::npos;
}

// SBATCH lines at the top, and no interpreter: what sbatch refuses too.
bool lacks_shebang(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text.substr(first).starts_with("#SBATCH");
}

}  // namespace

Result<ReadJob> read_any_job_file(std::string_view text, const ChipNames& chips,
                                  const PreferWords& prefer) {
    if (text.size() <= max_job_file_bytes) {
        if (is_script(text)) return read_slurm_script(text, chips);
        if (lacks_shebang(text)) {
            return invalid("script_malformed",
                           "line 1: a batch script begins with its interpreter, as #!/bin/bash");
        }
        if (text.find("apiVersion") != std::string_view::npos) {
            const YamlNode root = TRY(parse_yaml(text));
            if (root.find("apiVersion") != nullptr) return read_kubernetes_job(root, chips);
        }
    }
    ReadJob job;
    job.file = TRY(parse_job_file(text, chips, prefer));
    return job;
}

}  // namespace dayu::wire
