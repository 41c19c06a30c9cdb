/* comity-bench: figures of this build on this machine, each beside its limit and beside a peer. */
#include "bench.h"
#include "crypto/ed25519.h"

#include <getopt.h>
#include <libgen.h>
#include <stdlib.h>
#include <unistd.h>

static const struct command {
    const char *name;
    void (*run)(struct bench *bench);
    const char *what;
} commands[] = {
    {"limits",     bench_limits,     "what the machine can do: hashes, signatures, memory, disk"     },
    {"verify",     bench_verify,     "signatures in batches beside libsodium's single verification"  },
    {"libcomity",  bench_libcomity,  "receipts checked offline, beside their signatures alone"       },
    {"acts",       bench_acts,       "signed single acts, from bytes to durable receipt"             },
    {"transfers",  bench_transfers,  "transfers in batches, durable, beside PostgreSQL"              },
    {"steps",      bench_steps,      "where the time of one batched transfer goes"                   },
    {"replay",     bench_replay,     "opening a ledger without a snapshot"                           },
    {"coldstart",  bench_coldstart,  "opening a ledger with a snapshot of a million accounts"        },
    {"trie",       bench_trie,       "the state tree: a thousand inserts into a million keys, proofs"},
    {"http",       bench_http,       "an act over HTTP to comityd, to the durable receipt"           },
    {"memory",     bench_memory,     "bytes of memory for each passport, account and act"            },
    {"sql",        bench_sql,        "a ledger into SQL tables, beside SQLite copying the same rows" },
    {"members",    bench_members,    "who was a member on a day, over a million events"              },
    {"federation", bench_federation, "real daemons to final receipts, bridges; the simulator"        },
    {"restraints", bench_restraints, "what lists of 33,000 names cost a transfer"                    },
    {"lp",         bench_lp,         "linear programs, exact and certified, beside three solvers"    },
    {"grid",       bench_grid,       "power grids, certified, beside clp and glpsol"                 },
    {"clear",      bench_clear,      "set-off among many parties, beside LEMON"                      },
    {"match",      bench_match,      "assignment, flows and dispatch, beside LEMON"                  },
};

static void usage(FILE *to)
{
    (void)fputs("comity-bench: figures beside physical limits and beside peers of the same run\n\n"
                "  comity-bench [OPTION...] all | COMMAND...\n\n",
                to);
    for (size_t i = 0; i < CY_COUNT(commands); i++)
        (void)fprintf(to, "  %-11s %s\n", commands[i].name, commands[i].what);
    (void)fputs("\n"
                "  --json           one JSON object a line\n"
                "  --markdown FILE  write the table between the marks of FILE\n"
                "  --dir DIR        where ledgers are written (default: the working directory)\n"
                "  --scale X        sizes times X, for a quick look (default 1)\n"
                "  --bare           no limits and no peers: for a profiler\n",
                to);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"json",     no_argument,       NULL, 'j'},
        {"markdown", required_argument, NULL, 'm'},
        {"dir",      required_argument, NULL, 'd'},
        {"scale",    required_argument, NULL, 's'},
        {"bare",     no_argument,       NULL, 'b'},
        {"help",     no_argument,       NULL, 'h'},
        {NULL,       0,                 NULL, 0  }
    };
    struct bench bench = {.scale = 1};
    char self[4096] = "";
    const char *below = ".";
    int c = 0;

    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (c == 'j')
            bench.json = true;
        else if (c == 'm')
            bench.markdown = optarg;
        else if (c == 'd')
            below = optarg;
        else if (c == 'b')
            bench.bare = true;
        else if (c == 's')
            bench.scale = strtod(optarg, NULL);
        else {
            usage(c == 'h' ? stdout : stderr);
            return c == 'h' ? 0 : 2;
        }
    }
    if (optind == argc) {
        usage(stderr);
        return 2;
    }
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        bench_die("cannot find myself");
    bench.bin = dirname(self);
    bench.dir = realpath(below, NULL);
    if (bench.dir == NULL)
        bench_die("no directory %s", below);
    bench.dir = bench_dir(&bench, "bench");
    bench_must(cy_crypto_start(), "cryptographic self-test");
    for (; optind < argc; optind++) {
        bool known = false;

        for (size_t i = 0; i < CY_COUNT(commands); i++) {
            if (strcmp(argv[optind], commands[i].name) != 0 && strcmp(argv[optind], "all") != 0)
                continue;
            known = true;
            bench_need_limits(&bench);
            bench_say("%s ...", commands[i].name);
            commands[i].run(&bench);
        }
        if (!known) {
            (void)fprintf(stderr, "comity-bench: no command %s\n", argv[optind]);
            usage(stderr);
            return 2;
        }
    }
    bench_finish(&bench);
    free(bench.rows);
    bench_dir_remove((char *)(uintptr_t)bench.dir);
    return 0;
}
