#include "host/cli/sandbox_place.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACES "places"
#define SOCKET_MAX 107u /* of a path, sockaddr_un */

/* clang-format off */
static const struct cy_sandbox_row rows[] = {
    {"north",        "north.example/ledger",  "Norland",                "nation",    NULL,     NULL},
    {"south",        "south.example/ledger",  "Southland",              "nation",    NULL,     NULL},
    {"fisher",       "fisher.example/ledger", "Fishers of Cape Norr",   "community", NULL,     NULL},
    {"reef",         "reef.example/ledger",   "Reef Institute",         "community", NULL,     NULL},
    {"isle",         "isle.example/ledger",   "Isle Guides",            "community", NULL,     NULL},
    {"ferry",        "ferry.example/ledger",  "Strait Ferries Ltd",     "company",   NULL,     NULL},
    {"ocean/fisher", "ocean.example/ledger",  "seat of the fishers",    "node",      "ocean",  "fisher"},
    {"ocean/reef",   "ocean.example/ledger",  "seat of the institute",  "node",      "ocean",  "reef"},
    {"ocean/isle",   "ocean.example/ledger",  "seat of the guides",     "node",      "ocean",  "isle"},
    {"ocean/ferry",  "ocean.example/ledger",  "seat of the ferries",    "node",      "ocean",  "ferry"},
    {"strait/north", "strait.example/ledger", "seat of Norland",        "node",      "strait", "north"},
    {"strait/south", "strait.example/ledger", "seat of Southland",      "node",      "strait", "south"},
    {"strait/isle",  "strait.example/ledger", "seat of the guides",     "node",      "strait", "isle"},
    {"strait/ferry", "strait.example/ledger", "seat of the ferries",    "node",      "strait", "ferry"},
};
/* clang-format on */

const struct cy_sandbox_row *cy_sandbox_rows(size_t *n)
{
    CY_ASSERT(CY_COUNT(rows) <= CY_SANDBOX_MOST);
    *n = CY_COUNT(rows);
    return rows;
}

cy_err cy_sandbox_dir(struct cy_cli *run, bool create, struct cy_sandbox *out)
{
    const char *given = cy_cli_arg(&run->args, "dir");
    char real[PATH_MAX];

    *out = (struct cy_sandbox){.run = run};
    given = given != NULL ? given : "comity-sandbox";
    if (create && mkdir(given, 0700) != 0 && errno != EEXIST) {
        cy_cli_note(run, "%s: %s", given, strerror(errno));
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    }
    if (realpath(given, real) == NULL) {
        cy_cli_note(run, "%s: %s", given, strerror(errno));
        return cy_fail(CY_E_SANDBOX_NONE, (uint64_t)errno);
    }
    if (strlen(real) + sizeof "/strait/ferry/signer.sock" > SOCKET_MAX) {
        cy_cli_note(
            run, "%s: the paths of sockets below it have room for %u bytes; choose a shorter one",
            real, SOCKET_MAX);
        return cy_fail(CY_E_TOO_LARGE, SOCKET_MAX);
    }
    (void)snprintf(out->dir, sizeof out->dir, "%.800s", real);
    return CY_OK;
}

void cy_sandbox_path(const struct cy_sandbox *sandbox, const struct cy_sandbox_place *place,
                     const char *file, char out[static CY_SANDBOX_PATH])
{
    (void)snprintf(out, CY_SANDBOX_PATH, "%.800s%s%.100s%s%.200s", sandbox->dir,
                   place == NULL ? "" : "/", place == NULL ? "" : place->row->name,
                   file[0] == 0 ? "" : "/", file);
}

const struct cy_sandbox_place *cy_sandbox_find(const struct cy_sandbox *sandbox, const char *name)
{
    for (size_t i = 0; i < sandbox->n; i++) {
        if (strcmp(sandbox->places[i].row->name, name) == 0)
            return &sandbox->places[i];
    }
    return NULL;
}

/* --- the file --- */

static const struct cy_sandbox_row *row_named(const char *name)
{
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}

/* A line: name, port, plain port. */
static bool read_place(char *line, struct cy_sandbox_place *place)
{
    char *rest = NULL;
    const char *name = strtok_r(line, " \n", &rest);
    uint64_t ports[2];

    if (name == NULL)
        return false;
    for (size_t i = 0; i < CY_COUNT(ports); i++) {
        const char *word = strtok_r(NULL, " \n", &rest);

        if (word == NULL || !cy_ok(cy_u64_read(cy_span_text(word), &ports[i])) || ports[i] > 65535)
            return false;
    }
    *place = (struct cy_sandbox_place){row_named(name), (uint16_t)ports[0], (uint16_t)ports[1]};
    return place->row != NULL && strtok_r(NULL, " \n", &rest) == NULL;
}

cy_err cy_sandbox_read(struct cy_sandbox *sandbox)
{
    char path[CY_SANDBOX_PATH];
    char line[128];
    FILE *file = NULL;
    cy_err err = CY_OK;

    sandbox->n = 0;
    cy_sandbox_path(sandbox, NULL, PLACES, path);
    file = fopen(path, "re");
    if (file == NULL)
        return CY_OK;
    while (cy_ok(err) && fgets(line, sizeof line, file) != NULL) {
        if (sandbox->n == CY_SANDBOX_MOST || !read_place(line, &sandbox->places[sandbox->n])) {
            cy_cli_note(sandbox->run, "%s, line %zu: not a place of this version", path,
                        sandbox->n + 1);
            err = cy_fail(CY_E_BAD_CONFIG, sandbox->n + 1);
        } else {
            sandbox->n++;
        }
    }
    (void)fclose(file);
    return err;
}

cy_err cy_sandbox_write(const struct cy_sandbox *sandbox)
{
    char text[CY_SANDBOX_MOST * 96];
    char path[CY_SANDBOX_PATH];
    size_t n = 0;

    for (size_t i = 0; i < sandbox->n; i++) {
        const struct cy_sandbox_place *p = &sandbox->places[i];

        n += (size_t)snprintf(text + n, sizeof text - n, "%.63s %u %u\n", p->row->name,
                              (unsigned)p->port, (unsigned)p->plain);
    }
    cy_sandbox_path(sandbox, NULL, PLACES, path);
    return cy_cli_write_file(sandbox->run, path, cy_span_of(text, n));
}

/* --- ports --- */

/* Binds a socket to a port of loopback (0: any free one) and says which; -1 when that fails. */
static int bound(uint16_t wanted, uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(wanted),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int one = 1;
    union {
        struct sockaddr_in *in;
        struct sockaddr *any;
    } at = {&address};
    socklen_t size = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, at.any, size) != 0 || getsockname(fd, at.any, &size) != 0) {
        (void)close(fd);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

/* The ports that place i asks for; 0 = any. */
static uint16_t wanted(const struct cy_sandbox *sandbox, size_t i, uint16_t base, unsigned which)
{
    size_t cells = 0;

    while (cells < sandbox->n && sandbox->places[cells].row->federation == NULL)
        cells++;
    if (base == 0)
        return 0;
    if (i < cells)
        return (uint16_t)(base + i + (which == 0 ? 0 : 10));
    return (uint16_t)(base + 20 + 2 * (i - cells) + which);
}

cy_err cy_sandbox_ports(struct cy_sandbox *sandbox, uint16_t base)
{
    int held[2 * CY_SANDBOX_MOST];
    size_t n = 0;
    cy_err err = CY_OK;

    sandbox->n = CY_COUNT(rows);
    for (size_t i = 0; i < sandbox->n; i++)
        sandbox->places[i] = (struct cy_sandbox_place){.row = &rows[i]};
    /* all are held until all are found: so no two places get the same */
    for (size_t i = 0; i < 2 * sandbox->n && cy_ok(err); i++) {
        struct cy_sandbox_place *p = &sandbox->places[i / 2];
        const uint16_t port = wanted(sandbox, i / 2, base, i % 2);

        held[n] = bound(port, i % 2 == 0 ? &p->port : &p->plain);
        if (held[n] < 0) {
            cy_cli_note(sandbox->run, "port %u of 127.0.0.1 for %s: %s", (unsigned)port,
                        p->row->name, strerror(errno));
            err = cy_fail(CY_E_SANDBOX_PORT, port);
        } else {
            n++;
        }
    }
    while (n > 0)
        (void)close(held[--n]);
    return err;
}
