// The script as a job's `run`: it is written into the run directory and handed to its own interpreter, so
// that `$0`, line numbers in messages and any language are as under Slurm.
#include <algorithm>

#include "wire/slurm/draft.h"

namespace dayu::wire::slurm {
namespace {

constexpr std::string_view file_name = ".slurm/script";

// What only the centre knows.
constexpr std::string_view found_at_start =
    R"sh(export SLURM_JOB_ID="$DAYU_JOB_ID" SLURM_JOBID="$DAYU_JOB_ID"
export SLURM_SUBMIT_DIR="$PWD" SLURM_SUBMIT_HOST="$(uname -n)" SLURMD_NODENAME="$(uname -n)"
export SLURM_JOB_NODELIST="$SLURMD_NODENAME" SLURM_NODELIST="$SLURMD_NODENAME"
export SLURM_JOB_PARTITION="$DAYU_POOL" SLURM_CLUSTER_NAME="$DAYU_CENTER" SLURM_JOB_USER="$USER"
export SLURM_NODEID="${DAYU_RANK:-0}" SLURM_PROCID=0 SLURM_LOCALID=0 SLURM_JOB_START_TIME="$(date +%s)"
if [ "${DAYU_ATTEMPT:-1}" -gt 1 ]; then export SLURM_RESTART_COUNT="$((DAYU_ATTEMPT - 1))"; fi
)sh";

// What a task of an array finds beside that.
constexpr std::string_view found_in_array =
    R"sh(export SLURM_ARRAY_JOB_ID="$DAYU_ARRAY_ID" SLURM_ARRAY_TASK_ID="$DAYU_ARRAY_INDEX"
export SLURM_ARRAY_TASK_COUNT="$DAYU_ARRAY_TASKS"
)sh";

// What srun does inside a job of one node: the step's tasks as processes of this machine.
constexpr std::string_view srun_program = R"sh(#!/bin/sh
tasks=${SLURM_NTASKS:-1} label=
refuse() { echo "srun: $1; Dayu starts the tasks of a step on one machine" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case $1 in
    --) shift; break ;;
    -n | --ntasks) tasks=$2; shift 2 ;;
    -n*) tasks=${1#-n}; shift ;;
    --ntasks=*) tasks=${1#*=}; shift ;;
    -N1 | --nodes=1) shift ;;
    -N | --nodes) [ "$2" = 1 ] || refuse "$1 $2 is more than the node of this job"; shift 2 ;;
    -l | --label) label=yes; shift ;;
    -c | -G | -m | --cpus-per-task | --gpus | --gpus-per-task | --gpus-per-node | --gres | --mem | --mem-per-cpu | \
      --cpu-bind | --gpu-bind | --mem-bind | --distribution | --hint | --ntasks-per-node | -J | --job-name) shift 2 ;;
    -c* | -G* | -m* | -K* | -u | -J* | --unbuffered | --exclusive | --exact | --overlap | --export=ALL | --export=ALL,* | \
      --kill-on-bad-exit | --kill-on-bad-exit=* | --cpus-per-task=* | --gpus=* | --gpus-per-task=* | \
      --gpus-per-node=* | --gres=* | --mem=* | --mem-per-cpu=* | --cpu-bind=* | --gpu-bind=* | --mem-bind=* | \
      --distribution=* | --hint=* | --ntasks-per-node=* | --job-name=*) shift ;;
    -*) refuse "option $1 is not known" ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || refuse "no command"
case $tasks in '' | 0* | *[!0-9]*) refuse "\"$tasks\" is no number of tasks" ;; esac
export SLURM_STEP_ID=0 SLURM_NTASKS="$tasks" SLURM_NPROCS="$tasks" SLURM_STEP_NUM_TASKS="$tasks" SLURM_PROCID=0 SLURM_LOCALID=0
if [ "$tasks" = 1 ] && [ -z "$label" ]; then exec "$@"; fi
task=0 running=
while [ "$task" -lt "$tasks" ]; do
  if [ -n "$label" ]; then
    (
      exec 3>"${TMPDIR:-/tmp}/srun.$$.$task"
      { SLURM_PROCID=$task SLURM_LOCALID=$task "$@" 2>&1; echo $? >&3; } | sed "s/^/$task: /"
      code=$(cat "${TMPDIR:-/tmp}/srun.$$.$task"); rm -f "${TMPDIR:-/tmp}/srun.$$.$task"; exit "$code"
    ) &
  else
    SLURM_PROCID=$task SLURM_LOCALID=$task "$@" &
  fi
  running="$running $!" task=$((task + 1))
done
worst=0
for process in $running; do
  wait "$process"; code=$?
  [ "$code" -le "$worst" ] || worst=$code
done
exit "$worst"
)sh";

// A line that ends a here-document and does not stand in it.
std::string end_mark(std::string_view text) {
    std::string mark = "END_OF_SCRIPT";
    while (text.find(mark) != std::string_view::npos) mark += '_';
    return mark;
}

std::string write_file(std::string_view name, std::string_view content) {
    const std::string mark = end_mark(content);
    std::string text = "cat >" + std::string(name) + " <<'" + mark + "'\n";
    text += content;
    if (!content.ends_with('\n')) text += '\n';
    return text + mark + "\n";
}

// Whether a word of the text is one of MPI's: mpirun, OpenMPI, pmix; but not "compile".
bool speaks_of_mpi(std::string_view text) {
    std::string word;
    const auto is_of_mpi = [&] {
        return word.starts_with("mpi") || word.ends_with("mpi") || word.starts_with("pmi");
    };
    for (const char c : text) {
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9')) {
            word += lower;
        } else {
            if (is_of_mpi()) return true;
            word.clear();
        }
    }
    return is_of_mpi();
}

std::int64_t line_of(std::string_view text, std::string_view word) {
    const std::size_t at = std::min(text.find(word), text.size());
    return std::ranges::count(text.substr(0, at), '\n') + 1;
}

// Tasks that are processes of one machine find SLURM_PROCID, but no PMI.
void look_at_tasks(Draft& draft) {
    if (draft.env["SLURM_NTASKS"] == "1") return;
    const bool mpi = speaks_of_mpi(draft.script);
    add_unmapped(
        draft.job,
        {mpi ? Weight::error : Weight::note, "srun", line_of(draft.script, "srun"),
         draft.env["SLURM_NTASKS"] + " tasks",
         mpi ? "srun starts no MPI programs here: each task would believe that it is alone"
             : "srun starts the tasks as processes of one node, each with its SLURM_PROCID; there "
               "is no PMI, so that an MPI program would believe that it is alone",
         mpi ? "start them by mpirun" : ""});
}

}  // namespace

Interpreter interpreter_of(std::string_view script) {
    std::string_view line = script.substr(0, script.find('\n'));
    line.remove_prefix(std::min<std::size_t>(2, line.size()));
    const auto trim = [](std::string_view text) {
        const std::size_t first = text.find_first_not_of(" \t");
        if (first == text.npos) return std::string_view();
        return text.substr(first, text.find_last_not_of(" \t") - first + 1);
    };
    line = trim(line);
    const std::size_t space = std::min(line.find_first_of(" \t"), line.size());
    return {std::string(line.substr(0, space)), std::string(trim(line.substr(space)))};
}

bool Interpreter::is_shell() const {
    const std::string_view word = path.ends_with("/env") ? argument : path;
    const std::string_view name =
        word.substr(word.rfind('/') == word.npos ? 0 : word.rfind('/') + 1);
    constexpr std::string_view shells[] = {"sh", "bash", "dash", "zsh", "ksh", "csh", "tcsh"};
    return std::ranges::find(shells, name.substr(0, name.find(' '))) != std::end(shells);
}

Result<void> wrap_script(Draft& draft) {
    const Interpreter interpreter = interpreter_of(draft.script);
    if (!interpreter.path.starts_with('/')) {
        return invalid("script_malformed",
                       "line 1: the interpreter is a path from the root, as #!/bin/bash");
    }
    std::string run = "mkdir -p .slurm || exit 1\n";
    run += found_at_start;
    if (!draft.job.file.conditions.array.indices.empty()) run += found_in_array;
    if (draft.script.find("srun") != std::string_view::npos) {
        look_at_tasks(draft);
        run += write_file(".slurm/srun", srun_program);
        run += "chmod +x .slurm/srun\nexport PATH=\"$PWD/.slurm:$PATH\"\n";
    }
    run += write_file(file_name, draft.script);
    if (!draft.folder.empty()) run += "cd -- " + shell_quoted(draft.folder) + " || exit 1\n";
    run += "exec " + shell_quoted(interpreter.path) + " ";
    if (!interpreter.argument.empty()) run += shell_quoted(interpreter.argument) + " ";
    run += "\"$SLURM_SUBMIT_DIR/" + std::string(file_name) + "\"\n";
    draft.job.file.body.run = std::move(run);
    for (auto& [name, value] : draft.env) draft.job.file.body.env.insert({name, value});
    return {};
}

}  // namespace dayu::wire::slurm
