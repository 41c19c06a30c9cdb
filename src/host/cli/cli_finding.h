/* cli_finding: one line of what was looked at, for `comity doctor` and `comity peer test`.
 *
 *     {check, state: ok | warn | bad | unknown, what, side, why, remedy, figures, took_us}
 *
 * A line that is not ok says which side failed (operator, peer, caller ...; as in an error's code),
 * why, and what to do. warn: it works, and somebody should look; bad: something does not work;
 * unknown: it could not be looked at. Names of checks and of figures are stable: others parse them.
 *
 * Owns: the list. Never: looks at anything. */
#ifndef CY_HOST_CLI_CLI_FINDING_H
#define CY_HOST_CLI_CLI_FINDING_H

#include "host/cli/cli_run.h"

enum cy_finding_state { CY_FOUND_OK, CY_FOUND_WARN, CY_FOUND_BAD, CY_FOUND_UNKNOWN };

struct cy_check_line {
    const char *check;
    enum cy_finding_state state;
    const char *side;   /* who is to act; NULL: operator. Not shown when ok */
    const char *remedy; /* NULL when ok */
    json_t *figures;    /* taken over; may be NULL */
    uint64_t took_us;   /* 0: not measured */
    char what[400];     /* one sentence; printed always */
    char why[400];      /* may be empty */
};

struct cy_findings {
    struct cy_cli *run;
    json_t *list;
    unsigned n[4]; /* by state */
};

void cy_findings_begin(struct cy_findings *all, struct cy_cli *run);

/* cy_finding_add prints a line, or keeps it for the end with --json. */
void cy_finding_add(struct cy_findings *all, const struct cy_check_line *finding);

/* cy_finding_say adds a line from its parts; see struct cy_check_line. */
__attribute__((format(printf, 8, 9))) void cy_finding_say(struct cy_findings *all,
                                                          enum cy_finding_state state,
                                                          const char *check, const char *side,
                                                          const char *why, const char *remedy,
                                                          json_t *figures, const char *format, ...);

/* cy_finding_good and cy_finding_err add the usual ones: format says what was found. The error's
 * side, text and remedy are those of its code; remedy replaces the latter unless NULL. */
__attribute__((format(printf, 4, 5))) void cy_finding_good(struct cy_findings *all,
                                                           const char *check, json_t *figures,
                                                           const char *format, ...);
__attribute__((format(printf, 6, 7))) void cy_finding_err(struct cy_findings *all,
                                                          enum cy_finding_state state,
                                                          const char *check, cy_err err,
                                                          const char *remedy, const char *format,
                                                          ...);

/* cy_findings_end prints the sum, or the whole as JSON {well, ok, warn, bad, unknown, red, checks},
 * and gives the exit code: 3 when something is bad. */
int cy_findings_end(struct cy_findings *all);

#endif
