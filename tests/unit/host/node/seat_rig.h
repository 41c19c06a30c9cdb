/* seat_rig: a signer for tests of what stands above it. The signer's own headers and the realm's
 * have names in common, so they meet in no file. */
#ifndef CY_TESTS_SEAT_RIG_H
#define CY_TESTS_SEAT_RIG_H

#include "host/signer/signer_client.h"

int seat_rig_start(void **s);
int seat_rig_finish(void **s);
const char *seat_rig_path(void *s);
struct cy_id seat_rig_make(void *s, const char *label, enum cy_purpose purpose);

#endif
