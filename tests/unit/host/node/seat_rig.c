#include "seat_rig.h"

#include "signer_rig.h"

int seat_rig_start(void **s)
{
    return signer_rig_start(s);
}

int seat_rig_finish(void **s)
{
    return signer_rig_finish(s);
}

const char *seat_rig_path(void *s)
{
    return ((struct signer_rig *)s)->path;
}

struct cy_id seat_rig_make(void *s, const char *label, enum cy_purpose purpose)
{
    struct signer_rig *rig = s;
    struct cy_id key;

    assert_ok(cy_signer_make(rig->client, cy_span_text(label), purpose, &key, NULL));
    return key;
}
