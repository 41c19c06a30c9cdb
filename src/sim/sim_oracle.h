/* sim_oracle: what must hold of any world, whatever happened to it.
 *
 * Owns: nothing. Never: changes what it looks at. */
#ifndef CY_SIM_SIM_ORACLE_H
#define CY_SIM_SIM_ORACLE_H

#include "crypto/hash.h"
#include "kernel/world.h"

/* cy_sim_world_digest digests every record in its canonical bytes: what lies between the fields of
 * a struct says nothing. */
struct cy_id cy_sim_world_digest(const struct cy_world *world);

/* cy_sim_assets_kept says that of every asset what was issued is in its accounts, free or held;
 * else it gives the sentence of what is wrong. NULL: it is kept. */
const char *cy_sim_assets_kept(const struct cy_world *world);

#endif
