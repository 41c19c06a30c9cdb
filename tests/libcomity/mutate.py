"""mutate.py CELL: files of a real cell through examples/python/comity.py: they hold, and with one byte
changed they do not, or (a receipt has words in it that prove nothing) say exactly what they said."""
import random
import sys

import comity

TRIES = 1500  # of each file


def read(name):
    with open(f"{sys.argv[1]}/{name}", "rb") as file:
        return file.read()


def said(report):
    return {key: value for key, value in report.items() if key != "steps"}


def trust_of(ledger, witness=None):
    trust = comity.Trust(read(ledger).decode().strip())
    if witness:
        trust.witness(read(witness).decode().strip())
    return trust


def main():
    dice = random.Random(4711)
    ours = trust_of("ledger.vkey", "witness.vkey")
    alone = trust_of("ledger.vkey")
    forked = trust_of("forked.vkey")
    tried = same = 0
    for name, entry, trust in (("receipt.json", "", ours), ("act.tlog-proof", "act.entry", ours),
                               ("bundle.json", "", ours), ("checkpoint", "", ours),
                               ("act.cose", "act.entry", alone), ("two-histories.heads", "", forked)):
        file, beside = read(name), read(entry) if entry else b""
        whole = comity.verify(file, trust, beside)
        assert whole["holds"], (name, whole)
        assert not comity.verify(file, None, beside)["holds"], name
        if name == "bundle.json":
            assert whole["answer"] == read("bundle.answer").decode()
        for _ in range(TRIES):
            changed = bytearray(file)
            at = dice.randrange(len(changed))
            changed[at] ^= 1 << dice.randrange(8)
            report = comity.verify(bytes(changed), trust, beside)
            tried += 1
            if report["holds"]:
                same += 1
                assert name.endswith(".json") and said(report) == said(whole), (name, at, report)
    for wrong in ("", "x", read("ledger.vkey").decode()[:-1], read("witness.vkey").decode()):
        try:
            comity.Trust(wrong)
            raise AssertionError(wrong)
        except comity.ComityError as error:
            assert error.name == "BAD_VKEY"
    print(f"libcomity {comity.version()}: {tried} changed files, {tried - same} refused, "
          f"{same} still prove what they proved")
    assert same < tried // 10


main()
