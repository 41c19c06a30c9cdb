/* format: which program may write a ledger directory.
 *
 *     file `format`:   "comity-ledger N\n"        N = CY_LEDGER_FORMAT of the program that wrote it
 *
 *     N absent    written by a program from before the stamp: format 1; the stamp is set
 *     N = ours    go on
 *     N > ours    LEDGER_NEWER: it may hold what this program would misread or destroy
 *     N < ours    LEDGER_OLDER: this program would write what the older one cannot read, so it asks
 *                 first: `comity upgrade` makes a backup, and then sets the stamp
 *
 * The lock keeps two programs from writing at one time (disk.h), the stamp from writing in turns.
 * What the rules of a realm are stands in its ledger, not here (RULES_UNKNOWN).
 *
 * Owns: the file `format` and fresh/format. Never: converts anything. */
#ifndef CY_LEDGER_FORMAT_H
#define CY_LEDGER_FORMAT_H

#include "ledger/disk.h"

#define CY_LEDGER_FORMAT 1u
#define CY_FORMAT_FILE "format"

/* cy_format_read reads the stamp; *format is 0 when there is none. Fails with LEDGER_NEWER (detail:
 * UINT32_MAX) when the file is of no form that is known, or trouble. */
CY_MUST_USE cy_err cy_format_read(const struct cy_disk *disk, uint32_t *format);

/* cy_format_claim judges the stamp for a program that writes `ours`, and sets it when there is
 * none. The caller holds the lock. Fails with LEDGER_NEWER or LEDGER_OLDER (detail: the stamp), or
 * trouble. */
CY_MUST_USE cy_err cy_format_claim(const struct cy_disk *disk, uint32_t ours);

/* cy_format_set writes the stamp. */
CY_MUST_USE cy_err cy_format_set(const struct cy_disk *disk, uint32_t format);

#endif
