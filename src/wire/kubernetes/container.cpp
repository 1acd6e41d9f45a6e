// The container: its image, command, environment and mounts.
#include <algorithm>

#include "wire/kubernetes/draft.h"

namespace dayu::wire::kubernetes {
namespace {

constexpr std::string_view leave_out = "leave it out if the job does without";
constexpr std::string_view by_log = "what the job prints is its log";
constexpr std::string_view no_probe = "nobody probes a job; its time limit ends one that hangs";
constexpr std::string_view by_user = "a job runs as an unprivileged user of the centre";

Result<void> read_image(const YamlNode& node, Draft& draft) {
    draft.unmapped(Weight::note, node,
                   "images come later; the command runs in the centre's own environment",
                   "see that what it calls is there");
    return {};
}

Result<void> read_command(const YamlNode& node, Draft& draft) {
    draft.command = TRY(read_texts(node));
    draft.has_command = true;
    draft.came_from("run", node);
    return {};
}

Result<void> read_args(const YamlNode& node, Draft& draft) {
    draft.args = TRY(read_texts(node));
    return {};
}

Result<void> read_folder(const YamlNode& node, Draft& draft) {
    draft.folder = TRY(read_text(node));
    draft.unmapped(
        Weight::note, node,
        "the folder has to be there at the centre; the job ends at once where it is not");
    return {};
}

// --- environment

struct FieldWord {
    std::string_view path;
    std::string_view word;  // to the shell
};
constexpr FieldWord fields[] = {
    {"metadata.name", "\"$DAYU_JOB_NAME-$DAYU_ATTEMPT\""},
    {"metadata.uid", "\"$DAYU_FENCING_TOKEN\""},
    {"metadata.labels['job-name']", "\"$DAYU_JOB_NAME\""},
    {"metadata.labels['batch.kubernetes.io/job-name']", "\"$DAYU_JOB_NAME\""},
    {"spec.nodeName", "\"$(uname -n)\""},
    {"metadata.annotations['batch.kubernetes.io/job-completion-index']",
     "\"${DAYU_ARRAY_INDEX:-0}\""},
};

void read_value_from(const YamlNode& node, EnvEntry& entry, Draft& draft) {
    const YamlNode* field = node.find("fieldRef");
    const YamlNode* path = field == nullptr ? nullptr : field->find("fieldPath");
    const auto known =
        std::ranges::find(fields, path == nullptr ? "" : path->text, &FieldWord::path);
    if (known != std::end(fields)) {
        entry.runtime = known->word;
        return;
    }
    const bool secret = node.find("secretKeyRef") != nullptr;
    draft.unmapped(
        Weight::error, node,
        secret ? "the secrets of a cluster are not known here; secrets come later"
               : "it is known to the cluster alone",
        secret ? "let the program read a file that the centre keeps" : "write the value out");
}

Result<void> read_env(const YamlNode& node, Draft& draft) {
    TRY(expect_list(node));
    for (const YamlNode& item : node.children) {
        TRY(expect_map(item));
        const YamlNode* name = item.find("name");
        if (name == nullptr) return yaml_error(item, "value_missing", "the variable has no name");
        EnvEntry entry{.name = TRY(read_text(*name)), .value = {}, .runtime = {}};
        draft.came_from("env." + entry.name, *name);
        for (const YamlNode& key : item.children) {
            constexpr std::string_view known[] = {"name", "value", "valueFrom"};
            if (key.key == "value") {
                if (key.kind != YamlNode::Kind::null) entry.value = TRY(read_text(key));
            } else if (key.key == "valueFrom") {
                read_value_from(key, entry, draft);
            } else if (key.key != "name") {
                return key_unknown(key, known);
            }
        }
        draft.env.push_back(std::move(entry));
    }
    return {};
}

// --- resources

// The API takes extended resources in whole numbers.
Result<void> read_amount(const YamlNode& node, Draft& draft) {
    const std::int64_t milli = TRY(read_quantity_milli(node));
    const auto raise = [](std::optional<std::int64_t>& amount, std::int64_t to) {
        amount = std::max(amount.value_or(0), to);
    };
    if (node.key == "cpu") {
        raise(draft.cpu_milli, milli);
        draft.came_from("resources.cpus", node);
    } else if (node.key == "memory") {
        raise(draft.memory_bytes, milli / 1000 + (milli % 1000 != 0 ? 1 : 0));
        draft.came_from("resources.memory", node);
    } else if (node.key == "ephemeral-storage") {
        draft.unmapped(Weight::note, node, "room on local disks is not counted here");
    } else if (node.key.find('/') == std::string::npos) {
        draft.unmapped(Weight::error, node, "no such resource is known here",
                       std::string(leave_out));
    } else if (milli % 1000 != 0) {
        return yaml_error(node, "value_malformed",
                          "\"" + node.text.substr(0, 80) + "\" is not a whole number of devices");
    } else if (milli > 0) {
        Extended& extended = draft.extended[node.key];
        extended = {node.key, std::max(extended.count, milli / 1000), node};
    }
    return {};
}

Result<void> read_amounts(const YamlNode& node, Draft& draft) {
    TRY(expect_map(node));
    for (const YamlNode& amount : node.children) TRY(read_amount(amount, draft));
    return {};
}

constexpr Row resource_rows[] = {
    {"requests", read_amounts},
    {"limits", read_amounts},
    refused("claims", "devices are asked for by limits", leave_out),
};

Result<void> read_resources(const YamlNode& node, Draft& draft) {
    return read_rows(node, resource_rows, draft);
}

// --- mounts and rights

// Memory shared between a job's processes is there anyway; every other volume is missed.
Result<void> read_mounts(const YamlNode& node, Draft& draft) {
    TRY(expect_list(node));
    for (const YamlNode& mount : node.children) {
        TRY(expect_map(mount));
        const YamlNode* name = mount.find("name");
        const YamlNode* path = mount.find("mountPath");
        const std::string kind = name == nullptr ? "" : draft.volumes[name->text];
        if (path != nullptr && path->text == "/dev/shm" && (kind.empty() || kind == "emptyDir")) {
            draft.unmapped(Weight::note, mount, "shared memory is there without it");
            continue;
        }
        std::string why = "the volume (" + (kind.empty() ? "of its kind" : kind) + ")";
        why += path == nullptr ? "" : " at " + path->text.substr(0, 80);
        draft.unmapped(Weight::error, mount, why + " is not there at a centre",
                       kind == "emptyDir"
                           ? "use the job's own folder, where it starts, and leave the volume out"
                           : "name data by a path that the centre has");
    }
    return {};
}

Result<void> read_privileged(const YamlNode& node, Draft& draft) {
    if (TRY(read_flag(node))) {
        draft.unmapped(Weight::error, node, "no job runs with the rights of the host",
                       std::string(leave_out));
    }
    return {};
}

Result<void> read_capabilities(const YamlNode& node, Draft& draft) {
    TRY(expect_map(node));
    for (const YamlNode& key : node.children) {
        if (key.key == "add" && !is_empty(key)) {
            draft.unmapped(Weight::error, key, std::string(by_user), std::string(leave_out));
        } else {
            draft.unmapped(Weight::note, key, std::string(by_user));
        }
    }
    return {};
}

constexpr Row security_rows[] = {
    {"privileged", read_privileged},
    {"capabilities", read_capabilities},
    noted("allowPrivilegeEscalation", by_user),
    noted("readOnlyRootFilesystem", by_user),
    noted("runAsUser", by_user),
    noted("runAsGroup", by_user),
    noted("runAsNonRoot", by_user),
    noted("seccompProfile", by_user),
    noted("appArmorProfile", by_user),
    noted("seLinuxOptions", by_user),
    noted("procMount", by_user),
    noted("windowsOptions", by_user),
};

Result<void> read_security(const YamlNode& node, Draft& draft) {
    return read_rows(node, security_rows, draft);
}

Result<void> pass(const YamlNode&, Draft&) { return {}; }

constexpr Row container_rows[] = {
    {"name", pass},
    {"image", read_image},
    {"command", read_command},
    {"args", read_args},
    {"workingDir", read_folder},
    {"env", read_env},
    {"resources", read_resources},
    {"volumeMounts", read_mounts},
    {"securityContext", read_security},
    refused("envFrom", "it is known to the cluster alone", "write the variables out under env"),
    refused("volumeDevices", "a job gets no device of the host", leave_out),
    refused("lifecycle", "nothing runs beside a job", "let the command do it"),
    refused("restartPolicyRules", "retries are said by backoffLimit and podFailurePolicy",
            leave_out),
    noted("restartPolicy", "retries are said by backoffLimit and podFailurePolicy"),
    noted("imagePullPolicy", "images come later"),
    noted("ports", "a job has the network of its centre"),
    noted("livenessProbe", no_probe),
    noted("readinessProbe", no_probe),
    noted("startupProbe", no_probe),
    noted("resizePolicy", "a job keeps what it was given"),
    noted("terminationMessagePath", by_log),
    noted("terminationMessagePolicy", by_log),
    noted("stdin", "a job's standard input is empty"),
    noted("stdinOnce", "a job's standard input is empty"),
    noted("tty", "a job has no terminal"),
};

}  // namespace

Result<void> read_container(const YamlNode& node, Draft& draft) {
    return read_rows(node, container_rows, draft);
}

}  // namespace dayu::wire::kubernetes
