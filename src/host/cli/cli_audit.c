#include "host/cli/cli_audit.h"

#include "host/audit/audit.h"

#include <unistd.h>

struct line {
    struct cy_cli *run;
    cy_time began;
    cy_time said;
};

static void show_progress(void *user, uint64_t done, uint64_t size)
{
    struct line *line = user;
    const cy_time now = cy_cli_now();

    if (line->run->json || !isatty(fileno(line->run->err)) ||
        (now - line->said < 200 && done != size))
        return;
    line->said = now;
    (void)fprintf(line->run->err, "\r%llu of %llu entries, %llu a second%s",
                  (unsigned long long)done, (unsigned long long)size,
                  (unsigned long long)(done * 1000 / (now - line->began + 1)),
                  done == size ? "\n" : "");
}

static void hex_of(const struct cy_id *id, char out[static 65])
{
    cy_hex(id->b, sizeof id->b, out);
}

static int report_json(struct cy_cli *run, const char *place, const struct cy_audit_report *r,
                       cy_err err, bool trusted, uint64_t took_ms)
{
    char root[65];
    char state[65];
    char realm[65];
    json_t *value = NULL;

    hex_of(&r->root, root);
    hex_of(&r->state_root, state);
    hex_of(&r->realm, realm);
    value = json_pack("{s:s,s:b,s:s,s:s,s:I,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:i,s:b,s:I}", "place",
                      place, "sound", cy_ok(err), "origin", r->origin, "realm", realm, "size",
                      (json_int_t)r->size, "root", root, "state_root", state, "entries",
                      (json_int_t)r->entries, "acts", (json_int_t)r->acts, "signatures",
                      (json_int_t)r->signatures, "state_roots", (json_int_t)r->state_roots, "tiles",
                      (json_int_t)r->tiles, "cosigned", (int)r->cosigned, "key_given", (int)trusted,
                      "took_ms", (json_int_t)took_ms);
    if (!cy_ok(err) && value != NULL) {
        (void)json_object_set_new(value, "why", json_string(r->why));
        (void)json_object_set_new(value, "code", json_string(cy_err_info(err.code)->path));
        (void)json_object_set_new(value, "remedy", json_string(cy_err_info(err.code)->remedy));
        if (r->bad != UINT64_MAX)
            (void)json_object_set_new(value, "bad_entry", json_integer((json_int_t)r->bad));
        if (r->file[0] != 0)
            (void)json_object_set_new(value, "file", json_string(r->file));
    }
    if (r->heights > 0 && value != NULL)
        (void)json_object_set_new(value, "heights", json_integer((json_int_t)r->heights));
    return cy_cli_print(run, value);
}

/* By whom the head is signed. */
static const char *signed_by(const struct cy_audit_report *r, const struct cy_cli_trust *trust)
{
    if (trust->has_policy)
        return "whom the policy given names, as it asks";
    if (r->heights > 0)
        return "members and trustees as the policy in its ledger asks";
    return trust->has_log ? "the key that was given"
                          : "the key that its genesis names (give --vkey to hold it to yours)";
}

static void report_people(struct cy_cli *run, const char *place, const struct cy_audit_report *r,
                          const struct cy_cli_trust *trust, uint64_t took_ms)
{
    char root[65];
    char state[65];
    char time_bytes[40];
    struct cy_text time = cy_text_on(time_bytes, sizeof time_bytes);

    hex_of(&r->root, root);
    hex_of(&r->state_root, state);
    cy_time_text(&time, r->time);
    (void)fprintf(
        run->out,
        "%s is sound: %s\n"
        "  head          %llu entries, root %s\n"
        "                signed by %s; %u of %u witnesses named cosigned it\n"
        "  entries       %llu replayed, %llu acts with those in batches, %llu signatures "
        "verified\n"
        "  tiles         %llu compared with the rebuilt tree\n"
        "  state         %llu state roots of ticks recomputed; now %s at %s\n"
        "  took          %llu ms, %llu acts a second\n",
        place, r->origin, (unsigned long long)r->size, root, signed_by(r, trust), r->cosigned,
        trust->has_policy ? trust->policy.n : trust->n_witnesses, (unsigned long long)r->entries,
        (unsigned long long)r->acts, (unsigned long long)r->signatures,
        (unsigned long long)r->tiles, (unsigned long long)r->state_roots, state, time_bytes,
        (unsigned long long)took_ms, (unsigned long long)(r->acts * 1000 / (took_ms + 1)));
    if (r->heights > 0)
        (void)fprintf(run->out, "  agreement     %llu heights, every ballot verified\n",
                      (unsigned long long)r->heights);
}

static int failed(struct cy_cli *run, const char *place, const struct cy_audit_report *r,
                  cy_err err)
{
    (void)fprintf(run->out,
                  "%s is NOT sound: %s\n  %llu of %llu entries were replayed before\n"
                  "  which side: %s (%s): %s\n  what to do: %s\n",
                  place, r->why, (unsigned long long)r->entries, (unsigned long long)r->size,
                  cy_err_info(err.code)->path, cy_err_info(err.code)->name,
                  cy_err_info(err.code)->text, cy_err_info(err.code)->remedy);
    return cy_cli_exit(err);
}

int cy_cli_audit(struct cy_cli *run)
{
    struct cy_cli_trust *trust = cy_arena_zero(&run->arena, sizeof *trust);
    struct cy_audit_report *report = cy_arena_zero(&run->arena, sizeof *report);
    struct line line = {.run = run, .began = cy_cli_now()};
    struct cy_audit_options options = {
        .roster = run->roster, .n_roster = run->n_roster, .progress = show_progress, .user = &line};
    struct cy_audit_source *source = NULL;
    const char *place = run->args.n_words > 1 ? run->args.words[1] : run->url;
    uint64_t took = 0;
    cy_err err = CY_OK;

    if (trust == NULL || report == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    if (place == NULL || place[0] == 0)
        return cy_cli_wrong(run, "write: comity audit DIR or URL");
    err = cy_cli_trust_read(run, trust);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    options.log = trust->has_log ? &trust->log : NULL;
    options.witnesses = trust->witnesses;
    options.n_witnesses = trust->n_witnesses;
    options.need = trust->need;
    options.policy = trust->has_policy ? &trust->policy : NULL;
    err = cy_audit_source_open(place, run->pin, &source);
    if (!cy_ok(err)) {
        cy_cli_note(run, "%s", source == NULL ? place : cy_audit_source_why(source));
        cy_audit_source_close(source);
        return cy_cli_fail(run, err, NULL);
    }
    err = cy_audit_run(source, &options, report);
    took = cy_cli_now() - line.began;
    cy_audit_source_close(source);
    if (run->json) {
        (void)report_json(run, place, report, err, trust->has_log, took);
        return cy_cli_exit(err);
    }
    if (!cy_ok(err))
        return failed(run, place, report, err);
    report_people(run, place, report, trust, took);
    return CY_EXIT_OK;
}
