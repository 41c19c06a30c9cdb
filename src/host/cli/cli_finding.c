#include "host/cli/cli_finding.h"

#include <stdarg.h>

static const char *const states[] = {"ok", "warn", "bad", "unknown"};
static const char *const marks[] = {"ok ", "?! ", "RED", "?  "};

void cy_findings_begin(struct cy_findings *all, struct cy_cli *run)
{
    *all = (struct cy_findings){.run = run, .list = json_array()};
}

static void print_line(struct cy_cli *run, const struct cy_check_line *f)
{
    (void)fprintf(run->out, "%s  %-12s %s", marks[f->state], f->check, f->what);
    if (f->took_us > 0)
        (void)fprintf(run->out, " (%llu.%llu ms)", (unsigned long long)(f->took_us / 1000),
                      (unsigned long long)(f->took_us % 1000 / 100));
    if (f->state != CY_FOUND_OK && f->why[0] != 0)
        (void)fprintf(run->out, "\n                  why: %s", f->why);
    if (f->state != CY_FOUND_OK && f->remedy != NULL)
        (void)fprintf(run->out, "\n                  what to do: %s", f->remedy);
    (void)fputc('\n', run->out);
}

void cy_finding_add(struct cy_findings *all, const struct cy_check_line *finding)
{
    const struct cy_check_line *f = finding;
    const bool ok = f->state == CY_FOUND_OK;

    all->n[f->state]++;
    if (!all->run->json) {
        print_line(all->run, f);
        json_decref(f->figures);
        return;
    }
    (void)json_array_append_new(
        all->list, json_pack("{s:s,s:s,s:b,s:s,s:s*,s:s*,s:s*,s:o*,s:o*}", "check", f->check,
                             "state", states[f->state], "good", ok || f->state == CY_FOUND_WARN,
                             "what", f->what, "side",
                             ok                ? NULL
                             : f->side != NULL ? f->side
                                               : "operator",
                             "why", ok || f->why[0] == 0 ? NULL : f->why, "remedy",
                             ok ? NULL : f->remedy, "figures", f->figures, "took_us",
                             f->took_us > 0 ? json_integer((json_int_t)f->took_us) : NULL));
}

void cy_finding_say(struct cy_findings *all, enum cy_finding_state state, const char *check,
                    const char *side, const char *why, const char *remedy, json_t *figures,
                    const char *format, ...)
{
    struct cy_check_line f = {
        .check = check, .state = state, .side = side, .remedy = remedy, .figures = figures};
    va_list list;

    va_start(list, format);
    (void)vsnprintf(f.what, sizeof f.what, format, list);
    va_end(list);
    (void)snprintf(f.why, sizeof f.why, "%s", why);
    cy_finding_add(all, &f);
}

void cy_finding_good(struct cy_findings *all, const char *check, json_t *figures,
                     const char *format, ...)
{
    struct cy_check_line f = {.check = check, .figures = figures};
    va_list list;

    va_start(list, format);
    (void)vsnprintf(f.what, sizeof f.what, format, list);
    va_end(list);
    cy_finding_add(all, &f);
}

void cy_finding_err(struct cy_findings *all, enum cy_finding_state state, const char *check,
                    cy_err err, const char *remedy, const char *format, ...)
{
    const struct cy_err_info *info = cy_err_info(err.code);
    struct cy_check_line f = {
        .check = check, .state = state, .remedy = remedy != NULL ? remedy : info->remedy};
    char side[32];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(f.what, sizeof f.what, format, list);
    va_end(list);
    (void)snprintf(side, sizeof side, "%.*s", (int)strcspn(info->path, "."), info->path);
    f.side = side;
    (void)snprintf(f.why, sizeof f.why, "%s (%s)", info->text, info->path);
    cy_finding_add(all, &f);
}

int cy_findings_end(struct cy_findings *all)
{
    const unsigned *n = all->n;

    if (all->run->json) {
        (void)cy_cli_print(
            all->run, json_pack("{s:b,s:i,s:i,s:i,s:i,s:i,s:o}", "well", n[CY_FOUND_BAD] == 0, "ok",
                                (int)n[CY_FOUND_OK], "warn", (int)n[CY_FOUND_WARN], "bad",
                                (int)n[CY_FOUND_BAD], "unknown", (int)n[CY_FOUND_UNKNOWN], "red",
                                (int)n[CY_FOUND_BAD], "checks", all->list));
    } else {
        if (n[CY_FOUND_BAD] + n[CY_FOUND_WARN] + n[CY_FOUND_UNKNOWN] == 0)
            (void)fprintf(all->run->out, "all is well\n");
        else
            (void)fprintf(all->run->out, "%u red, %u to look at, %u not known\n", n[CY_FOUND_BAD],
                          n[CY_FOUND_WARN], n[CY_FOUND_UNKNOWN]);
        json_decref(all->list);
    }
    all->list = NULL;
    return n[CY_FOUND_BAD] == 0 ? CY_EXIT_OK : CY_EXIT_TROUBLE;
}
