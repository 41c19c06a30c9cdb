/* The head of a backup, from any bytes: refused, or of sizes that fit into them. */
#include "fuzz.h"

#include "crypto/stream.h"
#include "host/backup/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_archive_head head;
    const cy_err err = cy_archive_head_read(cy_span_of(data, size), &head);

    if (cy_ok(err)) {
        CY_ASSERT(head.n <= size && head.n <= CY_ARCHIVE_HEAD_MAX);
        CY_ASSERT(head.passphrase.n > 0 || head.sealed.n > 0);
        CY_ASSERT((head.sealed.n > 0) == (head.wrapped.n == CY_ARCHIVE_WRAPPED));
        CY_ASSERT(head.stream + CY_STREAM_HEAD + 32 == data + head.n);
        return 0;
    }
    CY_ASSERT(err.code == CY_E_BACKUP_FORMAT || err.code == CY_E_BACKUP_NEWER ||
              err.code == CY_E_BACKUP_DAMAGED || err.code == CY_E_BACKUP_CUT);
    return 0;
}
