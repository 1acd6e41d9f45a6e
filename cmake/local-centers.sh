# Starts a server and local centres of examples/centers, and stops them with all that they run. Sourced
# by ./quickstart and by tests that want real centres. `dayu` must be on PATH.

local_pids=()
local_data=

# Jobs run as another user where we are root, so their work must lie where that user can reach it.
work_root_of() {
    if [ "$(id -u)" = 0 ]; then
        echo "/var/tmp/dayu-$(printf %s "$1" | sha256sum | cut -c1-12)"
    else
        echo "$1/centers"
    fi
}

# start_local_centers DATA NAME...
start_local_centers() {
    local_data=$1
    shift
    mkdir -p "$local_data"
    refuse_a_second_one
    start_server
    local name
    for name in "$@"; do start_center "$name"; done
    wait_until_joined "$@"
}

refuse_a_second_one() {
    if command dayu --data "$local_data" ps >/dev/null 2>&1; then
        echo "A Dayu is running on $local_data already: stop it first (Ctrl-C there)." >&2
        exit 5
    fi
}

# On the usual port, or on any other where that is taken.
start_server() {
    local port=8620
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then port=0; fi
    rm -f "$local_data/address"
    command dayu server --data "$local_data" --listen "127.0.0.1:$port" 2>"$local_data/server.log" &
    local_pids+=($!)
    wait_for "the server" 30 test -s "$local_data/address" || show_log server
}

start_center() {
    local work
    work=$(work_root_of "$local_data")
    mkdir -p "$work/bin" "$local_data/agents"
    chmod 755 "$work" "$work/bin"
    install -m 755 build/release/bin/tang-lm "$work/bin/tang-lm"
    sed -e "s|@SERVER@|$(cat "$local_data/address")|" -e "s|@TOKEN_FILE@|$local_data/agent-token|" \
        -e "s|@WORK_ROOT@|$work/$1|" -e "s|@BIN@|$work/bin|" \
        "examples/centers/$1.yaml" >"$local_data/agents/$1.yaml"
    command dayu agent --config "$local_data/agents/$1.yaml" 2>"$local_data/agents/$1.log" &
    local_pids+=($!)
}

wait_until_joined() {
    wait_for "the centres" 30 all_joined "$@" || { tail -n 5 "$local_data"/agents/*.log >&2; exit 7; }
}

all_joined() {
    local joined name
    joined=$(command dayu --data "$local_data" centers -o json 2>/dev/null) || return 1
    for name in "$@"; do
        grep -q "\"name\": *\"$name\"" <<<"$joined" || return 1
    done
}

# wait_for WHAT SECONDS COMMAND...
wait_for() {
    local what=$1 deadline=$((SECONDS + $2))
    shift 2
    until "$@"; do
        if [ $SECONDS -ge $deadline ]; then
            echo "Waited in vain for $what." >&2
            return 1
        fi
        sleep 0.1
    done
}

show_log() {
    tail -n 20 "$local_data/$1.log" >&2
    exit 7
}

wait_for_interrupt() {
    while kill -0 "${local_pids[0]}" 2>/dev/null; do sleep 1 & wait $!; done
    show_log server
}

# Jobs outlive agents and servers by design: so they are cancelled first.
stop_local_centers() {
    local status=$? live
    trap - EXIT INT TERM
    if [ "${#local_pids[@]}" -gt 0 ]; then
        live=$(command dayu --data "$local_data" ps -o json 2>/dev/null |
            sed -n 's/.*"id": *\([0-9]*\).*/\1/p') || true
        # shellcheck disable=SC2086 # one word an id
        if [ -n "$live" ]; then
            echo "Cancelling what still runs ..." >&2
            command dayu --data "$local_data" cancel $live >/dev/null 2>&1 || true
            command dayu --data "$local_data" wait --timeout 40s $live >/dev/null 2>&1 || true
        fi
        kill "${local_pids[@]}" 2>/dev/null || true
        wait "${local_pids[@]}" 2>/dev/null || true
    fi
    exit "$status"
}
