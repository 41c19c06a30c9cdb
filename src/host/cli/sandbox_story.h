/* sandbox_story: the ocean federation, told by doing it (M150).
 *
 * A fishing community, a marine research community, an eco-tourism community and a ferry company,
 * from three countries, share biodiversity data, fishing quotas, routes and revenue, and keep
 * settling while two nations sever their bridge.
 *
 * Every step is a command of this program that anybody could type: it is printed, its receipt is
 * kept in DIR/story, and at the end `comity verify` judges every receipt. Nothing is pretended:
 * what this version cannot do is said, not shown. The texts stand in sandbox_story.def.
 *
 * Owns: DIR/story. */
#ifndef CY_HOST_CLI_SANDBOX_STORY_H
#define CY_HOST_CLI_SANDBOX_STORY_H

#include "host/cli/sandbox_process.h"

/* cy_sandbox_story tells it on standard output. Fails with SANDBOX_STEP, SANDBOX_PART (nothing
 * runs), FILE_TAKEN (told before), DISK_FAILED. */
CY_MUST_USE cy_err cy_sandbox_story(struct cy_sandbox *sandbox);

#endif
