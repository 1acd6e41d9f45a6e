"""10,000 mixed jobs for 1,024 nodes, the same for every scheduler that is asked, and what became of them."""
import dataclasses
import random

CHIPS = ("A100", "Ascend910B")  # half of the nodes each
NODES = 1024
CHIPS_PER_NODE = 8
CPUS_PER_NODE = 64
MEMORY_MIB_PER_NODE = 512_000
CPUS_PER_CHIP = 6
MEMORY_MIB_PER_CHIP = 48_000
MEMORY_MIB_PER_CPU = 4_000  # of jobs without chips
WITH_CHIPS_PERCENT = 19     # so that all together want a little more than there is


@dataclasses.dataclass(frozen=True)
class Job:
    number: int
    chip: str  # "": none, and any node will do
    nodes: int
    chips: int  # of each node, as what follows
    cpus: int
    memory_mib: int
    minutes: int

    def size(self):
        if not self.chip:
            return "CPUs alone"
        return f"{self.chips}" if self.nodes == 1 else f"{self.nodes}x{self.chips}"


def mixed_jobs(count=10_000, seed=1):
    """In order of submit."""
    draw = random.Random(seed)
    return [make_job(number, draw) for number in range(count)]


def make_job(number, draw):
    minutes = draw.choice([30, 60, 120, 240, 480, 720, 1440, 2880])
    if draw.randrange(100) >= WITH_CHIPS_PERCENT:
        cpus = draw.choice([1, 1, 2, 4])
        return Job(number, "", 1, 0, cpus, cpus * MEMORY_MIB_PER_CPU, minutes)
    nodes = draw.choices([1, 2, 4, 8, 16], [940, 30, 18, 8, 4])[0]
    chips = CHIPS_PER_NODE if nodes > 1 else draw.choices([1, 2, 4, 8], [40, 25, 20, 15])[0]
    return Job(number, draw.choice(CHIPS), nodes, chips, chips * CPUS_PER_CHIP, chips * MEMORY_MIB_PER_CHIP, minutes)


def outcome(jobs, placed):
    """What became of them; `placed` are numbers of jobs."""
    sizes = {}
    for job in sorted(jobs, key=lambda job: (job.nodes, job.chips)):
        row = sizes.setdefault(job.size(), {"placed": 0, "waiting": 0})
        row["placed" if job.number in placed else "waiting"] += 1

    def percent(some):
        return round(100 * sum(job.nodes * job.chips for job in some) / (NODES * CHIPS_PER_NODE), 1)
    return {"chips_wanted_percent": percent(jobs),
            "chips_in_use_percent": percent(job for job in jobs if job.number in placed),
            "placed_jobs": len(placed), "waiting_jobs": len(jobs) - len(placed), "by_chips_a_job": sizes}


def nodes_by_free_chips(free_chips):
    """`free_chips`: by chip, what each node has left."""
    nodes = [free for of_chip in free_chips.values() for free in of_chip]
    return {"nodes_without_free_chips": sum(free == 0 for free in nodes),
            "nodes_with_some": sum(0 < free < CHIPS_PER_NODE for free in nodes),
            "nodes_with_all": sum(free == CHIPS_PER_NODE for free in nodes)}
