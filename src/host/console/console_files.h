/* console_files: the files of the console as they are compiled in.
 *
 * The build (cmake/console.cmake) prints the table from what npm left in build/web, and the
 * assembler takes the bytes in. A build without the console has an empty table.
 *
 * Owns: the bytes, forever. Never: changes. */
#ifndef CY_HOST_CONSOLE_CONSOLE_FILES_H
#define CY_HOST_CONSOLE_CONSOLE_FILES_H

#include "base/bytes.h"

/* How a file is written; the same three for every file. */
enum cy_console_coding { CY_CONSOLE_BROTLI, CY_CONSOLE_GZIP, CY_CONSOLE_PLAIN, CY_CONSOLE_CODINGS };

struct cy_console_bytes {
    const uint8_t *from;
    const uint8_t *to;
};

struct cy_console_file {
    const char *path; /* as requested: "/", "/console/assets/app-1A2B.js" */
    const char *type;
    const char *hash; /* of the contents, hexadecimal */
    bool forever;     /* other contents would have another path */
    struct cy_console_bytes as[CY_CONSOLE_CODINGS];
};

extern const struct cy_console_file cy_console_files[];
extern const size_t cy_console_files_n;

#endif
