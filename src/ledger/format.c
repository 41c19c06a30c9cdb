#include "ledger/format.h"

#define WORDS "comity-ledger "
#define FRESH CY_DISK_FRESH "/format"

cy_err cy_format_read(const struct cy_disk *disk, uint32_t *format)
{
    const size_t n_words = sizeof WORDS - 1;
    uint8_t bytes[64];
    uint64_t number = 0;
    size_t n = 0;
    const cy_err err = cy_disk_read_all(disk, CY_FORMAT_FILE, bytes, sizeof bytes, &n);

    *format = 0;
    if (err.code == CY_E_NO_FILE)
        return CY_OK;
    if (err.code == CY_E_TOO_LARGE)
        return cy_fail(CY_E_LEDGER_NEWER, UINT32_MAX);
    CY_TRY(err);
    if (n < n_words + 2 || memcmp(bytes, WORDS, n_words) != 0 || bytes[n - 1] != '\n' ||
        !cy_ok(cy_u64_read(cy_span_of(bytes + n_words, n - n_words - 1), &number)) || number == 0 ||
        number >= UINT32_MAX)
        return cy_fail(CY_E_LEDGER_NEWER, UINT32_MAX);
    *format = (uint32_t)number;
    return CY_OK;
}

cy_err cy_format_set(const struct cy_disk *disk, uint32_t format)
{
    char room[64];
    struct cy_text text = cy_text_on(room, sizeof room);

    cy_text_add(&text, WORDS);
    cy_text_u64(&text, format);
    cy_text_add(&text, "\n");
    CY_TRY(cy_disk_make_dirs(disk, CY_DISK_FRESH));
    return cy_disk_replace(disk, CY_FORMAT_FILE, FRESH, cy_text_bytes(&text));
}

cy_err cy_format_claim(const struct cy_disk *disk, uint32_t ours)
{
    uint32_t found = 0;

    CY_TRY(cy_format_read(disk, &found));
    if (found > ours)
        return cy_fail(CY_E_LEDGER_NEWER, found);
    if (found == ours)
        return CY_OK;
    if (found == 0 && ours == 1) { /* before there was a stamp, every ledger was of format 1 */
        const cy_err err = cy_format_set(disk, ours);

        return err.code == CY_E_NO_SPACE ? CY_OK : err; /* the next start sets it */
    }
    return cy_fail(CY_E_LEDGER_OLDER, found == 0 ? 1 : found);
}
