#include "members.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/act.h"
#include "wire/tlog_proof.h"

#define ORIGIN "sea.example/federation"

/* --- the ceremony --- */

static void path_of(const struct members *m, const char *name, char out[static 96])
{
    snprintf(out, 96, "%s/%s", m->home->dir, name);
}

static void member_place(struct members *m, unsigned i)
{
    static const char *const origins[MEMBERS_MAX] = {
        "a.example/ledger", "b.example/ledger", "c.example/ledger", "d.example/ledger",
        "e.example/ledger", "f.example/ledger", "g.example/ledger", "h.example/ledger"};
    struct cell *cell = &m->at[i];

    cell->home = m->home;
    cell->origin = origins[i];
    snprintf(cell->dir, sizeof cell->dir, "%s/m%u", m->home->dir, i);
    snprintf(cell->data, sizeof cell->data, "%s/m%u/data", m->home->dir, i);
    snprintf(cell->conf, sizeof cell->conf, "%s/m%u/comityd.conf", m->home->dir, i);
    snprintf(cell->log, sizeof cell->log, "%s/m%u.log", m->home->dir, i);
    cell->port = cell_free_port();
    cell->plain_port = cell_free_port();
    snprintf(cell->url, sizeof cell->url, "http://127.0.0.1:%u", cell->plain_port);
}

static void make_seat(struct members *m, const struct members_options *options, unsigned i)
{
    struct cell *cell = &m->at[i];
    const char *address =
        options->address == NULL ? "127.0.0.1" : options->address(options->user, i);
    char operator_[16];
    char url[64];
    const char *const argv[] = {"comity", "federation", "seat",       "--dir",   cell->dir,
                                "--name", cell->origin, "--operator", operator_, "--url",
                                url,      "--host",     address,      "--tls",   NULL};

    if (options->own_seat != NULL && options->own_seat(options->user, m, i))
        return;
    snprintf(operator_, sizeof operator_, "OP%u", i);
    snprintf(url, sizeof url, "https://%s:%u", address, cell->port);
    cell_comity(cell, argv);
}

/* The cards of all as options of a command. */
static unsigned add_cards(const struct members *m, char cards[MEMBERS_MAX][96], const char **argv,
                          unsigned n)
{
    for (unsigned i = 0; i < m->n; i++) {
        snprintf(cards[i], 96, "%s/seat.conf", m->at[i].dir);
        argv[n++] = "--seat";
        argv[n++] = cards[i];
    }
    argv[n] = NULL;
    return n;
}

static void make_draft(struct members *m, const char *trustee, const char *param)
{
    char cards[MEMBERS_MAX][96];
    char out[96];
    const char *argv[64] = {"comity",  "federation",   "draft", "--name", ORIGIN,
                            "--param", "idle_ms=1000", "--out", out};
    unsigned n = 9;

    path_of(m, "genesis.draft", out);
    n = add_cards(m, cards, argv, n);
    if (param != NULL) {
        argv[n++] = "--param";
        argv[n++] = param;
        argv[n] = NULL;
    }
    if (trustee != NULL) {
        argv[n++] = "--trustee";
        argv[n++] = trustee;
        argv[n] = NULL;
    }
    cell_comity(&m->at[0], argv);
}

static void copy_file(const char *from, const char *to)
{
    size_t n = 0;
    char *bytes = file_read(from, &n);
    FILE *file = fopen(to, "w");

    assert_non_null(bytes);
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
    free(bytes);
}

static void sign_copy(struct members *m, const struct members_options *options, unsigned i)
{
    struct cell *cell = &m->at[i];
    char draft[96];
    char copy[96];
    char name[16];
    char socket[96];
    const char *const argv[] = {"comity", "federation", "sign", copy, "--signer", socket, NULL};

    path_of(m, "genesis.draft", draft);
    snprintf(name, sizeof name, "copy%u", i);
    path_of(m, name, copy);
    copy_file(draft, copy);
    snprintf(socket, sizeof socket, "%s/signer.sock", cell->dir);
    if (access(socket, F_OK) != 0 && cell->signer == 0) {
        char keys[96];

        snprintf(keys, sizeof keys, "%s/keys", cell->dir);
        if (access(keys, F_OK) != 0) { /* a seat that the test holds itself */
            options->own_sign(options->user, i, copy);
            return;
        }
        cell_start_signer(cell);
    }
    EVENTUALLY(30, access(socket, F_OK) == 0);
    cell_comity(cell, argv);
}

static void seal(struct members *m)
{
    char copies[MEMBERS_MAX][96];
    char out[96];
    const char *argv[32] = {"comity", "federation", "seal", "--out", out};
    unsigned n = 5;

    path_of(m, "genesis.act", out);
    for (unsigned i = 0; i < m->n; i++) {
        char name[16];

        snprintf(name, sizeof name, "copy%u", i);
        path_of(m, name, copies[i]);
        argv[n++] = copies[i];
    }
    cell_comity(&m->at[0], argv);
}

static void join(struct members *m, const struct members_options *options, unsigned i)
{
    struct cell *cell = &m->at[i];
    const char *address =
        options->address == NULL ? "127.0.0.1" : options->address(options->user, i);
    char cards[MEMBERS_MAX][96];
    char genesis[96];
    char plain[8];
    const char *argv[64] = {"comity",    "federation", "join",     "--dir", cell->dir,
                            "--genesis", genesis,      "--listen", address, "--plain-port",
                            plain,       "--host",     address};

    path_of(m, "genesis.act", genesis);
    snprintf(plain, sizeof plain, "%u", cell->plain_port);
    add_cards(m, cards, argv, 13);
    cell_comity(cell, argv);
    if (options->settings != NULL) {
        FILE *conf = fopen(cell->conf, "a");

        assert_non_null(conf);
        fputs(options->settings, conf);
        assert_int_equal(fclose(conf), 0);
    }
}

/* What an auditor would be given: the policy that stands in the genesis. */
static void learn_policy(struct members *m)
{
    static uint8_t room[1 << 20];
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    const struct cy_genesis *genesis = NULL;
    char path[96];
    struct cy_act act;
    size_t n = 0;
    char *bytes = NULL;

    path_of(m, "genesis.act", path);
    bytes = file_read(path, &n);
    assert_non_null(bytes);
    assert_ok(cy_act_open(cy_span_of(bytes, n), &arena, &act));
    genesis = act.any.message;
    assert_int_equal(genesis->n_seats, m->n);
    m->realm = act.id;
    snprintf(m->policy, sizeof m->policy, "%.*s", (int)genesis->policy.n,
             (const char *)genesis->policy.at);
    assert_ok(cy_policy_trust_read(cy_span_text(ORIGIN), cy_span_text(m->policy), &m->trust));
    free(bytes);
}

struct members *members_new(unsigned n, const struct members_options *options)
{
    static const struct members_options none;
    struct members *m = calloc(1, sizeof *m);

    assert_non_null(m);
    options = options == NULL ? &none : options;
    m->home = cells_new(0, NULL);
    m->n = n;
    m->visit = options->visit;
    m->user = options->user;
    for (unsigned i = 0; i < n; i++) {
        member_place(m, i);
        m->clients[i] = cy_client_new();
        assert_non_null(m->clients[i]);
        make_seat(m, options, i);
    }
    make_draft(m, options->trustee, options->param);
    for (unsigned i = 0; i < n; i++)
        sign_copy(m, options, i);
    seal(m);
    learn_policy(m);
    for (unsigned i = 0; i < n; i++) {
        char keys[96];

        m->at[i].realm = m->realm;
        snprintf(keys, sizeof keys, "%s/keys", m->at[i].dir);
        if (access(keys, F_OK) == 0)
            join(m, options, i);
    }
    return m;
}

void members_free(struct members *m)
{
    for (unsigned i = 0; i < m->n; i++) {
        cell_end(&m->at[i].daemon, SIGKILL);
        cell_end(&m->at[i].signer, SIGKILL);
        cy_client_free(m->clients[i]);
    }
    cells_free(m->home);
    free(m);
}

void member_start(struct members *m, unsigned i)
{
    if (m->at[i].signer == 0)
        cell_start_signer(&m->at[i]);
    if (m->visit != NULL)
        m->visit(m->user, i);
    cell_spawn_daemon(&m->at[i]);
    EVENTUALLY(60, member_figure(m, i, "size") != UINT64_MAX);
}

void members_start(struct members *m)
{
    for (unsigned i = 0; i < m->n; i++) {
        char conf[96];

        snprintf(conf, sizeof conf, "%s", m->at[i].conf);
        if (access(conf, F_OK) != 0)
            continue; /* a seat that the test holds itself */
        if (m->at[i].signer == 0)
            cell_start_signer(&m->at[i]);
        if (m->visit != NULL)
            m->visit(m->user, i);
        cell_spawn_daemon(&m->at[i]);
    }
    for (unsigned i = 0; i < m->n; i++)
        if (m->at[i].daemon != 0)
            EVENTUALLY(60, member_figure(m, i, "size") != UINT64_MAX);
}

/* --- asking --- */

static struct got ask_member(struct members *m, unsigned i, const char *path)
{
    if (m->visit != NULL)
        m->visit(m->user, i);
    return ask(&m->at[i], m->clients[i], path);
}

uint64_t member_figure(struct members *m, unsigned i, const char *name)
{
    struct got got = ask_member(m, i, "/v1/federation");
    const json_t *value = got.json == NULL ? NULL : json_object_get(got.json, name);
    const uint64_t n = json_is_integer(value) ? (uint64_t)json_integer_value(value) : UINT64_MAX;

    got_free(&got);
    return n;
}

void member_say(struct members *m, unsigned i, const char *name, char out[static 64])
{
    struct got got = ask_member(m, i, "/v1/federation");

    snprintf(out, 64, "%s", got.json == NULL ? "" : got_text(&got, name));
    got_free(&got);
}

static void party_name(unsigned number, char out[static 32])
{
    snprintf(out, 32, "Party %u", number);
}

/* The receipt is final and its proof leads, without asking anybody, to a head that meets the
 * founders' policy. */
static bool receipt_holds(struct members *m, const struct got *got, struct cy_span act)
{
    const struct cy_trust trust = {.policy = &m->trust};
    const struct cy_id leaf = cy_hash_leaf(act);
    struct cy_tlog_proof proof;
    struct cy_checkpoint head;
    uint32_t cosigned = 0;

    return got->status == 200 && strcmp(got_text(got, "level"), "final") == 0 &&
           cy_ok(cy_tlog_proof_read(cy_span_text(got_text(got, "proof")), &proof)) &&
           cy_ok(cy_trust_head(proof.checkpoint, &trust, &head, &cosigned)) &&
           proof.index == got_u64(got, "index") &&
           cy_ok(
               cy_merkle_inclusion(&leaf, proof.index, head.size, proof.path, proof.n, &head.root));
}

static struct got post_passport(struct members *m, unsigned i, unsigned number, struct act *act)
{
    struct cy_key_share share;
    struct party party;
    char name[32];

    party_make(&party, number);
    party_name(number, name);
    share = (struct cy_key_share){.key = party.key, .weight = 1};
    PARTY_ACT(&m->at[i], &party, passport_create, act, .kind = CY_kind_NATION,
              .name = name_of(name), .keys = &share, .n_keys = 1, .need_0 = 1);
    if (m->visit != NULL)
        m->visit(m->user, i);
    return send_to(&m->at[i], m->clients[i], "/v1/acts?wait=final", act_span(act));
}

uint64_t entered(struct members *m, unsigned i, unsigned number)
{
    struct act *act = malloc(sizeof *act);
    struct got got = post_passport(m, i, number, act);
    const uint64_t index = receipt_holds(m, &got, act_span(act)) ? got_u64(&got, "index") : 0;

    got_free(&got);
    free(act);
    return index;
}

uint64_t enter(struct members *m, unsigned i, unsigned number)
{
    struct act *act = malloc(sizeof *act);
    struct got got = post_passport(m, i, number, act);
    uint64_t index = 0;

    if (!receipt_holds(m, &got, act_span(act))) {
        print_error("member %u: no final receipt: %s %u %.1500s\n", i,
                    cy_err_info(got.err.code)->name, got.status, got.body == NULL ? "" : got.body);
        fail();
    }
    index = got_u64(&got, "index");
    got_free(&got);
    free(act);
    return index;
}

bool member_has(struct members *m, unsigned i, unsigned number, uint64_t index)
{
    char path[48];
    char name[32];
    char want[64];
    struct got got;
    bool there = false;

    party_name(number, name);
    snprintf(want, sizeof want, "\"%s\"", name);
    snprintf(path, sizeof path, "/v1/acts/%llu", (unsigned long long)index);
    got = ask_member(m, i, path);
    there = got.status == 200 && strstr(got.body, want) != NULL;
    got_free(&got);
    return there;
}

/* The final head of a member: its size, 0 for none. */
static uint64_t final_of(struct members *m, unsigned i, char root[static 65])
{
    struct got got = ask_member(m, i, "/v1/federation");
    const json_t *final = got.json == NULL ? NULL : json_object_get(got.json, "final");
    const uint64_t size = (uint64_t)json_integer_value(json_object_get(final, "size"));
    const char *text = json_string_value(json_object_get(final, "root"));

    snprintf(root, 65, "%s", text == NULL ? "" : text);
    got_free(&got);
    return size;
}

static bool all_same(struct members *m, unsigned mask, uint64_t least)
{
    char roots[MEMBERS_MAX][65];
    uint64_t sizes[MEMBERS_MAX] = {0};
    bool same = true;
    unsigned first = MEMBERS_MAX;

    for (unsigned i = 0; i < m->n; i++) {
        if ((mask >> i & 1) == 0)
            continue;
        sizes[i] = final_of(m, i, roots[i]);
        first = first == MEMBERS_MAX ? i : first;
    }
    for (unsigned i = 0; i < m->n; i++) {
        for (unsigned k = i + 1; k < m->n; k++) {
            if ((mask >> i & 1) != 0 && (mask >> k & 1) != 0 && sizes[i] == sizes[k] &&
                sizes[i] > 0)
                assert_string_equal(roots[i], roots[k]);
        }
        if ((mask >> i & 1) != 0)
            same = same && sizes[i] == sizes[first] && sizes[i] >= least;
    }
    return same;
}

void members_same(struct members *m, unsigned mask, uint64_t size)
{
    EVENTUALLY(40, all_same(m, mask, size));
}
