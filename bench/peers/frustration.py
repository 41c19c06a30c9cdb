"""frustration.py COMITY-MODEL NETWORK.csv...: exact frustration of signed networks beside CBC (Debian: coinor-cbc).

CBC solves the usual integer program (Aref, Mason, Wilson 2018): a side x for each node, f for each relation,
f >= |x_a - x_b| for friends, f >= 1 - |x_a - x_b| for foes, least sum of f. Prints for each network both values
and times of the processor; exit 1 when they differ."""
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile


def timed(words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return out, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def program(path):
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    nodes = {name: i for i, name in enumerate(dict.fromkeys(n for r in rows for n in (r["a"], r["b"])))}
    lines = ["Minimize", " all: " + " + ".join(f"f{e}" for e in range(len(rows))), "Subject To"]
    for e, row in enumerate(rows):
        a, b = f"x{nodes[row['a']]}", f"x{nodes[row['b']]}"
        if row["sign"] == "1":
            lines += [f" p{e}: f{e} - {a} + {b} >= 0", f" q{e}: f{e} + {a} - {b} >= 0"]
        else:
            lines += [f" p{e}: f{e} + {a} + {b} >= 1", f" q{e}: f{e} - {a} - {b} >= -1"]
    names = [f"x{i}" for i in range(len(nodes))] + [f"f{e}" for e in range(len(rows))]
    return "\n".join(lines + ["Binary"] + [" " + name for name in names] + ["End", ""])


if shutil.which("cbc") is None:
    print("frustration skipped: cbc is not installed")
    sys.exit(0)
differ = False
for path in sys.argv[2:]:
    out, own = timed([sys.argv[1], "--json", "--", "network", "balance", path])
    ours = json.loads(out)["frustration"]
    with tempfile.NamedTemporaryFile("w", suffix=".lp", delete=False) as file:
        file.write(program(path))
    out, spent = timed(["cbc", file.name, "solve", "quit"])
    os.unlink(file.name)
    theirs = round(float(next(line for line in out.splitlines() if line.startswith("Objective value:")).split()[-1]))
    print(f"{os.path.basename(path)}: {ours} in {own:.3f} s, cbc {theirs} in {spent:.2f} s, {spent / own:.0f} times as long")
    differ = differ or ours != theirs
sys.exit(1 if differ else 0)
