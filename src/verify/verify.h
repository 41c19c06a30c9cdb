/* verify: which kind of file it is, and the checks of that kind.
 *
 *      '{'                      JSON: bundle@v1, exit@v1, or a receipt
 *      "c2sp.org/tlog-proof@"   tlog-proof
 *      "comity heads@"          two heads
 *      "comity evidence@"       two statements of one key
 *      a byte from c0 on        CBOR tag: COSE receipt, else an act
 *      anything else            a checkpoint, which is a note and may begin with any name
 *
 * The one door for the command `comity verify`, for libcomity, and for whatever language calls it.
 *
 * Owns: this choice. Never: guesses twice: a file is held to the form that its first bytes claim.
 */
#ifndef CY_VERIFY_VERIFY_H
#define CY_VERIFY_VERIFY_H

#include "verify/bundle_proof.h"
#include "verify/exit_file.h"
#include "verify/two_heads.h"
#include "verify/two_statements.h"

#define CY_VERIFY_JSON_MAX ((size_t)256 << 20) /* bytes of a JSON file that are looked at */

/* cy_verify_room says how much arena cy_verify takes for a file, with an entry of entry_n bytes. */
size_t cy_verify_room(struct cy_span file, size_t entry_n);

/* cy_verify checks a file and writes the report, from its beginning. entry has n = 0 when the file
 * must hold it. Returns whether all holds; fails with TOO_LARGE, NO_ROOM (the arena is smaller
 * than cy_verify_room says), and with what the checks of its kind fail with. */
bool cy_verify(struct cy_span file, struct cy_span entry, const struct cy_trust *trust,
               struct cy_arena *arena, struct comity_report *report);

#endif
