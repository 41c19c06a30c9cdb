/* sandbox_place: what stands in a sandbox: cells, federations and their members' nodes, with their
 * directories and ports.
 *
 *      DIR/places              name, TLS port and plain port of each place, one a line; written
 * last DIR/north ...           a cell: as `comity init` makes it DIR/ocean/fisher ...    a member's
 * node in a federation: as `comity federation seat` makes it
 *
 * Two nations, three communities and a company have a cell each. Two federations of four members
 * overlap in two of them. Every place is a daemon of its own; every member has a signer, which its
 * cell and its nodes share.
 *
 * Owns: the table of places, the form of DIR/places. Never: starts anything. */
#ifndef CY_HOST_CLI_SANDBOX_PLACE_H
#define CY_HOST_CLI_SANDBOX_PLACE_H

#include "host/cli/cli_run.h"

#define CY_SANDBOX_MOST 16u
#define CY_SANDBOX_PATH 1200u

struct cy_sandbox_row {
    const char *name;       /* north, ocean/fisher: also its directory */
    const char *origin;     /* of the ledger */
    const char *title;      /* for people */
    const char *kind;       /* nation, community, company; node */
    const char *federation; /* NULL: a cell */
    const char *cell;       /* of a node: its member's own cell */
};

struct cy_sandbox_place {
    const struct cy_sandbox_row *row;
    uint16_t port;  /* TLS */
    uint16_t plain; /* without, on loopback */
};

struct cy_sandbox {
    struct cy_cli *run;
    char dir[CY_HOME_DIR_MAX]; /* absolute */
    struct cy_sandbox_place places[CY_SANDBOX_MOST];
    size_t n;
};

/* cy_sandbox_rows is the table. */
const struct cy_sandbox_row *cy_sandbox_rows(size_t *n);

/* cy_sandbox_dir finds the sandbox's directory: --dir, else comity-sandbox in the working
 * directory; create: makes it. Fails with SANDBOX_NONE, TOO_LARGE, DISK_FAILED. */
CY_MUST_USE cy_err cy_sandbox_dir(struct cy_cli *run, bool create, struct cy_sandbox *out);

/* cy_sandbox_read reads DIR/places; n is 0 when the file is not there yet. Fails with BAD_CONFIG
 * (detail: line). */
CY_MUST_USE cy_err cy_sandbox_read(struct cy_sandbox *sandbox);

/* cy_sandbox_ports gives every place two ports: free ones, or from `base` on (cell i: base + i and
 * base + 10 + i, the nodes after 20 of them) when it is not 0. Fails with NO_ROOM (detail: errno).
 */
CY_MUST_USE cy_err cy_sandbox_ports(struct cy_sandbox *sandbox, uint16_t base);

/* cy_sandbox_write writes DIR/places. Fails with DISK_FAILED. */
CY_MUST_USE cy_err cy_sandbox_write(const struct cy_sandbox *sandbox);

/* cy_sandbox_find finds a place by name; NULL when there is none. */
const struct cy_sandbox_place *cy_sandbox_find(const struct cy_sandbox *sandbox, const char *name);

/* cy_sandbox_path writes DIR/PLACE/FILE (place NULL: DIR/FILE). */
void cy_sandbox_path(const struct cy_sandbox *sandbox, const struct cy_sandbox_place *place,
                     const char *file, char out[static CY_SANDBOX_PATH]);

#endif
