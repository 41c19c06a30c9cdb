/* verdicts: what this program says of signatures. Each line of standard input holds a key, a
 * signature and a message in hexadecimal; each answer is three digits: the rule of acts, the strict
 * rule, and whether the key is admitted. For tests that hold another implementation against it. */
#include "crypto/ed25519.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 1 << 16, MESSAGE_BYTES = 1 << 14 };

static struct cy_span word(char **rest)
{
    const char *at = strsep(rest, " \n");

    return cy_span_text(at == NULL ? "" : at);
}

int main(void)
{
    static char line[LINE_BYTES];
    static uint8_t room[MESSAGE_BYTES];

    if (!cy_ok(cy_crypto_start()))
        return 1;
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *rest = line;
        const struct cy_span key_text = word(&rest);
        const struct cy_span signature_text = word(&rest);
        const struct cy_span message_text = word(&rest);
        struct cy_id key;
        struct cy_signature signature;
        struct cy_span message;

        if (message_text.n / 2 > sizeof room || !cy_ok(cy_hex_read(key_text, key.b, 32)) ||
            !cy_ok(cy_hex_read(signature_text, signature.b, 64)) ||
            !cy_ok(cy_hex_read(message_text, room, message_text.n / 2)))
            return 1;
        message = cy_span_of(room, message_text.n / 2);
        printf("%d%d%d\n", cy_ok(cy_ed25519_verify(&key, &message, 1, &signature)),
               cy_ok(cy_ed25519_verify_strict(&key, message, &signature)),
               cy_ok(cy_ed25519_admit(&key)));
    }
    return 0;
}
