/* cli_import: many passports at once, and the countries of ISO 3166.
 *
 *     keys made -> passports signed -> sent over several connections -> codes attested in batches
 *
 * Repeating an import is harmless: what has an alias here, or a code attested in the realm, is
 * passed over.
 *
 * Owns: nothing. */
#ifndef CY_HOST_CLI_CLI_IMPORT_H
#define CY_HOST_CLI_CLI_IMPORT_H

#include "host/cli/cli_send.h"

#define CY_NEWCOMER_CODES 4u

/* A passport to be made. Texts are borrowed. */
struct cy_newcomer {
    uint8_t kind;
    const char *name;  /* cut to 63 bytes at a character */
    const char *alias; /* also the label of its key */
    struct {
        const char *scheme;
        const char *value;
    } codes[CY_NEWCOMER_CODES];
    uint32_t n_codes;
    bool retire; /* once it stands and its codes are attested: a party that is no more */
};

struct cy_import_count {
    size_t made;
    size_t there; /* before */
    size_t attested;
    size_t retired;
    size_t refused;
};

/* cy_cli_newcomers makes the passports that are missing. Refusals are printed, counted and do not
 * stop the rest. Fails with trouble. With --dry-run it only counts. */
CY_MUST_USE cy_err cy_cli_newcomers(struct cy_cli *run, const struct cy_newcomer *newcomers,
                                    size_t n, struct cy_import_count *count);

/* cy_cli_send_all posts n signed acts with a progress line; what each is called stands in names
 * (printed with a refusal). *refused is added to. ids may be NULL. Fails with trouble. */
CY_MUST_USE cy_err cy_cli_send_all(struct cy_cli *run, const char *what, const struct cy_span *acts,
                                   const char *const *names, size_t n, cy_err *errors,
                                   struct cy_id *ids, size_t *refused);

extern const struct cy_cli_option cy_cli_import_options[];

/* cy_cli_import_passports is the command. */
int cy_cli_import_passports(struct cy_cli *run);

#endif
