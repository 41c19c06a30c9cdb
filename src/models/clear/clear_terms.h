/* clear_terms: what a set-off goes by besides the obligations: who is barred, rates, and funds.
 *
 *     --barred FILE    CSV with party and, where there is one, with: no dealings of that party at
 *                      all, or none with the other; or what `comity sanction show LIST --json`
 *                      prints: whoever stands on the list, by label, code or id
 *     --rates FILE     CSV with currency and rate: how many units of --base CURRENCY one unit is
 *                      worth; with it all currencies are set off together
 *     --funds FILE     CSV with party, amount and, where there is one, currency: what a party will
 *                      pay in, so that chains clear as well as rounds
 *
 * All are agreed by the parties beforehand, or laid down by a ledger; nothing is looked up.
 *
 * Owns: nothing; all lives in the desk. Never: guesses a rate. */
#ifndef CY_MODELS_CLEAR_CLEAR_TERMS_H
#define CY_MODELS_CLEAR_CLEAR_TERMS_H

#include "base/num.h"
#include "models/desk/desk.h"

#define CY_CLEAR_DIGITS_MAX 9u
#define CY_CLEAR_AMOUNT_MAX ((uint64_t)1 << 60)

/* A decimal of 0 or more: mantissa / 10^digits. */
struct cy_clear_decimal {
    uint64_t mantissa;
    uint32_t digits;
};

struct cy_clear_bar {
    const char *party;
    const char *with; /* "": anybody */
};

struct cy_clear_rate {
    const char *currency;
    struct cy_clear_decimal rate; /* units of the base for one */
};

struct cy_clear_fund {
    const char *party;
    const char *currency;
    struct cy_clear_decimal amount;
    uint32_t line;
};

struct cy_clear_terms {
    const char *base; /* NULL: each currency by itself */
    const char *funds_path;
    struct cy_clear_bar *bars; /* sorted */
    size_t n_bars;
    struct cy_clear_rate *rates; /* sorted */
    size_t n_rates;
    struct cy_clear_fund *funds;
    size_t n_funds;
};

/* cy_clear_terms_read reads the files of the options. Fails with MODEL_INPUT at line and column,
 * USAGE (rates without a base), and as cy_desk_csv does; noted. */
CY_MUST_USE cy_err cy_clear_terms_read(struct cy_desk *desk, struct cy_clear_terms *out);

/* cy_clear_barred says whether two may not deal with one another. */
bool cy_clear_barred(const struct cy_clear_terms *terms, const char *a, const char *b);

/* cy_clear_rate_of is the rate of a currency, NULL when none was agreed. */
const struct cy_clear_decimal *cy_clear_rate_of(const struct cy_clear_terms *terms,
                                                const char *currency);

/* cy_clear_decimal_read reads a decimal of 0 or more with at most nine digits behind the point,
 * whose digits together are below 2^60. */
CY_MUST_USE bool cy_clear_decimal_read(const char *text, struct cy_clear_decimal *out);

/* cy_clear_refuse notes MODEL_INPUT at a line of a file. */
cy_err cy_clear_refuse(struct cy_desk *desk, const char *path, uint32_t line, const char *why);

#endif
