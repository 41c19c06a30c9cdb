#!/usr/bin/env python3
"""A second checker of certificates of linear programs (SPEC/certificates.md), written from the text
alone: fractions instead of limbs, no line in common with src/certify.

    lp_check.py PROGRAM CERTIFICATE      two files: prints the verdict, exit 0; refused: exit 1
    lp_check.py --vectors FILE.json      every vector, and thousands of changes to it
"""
import hashlib
import json
import random
import sys
from fractions import Fraction


class Refused(Exception):
    pass


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def need(self, good, why):
        if not good:
            raise Refused(f"{why} at {self.at}")

    def take(self, n):
        self.need(self.at + n <= len(self.data), "short")
        self.at += n
        return self.data[self.at - n:self.at]

    def count(self, most):
        v = 0
        for i in range(5):
            b = self.take(1)[0]
            v |= (b & 0x7F) << (7 * i)
            if b < 0x80:
                self.need((b or i == 0) and v <= most, "count")
                return v
        raise Refused("count")

    def number(self, most):
        head = self.count(2 * most + 1)
        if head < 2:
            self.need(head == 0, "minus zero")
            return 0
        raw = self.take(head // 2)
        self.need(raw[-1] != 0, "padded")
        v = int.from_bytes(raw, "little")
        return -v if head % 2 else v

    def vector(self, n):
        divisor = self.number(65536)
        self.need(divisor > 0, "divisor")
        out, at = [0] * n, 0
        for _ in range(self.count(n)):
            self.need(at < n, "past the end")
            at += self.count(n - at - 1)
            out[at] = self.number(65536)
            self.need(out[at] != 0, "zero written")
            at += 1
        return divisor, out


def read_program(data):
    r = Reader(data)
    r.need(r.take(4) == b"clp\x01", "magic")
    m, n = r.count(4000000), r.count(4000000)
    p = {"m": m, "n": n, "scale": r.number(64), "constant": r.number(64), "unit": r.number(64)}
    r.need(p["scale"] > 0 and p["unit"] > 0, "scale")

    def bounds(flags):
        lower = r.number(64) if flags & 1 else None
        upper = r.number(64) if flags & 2 else None
        r.need(lower is None or upper is None or lower <= upper, "crossed")
        return lower, upper

    p["rows"], p["columns"] = [], []
    for _ in range(m):
        flags = r.take(1)[0]
        r.need(flags < 4, "flags")
        p["rows"].append(bounds(flags))
    for _ in range(n):
        flags = r.take(1)[0]
        r.need(flags < 8, "flags")
        lower, upper = [None if b is None else Fraction(b, p["unit"]) for b in bounds(flags)]
        cost, entries, at = r.number(64), [], 0
        for _ in range(r.count(m)):
            r.need(at < m, "past the end")
            at += r.count(m - at - 1)
            entries.append((at, r.number(64)))
            r.need(entries[-1][1] != 0, "zero written")
            at += 1
        p["columns"].append({"bounds": (lower, upper), "integer": flags & 4 != 0, "cost": cost,
                             "entries": entries})
    r.need(r.at == len(data), "more")
    return p


def need(good, why):
    if not good:
        raise Refused(why)


def within(v, bounds):
    return (bounds[0] is None or v >= bounds[0]) and (bounds[1] is None or v <= bounds[1])


def read_point(p, r):
    divisor, numbers = r.vector(p["n"])
    x = [Fraction(v) if c["integer"] else Fraction(v, divisor)
         for v, c in zip(numbers, p["columns"])]
    rows = rows_of(p, x)
    for v, b in zip(rows, p["rows"]):
        need(within(v, b), "row broken")
    for v, c in zip(x, p["columns"]):
        need(within(v, c["bounds"]), "bound broken")
    return x


def rows_of(p, x):
    rows = [Fraction(0)] * p["m"]
    for v, c in zip(x, p["columns"]):
        for i, a in c["entries"]:
            rows[i] += a * v
    return rows


def cost_of(p, x):
    return sum((c["cost"] * v for v, c in zip(x, p["columns"])), Fraction(0))


def total(p, y, priced, bounds):
    """What the multipliers prove: at most cost . x, or 0 when not priced, for every feasible x."""
    out = Fraction(0)
    for v, b in zip(y, p["rows"]):
        if v:
            side = b[0] if v > 0 else b[1]
            need(side is not None, "leans on nothing")
            out += v * side
    for c, b in zip(p["columns"], bounds):
        z = (c["cost"] if priced else 0) - sum(a * y[i] for i, a in c["entries"])
        if z:
            side = b[0] if z > 0 else b[1]
            need(side is not None, "leans on nothing")
            out += z * side
    return out


def multipliers(p, r):
    divisor, numbers = r.vector(p["m"])
    return [Fraction(v, divisor) for v in numbers]


def tree(p, r, best):
    integral = all(c["integer"] or c["cost"] == 0 for c in p["columns"])
    bounds = [c["bounds"] for c in p["columns"]]

    def node(depth):
        kind = r.take(1)[0]
        r.need(kind <= 2, "node")
        if kind == 0:
            r.need(depth < 512, "deep")
            r.need(p["n"] > 0, "no columns")
            j = r.count(p["n"] - 1)
            r.need(p["columns"][j]["integer"], "branch on a fraction")
            v, before = r.number(64), bounds[j]
            bounds[j] = (before[0], Fraction(v))
            node(depth + 1)
            bounds[j] = (Fraction(v + 1), before[1])
            node(depth + 1)
            bounds[j] = before
            return
        y = multipliers(p, r)
        if kind == 2:
            need(total(p, y, False, bounds) > 0, "leaf proves nothing")
            return
        need(best is not None, "no value to reach")
        got = total(p, y, True, bounds)
        need(got > best - 1 if integral else got >= best, "leaf too weak")

    sys.setrecursionlimit(10000)
    node(0)


def check(program, certificate):
    """Returns (verdict, value, bound); raises Refused."""
    p, r = read_program(program), Reader(certificate)
    r.need(r.take(4) == b"clc\x01", "magic")
    kind = r.take(1)[0]
    need(r.take(32) == hashlib.sha256(program).digest(), "another program")
    own = [c["bounds"] for c in p["columns"]]

    def value(cost):
        return (cost + p["constant"]) / Fraction(p["scale"])

    if kind in (1, 5):
        x = read_point(p, r)
        bound = total(p, multipliers(p, r), True, own)
        need(kind == 5 or bound == cost_of(p, x), "bound and value differ")
        out = ("optimal" if kind == 1 else "bounded", value(cost_of(p, x)), value(bound))
    elif kind == 2:
        need(total(p, multipliers(p, r), False, own) > 0, "proves nothing")
        out = ("infeasible", None, None)
    elif kind == 3:
        read_point(p, r)
        ray = [Fraction(v) for v in r.vector(p["n"])[1]]
        need(cost_of(p, ray) < 0, "the ray gains nothing")
        for v, b in list(zip(rows_of(p, ray), p["rows"])) + list(zip(ray, own)):
            need(v >= 0 or b[0] is None, "the ray ends")
            need(v <= 0 or b[1] is None, "the ray ends")
        out = ("unbounded", None, None)
    elif kind == 4:
        has = r.take(1)[0]
        r.need(has < 2, "flag")
        x = read_point(p, r) if has else None
        tree(p, r, cost_of(p, x) if has else None)
        v = value(cost_of(p, x)) if has else None
        out = ("optimal" if has else "infeasible", v, v)
    else:
        raise Refused("kind")
    need(r.at == len(certificate), "more")
    return out


def still_true(again, verdict, value, bound):
    """What a changed certificate may prove: the same, or something weaker that is true as well."""
    if again[0] == "bounded" and verdict in ("optimal", "bounded"):
        return again[2] <= value <= again[1] or (verdict == "bounded" and again[2] <= again[1])
    return again[0] == verdict and (verdict != "optimal" or again[1] == value)


def vectors(path):
    dice, refused = random.Random(7), 0
    for v in json.load(open(path, encoding="utf-8"))["vectors"]:
        program, certificate = bytes.fromhex(v["program"]), bytes.fromhex(v["certificate"])
        verdict, value, bound = check(program, certificate)
        same = verdict == v["verdict"] and v.get("value") == (None if value is None else str(value))
        if not same or (v.get("bound") or v.get("value")) != (None if bound is None else str(bound)):
            print(f"{v['name']}: {verdict} {value} {bound}, not as written")
            return 1
        for _ in range(1000):
            changed = bytearray(certificate)
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
            try:
                again = check(program, bytes(changed))
            except Refused:
                refused += 1
                continue
            if not still_true(again, verdict, value, bound):
                print(f"{v['name']}: a changed certificate proves something else: {again}")
                return 1
    print(f"{refused} changed certificates refused")
    return 0 if refused > 0 else 1


def main(words):
    if len(words) == 2 and words[0] == "--vectors":
        return vectors(words[1])
    if len(words) != 2:
        print(__doc__)
        return 2
    program, certificate = (open(w, "rb").read() for w in words)
    try:
        verdict, value, bound = check(program, certificate)
    except Refused as why:
        print(f"refused: {why}")
        return 1
    print(verdict, "" if value is None else value, "" if bound is None else bound)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
