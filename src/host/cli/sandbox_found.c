#include "host/cli/sandbox_found.h"

#include "host/cli/cli_draft.h"

#include <stdlib.h>
#include <sys/stat.h>

#define LOG "making.log"
#define WORD 160u

/* Texts of the commands of one step; they live as long as the step. */
struct step {
    struct cy_sandbox *sandbox;
    struct cy_sandbox_task tasks[CY_SANDBOX_MOST];
    char texts[CY_SANDBOX_MOST][6][CY_SANDBOX_PATH];
    size_t n;
};

static struct cy_sandbox_task *add(struct step *step, const struct cy_sandbox_place *place)
{
    struct cy_sandbox_task *task = &step->tasks[step->n++];

    *task = (struct cy_sandbox_task){.place = place, .log = LOG};
    return task;
}

static void words(struct cy_sandbox_task *task, const char *const *list)
{
    size_t n = 0;

    while (task->words[n] != NULL)
        n++;
    for (; *list != NULL; list++) {
        CY_ASSERT(n + 1 < CY_COUNT(task->words));
        task->words[n++] = *list;
    }
    task->words[n] = NULL;
}

#define WORDS(task, ...) words((task), (const char *const[]){__VA_ARGS__, NULL})

/* Runs the step's commands at once, and makes it empty. */
static cy_err run(struct step *step)
{
    const cy_err err = cy_sandbox_all(step->sandbox, step->tasks, step->n);

    step->n = 0;
    return err;
}

/* --- cells --- */

static cy_err make_cells(struct step *step)
{
    struct cy_sandbox *s = step->sandbox;

    for (size_t i = 0; i < s->n; i++) {
        const struct cy_sandbox_place *p = &s->places[i];
        char(*text)[CY_SANDBOX_PATH] = step->texts[i];

        if (p->row->federation != NULL)
            continue;
        (void)snprintf(text[0], WORD, "%u", (unsigned)p->port);
        (void)snprintf(text[1], WORD, "%u", (unsigned)p->plain);
        WORDS(add(step, p), "init", "--name", p->row->origin, "--tls", "--port", text[0],
              "--plain-port", text[1]);
    }
    return run(step);
}

/* Neighbours in the table witness each other, in a ring: every cell has two witnesses. */
static cy_err introduce(struct step *step)
{
    struct cy_sandbox *s = step->sandbox;
    size_t cells = 0;

    while (cells < s->n && s->places[cells].row->federation == NULL)
        cells++;
    for (size_t turn = 0; turn < 2;
         turn++) { /* one at a time for each cell: both write its files */
        for (size_t i = 0; i < cells; i++) {
            const size_t other = turn == 0 ? (i + 1) % cells : (i + cells - 1) % cells;

            cy_sandbox_path(s, &s->places[other], "", step->texts[i][0]);
            WORDS(add(step, &s->places[i]), "peer", "add", "--peer", step->texts[i][0], "--witness",
                  "--cosign");
        }
        CY_TRY(run(step));
    }
    return CY_OK;
}

/* --- federations --- */

static bool sits_in(const struct cy_sandbox_place *place, const char *federation)
{
    return place->row->federation != NULL && strcmp(place->row->federation, federation) == 0;
}

static void signer_of(const struct cy_sandbox *s, const struct cy_sandbox_place *p,
                      char out[static CY_SANDBOX_PATH])
{
    cy_sandbox_path(s, cy_sandbox_find(s, p->row->cell), "signer.sock", out);
}

/* Every member makes its seat and its card. */
static cy_err make_seats(struct step *step, const char *federation)
{
    struct cy_sandbox *s = step->sandbox;
    char dir[CY_SANDBOX_PATH];

    cy_sandbox_path(s, NULL, federation, dir);
    if (mkdir(dir, 0700) != 0)
        return cy_fail(CY_E_DISK_FAILED, 0);
    for (size_t i = 0; i < s->n; i++) {
        const struct cy_sandbox_place *p = &s->places[i];
        char(*text)[CY_SANDBOX_PATH] = step->texts[i];

        if (!sits_in(p, federation))
            continue;
        cy_sandbox_path(s, cy_sandbox_find(s, p->row->cell), "", text[0]);
        signer_of(s, p, text[1]);
        (void)snprintf(text[2], WORD, "https://127.0.0.1:%u", (unsigned)p->port);
        WORDS(add(step, p), "federation", "seat", "--cell", text[0], "--signer", text[1], "--label",
              federation, "--operator", p->row->cell, "--tls", "--url", text[2]);
    }
    return run(step);
}

/* One draft of all cards; each member signs a copy; together they are the genesis. */
static cy_err agree_genesis(struct step *step, const char *federation)
{
    struct cy_sandbox *s = step->sandbox;
    struct cy_sandbox_task *task = NULL;
    char name[WORD];
    char draft[CY_SANDBOX_PATH];
    char genesis[CY_SANDBOX_PATH];

    (void)snprintf(name, sizeof name, "%.32s.example/ledger", federation);
    (void)snprintf(draft, sizeof draft, "%.800s/%.32s/genesis.draft", s->dir, federation);
    (void)snprintf(genesis, sizeof genesis, "%.800s/%.32s/genesis.act", s->dir, federation);
    task = add(step, NULL);
    WORDS(task, "federation", "draft", "--name", name, "--param", "idle_ms=1000", "--out", draft);
    for (size_t i = 0; i < s->n; i++) {
        if (!sits_in(&s->places[i], federation))
            continue;
        cy_sandbox_path(s, &s->places[i], "seat.conf", step->texts[i][0]);
        WORDS(task, "--seat", step->texts[i][0]);
    }
    CY_TRY(run(step));
    for (size_t i = 0; i < s->n; i++) {
        if (!sits_in(&s->places[i], federation))
            continue;
        signer_of(s, &s->places[i], step->texts[i][0]);
        cy_sandbox_path(s, &s->places[i], "signed.draft", step->texts[i][1]);
        WORDS(add(step, NULL), "federation", "sign", draft, "--signer", step->texts[i][0], "--out",
              step->texts[i][1]);
    }
    CY_TRY(run(step));
    task = add(step, NULL);
    WORDS(task, "federation", "seal");
    for (size_t i = 0; i < s->n; i++) {
        if (sits_in(&s->places[i], federation))
            WORDS(task, step->texts[i][1]);
    }
    WORDS(task, "--out", genesis);
    return run(step);
}

/* The policy that all have signed, as a file: whoever verifies a receipt trusts it and no key. */
static cy_err write_policy(struct cy_sandbox *s, const char *federation)
{
    char path[CY_SANDBOX_PATH];
    struct cy_act act;
    const struct cy_genesis *genesis = NULL;

    (void)snprintf(path, sizeof path, "%.800s/%.32s/genesis.act", s->dir, federation);
    CY_TRY(cy_cli_draft_read(s->run, path, &act));
    if (act.any.schema != &cy_schema_genesis)
        return cy_fail(CY_E_SANDBOX_STEP, 5);
    genesis = act.any.message;
    (void)snprintf(path, sizeof path, "%.800s/%.32s/policy", s->dir, federation);
    return cy_cli_write_file(s->run, path, genesis->policy);
}

/* Every member writes the settings of its node, from the genesis and the others' cards. */
static cy_err join(struct step *step, const char *federation)
{
    struct cy_sandbox *s = step->sandbox;
    char genesis[CY_SANDBOX_PATH];

    (void)snprintf(genesis, sizeof genesis, "%.800s/%.32s/genesis.act", s->dir, federation);
    for (size_t i = 0; i < s->n; i++) {
        const struct cy_sandbox_place *p = &s->places[i];
        struct cy_sandbox_task *task = NULL;

        if (!sits_in(p, federation))
            continue;
        task = add(step, p);
        signer_of(s, p, step->texts[i][1]);
        (void)snprintf(step->texts[i][2], WORD, "%u", (unsigned)p->plain);
        cy_sandbox_path(s, p, "seat.conf", step->texts[i][0]);
        WORDS(task, "federation", "join", "--genesis", genesis, "--signer", step->texts[i][1],
              "--label", federation, "--plain-port", step->texts[i][2]);
        for (size_t j = 0; j < s->n; j++) {
            if (j == i || !sits_in(&s->places[j], federation))
                continue;
            cy_sandbox_path(s, &s->places[j], "seat.conf", step->texts[j][0]);
            WORDS(task, "--seat", step->texts[j][0]);
        }
    }
    return run(step);
}

static cy_err found_federation(struct step *step, const char *federation)
{
    CY_TRY(make_seats(step, federation));
    CY_TRY(agree_genesis(step, federation));
    CY_TRY(write_policy(step->sandbox, federation));
    return join(step, federation);
}

cy_err cy_sandbox_found(struct cy_sandbox *sandbox)
{
    struct step *step = calloc(1, sizeof *step);
    cy_err err = CY_OK;

    if (step == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    step->sandbox = sandbox;
    err = make_cells(step);
    if (cy_ok(err))
        err = introduce(step);
    if (cy_ok(err))
        err = cy_sandbox_start(sandbox, CY_SANDBOX_SIGNER);
    if (cy_ok(err))
        err = found_federation(step, "ocean");
    if (cy_ok(err))
        err = found_federation(step, "strait");
    free(step);
    return err;
}
