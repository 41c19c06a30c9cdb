/* audit_source: the files of a ledger, from a directory or over HTTP; both have the same layout.
 *
 *     checkpoint    tile/<L>/<N>[.p/<W>]    tile/entries/<N>[.p/<W>]
 *
 * Owns: the open directory or the connection. Never: judges what it reads. */
#ifndef CY_HOST_AUDIT_AUDIT_SOURCE_H
#define CY_HOST_AUDIT_AUDIT_SOURCE_H

#include "base/text.h"
#include "wire/tile.h"

struct cy_audit_source;

/* cy_audit_source_open takes a directory (the ledger's own, or any copy of it) or a URL; pin may be
 * NULL. Fails with NO_FILE (no such directory), BAD_URL, NO_MEMORY. */
CY_MUST_USE cy_err cy_audit_source_open(const char *place, const char *pin,
                                        struct cy_audit_source **out);
void cy_audit_source_close(struct cy_audit_source *source);

/* cy_audit_source_read reads one file of at most cap bytes. Fails with NO_FILE, TOO_LARGE,
 * DISK_FAILED, or as cy_client_do. */
CY_MUST_USE cy_err cy_audit_source_read(struct cy_audit_source *source, const char *path,
                                        uint8_t *out, size_t cap, size_t *n);

/* cy_audit_source_tile reads a tile; where a partial one is gone, because the ledger grew
 * meanwhile, the full one is read and the caller uses its beginning. path gets what was read. */
CY_MUST_USE cy_err cy_audit_source_tile(struct cy_audit_source *source, const struct cy_tile *tile,
                                        char path[static CY_TILE_PATH_MAX], uint8_t *out,
                                        size_t cap, size_t *n);

/* cy_audit_source_why: what the last failure was about; may be empty. */
const char *cy_audit_source_why(const struct cy_audit_source *source);

#endif
