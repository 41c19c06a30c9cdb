/* sandbox_found: a sandbox made anew, with the commands that an operator would type.
 *
 *      comity init          each cell, all at once          --> signers start
 *      comity peer add      who witnesses whom
 *      comity federation    seat (each member), draft (one), sign (each), seal, join (each)
 *
 * Nothing is done here that the commands cannot do: what is printed in DIR/making.log can be read
 * as a protocol of the founding.
 *
 * Owns: nothing after it returns. */
#ifndef CY_HOST_CLI_SANDBOX_FOUND_H
#define CY_HOST_CLI_SANDBOX_FOUND_H

#include "host/cli/sandbox_process.h"

/* cy_sandbox_found makes cells and federations of a sandbox whose ports are chosen, and leaves the
 * signers running. Fails as the commands do: SANDBOX_STEP, SANDBOX_PART. */
CY_MUST_USE cy_err cy_sandbox_found(struct cy_sandbox *sandbox);

#endif
