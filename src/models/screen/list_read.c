#include "models/screen/list_read.h"

#include "models/screen/list_eu.h"
#include "models/screen/list_ftm.h"
#include "models/screen/list_ofac.h"
#include "models/screen/list_un.h"

enum cy_list_form cy_list_form(struct cy_span bytes)
{
    static const char title[] = "fileGenerationDate;";

    if (cy_ofac_looks(bytes))
        return CY_LIST_OFAC;
    if (bytes.n >= 3 && memcmp(bytes.at, "\xEF\xBB\xBF", 3) == 0)
        bytes = cy_span_of(bytes.at + 3, bytes.n - 3);
    while (bytes.n > 0 && (*bytes.at == ' ' || *bytes.at == '\n' || *bytes.at == '\r'))
        bytes = cy_span_of(bytes.at + 1, bytes.n - 1);
    if (bytes.n > 0 && *bytes.at == '<')
        return CY_LIST_UN;
    if (bytes.n > 0 && *bytes.at == '{')
        return CY_LIST_FTM;
    if (bytes.n > 0 && *bytes.at == '"')
        bytes = cy_span_of(bytes.at + 1, bytes.n - 1);
    return bytes.n >= sizeof title - 2 && memcmp(bytes.at, title, sizeof title - 2) == 0
               ? CY_LIST_EU
               : CY_LIST_UNKNOWN;
}

const char *cy_list_form_name(enum cy_list_form form)
{
    static const char *const names[] = {"unknown", "OFAC CSV", "UN XML", "EU CSV",
                                        "FollowTheMoney"};

    return names[form];
}

cy_err cy_list_read(const struct cy_span parts[static CY_LIST_PARTS], struct cy_list *out,
                    struct cy_desk_fault *fault)
{
    const enum cy_list_form form = cy_list_form(parts[0]);

    *out = (struct cy_list){0};
    if (form != CY_LIST_OFAC && (parts[1].n > 0 || parts[2].n > 0))
        return cy_desk_at(fault, 1, 1, "only OFAC's lists have files of aliases and addresses");
    switch (form) {
    case CY_LIST_OFAC: return cy_list_ofac(parts[0], parts[1], parts[2], out, fault);
    case CY_LIST_UN: return cy_list_un(parts[0], out, fault);
    case CY_LIST_EU: return cy_list_eu(parts[0], out, fault);
    case CY_LIST_FTM: return cy_list_ftm(parts[0], out, fault);
    case CY_LIST_UNKNOWN: break;
    }
    return cy_desk_at(fault, 1, 1,
                      "this begins like no list that is known: give OFAC's SDN.CSV, the UN's XML, "
                      "the EU's CSV or FollowTheMoney's JSON lines as they are published");
}
