#include "host/cli/cli_list_metrics.h"

#include "base/date.h"
#include "host/json/json.h"

#include <inttypes.h>
#include <stdlib.h>

#define PATH_BYTES 320
#define CHANGES 1000u /* of each list at most are looked at */

struct figures {
    uint64_t ms[CHANGES]; /* of each restraint in force, ascending */
    size_t n;
};

static bool time_of(const json_t *object, const char *name, cy_time *out)
{
    return cy_ok(cy_time_read(cy_span_text(cy_json_word(object, name)), out));
}

static int by_size(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

/* --- reading --- */

static cy_err fetch(struct cy_cli *run, const char *table, const char *field, const char *list,
                    json_t **out)
{
    char path[PATH_BYTES];

    (void)snprintf(path, sizeof path, "/v1/records/%s?limit=%u&%s=%s", table, CHANGES, field, list);
    return cy_cli_fetch_json(run, path, out);
}

/* The restraints of a source by their subjects. */
static json_t *by_subject(const json_t *restraints)
{
    json_t *out = json_object();
    json_t *item = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(restraints, "items"), i, item)
    {
        (void)json_object_set(out, cy_json_word(item, "subject"), item);
    }
    return out;
}

/* A change that a later one took the place of is passed over: its restraint is gone. */
static void measure(const json_t *changes, const json_t *restraints, struct figures *figures)
{
    json_t *subjects = by_subject(restraints);
    const json_t *items = json_object_get(changes, "items");

    figures->n = 0;
    for (size_t i = json_array_size(items); i-- > 0;) {
        const json_t *change = json_array_get(items, i);
        const char *subject = cy_json_word(change, "subject");
        const json_t *restraint = json_object_get(subjects, subject);
        cy_time at = 0;
        cy_time since = 0;

        if (time_of(change, "at", &at) && time_of(restraint, "since", &since) &&
            figures->n < CHANGES)
            figures->ms[figures->n++] = since > at ? since - at : 0;
        (void)json_object_del(subjects, subject);
    }
    json_decref(subjects);
    qsort(figures->ms, figures->n, sizeof figures->ms[0], by_size);
}

/* --- telling --- */

static uint64_t quantile(const struct figures *figures, unsigned percent)
{
    return figures->n == 0 ? 0 : figures->ms[(figures->n - 1) * percent / 100];
}

static void tell(struct cy_cli *run, const json_t *list, const struct figures *f, json_t *all)
{
    const bool mirror = cy_cli_sanction_number(list, "passed") > 0;
    const uint64_t number = cy_cli_sanction_number(list, "number");
    const uint64_t head = cy_cli_sanction_number(list, "head");
    const uint64_t behind = mirror && head > number ? head - number : 0;

    if (run->json) {
        (void)json_array_append_new(
            all,
            json_pack("{s:s,s:s,s:b,s:I,s:I,s:I,s:I,s:I,s:I}", "list", cy_json_word(list, "id"),
                      "code", cy_json_word(list, "code"), "mirror", mirror, "changes",
                      (json_int_t)number, "behind", (json_int_t)behind, "in_force",
                      (json_int_t)f->n, "median_ms", (json_int_t)quantile(f, 50), "p99_ms",
                      (json_int_t)quantile(f, 99), "most_ms", (json_int_t)quantile(f, 100)));
        return;
    }
    (void)fprintf(run->out,
                  "%-15s  %" PRIu64 " changes, %zu in force: ", cy_json_word(list, "code"), number,
                  f->n);
    if (!mirror)
        (void)fprintf(run->out, "decided here, in force with the act\n");
    else
        (void)fprintf(run->out,
                      "in force here %" PRIu64 " ms after the decision (median), %" PRIu64
                      " ms (p99), %" PRIu64 " ms at most; %" PRIu64 " behind\n",
                      quantile(f, 50), quantile(f, 99), quantile(f, 100), behind);
}

static cy_err one(struct cy_cli *run, const json_t *list, struct figures *figures, json_t *all)
{
    json_t *changes = NULL;
    json_t *restraints = NULL;
    cy_err err = fetch(run, "sanction_delta", "list", cy_json_word(list, "id"), &changes);

    if (cy_ok(err))
        err = fetch(run, "restraint", "source", cy_json_word(list, "id"), &restraints);
    if (cy_ok(err)) {
        measure(changes, restraints, figures);
        tell(run, list, figures, all);
    }
    json_decref(changes);
    json_decref(restraints);
    return err;
}

int cy_cli_list_metrics(struct cy_cli *run)
{
    struct figures *figures = cy_arena_zero(&run->arena, sizeof *figures);
    char wanted[65] = "";
    json_t *lists = NULL;
    json_t *all = json_array();
    const json_t *item = NULL;
    size_t i = 0;
    cy_err err = figures == NULL ? cy_fail(CY_E_NO_ROOM, 0) : CY_OK;

    if (cy_ok(err) && run->args.n_words > 2)
        err = cy_cli_sanction_named(run, run->args.words[2], wanted);
    if (cy_ok(err))
        err = cy_cli_fetch_json(run, "/v1/records/sanction_list?limit=1000", &lists);
    json_array_foreach(json_object_get(lists, "items"), i, item)
    {
        if (cy_ok(err) && (wanted[0] == 0 || strcmp(wanted, cy_json_word(item, "id")) == 0))
            err = one(run, item, figures, all);
    }
    json_decref(lists);
    if (cy_ok(err) && run->json)
        return cy_cli_print(run, json_pack("{s:o}", "lists", all));
    json_decref(all);
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}
