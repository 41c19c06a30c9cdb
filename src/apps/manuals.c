#include "apps/manuals.h"

#define END                                                                                        \
    {                                                                                              \
        NULL, NULL                                                                                 \
    }

/* clang-format off */

/* --- comityd --- */

static const struct cy_manual_line comityd_commands_[] = {
    {"comityd --config FILE", "run (Ctrl-C or SIGTERM stops it; nothing is lost)"},
    {"comityd --config FILE check", "check the file and stop"},
    {"comityd --config FILE explain", "print every setting, its value and where it came from"},
    {"comityd example", "print an example configuration"},
    {"comityd policy", "print what it may ask of the system"},
    END};

static const struct cy_manual_line comityd_options_[] = {
    {"-c, --config FILE", "the configuration (libconfig syntax)"},
    {"--json", "explain: as JSON"},
    {"-h, --help", "this text"},
    {"-V, --version", "the version"},
    END};

static const struct cy_manual_line comityd_files_[] = {
    {"/etc/comity/comityd.conf", "the configuration that the service reads"},
    {"/var/lib/comity", "the ledger of the service"},
    {"/run/comity-signer/signer.sock", "where the service asks for signatures"},
    END};

static const char *const comityd_words_[] = {
    "comityd is the daemon of one cell: it puts acts in order, writes the ledger, serves it over HTTP, and "
    "witnesses other cells. It holds no key: comity-signer(8) signs, and must be running first.",
    "What it acknowledged is on disk under a signed head. After a power cut or kill -9 start it again: it "
    "replays its journal and says what it found.",
    "It makes only the calls of the system that `comityd policy` lists; the kernel refuses all others.",
    NULL};

static const char *const comityd_examples_[] = {
    "comity init --dir ./a --name a.example/ledger",
    "comity-signer --keys ./a/keys --socket ./a/signer.sock --passphrase-file ./a/passphrase &",
    "comityd --config ./a/comityd.conf",
    NULL};

const struct cy_manual cy_manual_comityd = {
    "comityd", 8, "the daemon of one cell", comityd_commands_, comityd_options_, comityd_files_,
    comityd_words_, comityd_examples_, "comity(1), comityd.conf(5), comity-signer(8), comity-audit(1)"};

/* --- comity-signer --- */

static const struct cy_manual_line signer_commands_[] = {
    {"comity-signer init --keys DIR", "begin an empty key directory"},
    {"comity-signer --keys DIR [options]", "serve it"},
    {"comity-signer passphrase --keys DIR --new-passphrase-file FILE", "change the passphrase"},
    {"comity-signer --policy", "print what it may ask of the system"},
    END};

static const struct cy_manual_line signer_options_[] = {
    {"--keys DIR", "the key directory; one signer at a time"},
    {"--socket PATH", "where to listen (DIR/signer.socket)"},
    {"--passphrase-file FILE", "its first line; else COMITY_PASSPHRASE, else it is asked for"},
    {"--peer-uid UID", "a further user who may connect (the daemon's own user)"},
    {"--peer-user NAME", "the same by name"},
    {"--skew SECONDS", "how far the time of a cosignature may be from the clock (60; 0: not compared)"},
    {"--log FILE", "also write the log there, as JSON lines"},
    {"--help", "this text"},
    {"--version", "the version"},
    END};

static const struct cy_manual_line signer_files_[] = {
    {"DIR/keystore", "the key of the directory, sealed under the passphrase"},
    {"DIR/keys", "one file for each key, sealed"},
    {"DIR/heads", "the heads signed last; without it two histories could be signed"},
    {"COMITY_PASSPHRASE", "the passphrase, when no file is named; removed from the environment at once"},
    END};

static const char *const signer_words_[] = {
    "comity-signer holds the secret keys, and signs only what it understands: acts, heads of ledgers, "
    "cosignatures. It never signs two histories of one ledger.",
    "Keys are made and listed over the socket: comity key new, comity key list.",
    "It is a process of its own so that a daemon that was taken over has no keys. Run it as another user: "
    "then the daemon reaches the socket, never the files.",
    NULL};

static const char *const signer_examples_[] = {
    "comity-signer init --keys ~/.comity/keys",
    "comity-signer --keys ~/.comity/keys --passphrase-file /run/secrets/comity",
    "COMITY_PASSPHRASE=demo comity-signer --keys keys --socket /tmp/demo.socket",
    NULL};

const struct cy_manual cy_manual_signer = {
    "comity-signer", 8, "holds secret keys, and signs only what it understands", signer_commands_,
    signer_options_, signer_files_, signer_words_, signer_examples_, "comity(1), comityd(8)"};

/* --- comity-audit --- */

static const struct cy_manual_line audit_commands_[] = {
    {"comity-audit DIR|URL [options]", "replay a whole ledger and hold it to its signed head"},
    {"comity-audit --policy", "print what it may ask of the system"},
    END};

static const struct cy_manual_line audit_options_[] = {
    {"--vkey VKEY", "the ledger's verifier key, as its operator publishes it"},
    {"--witness VKEY", "a witness whose cosignature counts; repeat"},
    {"--need K", "how many of the witnesses named must have cosigned"},
    {"--json", "print JSON"},
    {"--help", "all options"},
    END};

static const char *const audit_words_[] = {
    "comity-audit takes nothing from the daemon but bytes. It verifies every signature, judges every act by the "
    "rules, recomputes every tile and state root, and compares the result with the signed head. A directory may be "
    "a copy. Of a stopped daemon cp -r makes one; of one at work copy the head first, and then the rest without "
    "overwriting it: mkdir M; cp D/checkpoint M/; cp -rn D/. M/",
    "It writes no file: the kernel refuses it that. Exit codes: 0 sound; 1 not sound; 2 the command line is wrong; "
    "3 trouble.",
    NULL};

static const char *const audit_examples_[] = {
    "comity-audit /backup/data --vkey a.example/ledger+85ee70ea+AZCt...",
    "comity-audit https://a.example:7301 --json",
    NULL};

const struct cy_manual cy_manual_audit = {
    "comity-audit", 1, "replays a ledger with the rules and none of the daemon", audit_commands_, audit_options_,
    NULL, audit_words_, audit_examples_, "comity(1), comityd(8)"};

/* --- comity-sim --- */

static const struct cy_manual_line sim_commands_[] = {
    {"comity-sim [options]", "whole federations on simulated machines; also: comity sim"},
    {"comity-sim --scenario FILE", "one of them again, from its scenario"},
    {"comity-sim cell [--seed N] [--seeds N] [--steps N] [--quiet]", "lives of one cell on a simulated machine"},
    END};

static const struct cy_manual_line sim_options_[] = {
    {"--seed N", "the first seed (1)"},
    {"--seeds N", "how many seeds, one after the other (1)"},
    {"--ticks MS", "simulated time of each run (20000)"},
    {"--members N", "members of each federation, up to 16 (drawn: 4 to 7)"},
    {"--traitors N", "of them traitors, less than a third (drawn)"},
    {"--realms N", "1 to 3: federations joined by bridges, one party in all of them (drawn: mostly 1)"},
    {"--rules", "a version of the rules begins, and members update their programs before or after it"},
    {"--shrink", "make a failing scenario as small as it will go, and write it"},
    {"--scenario FILE", "replay a scenario instead of drawing one"},
    {"--out FILE", "where a failing scenario is written (scenario-SEED.txt)"},
    {"--steps N", "cell: steps of each life (1000)"},
    {"--json", "print JSON, a line for each run and one for all"},
    {"--quiet", "no coverage; of many runs only those that broke a promise"},
    {"-h, --help", "this text"},
    END};

static const char *const sim_words_[] = {
    "comity-sim runs the code of federations, as it stands in the daemon, on simulated machines: networks that lose, "
    "double, delay and part, disks that lose power, fill up, are slow or are restored from an old backup, clocks that "
    "jump, and members, trustees and relayers that lie. All comes from one seed, and the same seed gives the same bytes.",
    "After every event it asks whether what was promised still holds: members agree on one history and have the same "
    "records; what was issued of an asset is in its accounts, and over bridges in escrow or abroad, once; a head is final only by the policy's cosignatures, and "
    "only the agreed one; what was acknowledged stays; only traitors are convicted, by statements that are checked "
    "again. At last all faults end, and every honest member must get on within a minute of simulated time.",
    "A run that breaks a promise can be shrunk to a scenario: a text of the few faults and acts that are needed, one a "
    "line. It replays exactly.",
    "Exit codes: 0 nothing was wrong; 1 a promise was broken, and the line names seed, time and promise; 2 the command "
    "line is wrong; 3 a file cannot be read or written.",
    NULL};

static const char *const sim_examples_[] = {
    "comity sim --seeds 100 --quiet",
    "comity sim --seed 17 --members 7 --traitors 2 --ticks 60000",
    "comity sim --seed 17 --shrink --out 17.txt && comity sim --scenario 17.txt",
    "comity-sim cell --seed 17 --steps 5000",
    NULL};

const struct cy_manual cy_manual_sim = {
    "comity-sim", 1, "federations and cells on simulated machines, from seeds", sim_commands_, sim_options_, NULL,
    sim_words_, sim_examples_, "comity(1), comityd(8)"};

/* --- comity-model --- */

static const struct cy_manual_line model_commands_[] = {
    {"comity-model NOUN VERB [WORD...] [options]", "run a model; also: comity NOUN VERB"},
    {"comity-model --policy", "print what it may ask of the system"},
    END};

static const struct cy_manual_line model_options_[] = {
    {"--json", "print JSON; errors as problem documents"},
    {"--help", "the commands, or the options of one"},
    {"--version", "print the version"},
    END};

static const char *const model_words_[] = {
    "comity-model holds the models: power of votes, networks of states, screening, exposure, allocation. They advise; "
    "what decides something is checked apart, in exact numbers. The commands stand in comity(1), since comity runs "
    "this program for them.",
    "It reads the files that are named, and writes those that are named as outputs. The kernel of the system refuses "
    "it everything else: network, other programs, other files for writing.",
    "Exit codes: 0 done; 1 refused, or the finding is negative; 2 the command line is wrong; 3 trouble.",
    NULL};

static const char *const model_examples_[] = {
    "comity power index --weights 4,4,4,2,2,1 --quota 12",
    "comity-model power index members.csv --quota 2/3 --json",
    NULL};

const struct cy_manual cy_manual_model = {
    "comity-model", 1, "models that advise a federation, fenced in", model_commands_, model_options_, NULL, model_words_,
    model_examples_, "comity(1), comity-sim(1), comity-solve(1)"};

/* --- comity-solve --- */

static const struct cy_manual_line solve_commands_[] = {
    {"comity-solve lp solve FILE [options]", "solve a linear program, advised by a solver; also: comity lp solve"},
    {"comity-solve --policy", "print what a solver may ask of the system"},
    END};

static const struct cy_manual_line solve_options_[] = {
    {"--solver NAME", "clp, glpsol, cbc, esolver or none; the first that is installed"},
    {"--timeout SECONDS", "end the solver, and the search, after that time (60 for the solver)"},
    {"--help", "this text"},
    {"--version", "print the version"},
    END};

static const char *const solve_words_[] = {
    "comity-solve is the only program of Comity that runs others: a solver in floating point, whose last basis is "
    "taken as advice. Then it becomes comity-model(1), which computes the answer exactly and proves it.",
    "The solver runs in an empty directory, without network, with limits on time, memory and files; the kernel of the "
    "system refuses it everything else. No solver has to be installed: without one it is slower and comes to the same "
    "answer.",
    "All other options and the exit codes are those of comity-model(1).",
    NULL};

static const char *const solve_examples_[] = {
    "comity lp solve plan.mps --certificate plan.proof",
    "comity-solve lp solve plan.mps --solver glpsol --times",
    NULL};

const struct cy_manual cy_manual_solve = {
    "comity-solve", 1, "solvers in a cage, for their advice", solve_commands_, solve_options_, NULL, solve_words_,
    solve_examples_, "comity(1), comity-model(1), clp(1), glpsol(1), cbc(1)"};

/* clang-format on */
