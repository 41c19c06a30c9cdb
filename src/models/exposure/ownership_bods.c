#include "models/exposure/ownership_bods.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Codes of interests: 0.2 writes dashes, 0.3 and 0.4 capitals. NONE: known, and no ground here. */
enum { NO_GROUND = 99 };

static const struct code {
    const char *name;
    int interest;
} codes[] = {
    {"shareholding",                            CY_INTEREST_SHARES },
    {"voting-rights",                           CY_INTEREST_VOTES  },
    {"votingRights",                            CY_INTEREST_VOTES  },
    {"appointment-of-board",                    CY_INTEREST_CONTROL},
    {"appointmentOfBoard",                      CY_INTEREST_CONTROL},
    {"other-influence-or-control",              CY_INTEREST_CONTROL},
    {"otherInfluenceOrControl",                 CY_INTEREST_CONTROL},
    {"controlViaCompanyRulesOrArticles",        CY_INTEREST_CONTROL},
    {"controlByLegalFramework",                 CY_INTEREST_CONTROL},
    {"boardChair",                              CY_INTEREST_CONTROL},
    {"trustee",                                 CY_INTEREST_CONTROL},
    {"settlor-of-trust",                        CY_INTEREST_CONTROL},
    {"trustee-of-trust",                        CY_INTEREST_CONTROL},
    {"protector-of-trust",                      CY_INTEREST_CONTROL},
    {"influence-or-control",                    CY_INTEREST_CONTROL},
    {"seniorManagingOfficial",                  NO_GROUND          },
    {"senior-managing-official",                NO_GROUND          },
    {"boardMember",                             NO_GROUND          },
    {"settlor",                                 NO_GROUND          },
    {"protector",                               NO_GROUND          },
    {"beneficiaryOfLegalArrangement",           NO_GROUND          },
    {"beneficiary-of-trust",                    NO_GROUND          },
    {"rightsToSurplusAssetsOnDissolution",      NO_GROUND          },
    {"rights-to-surplus-assets",                NO_GROUND          },
    {"rights-to-surplus-assets-on-dissolution", NO_GROUND          },
    {"rightsToProfitOrIncome",                  NO_GROUND          },
    {"rights-to-profit-or-income",              NO_GROUND          },
    {"rightsGrantedByContract",                 NO_GROUND          },
    {"rights-granted-by-contract",              NO_GROUND          },
    {"conditionalRightsGrantedByContract",      NO_GROUND          },
    {"conditional-rights-granted-by-contract",  NO_GROUND          },
    {"enjoymentAndUseOfAssets",                 NO_GROUND          },
    {"rightToProfitOrIncomeFromAssets",         NO_GROUND          },
    {"nominee",                                 NO_GROUND          },
    {"nominator",                               NO_GROUND          },
    {"unknownInterest",                         NO_GROUND          },
    {"unpublishedInterest",                     NO_GROUND          },
};

struct reader {
    struct cy_ownership *o;
    struct cy_desk_fault *fault;
    size_t first;   /* holdings of this file begin here */
    bool *indirect; /* of each of them */
    size_t indirect_cap;
    const char *at; /* the statement in work, for faults */
    uint32_t line;
};

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* A member of the statement, or in 0.4 of its recordDetails. */
static const json_t *member(const json_t *statement, const char *key)
{
    const json_t *details = json_object_get(statement, "recordDetails");
    const json_t *found = json_object_get(details, key);

    return found != NULL ? found : json_object_get(statement, key);
}

static cy_err refuse(const struct reader *r, const char *why)
{
    return cy_desk_at(r->fault, r->line, 0, "statement %.80s: %s", r->at == NULL ? "?" : r->at,
                      why);
}

/* n digits, behind a dash where one stands; *text moves past them. */
static bool number_of(const char **text, unsigned n, unsigned *out)
{
    *text += **text == '-' ? 1 : 0;
    *out = 0;
    for (unsigned i = 0; i < n; i++, ++*text) {
        if (**text < '0' || **text > '9')
            return false;
        *out = *out * 10 + (unsigned)(**text - '0');
    }
    return true;
}

/* YYYY, YYYY-MM or YYYY-MM-DD (a time may follow): the first day of it; 0 for none. */
static cy_err day_of(const struct reader *r, const char *text, cy_date *out)
{
    unsigned year = 0;
    unsigned month = 1;
    unsigned day = 1;

    *out = 0;
    if (text == NULL || *text == 0)
        return CY_OK;
    if (!number_of(&text, 4, &year) || (*text == '-' && !number_of(&text, 2, &month)) ||
        (*text == '-' && !number_of(&text, 2, &day)) || !cy_ok(cy_date_of(year, month, day, out)))
        return refuse(r, "a date that is none");
    return CY_OK;
}

/* Per cent as JSON numbers are binary fractions: they are taken to four decimals, which is what
 * registers write. */
static bool share_of(const json_t *value, uint64_t *out)
{
    const double percent = json_number_value(value);
    const double parts = rint(percent * 10000);

    if (!json_is_number(value) || !(percent >= 0) || percent > 100)
        return false;
    *out = (uint64_t)parts * (CY_SHARE_WHOLE / 1000000);
    return true;
}

static cy_err read_share(const struct reader *r, const json_t *share, struct cy_owned *owned)
{
    const json_t *exact = json_object_get(share, "exact");
    const json_t *least = json_object_get(share, "minimum");
    const json_t *most = json_object_get(share, "maximum");

    if (least == NULL)
        least = json_object_get(share, "exclusiveMinimum");
    if (most == NULL || json_is_boolean(most))
        most = json_object_get(share, "exclusiveMaximum");
    if (exact != NULL) {
        if (!share_of(exact, &owned->holding.share))
            return refuse(r, "a share that is no number from 0 to 100");
        owned->share_most = owned->holding.share;
        return CY_OK;
    }
    owned->share_most = CY_SHARE_WHOLE; /* unknown: from nothing to all */
    if (json_is_number(least) && !share_of(least, &owned->holding.share))
        return refuse(r, "a least share that is no number from 0 to 100");
    if (json_is_number(most) && !share_of(most, &owned->share_most))
        return refuse(r, "a largest share that is no number from 0 to 100");
    return CY_OK;
}

static cy_err read_interest(struct reader *r, const json_t *interest, struct cy_owned owned)
{
    const char *type = text_of(interest, "type");
    const char *how = text_of(interest, "directOrIndirect");
    size_t code = 0;

    if (how == NULL)
        how = text_of(interest, "interestLevel");
    while (type != NULL && code < CY_COUNT(codes) && strcmp(codes[code].name, type) != 0)
        code++;
    if (type == NULL || code == CY_COUNT(codes))
        return refuse(r, "an interest of an unknown code");
    if (codes[code].interest == NO_GROUND)
        return CY_OK;
    owned.holding.interest = (uint8_t)codes[code].interest;
    CY_TRY(day_of(r, text_of(interest, "startDate"), &owned.from));
    CY_TRY(day_of(r, text_of(interest, "endDate"), &owned.until));
    if (owned.holding.interest != CY_INTEREST_CONTROL)
        CY_TRY(read_share(r, json_object_get(interest, "share"), &owned));
    CY_TRY(cy_grow((void **)&r->indirect, &r->indirect_cap, r->o->n_holdings - r->first + 1,
                   sizeof *r->indirect));
    r->indirect[r->o->n_holdings - r->first] = how != NULL && strcmp(how, "indirect") == 0;
    return cy_ownership_add(r->o, &owned);
}

/* Who is meant: an id, or an object that names one. NULL: unspecified. */
static const char *reference(const json_t *value)
{
    static const char *const keys[] = {"describedByEntityStatement", "describedByPersonStatement"};

    if (json_is_string(value))
        return json_string_value(value);
    for (size_t i = 0; i < CY_COUNT(keys); i++) {
        const char *id = text_of(value, keys[i]);

        if (id != NULL && *id != 0)
            return id;
    }
    return NULL;
}

static cy_err read_relation(struct reader *r, const json_t *statement)
{
    const char *subject = reference(member(statement, "subject"));
    const char *party = reference(member(statement, "interestedParty"));
    const json_t *interests = member(statement, "interests");
    const json_t *interest = NULL;
    struct cy_owned owned = {.line = r->line};
    size_t i = 0;

    if (subject == NULL)
        return refuse(r, "no subject");
    if (party == NULL)
        return CY_OK; /* an owner that is not said: nothing follows */
    if (interests != NULL && !json_is_array(interests))
        return refuse(r, "interests are not a list");
    CY_TRY(cy_ownership_party(r->o, cy_span_text(party), r->line, &owned.holding.owner));
    CY_TRY(cy_ownership_party(r->o, cy_span_text(subject), r->line, &owned.holding.owned));
    json_array_foreach(interests, i, interest) CY_TRY(read_interest(r, interest, owned));
    return CY_OK;
}

static cy_err read_party(struct reader *r, const json_t *statement, bool person)
{
    const json_t *names = member(statement, "names");
    const char *id = text_of(statement, "recordId");
    const char *name = json_string_value(member(statement, "name"));
    const json_t *type = member(statement, "entityType");
    const char *kind = json_is_object(type) ? text_of(type, "type") : json_string_value(type);
    uint32_t party = 0;

    if (id == NULL)
        id = r->at;
    if (id == NULL)
        return refuse(r, "a statement without id");
    CY_TRY(cy_ownership_party(r->o, cy_span_text(id), r->line, &party));
    if (person && json_array_size(names) > 0)
        name = text_of(json_array_get(names, 0), "fullName");
    if (name != NULL && *name != 0)
        CY_TRY(cy_ownership_name(r->o, party, cy_span_text(name)));
    r->o->parties[party].kind = person ? CY_PARTY_PERSON : CY_PARTY_COMPANY;
    if (kind != NULL && (strcmp(kind, "state") == 0 || strcmp(kind, "stateBody") == 0))
        r->o->parties[party].kind = CY_PARTY_STATE;
    return CY_OK;
}

static cy_err read_statement(struct reader *r, const json_t *statement)
{
    const char *type = text_of(statement, "statementType");

    r->at = text_of(statement, "statementID");
    if (r->at == NULL)
        r->at = text_of(statement, "statementId");
    if (type == NULL)
        return refuse(r, "no statementType");
    if (strcmp(type, "personStatement") == 0 || strcmp(type, "person") == 0)
        return read_party(r, statement, true);
    if (strcmp(type, "entityStatement") == 0 || strcmp(type, "entity") == 0)
        return read_party(r, statement, false);
    if (strcmp(type, "ownershipOrControlStatement") == 0 || strcmp(type, "relationship") == 0)
        return read_relation(r, statement);
    return refuse(r, "an unknown statementType");
}

/* Statements that others replace: their ids as keys of an object. */
static cy_err replaced(const json_t *statements, json_t **out)
{
    const json_t *statement = NULL;
    const json_t *id = NULL;
    size_t i = 0;
    size_t k = 0;

    *out = json_object();
    if (*out == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    json_array_foreach(statements, i, statement)
    {
        json_array_foreach(json_object_get(statement, "replacesStatements"), k, id)
        {
            if (json_is_string(id) &&
                json_object_set_new(*out, json_string_value(id), json_true()) != 0)
                return cy_fail(CY_E_NO_MEMORY, 0);
        }
    }
    return CY_OK;
}

/* Indirect holdings of companies that have direct holders. */
static cy_err drop_indirect(struct reader *r, size_t *left_out)
{
    struct cy_ownership *o = r->o;
    bool *direct = calloc(o->n_parties + 1, sizeof *direct);
    size_t n = r->first;

    if (direct == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = r->first; i < o->n_holdings; i++) {
        if (!r->indirect[i - r->first])
            direct[o->holdings[i].holding.owned] = true;
    }
    for (size_t i = r->first; i < o->n_holdings; i++) {
        if (r->indirect[i - r->first] && direct[o->holdings[i].holding.owned])
            ++*left_out;
        else
            o->holdings[n++] = o->holdings[i];
    }
    o->n_holdings = n;
    free(direct);
    return CY_OK;
}

static cy_err read_all(struct reader *r, const json_t *statements, size_t *left_out)
{
    const json_t *statement = NULL;
    json_t *gone = NULL;
    size_t i = 0;
    cy_err err = replaced(statements, &gone);

    json_array_foreach(statements, i, statement)
    {
        const char *id = text_of(statement, "statementID");

        if (!cy_ok(err))
            break;
        r->line = (uint32_t)i + 1;
        if (id != NULL && json_object_get(gone, id) != NULL)
            continue;
        err = read_statement(r, statement);
    }
    json_decref(gone);
    return cy_ok(err) ? drop_indirect(r, left_out) : err;
}

/* One statement a line, as a list. */
static cy_err parse_lines(struct cy_span text, json_t **out, struct cy_desk_fault *fault)
{
    json_error_t error;
    struct cy_span rest = text;
    uint32_t line = 0;

    *out = json_array();
    while (*out != NULL && rest.n > 0) {
        const uint8_t *end = memchr(rest.at, '\n', rest.n);
        const size_t n = end == NULL ? rest.n : (size_t)(end - rest.at);
        json_t *one = NULL;

        line++;
        if (n > 1) {
            one = json_loadb((const char *)rest.at, n, JSON_REJECT_DUPLICATES, &error);
            if (one == NULL)
                return cy_desk_at(fault, line, (uint32_t)error.position + 1, "no JSON: %s",
                                  error.text);
            if (json_array_append_new(*out, one) != 0)
                return cy_fail(CY_E_NO_MEMORY, 0);
        }
        rest = cy_span_of(rest.at + n, rest.n - n);
        if (rest.n > 0)
            rest = cy_span_of(rest.at + 1, rest.n - 1);
    }
    return *out == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;
}

cy_err cy_ownership_bods(struct cy_span text, struct cy_ownership *o, size_t *left_out,
                         struct cy_desk_fault *fault)
{
    struct reader r = {.o = o, .fault = fault, .first = o->n_holdings};
    json_error_t error;
    json_t *statements = NULL;
    cy_err err = CY_OK;
    size_t first = 0;

    *left_out = 0;
    while (first < text.n && (text.at[first] == ' ' || text.at[first] == '\n'))
        first++;
    if (first < text.n && text.at[first] == '{') {
        err = parse_lines(text, &statements, fault);
    } else {
        statements = json_loadb((const char *)text.at, text.n, JSON_REJECT_DUPLICATES, &error);
        if (statements == NULL)
            err = cy_desk_at(fault, (uint32_t)error.line, (uint32_t)error.column, "no JSON: %s",
                             error.text);
        else if (!json_is_array(statements))
            err = cy_desk_at(fault, 1, 1, "the file is not a list of statements");
    }
    if (cy_ok(err))
        err = read_all(&r, statements, left_out);
    free(r.indirect);
    json_decref(statements);
    return err;
}
