/* cli_seat: `comity federation seat`: a member's node before there is a federation: its directory,
 * its keys, and its card.
 *
 *     comity federation seat --dir DIR --name a.example/ledger --operator ACME --url https://...
 *         --> DIR/keys, DIR/tls.*, DIR/client.conf, DIR/seat.conf
 *
 * The card DIR/seat.conf goes to the other founders. It says where the node will be reached and
 * holds the seat's entry: a `seat_admit` act addressed to no realm, signed by the seat's own act
 * key. So whoever gets the card knows that one and the same holder names all four keys; that it is
 * the party it says to be they must know from elsewhere (`comity federation card` prints a digest
 * to compare by telephone).
 *
 * Owns: the form of the card. Never: a secret in it. */
#ifndef CY_HOST_CLI_CLI_SEAT_H
#define CY_HOST_CLI_CLI_SEAT_H

#include "host/cli/cli_run.h"
#include "wire/codec.h"

#define CY_SEAT_CARD "seat.conf"

extern const struct cy_cli_option cy_cli_seat_options[];

/* Where a member's keys are in its signer: --label NAME puts NAME- before each. */
struct cy_seat_label_set {
    char act[64];
    char vote[64];
    char cosign[64];
    char peer[64];
};
CY_MUST_USE cy_err cy_seat_labels_of(struct cy_cli *run, struct cy_seat_label_set *out);

/* A card that was read; it lies in the run's arena. */
struct cy_seat_card {
    const char *url;
    const char *pin;     /* empty without TLS */
    struct cy_id digest; /* of the entry's bytes */
    struct cy_seat_admit entry;
};

/* cy_seat_card_read reads a card and verifies its signature. Fails with NO_FILE, TOO_LARGE,
 * BAD_CONFIG, BAD_ENVELOPE, BAD_SIGNATURE, WRONG_KEY (signed by another key than the act key);
 * run->why says which file. */
CY_MUST_USE cy_err cy_seat_card_read(struct cy_cli *run, const char *path,
                                     struct cy_seat_card *out);

/* cy_seat_cards_read reads those of every --seat FILE. Fails also with TOO_LARGE (more than most),
 * USAGE (none). */
CY_MUST_USE cy_err cy_seat_cards_read(struct cy_cli *run, struct cy_seat_card *out, uint32_t most,
                                      uint32_t *n);

int cy_cli_seat(struct cy_cli *run);
int cy_cli_seat_card(struct cy_cli *run);

#endif
