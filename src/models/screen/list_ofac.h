/* list_ofac: the files of the US Treasury's sanctions lists, as OFAC publishes them.
 *
 * Main file (SDN.CSV, CONS_PRIM.CSV), no header, twelve fields: ent_num, name, type, programme,
 * title, call sign, vessel type, tonnage, gross tonnage, flag, owner, remarks; `-0-` is empty.
 * Remarks hold births, documents, nationalities and weak aliases, separated by semicolons. Beside
 * it ALT.CSV (ent_num, number, type, name, remarks) and ADD.CSV (ent_num, number, street, city,
 * country, remarks). Source: OFAC, "SDN data specification", https://ofac.treasury.gov.
 *
 * Owns: nothing. Never: takes a part of a broken file. */
#ifndef CY_MODELS_SCREEN_LIST_OFAC_H
#define CY_MODELS_SCREEN_LIST_OFAC_H

#include "models/screen/list_rows.h"
#include "models/screen/listed.h"

/* cy_list_ofac reads the main file and, when their n is not 0, aliases and addresses. Fails with
 * MODEL_INPUT (a row of another form, an entry twice, an alias or address of no entry) or
 * NO_MEMORY; the list is empty then. */
CY_MUST_USE cy_err cy_list_ofac(struct cy_span main, struct cy_span alt, struct cy_span add,
                                struct cy_list *out, struct cy_desk_fault *fault);

/* cy_ofac_looks says whether the bytes begin as a main file does. */
bool cy_ofac_looks(struct cy_span bytes);

#endif
