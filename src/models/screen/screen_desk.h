/* screen_desk: the commands that ask whether a name is on a list.
 *
 * Exit 0: nothing at the threshold. 1: hits, each with its decomposition. What is found is evidence
 * for people; the act that enters it into a realm is theirs.
 *
 * Owns: nothing beyond a command. Never: decides. */
#ifndef CY_MODELS_SCREEN_SCREEN_DESK_H
#define CY_MODELS_SCREEN_SCREEN_DESK_H

#include "models/screen/list_desk.h"

/* `comity screen name NAME`, `comity screen file FILE.csv`, `comity screen quality`. */
int cy_model_screen_name(struct cy_desk *desk);
int cy_model_screen_file(struct cy_desk *desk);
int cy_model_screen_quality(struct cy_desk *desk);

#endif
