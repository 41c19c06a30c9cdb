#!/usr/bin/env python3
"""verify.py LEDGER.vkey FILE [--witness WITNESS.vkey] [--entry FILE]
verify.py --policy FILE --origin NAME FILE [--entry FILE]

Checks one file of a Comity cell offline and prints every step. Exit code: 0 all of it holds, 1 it
does not, 2 the call is wrong.
"""
import argparse
import sys

import comity


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description="check a file of a Comity cell offline")
    parser.add_argument("vkey", nargs="?", help="file with the ledger's verifier key")
    parser.add_argument("file")
    parser.add_argument("--witness", help="file with a witness's verifier key")
    parser.add_argument("--entry", help="the entry, where the file does not hold it")
    parser.add_argument("--policy", help="file with the policy of a federation, instead of a key")
    parser.add_argument("--origin", help="name of the federation's ledger")
    args = parser.parse_args()
    if bool(args.policy) != bool(args.origin) or bool(args.policy) == bool(args.vkey):
        parser.error("name the ledger's key, or --policy and --origin")
    try:
        if args.policy:
            trust = comity.Trust.policy(args.origin, read(args.policy).decode())
        else:
            trust = comity.Trust(read(args.vkey).decode().strip())
        if args.witness:
            trust.witness(read(args.witness).decode().strip())
        report = comity.verify(read(args.file), trust, read(args.entry) if args.entry else b"")
    except (OSError, comity.ComityError) as error:
        print(error, file=sys.stderr)
        return 2
    for step in report["steps"]:
        print("ok      " if step["holds"] else "REFUSED ", step["step"])
    if report["answer"] is not None:
        print(report["answer"])
    if report.get("convicts"):
        print("evidence: a key has contradicted itself")
    print(f"{args.file}: this {report['kind']} {'holds' if report['holds'] else 'does NOT hold'}")
    if not report["holds"]:
        print(f"  {report['text']} ({report['code']})\n  what to do: {report['remedy']}")
    return 0 if report["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
