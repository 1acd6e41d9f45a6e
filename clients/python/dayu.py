"""A client of Dayu's API: submit jobs, follow them, ask why. One file, the standard library alone, Python 3.11.

    import dayu

    with dayu.Client() as client:
        job = client.submit({"name": "hello", "run": "echo hello"})
        for line in client.log_lines(job["id"], follow=True):
            print(line)
        sys.exit(dayu.exit_code_of(client.wait(job["id"])))

The server and the token are found as the command line finds them: what is passed here, the files of the data folder
`data`, DAYU_SERVER and DAYU_TOKEN, `./var`, and at last http://127.0.0.1:8620. The authority of a server that speaks TLS is
`ca_file` or DAYU_CA, and else one that this machine trusts.

Every refusal is an exception, an `Error` with the server's `kind` and `code` (docs/errors.md lists them) and the exit
code that the command line would give. What is worth another try (429, 503, a lost connection) is tried again with a
growing pause until `retry_for_s` is over; a submit carries an idempotency key, so that no try makes a second job.
A client may be used by many threads: each has a connection of its own.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import hashlib
import http.client
import json
import os
import pathlib
import posixpath
import random
import re
import secrets
import ssl
import threading
import time
import urllib.parse
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Literal, NamedTuple, NotRequired, TypedDict, TypeVar, cast

__all__ = [
    "Client", "Error", "InvalidError", "NotFoundError", "DeniedError", "ConflictError", "ExhaustedError",
    "UnavailableError", "InternalError", "WaitRanOut", "exit_code_of", "Job", "JobDetail", "JobFile", "JobState",
    "Submitted", "Offers", "Explanation", "Candidate", "Attempt", "Center", "Pool", "Chip", "Entry", "Unmapped",
    "AttemptOfJob", "Body", "PoolOfCenter", "Role", "Token", "NewToken", "Workdir", "Secret", "Hook", "HookRequest",
]

# --- generated from api/openapi.yaml by generate.py: do not edit
API_VERSION: Final = "0.1.0"
NoticeTopic = Literal["job_ended", "job_held", "center_lost", "center_back"]
HookKind = Literal["webhook", "wecom", "dingtalk", "feishu"]


class HookRequestFilter(TypedDict):
    """Which jobs of the project it is told of."""

    owner: NotRequired[str]
    name: NotRequired[str]
    failures_only: NotRequired[bool]


class HookRequest(TypedDict):
    kind: NotRequired[HookKind]
    url: str
    secret: NotRequired[str]
    events: NotRequired[list[NoticeTopic]]
    language: NotRequired[Literal["zh", "en"]]
    filter: NotRequired[HookRequestFilter]


class HookFilter(TypedDict):
    owner: str
    name: str
    failures_only: bool


Moment = str | None


class HookDelivery(TypedDict):
    """Since the server has started; null: it is suspended, or has just been set."""

    waiting: int
    delivered: int
    given_up: int
    failures: int
    failing_since: Moment
    last_delivered: Moment
    next_try: Moment
    last_error: str | None


class Hook(TypedDict):
    name: str
    kind: HookKind
    host: str
    events: list[NoticeTopic]
    language: Literal["zh", "en"]
    filter: HookFilter
    set: Moment
    by: str
    suspended: str | None
    changed: Moment
    delivery: HookDelivery | None


JobState = Literal[
    "PENDING", "HELD", "ACTIVE", "COMPLETED", "FAILED", "TIMEOUT", "OUT_OF_MEMORY", "CANCELLED", "DEADLINE"
]


Money = str


class HookNoticeDataJob(TypedDict):
    """As it was then; null where it is about a centre."""

    id: int
    name: str
    tenant: str
    project: str
    owner: str
    state: JobState
    code: int
    signal: int
    cause: str | None
    detail: str | None
    attempts: int
    center: str | None
    array: int | None
    array_index: int | None
    submitted: Moment
    started: Moment
    ended: Moment
    cost: Money
    path: str


class HookNoticeDataCenter(TypedDict):
    """null where it is about a job."""

    name: str
    title: str
    since: Moment


class HookNoticeData(TypedDict):
    seq: int
    test: bool
    job: HookNoticeDataJob | None
    center: HookNoticeDataCenter | None


class HookNotice(TypedDict):
    type: NoticeTopic
    timestamp: str
    data: HookNoticeData


class Problem(TypedDict):
    type: Literal["about:blank"]
    title: str
    status: int
    code: str
    detail: str
    field: NotRequired[str]


Kwh = str
Grams = str


class JobFileVariantsItem(TypedDict):
    accelerators: NotRequired[str]
    cpus: NotRequired[Any]
    memory: NotRequired[Any]
    nodes: NotRequired[int]
    time_limit: NotRequired[str]
    runtime: NotRequired[str]
    run: NotRequired[str]
    setup: NotRequired[str]
    env: NotRequired[dict[str, str]]


class JobFileModel(TypedDict):
    """What to train (with `tokens`) or to serve (with `slo`), in place of `resources`: the server gives the job a
    variant for each kind of chip and count that would do, each with the plan that is expected to be best there. A
    text is a known model's name. Sequence, batch, task and count are of a training."""

    name: NotRequired[str]
    config: NotRequired[dict[str, Any]]
    seq: NotRequired[int]
    gbs: NotRequired[int]
    task: NotRequired[Literal["pretrain", "finetune", "lora"]]
    precision: NotRequired[Literal["bf16", "fp8", "fp4", "int4"]]
    framework: NotRequired[str]
    chips: NotRequired[list[str] | str]
    count: NotRequired[int]


class JobFileSlo(TypedDict):
    """What the service of the `model` has to bear, and what it promises."""

    rate: float | str
    isl: int
    osl: int
    ttft_ms: NotRequired[float | str]
    tpot_ms: NotRequired[float | str]
    quantile: NotRequired[float | str]


class JobFileData(TypedDict):
    inputs: NotRequired[list[Any] | dict[str, Any] | str]
    outputs: NotRequired[list[str]]


class JobFileBilling(TypedDict):
    project: NotRequired[str]


class JobFile(TypedDict):
    """The job file of the guide. Every key has a default but `run`, which has to be there unless each variant has its
    own, or a `model` is to be trained or served."""

    name: NotRequired[str]
    kind: NotRequired[Literal["train", "finetune", "batch", "service", "notebook"]]
    nodes: NotRequired[int]
    resources: NotRequired[dict[str, Any]]
    run: NotRequired[str]
    setup: NotRequired[str]
    workdir: NotRequired[str]
    variants: NotRequired[list[JobFileVariantsItem]]
    model: NotRequired[str | JobFileModel]
    tokens: NotRequired[float | str]
    slo: NotRequired[JobFileSlo]
    secrets: NotRequired[list[str]]
    data: NotRequired[JobFileData]
    env: NotRequired[dict[str, str]]
    checkpoint: NotRequired[dict[str, Any]]
    retry: NotRequired[dict[str, Any]]
    time_limit: NotRequired[str]
    runtime: NotRequired[str]
    placement: NotRequired[dict[str, Any]]
    priority: NotRequired[Literal["low", "normal", "high", "urgent"]]
    preemptible: NotRequired[bool]
    billing: NotRequired[JobFileBilling]
    hold: NotRequired[bool]
    begin: NotRequired[str]
    deadline: NotRequired[str]
    array: NotRequired[str | int]
    depends_on: NotRequired[list[Any] | dict[str, Any] | str | int]


ContentDigest = str


class Workdir(TypedDict):
    manifest: ContentDigest
    files: int
    bytes: int


class ContentProgress(TypedDict):
    sha256: ContentDigest
    received: int
    complete: bool


Priority = Literal["low", "normal", "high", "urgent"]
Phase = Literal[
    "PLANNED", "STAGING", "DISPATCHING", "QUEUED_REMOTE", "RUNNING", "SUSPENDED", "COMPLETING", "ENDED"
] | None


Cause = Literal[
    "exited", "time_limit", "oom", "cancelled", "start_failed", "node_failed", "fenced", "moved", "requeued",
    "deadline", "preempted"
] | None


class Unmapped(TypedDict):
    """What a job file of Kubernetes or Slurm says that has no counterpart. A note is cosmetic, or kept in another way;
    an error would change what the job does or where it may run."""

    weight: Literal["note", "error"]
    key: str
    line: int
    value: str
    why: str
    advice: str


class Submitted(TypedDict):
    id: int
    tasks: int
    name: str
    seq: int
    replayed: bool
    unmapped: list[Unmapped]


class Job(TypedDict):
    id: int
    name: str
    tenant: str
    project: str
    owner: str
    kind: str
    nodes: int
    chip: str
    chips_milli: int
    state: JobState
    phase: Phase
    contact_lost: bool
    cancel_requested: bool
    attempt: int
    center: str
    submitted: Moment
    started: Moment
    ended: Moment
    code: int
    signal: int
    cause: Cause
    cost: Money
    array: int | None
    array_index: int | None
    begin: Moment
    deadline: Moment
    priority: Priority
    preemptible: bool
    detail: str


class Resources(TypedDict):
    """Of each node."""

    chip: str
    chips_milli: int
    cpus: int
    memory_mib: int


class Variant(TypedDict):
    """What is null is as the job has it."""

    chip: str
    chips_milli: int
    cpus: int
    memory_mib: int
    nodes: int | None
    time_limit_s: int | None
    runtime_s: int | None


class SpecCheckpoint(TypedDict):
    path: str
    signal: str
    grace_s: int


class SpecRetry(TypedDict):
    max: int
    on_exit: list[int]
    backoff_s: int


class SpecPlacement(TypedDict):
    wait_yuan_per_chip_hour: Money
    carbon_yuan_per_kg: Money
    regions: list[str]
    tiers: list[str]
    security_level: int
    data_class: str
    max_price: Money | None
    move_after_s: int | None


class SpecInputsItem(TypedDict):
    dataset: str
    bytes: int


class Spec(TypedDict):
    kind: str
    nodes: int
    resources: Resources
    variants: list[Variant]
    secrets: list[str]
    checkpoint: SpecCheckpoint
    retry: SpecRetry
    time_limit_s: int
    runtime_s: int | None
    placement: SpecPlacement
    inputs: list[SpecInputsItem]
    preemptible: bool


class JobDetailClaim(TypedDict):
    """Nodes that are kept for the job while it waits, because others are stopped for it."""

    center: str
    pool: str
    nodes: int
    chips_milli: int
    since: Moment
    until: Moment


class Attempt(TypedDict):
    number: int
    state: Phase
    center: str
    pool: str
    placed: Moment
    started: Moment
    ended: Moment
    cause: Cause
    code: int
    signal: int
    detail: str
    cpu_s: str
    peak_memory_mib: int
    price_at_most: Money
    cost: Money
    energy_kwh: Kwh
    carbon_gco2e: Grams
    table: int


class CandidateFinished(TypedDict):
    run_s: int
    price: Money
    energy_kwh: Kwh
    carbon_gco2e: Grams


class CandidateRefusal(TypedDict):
    code: str
    reason: str
    detail: str


class Candidate(TypedDict):
    """Price, energy and carbon are for the whole time limit, the most that they can come to."""

    center: str
    pool: str
    engine: str
    chip: str
    chips_milli: int
    variant: int | None
    start: Moment
    end: Moment
    wait_s: int
    run_s: int
    price: Money
    energy_kwh: Kwh
    carbon_gco2e: Grams
    bytes_moved: int
    finished: None | CandidateFinished
    objective: Money
    refusal: None | CandidateRefusal


class JobDetail(Job):
    body: str
    spec: Spec
    claim: JobDetailClaim | None
    workdir: Workdir | None
    attempts: list[Attempt]
    candidates: list[Candidate]
    chosen: int | None


class AttemptOfJob(Attempt):
    job: int


class Body(TypedDict):
    run: str
    setup: NotRequired[str]
    env: NotRequired[dict[str, str]]
    outputs: NotRequired[list[str]]
    variants: NotRequired[list[dict[str, Any]]]


Role = Literal["operator", "agent", "user", "viewer"]


class Token(TypedDict):
    id: str
    name: str
    role: Role
    centers: list[str]
    created: Moment
    by: str
    expires: Moment
    last_used: Moment


class NewToken(Token):
    token: str
    seq: int


class WorkPlan(TypedDict):
    """A parallel plan on so many chips of one kind. Its times hold 90 % of measurements whose evidence is the same."""

    chip: str
    chips: int
    plan: str
    evidence: str
    evidence_words: str
    run_s: int
    run_low_s: int
    run_high_s: int
    service: Any


class Offers(TypedDict):
    name: str
    spec: Spec
    policy: str
    at: Moment
    candidates: list[Candidate]
    chosen: int | None
    plans: list[WorkPlan]
    unmapped: list[Unmapped]


class ServiceForecast(TypedDict):
    """What a service is expected to keep for the part of its requests that its job names."""

    replicas: int
    ttft_us: int
    ttft_low_us: int
    ttft_high_us: int
    tpot_us: int
    tpot_low_us: int
    tpot_high_us: int


class RefusalCount(TypedDict):
    code: str
    tier: str
    centers: int
    pools: int


class ExplanationQueuesAheadItem(TypedDict):
    queue: str
    jobs: int


class Explanation(TypedDict):
    id: int
    name: str
    state: JobState
    phase: Phase
    contact_lost: bool
    reason: str
    can_ever_run: bool
    text: str
    ahead: int
    queues_ahead: list[ExplanationQueuesAheadItem]
    basis: str
    refusals: list[RefusalCount]
    centers: int
    start: Moment
    why_there: str
    hints: list[str]
    policy: str
    at: Moment
    candidates: list[Candidate]
    chosen: int | None
    attempts: list[Attempt]


class CenterEngine(TypedDict):
    kind: str
    fences_itself: bool
    enforces: list[str]
    lacks: list[str]


class CenterEnergy(TypedDict):
    pue: str
    grid_gco2e_per_kwh: Grams
    source: str


class CenterLink(TypedDict):
    rtt_us: int
    mbit_per_s: int
    price_per_gib: Money


class Pool(TypedDict):
    name: str
    chip: str
    nodes: int
    chips_per_node: int
    cpus_per_node: int
    memory_mib_per_node: int
    price_per_chip_hour: Money
    price_per_cpu_hour: Money
    chips_milli: int
    free_chips_milli: int
    cpus: int
    free_cpus: int
    memory_mib: int
    free_memory_mib: int
    running: int
    excluded_nodes: int


class NodeTrouble(TypedDict):
    pool: str
    node: int
    excluded: bool
    since: Moment
    reason: str
    failed_in_a_row: int


class CenterHealthDisksItem(TypedDict):
    path: str
    total_mib: int
    free_mib: int
    total_files: int
    free_files: int


class CenterHealth(TypedDict):
    """What the centre's agent last said of itself and its machine, and what the server saw of it. Kept in memory:
    after a start of the server it is unknown until the agent is heard. Null: an agent of an older version, or not
    known yet."""

    silent_s: int | None
    agent_version: str | None
    clock_ahead_ms: int | None
    round_trip_ms: int | None
    load_1m: str | None
    cpus: int | None
    memory_mib: int | None
    free_memory_mib: int | None
    disks: list[CenterHealthDisksItem]
    failed_starts_1h: int
    warnings: list[str]


class Center(TypedDict):
    name: str
    title: str
    tier: str
    region: str
    security_level: int
    contact: Literal["ok", "lost", "none"]
    contact_changed: Moment
    drained: bool
    drain_reason: str
    agent: str
    engine: CenterEngine
    energy: CenterEnergy
    link: CenterLink
    pools: list[Pool]
    nodes: list[NodeTrouble]
    health: CenterHealth


NodeName = str


class PoolOfCenter(Pool):
    center: str
    contact: Literal["ok", "lost", "none"]
    drained: bool


class Quota(TypedDict):
    """In thousandths of a chip, over all centres."""

    chip: str
    guaranteed_milli: int
    kept_milli: int
    limit_milli: int | None


class QuotaRequest(TypedDict):
    chip: str
    guaranteed_milli: NotRequired[int]
    kept_milli: NotRequired[int]
    limit_milli: NotRequired[int | None]


class QueueRequest(TypedDict):
    weight_milli: NotRequired[int]
    quotas: NotRequired[list[QuotaRequest]]


class QueueUseItem(TypedDict):
    chip: str
    used_milli: int


class Queue(TypedDict):
    path: str
    described: bool
    weight_milli: int
    quotas: list[Quota]
    use: list[QueueUseItem]
    waiting: int
    running: int
    used_per_hour: Money
    past_per_hour: Money
    share_per_hour: Money


class Dataset(TypedDict):
    name: str
    bytes: int
    centers: list[str]


class StepRatios(TypedDict):
    work: str
    chip: str
    framework: str
    attempts: int
    factor: str
    factor_low: str
    factor_high: str
    sum_ppm: int
    squares_ppm: int
    version: int


class PriceIndexPricesItem(TypedDict):
    center: str
    pool: str
    chip: str
    list_price: Money
    scarcity: Money
    total_milli: int
    free_milli: int
    wanted_milli: int


class PriceIndex(TypedDict):
    at: Moment
    jobs: int
    value: Money
    bound: Money
    prices: list[PriceIndexPricesItem]


class Secret(TypedDict):
    name: str
    variable: str
    set: Moment
    by: str


class Chip(TypedDict):
    name: str
    vendor: str
    aliases: list[str]
    memory_mib: int
    power_w: int
    fp16_gflops: int
    source: str
    confidence: str


class Certificate(TypedDict):
    """What new connections get over TLS; `null` stands for plain HTTP. Renewed files are taken within seconds."""

    serial: str
    names: list[str]
    begins: Moment
    ends: Moment
    refused: str | None


class Entry(TypedDict):
    """An entry of the journal, byte for byte in RFC 8785 form; `prev` is the SHA-256 of its predecessor's bytes."""

    actor: str
    at: str
    data: dict[str, Any]
    prev: str
    project: str
    seq: int
    tenant: str
    type: str
    v: int


class PipeNext(TypedDict):
    next: int


class Done(TypedDict):
    seq: int


class ListJobsAnswer(TypedDict):
    jobs: list[Job]
    next: int | None


class SubmitJobsAnswerResultsItem(TypedDict):
    error: Problem


class SubmitJobsAnswer(TypedDict):
    results: list[Submitted | SubmitJobsAnswerResultsItem]


class ListOutputsAnswerOutputsItem(TypedDict):
    path: str
    bytes: int
    sha256: str


class ListOutputsAnswer(TypedDict):
    attempt: int
    ended: Moment
    detail: str
    outputs: list[ListOutputsAnswerOutputsItem]


class ReachJobAnswer(TypedDict):
    session: str
    attempt: int
    center: str


class ListCentersAnswer(TypedDict):
    centers: list[Center]


class ListPoolsAnswer(TypedDict):
    pools: list[PoolOfCenter]


class ListQueuesAnswer(TypedDict):
    queues: list[Queue]
    next: str | None


class ListDatasetsAnswer(TypedDict):
    datasets: list[Dataset]


class ListStepRatiosAnswer(TypedDict):
    ratios: list[StepRatios]


class ListSecretsAnswer(TypedDict):
    secrets: list[Secret]


class FindMissingContentsAnswer(TypedDict):
    missing: list[ContentProgress]


class TakeContentsAnswer(TypedDict):
    contents: list[ContentProgress]


class ListHooksAnswer(TypedDict):
    hooks: list[Hook]


class SetHookAnswer(TypedDict):
    seq: int
    secret: str | None


class TestHookAnswer(TypedDict):
    delivered: bool
    status: int | None
    error: str | None
    took_ms: int


class ListChipsAnswer(TypedDict):
    chips: list[Chip]


class ListAttemptsAnswer(TypedDict):
    attempts: list[AttemptOfJob]
    next: str | None


class ListTokensAnswer(TypedDict):
    tokens: list[Token]


class DescribeServerAnswer(TypedDict):
    version: str
    certificate: Certificate | None


class IsAliveAnswer(TypedDict):
    status: Literal["ok"]


class IsReadyAnswer(TypedDict):
    status: Literal["ready"]


class GetVersionAnswer(TypedDict):
    version: str
    api: str


OPERATIONS: Final[dict[str, tuple[str, str]]] = {
    "listJobs": ("GET", "/v1/jobs"),
    "submitJob": ("POST", "/v1/jobs"),
    "submitJobs": ("POST", "/v1/jobs:batch"),
    "describeJob": ("GET", "/v1/jobs/{id}"),
    "cancelJob": ("POST", "/v1/jobs/{id}/cancel"),
    "holdJob": ("POST", "/v1/jobs/{id}/hold"),
    "releaseJob": ("POST", "/v1/jobs/{id}/release"),
    "requeueJob": ("POST", "/v1/jobs/{id}/requeue"),
    "cancelArray": ("POST", "/v1/arrays/{id}/cancel"),
    "holdArray": ("POST", "/v1/arrays/{id}/hold"),
    "releaseArray": ("POST", "/v1/arrays/{id}/release"),
    "requeueArray": ("POST", "/v1/arrays/{id}/requeue"),
    "explainJob": ("GET", "/v1/jobs/{id}/explain"),
    "waitForJob": ("GET", "/v1/jobs/{id}/wait"),
    "readLog": ("GET", "/v1/jobs/{id}/log"),
    "listOutputs": ("GET", "/v1/jobs/{id}/outputs"),
    "reachJob": ("POST", "/v1/jobs/{id}/reach"),
    "writeReach": ("POST", "/v1/reach/{session}/in"),
    "readReach": ("GET", "/v1/reach/{session}/out"),
    "closeReach": ("POST", "/v1/reach/{session}/close"),
    "weighJob": ("POST", "/v1/offers"),
    "listCenters": ("GET", "/v1/centers"),
    "describeCenter": ("GET", "/v1/centers/{name}"),
    "fenceCenter": ("POST", "/v1/centers/{name}/fence"),
    "drainCenter": ("POST", "/v1/centers/{name}/drain"),
    "resumeCenter": ("POST", "/v1/centers/{name}/resume"),
    "listPools": ("GET", "/v1/pools"),
    "excludeNode": ("POST", "/v1/centers/{name}/exclude"),
    "includeNode": ("POST", "/v1/centers/{name}/include"),
    "listQueues": ("GET", "/v1/queues"),
    "describeQueue": ("GET", "/v1/queues/{path}"),
    "setQueue": ("PUT", "/v1/queues/{path}"),
    "removeQueue": ("DELETE", "/v1/queues/{path}"),
    "listDatasets": ("GET", "/v1/datasets"),
    "describeDataset": ("GET", "/v1/datasets/{name}"),
    "setDataset": ("PUT", "/v1/datasets/{name}"),
    "removeDataset": ("DELETE", "/v1/datasets/{name}"),
    "listPrices": ("GET", "/v1/prices"),
    "listStepRatios": ("GET", "/v1/step-ratios"),
    "listSecrets": ("GET", "/v1/secrets"),
    "describeSecret": ("GET", "/v1/secrets/{name}"),
    "setSecret": ("PUT", "/v1/secrets/{name}"),
    "removeSecret": ("DELETE", "/v1/secrets/{name}"),
    "findMissingContents": ("POST", "/v1/contents:missing"),
    "takeContents": ("POST", "/v1/contents"),
    "listHooks": ("GET", "/v1/hooks"),
    "setHook": ("PUT", "/v1/hooks/{name}"),
    "removeHook": ("DELETE", "/v1/hooks/{name}"),
    "resumeHook": ("POST", "/v1/hooks/{name}/resume"),
    "testHook": ("POST", "/v1/hooks/{name}/test"),
    "listChips": ("GET", "/v1/chips"),
    "describeChip": ("GET", "/v1/chips/{name}"),
    "listAttempts": ("GET", "/v1/attempts"),
    "describeAttempt": ("GET", "/v1/attempts/{job}/{number}"),
    "readBody": ("GET", "/v1/bodies/{digest}"),
    "listTokens": ("GET", "/v1/tokens"),
    "createToken": ("POST", "/v1/tokens"),
    "revokeToken": ("DELETE", "/v1/tokens/{token}"),
    "describeServer": ("GET", "/v1/server"),
    "readEvents": ("GET", "/v1/events"),
    "isAlive": ("GET", "/healthz"),
    "isReady": ("GET", "/readyz"),
    "readMetrics": ("GET", "/metrics"),
    "getVersion": ("GET", "/v1/version"),
}


# --- end of what is generated

DEFAULT_SERVER: Final = "http://127.0.0.1:8620"
DEFAULT_DATA_FOLDER: Final = "./var"
MOST_JOBS_A_BATCH: Final = 1000
MOST_CONTENTS_ASKED: Final = 5000
MOST_PIECES_A_BODY: Final = 1000
MOST_BYTES_A_BODY: Final = 4 << 20
MOST_BYTES_A_BATCH: Final = 4 << 20  # the server takes 8 MiB
LEAST_GZIP_BYTES: Final = 1024
LONGEST_POLL_S: Final = 30
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 3.0
BEARS_SILENCE_S: Final = 120.0  # while waiting or following
PART_SUFFIX: Final = ".dayu-part"  # of a file that is still being copied
PIECE_BYTES: Final = 256 * 1024
CHECK_EVERY_BYTES: Final = 4 << 20  # whether what is copied in was refused meanwhile
LOST_CHANNEL: Final = frozenset({"reach_session_unknown", "reach_closed", "reach_offset_wrong"})
STREAM_SILENCE_S: Final = 45.0  # a stream has a heartbeat every 15 s
POLL_MARGIN_S: Final = 15.0  # past what the server was asked to hold an answer back
LOG_MARGIN_S: Final = 40.0  # the centre's agent is asked, too
# Limits that do not pass by themselves, though they answer 429.
LASTING: Final = frozenset({"job_file_too_large", "file_too_large", "body_too_large", "response_too_large"})
# What OpenSSL finds wrong in a certificate; any other verdict means an authority that is not trusted.
VERDICTS: Final = {9: "tls_not_yet_valid", 10: "tls_expired", 62: "tls_wrong_name", 64: "tls_wrong_name"}

JobInput = JobFile | Mapping[str, Any] | str | bytes | os.PathLike[str]
Filter = str | int | Sequence[str] | Sequence[int] | None  # one value or several; None: all
_T = TypeVar("_T")


class Error(Exception):
    """What the server, or the way to it, refused."""

    kind = "internal"
    exit_code = 8

    def __init__(self, code: str, detail: str, *, status: int = 0, field: str | None = None) -> None:
        super().__init__(f"{detail} ({code})")
        self.code = code  # stable; docs/errors.md lists them
        self.detail = detail
        self.status = status  # of HTTP; 0: no answer came
        self.field = field  # the key of the input that is wrong, where it is known


class InvalidError(Error):
    """The input is wrong; the same input will never do."""

    kind, exit_code = "invalid", 2


class NotFoundError(Error):
    """No such thing, or none that the caller may see."""

    kind, exit_code = "not_found", 3


class DeniedError(Error):
    """Not authenticated, or not allowed."""

    kind, exit_code = "denied", 4


class ConflictError(Error):
    """Right in itself, at odds with the present state."""

    kind, exit_code = "conflict", 5


class ExhaustedError(Error):
    """A limit, quota or budget is used up."""

    kind, exit_code = "exhausted", 6


class UnavailableError(Error):
    """Try again later. The client did, until its time for that was over."""

    kind, exit_code = "unavailable", 7


class InternalError(Error):
    """The server's own fault."""


class WaitRanOut(Error):
    """A wait ended before the job did; `job` is the job as it is."""

    kind, exit_code = "unavailable", 124

    def __init__(self, job: Job, timeout_s: float) -> None:
        super().__init__("wait_ran_out", f"job {job['id']} is {job['state']} after {timeout_s:g} s")
        self.job = job


# Of what a centre's file server refuses, those that are no conflict.
KINDS_OF_CENTRES: Final[dict[str, type[Error]]] = {
    "file_not_found": NotFoundError, "attempt_not_kept": NotFoundError, "no_files_left": NotFoundError,
    "center_unknown": NotFoundError, "path_outside": DeniedError, "file_denied": DeniedError,
    "disk_full": ExhaustedError, "too_many_reach_sessions": ExhaustedError, "content_differs": UnavailableError,
    "file_word_unknown": UnavailableError, "attempt_not_started": UnavailableError, "node_unknown": InvalidError,
}


def exit_code_of(job: Job) -> int:
    """The job's own code, 128 + signal when it was killed, and 1 when the platform ended it."""
    if job["state"] == "COMPLETED":
        return 0
    if job["cause"] not in ("exited", "oom", "time_limit"):
        return 1
    return ((128 + job["signal"] if job["signal"] > 0 else job["code"]) & 0xFF) or 1


class Client:
    """A server and a caller's token. Use it in a `with`, or call `close()`."""

    def __init__(
        self,
        server: str | None = None,
        token: str | None = None,
        *,
        data: str | os.PathLike[str] | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        timeout_s: float = 30.0,
        retry_for_s: float = 30.0,
    ) -> None:
        self.server, self._token = _find_target(server, token, data)
        self.timeout_s = timeout_s
        self.retry_for_s = retry_for_s
        url = urllib.parse.urlsplit(self.server)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise InvalidError("server_url_malformed", f"{self.server!r} is no address such as {DEFAULT_SERVER}")
        self._host, self._port, self._prefix = url.hostname, url.port, url.path.rstrip("/")
        self._tls: ssl.SSLContext | None = None
        if url.scheme == "https":
            self._tls = _tls_context(ca_file or os.environ.get("DAYU_CA"))
        elif ca_file is not None:
            raise InvalidError("server_url_malformed", f"ca_file is for https, and the server is {self.server}")
        # Loopback has bytes enough, and a network may not.
        self._packs = url.hostname != "localhost" and not url.hostname.startswith("127.") and url.hostname != "::1"
        self._own = threading.local()
        self._lock = threading.Lock()
        self._connections: list[http.client.HTTPConnection] = []

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"dayu.Client({self.server!r})"  # and never the token

    def close(self) -> None:
        """Closes every connection, those of other threads too."""
        with self._lock:
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()
        self._own = threading.local()

    # --- jobs

    def submit(
        self, job: JobInput, *, key: str | None = None, workdir: str | os.PathLike[str] | None = None
    ) -> Submitted:
        """Submits a job file: a dict, the text of one (Dayu's, Kubernetes' or Slurm's), or the path of one.

        Returns when it is on disk. The same `key` never makes a second job, not even from another process; without
        one, each call is a job of its own, however often it had to be tried. `workdir` is the folder that the job
        takes along: it is uploaded first, and the job file names it too.
        """
        if isinstance(job, Mapping) and workdir is not None:
            job = cast("Mapping[str, Any]", {**job, "workdir": "sha256:" + self.upload(workdir)["manifest"]})
            workdir = None
        query = {} if workdir is None else {"workdir": self.upload(workdir)["manifest"]}
        body, media = _job_body(job)
        headers = {"Content-Type": media, "Idempotency-Key": key or secrets.token_hex(16)}
        return cast(Submitted, self._json("submitJob", query=query, body=body, headers=headers, repeatable=True))

    def upload(self, folder: str | os.PathLike[str]) -> Workdir:
        """Uploads what its .dayuignore leaves of a folder; what the server has is not sent again.

        The manifest that it returns names the folder as it is now: `"workdir": "sha256:" + manifest` in a job.
        """
        root = pathlib.Path(folder)
        entries = _workdir_entries(root)
        manifest = "dayu-workdir 1\n".encode() + b"".join(line for _, line, _, _ in entries)
        digest = hashlib.sha256(manifest).hexdigest()
        sources: dict[str, bytes | pathlib.Path] = {digest: manifest}
        sizes = {digest: len(manifest)}
        for name, _, sha256, size in entries:
            if sha256:
                sources[sha256], sizes[sha256] = root / os.fsdecode(name), size
        files = [size for _, _, sha256, size in entries if sha256]
        self._send_contents(sources, sizes)
        return {"manifest": digest, "files": len(files), "bytes": sum(files)}

    def _send_contents(self, sources: Mapping[str, bytes | pathlib.Path], sizes: Mapping[str, int]) -> None:
        body: list[bytes] = []
        size = 0

        def flush() -> None:
            nonlocal size
            if body:
                headers = {"Content-Type": "application/octet-stream"}
                self._json("takeContents", body=b"".join(body), headers=headers, repeatable=True)
            body.clear()
            size = 0

        digests = list(sources)
        for first in range(0, len(digests), MOST_CONTENTS_ASKED):
            names = digests[first:first + MOST_CONTENTS_ASKED]
            wanted = [{"sha256": name, "bytes": sizes[name]} for name in names]
            question = json.dumps({"contents": wanted}).encode()
            for content in self._json("findMissingContents", body=question, repeatable=True)["missing"]:
                sha256, offset = content["sha256"], content["received"]
                total = sizes[sha256]
                while True:
                    part = _read_part(sources[sha256], offset, min(total - offset, MOST_BYTES_A_BODY))
                    if size + len(part) > MOST_BYTES_A_BODY or len(body) >= 2 * MOST_PIECES_A_BODY:
                        flush()
                    body += [f"{sha256} {offset} {total} {len(part)}\n".encode(), part]
                    size += len(part)
                    offset += len(part)
                    if offset >= total:
                        break
                    if not part:
                        raise ConflictError("workdir_changed", f"{sources[sha256]!r} changed while it was uploaded")
        flush()

    def submit_many(
        self, jobs: Iterable[JobFile | Mapping[str, Any]], *, key: str | None = None
    ) -> list[Submitted | Error]:
        """Submits many jobs, up to a thousand in one transaction. Returns what became of each, in their order."""
        results: list[Submitted | Error] = []
        key = key or secrets.token_hex(16)
        for number, chunk in enumerate(_chunks(jobs)):
            headers = {"Content-Type": "application/json", "Idempotency-Key": f"{key}.{number}"}
            answer = self._json("submitJobs", body=chunk, headers=headers, repeatable=True)
            for each in answer["results"]:
                results.append(_error_of(each["error"]) if "error" in each else cast(Submitted, each))
        return results

    def offers(self, job: JobInput) -> Offers:
        """Where the job could run, when and for how much, and why not elsewhere; submits nothing."""
        body, media = _job_body(job)
        return cast(Offers, self._json("weighJob", body=body, headers={"Content-Type": media}, repeatable=True))

    def jobs(
        self, *, all: bool = False, state: JobState | Sequence[JobState] | None = None, array: int | None = None,
        kind: Filter = None, center: Filter = None, name: Filter = None, user: Filter = None, project: Filter = None,
        since: str | None = None, page_size: int = 100,
    ) -> Iterator[Job]:
        """Jobs, newest first; those that have ended with `all`, or where `state` names theirs. A filter is one value or
        several; `name="sweep-*"` is every name that begins so, `since` a time in RFC 3339. Pages are fetched as they are
        needed."""
        before: int | None = None
        while True:
            query = {"all": "true" if all else None, "state": _values(state), "kind": _values(kind),
                     "center": _values(center), "name": _values(name), "user": _values(user),
                     "project": _values(project), "since": since, "array": array, "limit": page_size, "before": before}
            page = cast(ListJobsAnswer, self._json("listJobs", query=query))
            yield from page["jobs"]
            before = page["next"]
            if before is None:
                return

    def attempts(
        self, *, job: int | None = None, center: Filter = None, state: Filter = None, page_size: int = 100
    ) -> Iterator[AttemptOfJob]:
        """What ran where, from the newest job, and of each from its latest attempt."""
        before: str | None = None
        while True:
            query = {"job": job, "center": _values(center), "state": _values(state), "limit": page_size,
                     "before": before}
            page = cast(ListAttemptsAnswer, self._json("listAttempts", query=query))
            yield from page["attempts"]
            before = page["next"]
            if before is None:
                return

    def attempt(self, job: int, number: int) -> AttemptOfJob:
        """One attempt of a job."""
        return cast(AttemptOfJob, self._json("describeAttempt", path={"job": job, "number": number}))

    def body(self, digest: str) -> Body:
        """What a job was given to run, by its `body`; a `NotFoundError` with the code body_erased when it was erased."""
        return cast(Body, self._json("readBody", path={"digest": digest}))

    def job(self, job: int) -> JobDetail:
        """Everything about one job."""
        return cast(JobDetail, self._json("describeJob", path={"id": job}))

    def wait(self, job: int, *, timeout_s: float | None = None) -> Job:
        """Waits until the job has ended, over restarts of the server too; `WaitRanOut` when the time was too short."""
        begin = heard = time.monotonic()
        while True:
            left = LONGEST_POLL_S if timeout_s is None else timeout_s - (time.monotonic() - begin)
            poll_s = max(0, min(LONGEST_POLL_S, int(left + 0.999)))
            try:
                seen = cast(Job, self._json("waitForJob", path={"id": job}, query={"timeout_s": poll_s},
                                            timeout_s=poll_s + POLL_MARGIN_S))
                heard = time.monotonic()
            except UnavailableError:
                if time.monotonic() - heard > BEARS_SILENCE_S:
                    raise
                time.sleep(LONGEST_PAUSE_S)
                continue
            if seen["ended"] is not None:
                return seen
            if timeout_s is not None and time.monotonic() - begin >= timeout_s:
                raise WaitRanOut(seen, timeout_s)

    # These return a sequence number: events after it are what followed. With `whole_array` the id stands for all tasks
    # of an array, and those that it does not suit are passed over. With `if_match`, from `job_tag` or `array_tag`, the
    # change is made only if the job, or every task, is as it was then, and is a ConflictError `precondition_failed` if not.

    def job_tag(self, job: int) -> str:
        """What stands for the job as it is now, for `if_match`."""
        return str(self._request("describeJob", path={"id": job}).headers["ETag"])

    def array_tag(self, array: int) -> str:
        """What stands for all tasks of the array as they are now, for `if_match` with `whole_array`."""
        return str(self._request("listJobs", query={"array": array, "limit": 1}).headers["ETag"])

    def _change(self, operation: str, job: int, if_match: str | None) -> int:
        headers = {} if if_match is None else {"If-Match": if_match}
        return self._done(operation, path={"id": job}, headers=headers)

    def cancel(self, job: int, *, whole_array: bool = False, if_match: str | None = None) -> int:
        """Ends a job that waits, and asks one that runs to stop."""
        return self._change("cancelArray" if whole_array else "cancelJob", job, if_match)

    def hold(self, job: int, *, whole_array: bool = False, if_match: str | None = None) -> int:
        """Holds a waiting job back until it is released."""
        return self._change("holdArray" if whole_array else "holdJob", job, if_match)

    def release(self, job: int, *, whole_array: bool = False, if_match: str | None = None) -> int:
        """Lets a held job go."""
        return self._change("releaseArray" if whole_array else "releaseJob", job, if_match)

    def requeue(self, job: int, *, whole_array: bool = False, if_match: str | None = None) -> int:
        """Stops a placed job and places it anew, from its checkpoint where it keeps one."""
        return self._change("requeueArray" if whole_array else "requeueJob", job, if_match)

    def explain(self, job: int) -> Explanation:
        """Why the job waits, runs where it runs, or ended."""
        return cast(Explanation, self._json("explainJob", path={"id": job}))

    def logs(
        self, job: int, *, follow: bool = False, attempt: int = 0, node: int = 0, offset: int = 0
    ) -> Iterator[bytes]:
        """What an attempt wrote, byte for byte, in pieces. `attempt` 0 is the latest; a negative `offset` counts from
        the end. With `follow` it goes on until the attempt has ended, and over retries until the job has."""
        if not follow:
            yield from self._attempt_log(job, attempt, node, offset, follow=False)
            return
        at, lines_begin = attempt, offset
        heard = time.monotonic()
        while True:
            seen = self._json("waitForJob", path={"id": job}, query={"timeout_s": 0})
            latest: int = seen["attempt"]
            if at == 0:
                at = latest
            if 0 < at <= latest:
                yield from self._attempt_log(job, at, node, lines_begin, follow=True)
                if at == attempt:
                    return
                at, lines_begin, heard = at + 1, 0, time.monotonic()
            elif seen["ended"] is not None:
                return
            else:
                time.sleep(0.3 if time.monotonic() - heard < 10 else 1.0)

    def log_lines(
        self, job: int, *, follow: bool = False, attempt: int = 0, node: int = 0, offset: int = 0
    ) -> Iterator[str]:
        """The log in lines, without their ends; bytes that are not UTF-8 become U+FFFD."""
        decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        rest = ""
        for piece in self.logs(job, follow=follow, attempt=attempt, node=node, offset=offset):
            *lines, rest = (rest + decode(piece)).split("\n")
            yield from lines
        rest += decode(b"", True)
        if rest:
            yield rest

    # --- files of jobs

    def outputs(self, job: int, *, attempt: int = 0) -> ListOutputsAnswer:
        """What an attempt has left in its data.outputs, with sizes and digests; 0 is the latest that has ended."""
        return cast(ListOutputsAnswer, self._json("listOutputs", path={"id": job}, query={"attempt": attempt}))

    def copy_out(
        self, job: int, remote: str, local: str | os.PathLike[str], *, node: int = 0, attempt: int = 0
    ) -> pathlib.Path:
        """Copies a file, or what is in a folder, out of a job's run directory: while it runs, and as long as its centre
        keeps it. `local` is the folder, or the file; a folder that is there takes a file under its own name. What is
        there at the end has the digest that it has at the centre; a copy that broke off goes on where it was."""
        with _RemoteFiles(self, job, node, attempt) as files:
            to = pathlib.Path(local)
            status = files.status(remote)
            if status.kind == "d":
                files.copy_folder_out(remote.rstrip("/"), to)
                return to
            to = to / posixpath.basename(remote) if to.is_dir() else to
            files.copy_file_out(remote, to)
            return to

    def copy_in(
        self, job: int, local: str | os.PathLike[str], remote: str, *, node: int = 0, attempt: int = 0
    ) -> None:
        """Copies a file, or a folder with all below it, into a job's run directory; `remote` is its name there, or ends
        with a slash and is the folder that takes it. A file is there whole, or as it was before."""
        here = pathlib.Path(local)
        to = remote + here.resolve().name if remote.endswith("/") or not remote else remote
        with _RemoteFiles(self, job, node, attempt) as files:
            if here.is_dir():
                files.copy_folder_in(here, to)
            else:
                files.copy_file_in(here, to)

    def _attempt_log(self, job: int, attempt: int, node: int, offset: int, *, follow: bool) -> Iterator[bytes]:
        heard = time.monotonic()
        wait_s = 20 if follow else 0
        while True:
            query = {"attempt": attempt, "node": node, "offset": offset, "wait_s": wait_s}
            try:
                answer = self._request("readLog", path={"id": job}, query=query, timeout_s=wait_s + LOG_MARGIN_S)
            except Error as error:
                passes = isinstance(error, UnavailableError) or error.code == "log_not_there"
                if not follow or not passes or time.monotonic() - heard > BEARS_SILENCE_S:
                    raise
                time.sleep(0.3)
                continue
            heard = time.monotonic()
            if answer.body:
                yield answer.body
            offset = int(answer.headers["Dayu-Log-Next"])
            at_end = answer.headers.get("Dayu-Log-At-End") == "true"
            complete = answer.headers.get("Dayu-Log-Complete") == "true"
            if at_end and (complete or not follow):
                return

    # --- supply

    def centers(self) -> list[Center]:
        """The centres with their pools, free capacity and contact."""
        return cast(list[Center], self._json("listCenters")["centers"])

    def center(self, center: str) -> Center:
        """One centre."""
        return cast(Center, self._json("describeCenter", path={"name": center}))

    def pools(self, *, center: Filter = None, chip: Filter = None) -> list[PoolOfCenter]:
        """The pools of all centres, with free capacity and prices."""
        query = {"center": _values(center), "chip": _values(chip)}
        return cast(list[PoolOfCenter], self._json("listPools", query=query)["pools"])

    def server_facts(self) -> DescribeServerAnswer:
        """The server's version and, where it speaks TLS, its certificate."""
        return cast(DescribeServerAnswer, self._json("describeServer"))

    def chips(self) -> list[Chip]:
        """The chip registry."""
        return cast(list[Chip], self._json("listChips")["chips"])

    def chip(self, chip: str) -> Chip:
        """One chip of the registry, by its name or an alias."""
        return cast(Chip, self._json("describeChip", path={"name": chip}))

    def queues(self, *, below: str | None = None, page_size: int = 100) -> Iterator[Queue]:
        """Queues in the order of their paths: what each is promised, what it uses, and who waits in it. `below` is a path:
        only that queue and those below it. Pages are fetched as they are needed."""
        after: str | None = None
        while True:
            query = {"below": below, "after": after, "limit": page_size}
            page = cast(ListQueuesAnswer, self._json("listQueues", query=query))
            yield from page["queues"]
            after = page["next"]
            if after is None:
                return

    def queue(self, path: str) -> Queue:
        """One queue, such as "default/poems"."""
        return cast(Queue, self._json("describeQueue", path={"path": path}))

    def set_queue(self, path: str, *, weight_milli: int = 1000, quotas: Sequence[Quota | QuotaRequest] = ()) -> int:
        """Describes a queue, or describes it anew: what is left out is as of a queue that nobody has described."""
        body = json.dumps({"weight_milli": weight_milli, "quotas": list(quotas)}).encode()
        headers = {"Content-Type": "application/json"}
        return self._done("setQueue", path={"path": path}, body=body, headers=headers)

    def remove_queue(self, path: str) -> int:
        """Takes a queue's description away; its jobs stay in it."""
        return self._done("removeQueue", path={"path": path})

    def prices(self) -> PriceIndex:
        """What one more chip would be worth where, to those who wait; `at` is None as long as nothing was published."""
        return cast(PriceIndex, self._json("listPrices"))

    def step_ratios(self) -> list[StepRatios]:
        """What attempts of planned jobs measured, beside what was forecast for them."""
        return cast(list[StepRatios], self._json("listStepRatios")["ratios"])

    def datasets(self) -> list[Dataset]:
        """Where data lies."""
        return cast(list[Dataset], self._json("listDatasets")["datasets"])

    def dataset(self, name: str) -> Dataset:
        """Where one dataset lies."""
        return cast(Dataset, self._json("describeDataset", path={"name": name}))

    def set_dataset(self, name: str, bytes: int, centers: Sequence[str]) -> int:
        """Says how large a dataset is and at which centres it lies. Nothing is moved by it."""
        body = json.dumps({"bytes": bytes, "centers": list(centers)}).encode()
        headers = {"Content-Type": "application/json"}
        return self._done("setDataset", path={"name": name}, body=body, headers=headers)

    def remove_dataset(self, name: str) -> int:
        """Forgets where a dataset lies; no byte of it is touched."""
        return self._done("removeDataset", path={"name": name})

    def fence(self, center: str, reason: str) -> int:
        """Declares that nothing of a centre runs any more. Only when that is sure: what runs would run twice."""
        body = json.dumps({"reason": reason}).encode()
        headers = {"Content-Type": "application/json"}
        return self._done("fenceCenter", path={"name": center}, body=body, headers=headers)

    def drain(self, center: str, reason: str) -> int:
        """Places no new jobs at a centre; what runs there goes on."""
        body = json.dumps({"reason": reason}).encode()
        headers = {"Content-Type": "application/json"}
        return self._done("drainCenter", path={"name": center}, body=body, headers=headers)

    def resume(self, center: str) -> int:
        """Places jobs at a drained centre again."""
        return self._done("resumeCenter", path={"name": center})

    def exclude(self, center: str, node: str, reason: str) -> int:
        """Places no new jobs on a node, which is "POOL/NUMBER"; what runs there goes on."""
        body = json.dumps({"node": node, "reason": reason}).encode()
        headers = {"Content-Type": "application/json"}
        return self._done("excludeNode", path={"name": center}, body=body, headers=headers)

    def include(self, center: str, node: str, reason: str = "") -> int:
        """Places jobs on an excluded node again; what failed there before is forgotten."""
        body = json.dumps({"node": node, "reason": reason}).encode()
        headers = {"Content-Type": "application/json"}
        return self._done("includeNode", path={"name": center}, body=body, headers=headers)

    # --- tokens

    def tokens(self) -> list[Token]:
        """Tokens by name; none is ever shown again."""
        return cast(list[Token], self._json("listTokens")["tokens"])

    def create_token(
        self, name: str, role: Role, *, expires: str | None = None, centers: Sequence[str] = ()
    ) -> NewToken:
        """Creates a token, which is in the answer and nowhere else."""
        wish: dict[str, object] = {"name": name, "role": role}
        if expires is not None:
            wish["expires"] = expires
        if centers:
            wish["centers"] = list(centers)
        return cast(NewToken, self._json("createToken", body=json.dumps(wish).encode(), repeatable=False,
                                         headers={"Content-Type": "application/json"}))

    def revoke_token(self, token: str) -> int:
        """Revokes a token by its name, or by its id where several are called so."""
        return self._done("revokeToken", path={"token": token})

    # --- secrets: of the token's project, or of `project`

    def secrets(self, *, project: str | None = None) -> list[Secret]:
        """Secrets by name, without their values."""
        return cast(list[Secret], self._json("listSecrets", query={"project": project})["secrets"])

    def secret(self, name: str, *, project: str | None = None) -> Secret:
        """By whom a secret was set, and when."""
        return cast(Secret, self._json("describeSecret", path={"name": name}, query={"project": project}))

    def set_secret(self, name: str, value: str | bytes, *, project: str | None = None) -> int:
        """Gives a secret its value, or another one, which attempts see that start from now on."""
        body = value.encode() if isinstance(value, str) else value
        headers = {"Content-Type": "application/octet-stream"}
        return self._done("setSecret", path={"name": name}, query={"project": project}, body=body, headers=headers)

    def remove_secret(self, name: str, *, project: str | None = None) -> int:
        """Removes a secret; attempts that run keep its value to their end."""
        return self._done("removeSecret", path={"name": name}, query={"project": project})

    # --- hooks: of the token's project, or of `project`

    def hooks(self, *, project: str | None = None) -> list[Hook]:
        """Hooks by name, and how each is getting on; no address is ever shown."""
        return cast(list[Hook], self._json("listHooks", query={"project": project})["hooks"])

    def set_hook(self, name: str, hook: HookRequest, *, project: str | None = None) -> SetHookAnswer:
        """Adds a hook or replaces it; it is told of what happens from now on. A secret that the server made is in the
        answer and nowhere else."""
        answer = self._json("setHook", path={"name": name}, query={"project": project}, body=json.dumps(hook).encode(),
                            headers={"Content-Type": "application/json"}, repeatable=False)
        return cast(SetHookAnswer, answer)

    def remove_hook(self, name: str, *, project: str | None = None) -> int:
        """Removes a hook; what it has not heard yet it never will."""
        return self._done("removeHook", path={"name": name}, query={"project": project})

    def resume_hook(self, name: str, *, project: str | None = None) -> int:
        """Tells a suspended hook again what happens from now on."""
        return self._done("resumeHook", path={"name": name}, query={"project": project})

    def test_hook(self, name: str, *, project: str | None = None) -> TestHookAnswer:
        """Sends a notice of nothing at once, and waits for the receiver's answer."""
        answer = self._json("testHook", path={"name": name}, query={"project": project}, repeatable=False)
        return cast(TestHookAnswer, answer)

    # --- events

    def events(
        self, *, after: int = 0, job: Filter = None, type: Filter = None, center: Filter = None, project: Filter = None,
        user: Filter = None, follow: bool = True,
    ) -> Iterator[Entry]:
        """Entries of the journal past the sequence number `after`, in order, without gaps or doubles. A filter is one
        value or several, and all filters must hold. With `follow` it never ends by itself: a connection that is lost is
        made anew where it was."""
        filters = {"job": _values(job), "type": _values(type), "center": _values(center), "project": _values(project),
                   "user": _values(user)}
        if not follow:
            yield from self._past_events(after, filters)
            return
        heard = time.monotonic()
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                for after, entry in self._stream(after, filters):
                    heard, pause_s = time.monotonic(), FIRST_PAUSE_S
                    if entry is not None:
                        yield entry
                heard = time.monotonic()  # the server closed it in order
            except UnavailableError:
                if time.monotonic() - heard > BEARS_SILENCE_S:
                    raise
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _past_events(self, after: int, filters: Mapping[str, str | None]) -> Iterator[Entry]:
        while True:
            answer = self._request("readEvents", query={"after": after, "limit": 1000, **filters})
            yield from cast(list[Entry], json.loads(answer.body))
            if answer.headers["Dayu-Events-At-End"] != "false":
                return
            after = int(answer.headers["Dayu-Events-Next"])

    def _stream(self, after: int, filters: Mapping[str, str | None]) -> Iterator[tuple[int, Entry | None]]:
        """Where the stream is, with the entry there, or without one where a filter has passed over some."""
        connection = self._connect(STREAM_SILENCE_S)  # of its own: it stays busy
        try:
            method, target = _target("readEvents", {}, {"after": after, **filters})
            try:
                headers = self._headers({"Accept": "text/event-stream"})
                connection.request(method, self._prefix + target, headers=headers)
                response = connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                raise self._failure(error) from None
            if response.status != 200:
                raise _error_from(response.status, response.read())
            data: list[str] = []
            event = ""
            while True:
                try:
                    line = response.readline()
                except (OSError, http.client.HTTPException) as error:
                    raise UnavailableError("connection_lost", f"{self.server}: {error}") from None
                if not line:
                    return
                text = line.decode().rstrip("\r\n")
                if text.startswith("data:"):
                    data.append(text[5:].removeprefix(" "))
                elif text.startswith("id:"):
                    after = int(text[3:])
                elif text.startswith("event:"):
                    event = text[6:].removeprefix(" ")
                elif not text and event == "problem":
                    told = _error_of(json.loads("\n".join(data)))
                    if told.code == "reader_too_slow":
                        return  # and on from where it was
                    raise told
                elif not text:
                    yield after, cast(Entry, json.loads("\n".join(data))) if data else None
                    data, event = [], ""
        finally:
            connection.close()

    # --- the server

    def version(self) -> GetVersionAnswer:
        """Which Dayu answers."""
        return cast(GetVersionAnswer, self._json("getVersion"))

    def is_alive(self) -> bool:
        """Whether the process answers; asks once."""
        return self._says_yes("isAlive")

    def is_ready(self) -> bool:
        """Whether jobs are accepted; asks once."""
        return self._says_yes("isReady")

    def metrics(self) -> str:
        """The server's figures as Prometheus reads them."""
        return self._request("readMetrics").body.decode()

    def _says_yes(self, operation: str) -> bool:
        try:
            self._json(operation, retry_for_s=0.0)
        except Error:
            return False
        return True

    # --- requests

    def _done(
        self, operation: str, *, path: Mapping[str, object], query: Mapping[str, object] | None = None,
        body: bytes | None = None, headers: Mapping[str, str] | None = None,
    ) -> int:
        answer = self._json(operation, path=path, query=query, body=body, headers=headers or {}, repeatable=False)
        return int(answer["seq"])

    def _json(self, operation: str, **how: Any) -> Any:
        answer = self._request(operation, **how)
        try:
            return json.loads(answer.body)
        except ValueError:
            detail = f"{operation}: the answer is no JSON"
            raise InternalError("answer_malformed", detail, status=answer.status) from None

    def _request(
        self,
        operation: str,
        *,
        path: Mapping[str, object] | None = None,
        query: Mapping[str, object] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        retry_for_s: float | None = None,
        repeatable: bool | None = None,
    ) -> _Answer:
        """One call, tried again while that may help; what is not repeatable only when it was not sent."""
        method, target = _target(operation, path or {}, query or {})
        may_repeat = method == "GET" if repeatable is None else repeatable
        patience = self.retry_for_s if retry_for_s is None else retry_for_s
        give_up = time.monotonic() + patience
        pause_s = FIRST_PAUSE_S
        while True:
            sent = False
            try:
                connection = self._connection(self.timeout_s if timeout_s is None else timeout_s)
                fresh = connection.sock is None
                if fresh:
                    connection.connect()
                sent = True
                answer = self._exchange(connection, method, target, body, headers or {})
                if answer.status < 300:
                    return answer
                failure = _error_from(answer.status, answer.body)
                again = failure.status in (429, 503) and failure.code not in LASTING
                named = answer.headers.get("Retry-After", "")
                least_s = float(named) if named.isdigit() else 0.0
            except (OSError, http.client.HTTPException) as error:
                self._drop_connection()
                failure = self._failure(error)
                again = isinstance(failure, UnavailableError) and (may_repeat or not sent)
                least_s = 0.0
            next_pause_s = max(least_s, pause_s * random.uniform(0.5, 1.0))
            if not again or time.monotonic() + next_pause_s > give_up:
                raise failure
            time.sleep(next_pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _failure(self, error: Exception) -> Error:
        if isinstance(error, ssl.SSLCertVerificationError):
            code = VERDICTS.get(error.verify_code, "tls_not_trusted")
            return DeniedError(code, f"the certificate of {self.server} was not accepted: {error.verify_message}")
        if isinstance(error, ssl.SSLError):
            return UnavailableError("tls_failed", f"no TLS with {self.server}: {error}")
        return UnavailableError("server_unreachable", f"{self.server}: {error or type(error).__name__}")

    def _exchange(
        self, connection: http.client.HTTPConnection, method: str, target: str, body: bytes | None,
        headers: Mapping[str, str],
    ) -> _Answer:
        said = self._headers(headers)
        if self._packs:
            said["Accept-Encoding"] = "gzip"
            if body is not None and len(body) >= LEAST_GZIP_BYTES and "octet" not in said.get("Content-Type", ""):
                body, said["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        connection.request(method, self._prefix + target, body=body, headers=said)
        response = connection.getresponse()
        read = response.read()
        if response.headers.get("Content-Encoding") == "gzip":
            try:
                read = gzip.decompress(read)
            except (OSError, EOFError, zlib.error) as error:
                raise http.client.HTTPException(f"the answer cannot be unpacked: {error}") from None
        return _Answer(response.status, read, response.headers)

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": f"dayu-python/{API_VERSION}", **more}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers

    def _connect(self, timeout_s: float) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=timeout_s)
        return http.client.HTTPSConnection(self._host, self._port, timeout=timeout_s, context=self._tls)

    def _connection(self, timeout_s: float) -> http.client.HTTPConnection:
        """This thread's, kept alive from call to call."""
        kept: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if kept is None:
            kept = self._own.connection = self._connect(timeout_s)
            with self._lock:
                self._connections.append(kept)
        kept.timeout = timeout_s
        if kept.sock is not None:
            kept.sock.settimeout(timeout_s)
        return kept

    def _drop_connection(self) -> None:
        kept: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if kept is None:
            return
        kept.close()
        self._own.connection = None
        with self._lock:
            if kept in self._connections:
                self._connections.remove(kept)


class _Answer:
    def __init__(self, status: int, body: bytes, headers: http.client.HTTPMessage) -> None:
        self.status, self.body, self.headers = status, body, headers


class _Status(NamedTuple):
    kind: str  # f file, d folder, l link, o other
    mode: int
    size: int
    name: str


class _RemoteFiles:
    """The files of a run directory, asked for from the program that serves them there: src/model/file_words.h has the
    words, and src/model/reach.h the frames in which they travel, one within the other."""

    def __init__(self, client: Client, job: int, node: int, attempt: int) -> None:
        self._client, self._job = client, job
        self._wish = json.dumps({"kind": "files", "node": node, "attempt": attempt}).encode()
        self._moved = 0  # bytes; what gets on may take as long as it likes
        self._begin()

    def __enter__(self) -> _RemoteFiles:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def status(self, path: str) -> _Status:
        return self._persist(lambda: _status_of(self._done("S", "", path)))

    def copy_folder_out(self, remote: str, local: pathlib.Path) -> None:
        local.mkdir(exist_ok=True)

        def list_it() -> list[_Status]:
            self._say("L", "", remote)
            entries = [_status_of(entry) for word, entry in self._answers() if word == "N"]
            # A name as a centre sent it must not lead anywhere.
            return [each for each in entries if each.name not in ("", ".", "..") and "/" not in each.name]

        for entry in self._persist(list_it):
            path = posixpath.join(remote, entry.name)
            if entry.kind == "d":
                self.copy_folder_out(path, local / entry.name)
            elif entry.kind == "f" and not entry.name.endswith(PART_SUFFIX):
                self.copy_file_out(path, local / entry.name)

    def copy_file_out(self, remote: str, local: pathlib.Path) -> None:
        part = local.with_name(local.name + PART_SUFFIX)

        def copy() -> None:
            status = _status_of(self._done("S", "", remote))
            if status.kind != "f":
                raise InvalidError("not_a_file", f"job {self._job}: {remote} is neither a file nor a folder")
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
            with open(os.open(part, flags, (status.mode & 0o777) | 0o600), "r+b") as file:
                begun = os.fstat(file.fileno()).st_size
                file.truncate(begun if begun <= status.size else 0)
                file.seek(0, os.SEEK_END)
                self._say("G", f"{file.tell()} {status.size}", remote)
                for word, piece in self._answers():
                    if word == "D":
                        file.write(piece)
                        self._moved += len(piece)
                file.seek(0)
                copied = hashlib.file_digest(file, "sha256").hexdigest()
            if copied != self._done("H", str(status.size), remote).decode():
                part.unlink()
                raise _of_centre(f"content_differs\n{remote} changed while it was copied".encode())
            os.replace(part, local)

        self._persist(copy)

    def copy_folder_in(self, local: pathlib.Path, remote: str) -> None:
        mode = local.stat().st_mode & 0o777
        self._persist(lambda: self._done("M", str(mode), remote))
        for path in sorted(local.iterdir()):
            if path.is_symlink() or path.name.endswith(PART_SUFFIX):
                continue
            if path.is_dir():
                self.copy_folder_in(path, posixpath.join(remote, path.name))
            elif path.is_file():
                self.copy_file_in(path, posixpath.join(remote, path.name))

    def copy_file_in(self, local: pathlib.Path, remote: str) -> None:
        def copy() -> None:
            with local.open("rb") as file:
                facts = os.fstat(file.fileno())
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                begun = int(self._done("U", "", remote))  # by an earlier try
                file.seek(begun if begun <= facts.st_size else 0)
                self._say("P", str(file.tell()), remote)
                while piece := file.read(PIECE_BYTES):
                    self._frame("D", piece)
                    self._moved += len(piece)
                    if file.tell() % CHECK_EVERY_BYTES < PIECE_BYTES:
                        self._receive(0)
                        self._take()  # nothing, or why it is refused
            self._done("C", f"{facts.st_mode & 0o777} {facts.st_size} {digest}", "")

        self._persist(copy)

    def _persist(self, step: Callable[[], _T]) -> _T:
        """What passes (an agent that is started anew, a lost channel) is tried again while it gets on."""
        got_on, before, differed = time.monotonic(), self._moved, False
        while True:
            try:
                return step()
            except Error as error:
                self._close()
                if self._moved != before:
                    got_on, before = time.monotonic(), self._moved
                passes = isinstance(error, UnavailableError) or error.code in LOST_CHANNEL
                if error.code == "content_differs":
                    passes, differed = not differed, True  # a job that goes on writing may do so for ever
                if not passes or time.monotonic() - got_on > self._client.retry_for_s:
                    raise
                time.sleep(FIRST_PAUSE_S)

    def _close(self) -> None:
        """The next word opens another channel."""
        if self._session:
            with contextlib.suppress(Error):  # it ends by itself, too
                self._client._json("closeReach", path={"session": self._session}, retry_for_s=0.0)
        self._begin()

    def _begin(self) -> None:
        self._session, self._sent, self._received = "", 0, 0
        self._outer, self._inner = bytearray(), bytearray()

    def _done(self, word: str, numbers: str, path: str) -> bytes:
        self._say(word, numbers, path)
        return [payload for word, payload in self._answers()][-1]

    def _say(self, word: str, numbers: str, path: str) -> None:
        self._frame(word, f"{numbers}\n{path}".encode("utf-8", "surrogateescape"))

    def _frame(self, word: str, payload: bytes) -> None:
        if not self._session:
            headers = {"Content-Type": "application/json"}
            opened = self._client._json("reachJob", path={"id": self._job}, body=self._wish, headers=headers)
            self._session = opened["session"]
        left = _frame_of("i", _frame_of(word, payload))
        headers = {"Content-Type": "application/octet-stream"}
        while left:
            answer = self._client._json("writeReach", path={"session": self._session}, query={"offset": self._sent},
                                        body=left, headers=headers, repeatable=True, timeout_s=LOG_MARGIN_S)
            left, self._sent = left[answer["next"] - self._sent:], answer["next"]

    def _answers(self) -> Iterator[tuple[str, bytes]]:
        """The frames of an answer, up to the one that ends it."""
        word = ""
        while word != "K":
            if (frame := self._take()) is None:
                self._receive(15)
                continue
            word, _ = frame
            yield frame

    def _take(self) -> tuple[str, bytes] | None:
        frame = _next_frame(self._inner)
        if frame is not None and frame[0] == "F":
            raise _of_centre(frame[1])
        return frame

    def _receive(self, wait_s: int) -> None:
        query = {"offset": self._received, "wait_s": wait_s}
        answer = self._client._request("readReach", path={"session": self._session}, query=query,
                                       timeout_s=wait_s + LOG_MARGIN_S)
        self._received += len(answer.body)
        self._outer += answer.body
        while (frame := _next_frame(self._outer)) is not None:
            kind, payload = frame
            if kind == "o":
                self._inner += payload
            elif kind == "f":
                raise _of_centre(payload)
            elif kind == "x":
                raise UnavailableError("reach_lost", f"job {self._job}: the centre's file server has ended")
        if answer.headers.get("Dayu-Reach-End") == "true" and not answer.body:
            raise UnavailableError("reach_lost", f"job {self._job}: the channel to the centre ended too early")


def _frame_of(kind: str, payload: bytes) -> bytes:
    return kind.encode() + len(payload).to_bytes(4, "big") + payload


def _next_frame(arrived: bytearray) -> tuple[str, bytes] | None:
    """Takes the first frame out, if all of it has arrived."""
    end = 5 + int.from_bytes(arrived[1:5], "big")
    if len(arrived) < max(5, end):
        return None
    frame = chr(arrived[0]), bytes(arrived[5:end])
    del arrived[:end]
    return frame


def _status_of(payload: bytes) -> _Status:
    """From "KIND MODE SIZE MTIME", and in a list the name behind it."""
    facts, _, name = payload.partition(b"\n")
    kind, mode, size = facts.decode().split()[:3]
    return _Status(kind, int(mode), int(size), name.decode("utf-8", "surrogateescape"))


def _of_centre(text: bytes) -> Error:
    """What a centre refused: a line with the code, and why. Codes that have no kind are at odds with what is there."""
    code, _, message = text.decode(errors="replace").partition("\n")
    return KINDS_OF_CENTRES.get(code, ConflictError)(code, message or code)


def _values(values: Filter) -> str | None:
    """As a parameter takes them: with commas between."""
    if values is None or isinstance(values, (str, int)):
        return None if values is None else str(values)
    return ",".join(map(str, values)) or None


def _target(operation: str, path: Mapping[str, object], query: Mapping[str, object]) -> tuple[str, str]:
    """The method and the path of an operation, with its parameters."""
    method, target = OPERATIONS[operation]
    for name, value in path.items():
        target = target.replace("{" + name + "}", urllib.parse.quote(str(value), safe=""))
    given = {name: str(value) for name, value in query.items() if value is not None}
    return method, target + ("?" + urllib.parse.urlencode(given) if given else "")


def _job_body(job: JobInput) -> tuple[bytes, str]:
    if isinstance(job, Mapping):
        return json.dumps(job, ensure_ascii=False).encode(), "application/json"
    if isinstance(job, str):
        return job.encode(), "application/yaml"
    if isinstance(job, bytes):
        return job, "application/yaml"
    return pathlib.Path(job).read_bytes(), "application/yaml"


def _read_part(source: bytes | pathlib.Path, offset: int, length: int) -> bytes:
    if isinstance(source, bytes):
        return source[offset:offset + length]
    with source.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def _workdir_entries(root: pathlib.Path) -> list[tuple[bytes, bytes, str, int]]:
    """Of each thing in the folder: its path, its line of the manifest, and of a file the digest and the size."""
    if not root.is_dir():
        raise InvalidError("workdir_no_folder", f"workdir: {root} is no folder")
    found: list[tuple[bytes, bytes, str, int]] = []

    def enter(folder: str, rules: list[tuple[str, list[_IgnoreRule]]]) -> bool:
        own = root / folder / ".dayuignore"
        if own.is_file():
            rules = [*rules, (folder, _ignore_rules(own.read_text(errors="surrogateescape")))]
        is_empty = True
        for entry in os.scandir(root / folder):
            path = folder + entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            if _is_left_out(path, is_folder, rules):
                continue
            is_empty = False
            name = os.fsencode(path)
            shown = name.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\t", b"\\t")
            if entry.is_symlink():
                target = os.fsencode(os.readlink(entry.path))
                target = target.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\t", b"\\t")
                found.append((name, b"l " + shown + b"\t" + target + b"\n", "", 0))
            elif is_folder:
                if enter(path + "/", rules):
                    found.append((name, b"d " + shown + b"\n", "", 0))
            elif entry.is_file():
                with open(entry.path, "rb") as file:
                    sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
                kind = "x" if entry.stat().st_mode & 0o100 else "f"
                found.append((name, f"{kind} {sha256} {size} ".encode() + shown + b"\n", sha256, size))
            else:
                raise InvalidError("workdir_special_file", f"workdir: {entry.path} is neither file, folder nor link")
        return is_empty

    enter("", [("", _ignore_rules(".git/\n.dayu*\n"))])
    return sorted(found)


# A pattern, whether it takes back what an earlier one left out, and whether it is for folders alone.
_IgnoreRule = tuple[re.Pattern[str], bool, bool]


def _is_left_out(path: str, is_folder: bool, rules: Sequence[tuple[str, Sequence[_IgnoreRule]]]) -> bool:
    for folder, own in reversed(rules):
        for pattern, takes_back, folders_alone in reversed(own):
            if (is_folder or not folders_alone) and pattern.fullmatch(path[len(folder):]):
                return not takes_back
    return False


def _ignore_rules(text: str) -> list[_IgnoreRule]:
    """The words of .gitignore."""
    rules: list[_IgnoreRule] = []
    for line in text.split("\n"):
        line = line.removesuffix("\r")
        while line.endswith(" ") and not line.endswith("\\ "):
            line = line[:-1]
        if not line or line.startswith("#"):
            continue
        takes_back = line.startswith("!")
        line = line.removeprefix("!")
        folders_alone = line.endswith("/")
        line = line.rstrip("/")
        names = line.removeprefix("/").split("/")
        if "/" not in line:
            names.insert(0, "**")
        if names[-1] == "**":
            names.append("*")
        if line.strip("/"):
            last = len(names) - 1
            pattern = "".join("(?:[^/]+/)*" if name == "**" else _glob(name) + ("/" if i < last else "")
                              for i, name in enumerate(names))
            rules.append((re.compile(pattern, re.DOTALL), takes_back, folders_alone))
    return rules


def _glob(name: str) -> str:
    """A name with *, ? and [...] as a regular expression."""
    out, at = "", 0
    while at < len(name):
        c = name[at]
        at += 1
        if c == "*":
            out += "[^/]*"
        elif c == "?":
            out += "[^/]"
        elif c == "[" and (group := re.match(r"([!^]?)(\]?(?:\\.|[^\]\\])*)\]", name[at:])):
            inner = group[2].replace("[", "\\[").replace("^", "\\^")
            out += "[" + ("^" if group[1] else "") + (("\\" + inner) if inner.startswith("]") else inner) + "]"
            at += group.end()
        elif c == "\\" and at < len(name):
            out += re.escape(name[at])
            at += 1
        else:
            out += re.escape(c)
    return out


def _chunks(jobs: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """JSON arrays of as many jobs as one request takes."""
    chunk: list[str] = []
    size = 0
    for job in jobs:
        text = json.dumps(job, ensure_ascii=False)
        if chunk and (len(chunk) == MOST_JOBS_A_BATCH or size + len(text) > MOST_BYTES_A_BATCH):
            yield ("[" + ",".join(chunk) + "]").encode()
            chunk, size = [], 0
        chunk.append(text)
        size += 4 * len(text) if not text.isascii() else len(text)
    if chunk:
        yield ("[" + ",".join(chunk) + "]").encode()


def _kind_of(status: int) -> type[Error]:
    kinds: Sequence[tuple[Sequence[int], type[Error]]] = (
        ((401, 403), DeniedError), ((404, 410), NotFoundError), ((409, 412), ConflictError),
        ((413, 429, 431), ExhaustedError), ((502, 503, 504), UnavailableError),
    )
    for statuses, kind in kinds:
        if status in statuses:
            return kind
    return InternalError if status >= 500 or status < 400 else InvalidError


def _error_of(problem: Mapping[str, Any]) -> Error:
    status = int(problem.get("status", 500))
    code = str(problem.get("code", f"http_{status}"))
    detail = str(problem.get("detail", f"the server answered with status {status}"))
    return _kind_of(status)(code, detail, status=status, field=problem.get("field"))


def _error_from(status: int, body: bytes) -> Error:
    try:
        problem = json.loads(body)
    except ValueError:
        problem = {}
    return _error_of({**problem, "status": status} if isinstance(problem, dict) else {"status": status})


def _tls_context(ca_file: str | os.PathLike[str] | None) -> ssl.SSLContext:
    """From TLS 1.2 on, with the name checked, for the authorities in the file or those of the machine."""
    try:
        context = ssl.create_default_context(cafile=None if ca_file is None else os.fspath(ca_file))
    except OSError as error:  # an ssl.SSLError is one too
        raise InvalidError("ca_file_unusable", f"{ca_file} cannot be read or holds no certificate: {error}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _find_target(server: str | None, token: str | None, data: str | os.PathLike[str] | None) -> tuple[str, str]:
    """The server's address and the token, from where the command line takes them, in its order."""
    folder = None if data is None else pathlib.Path(data)
    if folder is not None and not folder.is_dir():
        raise NotFoundError("data_folder_missing", f"data: {folder} is no folder; name the one of the server")
    environment = os.environ
    local = pathlib.Path(DEFAULT_DATA_FOLDER)
    url = server or _first_line(folder, "address") or environment.get("DAYU_SERVER")
    is_local = not url and bool(url := _first_line(local, "address"))
    token = token or _first_line(folder, "token") or environment.get("DAYU_TOKEN")
    if not token and is_local:
        token = _first_line(local, "token")  # it belongs to that address, and goes nowhere else
    return (url or DEFAULT_SERVER).rstrip("/"), token or ""


def _first_line(folder: pathlib.Path | None, name: str) -> str:
    if folder is None:
        return ""
    try:
        return (folder / name).read_text(encoding="utf-8").partition("\n")[0].strip()
    except FileNotFoundError:
        return ""
