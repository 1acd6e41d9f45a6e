// The pod: what stands around its one container.
#include <algorithm>

#include "wire/kubernetes/draft.h"

namespace dayu::wire::kubernetes {
namespace {

constexpr std::string_view no_network = "a job has the network of its centre";
constexpr std::string_view host_access = "a job never gets the host's own";
constexpr std::string_view by_user = "a job runs as an unprivileged user of the centre";
constexpr std::string_view placed_by_cost = "Dayu places by cost, time and carbon over all pools";
constexpr std::string_view leave_out = "leave it out if the job does without";

Result<void> read_grace(const YamlNode& node, Draft& draft) {
    const std::int64_t grace_s = TRY(read_whole(node));
    draft.spec().checkpoint.grace =
        seconds(std::clamp<std::int64_t>(grace_s, -1, std::int64_t{1} << 40));
    draft.came_from("checkpoint.grace_s", node);
    return {};
}

Result<void> read_deadline(const YamlNode& node, Draft& draft) {
    draft.pod_deadline =
        seconds(std::clamp<std::int64_t>(TRY(read_whole(node)), 0, std::int64_t{1} << 40));
    draft.came_from("time_limit", node);
    return {};
}

// Never and OnFailure differ in where the next try runs; here it may be anywhere.
Result<void> read_restart_policy(const YamlNode& node, Draft&) {
    constexpr std::string_view known[] = {"Never", "OnFailure"};
    const std::string policy = TRY(read_text(node));
    return policy == known[0] || policy == known[1] ? Result<void>{} : word_unknown(node, known);
}

Result<void> read_containers(const YamlNode& node, Draft& draft) {
    TRY(expect_list(node));
    draft.containers = node.children.size();
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        if (i == 0) {
            TRY(read_container(node.children[i], draft));
            continue;
        }
        draft.unmapped(Weight::error, node.children[i],
                       "a job is one program; a second container has no place",
                       "let the first start it, or make a second job of it");
    }
    return {};
}

// A volume is refused where it is mounted; here it is only remembered what it is.
Result<void> read_volumes(const YamlNode& node, Draft& draft) {
    TRY(expect_list(node));
    for (const YamlNode& volume : node.children) {
        TRY(expect_map(volume));
        const YamlNode* name = volume.find("name");
        if (name == nullptr) return yaml_error(volume, "value_missing", "the volume has no name");
        std::string& kind = draft.volumes[name->text];
        for (const YamlNode& key : volume.children) {
            if (key.key != "name") kind = key.key;
        }
    }
    return {};
}

Result<void> pass(const YamlNode&, Draft&) { return {}; }

Result<void> read_class(const YamlNode& node, Draft& draft) {
    return read_priority_class(node, draft, draft.pod_priority);
}

constexpr Row security_rows[] = {
    noted("runAsUser", by_user),
    noted("runAsGroup", by_user),
    noted("runAsNonRoot", by_user),
    noted("fsGroup", by_user),
    noted("fsGroupChangePolicy", by_user),
    noted("supplementalGroups", by_user),
    noted("supplementalGroupsPolicy", by_user),
    noted("seccompProfile", by_user),
    noted("appArmorProfile", by_user),
    noted("seLinuxOptions", by_user),
    noted("seLinuxChangePolicy", by_user),
    noted("windowsOptions", by_user),
    refused("sysctls", "settings of the kernel are the centre's", leave_out),
};

Result<void> read_security(const YamlNode& node, Draft& draft) {
    return read_rows(node, security_rows, draft);
}

// True asks for more than a job gets; false is what it has.
Result<void> read_host_access(const YamlNode& node, Draft& draft) {
    if (TRY(read_flag(node))) {
        draft.unmapped(Weight::error, node, std::string(host_access), std::string(leave_out));
    }
    return {};
}

constexpr Row pod_rows[] = {
    {"containers", read_containers},
    {"restartPolicy", read_restart_policy},
    {"terminationGracePeriodSeconds", read_grace},
    {"activeDeadlineSeconds", read_deadline},
    {"nodeSelector", read_node_selector},
    {"affinity", read_affinity},
    {"volumes", pass},
    {"securityContext", read_security},
    {"hostPID", read_host_access},
    refused("nodeName", "it names a node of one cluster; Dayu chooses among many", "leave it out"),
    refused("initContainers", "what runs before the job comes later (`setup`)",
            "let the container's command do it first"),
    refused("ephemeralContainers", "a job is one program", leave_out),
    refused("resourceClaims", "devices are asked for by resources.limits", leave_out),
    refused("schedulingGates", "a job that is submitted may be placed", leave_out),
    refused("hostAliases", "names are those of the centre", leave_out),
    noted("hostNetwork", no_network),
    noted("hostIPC", "a job shares memory with its own processes"),
    noted("hostUsers", by_user),
    noted("hostname", no_network),
    noted("hostnameOverride", no_network),
    noted("subdomain", no_network),
    noted("setHostnameAsFQDN", no_network),
    noted("dnsPolicy", no_network),
    noted("dnsConfig", no_network),
    noted("enableServiceLinks", no_network),
    noted("shareProcessNamespace", "a job is one program"),
    noted("serviceAccountName", "a job gets no account of a cluster"),
    noted("serviceAccount", "a job gets no account of a cluster"),
    noted("automountServiceAccountToken", "a job gets no account of a cluster"),
    noted("imagePullSecrets", "images come later"),
    noted("schedulerName", placed_by_cost),
    noted("tolerations", placed_by_cost),
    noted("topologySpreadConstraints", placed_by_cost),
    {"priorityClassName", read_class},
    noted("priority", "a number says nothing beside those of other clusters",
          "name a class: low, normal, high or urgent"),
    noted("preemptionPolicy", "whom a job may stop follows from quotas and priority"),
    noted("runtimeClassName", "how a centre starts a job is its own affair"),
    noted("overhead", "how a centre starts a job is its own affair"),
    noted("readinessGates", "a job serves nobody"),
    noted("os", "every centre runs Linux"),
    noted("resources", "the container's own count"),
};

// Volumes first: the container's mounts ask what they are.
Result<void> read_pod(const YamlNode& node, Draft& draft) {
    const YamlNode* volumes = node.find("volumes");
    if (volumes != nullptr && !is_empty(*volumes)) TRY(read_volumes(*volumes, draft));
    return read_rows(node, pod_rows, draft);
}

Result<void> read_template_metadata(const YamlNode& node, Draft& draft) {
    draft.unmapped(Weight::note, node, "jobs have a name and no labels");
    return {};
}

constexpr Row template_rows[] = {
    {"metadata", read_template_metadata},
    {"spec", read_pod},
};

}  // namespace

Result<void> read_pod_template(const YamlNode& node, Draft& draft) {
    return read_rows(node, template_rows, draft);
}

}  // namespace dayu::wire::kubernetes
